//! The horizon clock of a participant.

use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::{CausalClock, CounterOverflow, Environment, NodeId, PhysicalTime, Rejected};

use super::knowledge::Knowledge;
use super::{HorizonClocks, HorizonDrop, HorizonStamp, IdWidth};

/// So many events are told of as one. A count is there to tell the busy from
/// the idle, and takes a byte up to 2,047 events this way.
pub(super) const COUNTED_BY: u8 = 16;

/// A participant's horizon clock. See the [module](crate::horizon) for what
/// its stamps prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HorizonClock {
    pub(super) k: NonZeroU32,
    /// In nanoseconds; not zero.
    pub(super) tick: u64,
    pub(super) drop: HorizonDrop,
    /// How many own events are not in the count yet, where events are counted.
    pub(super) uncounted: u8,
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
    /// The other has another number of horizons: it is of another scheme.
    #[error("{other} horizons cannot be merged into {own}")]
    Horizons {
        /// How many this clock has.
        own: usize,
        /// How many the other has.
        other: usize,
    },
    /// A stamp is further ahead of the physical clock than the drift bound
    /// allows ([`HorizonClock::merge_within`]).
    #[error("the stamp is {ahead:?} ahead of this node's clock: at most {bound:?} is accepted")]
    TooFarAhead {
        /// How far ahead of the reading the stamp's latest time is.
        ahead: Duration,
        /// The drift bound.
        bound: Duration,
    },
}

impl HorizonClock {
    /// The clock of a participant that knows of no event. Nobody else may
    /// ever have its id.
    #[must_use]
    pub fn new(scheme: HorizonClocks, id: NodeId) -> Self {
        Self {
            k: scheme.k,
            tick: scheme.tick_nanos(),
            drop: scheme.drop,
            uncounted: 0,
            known: Knowledge::new(scheme, id),
        }
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
        self.known.time = next.max(now.as_nanos() / self.tick);
        self.known.horizons.follow(self.known.time);
        if self.known.counted {
            self.uncounted += 1;
            if self.uncounted == COUNTED_BY {
                self.uncounted = 0;
                // Times are larger: they are full first, unless someone lies.
                // A count only tells what to drop.
                self.known.count = self.known.count.saturating_add(1);
            }
        }
        Ok(())
    }

    /// The clock of a newborn participant with an id that is new, too.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&self, id: NodeId) -> Self {
        let mut known = Knowledge {
            id: self.known.width.cut(id),
            time: 0,
            count: 0,
            others: Vec::new(),
            ..self.known.clone()
        };
        // Of one scheme, so of one width and so on.
        let merged = known.merge(&self.known);
        debug_assert_eq!(merged, Ok(()));
        let mut child = Self { uncounted: 0, known, ..*self };
        child.prune();
        child
    }

    /// The stamp of the latest event, where nothing was merged since.
    #[must_use]
    pub fn stamp(&self) -> HorizonStamp {
        let mut known = self.known.clone();
        for other in &mut known.others {
            other.count = 0;
        }
        HorizonStamp { known }
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// Where its ids have another width, where it has another number of
    /// horizons, or where one counts events and the other does not; nothing is
    /// then changed.
    pub fn merge(&mut self, stamp: &HorizonStamp) -> Result<(), HorizonError> {
        self.known.merge(&stamp.known)?;
        self.prune();
        Ok(())
    }

    /// Takes over the past that a stamp carries, unless a time in it is more
    /// than `drift` ahead of the physical time `now`. For stamps of strangers:
    /// see [what a hostile stamp can do](crate::horizon#what-a-hostile-stamp-can-do).
    ///
    /// Among good clocks a stamp is ahead by as much as they differ, and by a
    /// tick for each event that came faster than ticks. Where a tick is so long
    /// that times are Lamport's counters, `drift` is not a time but a number of
    /// ticks.
    ///
    /// ```
    /// use std::time::Duration;
    /// use bounded_vc::{HorizonClock, HorizonClocks, HorizonError};
    /// use causal_clock::{NodeId, PhysicalTime};
    ///
    /// let (at, drift) = (PhysicalTime::from_secs, Duration::from_millis(500));
    /// let mut good = HorizonClock::new(HorizonClocks::default(), NodeId::new(1));
    /// let mut ahead = good.fork(NodeId::new(2));
    /// ahead.event(at(3_600))?;
    /// let refused = good.merge_within(&ahead.stamp(), at(3_599), drift);
    /// let ahead_by = Duration::from_secs(1);
    /// assert_eq!(refused, Err(HorizonError::TooFarAhead { ahead: ahead_by, bound: drift }));
    /// good.merge_within(&ahead.stamp(), at(3_600), drift)?;
    /// # Ok::<(), HorizonError>(())
    /// ```
    ///
    /// # Errors
    /// [`HorizonError::TooFarAhead`], and those of [`merge`](Self::merge);
    /// nothing is then changed. Whoever goes on with the message all the same
    /// misses an order.
    pub fn merge_within(
        &mut self,
        stamp: &HorizonStamp,
        now: PhysicalTime,
        drift: Duration,
    ) -> Result<(), HorizonError> {
        let (now, tick) = (u128::from(now.as_nanos()), u128::from(self.tick));
        let latest = u128::from(stamp.latest());
        // In ticks, as the reading of a sender within the bound was.
        if latest > (now + drift.as_nanos()) / tick {
            let ahead = of_nanos((latest * tick).saturating_sub(now));
            return Err(HorizonError::TooFarAhead { ahead, bound: drift });
        }
        self.merge(stamp)
    }

    fn prune(&mut self) {
        self.known.prune(self.k.get() as usize - 1, self.drop);
    }
}

/// So many nanoseconds, or the longest duration there is.
fn of_nanos(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    let rest = u32::try_from(nanos % SECOND).unwrap_or(0);
    u64::try_from(nanos / SECOND).map_or(Duration::MAX, |seconds| Duration::new(seconds, rest))
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
