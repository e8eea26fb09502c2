//! Version vectors: how many events of each participant are known.
//!
//! "Detection of mutual inconsistency in distributed systems" (Parker et al.
//! 1983). Ids and counters are kept apart, both in the order of the ids. The
//! ids change only when a participant is met for the first time, and are one
//! allocation for all vectors that descend from each other: to see that two
//! vectors have the same ids mostly takes one comparison of pointers. Up to 16
//! entries are in the vector itself; where a counter takes more than 31 bits,
//! the counters of up to eight.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::mem;
use core::ops::Range;

use causal_clock::{CausalOrder, CounterOverflow, NodeId};

use super::counters::Counters;
use super::ids::{Ids, REACH, rank_near};
use super::ranks::ranks;
use super::row::{Number, Row};
use super::short::{self, Short};
use super::union::{Entries, union};
use crate::dot::{Dot, check_entries, successor};

/// Up to how many entries ids are rather compared again than shared.
const SHORT: usize = 64;

/// Up to how many entries are merged one after the other.
const ONE_BY_ONE: usize = 3;

/// How many events of each participant are known: a set of events that holds
/// with each event all earlier ones of the same participant.
///
/// A clone shares its memory with the original, and goes on sharing all but
/// what is changed: about a half of a KiB where it is a counter. A new id
/// changes all ids, and the counters of those that come after it. Counters are at most [`MAX_COUNTER`](crate::MAX_COUNTER).
///
/// ```
/// use bounded_vc::VersionVector;
/// use causal_clock::{CausalOrder, NodeId};
///
/// let (a, b) = (NodeId::new(1), NodeId::new(2));
/// let mut left = VersionVector::from_entries([(a, 3), (b, 1)])?;
/// let right = VersionVector::from_entries([(a, 2), (b, 4)])?;
/// assert_eq!(left.compare(&right), CausalOrder::Concurrent);
/// left.merge(&right);
/// assert_eq!(left.iter().collect::<Vec<_>>(), [(a, 3), (b, 4)]);
/// # Ok::<(), bounded_vc::VersionVectorError>(())
/// ```
#[derive(Clone, Default)]
pub struct VersionVector {
    /// Strictly ascending.
    ids: Ids,
    /// None of them is zero.
    counters: Counters,
}

/// Why entries make no version vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionVectorError {
    /// An id occurs twice.
    #[error("id {0} has two entries")]
    RepeatedId(NodeId),
    /// A counter is zero: such an entry is left out.
    #[error("id {0} has a counter of zero")]
    ZeroCounter(NodeId),
    /// A counter is larger than [`MAX_COUNTER`](crate::MAX_COUNTER).
    #[error("id {id} has the counter {counter}, which is over 2^63 - 1")]
    CounterTooLarge {
        /// Whose counter it is.
        id: NodeId,
        /// The counter.
        counter: u64,
    },
}

impl VersionVector {
    /// The vector that knows no event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The vector with these entries, in any order.
    ///
    /// # Errors
    /// See [`VersionVectorError`].
    pub fn from_entries(
        entries: impl IntoIterator<Item = (NodeId, u64)>,
    ) -> Result<Self, VersionVectorError> {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_unstable_by_key(|(id, _)| *id);
        check_entries(entries.iter().copied())?;
        let entries = entries.into_iter().map(|(id, counter)| (id.get(), counter));
        let (ids, counters): (Vec<_>, Vec<_>) = entries.unzip();
        Ok(Self::from_parts(ids, &counters))
    }

    /// Ids strictly ascending, counters in their order and all in range.
    pub(crate) fn from_parts(ids: Vec<u64>, counters: &[u64]) -> Self {
        Self { ids: ids.into(), counters: Counters::new(counters) }
    }

