//! A vector of few entries, each with the time of its last update.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::{CounterOverflow, NodeId, PhysicalTime};

use super::PruningRule;
use super::rule::prune;
use crate::VersionVectorError;
use crate::dot::{Dot, check_entries, successor};

/// What is known of one participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// Whose entry it is.
    pub id: NodeId,
    /// How many of its events are known, at least one.
    pub counter: u64,
    /// What a rule's [`Times`](crate::Times) say it is: mostly when the last
    /// of them happened, by the participant's own physical clock. It never goes
    /// back, even where that clock does.
    pub time: PhysicalTime,
}

/// What may be missing in a vector: the more, the less it proves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Nothing: it is an exact vector clock.
    #[default]
    Nothing,
    /// Entries of others were dropped, from this vector or from one that was
    /// merged into it.
    Others,
    /// A rule was at work that drops a participant's own entry, too: there may
    /// be two events of one name.
    Own,
}

/// A vector of which entries may have been dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrunedVector {
    /// Ids strictly ascending.
    pub(super) entries: Vec<Entry>,
    pub(super) loss: Loss,
}

impl PrunedVector {
    /// The vector with these entries, in any order, of which none was dropped
    /// so far.
    ///
    /// # Errors
    /// As [`VersionVector::from_entries`](crate::VersionVector::from_entries).
    pub fn from_entries(
        entries: impl IntoIterator<Item = Entry>,
    ) -> Result<Self, VersionVectorError> {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_unstable_by_key(|entry| entry.id);
        check_entries(entries.iter().map(|entry| (entry.id, entry.counter)))?;
        Ok(Self { entries, loss: Loss::Nothing })
    }

    /// The entries that are left, ids ascending.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What it once knew and may be missing.
    #[must_use]
    pub const fn loss(&self) -> Loss {
        self.loss
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

    /// Whether each entry of `other` is at most the one here: *descends* in
    /// Riak.
    ///
    /// This compares what is known, not events, and is misled by entries that
    /// were dropped; see [`PrunedStamp`](crate::PrunedStamp) for what is not.
    #[must_use]
    pub fn descends(&self, other: &Self) -> bool {
        other
            .entries
            .iter()
            .all(|entry| self.contains(Dot { origin: entry.id, counter: entry.counter }))
    }

    /// Drops what the rule drops of the clock of `own` at the time `now`.
    pub fn prune<R: PruningRule>(&mut self, rule: &R, own: Option<NodeId>, now: PhysicalTime) {
        if prune(rule, &mut self.entries, own, now) {
            let loss = if rule.keeps_own() { Loss::Others } else { Loss::Own };
            self.loss = self.loss.max(loss);
        }
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

    /// As [`merge`](Self::merge) of what `other` says without its times; an
    /// entry that changes has the time `now`.
    pub(super) fn merge_at(&mut self, other: &Self, now: PhysicalTime) {
        let news =
            |entry: &&Entry| self.get(entry.id).is_none_or(|known| known.counter < entry.counter);
        let entries = other.entries.iter().filter(news);
        let entries = entries.map(|entry| Entry { time: now, ..*entry }).collect();
        self.merge(&Self { entries, loss: other.loss });
    }

    /// The same without times.
    pub(super) fn untimed(mut self) -> Self {
        self.entries.iter_mut().for_each(|entry| entry.time = PhysicalTime::ZERO);
        self
    }

    /// Entry by entry, the one with the larger counter; with the later time
    /// where the counters are the same.
    pub fn merge(&mut self, other: &Self) {
        self.loss = self.loss.max(other.loss);
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
