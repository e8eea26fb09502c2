//! The schemes of hybrid clocks. `hlc`, `hlc96` and `pwc` differ in the form of
//! their timestamps, and share their one parameter; `hvc` and `repcl`
//! are vector clocks that forget.

use alloc::format;
use alloc::string::String;
use core::num::NonZeroU64;
use core::time::Duration;

use causal_clock::{Assumption, Environment, Guarantee, Guarantees, Scheme, duration};

use crate::{
    HybridLogicalClock, HybridTime, HybridVectorClock, PackedTimestamp, ReplayClock, Timestamp,
    WideTimestamp,
};

macro_rules! hybrid_scheme {
    ($(#[$doc:meta])* $scheme:ident, $name:literal, $time:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(deny_unknown_fields, default)
        )]
        pub struct $scheme {
            /// How far ahead of the physical clock a stamp may be. Further ones
            /// are refused. As text a duration such as `500ms`, or `none`.
            #[cfg_attr(feature = "serde", serde(with = "optional_duration"))]
            pub drift: Option<Duration>,
        }

        impl Scheme for $scheme {
            type Clock = HybridLogicalClock<$time>;

            fn name(&self) -> String {
                name($name, self.drift)
            }

            /// No order is missed or turned round, by theorem 1, and no two
            /// events are taken for one.
            ///
            /// A drift bound refuses what good clocks never send as long as
            /// all are within half of it. Whoever goes on with a message whose
            /// stamp was refused has a past that the clock knows nothing of.
            fn guarantees(&self) -> Guarantees {
                guarantees(self.drift)
            }

            fn seed(&self, env: &mut impl Environment) -> HybridLogicalClock<$time> {
                seed(self.drift, env)
            }
        }
    };
}

hybrid_scheme! {
    /// Hybrid logical clocks with the 64-bit timestamps of the paper:
    /// the schemes `hlc` and `hlc:drift=500ms`.
    HybridLogicalClocks, "hlc", Timestamp
}

hybrid_scheme! {
    /// Hybrid logical clocks with 96-bit timestamps: the scheme `hlc96`.
    WideHybridLogicalClocks, "hlc96", WideTimestamp
}

hybrid_scheme! {
    /// Physical clocks with causality, which keep their counter in the eight
    /// lowest bits of a 64-bit NTP timestamp: the scheme `pwc`.
    ///
    /// Kulkarni, Appleton, Nguyen, "Achieving Causality with Physical
    /// Clocks", ICDCN 2022: six to nine bits are more precision than an
    /// application can use, and enough for a counter. What does not fit them
    /// goes into the physical time, which is the carry of this crate's
    /// timestamps; so it is the form that is special and not the clock. With
    /// eight bits the unit of time is 60 ns.
    PhysicalClocksWithCausality, "pwc", PackedTimestamp<8>
}

/// The scheme `hvc:epsilon=100ms`: hybrid vector clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct HybridVectorClocks {
    /// How long other nodes are remembered: the synchronisation error of the
    /// clocks, or more. As text a duration such as `100ms`.
    #[cfg_attr(feature = "serde", serde(with = "duration"))]
    pub epsilon: Duration,
}

impl Default for HybridVectorClocks {
    /// 100 ms, which clocks that are kept by NTP over the internet hold.
    fn default() -> Self {
        Self { epsilon: Duration::from_millis(100) }
    }
}

impl Scheme for HybridVectorClocks {
    type Clock = HybridVectorClock;

    fn name(&self) -> String {
        format!("hvc:epsilon={}", duration::format(self.epsilon))
    }

    /// Whatever the clocks: an order that was forgotten is guessed, the right
    /// way round. What the clocks decide is how many orders are invented.
    fn guarantees(&self) -> Guarantees {
        guarantees(None)
    }

    fn seed(&self, env: &mut impl Environment) -> HybridVectorClock {
        HybridVectorClock::new(env.fresh_id(), self.epsilon)
    }
}

/// The scheme `repcl:interval=10ms,epsilon=100ms`: replay clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ReplayParameters", into = "ReplayParameters")
)]
pub struct ReplayClocks {
    /// In nanoseconds.
    interval: NonZeroU64,
    /// In intervals.
    epsilon: NonZeroU64,
}

