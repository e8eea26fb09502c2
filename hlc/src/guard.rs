//! A guard over the node's own physical clock: a forward jump is noticed
//! against a monotonic source.
//!
//! A node whose clock jumps a year ahead, and is mended a minute later, keeps
//! giving stamps of next year: a hybrid clock never goes back. Every peer with
//! a drift bound then refuses it, for a year. So the jump must not reach the
//! hybrid clock. (CockroachDB has such a check for the same reason; it relies
//! on reading the clock often, this one on a second, monotonic source.)
//!
//! # What is a jump
//!
//! At a *check* the guard reads both sources, and so knows what the physical
//! clock should read later: what it read, and the time that has passed since by
//! the monotonic source. A reading that is further ahead of that than the
//! *tolerance* is a jump.
//!
//! A clock may gain on the monotonic source, as one does that is being put
//! right gently: up to a thousandth of the time that passes is forgiven, twice
//! the 500 ppm at which time services slew. (On Linux both clocks are slewed
//! together, and only steps show.) Only what is ahead of *that* adds up towards
//! the tolerance. The guard never believes less than it did: a clock
//! that is set back and then forward to where it was has not jumped ahead.
//!
//! # What it costs
//!
//! A reading that is less than the tolerance ahead of the last check needs no
//! second source: no time can have passed that would make it a jump. So the
//! monotonic source is read once for each tolerance that the clock moves on,
//! and all other readings pay for one comparison with each end of a window.
//!
//! # What it cannot see
//!
//! The reading at construction is believed. A clock that is wrong from the
//! start of the process is wrong; peers notice, or a durable clock that is
//! [`ahead`](crate::DurableHlc::ahead). See also [`recovery`](crate::recovery).

use core::hint;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::{AtomicBool, AtomicU64};
use core::time::Duration;

use causal_clock::PhysicalTime;

use crate::stats::{SourceStats, raise};
use crate::{HlcError, TimeSource};

/// Of the time that passes, the part that a clock may gain is one in this many.
const GAIN: u64 = 1_000;

/// A clock that only counts the time that passes, from any start.
///
/// It should go on while the machine sleeps, or waking up is a forward jump of
/// the physical clock. A closure is one:
///
/// ```
/// use hlc::MonotonicSource;
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let source = move || start.elapsed();
/// assert!(source.elapsed() < Duration::from_secs(60));
/// ```
pub trait MonotonicSource {
    /// How much time has passed since the source's start.
    fn elapsed(&self) -> Duration;
}

impl<F: Fn() -> Duration> MonotonicSource for F {
    #[inline]
    fn elapsed(&self) -> Duration {
        self()
    }
}

/// What is done about a forward jump of the own physical clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JumpPolicy {
    /// Readings that are too far ahead are refused
    /// ([`HlcError::ForwardJump`]), so no stamp is given, until the clock is
    /// mended, [`Guarded::trust`] is called, or the process is restarted.
    #[default]
    Refuse,
    /// The reading is taken, and the [observer](Guarded::with_observer) told.
    Warn,
    /// The reading is taken. The jump is counted, and nobody is told but
    /// `tracing`, where that feature is on.
    Take,
}

/// A forward jump of the physical clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ClockJump {
    /// What the clock reads.
    pub reading: PhysicalTime,
    /// What it should read, by the monotonic source.
    pub expected: PhysicalTime,
    /// Whether the reading is taken all the same.
    pub taken: bool,
}

/// A [`TimeSource`] that is guarded against forward jumps, see
/// [`guard`](self).
///
/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use hlc::{Guarded, Hlc, HlcError};
/// use std::cell::Cell;
/// use std::time::Duration;
///
/// let (wall, passed) = (Cell::new(1_000), Cell::new(0)); // seconds
/// let source = Guarded::new(
///     || PhysicalTime::from_secs(wall.get()),
///     || Duration::from_secs(passed.get()),
///     Duration::from_millis(500),
/// );
/// let mut clock = Hlc::new(NodeId::new(1), source);
/// let before = clock.now()?;
///
/// wall.set(1_000 + 31_536_000); // a year ahead, within a second
/// passed.set(1);
/// assert!(matches!(clock.now(), Err(HlcError::ForwardJump { .. })));
///
/// wall.set(1_002);              // mended
/// passed.set(2);
/// let after = clock.now()?;
/// assert!(before < after);
/// assert_eq!(after.timestamp().physical_time(), PhysicalTime::from_secs(1_002));
/// assert_eq!(clock.stats().source.forward_jumps, 1);
/// # Ok::<(), HlcError>(())
/// ```
#[derive(Debug)]
pub struct Guarded<S, M> {
    /// Readings within `floor..=limit` need no check. Both are hints, read one
    /// by one: whatever is torn only leads to a check, or to what was in force
    /// a moment ago.
    floor: AtomicU64,
    limit: AtomicU64,
    /// The physical time at the start of the monotonic source, modulo 2⁶⁴.
    offset: AtomicU64,
    /// The monotonic time of the last check.
    checked: AtomicU64,
    /// Held while the four above are changed.
    changing: AtomicBool,
    /// Whether the last check ended in a refusal.
    refusing: AtomicBool,
    tolerance: u64,
    policy: JumpPolicy,
    observer: Option<fn(ClockJump)>,
    counters: Counters,
    source: S,
    monotonic: M,
}

