//! The union of two sorted rows of ids with their counters, where neither has
//! all ids of the other.
//!
//! Replicas mostly know the same participants but for a few. So a walk looks
//! at whole blocks first: where the next ids are the same on both sides it
//! takes them all at once, and only where they are not it goes id by id,
//! without a branch that depends on which side is ahead: where ids are mixed
//! at random, each would be a coin toss.
//!
//! Where one side has far fewer ids, each is searched for, and what the other
//! has in between is copied.
//!
//! A step of a walk has to wait for the one before. So there are two walks,
//! one from the start and one from the middle, that wait for each other's
//! steps in turn, as in the bidirectional merge of Rust's own sort.

use core::hint::select_unpredictable;

use super::row::Number;

/// How many ids are compared at once.
const BLOCK: usize = 16;

/// How many steps go between two looks at whole blocks.
const ROUND: usize = 64;

/// Whether one of two rows has so few ids that it is worth to search for their
/// places in the other.
fn lopsided(left: usize, right: usize) -> bool {
    left.min(right) < left.max(right) / 16
}

/// Ids, strictly ascending, and the counter of each.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a, T> {
    pub(super) ids: &'a [u64],
    pub(super) counters: &'a [T],
}

/// All ids of both rows, each with the larger of its counters, into rows that
/// have room for all entries of both. Returns how many there are.
pub(super) fn union<T: Number>(
    left: Entries<'_, T>,
    right: Entries<'_, T>,
    ids: &mut [u64],
    counters: &mut [T],
) -> usize {
    let (left_end, right_end) = (left.ids.len(), right.ids.len());
    let left = Entries { ids: left.ids, counters: &left.counters[..left_end] };
    let right = Entries { ids: right.ids, counters: &right.counters[..right_end] };
    if left_end.min(right_end) < ROUND || lopsided(left_end, right_end) {
        let mut walk = Walk { i: 0, i_end: left_end, j: 0, j_end: right_end, k: 0 };
        walk.finish(left, right, ids, counters);
        return walk.k;
    }
    let i = left_end / 2;
    let j = right.ids.partition_point(|id| *id < left.ids[i]);
    let middle = i + j;
    let mut low = Walk { i: 0, i_end: i, j: 0, j_end: j, k: 0 };
    let mut high = Walk { i, i_end: left_end, j, j_end: right_end, k: middle };
    loop {
        low.take_blocks(left, right, ids, counters);
        high.take_blocks(left, right, ids, counters);
        let steps = low.sure_steps().min(high.sure_steps()).min(ROUND);
        if steps == 0 {
            break;
        }
        // Their places are kept apart, so that they stay in registers.
        let (mut at_low, mut at_high) = ((low.i, low.j), (high.i, high.j));
        let (ids_low, ids_high) = ids.split_at_mut(high.k);
        let (counters_low, counters_high) = counters.split_at_mut(high.k);
        let (ids_low, ids_high) = (&mut ids_low[low.k..][..steps], &mut ids_high[..steps]);
        let (counters_low, counters_high) =
            (&mut counters_low[low.k..][..steps], &mut counters_high[..steps]);
        for t in 0..steps {
            (ids_low[t], counters_low[t]) = step(left, right, &mut at_low);
            (ids_high[t], counters_high[t]) = step(left, right, &mut at_high);
        }
        low.go_to(at_low, steps);
        high.go_to(at_high, steps);
    }
    low.finish(left, right, ids, counters);
    high.finish(left, right, ids, counters);
    ids.copy_within(middle..high.k, low.k);
    counters.copy_within(middle..high.k, low.k);
    low.k + high.k - middle
}

/// Takes the smaller id, or both where they are the same. Neither row may be at
/// its end.
#[inline(always)]
fn step<T: Number>(
    left: Entries<'_, T>,
    right: Entries<'_, T>,
    (i, j): &mut (usize, usize),
) -> (u64, T) {
    let (id_l, id_r) = (left.ids[*i], right.ids[*j]);
    let (counter_l, counter_r) = (left.counters[*i], right.counters[*j]);
    let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
    *i += usize::from(from_left);
    *j += usize::from(from_right);
    let counter_l = select_unpredictable(from_left, counter_l, T::default());
    let counter_r = select_unpredictable(from_right, counter_r, T::default());
    (select_unpredictable(from_left, id_l, id_r), counter_l.max(counter_r))
}

/// A walk along two rows: at `i` of the left one and `j` of the right one, each
/// up to its end, and at `k` of what is written.
struct Walk {
    i: usize,
    i_end: usize,
    j: usize,
    j_end: usize,
    k: usize,
}

impl Walk {
    /// How many steps there are at least before a row ends.
    fn sure_steps(&self) -> usize {
        (self.i_end - self.i).min(self.j_end - self.j)
    }

