//! The clock for use in a product, with a single owner: it reads the time
//! itself.

use core::time::Duration;

use causal_clock::{NodeId, PhysicalTime};

use crate::{HlcError, HybridLogicalClock, HybridStamp, HybridTime, TimeSource, Timestamp};

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
        Self { clock, source }
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
    /// [`HlcError::ReadingOutOfRange`], [`HlcError::Exhausted`]; the clock is
    /// unchanged.
    #[inline]
    pub fn now(&mut self) -> Result<HybridStamp<T>, HlcError> {
        let reading = self.source.read();
        self.clock.tick(reading)
    }

    /// The stamp of the receipt of a message with `stamp`.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`], and as [`now`](Self::now); the clock is
    /// unchanged.
    #[inline]
    pub fn receive(&mut self, stamp: &HybridStamp<T>) -> Result<HybridStamp<T>, HlcError> {
        let reading = self.source.read();
        self.clock.receive_at(stamp, reading)
    }

    /// The hybrid time at this moment, without an event: all stamps that this
    /// clock has given are at most this, and all that it will give are larger,
    /// even if the physical clock is set back. So it is the cut of a snapshot
    /// of this node.
    ///
    /// # Errors
    /// [`HlcError::ReadingOutOfRange`]; the clock is unchanged.
    #[inline]
    pub fn peek(&mut self) -> Result<T, HlcError> {
        let reading = self.source.read();
        let now = T::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
        Ok(self.clock.raise(now))
    }

    /// Promises that no stamp up to `cut` will be given from now on. The
    /// events up to a cut that every node has closed are a consistent snapshot
    /// of them all, and complete (section 5 of the paper).
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`] where the cut is further ahead of the physical
    /// clock than the drift bound; the clock is unchanged.
    pub fn close(&mut self, cut: T) -> Result<(), HlcError> {
        let node = self.clock.latest().node();
        self.clock.observe(&HybridStamp::new(cut, node), self.source.read())
    }

    /// The state.
    #[must_use]
    pub const fn clock(&self) -> &HybridLogicalClock<T> {
        &self.clock
    }

    pub(crate) const fn clock_mut(&mut self) -> &mut HybridLogicalClock<T> {
        &mut self.clock
    }

    pub(crate) fn read(&self) -> PhysicalTime {
        self.source.read()
    }
}
