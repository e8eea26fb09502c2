//! A vector of few entries, each with the time of its last update.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::{CounterOverflow, NodeId, PhysicalTime};

use crate::dot::{Dot, successor};

/// What is known of one participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Whose entry it is.
    pub id: NodeId,
    /// How many of its events are known, at least one.
    pub counter: u64,
    /// When the last of them happened, by the participant's own physical
    /// clock. It never goes back, even where that clock does.
    pub time: PhysicalTime,
}

/// A vector of which entries may have been dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrunedVector {
    /// Ids strictly ascending.
    pub(super) entries: Vec<Entry>,
    /// Whether an entry was ever dropped from it, or from any that was merged
    /// into it.
    pub(super) pruned: bool,
}

impl PrunedVector {
    /// The entries that are left, ids ascending.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether anything that it once knew may be missing. Where not, it is an
    /// exact vector clock.
    #[must_use]
    pub const fn is_pruned(&self) -> bool {
        self.pruned
    }

    pub(super) fn rank(&self, id: NodeId) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    /// The entry of `id`, if it has one still.
    #[must_use]
    pub fn get(&self, id: NodeId) -> Option<&Entry> {
        self.rank(id).map(|rank| &self.entries[rank])
    }

    /// Whether this event is known by the entries that are left.
    #[must_use]
    pub fn contains(&self, dot: Dot) -> bool {
        self.get(dot.origin).map_or(0, |entry| entry.counter) >= dot.counter
    }

    /// The next event of `id` happens at `now`.
    pub(super) fn increment(
        &mut self,
        id: NodeId,
        now: PhysicalTime,
    ) -> Result<(), CounterOverflow> {
        match self.entries.binary_search_by_key(&id, |entry| entry.id) {
            Ok(rank) => {
                let entry = &mut self.entries[rank];
                entry.counter = successor(entry.counter)?;
                entry.time = entry.time.max(now);
            }
            Err(rank) => self.entries.insert(rank, Entry { id, counter: 1, time: now }),
        }
        Ok(())
    }

    /// Entry by entry, the one with the larger counter; with the later time
    /// where the counters are the same.
    pub(super) fn merge(&mut self, other: &Self) {
        self.pruned |= other.pruned;
        let (mine, theirs) = (&self.entries, &other.entries);
        let mut merged = Vec::with_capacity(mine.len() + theirs.len());
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (mine.get(i), theirs.get(j)) {
            let by_id = a.id.cmp(&b.id);
            merged.push(match by_id {
                Ordering::Less => *a,
                Ordering::Greater => *b,
                Ordering::Equal if (a.counter, a.time) >= (b.counter, b.time) => *a,
                Ordering::Equal => *b,
            });
            i += usize::from(by_id.is_le());
            j += usize::from(by_id.is_ge());
        }
        merged.extend_from_slice(&mine[i..]);
        merged.extend_from_slice(&theirs[j..]);
        self.entries = merged;
    }
}
