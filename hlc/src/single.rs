//! The clock for use in a product, with a single owner: it reads the time
//! itself.

use core::time::Duration;

use causal_clock::{NodeId, PhysicalTime};

use crate::stats::Counters;
use crate::{HlcError, HybridLogicalClock, HybridStamp, HybridTime, Stats, TimeSource, Timestamp};

/// A hybrid logical clock with its source of physical time.
///
/// One owner, `&mut self`; [`SharedHlc`](crate::SharedHlc) is for many threads
/// and [`DurableHlc`](crate::DurableHlc) for a node that must survive its
/// restarts.
///
#[cfg_attr(feature = "std", doc = "```")]
#[cfg_attr(not(feature = "std"), doc = "```ignore")]
/// use causal_clock::NodeId;
/// use hlc::{Hlc, SystemClock};
/// use std::time::Duration;
///
/// let bound = Duration::from_millis(500);
/// let mut here = Hlc::new(NodeId::new(1), SystemClock).with_drift(bound);
/// let mut there = Hlc::new(NodeId::new(2), SystemClock).with_drift(bound);
///
/// let sent = here.now()?;
/// let received = there.receive(&sent)?;
/// assert!(sent < received);
/// # Ok::<(), hlc::HlcError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hlc<S, T = Timestamp> {
    clock: HybridLogicalClock<T>,
    source: S,
    counters: Counters,
}

impl<S: TimeSource> Hlc<S> {
    /// The clock of `node` with 64-bit timestamps, before its first event,
    /// without a drift bound.
    #[must_use]
    pub const fn new(node: NodeId, source: S) -> Self {
        Self::of_form(node, source)
    }
}

impl<S: TimeSource, T: HybridTime> Hlc<S, T> {
    /// As [`new`](Hlc::new), with timestamps of another form.
    #[must_use]
    pub const fn of_form(node: NodeId, source: S) -> Self {
        Self::from_clock(HybridLogicalClock::of_form(node), source)
    }

    /// Goes on from the state of `clock`.
    #[must_use]
    pub const fn from_clock(clock: HybridLogicalClock<T>, source: S) -> Self {
        Self { clock, source, counters: Counters::NONE }
    }

    /// The same clock, refusing stamps that are further than `bound` ahead of
    /// its physical clock.
    #[must_use]
    pub fn with_drift(self, bound: Duration) -> Self {
        Self { clock: self.clock.with_drift(bound), ..self }
    }

    /// The stamp of a new event, local or a send. Larger than all that this
    /// clock has given or received.
    ///
    /// # Errors
    /// [`HlcError::ForwardJump`], [`HlcError::ReadingOutOfRange`],
    /// [`HlcError::Exhausted`]; the clock is unchanged.
    #[inline]
    pub fn now(&mut self) -> Result<HybridStamp<T>, HlcError> {
        let (now, reading) = self.read_now()?;
        let stamp = self.clock.tick_from(now).map_err(|e| self.counters.refused(e))?;
        self.counters.stamped(stamp.timestamp(), now, reading);
        Ok(stamp)
    }

    /// The stamp of the receipt of a message with `stamp`.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`], and as [`now`](Self::now); the clock is
    /// unchanged.
    #[inline]
    pub fn receive(&mut self, stamp: &HybridStamp<T>) -> Result<HybridStamp<T>, HlcError> {
        let (now, reading) = self.read_now()?;
        let received = self.clock.receive_from(stamp, now, reading);
        let stamp = received.map_err(|e| self.counters.refused(e))?;
        self.counters.stamped(stamp.timestamp(), now, reading);
        Ok(stamp)
    }

    /// The hybrid time at this moment, without an event: all stamps that this
    /// clock has given are at most this, and all that it will give are larger,
    /// even if the physical clock is set back. So it is the cut of a snapshot
    /// of this node.
    ///
    /// # Errors
    /// [`HlcError::ForwardJump`], [`HlcError::ReadingOutOfRange`]; the clock is
    /// unchanged.
    #[inline]
    pub fn peek(&mut self) -> Result<T, HlcError> {
        let (now, _) = self.read_now()?;
        Ok(self.clock.raise(now))
    }

    /// Promises that no stamp up to `cut` will be given from now on. The
    /// events up to a cut that every node has closed are a consistent snapshot
    /// of them all, and complete (section 5 of the paper).
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`] where the cut is further ahead of the physical
    /// clock than the drift bound, and as [`peek`](Self::peek); the clock is
    /// unchanged.
    pub fn close(&mut self, cut: T) -> Result<(), HlcError> {
        let cut = HybridStamp::new(cut, self.clock.latest().node());
        let (_, reading) = self.read_now()?;
        self.clock.observe(&cut, reading).map_err(|e| self.counters.refused(e))
    }

    /// The state.
    #[must_use]
    pub const fn clock(&self) -> &HybridLogicalClock<T> {
        &self.clock
    }

    /// How far the clock is ahead of physical time: zero, or less than the
    /// drift bound, unless the physical clock was set back, or ahead once.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.clock.latest().timestamp().physical_time().since(self.source.read())
    }

    /// What was counted since this value was made, what the source has noticed
    /// included.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats(self.source.source_stats())
    }

    /// The source of physical time.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    #[inline]
    fn read_now(&mut self) -> Result<(T, PhysicalTime), HlcError> {
        read_now(&self.source).map_err(|e| self.counters.refused(e))
    }

    /// What [`now`](Self::now), or [`receive`](Self::receive) of `heard`,
    /// would do; for [`commit`](Self::commit).
    pub(crate) fn plan(&mut self, heard: Option<&HybridStamp<T>>) -> Result<Plan<T>, HlcError> {
        let (now, reading) = self.read_now()?;
        let mut clock = self.clock.clone();
        match heard {
            None => clock.tick_from(now),
            Some(stamp) => clock.receive_from(stamp, now, reading),
        }
        .map_err(|e| self.counters.refused(e))?;
        Ok(Plan { clock, now, reading })
    }

    pub(crate) fn commit(&mut self, plan: Plan<T>) -> HybridStamp<T> {
        self.clock = plan.clock;
        let stamp = self.clock.latest();
        self.counters.stamped(stamp.timestamp(), plan.now, plan.reading);
        stamp
    }

    pub(crate) fn not_stored(&mut self) {
        self.counters.not_stored();
    }

    pub(crate) const fn clock_mut(&mut self) -> &mut HybridLogicalClock<T> {
        &mut self.clock
    }
}

/// An event that is not made yet.
pub(crate) struct Plan<T> {
    clock: HybridLogicalClock<T>,
    now: T,
    reading: PhysicalTime,
}

impl<T: HybridTime> Plan<T> {
    pub(crate) const fn timestamp(&self) -> T {
        self.clock.latest().timestamp()
    }
}

/// A reading that can be believed, and its timestamp.
#[inline]
pub(crate) fn read_now<T: HybridTime>(
    source: &impl TimeSource,
) -> Result<(T, PhysicalTime), HlcError> {
    let reading = source.checked_read()?;
    let now = T::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
    Ok((now, reading))
}
