//! `[traffic]`: who talks to whom, and how much.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::parse::{Nonsense, expect, rate, share};

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
    /// Whether the receiver answers each message that is no answer (default as
    /// the pattern has it: clients' messages and gossip are answered).
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub answers: bool,
    /// Everybody is active for a while and silent for a while, in turns, each
    /// at times of its own; as many actions in all (default always active).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bursts: Option<Bursts>,
}

/// `[traffic.bursts]`: how long one is active, and how long silent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// Active for this long …
    #[serde(with = "causal_clock::duration")]
    pub on: Duration,
    /// … then silent for this long.
    #[serde(with = "causal_clock::duration")]
    pub off: Duration,
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
    /// Up and down a tree in which places are numbered from the root on, and
    /// each has so many below it: to the one above or one of those below, with
    /// equal chance. Whoever was born last takes the place of one who leaves.
    Tree {
        /// How many below each.
        arity: u32,
    },
    /// To everyone else at once: one event, and a message to each.
    Broadcast,
    /// To one of a few neighbours, who stay the same as long as they are there:
    /// those next to it by birth, each replaced by anyone with some chance
    /// (D. J. Watts, S. H. Strogatz, Nature 393, 1998).
    Neighbours {
        /// How many neighbours.
        degree: u32,
        /// The chance of each to be anyone: 0 a ring, 1 a random graph.
        rewired: f64,
    },
    /// To participants of unequal popularity: the n-th place gets n⁻ˢ as much as
    /// the first. Whoever was born last takes the place of one who leaves.
    Zipf {
        /// The s.
        exponent: f64,
    },
    /// Push–pull: to random participants, who answer.
    Gossip {
        /// How many at once.
        fanout: u32,
    },
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            pattern: Pattern::Uniform,
            rate: 2.0,
            internal_per_send: 1.0,
            answers: false,
            bursts: None,
        }
    }
}

impl Traffic {
    /// Whether the values make sense for this many participants at the start.
    pub(super) fn check(&self, initial: u32) -> Result<(), Nonsense> {
        rate("traffic.rate", self.rate)?;
        expect("traffic.rate", self.rate > 0.0, || {
            "is 0: expected more, or nothing would ever happen".into()
        })?;
        rate("traffic.internal_per_send", self.internal_per_send)?;
        if let Some(Bursts { on, .. }) = self.bursts {
            expect("on", !on.is_zero(), || "is 0s: expected more".into())?;
        }
        match self.pattern {
            Pattern::Uniform | Pattern::Ring | Pattern::Broadcast => Ok(()),
            Pattern::ClientServer { servers } => {
                expect("servers", servers >= 1 && servers < initial, || {
                    format!(
                        "is {servers}: expected at least 1 and fewer than the initial \
                         population, {initial}"
                    )
                })
            }
            Pattern::Pairs { strangers } => share("strangers", strangers),
            Pattern::Tree { arity } => {
                expect("arity", arity >= 1, || "is 0: expected at least 1".into())
            }
            Pattern::Neighbours { degree, rewired } => {
                expect("degree", (1..=1_000).contains(&degree), || {
                    format!("is {degree}: expected from 1 to 1000")
                })?;
                share("rewired", rewired)
            }
            Pattern::Zipf { exponent } => {
                expect("exponent", (0.0..=10.0).contains(&exponent), || {
                    format!("is {exponent}: expected from 0 to 10")
                })
            }
            Pattern::Gossip { fanout } => {
                expect("fanout", fanout >= 1, || "is 0: expected at least 1".into())
            }
        }
    }
}
