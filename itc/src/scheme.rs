//! Interval tree clocks as a [`Scheme`]: a thin layer over [`Itc`].

use alloc::string::String;

use causal_clock::{CausalClock, Environment, Guarantees, Rejected, Scheme};

use crate::{Itc, ItcError, Stamp};

/// The scheme `itc`: no parameters, exact without assumptions, and it asks
/// nothing of its environment.
///
/// It takes clocks that are handled as they must be: a clock that goes on from
/// old bytes, or twice from the same, is the one thing that breaks it.
///
/// ```
/// use causal_clock::{CausalClock, Guarantees, ManualEnvironment, Scheme};
/// use itc::IntervalTreeClocks;
///
/// let scheme = IntervalTreeClocks {};
/// assert_eq!((scheme.name().as_str(), scheme.guarantees()), ("itc", Guarantees::exact()));
///
/// let env = &mut ManualEnvironment::default();
/// let mut a = scheme.seed(env);
/// let b = CausalClock::fork(&mut a, env);
/// assert_eq!(b.to_string(), "((0,1),0)");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct IntervalTreeClocks {}

impl Scheme for IntervalTreeClocks {
    type Clock = Itc;

    fn name(&self) -> String {
        "itc".into()
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::exact()
    }

    fn seed(&self, _: &mut impl Environment) -> Itc {
        Itc::seed()
    }
}

impl CausalClock for Itc {
    type Stamp = Stamp;
    type Error = ItcError;

    fn fork(&mut self, _: &mut impl Environment) -> Self {
        self.fork()
    }

    fn event(&mut self, _: &mut impl Environment) -> Result<(), ItcError> {
        Ok(self.event()?)
    }

    fn stamp(&self) -> Stamp {
        self.peek()
    }

    fn merge(&mut self, stamp: &Stamp, _: &mut impl Environment) -> Result<(), ItcError> {
        self.merge(stamp);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        self.join(retired)
    }

    /// As in [`placement`](crate::placement), in bits.
    fn fork_cost(&self) -> Option<i64> {
        i64::try_from(self.id().split_cost()?).ok()
    }

    /// As in [`placement`](crate::placement), in bits.
    fn join_cost(&self, retiring: &Self) -> Option<i64> {
        i64::try_from(self.id().sum_cost(retiring.id()).ok()?).ok()
    }
}
