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

use super::row::Number;

/// How many ids are compared at once.
const BLOCK: usize = 16;

/// Ids, strictly ascending, and the counter of each.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a, T> {
    pub(super) ids: &'a [u64],
    pub(super) counters: &'a [T],
}

impl<'a, T: Number> Entries<'a, T> {
    fn len(self) -> usize {
        self.ids.len()
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        let (low_ids, high_ids) = self.ids.split_at(at);
        let (low_counters, high_counters) = self.counters.split_at(at);
        let low = Self { ids: low_ids, counters: low_counters };
        (low, Self { ids: high_ids, counters: high_counters })
    }

    fn block(self, at: usize) -> Option<(&'a [u64; BLOCK], &'a [T; BLOCK])> {
        let (ids, counters) = (self.ids.get(at..)?, self.counters.get(at..)?);
        Some((ids.first_chunk()?, counters.first_chunk()?))
    }
}

/// All ids of both rows, each with the larger of its counters, into rows that
/// have room for all entries of both. Returns how many there are.
pub(super) fn union<T: Number>(
    left: Entries<'_, T>,
    right: Entries<'_, T>,
    ids: &mut [u64],
    counters: &mut [T],
) -> usize {
    let (left_low, left_high) = left.split_at(left.len() / 2);
    let below = |id: &u64| left_high.ids.first().is_none_or(|pivot| id < pivot);
    let (right_low, right_high) = right.split_at(right.ids.partition_point(below));
    let start = left_low.len() + right_low.len();
    let (low_ids, high_ids) = ids.split_at_mut(start);
    let (low_counters, high_counters) = counters.split_at_mut(start);
    let mut low = Walk::new(left_low, right_low, low_ids, low_counters);
    let mut high = Walk::new(left_high, right_high, high_ids, high_counters);
    loop {
        low.blocks();
        high.blocks();
        let steps = low.sure_steps().min(high.sure_steps()).min(BLOCK);
        if steps == 0 {
            break;
        }
        for _ in 0..steps {
            low.step();
            high.step();
        }
    }
    let (low_len, high_len) = (low.finish(), high.finish());
    ids.copy_within(start..start + high_len, low_len);
    counters.copy_within(start..start + high_len, low_len);
    low_len + high_len
}

/// A walk along two rows: `i` and `j` of them are done, and `k` are written.
struct Walk<'a, T> {
    left: Entries<'a, T>,
    right: Entries<'a, T>,
    i: usize,
    j: usize,
    ids: &'a mut [u64],
    counters: &'a mut [T],
    k: usize,
}

impl<'a, T: Number> Walk<'a, T> {
    fn new(
        left: Entries<'a, T>,
        right: Entries<'a, T>,
        ids: &'a mut [u64],
        counters: &'a mut [T],
    ) -> Self {
        Self { left, right, i: 0, j: 0, ids, counters, k: 0 }
    }

    /// Takes whole blocks for as long as their ids are the same.
    fn blocks(&mut self) {
        while let (Some((ids_l, counters_l)), Some((ids_r, counters_r))) =
            (self.left.block(self.i), self.right.block(self.j))
            && ids_l == ids_r
        {
            self.ids[self.k..][..BLOCK].copy_from_slice(ids_l);
            let pairs = counters_l.iter().zip(counters_r);
            for (out, (l, r)) in self.counters[self.k..][..BLOCK].iter_mut().zip(pairs) {
                *out = *l.max(r);
            }
            self.i += BLOCK;
            self.j += BLOCK;
            self.k += BLOCK;
        }
    }

    /// How many steps there are at least before a row ends.
    fn sure_steps(&self) -> usize {
        (self.left.len() - self.i).min(self.right.len() - self.j)
    }

    /// Takes the smaller id, or both where they are the same. Neither row may
    /// be at its end.
    #[inline]
    fn step(&mut self) {
        let (id_l, id_r) = (self.left.ids[self.i], self.right.ids[self.j]);
        let (counter_l, counter_r) = (self.left.counters[self.i], self.right.counters[self.j]);
        let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
        self.ids[self.k] = id_l.min(id_r);
        self.counters[self.k] = counter_l.if_(from_left).max(counter_r.if_(from_right));
        self.i += usize::from(from_left);
        self.j += usize::from(from_right);
        self.k += 1;
    }

    /// Walks to the end; how many entries were written.
    fn finish(mut self) -> usize {
        loop {
            self.blocks();
            let steps = self.sure_steps().min(BLOCK);
            if steps == 0 {
                break;
            }
            (0..steps).for_each(|_| self.step());
        }
        for (rest, from) in [(self.left, self.i), (self.right, self.j)] {
            let len = rest.len() - from;
            self.ids[self.k..][..len].copy_from_slice(&rest.ids[from..]);
            self.counters[self.k..][..len].copy_from_slice(&rest.counters[from..]);
            self.k += len;
        }
        self.k
    }
}
