//! Where the ids of one row stand in another that may hold them all.
//!
//! Replicas mostly know the same participants but for a few that one side has
//! not heard of yet. Once it is known where the ids of the smaller row are in
//! the larger, comparing and merging need no ids any more.
//!
//! Where only a few ids are missing, long runs of them are the same on both
//! sides, and are looked at as runs. Else a step of a walk along two rows has to
//! wait for the one before, and where ids are mixed at random each branch on
//! them would be a coin toss. So there is none, and there are several walks that
//! wait in turn.

use core::array;

use smallvec::SmallVec;

/// How many ids a walk passes in the time of one search.
const SEARCH: usize = 16;

/// Of how many ids one may be missing for runs to be worth looking for.
const RARE: usize = 64;

/// How many ids are compared at once in a run.
const BLOCK: usize = 32;

/// Ascending.
pub(super) type Ranks = SmallVec<[usize; 16]>;

/// The ranks of `few` among `many`, if all of them are there, and `few` are
/// fewer. Both ascend strictly.
pub(super) fn ranks(few: &[u64], many: &[u64]) -> Option<Ranks> {
    if few.len() >= many.len() {
        return None;
    }
    if few.len() < many.len() / SEARCH {
        return few.iter().map(|id| many.binary_search(id).ok()).collect();
    }
    if many.len() - few.len() <= many.len() / RARE {
        return run_by_run(few, many);
    }
    walk(few, many)
}

/// For rows that are the same but for a few ids.
fn run_by_run(few: &[u64], many: &[u64]) -> Option<Ranks> {
    let mut ranks = Ranks::from_elem(0, few.len());
    let mut places = ranks.as_mut_slice();
    let mut spare = many.len() - few.len();
    let (mut few, mut first) = (few, 0);
    loop {
        let run = common(few, many.get(first..)?);
        let (done, rest) = places.split_at_mut(run);
        done.iter_mut().zip(first..).for_each(|(rank, place)| *rank = place);
        (few, places) = (&few[run..], rest);
        if few.is_empty() {
            return Some(ranks);
        }
        // An id that the few do not have, if they are a part of the many.
        spare = spare.checked_sub(1)?;
        first += run + 1;
    }
}

/// How many ids are the same at the start of both.
fn common(left: &[u64], right: &[u64]) -> usize {
    let (blocks, _) = left.as_chunks::<BLOCK>();
    let (other, _) = right.as_chunks::<BLOCK>();
    let whole = blocks.iter().zip(other).take_while(|(l, r)| l == r).count() * BLOCK;
    let pairs = left[whole..].iter().zip(&right[whole..]);
    whole + pairs.take_while(|(l, r)| l == r).count()
}

/// Walks along four parts of the larger row at a time, all of one length.
fn walk(few: &[u64], many: &[u64]) -> Option<Ranks> {
    let Some(last) = few.last() else {
        return Some(Ranks::new());
    };
    // Then only the last walk gets to the last of the few, in its last step.
    let end = many.binary_search(last).ok()? + 1;
    let many = &many[..end];
    let len = end / 4;
    let parts: [&[u64]; 4] = array::from_fn(|n| &many[n * len..][..len]);
    let rest = &many[4 * len..];
    let starts = parts.map(|part| {
        let first = part.first();
        few.partition_point(|id| first.is_some_and(|first| id < first))
    });

    let mut ranks = Ranks::from_elem(0, few.len());
    let places = ranks.as_mut_slice();
    // So the compiler sees that one check of a place is enough for both.
    let few = &few[..places.len()];
    let mut place = 0;
    let [mut a, mut b, mut c, mut d] = starts;
    for (((id_a, id_b), id_c), id_d) in parts[0].iter().zip(parts[1]).zip(parts[2]).zip(parts[3]) {
        for (at, id) in [(&mut a, id_a), (&mut b, id_b), (&mut c, id_c), (&mut d, id_d)] {
            if *at < few.len() {
                places[*at] = place;
                *at += usize::from(few[*at] == *id);
            }
        }
        place += 1;
    }
    for id in rest {
        if d < few.len() {
            places[d] = place;
            d += usize::from(few[d] == *id);
        }
        place += 1;
    }
    let ends = [a, b, c, d];
    let should = [starts[1], starts[2], starts[3], few.len()];
    if starts[0] > 0 || ends != should {
        return None;
    }
    for (n, (start, end)) in starts.into_iter().zip(ends).enumerate() {
        // The walk before this one wrote here where it looked last.
        if let Some(first) = few.get(start)
            && start < end
        {
            places[start] = parts[n].iter().chain(rest).position(|id| id == first)?;
        }
        places[start..end].iter_mut().for_each(|place| *place += n * len);
    }
    Some(ranks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_search_for_each_finds(
            many in proptest::collection::btree_set(0..500_u64, 0..300),
            keep in proptest::collection::vec(0..100_u8, 300),
            percent in 0..=100_u8,
            stranger in proptest::option::of(0..500_u64),
        ) {
            let many: Vec<u64> = many.into_iter().collect();
            let kept = many.iter().zip(keep).filter(|(_, keep)| *keep < percent);
            let mut few: Vec<u64> = kept.map(|(id, _)| *id).collect();
            few.extend(stranger);
            few.sort_unstable();
            few.dedup();
            let expected: Option<Ranks> = few.iter().map(|id| many.binary_search(id).ok()).collect();
            prop_assert_eq!(ranks(&few, &many), expected.filter(|_| few.len() < many.len()));
        }
    }
}
