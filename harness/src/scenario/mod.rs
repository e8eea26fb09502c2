//! What a run simulates: the people, the traffic, the network and the clocks,
//! read from TOML.
//!
//! A scenario file has a table for each; what is left out has the default
//! shown with each field. `clockbench scenarios NAME` prints a preset to start
//! from.

mod candidates;
mod faults;
mod parse;
mod presets;

use core::time::Duration;

use serde::{Deserialize, Serialize};

pub use candidates::Candidates;
pub use faults::{Fault, FaultKind};
pub use parse::ScenarioError;
pub(crate) use parse::is_name;
pub use presets::{PRESETS, Preset};

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
}

const fn default_events() -> u32 {
    10_000
}

const fn default_seeds() -> u32 {
    30
}

/// `[population]`: who is there, who comes, and who goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Population {
    /// How many are there at the start (default 16), forked in a balanced way
    /// unless `parent` says otherwise.
    pub initial: u32,
    /// Arrivals a second, as a Poisson process (default 0).
    pub arrivals: f64,
    /// An arrival that finds this many live participants is turned away
    /// (default 1,000,000).
    pub max: u32,
    /// A departure that would leave fewer than this many does not happen
    /// (default 2): that participant stays, to the end where its session had a
    /// length of its own.
    pub min: u32,
    /// How long a participant stays (default: for ever). The first ones are
    /// found in the middle of their sessions.
    pub session: Session,
    /// The share of departures that retire into another participant; the
    /// rest crash (default 1).
    pub graceful: f64,
    /// Who forks a newborn (default anyone).
    #[serde(skip_serializing_if = "Kin::is_anyone")]
    pub parent: Kin,
    /// Into whom a departing participant retires (default anyone).
    #[serde(skip_serializing_if = "Kin::is_anyone")]
    pub heir: Kin,
    /// Of how many participants, drawn at random, a clock with a preference
    /// may choose the one that a newborn is forked from; a number, or "all"
    /// (default 1).
    pub fork_best_of: Candidates,
    /// The same for the one that a departing participant retires into
    /// (default 1).
    pub retire_best_of: Candidates,
    /// How ids are drawn (default random).
    pub ids: Ids,
}

/// How long a participant stays.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "law", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Session {
    /// To the end of the execution.
    Endless,
    /// Exponential.
    Exponential {
        /// The mean.
        #[serde(with = "causal_clock::duration")]
        mean: Duration,
    },
    /// Weibull; below shape 1, many short sessions and a few very long ones.
    Weibull {
        /// The shape k.
        shape: f64,
        /// The scale λ.
        #[serde(with = "causal_clock::duration")]
        scale: Duration,
    },
    /// Shifted Pareto (Lomax): the longer one has stayed, the longer one will.
    Pareto {
        /// The shape α, above 1; the mean is the scale over α − 1.
        shape: f64,
        /// The scale β.
        #[serde(with = "causal_clock::duration")]
        scale: Duration,
    },
    /// Lognormal.
    Lognormal {
        /// The median.
        #[serde(with = "causal_clock::duration")]
        median: Duration,
        /// The deviation σ of the logarithm.
        sigma: f64,
    },
}

/// Who forks a newborn, or takes over one who retires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kin {
    /// Anyone, at random.
    #[default]
    Anyone,
    /// The eldest who is there: a hub. Where there are servers, the first one.
    Eldest,
}

impl Kin {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    const fn is_anyone(&self) -> bool {
        matches!(self, Self::Anyone)
    }
}

/// How the environment draws fresh ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// 64 random bits, as where nobody coordinates.
    Random,
    /// 1, 2, 3, …, as where somebody does.
    Sequential,
}

/// `[traffic]`: who talks to whom, and how much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traffic {
    /// Who talks to whom (default uniform).
    pub pattern: Pattern,
    /// Actions a second of each participant, as a Poisson process; an action
    /// is an internal event or a send (default 2).
    pub rate: f64,
    /// Internal events for each send (default 1).
    pub internal_per_send: f64,
}

/// Who talks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Pattern {
    /// To a random participant.
    Uniform,
    /// From the rest to one of the first participants, who never leave, and
    /// who answer each message; they do nothing of their own.
    ClientServer {
        /// How many servers.
        servers: u32,
    },
    /// To the next one, by order of birth.
    Ring,
    /// To the other one of two that were born one after the other; to a random
    /// one now and then, and where the other is gone.
    Pairs {
        /// The share of messages to a random participant.
        strangers: f64,
    },
    /// Push–pull: to random participants, who answer.
    Gossip {
        /// How many at once.
        fanout: u32,
    },
}

/// `[network]`: what happens to messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// The least delay (default 1 ms).
    #[serde(with = "causal_clock::duration")]
    pub min_delay: Duration,
    /// The mean of what comes on top, exponentially (default 20 ms).
    #[serde(with = "causal_clock::duration")]
    pub mean_extra_delay: Duration,
    /// The share of messages that never arrive (default 0). Messages to
    /// participants who left never do.
    pub loss: f64,
    /// Whether messages from one participant to another arrive in the order in
    /// which they were sent (default false).
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub fifo: bool,
}

/// `[clocks]`: how far physical clocks are off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// At birth, a clock is at most this much ahead or behind, uniformly
    /// (default 10 ms).
    #[serde(with = "causal_clock::duration")]
    pub skew: Duration,
    /// It runs at most this much fast or slow, in millionths, uniformly
    /// (default 50).
    pub drift_ppm: f64,
    /// `[[clocks.fault]]`: what is wrong with some of them (default nothing).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fault: Vec<Fault>,
}

impl Default for Population {
    fn default() -> Self {
        Self {
            initial: 16,
            arrivals: 0.0,
            max: 1_000_000,
            min: 2,
            session: Session::Endless,
            graceful: 1.0,
            parent: Kin::Anyone,
            heir: Kin::Anyone,
            fork_best_of: Candidates::ONE,
            retire_best_of: Candidates::ONE,
            ids: Ids::Random,
        }
    }
}

impl Default for Traffic {
    fn default() -> Self {
        Self { pattern: Pattern::Uniform, rate: 2.0, internal_per_send: 1.0 }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_millis(1),
            mean_extra_delay: Duration::from_millis(20),
            loss: 0.0,
            fifo: false,
        }
    }
}

impl Default for Clocks {
    fn default() -> Self {
        Self { skew: Duration::from_millis(10), drift_ppm: 50.0, fault: Vec::new() }
    }
}