#[derive(Debug, Default)]
struct Counters {
    backward_steps: AtomicU64,
    largest_backward: AtomicU64,
    forward_jumps: AtomicU64,
    largest_forward: AtomicU64,
    checks: AtomicU64,
}

impl<S: TimeSource, M: MonotonicSource> Guarded<S, M> {
    /// Guards `source` with the policy [`JumpPolicy::Refuse`]. What the source
    /// reads now is believed.
    ///
    /// The tolerance is how far ahead a clock may be put at once: well over the
    /// steps of the time service, and not over the drift bound of the peers.
    /// Half the drift bound is CockroachDB's choice.
    #[must_use]
    pub fn new(source: S, monotonic: M, tolerance: Duration) -> Self {
        let guard = Self {
            floor: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            offset: AtomicU64::new(0),
            checked: AtomicU64::new(0),
            changing: AtomicBool::new(false),
            refusing: AtomicBool::new(false),
            tolerance: nanos(tolerance),
            policy: JumpPolicy::Refuse,
            observer: None,
            counters: Counters::default(),
            source,
            monotonic,
        };
        guard.trust();
        guard
    }

    /// The same guard with another policy.
    #[must_use]
    pub fn with_policy(self, policy: JumpPolicy) -> Self {
        Self { policy, ..self }
    }

    /// The same guard, telling `observer` of each forward jump that is not
    /// [taken](JumpPolicy::Take) in silence: once when it is noticed, and not
    /// for each reading that is refused while it lasts.
    #[must_use]
    pub fn with_observer(self, observer: fn(ClockJump)) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Believes what the clock reads now, whatever was believed before: for an
    /// operator who knows that a jump was right, such as that of a virtual
    /// machine that was paused.
    ///
    /// A hybrid clock that has been ahead stays ahead all the same; see
    /// [`recovery`](crate::recovery).
    pub fn trust(&self) {
        while !self.try_change() {
            hint::spin_loop();
        }
        let passed = nanos(self.monotonic.elapsed());
        self.believe(self.source.read(), passed);
        self.changing.store(false, Release);
        self.refusing.store(false, Relaxed);
    }

    /// What was noticed so far.
    #[must_use]
    pub fn stats(&self) -> SourceStats {
        let Counters { backward_steps, largest_backward, forward_jumps, largest_forward, checks } =
            &self.counters;
        SourceStats {
            backward_steps: backward_steps.load(Relaxed),
            largest_backward: Duration::from_nanos(largest_backward.load(Relaxed)),
            forward_jumps: forward_jumps.load(Relaxed),
            largest_forward: Duration::from_nanos(largest_forward.load(Relaxed)),
            checks: checks.load(Relaxed),
        }
    }

    fn try_change(&self) -> bool {
        self.changing.compare_exchange(false, true, Acquire, Relaxed).is_ok()
    }

    /// Takes `reading` for the truth at the monotonic time `passed`.
    fn believe(&self, reading: PhysicalTime, passed: u64) {
        let reading = reading.as_nanos();
        self.offset.store(reading.wrapping_sub(passed), Relaxed);
        self.checked.store(passed, Relaxed);
        self.set_window(reading, reading);
    }

    /// Readings up to a tolerance after what is `expected` need no check, down
    /// to a tenth of it before `reading`: a thread that is held up between
    /// reading the clock and comparing is no step back.
    fn set_window(&self, reading: u64, expected: u64) {
        self.floor.store(reading.saturating_sub(self.tolerance / 10), Relaxed);
        self.limit.store(expected.saturating_add(self.tolerance), Relaxed);
    }

