//! A clock for many threads that survives restarts: the shared clock, and a
//! stored bound that only one thread in a window of time has to move.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use crate::durable::bound_after;
use crate::{BoundStore, DurableError, HybridStamp, PackedTimestamp, SharedHlc, Stats, TimeSource};

/// A [`SharedHlc`] with a stored upper bound of its stamps, as
/// [`DurableHlc`](crate::DurableHlc) has.
///
/// A stamp that the bound covers is given without a lock. The first that it
/// does not cover waits for the store, and with it all others beyond the
/// bound.
///
/// To drop it is safe and stores nothing: the next life begins above the bound,
/// up to a window ahead of physical time. [`stop`](Self::stop) spares it that.
///
/// ```no_run
/// use causal_clock::NodeId;
/// use hlc::{FileStore, SharedDurableHlc, SharedHlc, SystemClock};
/// use std::time::Duration;
///
/// let store = FileStore::open("/var/lib/shop/clock")?;
/// let shared = SharedHlc::new(NodeId::new(7), SystemClock);
/// let clock = SharedDurableHlc::open(shared, store, Duration::from_secs(1))?;
/// std::thread::scope(|threads| {
///     threads.spawn(|| clock.now());
///     threads.spawn(|| clock.now());
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SharedDurableHlc<S, B, const COUNTER_BITS: u32 = 16> {
    shared: SharedHlc<S, COUNTER_BITS>,
    /// What is stored. Raised only under the lock and after the store.
    bound: AtomicU64,
    store: Mutex<B>,
    window: Duration,
}

impl<S, B, const COUNTER_BITS: u32> SharedDurableHlc<S, B, COUNTER_BITS>
where
    S: TimeSource,
    B: BoundStore<PackedTimestamp<COUNTER_BITS>>,
{
    /// Goes on above the stored bound, if there is one. Each write of the
    /// store serves the stamps of a `window` of time.
    ///
    /// # Errors
    /// [`DurableError::Store`] where the bound cannot be read.
    pub fn open(
        shared: SharedHlc<S, COUNTER_BITS>,
        mut store: B,
        window: Duration,
    ) -> Result<Self, DurableError<B::Error>> {
        let stored = store.load().map_err(DurableError::Store)?;
        let bound = stored.unwrap_or(PackedTimestamp::ZERO);
        shared.raise(bound);
        let bound = AtomicU64::new(bound.to_bits());
        Ok(Self { shared, bound, store: Mutex::new(store), window })
    }

    /// The stamp of a new event, local or a send.
    ///
    /// # Errors
    /// As [`SharedHlc::now`], and [`DurableError::Store`]: then no stamp is
    /// given.
    pub fn now(
        &self,
    ) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, DurableError<B::Error>> {
        let stamp = self.shared.now()?;
        self.cover(stamp.timestamp())?;
        Ok(stamp)
    }

    /// The stamp of the receipt of a message with `stamp`.
    ///
    /// # Errors
    /// As [`SharedHlc::receive`], and [`DurableError::Store`]: then no stamp is
    /// given, but the past is taken over.
    pub fn receive(
        &self,
        stamp: &HybridStamp<PackedTimestamp<COUNTER_BITS>>,
    ) -> Result<HybridStamp<PackedTimestamp<COUNTER_BITS>>, DurableError<B::Error>> {
        let stamp = self.shared.receive(stamp)?;
        self.cover(stamp.timestamp())?;
        Ok(stamp)
    }

    /// The hybrid time at this moment, as [`SharedHlc::peek`]. Its promise
    /// survives restarts: a snapshot that was cut at it stays as it is.
    ///
    /// # Errors
    /// As [`SharedHlc::peek`], and [`DurableError::Store`]; nothing is promised
    /// then.
    pub fn peek(&self) -> Result<PackedTimestamp<COUNTER_BITS>, DurableError<B::Error>> {
        let now = self.shared.peek()?;
        self.cover(now)?;
        Ok(now)
    }

    /// Promises that no stamp up to `cut` will be given by any call that begins
    /// after this one returns, as [`SharedHlc::close`], restarts included.
    ///
    /// # Errors
    /// As [`SharedHlc::close`], and [`DurableError::Store`]; nothing is promised
    /// then.
    pub fn close(&self, cut: PackedTimestamp<COUNTER_BITS>) -> Result<(), DurableError<B::Error>> {
        self.shared.close(cut)?;
        self.cover(cut)
    }

    /// Stores that no stamp above the latest was given, so that the clock does
    /// not come back ahead of physical time: for an orderly stop, when no other
    /// thread has the clock any more.
    ///
    /// # Errors
    /// [`DurableError::Store`]; the bound that was stored before still holds.
    pub fn stop(self) -> Result<(), DurableError<B::Error>> {
        let latest = self.shared.clock().latest().timestamp();
        let bound = PackedTimestamp::from_bits(self.bound.into_inner());
        let mut store = self.store.into_inner().unwrap_or_else(PoisonError::into_inner);
        // What is above the bound was refused to those who asked for it.
        store.save(&latest.min(bound)).map_err(DurableError::Store)
    }

    /// How far the clock is ahead of physical time, as
    /// [`DurableHlc::ahead`](crate::DurableHlc::ahead).
    #[must_use]
    pub fn ahead(&self) -> Duration {
        self.shared.ahead()
    }

    /// What was counted since this value was made: see [`SharedHlc::stats`]. A
    /// stamp that could not be stored is counted as a stamp and as refused.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// The clock without its store. Stamps that it gives by itself are not
    /// covered by the bound.
    #[must_use]
    pub const fn shared(&self) -> &SharedHlc<S, COUNTER_BITS> {
        &self.shared
    }

    /// Sees to it that the stored bound is not below `timestamp`, which nobody
    /// has seen yet.
    fn cover(
        &self,
        timestamp: PackedTimestamp<COUNTER_BITS>,
    ) -> Result<(), DurableError<B::Error>> {
        // Acquire and release: who sees a bound, sees it stored.
        let covered = || timestamp.to_bits() <= self.bound.load(Ordering::Acquire);
        if covered() {
            return Ok(());
        }
        // A store that panicked has not raised the bound: nothing is torn.
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if covered() {
            return Ok(()); // Another thread was faster.
        }
        let bound = bound_after(timestamp, self.window);
        store.save(&bound).map_err(|error| {
            self.shared.not_stored();
            DurableError::Store(error)
        })?;
        self.bound.store(bound.to_bits(), Ordering::Release);
        Ok(())
    }
}
