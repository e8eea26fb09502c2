//! The horizon clock as a scheme.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::{Assumption, Environment, Guarantee, Guarantees, NodeId, Scheme, duration};

use super::HorizonClock;
use crate::pruned::{TEN, scramble};

/// How many bytes of an id are kept: 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u8", into = "u8")
)]
pub struct IdWidth(u8);

/// A number of bytes that an id cannot be cut to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes is no width for an id: expected 1 to 8")]
pub struct InvalidIdWidth(pub u8);

impl IdWidth {
    /// All eight bytes.
    pub const WHOLE: Self = Self(8);

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0 as usize
    }

    /// The width that three bits of a header name: one byte less.
    pub(super) const fn from_header(less_one: u8) -> Self {
        Self(less_one % 8 + 1)
    }

    /// So many bytes of a number that ids are scattered to evenly, or the
    /// whole id.
    pub(super) const fn cut(self, id: NodeId) -> NodeId {
        if self.0 == 8 {
            return id;
        }
        NodeId::new(scramble(id.get()) >> (64 - 8 * self.0 as u32))
    }
}

impl TryFrom<u8> for IdWidth {
    type Error = InvalidIdWidth;

    fn try_from(bytes: u8) -> Result<Self, InvalidIdWidth> {
        if (1..=8).contains(&bytes) { Ok(Self(bytes)) } else { Err(InvalidIdWidth(bytes)) }
    }
}

impl From<IdWidth> for u8 {
    fn from(width: IdWidth) -> Self {
        width.0
    }
}

impl fmt::Display for IdWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

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
    /// The one of whoever has made the fewest events. Those who have made
    /// many stay, and with them what proves the most orders. Entries carry a
    /// counter, which takes a byte or two.
    Smallest,
    /// One at random, drawn anew with every update of it.
    Random,
}

impl Default for HorizonClocks {
    /// Ten entries, milliseconds, whole ids, and the oldest goes first.
    fn default() -> Self {
        Self {
            k: TEN,
            tick: Duration::from_millis(1),
            ids: IdWidth::WHOLE,
            drop: HorizonDrop::Oldest,
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
        format!("horizon:k={},tick={tick}{ids}{drop}", self.k)
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
