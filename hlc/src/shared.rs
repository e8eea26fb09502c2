//! The clock for use in a product, shared by threads without a lock.

use core::time::Duration;

use causal_clock::{NodeId, PhysicalTime};

use crate::cell::TimestampCell;
use crate::drift::DriftBound;
use crate::single::read_now;
use crate::stats::SharedCounters;
use crate::{HlcError, HybridLogicalClock, HybridStamp, PackedTimestamp, Stats, TimeSource};

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
    counters: OwnLine<SharedCounters>,
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
            counters: OwnLine(SharedCounters::default()),
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
    /// [`HlcError::ForwardJump`], [`HlcError::ReadingOutOfRange`],
    /// [`HlcError::Exhausted`]; the clock is unchanged.
    #[inline]
    pub fn now(&self) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, HlcError> {
        let (now, reading) = self.read_now()?;
        self.tick(now, now, reading)
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
        let (now, reading) = self.read_now()?;
        if stamp.timestamp() > now {
            let checked = self.drift.check(stamp.timestamp(), reading);
            checked.map_err(|e| self.counters.0.refused(e))?;
        }
        let floor = stamp.timestamp().next(now).ok_or_else(|| self.exhausted())?;
        self.tick(floor, now, reading)
    }

    /// Takes over the past of `stamp` without an event.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`], and as [`peek`](Self::peek); the clock is
    /// unchanged.
    #[inline]
    pub fn observe(
        &self,
        stamp: &HybridStamp<PackedTimestamp<COUNTER_BITS>>,
    ) -> Result<(), HlcError> {
        let (_, reading) = self.read_now()?;
        let checked = self.drift.check(stamp.timestamp(), reading);
        checked.map_err(|e| self.counters.0.refused(e))?;
        self.latest.0.observe(stamp.timestamp());
        Ok(())
    }

    /// The hybrid time at this moment, without an event: all stamps that were
    /// given before are at most this, and all that are given after are larger,
    /// even if the physical clock is set back.
    ///
    /// # Errors
    /// [`HlcError::ForwardJump`], [`HlcError::ReadingOutOfRange`]; the clock is
    /// unchanged.
    #[inline]
    pub fn peek(&self) -> Result<PackedTimestamp<COUNTER_BITS>, HlcError> {
        let (now, _) = self.read_now()?;
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
    /// clock than the drift bound, and as [`peek`](Self::peek); the clock is
    /// unchanged.
    pub fn close(&self, cut: PackedTimestamp<COUNTER_BITS>) -> Result<(), HlcError> {
        self.observe(&HybridStamp::new(cut, self.node))
    }

    /// The state at this moment, for example to store it.
    #[must_use]
    pub fn clock(&self) -> HybridLogicalClock<PackedTimestamp<COUNTER_BITS>> {
        let latest = HybridStamp::new(self.latest.0.latest(), self.node);
        HybridLogicalClock::from_parts(latest, self.drift)
    }

    /// How far the clock is ahead of physical time: zero, or less than the
    /// drift bound, unless the physical clock was set back, or ahead once.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.latest.0.latest().physical_time().since(self.source.read())
    }

    /// What was counted since this value was made, what the source has noticed
    /// included. Counters are read one by one, while others may count on.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.0.stats(self.source.source_stats())
    }

    /// The source of physical time.
    #[must_use]
    pub const fn source(&self) -> &S {
        &self.source
    }

    #[cfg(feature = "std")]
    pub(crate) fn not_stored(&self) {
        self.counters.0.not_stored();
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
        now: PackedTimestamp<COUNTER_BITS>,
        reading: PhysicalTime,
    ) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, HlcError> {
        let timestamp = self.latest.0.tick(floor).ok_or_else(|| self.exhausted())?;
        self.counters.0.stamped(timestamp, now, reading);
        Ok(HybridStamp::new(timestamp, self.node))
    }

    #[inline]
    fn read_now(&self) -> Result<(PackedTimestamp<COUNTER_BITS>, PhysicalTime), HlcError> {
        read_now(&self.source).map_err(|e| self.counters.0.refused(e))
    }

    #[cold]
    fn exhausted(&self) -> HlcError {
        self.counters.0.refused(HlcError::Exhausted)
    }
}
