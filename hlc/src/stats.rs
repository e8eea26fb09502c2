//! What a clock has counted, for operators.

use core::time::Duration;

use causal_clock::PhysicalTime;

use crate::{HlcError, HybridTime};

/// What a clock has counted since it was made: see `stats` of the clocks.
///
/// To be watched: `largest_lead` (how far stamps are ahead of the physical
/// clock), `refused.too_far_ahead` (a peer's clock is fast, or the own one
/// slow), and the jumps of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stats {
    /// The stamps that were given.
    pub stamps: u64,
    /// The largest `l − pt` of a stamp: how far its time was ahead of the
    /// physical clock when it was given. Leads of less than a unit of time
    /// count as none.
    pub largest_lead: Duration,
    /// What was refused.
    pub refused: Refusals,
    /// What was noticed of the physical clock. All zero where the source is
    /// not [`Guarded`](crate::Guarded).
    pub source: SourceStats,
}

/// How often a clock has refused, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Refusals {
    /// [`HlcError::TooFarAhead`]: a peer's stamp was beyond the drift bound.
    pub too_far_ahead: u64,
    /// [`HlcError::ForwardJump`]: the own physical clock had jumped ahead.
    pub forward_jump: u64,
    /// [`HlcError::ReadingOutOfRange`].
    pub out_of_range: u64,
    /// [`HlcError::Exhausted`].
    pub exhausted: u64,
    /// The stamp's bound could not be stored (durable clocks only).
    pub store: u64,
}

impl Refusals {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        let Self { too_far_ahead, forward_jump, out_of_range, exhausted, store } = *self;
        too_far_ahead
            .saturating_add(forward_jump)
            .saturating_add(out_of_range)
            .saturating_add(exhausted)
            .saturating_add(store)
    }
}

/// What a guarded source has noticed of its physical clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SourceStats {
    /// How often the clock was found set back. A step of less than a tenth of
    /// the guard's tolerance is never counted, and one of more than eleven
    /// tenths always.
    pub backward_steps: u64,
    /// The largest of them, from the last reading that was checked.
    pub largest_backward: Duration,
    /// How often the clock was found to have jumped ahead.
    pub forward_jumps: u64,
    /// The largest of them.
    pub largest_forward: Duration,
    /// How often the monotonic source was asked.
    pub checks: u64,
}

/// The counters of a clock with one owner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counters {
    stamps: u64,
    largest_lead: u64,
    refused: Refusals,
}

impl Counters {
    pub(crate) const NONE: Self = Self {
        stamps: 0,
        largest_lead: 0,
        refused: Refusals {
            too_far_ahead: 0,
            forward_jump: 0,
            out_of_range: 0,
            exhausted: 0,
            store: 0,
        },
    };

    #[inline]
    pub(crate) fn stamped<T: HybridTime>(&mut self, timestamp: T, now: T, reading: PhysicalTime) {
        self.stamps = self.stamps.saturating_add(1);
        if timestamp > now.last_of_unit() {
            self.largest_lead = self.largest_lead.max(lead(timestamp, reading));
        }
    }

    #[cold]
    pub(crate) fn refused(&mut self, error: HlcError) -> HlcError {
        let Refusals { too_far_ahead, forward_jump, out_of_range, exhausted, .. } =
            &mut self.refused;
        let counter = match error {
            HlcError::TooFarAhead { .. } => too_far_ahead,
            HlcError::ForwardJump { .. } => forward_jump,
            HlcError::ReadingOutOfRange { .. } => out_of_range,
            HlcError::Exhausted => exhausted,
        };
        *counter = counter.saturating_add(1);
        error
    }

    #[cold]
    pub(crate) fn not_stored(&mut self) {
        self.refused.store = self.refused.store.saturating_add(1);
    }

    pub(crate) const fn stats(&self, source: SourceStats) -> Stats {
        let largest_lead = Duration::from_nanos(self.largest_lead);
        Stats { stamps: self.stamps, largest_lead, refused: self.refused, source }
    }
}

fn lead<T: HybridTime>(timestamp: T, reading: PhysicalTime) -> u64 {
    timestamp.physical_time().as_nanos().saturating_sub(reading.as_nanos())
}

#[cfg(target_has_atomic = "64")]
pub(crate) use shared::{SharedCounters, raise};

#[cfg(target_has_atomic = "64")]
mod shared {
    use core::sync::atomic::AtomicU64;
    use core::sync::atomic::Ordering::Relaxed;
    use core::time::Duration;

    use causal_clock::PhysicalTime;

    use super::{Refusals, SourceStats, Stats, lead};
    use crate::{HlcError, HybridTime};

    /// The counters of a clock that threads share. They wrap at 2⁶⁴, which is
    /// centuries away.
    #[derive(Debug, Default)]
    pub(crate) struct SharedCounters {
        stamps: AtomicU64,
        largest_lead: AtomicU64,
        too_far_ahead: AtomicU64,
        forward_jump: AtomicU64,
        out_of_range: AtomicU64,
        exhausted: AtomicU64,
        store: AtomicU64,
    }

    impl SharedCounters {
        #[inline]
        pub(crate) fn stamped<T: HybridTime>(&self, timestamp: T, now: T, reading: PhysicalTime) {
            self.stamps.fetch_add(1, Relaxed);
            if timestamp > now.last_of_unit() {
                raise(&self.largest_lead, lead(timestamp, reading));
            }
        }

        #[cold]
        pub(crate) fn refused(&self, error: HlcError) -> HlcError {
            let counter = match error {
                HlcError::TooFarAhead { .. } => &self.too_far_ahead,
                HlcError::ForwardJump { .. } => &self.forward_jump,
                HlcError::ReadingOutOfRange { .. } => &self.out_of_range,
                HlcError::Exhausted => &self.exhausted,
            };
            counter.fetch_add(1, Relaxed);
            error
        }

        #[cold]
        #[cfg(feature = "std")]
        pub(crate) fn not_stored(&self) {
            self.store.fetch_add(1, Relaxed);
        }

        pub(crate) fn stats(&self, source: SourceStats) -> Stats {
            Stats {
                stamps: self.stamps.load(Relaxed),
                largest_lead: Duration::from_nanos(self.largest_lead.load(Relaxed)),
                refused: Refusals {
                    too_far_ahead: self.too_far_ahead.load(Relaxed),
                    forward_jump: self.forward_jump.load(Relaxed),
                    out_of_range: self.out_of_range.load(Relaxed),
                    exhausted: self.exhausted.load(Relaxed),
                    store: self.store.load(Relaxed),
                },
                source,
            }
        }
    }

    /// Raises `largest` to `value`; reads only, where it is as large already.
    pub(crate) fn raise(largest: &AtomicU64, value: u64) {
        if value > largest.load(Relaxed) {
            largest.fetch_max(value, Relaxed);
        }
    }
}
