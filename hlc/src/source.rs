//! Where the physical time comes from: injected, so that a clock can be
//! tested, simulated, or fed by better hardware.

use causal_clock::PhysicalTime;

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
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        PhysicalTime::from_nanos(
            since_epoch
                .as_secs()
                .saturating_mul(1_000_000_000)
                .saturating_add(since_epoch.subsec_nanos().into()),
        )
    }
}
