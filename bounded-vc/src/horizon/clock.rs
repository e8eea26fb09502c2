//! The horizon clock of a participant and its stamps.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, Environment, NodeId, PhysicalTime,
    Rejected, Verdict,
};

use super::{HorizonClocks, HorizonDrop, IdWidth};
use crate::pruned::scramble;

/// The latest known event of another participant. Times count ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: NodeId,
    pub(super) time: u64,
    /// How many events it has made, where that is counted; else zero.
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

/// What a clock and a stamp have in common: one's own name and time, and what
/// is known of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Knowledge {
    /// How much of an id is kept. All ids here are cut to it.
    pub(super) width: IdWidth,
    pub(super) id: NodeId,
    /// Of the own latest event, in ticks; zero before the first.
    pub(super) time: u64,
    /// Whether events are counted, which costs bytes.
    pub(super) counted: bool,
    /// How many own events there were, where that is counted; else zero.
    pub(super) count: u64,
    /// Ids strictly ascending, the own not among them, no time zero.
    pub(super) others: Vec<Known>,
    /// The largest time ever dropped, zero where nothing was.
    pub(super) horizon: u64,
}

impl Knowledge {
    pub(super) fn new(scheme: HorizonClocks, id: NodeId) -> Self {
        Self {
            width: scheme.ids,
            id: scheme.ids.cut(id),
            time: 0,
            counted: scheme.drop == HorizonDrop::Smallest,
            count: 0,
            others: Vec::new(),
            horizon: 0,
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

    /// The largest time of all.
    pub(super) fn latest(&self) -> u64 {
        let others = self.others.iter().map(|known| known.time).max().unwrap_or(0);
        others.max(self.time).max(self.horizon)
    }

    /// Takes over what `other` knows, itself included.
    fn merge(&mut self, other: &Self) -> Result<(), HorizonError> {
        if self.width != other.width {
            return Err(HorizonError::IdWidth { own: self.width, other: other.width });
        }
        if self.counted != other.counted {
            return Err(HorizonError::Counts { own: self.counted, other: other.counted });
        }
        self.horizon = self.horizon.max(other.horizon);
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

    /// Drops by the given order until there are at most `room`.
    fn prune(&mut self, room: usize, drop: HorizonDrop) {
        let excess = self.others.len().saturating_sub(room);
        if excess == 0 {
            return;
        }
        let mut places: Vec<_> = self.others.iter().map(|known| known.place(drop)).collect();
        let (before, &mut last, _) = places.select_nth_unstable(excess - 1);
        let dropped = before.iter().chain([&last]).map(|(_, time, _)| *time);
        self.horizon = dropped.fold(self.horizon, u64::max);
        self.others.retain(|known| known.place(drop) > last);
    }
}

/// A participant's horizon clock. See the [module](crate::horizon) for what
/// its stamps prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HorizonClock {
    pub(super) scheme: HorizonClocks,
    pub(super) known: Knowledge,
}

/// Why a horizon clock refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HorizonError {
    /// No later tick can be counted.
    #[error(transparent)]
    Overflow(#[from] CounterOverflow),
    /// The other's ids are cut to another width: it is of another scheme.
    #[error("ids of {other} bytes cannot be merged into ids of {own}")]
    IdWidth {
        /// The width of this clock's ids.
        own: IdWidth,
        /// The width of the other's.
        other: IdWidth,
    },
    /// One counts events and the other does not: they drop by other orders.
    #[error("whether events are counted: {other} cannot be merged into {own}")]
    Counts {
        /// Whether this clock counts them.
        own: bool,
        /// Whether the other does.
        other: bool,
    },
}

impl HorizonClock {
    /// The clock of a participant that knows of no event. Nobody else may
    /// ever have its id.
    #[must_use]
    pub fn new(scheme: HorizonClocks, id: NodeId) -> Self {
        Self { scheme, known: Knowledge::new(scheme, id) }
    }

    /// The participant's id, cut to the scheme's width.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.known.id
    }

    /// Records an event at the physical time `now`.
    ///
    /// # Errors
    /// Where no later tick can be counted; the clock is then unchanged.
    pub fn event(&mut self, now: PhysicalTime) -> Result<(), HorizonError> {
        let latest = self.known.latest();
        let next = latest.checked_add(1).ok_or(CounterOverflow { counter: latest })?;
        self.known.time = next.max(now.as_nanos() / self.scheme.tick_nanos());
        // Times are larger: they are full first, unless someone lies. A count
        // only tells what to drop.
        self.known.count = self.known.count.saturating_add(self.known.counted.into());
        Ok(())
    }

    /// The clock of a newborn participant with an id that is new, too.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&self, id: NodeId) -> Self {
        let mut child = Self::new(self.scheme, id);
        // Of one scheme, so of one width.
        let merged = child.known.merge(&self.known);
        debug_assert_eq!(merged, Ok(()));
        child.prune();
        child
    }

