//! The one word that threads share, and the loop that moves it on. Kept apart
//! from everything else so that a model checker can run this very file
//! (`interleavings/tests/interleavings.rs`).
//!
//! All operations are relaxed. Distinct stamps need only that the changes of
//! one word have one order. And where one thread's stamp reaches another by
//! any synchronised way, coherence alone makes the other's next change come
//! later in that order. The stamps order nothing but themselves: they publish
//! no other memory.

use core::sync::atomic::Ordering::Relaxed;

use crate::PackedTimestamp;
use crate::atomic::AtomicU64;

/// The latest timestamp of a clock that threads share.
#[derive(Debug)]
pub(crate) struct TimestampCell<const COUNTER_BITS: u32>(AtomicU64);

impl<const COUNTER_BITS: u32> TimestampCell<COUNTER_BITS> {
    pub(crate) fn new(latest: PackedTimestamp<COUNTER_BITS>) -> Self {
        Self(AtomicU64::new(latest.to_bits()))
    }

    pub(crate) fn latest(&self) -> PackedTimestamp<COUNTER_BITS> {
        PackedTimestamp::from_bits(self.0.load(Relaxed))
    }

    /// Moves on to a timestamp that is larger than every one before, and at
    /// least `floor`. `None` where there is none.
    ///
    /// Lock-free: a try fails only where another thread's succeeds.
    pub(crate) fn tick(
        &self,
        floor: PackedTimestamp<COUNTER_BITS>,
    ) -> Option<PackedTimestamp<COUNTER_BITS>> {
        let mut latest = self.0.load(Relaxed);
        loop {
            let next = PackedTimestamp::from_bits(latest).next(floor)?;
            match self.0.compare_exchange_weak(latest, next.to_bits(), Relaxed, Relaxed) {
                Ok(_) => return Some(next),
                Err(changed) => latest = changed,
            }
        }
    }

    /// Takes over `heard`, without a new timestamp.
    pub(crate) fn observe(&self, heard: PackedTimestamp<COUNTER_BITS>) {
        self.0.fetch_max(heard.to_bits(), Relaxed);
    }
}
