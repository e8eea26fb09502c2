//! The scheme `hlc`: hybrid logical clocks with their parameter.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use causal_clock::{Assumption, Environment, Guarantee, Guarantees, Scheme, duration};

use crate::HybridLogicalClock;

/// The schemes `hlc` and `hlc:drift=500ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct HybridLogicalClocks {
    /// How far ahead of the physical clock a stamp may be. Further ones are
    /// refused. As text a duration such as `500ms`, or `none`.
    #[cfg_attr(feature = "serde", serde(with = "optional_duration"))]
    pub drift: Option<Duration>,
}

impl Scheme for HybridLogicalClocks {
    type Clock = HybridLogicalClock;

    fn name(&self) -> String {
        self.drift
            .map_or_else(|| "hlc".into(), |bound| format!("hlc:drift={}", duration::format(bound)))
    }

    /// No order is missed or turned round, by theorem 1, and no two events are
    /// taken for one.
    ///
    /// A drift bound refuses what good clocks never send as long as all are
    /// within half of it. Whoever goes on with a message whose stamp was
    /// refused has a past that the clock knows nothing of.
    fn guarantees(&self) -> Guarantees {
        const HELD: Guarantees =
            Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct]);
        match self.drift {
            None => HELD.assuming(&[Assumption::UniqueIds]),
            Some(bound) => {
                HELD.assuming(&[Assumption::UniqueIds, Assumption::ClocksWithin(bound / 2)])
            }
        }
    }

    fn seed(&self, env: &mut impl Environment) -> HybridLogicalClock {
        let clock = HybridLogicalClock::new(env.fresh_id());
        match self.drift {
            None => clock,
            Some(bound) => clock.with_drift(bound),
        }
    }
}

/// An optional duration as text, `none` where there is none.
#[cfg(feature = "serde")]
mod optional_duration {
    use alloc::string::String;
    use core::time::Duration;

    use causal_clock::duration;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            None => to.serialize_str("none"),
            Some(value) => duration::serialize(value, to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        match String::deserialize(from)?.as_str() {
            "none" => Ok(None),
            text => duration::parse(text).map(Some).map_err(D::Error::custom),
        }
    }
}