/// Why there are no replay clocks with these parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayClocksError {
    /// The interval is zero, or is longer than 584 years.
    #[error("the interval is {0:?}: expected at least a nanosecond and at most 584 years")]
    Interval(Duration),
    /// ε is zero, or no whole number of intervals.
    #[error("epsilon is {epsilon:?}: expected a positive multiple of the interval, {interval:?}")]
    Epsilon {
        /// What was given.
        epsilon: Duration,
        /// What it should be a multiple of.
        interval: Duration,
    },
}

impl ReplayClocks {
    /// Clocks with epochs of `interval`, which remember other nodes for
    /// `epsilon`: the synchronisation error of the clocks, or more.
    ///
    /// # Errors
    /// Where the interval is zero, or `epsilon` is no positive multiple of it.
    pub fn new(interval: Duration, epsilon: Duration) -> Result<Self, ReplayClocksError> {
        let nanos = |d: Duration| u64::try_from(d.as_nanos()).ok().and_then(NonZeroU64::new);
        let length = nanos(interval).ok_or(ReplayClocksError::Interval(interval))?;
        nanos(epsilon)
            .filter(|epsilon| epsilon.get() % length == 0)
            .and_then(|epsilon| NonZeroU64::new(epsilon.get() / length))
            .map(|epsilon| Self { interval: length, epsilon })
            .ok_or(ReplayClocksError::Epsilon { epsilon, interval })
    }

    /// The length of an epoch.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval.get())
    }

    /// How long other nodes are remembered.
    #[must_use]
    pub const fn epsilon(&self) -> Duration {
        Duration::from_nanos(self.interval.get().saturating_mul(self.epsilon.get()))
    }
}

impl Default for ReplayClocks {
    /// Epochs of 10 ms, remembered for 100 ms.
    fn default() -> Self {
        const NANOS: NonZeroU64 = NonZeroU64::new(10_000_000).unwrap();
        const EPOCHS: NonZeroU64 = NonZeroU64::new(10).unwrap();
        Self { interval: NANOS, epsilon: EPOCHS }
    }
}

impl Scheme for ReplayClocks {
    type Clock = ReplayClock;

    fn name(&self) -> String {
        let (interval, epsilon) = (self.interval(), self.epsilon());
        format!(
            "repcl:interval={},epsilon={}",
            duration::format(interval),
            duration::format(epsilon)
        )
    }

    /// Whatever the clocks: they decide how many orders are invented.
    fn guarantees(&self) -> Guarantees {
        guarantees(None)
    }

    fn seed(&self, env: &mut impl Environment) -> ReplayClock {
        ReplayClock::new(env.fresh_id(), self.interval, self.epsilon)
    }
}

/// The parameters of [`ReplayClocks`] as they are written.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ReplayParameters {
    #[serde(with = "duration")]
    interval: Duration,
    #[serde(with = "duration")]
    epsilon: Duration,
}

#[cfg(feature = "serde")]
impl Default for ReplayParameters {
    fn default() -> Self {
        ReplayClocks::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<ReplayClocks> for ReplayParameters {
    fn from(scheme: ReplayClocks) -> Self {
        Self { interval: scheme.interval(), epsilon: scheme.epsilon() }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ReplayParameters> for ReplayClocks {
    type Error = ReplayClocksError;

    fn try_from(read: ReplayParameters) -> Result<Self, ReplayClocksError> {
        Self::new(read.interval, read.epsilon)
    }
}

fn name(scheme: &str, drift: Option<Duration>) -> String {
    drift.map_or_else(
        || scheme.into(),
        |bound| format!("{scheme}:drift={}", duration::format(bound)),
    )
}

fn guarantees(drift: Option<Duration>) -> Guarantees {
    const HELD: Guarantees =
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct]);
    match drift {
        None => HELD.assuming(&[Assumption::UniqueIds]),
        Some(bound) => HELD.assuming(&[Assumption::UniqueIds, Assumption::ClocksWithin(bound / 2)]),
    }
}

fn seed<T: HybridTime>(
    drift: Option<Duration>,
    env: &mut impl Environment,
) -> HybridLogicalClock<T> {
    let clock = HybridLogicalClock::of_form(env.fresh_id());
    match drift {
        None => clock,
        Some(bound) => clock.with_drift(bound),
    }
}

/// An optional duration as text, `none` where there is none.
#[cfg(feature = "serde")]
mod optional_duration {
    use alloc::string::String;
    use core::time::Duration;

    use causal_clock::duration;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

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
