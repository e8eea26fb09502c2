//! The exact vector clock as a scheme.

use alloc::string::String;

use causal_clock::{Assumption, Environment, Guarantees, Scheme};

use super::VectorClock;

/// Exact vector clocks: `vc`. No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct VectorClocks {}

impl Scheme for VectorClocks {
    type Clock = VectorClock;

    fn name(&self) -> String {
        "vc".into()
    }

    /// Exact, as long as ids are unique and nobody goes on from an older
    /// state: then two events would have one name.
    fn guarantees(&self) -> Guarantees {
        Guarantees::exact().assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
    }

    fn seed(&self, env: &mut impl Environment) -> VectorClock {
        VectorClock::new(env.fresh_id())
    }
}
