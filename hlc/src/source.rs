//! Where the physical time comes from: injected, so that a clock can be
//! tested, simulated, or fed by better hardware.

use causal_clock::PhysicalTime;

use crate::HlcError;
use crate::stats::SourceStats;

/// A physical clock that can be read.
///
/// A closure is one:
///
/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use hlc::Hlc;
///
/// let mut stopped = Hlc::new(NodeId::new(1), || PhysicalTime::from_secs(7));
/// assert!(stopped.now()? < stopped.now()?);
/// # Ok::<(), hlc::HlcError>(())
/// ```
pub trait TimeSource {
    /// What the clock reads now. It may stand still and go back.
    fn read(&self) -> PhysicalTime;

    /// What the clock reads now, if that can be believed: what stamps are
    /// made of. A source that has no doubts about itself gives
    /// [`read`](Self::read); [`Guarded`](crate::Guarded) has.
    ///
    /// # Errors
    /// [`HlcError::ForwardJump`].
    #[inline]
    fn checked_read(&self) -> Result<PhysicalTime, HlcError> {
        Ok(self.read())
    }

    /// What was noticed of the clock, where something looks at it.
    fn source_stats(&self) -> SourceStats {
        SourceStats::default()
    }
}

impl<F: Fn() -> PhysicalTime> TimeSource for F {
    #[inline]
    fn read(&self) -> PhysicalTime {
        self()
    }
}

/// The operating system's real-time clock.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(feature = "std")]
impl TimeSource for SystemClock {
    /// The system's time; the epoch where the system's clock is set before it,
    /// and the year 2554 where it is set after that.
    #[inline]
    fn read(&self) -> PhysicalTime {
        let (seconds, nanos) = since_epoch();
        PhysicalTime::from_nanos(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }
}

/// The system's own call. Getting a number out of a `SystemTime` takes 10 ns
/// more, which is half as long as reading the clock.
#[cfg(all(feature = "std", unix))]
#[inline]
fn since_epoch() -> (u64, u64) {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    // Negative seconds are before the epoch, whatever the nanoseconds.
    u64::try_from(now.tv_sec)
        .map_or((0, 0), |seconds| (seconds, u64::try_from(now.tv_nsec).unwrap_or(0)))
}

#[cfg(all(feature = "std", not(unix)))]
fn since_epoch() -> (u64, u64) {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_secs(), now.subsec_nanos().into())
}
