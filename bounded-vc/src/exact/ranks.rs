//! Where the ids of one row stand in another that may hold them all.
//!
//! Replicas mostly know the same participants but for a few that one side has
//! not heard of yet. Once it is known where the ids of the smaller row are in
//! the larger, comparing and merging need no ids any more.
//!
//! A step of a walk along two rows has to wait for the one before, and where
//! ids are mixed at random each branch on them would be a coin toss. So there
//! is none, and there are several walks that wait in turn.

use smallvec::SmallVec;

/// How many walks go at a time.
const WALKS: usize = 4;

/// Up to how many ids a plain walk, branches and all, is the fastest.
pub(super) const SHORT: usize = 64;

/// How many ids a walk passes in the time of one search.
const SEARCH: usize = 16;

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
    if many.len() > SHORT {
        return walk::<WALKS>(few, many);
    }
    let mut ranks = Ranks::from_elem(0, few.len());
    let mut rest = many.iter().enumerate();
    for (rank, id) in ranks.iter_mut().zip(few) {
        let (at, other) = rest.find(|(_, other)| *other >= id)?;
        if other != id {
            return None;
        }
        *rank = at;
    }
    Some(ranks)
}

/// Walks from so many ids at a time, spread evenly, each up to the next.
fn walk<const N: usize>(few: &[u64], many: &[u64]) -> Option<Ranks> {
    let Some(last) = few.len().checked_sub(1) else {
        return Some(Ranks::new());
    };
    let find = |i: usize| Some((i, many.binary_search(&few[i]).ok()?));
    let end = find(last)?;
    let mut starts = [end; N];
    for (n, start) in starts.iter_mut().enumerate() {
        *start = find(last * n / N)?;
    }
    let mut ends = [end; N];
    ends[..N - 1].copy_from_slice(&starts[1..]);

    let mut ranks = Ranks::from_elem(0, few.len());
    let mut step = |(i, j): &mut (usize, usize)| {
        ranks[*i] = *j;
        *i += usize::from(few[*i] == many[*j]);
        *j += 1;
    };
    let mut walks = starts;
    let lengths = walks.iter().zip(&ends).map(|(walk, end)| end.1 - walk.1);
    for _ in 0..lengths.min().unwrap_or(0) {
        walks.iter_mut().for_each(&mut step);
    }
    for (walk, end) in walks.iter_mut().zip(&ends) {
        while walk.1 < end.1 {
            step(walk);
        }
    }
    // A walk writes down where it looks, at last in front of its end.
    for (i, j) in ends {
        ranks[i] = j;
    }
    (walks == ends).then_some(ranks)
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
