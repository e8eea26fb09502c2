//! The horizon clock as a scheme.

use alloc::format;
use alloc::string::String;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::{Assumption, Environment, Guarantee, Guarantees, Scheme, duration};

use super::HorizonClock;
use crate::pruned::TEN;

/// Horizon clocks of at most `k` entries: `horizon:k=10,tick=1ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct HorizonClocks {
    /// How many entries a clock and a stamp have at most, the own included.
    pub k: NonZeroU32,
    /// How finely time is counted. A coarser time takes fewer bytes; where
    /// events come faster, times run ahead of the physical clock by a tick an
    /// event. Less than a nanosecond is taken for one.
    #[cfg_attr(feature = "serde", serde(with = "causal_clock::duration"))]
    pub tick: Duration,
}

impl Default for HorizonClocks {
    /// Ten entries, and milliseconds.
    fn default() -> Self {
        Self { k: TEN, tick: Duration::from_millis(1) }
    }
}

impl HorizonClocks {
    pub(super) fn tick_nanos(self) -> u64 {
        u64::try_from(self.tick.as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

impl Scheme for HorizonClocks {
    type Clock = HorizonClock;

    fn name(&self) -> String {
        format!("horizon:k={},tick={}", self.k, duration::format(self.tick))
    }

    /// No order is missed or turned round; what is called concurrent is. See
    /// the [module](crate::horizon) for the proofs.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
    }

    fn seed(&self, env: &mut impl Environment) -> HorizonClock {
        HorizonClock::new(*self, env.fresh_id())
    }
}
