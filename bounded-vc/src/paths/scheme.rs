//! Path clocks as a scheme.

use alloc::string::String;

use causal_clock::{Assumption, Environment, Guarantees, Scheme};

use super::PathClock;

/// Exact vector clocks with ids by path of births: `vc-paths`. No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct PathClocks {}

impl Scheme for PathClocks {
    type Clock = PathClock;

    fn name(&self) -> String {
        "vc-paths".into()
    }

    /// Exact, as long as nobody goes on from an older state: then two
    /// participants or two events would have one name.
    fn guarantees(&self) -> Guarantees {
        Guarantees::exact().assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
    }

    fn seed(&self, _: &mut impl Environment) -> PathClock {
        PathClock::root(0)
    }
}