    /// The stamp of the latest event, where nothing was merged since.
    #[must_use]
    pub fn stamp(&self) -> HorizonStamp {
        HorizonStamp { known: self.known.clone() }
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// Where its ids have another width, or where one counts events and the
    /// other does not; nothing is then changed.
    pub fn merge(&mut self, stamp: &HorizonStamp) -> Result<(), HorizonError> {
        self.known.merge(&stamp.known)?;
        self.prune();
        Ok(())
    }

    fn prune(&mut self) {
        self.known.prune(self.scheme.k.get() as usize - 1, self.scheme.drop);
    }
}

impl CausalClock for HorizonClock {
    type Stamp = HorizonStamp;
    type Error = HorizonError;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self::fork(self, env.fresh_id())
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), HorizonError> {
        Self::event(self, env.now())
    }

    fn stamp(&self) -> HorizonStamp {
        Self::stamp(self)
    }

    fn merge(&mut self, stamp: &HorizonStamp, _: &mut impl Environment) -> Result<(), Self::Error> {
        Self::merge(self, stamp)
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        match self.known.merge(&retired.known) {
            Ok(()) => {
                self.prune();
                Ok(())
            }
            Err(error) => Err(Rejected::new(retired, error)),
        }
    }
}

/// The stamp of an event of a [`HorizonClock`].
///
/// ```
/// use bounded_vc::{HorizonClock, HorizonClocks};
/// use causal_clock::{CausalOrder, CausalStamp, NodeId, PhysicalTime, Verdict};
///
/// let at = PhysicalTime::from_secs;
/// let mut a = HorizonClock::new(HorizonClocks::default(), NodeId::new(1));
/// let mut b = a.fork(NodeId::new(2));
/// a.event(at(10))?;
/// b.event(at(11))?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Concurrent));
/// let sent = a.stamp();
/// b.merge(&sent)?;
/// b.event(at(12))?;
/// assert_eq!(sent.compare(&b.stamp()), Verdict::proven(CausalOrder::Before));
/// # Ok::<(), bounded_vc::HorizonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HorizonStamp {
    pub(super) known: Knowledge,
}

impl HorizonStamp {
    /// Whose event it is: an id cut to the scheme's width.
    #[must_use]
    pub const fn origin(&self) -> NodeId {
        self.known.id
    }

    /// When it happened, in ticks since the epoch.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.known.time
    }

    /// The largest time in it, in ticks: that of the event itself, unless the
    /// stamp lies. A clock that takes it in goes on from there.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.known.latest()
    }

    /// The largest time that was ever dropped from its past, in ticks; zero
    /// where nothing was.
    #[must_use]
    pub const fn horizon(&self) -> u64 {
        self.known.horizon
    }

    /// How `self` stands to `later`, which has the larger time and another
    /// origin.
    fn before(&self, later: &Self) -> Verdict {
        if later.known.get(self.origin()) >= self.time() {
            Verdict::proven(CausalOrder::Before)
        } else if self.time() > later.horizon() {
            Verdict::proven(CausalOrder::Concurrent)
        } else {
            Verdict::guessed(CausalOrder::Before)
        }
    }
}

impl CausalStamp for HorizonStamp {
    /// Concurrent is proven. An order is proven, or guessed where the earlier
    /// event is below the later one's horizon; where ids are cut, it is always
    /// a guess.
    fn compare(&self, other: &Self) -> Verdict {
        let of_whole_ids = match self.time().cmp(&other.time()) {
            by_time if self.origin() == other.origin() => Verdict::proven(by_time.into()),
            Ordering::Less => self.before(other),
            Ordering::Greater => other.before(self).reverse(),
            Ordering::Equal => Verdict::proven(CausalOrder::Concurrent),
        };
        let (width, other_width) = (self.known.width, other.known.width);
        let still_proven = match of_whole_ids.order {
            // Ids of two widths cannot be told apart.
            _ if width != other_width => false,
            CausalOrder::Concurrent => true,
            _ => width == IdWidth::WHOLE,
        };
        Verdict { proven: of_whole_ids.proven && still_proven, ..of_whole_ids }
    }
}
