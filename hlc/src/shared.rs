//! The clock for use in a product, shared by threads without a lock.

use core::time::Duration;

use causal_clock::{NodeId, PhysicalTime};

use crate::cell::TimestampCell;
use crate::drift::DriftBound;
use crate::{HlcError, HybridLogicalClock, HybridStamp, PackedTimestamp, TimeSource};

/// A hybrid logical clock that many threads use at once, through `&self`.
///
/// No stamp is given twice, whichever threads ask; a thread's stamps increase;
/// and a stamp that was handed from one thread to another is smaller than the
/// other's next. The state is one atomic word; an operation is lock-free.
///
/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use hlc::SharedHlc;
///
/// let clock = SharedHlc::new(NodeId::new(1), || PhysicalTime::from_secs(7));
/// std::thread::scope(|threads| {
///     let other = threads.spawn(|| clock.now());
///     assert_ne!(clock.now(), other.join().unwrap());
/// });
/// ```
#[derive(Debug)]
pub struct SharedHlc<S, const COUNTER_BITS: u32 = 16> {
    node: NodeId,
    drift: DriftBound,
    source: S,
    latest: OwnLine<TimestampCell<COUNTER_BITS>>,
}

/// Keeps the word that all threads write out of the cache lines of what they
/// only read. (Two lines: some processors fetch pairs.)
#[derive(Debug)]
#[repr(align(128))]
struct OwnLine<T>(T);

impl<S: TimeSource> SharedHlc<S> {
    /// The clock of `node` with 48/16 timestamps, before its first event,
    /// without a drift bound.
    #[must_use]
    pub fn new(node: NodeId, source: S) -> Self {
        Self::from_clock(&HybridLogicalClock::new(node), source)
    }
}

impl<S: TimeSource, const COUNTER_BITS: u32> SharedHlc<S, COUNTER_BITS> {
    /// Goes on from the state of `clock`, with its drift bound.
    #[must_use]
    pub fn from_clock(
        clock: &HybridLogicalClock<PackedTimestamp<COUNTER_BITS>>,
        source: S,
    ) -> Self {
        Self {
            node: clock.latest().node(),
            drift: clock.drift().map_or(DriftBound::NONE, DriftBound::of),
            source,
            latest: OwnLine(TimestampCell::new(clock.latest().timestamp())),
        }
    }

    /// The same clock, refusing stamps that are further than `bound` ahead of
    /// its physical clock.
    #[must_use]
    pub fn with_drift(self, bound: Duration) -> Self {
        Self { drift: DriftBound::of(bound), ..self }
    }

    /// The stamp of a new event, local or a send.
    ///
    /// # Errors
    /// [`HlcError::ReadingOutOfRange`], [`HlcError::Exhausted`]; the clock is
    /// unchanged.
    #[inline]
    pub fn now(&self) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, HlcError> {
        self.tick(Self::timestamp(self.source.read())?)
    }

    /// The stamp of the receipt of a message with `stamp`.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`], and as [`now`](Self::now); the clock is
    /// unchanged.
    #[inline]
    pub fn receive(
        &self,
        stamp: &HybridStamp<PackedTimestamp<COUNTER_BITS>>,
    ) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, HlcError> {
        let reading = self.source.read();
        let now = Self::timestamp(reading)?;
        if stamp.timestamp() > now {
            self.drift.check(stamp.timestamp(), reading)?;
        }
        self.tick(stamp.timestamp().next(now).ok_or(HlcError::Exhausted)?)
    }

    /// Takes over the past of `stamp` without an event.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`]; the clock is unchanged.
    #[inline]
    pub fn observe(
        &self,
        stamp: &HybridStamp<PackedTimestamp<COUNTER_BITS>>,
    ) -> Result<(), HlcError> {
        self.drift.check(stamp.timestamp(), self.source.read())?;
        self.latest.0.observe(stamp.timestamp());
        Ok(())
    }

    /// The hybrid time at this moment, without an event: all stamps that were
    /// given before are at most this, and all that are given after are larger,
    /// even if the physical clock is set back.
    ///
    /// # Errors
    /// [`HlcError::ReadingOutOfRange`]; the clock is unchanged.
    #[inline]
    pub fn peek(&self) -> Result<PackedTimestamp<COUNTER_BITS>, HlcError> {
        let now = Self::timestamp(self.source.read())?;
        // Raised to what is promised: another thread may have read the time
        // before this one and be about to give an older stamp.
        self.latest.0.observe(now);
        Ok(self.latest.0.latest())
    }

    /// Promises that no stamp up to `cut` will be given by any call that begins
    /// after this one returns. The events up to a cut that every node has closed
    /// are a consistent snapshot of them all, and complete.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`] where the cut is further ahead of the physical
    /// clock than the drift bound; the clock is unchanged.
    pub fn close(&self, cut: PackedTimestamp<COUNTER_BITS>) -> Result<(), HlcError> {
        self.observe(&HybridStamp::new(cut, self.node))
    }

    /// The state at this moment, for example to store it.
    #[must_use]
    pub fn clock(&self) -> HybridLogicalClock<PackedTimestamp<COUNTER_BITS>> {
        let latest = HybridStamp::new(self.latest.0.latest(), self.node);
        HybridLogicalClock::from_parts(latest, self.drift)
    }

    /// Goes on from `timestamp` where that is larger, unchecked.
    #[cfg(feature = "std")]
    pub(crate) fn raise(&self, timestamp: PackedTimestamp<COUNTER_BITS>) {
        self.latest.0.observe(timestamp);
    }

    #[inline]
    fn tick(
        &self,
        floor: PackedTimestamp<COUNTER_BITS>,
    ) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, HlcError> {
        let timestamp = self.latest.0.tick(floor).ok_or(HlcError::Exhausted)?;
        Ok(HybridStamp::new(timestamp, self.node))
    }

    #[inline]
    fn timestamp(reading: PhysicalTime) -> Result<PackedTimestamp<COUNTER_BITS>, HlcError> {
        PackedTimestamp::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })
    }
}