    /// How many participants have an entry.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it knows no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids that have an entry, ascending.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = NodeId> + DoubleEndedIterator {
        self.ids.iter().copied().map(NodeId::new)
    }

    /// The ids as numbers, strictly ascending.
    pub(crate) fn id_numbers(&self) -> &[u64] {
        &self.ids
    }

    /// How many events of `id` are known.
    #[must_use]
    pub fn get(&self, id: NodeId) -> u64 {
        self.rank(id).map_or(0, |rank| self.counters.get(rank))
    }

    /// The entries in ascending order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, u64)> {
        self.ids().zip(self.counters())
    }

    pub(super) fn counters(&self) -> impl Iterator<Item = u64> {
        self.counters.iter()
    }

    /// Whether this event is known.
    #[must_use]
    pub fn contains(&self, dot: Dot) -> bool {
        self.get(dot.origin) >= dot.counter
    }

    /// Where `id` stands among the ids.
    pub(super) fn rank(&self, id: NodeId) -> Option<usize> {
        self.ids.binary_search(&id.get()).ok()
    }

    /// As [`get`](Self::get), for an id that is likely to be at `rank`.
    pub(super) fn get_near(&self, id: NodeId, rank: Option<usize>) -> u64 {
        match rank {
            Some(rank) if self.ids.get(rank) == Some(&id.get()) => self.counters.get(rank),
            _ => self.get(id),
        }
    }

    /// As [`get`](Self::get), for an id that is at `rank` in another vector.
    pub(super) fn get_as_in(&self, other: &Self, id: NodeId, rank: Option<usize>) -> u64 {
        match rank {
            Some(rank) if self.ids.get(rank) == Some(&id.get()) => self.counters.get(rank),
            Some(rank) if self.len() > 2 * REACH => {
                // Where one vector has more ids, it has more everywhere.
                let around = (rank as u64).saturating_mul(self.len() as u64);
                let around = around / other.len().max(1) as u64;
                let around = usize::try_from(around).unwrap_or(usize::MAX);
                let found = rank_near(&self.ids, id.get(), around);
                found.map_or(0, |rank| self.counters.get(rank))
            }
            _ => self.get(id),
        }
    }

    /// Adds the next event of `id` and names it.
    ///
    /// # Errors
    /// Where the counter is at [`MAX_COUNTER`](crate::MAX_COUNTER); nothing is then changed.
    pub fn increment(&mut self, id: NodeId) -> Result<Dot, CounterOverflow> {
        let counter = match self.ids.binary_search(&id.get()) {
            Ok(rank) => {
                let counter = successor(self.counters.get(rank))?;
                self.counters.set(rank, counter);
                counter
            }
            Err(rank) => {
                self.insert(rank, id, 1);
                1
            }
        };
        Ok(Dot { origin: id, counter })
    }

    /// Makes the counter of `id` at least this.
    fn raise(&mut self, id: NodeId, counter: u64) {
        match self.ids.binary_search(&id.get()) {
            Ok(rank) if self.counters.get(rank) < counter => self.counters.set(rank, counter),
            Ok(_) => {}
            Err(rank) => self.insert(rank, id, counter),
        }
    }

    fn insert(&mut self, rank: usize, id: NodeId, counter: u64) {
        self.ids = self.ids.inserted(rank, id.get());
        self.counters = mem::take(&mut self.counters).inserted(rank, counter);
    }

    /// Its entries, if they are few and narrow.
    fn short(&self) -> Option<Short<'_>> {
        match (&self.ids, &self.counters) {
            (Ids::Few(ids), Counters::Narrow(Row::Few(counters))) => Some(Short { ids, counters }),
            _ => None,
        }
    }

    /// Adds all events that `other` knows: the union of two sets.
    pub fn merge(&mut self, other: &Self) {
        if let (Ids::Few(ids), Counters::Narrow(Row::Few(counters)), Some(other)) =
            (&mut self.ids, &mut self.counters, other.short())
        {
            if !short::raise(ids, counters, other) {
                let (mut all_ids, mut all_counters) = short::room_for_two();
                let mine = Short { ids, counters };
                let len = short::union(mine, other, &mut all_ids, &mut all_counters);
                self.ids = Ids::of_padded(&all_ids, len);
                self.counters = Row::of_padded(&all_counters, len).into();
            }
            return;
        }
        if self.ids.share(&other.ids) {
            self.counters.merge(&other.counters);
        } else if other.len() <= ONE_BY_ONE {
            other.iter().for_each(|(id, counter)| self.raise(id, counter));
        } else if *self.ids == *other.ids {
            if self.len() > SHORT {
                // From now on the two are seen to be the same at once.
                self.ids.clone_from(&other.ids);
            }
            self.counters.merge(&other.counters);
        } else if let Some(ranks) = ranks(&other.ids, &self.ids) {
            self.counters.merge_at(&ranks, &other.counters);
        } else if let Some(ranks) = ranks(&self.ids, &other.ids) {
            let counters = mem::replace(&mut self.counters, other.counters.clone());
            self.ids.clone_from(&other.ids);
            self.counters.merge_at(&ranks, &counters);
        } else {
            *self = match (mem::take(&mut self.counters), &other.counters) {
                (Counters::Narrow(mine), Counters::Narrow(theirs)) => {
                    Self::union((&self.ids, mine), (&other.ids, theirs))
                }
                (mine, theirs) => {
                    let mine = mine.widened().into_owned();
                    Self::union((&self.ids, mine), (&other.ids, &theirs.widened()))
                }
            };
        }
    }

    fn union<T: Number>(left: (&[u64], Row<T>), right: (&[u64], &Row<T>)) -> Self
    where
        Counters: From<Row<T>>,
    {
        let (len_l, len_r) = (left.0.len(), right.0.len());
        let room = len_l + len_r;
        let mut ids = vec![0; room];
        // The counters of both, and room for those of the union: what takes
        // time where there are a thousand is to ask for memory.
        let mut work = Vec::with_capacity(2 * room);
        left.1.append_to(&mut work);
        right.1.append_to(&mut work);
        work.resize(2 * room, T::default());
        let (old, counters) = work.split_at_mut(room);
        let (counters_l, counters_r) = old.split_at(len_l);
        let len = union(
            Entries { ids: left.0, counters: counters_l },
            Entries { ids: right.0, counters: counters_r },
            &mut ids,
            counters,
        );
        Self { ids: ids[..len].into(), counters: left.1.refilled(&counters[..len]).into() }
    }

    /// The entries that are larger than in `earlier`: with it, a merge makes
    /// this vector of any that `earlier` is at least a part of.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let (ids, counters): (Vec<_>, Vec<_>) = if self.ids.share(&earlier.ids) {
            let larger = self.counters.larger(&earlier.counters).into_iter();
            larger.map(|rank| (self.ids[rank], self.counters.get(rank))).unzip()
        } else {
            let (counters, earlier_counters) = (self.counters.to_vec(), earlier.counters.to_vec());
            let mut rest = earlier.ids.iter().zip(&earlier_counters).peekable();
            let larger = self.ids.iter().zip(&counters).filter(|(id, counter)| {
                while rest.next_if(|(other, _)| other < id).is_some() {}
                rest.peek().is_none_or(|(other, known)| other > id || known < counter)
            });
            larger.unzip()
        };
        Self::from_parts(ids, &counters)
    }

    /// Whether one of its first entries is larger than the other's. Where the
    /// vectors are concurrent, one mostly is.
    fn more_than(&self, other: &Self) -> bool {
        let mut first = self.ids.iter().take(4).enumerate();
        first.any(|(rank, id)| {
            other.get_as_in(self, NodeId::new(*id), Some(rank)) < self.counters.get(rank)
        })
    }

    /// How the two sets of events stand to each other: *before* is a proper
    /// subset.
    ///
    /// This compares what is known, not events. The stamps of two events are
    /// compared by their dots, as [`VectorStamp`](crate::VectorStamp) does:
    /// that is right even where one of them was pruned, and takes no walk.
    #[must_use]
    pub fn compare(&self, other: &Self) -> CausalOrder {
        if let (Some(left), Some(right)) = (self.short(), other.short()) {
            return short::compare(left, right);
        }
        let covers = |many: &Self, few: &Self| {
            if few.more_than(many) {
                return false;
            }
            let ranks = ranks(&few.ids, &many.ids);
            ranks.is_some_and(|ranks| many.counters.covers_at(&ranks, &few.counters))
        };
        let (leq, geq) = match self.len().cmp(&other.len()) {
            Ordering::Less => (covers(other, self), false),
            Ordering::Greater => (false, covers(self, other)),
            Ordering::Equal => {
                // Of two sets of one size neither is a part of the other.
                let one = self.ids.share(&other.ids);
                let same = |ranks: Range<usize>| one || self.ids[ranks.clone()] == other.ids[ranks];
                self.counters.relation(&other.counters, same)
            }
        };
        CausalOrder::from_leq(leq, geq)
    }
}

impl PartialEq for VersionVector {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other) == CausalOrder::Equal
    }
}

impl Eq for VersionVector {}

/// The order of sets: by inclusion.
impl PartialOrd for VersionVector {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.compare(other).into()
    }
}

impl fmt::Debug for VersionVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rank_elsewhere_finds_what_a_search_finds(
            mine in proptest::collection::btree_set(0..400_u64, 0..300),
            theirs in proptest::collection::btree_set(0..400_u64, 0..300),
        ) {
            let vector = |ids: &alloc::collections::BTreeSet<u64>| {
                let entries = ids.iter().map(|id| (NodeId::new(*id), id + 1));
                VersionVector::from_entries(entries).expect("valid entries")
            };
            let (mine, theirs) = (vector(&mine), vector(&theirs));
            for (rank, id) in theirs.ids().enumerate() {
                prop_assert_eq!(mine.get_as_in(&theirs, id, Some(rank)), mine.get(id));
            }
        }
    }
}
