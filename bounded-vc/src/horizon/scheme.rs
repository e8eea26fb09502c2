//! The horizon clock as a scheme.

use alloc::format;
use alloc::string::String;
use core::num::{NonZeroU16, NonZeroU32};
use core::time::Duration;

use causal_clock::{Assumption, Environment, Guarantee, Guarantees, Scheme, duration};

use super::{HorizonBits, HorizonClock, IdWidth};
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
    /// How many bytes of an id are kept. Fewer leave room for more entries.
    /// Where two ids are cut to the same, one stands for both, with the larger
    /// time: no order is missed and what is called concurrent is, still, but
    /// no order is proven any more.
    pub ids: IdWidth,
    /// Which entry goes first.
    pub drop: HorizonDrop,
    /// How many horizons there are. Ids are scattered over as many classes,
    /// and what is dropped raises only that of its class.
    pub horizons: NonZeroU16,
    /// How many bits each of several horizons takes. It can be behind the
    /// latest time by 2^bits − 1 ticks at most, and is raised to that where it
    /// is not: with ticks of a millisecond and six bits, that is 63 ms, and
    /// older events are only guessed to be before later ones. Take long ticks,
    /// or bits for as long as matters.
    pub bits: HorizonBits,
}

/// Which entry of a horizon clock is dropped first. What a stamp proves holds
/// for each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum HorizonDrop {
    /// The one with the earliest time. The horizon is then as low as it can
    /// be, and the fewest concurrent events are taken for ordered.
    #[default]
    Oldest,
    /// The one of whoever has made the fewest events; of as many, the oldest.
    /// Those who have made many stay, and with them what proves the most
    /// orders. A stamp says how many events its own participant has made, in
    /// sixteens, which most often takes a byte; what others said stays in the
    /// clock.
    Smallest,
    /// One at random, drawn anew with every update of it.
    Random,
}

impl Default for HorizonClocks {
    /// Ten entries, milliseconds, whole ids, the oldest goes first, and there
    /// is one horizon.
    fn default() -> Self {
        Self {
            k: TEN,
            tick: Duration::from_millis(1),
            ids: IdWidth::WHOLE,
            drop: HorizonDrop::Oldest,
            horizons: NonZeroU16::MIN,
            bits: HorizonBits::default(),
        }
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
        let tick = duration::format(self.tick);
        let ids = match self.ids {
            IdWidth::WHOLE => String::new(),
            ids => format!(",ids={ids}"),
        };
        let drop = match self.drop {
            HorizonDrop::Oldest => "",
            HorizonDrop::Smallest => ",drop=smallest",
            HorizonDrop::Random => ",drop=random",
        };
        let horizons = match self.horizons {
            NonZeroU16::MIN => String::new(),
            horizons => format!(",horizons={horizons},bits={}", self.bits),
        };
        format!("horizon:k={},tick={tick}{ids}{drop}{horizons}", self.k)
    }

    /// No order is missed or turned round; what is called concurrent is. Where
    /// ids are cut, two events may be taken for one. See the
    /// [module](crate::horizon) for the proofs.
    fn guarantees(&self) -> Guarantees {
        let held: &[Guarantee] = match self.ids {
            IdWidth::WHOLE => &[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct],
            _ => &[Guarantee::Complete, Guarantee::Consistent],
        };
        Guarantees::of(held).assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
    }

    fn seed(&self, env: &mut impl Environment) -> HorizonClock {
        HorizonClock::new(*self, env.fresh_id())
    }
}