    /// Takes whole blocks for as long as their ids are the same.
    fn take_blocks<T: Number>(
        &mut self,
        left: Entries<'_, T>,
        right: Entries<'_, T>,
        ids: &mut [u64],
        counters: &mut [T],
    ) {
        while self.sure_steps() >= BLOCK
            && left.ids[self.i + BLOCK - 1] == right.ids[self.j + BLOCK - 1]
            && left.ids[self.i..][..BLOCK] == right.ids[self.j..][..BLOCK]
        {
            ids[self.k..][..BLOCK].copy_from_slice(&left.ids[self.i..][..BLOCK]);
            let pairs = left.counters[self.i..].iter().zip(&right.counters[self.j..]);
            for (out, (l, r)) in counters[self.k..][..BLOCK].iter_mut().zip(pairs) {
                *out = *l.max(r);
            }
            self.i += BLOCK;
            self.j += BLOCK;
            self.k += BLOCK;
        }
    }

    /// After so many steps.
    const fn go_to(&mut self, (i, j): (usize, usize), steps: usize) {
        (self.i, self.j) = (i, j);
        self.k += steps;
    }

    /// Where one row has few ids left, copies what the other has before the
    /// next of them.
    fn copy_before_next<T: Number>(
        &mut self,
        left: Entries<'_, T>,
        right: Entries<'_, T>,
        ids: &mut [u64],
        counters: &mut [T],
    ) {
        let (rest_l, rest_r) = (&left.ids[self.i..self.i_end], &right.ids[self.j..self.j_end]);
        let before = |rest: &[u64], next: Option<&u64>| {
            next.map_or(0, |next| rest.partition_point(|id| id < next))
        };
        let (row, at, len) = if rest_l.len() < rest_r.len() {
            (right, &mut self.j, before(rest_r, rest_l.first()))
        } else {
            (left, &mut self.i, before(rest_l, rest_r.first()))
        };
        ids[self.k..][..len].copy_from_slice(&row.ids[*at..][..len]);
        counters[self.k..][..len].copy_from_slice(&row.counters[*at..][..len]);
        *at += len;
        self.k += len;
    }

    /// Walks to the end.
    fn finish<T: Number>(
        &mut self,
        left: Entries<'_, T>,
        right: Entries<'_, T>,
        ids: &mut [u64],
        counters: &mut [T],
    ) {
        loop {
            self.take_blocks(left, right, ids, counters);
            let mut steps = self.sure_steps().min(ROUND);
            if lopsided(self.i_end - self.i, self.j_end - self.j) {
                self.copy_before_next(left, right, ids, counters);
                steps = self.sure_steps().min(1);
            }
            if steps == 0 {
                break;
            }
            let mut at = (self.i, self.j);
            let out = ids[self.k..].iter_mut().zip(&mut counters[self.k..]).take(steps);
            for (id, counter) in out {
                (*id, *counter) = step(left, right, &mut at);
            }
            self.go_to(at, steps);
        }
        for (row, rest) in [(left, self.i..self.i_end), (right, self.j..self.j_end)] {
            let len = rest.len();
            ids[self.k..][..len].copy_from_slice(&row.ids[rest.clone()]);
            counters[self.k..][..len].copy_from_slice(&row.counters[rest]);
            self.k += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    /// Rows that share most of their ids, some or none.
    fn maps() -> impl Strategy<Value = (BTreeMap<u64, i32>, BTreeMap<u64, i32>)> {
        let map = |ids: u64, len: usize| btree_map(0..ids, 1..9, 0..len);
        let maps = |ids: u64| (map(ids, 300), map(ids, 300));
        let lopsided = |ids: u64| (map(ids, 300), map(ids, 10));
        let other_way = lopsided(1000).prop_map(|(a, b)| (b, a));
        prop_oneof![
            maps(100),
            maps(310),
            maps(1000),
            maps(u64::MAX),
            lopsided(310),
            lopsided(1000),
            other_way
        ]
    }

    proptest! {
        #[test]
        fn is_the_union_of_maps((mut a, b) in maps(), alike in any::<bool>()) {
            if alike {
                // Long runs of the same ids, with a stranger here and there.
                a.extend(b.iter().filter(|(id, _)| *id % 20 != 0).map(|(id, n)| (*id, 10 - n)));
            }
            let rows = |map: &BTreeMap<u64, i32>| -> (Vec<u64>, Vec<i32>) { map.clone().into_iter().unzip() };
            let (left, right) = (rows(&a), rows(&b));
            let room = a.len() + b.len();
            let (mut ids, mut counters) = (vec![0; room], vec![0; room]);
            let len = union(
                Entries { ids: &left.0, counters: &left.1 },
                Entries { ids: &right.0, counters: &right.1 },
                &mut ids,
                &mut counters,
            );
            for (id, n) in b {
                let entry = a.entry(id).or_default();
                *entry = (*entry).max(n);
            }
            let expected = rows(&a);
            prop_assert_eq!((&ids[..len], &counters[..len]), (&*expected.0, &*expected.1));
        }
    }
}
