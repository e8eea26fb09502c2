//! A clock that survives restarts: no stamp of its former life is ever given
//! again, even if the physical clock was set back in between.
//!
//! Storing every stamp would cost a disk write an event. So an *upper bound*
//! is stored ahead of time, and stamps are given up to it; a restarted clock
//! goes on above the bound. One write serves all events of a window of time.

use core::error::Error;
use core::time::Duration;

use crate::{BoundStore, Hlc, HlcError, HybridStamp, HybridTime, Stats, TimeSource, Timestamp};

/// Why a durable clock gives no stamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurableError<E: Error + 'static> {
    /// The clock refuses.
    #[error(transparent)]
    Clock(#[from] HlcError),
    /// The bound cannot be stored or read.
    #[error("the bound of this node's stamps cannot be kept: {0}")]
    Store(#[source] E),
}

/// A hybrid logical clock with a stored upper bound of its stamps.
///
/// To drop it is safe and stores nothing: the next life begins above the bound,
/// up to a window ahead of physical time. [`stop`](Self::stop) spares it that.
///
/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use core::convert::Infallible;
/// use core::time::Duration;
/// use hlc::{BoundStore, DurableHlc, Hlc, Timestamp};
///
/// /// A store that outlives the clock, as a disk does.
/// #[derive(Default)]
/// struct Memory(Option<Timestamp>);
///
/// impl BoundStore<Timestamp> for Memory {
///     type Error = Infallible;
///     fn load(&mut self) -> Result<Option<Timestamp>, Infallible> {
///         Ok(self.0)
///     }
///     fn save(&mut self, bound: &Timestamp) -> Result<(), Infallible> {
///         self.0 = Some(*bound);
///         Ok(())
///     }
/// }
///
/// let mut disk = Memory::default();
/// let window = Duration::from_secs(1);
///
/// let clock = Hlc::new(NodeId::new(1), || PhysicalTime::from_secs(60));
/// let last = DurableHlc::open(clock, &mut disk, window)?.now()?;
///
/// // After the restart the physical clock is a minute behind.
/// let clock = Hlc::new(NodeId::new(1), || PhysicalTime::from_secs(0));
/// let mut restarted = DurableHlc::open(clock, &mut disk, window)?;
/// assert!(restarted.now()? > last);
/// assert_eq!(restarted.ahead().as_secs(), 61);
/// # Ok::<(), hlc::DurableError<Infallible>>(())
/// ```
#[derive(Debug)]
pub struct DurableHlc<S, B, T = Timestamp> {
    hlc: Hlc<S, T>,
    store: B,
    /// No stamp above this has been given.
    bound: T,
    window: Duration,
}

impl<S: TimeSource, B: BoundStore<T>, T: HybridTime> DurableHlc<S, B, T> {
    /// Goes on above the stored bound, if there is one.
    ///
    /// Each write of the store serves the stamps of a `window` of time. After
    /// a restart, stamps are ahead of the physical clock by at most that
    /// (and by how far it was set back): see [`ahead`](Self::ahead).
    ///
    /// # Errors
    /// [`DurableError::Store`] where the bound cannot be read.
    pub fn open(
        mut hlc: Hlc<S, T>,
        mut store: B,
        window: Duration,
    ) -> Result<Self, DurableError<B::Error>> {
        let stored = store.load().map_err(DurableError::Store)?;
        let bound = stored.unwrap_or(T::ZERO);
        hlc.clock_mut().raise(bound);
        Ok(Self { hlc, store, bound, window })
    }

    /// How far the clock is ahead of physical time. Whoever wants the stamps
    /// of a restarted node to be near physical time waits this long before the
    /// first event; the order of stamps does not need it.
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.hlc.ahead()
    }

    /// What was counted since this value was made: see [`Hlc::stats`].
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.hlc.stats()
    }

    /// The stamp of a new event, local or a send.
    ///
    /// # Errors
    /// As [`Hlc::now`], and [`DurableError::Store`]; no stamp is given and the
    /// clock is unchanged.
    pub fn now(&mut self) -> Result<HybridStamp<T>, DurableError<B::Error>> {
        self.give(None)
    }

    /// The stamp of the receipt of a message with `stamp`.
    ///
    /// # Errors
    /// As [`Hlc::receive`], and [`DurableError::Store`]; no stamp is given and
    /// the clock is unchanged.
    pub fn receive(
        &mut self,
        stamp: &HybridStamp<T>,
    ) -> Result<HybridStamp<T>, DurableError<B::Error>> {
        self.give(Some(stamp))
    }

    fn give(
        &mut self,
        heard: Option<&HybridStamp<T>>,
    ) -> Result<HybridStamp<T>, DurableError<B::Error>> {
        let plan = self.hlc.plan(heard)?;
        self.cover(plan.timestamp())?;
        Ok(self.hlc.commit(plan))
    }

    /// The hybrid time at this moment, as [`Hlc::peek`]. Its promise survives
    /// restarts: a snapshot that was cut at it stays as it is.
    ///
    /// # Errors
    /// As [`Hlc::peek`], and [`DurableError::Store`]; nothing is promised then.
    pub fn peek(&mut self) -> Result<T, DurableError<B::Error>> {
        let now = self.hlc.peek()?;
        self.cover(now)?;
        Ok(now)
    }

    /// Promises that no stamp up to `cut` will be given from now on, as
    /// [`Hlc::close`], restarts included.
    ///
    /// # Errors
    /// As [`Hlc::close`], and [`DurableError::Store`]; nothing is promised
    /// then.
    pub fn close(&mut self, cut: T) -> Result<(), DurableError<B::Error>> {
        self.hlc.close(cut)?;
        self.cover(cut)
    }

    /// Stores that no stamp above the latest was given, so that the clock does
    /// not come back ahead of physical time: for an orderly stop.
    ///
    /// # Errors
    /// [`DurableError::Store`]; the bound that was stored before still holds.
    pub fn stop(mut self) -> Result<(), DurableError<B::Error>> {
        let latest = self.hlc.clock().latest().timestamp();
        self.store.save(&latest.min(self.bound)).map_err(DurableError::Store)
    }

    /// The clock without its store.
    #[must_use]
    pub const fn hlc(&self) -> &Hlc<S, T> {
        &self.hlc
    }

    /// Sees to it that the stored bound is not below `timestamp`.
    fn cover(&mut self, timestamp: T) -> Result<(), DurableError<B::Error>> {
        if timestamp <= self.bound {
            return Ok(());
        }
        let bound = bound_after(timestamp, self.window);
        self.store.save(&bound).map_err(|error| {
            self.hlc.not_stored();
            DurableError::Store(error)
        })?;
        self.bound = bound;
        Ok(())
    }
}

/// The bound that covers `timestamp` and a window after it. Near the end of
/// time there is no window left.
pub(crate) fn bound_after<T: HybridTime>(timestamp: T, window: Duration) -> T {
    let end = timestamp.physical_time().saturating_add(window);
    T::of_reading(end).unwrap_or(T::MAX).last_of_unit()
}
