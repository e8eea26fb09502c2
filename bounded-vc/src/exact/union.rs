//! The union of two sorted rows of ids with their counters.
//!
//! Replicas mostly know the same participants but for a few that one side has
//! not heard of yet. So a walk looks at whole blocks first: where the next ids
//! are the same on both sides it takes them all at once, and only where they
//! are not it goes id by id, without a branch that depends on which side is
//! ahead: where ids are mixed at random, each would be a coin toss.
//!
//! A step of a walk has to wait for the one before. So there are two walks,
//! one from the start and one from the middle, that wait for each other's
//! steps in turn, as in the bidirectional merge of Rust's own sort.

use causal_clock::NodeId;

/// How many ids are compared at once.
const BLOCK: usize = 16;

/// Whether two rows of ids of one length are the same, without an early end:
/// the compiler makes several comparisons at a time of it.
pub(super) fn same(left: &[NodeId], right: &[NodeId]) -> bool {
    left.iter().zip(right).fold(0, |all, (l, r)| all | (l.get() ^ r.get())) == 0
}

/// Ids, strictly ascending, and the counter of each.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a> {
    pub(super) ids: &'a [NodeId],
    pub(super) counters: &'a [u64],
}

impl<'a> Entries<'a> {
    fn len(self) -> usize {
        self.ids.len()
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        let (low_ids, high_ids) = self.ids.split_at(at);
        let (low_counters, high_counters) = self.counters.split_at(at);
        let low = Self { ids: low_ids, counters: low_counters };
        (low, Self { ids: high_ids, counters: high_counters })
    }

    fn block(self, at: usize) -> Option<(&'a [NodeId], &'a [u64])> {
        Some((self.ids.get(at..at + BLOCK)?, self.counters.get(at..at + BLOCK)?))
    }

    fn get(self, at: usize) -> Option<(NodeId, u64)> {
        Some((*self.ids.get(at)?, *self.counters.get(at)?))
    }
}

/// All ids of both rows, each with the larger of its counters, into rows that
/// have room for all entries of both. Returns how many there are.
pub(super) fn union(
    left: Entries<'_>,
    right: Entries<'_>,
    ids: &mut [NodeId],
    counters: &mut [u64],
) -> usize {
    let middle = left.len() / 2;
    let (left_low, left_high) = left.split_at(middle);
    let below = |id: &NodeId| left_high.ids.first().is_none_or(|pivot| id < pivot);
    let (right_low, right_high) = right.split_at(right.ids.partition_point(below));
    let start = left_low.len() + right_low.len();
    let (low_ids, high_ids) = ids.split_at_mut(start);
    let (low_counters, high_counters) = counters.split_at_mut(start);
    let mut low = Walk::new(left_low, right_low, low_ids, low_counters);
    let mut high = Walk::new(left_high, right_high, high_ids, high_counters);
    loop {
        low.blocks();
        high.blocks();
        if !(0..BLOCK).all(|_| low.step() & high.step()) {
            break;
        }
    }
    let (low_len, high_len) = (low.finish(), high.finish());
    ids.copy_within(start..start + high_len, low_len);
    counters.copy_within(start..start + high_len, low_len);
    low_len + high_len
}

/// A walk along two rows: `i` and `j` of them are done, and `k` are written.
struct Walk<'a> {
    left: Entries<'a>,
    right: Entries<'a>,
    i: usize,
    j: usize,
    ids: &'a mut [NodeId],
    counters: &'a mut [u64],
    k: usize,
}

impl<'a> Walk<'a> {
    fn new(
        left: Entries<'a>,
        right: Entries<'a>,
        ids: &'a mut [NodeId],
        counters: &'a mut [u64],
    ) -> Self {
        Self { left, right, i: 0, j: 0, ids, counters, k: 0 }
    }

    /// Takes whole blocks for as long as their ids are the same.
    fn blocks(&mut self) {
        while let (Some((ids_l, counters_l)), Some((ids_r, counters_r))) =
            (self.left.block(self.i), self.right.block(self.j))
            && same(ids_l, ids_r)
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

    /// Takes the smaller id, or both where they are the same; whether both
    /// rows had one.
    #[inline]
    fn step(&mut self) -> bool {
        let (Some((id_l, counter_l)), Some((id_r, counter_r))) =
            (self.left.get(self.i), self.right.get(self.j))
        else {
            return false;
        };
        let (Some(id), Some(counter)) = (self.ids.get_mut(self.k), self.counters.get_mut(self.k))
        else {
            return false;
        };
        let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
        *id = id_l.min(id_r);
        *counter = masked(counter_l, from_left).max(masked(counter_r, from_right));
        self.i += usize::from(from_left);
        self.j += usize::from(from_right);
        self.k += 1;
        true
    }

    /// Walks to the end; how many entries were written.
    fn finish(mut self) -> usize {
        while self.step() {}
        for (rest, from) in [(self.left, self.i), (self.right, self.j)] {
            let len = rest.len() - from;
            self.ids[self.k..][..len].copy_from_slice(&rest.ids[from..]);
            self.counters[self.k..][..len].copy_from_slice(&rest.counters[from..]);
            self.k += len;
        }
        self.k
    }
}

/// The counter where it counts, else zero.
fn masked(counter: u64, counts: bool) -> u64 {
    counter & u64::from(counts).wrapping_neg()
}
