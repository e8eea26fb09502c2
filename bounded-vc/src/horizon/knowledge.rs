//! What a clock and a stamp have in common: one's own name and time, and what
//! is known and was forgotten of others.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::NodeId;

use super::horizons::Horizons;
use super::{HorizonClocks, HorizonDrop, HorizonError, IdWidth};
use crate::pruned::scramble;

/// The latest known event of another participant. Times count ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: NodeId,
    pub(super) time: u64,
    /// How many times sixteen events it last said that it had made. Only in
    /// clocks, and where that is counted; else zero.
    pub(super) count: u64,
}

impl Known {
    /// Both, of participants whose ids are the same or are cut to it.
    fn and(self, other: Self) -> Self {
        let (time, count) = (self.time.max(other.time), self.count.max(other.count));
        Self { time, count, ..self }
    }

    /// Its place in the queue: less is dropped earlier.
    const fn place(&self, drop: HorizonDrop) -> (u64, u64, NodeId) {
        let first = match drop {
            HorizonDrop::Oldest => self.time,
            HorizonDrop::Smallest => self.count,
            HorizonDrop::Random => scramble(self.id.get() ^ scramble(self.time)),
        };
        (first, self.time, self.id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Knowledge {
    /// How much of an id is kept. All ids here are cut to it.
    pub(super) width: IdWidth,
    pub(super) id: NodeId,
    /// Of the own latest event, in ticks; zero before the first.
    pub(super) time: u64,
    /// Whether events are counted.
    pub(super) counted: bool,
    /// How many times sixteen own events there were, where that is counted;
    /// else zero.
    pub(super) count: u64,
    /// Ids strictly ascending, the own not among them, no time zero.
    pub(super) others: Vec<Known>,
    pub(super) horizons: Horizons,
}

impl Knowledge {
    pub(super) fn new(scheme: HorizonClocks, id: NodeId) -> Self {
        let counted = scheme.drop == HorizonDrop::Smallest;
        let classes = usize::from(scheme.horizons.get());
        let bits = (classes > 1).then_some(scheme.bits);
        Self {
            width: scheme.ids,
            id: scheme.ids.cut(id),
            time: 0,
            counted,
            count: 0,
            others: Vec::new(),
            horizons: Horizons::none(classes, bits),
        }
    }

    /// The latest time known of `id`, zero where there is none.
    pub(super) fn get(&self, id: NodeId) -> u64 {
        if id == self.id {
            return self.time;
        }
        let rank = self.others.binary_search_by_key(&id, |known| known.id);
        rank.map_or(0, |rank| self.others[rank].time)
    }

    /// The latest time that an event of `id` in this past can have.
    fn reach(&self, id: NodeId) -> u64 {
        self.get(id).max(self.horizons.of(self.width, id))
    }

    /// Whether this past reaches as far as that of an event does, of each
    /// participant, the event included.
    #[inline]
    pub(super) fn covers(&self, event: &Self) -> bool {
        // No time in an event's stamp is above its own.
        self.horizons.reach(event.time)
            || self.reach(event.id) >= event.time
                && event.horizons.are_covered_by(&self.horizons)
                && event.others.iter().all(|known| self.reach(known.id) >= known.time)
    }

    /// The largest time of all.
    pub(super) fn latest(&self) -> u64 {
        let others = self.others.iter().map(|known| known.time);
        others.fold(self.time.max(self.horizons.largest()), u64::max)
    }

    /// Takes over what `other` knows, itself included.
    pub(super) fn merge(&mut self, other: &Self) -> Result<(), HorizonError> {
        if self.width != other.width {
            return Err(HorizonError::IdWidth { own: self.width, other: other.width });
        }
        if self.counted != other.counted {
            return Err(HorizonError::Counts { own: self.counted, other: other.counted });
        }
        let (own, others) = (self.horizons.times.len(), other.horizons.times.len());
        if own != others {
            return Err(HorizonError::Horizons { own, other: others });
        }
        self.horizons.merge(&other.horizons);
        let mut merged = Vec::with_capacity(self.others.len() + other.others.len() + 1);
        let (mine, theirs) = (&self.others, &other.others);
        let (mut i, mut j) = (0, 0);
        while let (Some(a), Some(b)) = (mine.get(i), theirs.get(j)) {
            let by_id = a.id.cmp(&b.id);
            merged.push(match by_id {
                Ordering::Less => *a,
                Ordering::Greater => *b,
                Ordering::Equal => a.and(*b),
            });
            i += usize::from(by_id.is_le());
            j += usize::from(by_id.is_ge());
        }
        merged.extend_from_slice(&mine[i..]);
        merged.extend_from_slice(&theirs[j..]);
        self.others = merged;
        self.learn(Known { id: other.id, time: other.time, count: other.count });
        // News of oneself can only be of another whose id was cut to the same
        // (or of a state that was lost): the next own event comes after it.
        if let Ok(rank) = self.others.binary_search_by_key(&self.id, |known| known.id) {
            self.time = self.time.max(self.others.remove(rank).time);
        }
        Ok(())
    }

    fn learn(&mut self, news: Known) {
        if news.time == 0 {
            return;
        }
        match self.others.binary_search_by_key(&news.id, |known| known.id) {
            Ok(rank) => self.others[rank] = self.others[rank].and(news),
            Err(rank) => self.others.insert(rank, news),
        }
    }

    /// Drops by the given order until there are at most `room` others.
    pub(super) fn prune(&mut self, room: usize, drop: HorizonDrop) {
        let excess = self.others.len().saturating_sub(room);
        if excess > 0 {
            let mut places: Vec<_> = self.others.iter().map(|known| known.place(drop)).collect();
            let (before, &mut last, _) = places.select_nth_unstable(excess - 1);
            for (_, time, id) in before.iter().chain([&last]) {
                self.horizons.raise(self.width, *id, *time);
            }
            self.others.retain(|known| known.place(drop) > last);
        }
        self.horizons.follow(self.latest());
    }
}
