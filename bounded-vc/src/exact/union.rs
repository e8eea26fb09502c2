//! The union of two sorted rows of ids with their counters.
//!
//! Replicas mostly know the same participants but for a few that one side has
//! not heard of yet. So the walk looks at whole blocks first: where the next
//! ids are the same on both sides it takes them all at once, and only where
//! they are not it goes id by id, without a branch that depends on which side
//! is ahead: where ids are mixed at random, each would be a coin toss.

use causal_clock::NodeId;
use smallvec::SmallVec;

/// How many ids are compared at once.
const BLOCK: usize = 16;

/// A row on the stack as long as it is short.
pub(super) type Row<T> = SmallVec<[T; 32]>;

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
    fn block(self, at: usize) -> Option<(&'a [NodeId], &'a [u64])> {
        Some((self.ids.get(at..at + BLOCK)?, self.counters.get(at..at + BLOCK)?))
    }

    fn get(self, at: usize) -> Option<(NodeId, u64)> {
        Some((*self.ids.get(at)?, *self.counters.get(at)?))
    }
}

/// All ids of both, each with the larger of its counters.
pub(super) fn union(left: Entries<'_>, right: Entries<'_>) -> (Row<NodeId>, Row<u64>) {
    let room = left.ids.len() + right.ids.len();
    let (mut ids, mut counters) = (Row::with_capacity(room), Row::with_capacity(room));
    let (mut i, mut j) = (0, 0);
    loop {
        while let (Some((ids_l, counters_l)), Some((ids_r, counters_r))) =
            (left.block(i), right.block(j))
            && same(ids_l, ids_r)
        {
            ids.extend_from_slice(ids_l);
            counters.extend(counters_l.iter().zip(counters_r).map(|(l, r)| *l.max(r)));
            i += BLOCK;
            j += BLOCK;
        }
        for _ in 0..BLOCK {
            let (Some((id_l, counter_l)), Some((id_r, counter_r))) = (left.get(i), right.get(j))
            else {
                ids.extend_from_slice(&left.ids[i..]);
                ids.extend_from_slice(&right.ids[j..]);
                counters.extend_from_slice(&left.counters[i..]);
                counters.extend_from_slice(&right.counters[j..]);
                return (ids, counters);
            };
            let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
            ids.push(id_l.min(id_r));
            counters.push(masked(counter_l, from_left).max(masked(counter_r, from_right)));
            i += usize::from(from_left);
            j += usize::from(from_right);
        }
    }
}

/// The counter where it counts, else zero.
fn masked(counter: u64, counts: bool) -> u64 {
    counter & u64::from(counts).wrapping_neg()
}