    /// A reading outside the window.
    #[cold]
    #[inline(never)]
    fn check(&self, reading: PhysicalTime) -> Result<PhysicalTime, HlcError> {
        self.counters.checks.fetch_add(1, Relaxed);
        let at = reading.as_nanos();
        let passed = nanos(self.monotonic.elapsed());
        let expected = passed.wrapping_add(self.offset.load(Relaxed));
        let ahead = at.saturating_sub(expected);
        if ahead > self.tolerance {
            return self.jumped(reading, PhysicalTime::from_nanos(expected), passed);
        }
        self.refusing.store(false, Relaxed);
        // Where another thread is at it already, its window serves as well.
        if self.try_change() {
            let behind = self.floor.load(Relaxed).saturating_sub(at);
            if behind > 0 {
                self.counters.backward_steps.fetch_add(1, Relaxed);
                // The window's end is a tenth below what was read.
                let behind = behind.saturating_add(self.tolerance / 10);
                raise(&self.counters.largest_backward, behind);
                #[cfg(feature = "tracing")]
                tracing::info!(behind_nanos = behind, "the physical clock was set back");
            }
            // Of what the clock has gained, what it may have gained by now.
            let since = passed.saturating_sub(self.checked.fetch_max(passed, Relaxed));
            let offset = self.offset.load(Relaxed);
            let gained = ahead.min(since / GAIN);
            self.offset.store(offset.wrapping_add(gained), Relaxed);
            self.set_window(at, expected.saturating_add(gained));
            self.changing.store(false, Release);
        }
        Ok(reading)
    }

    fn jumped(
        &self,
        reading: PhysicalTime,
        expected: PhysicalTime,
        passed: u64,
    ) -> Result<PhysicalTime, HlcError> {
        let ahead_nanos = reading.as_nanos().saturating_sub(expected.as_nanos());
        let taken = self.policy != JumpPolicy::Refuse;
        if taken {
            // Another thread that is at it has noticed the same.
            if !self.try_change() {
                return Ok(reading);
            }
            self.believe(reading, passed);
            self.changing.store(false, Release);
        }
        if !taken && self.try_change() {
            // The next reading is checked, whatever it is: it may be mended.
            self.limit.store(0, Relaxed);
            self.changing.store(false, Release);
        }
        let first = taken || !self.refusing.swap(true, Relaxed);
        raise(&self.counters.largest_forward, ahead_nanos);
        if first {
            self.counters.forward_jumps.fetch_add(1, Relaxed);
            #[cfg(feature = "tracing")]
            tracing::warn!(ahead_nanos, taken, "the physical clock jumped ahead");
            if let (Some(observer), JumpPolicy::Refuse | JumpPolicy::Warn) =
                (self.observer, self.policy)
            {
                observer(ClockJump { reading, expected, taken });
            }
        }
        if taken {
            return Ok(reading);
        }
        Err(HlcError::ForwardJump { ahead_nanos, tolerance_nanos: self.tolerance })
    }
}

impl<S: TimeSource, M: MonotonicSource> TimeSource for Guarded<S, M> {
    /// What the source reads, without a check.
    #[inline]
    fn read(&self) -> PhysicalTime {
        self.source.read()
    }

    #[inline]
    fn checked_read(&self) -> Result<PhysicalTime, HlcError> {
        let reading = self.source.checked_read()?;
        let at = reading.as_nanos();
        if at > self.limit.load(Relaxed) || at < self.floor.load(Relaxed) {
            return self.check(reading);
        }
        Ok(reading)
    }

    fn source_stats(&self) -> SourceStats {
        self.stats()
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The time since the system was started, its sleep included where the system
/// counts that: Linux and Android (`CLOCK_BOOTTIME`), and the systems whose
/// own monotonic clock does.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub struct SystemMonotonic {
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    start: std::time::Instant,
}

#[cfg(feature = "std")]
impl SystemMonotonic {
    /// The system's monotonic clock.
    #[must_use]
    pub fn new() -> Self {
        Self {
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            start: std::time::Instant::now(),
        }
    }
}

#[cfg(feature = "std")]
impl Default for SystemMonotonic {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "std")]
impl MonotonicSource for SystemMonotonic {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[inline]
    fn elapsed(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or(0))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    #[inline]
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(feature = "std")]
impl Guarded<crate::SystemClock, SystemMonotonic> {
    /// The system's real-time clock, guarded by its monotonic one.
    ///
    /// ```
    /// use causal_clock::NodeId;
    /// use hlc::{Guarded, SharedHlc};
    /// use std::time::Duration;
    ///
    /// let bound = Duration::from_millis(500);
    /// let source = Guarded::system(bound / 2);
    /// let clock = SharedHlc::new(NodeId::new(1), source).with_drift(bound);
    /// assert!(clock.now()? < clock.now()?);
    /// # Ok::<(), hlc::HlcError>(())
    /// ```
    #[must_use]
    pub fn system(tolerance: Duration) -> Self {
        Self::new(crate::SystemClock, SystemMonotonic::new(), tolerance)
    }
}
