//! What a run simulates: the people, the traffic, the network and the clocks,
//! read from TOML.
//!
//! A scenario file has a table for each; what is left out has the default
//! shown with each field. `clockbench scenarios NAME` prints a preset to start
//! from.

mod candidates;
mod clocks;
mod faults;
mod files;
mod law;
mod network;
mod optional;
mod parse;
mod population;
mod presets;
mod timetable;
mod traffic;
mod warnings;

use serde::{Deserialize, Serialize};

pub use candidates::Candidates;
pub use clocks::Clocks;
pub use faults::{Fault, FaultKind};
pub use law::Law;
pub use network::{BadSpells, Network};
pub use parse::ScenarioError;
pub(crate) use parse::is_name;
pub use population::{Cohort, Daily, Ids, Kin, Offline, Peers, Population, Visits};
pub use presets::{PRESETS, Preset};
pub use timetable::{Incident, What, Who};
pub use traffic::{Bursts, Pattern, Traffic};

/// Everything that shapes an execution but its seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Names the cell in results.
    pub name: String,
    /// One sentence for people.
    #[serde(default)]
    pub description: String,
    /// The execution ends with its this-many-th event (default 10,000).
    #[serde(default = "default_events")]
    pub events: u32,
    /// How many seeds a run takes unless told otherwise (default 30).
    #[serde(default = "default_seeds")]
    pub seeds: u32,
    /// Who is there, who comes, and who goes.
    #[serde(default)]
    pub population: Population,
    /// Who talks to whom, and how much.
    #[serde(default)]
    pub traffic: Traffic,
    /// What happens to messages.
    #[serde(default)]
    pub network: Network,
    /// How far physical clocks are off.
    #[serde(default)]
    pub clocks: Clocks,
    /// `[[fault]]`: what goes wrong, and when (default nothing).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fault: Vec<Incident>,
}

const fn default_events() -> u32 {
    10_000
}

const fn default_seeds() -> u32 {
    30
}
