//! The tree clock as a scheme.

use alloc::string::String;

use causal_clock::{Assumption, Environment, Guarantees, Scheme};

use super::TreeClock;

/// Tree clocks: `tree`. No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct TreeClocks {}

impl Scheme for TreeClocks {
    type Clock = TreeClock;

    fn name(&self) -> String {
        "tree".into()
    }

    /// Exact, as long as ids are unique and nobody goes on from an older
    /// state: then a time would name two states of knowledge.
    fn guarantees(&self) -> Guarantees {
        Guarantees::exact().assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
    }

    fn seed(&self, env: &mut impl Environment) -> TreeClock {
        TreeClock::new(env.fresh_id())
    }
}
