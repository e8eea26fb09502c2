//! The union of two sorted rows of ids with their counters, where neither has
//! all ids of the other.
//!
//! Replicas mostly know the same participants but for a few. So a walk looks
//! at whole blocks first: where the next ids are the same on both sides it
//! takes them all at once, and only where they are not it goes id by id,
//! without a branch that depends on which side is ahead: where ids are mixed
//! at random, each would be a coin toss.
//!
//! A step of a walk has to wait for the one before. So there are two walks,
//! one from the start and one from the middle, that wait for each other's
//! steps in turn, as in the bidirectional merge of Rust's own sort.

use core::hint::select_unpredictable;

use super::row::Number;

/// How many ids are compared at once.
const BLOCK: usize = 16;

/// How many steps go between two looks at whole blocks.
const ROUND: usize = 32;

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
    let i = left.ids.len() / 2;
    let j = left.ids.get(i).map_or(0, |pivot| right.ids.partition_point(|id| id < pivot));
    let middle = i + j;
    let mut low = Walk { i: 0, i_end: i, j: 0, j_end: j, k: 0 };
    let mut high = Walk { i, i_end: left.ids.len(), j, j_end: right.ids.len(), k: middle };
    loop {
        low.take_blocks(left, right, ids, counters);
        high.take_blocks(left, right, ids, counters);
        let steps = low.sure_steps().min(high.sure_steps()).min(ROUND);
        if steps == 0 {
            break;
        }
        for _ in 0..steps {
            low.step(left, right, ids, counters);
            high.step(left, right, ids, counters);
        }
    }
    low.finish(left, right, ids, counters);
    high.finish(left, right, ids, counters);
    ids.copy_within(middle..high.k, low.k);
    counters.copy_within(middle..high.k, low.k);
    low.k + high.k - middle
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

    /// Takes the smaller id, or both where they are the same. Neither row may
    /// be at its end.
    #[inline]
    fn step<T: Number>(
        &mut self,
        left: Entries<'_, T>,
        right: Entries<'_, T>,
        ids: &mut [u64],
        counters: &mut [T],
    ) {
        let (id_l, id_r) = (left.ids[self.i], right.ids[self.j]);
        let (counter_l, counter_r) = (left.counters[self.i], right.counters[self.j]);
        let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
        self.i += usize::from(from_left);
        self.j += usize::from(from_right);
        ids[self.k] = select_unpredictable(from_left, id_l, id_r);
        counters[self.k] = select_unpredictable(from_left, counter_l, T::default())
            .max(select_unpredictable(from_right, counter_r, T::default()));
        self.k += 1;
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
            let steps = self.sure_steps().min(ROUND);
            if steps == 0 {
                break;
            }
            (0..steps).for_each(|_| self.step(left, right, ids, counters));
        }
        for (row, rest) in [(left, self.i..self.i_end), (right, self.j..self.j_end)] {
            let len = rest.len();
            ids[self.k..][..len].copy_from_slice(&row.ids[rest.clone()]);
            counters[self.k..][..len].copy_from_slice(&row.counters[rest]);
            self.k += len;
        }
    }
}
