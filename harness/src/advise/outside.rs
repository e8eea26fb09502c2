//! Where the best answer is none of the families.

use serde::Serialize;

use super::needs::{Keeps, Needs, Trusted};

/// An answer that is no clock of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outside {
    /// What to take.
    pub what: &'static str,
    /// Why, and what it costs.
    pub why: &'static str,
}

/// From so many participants on, a vector a broadcast is out of the question.
const MANY: u32 = 1_000;

/// What is better than any of the families for these needs.
#[must_use]
pub fn outside(needs: &Needs) -> Option<Outside> {
    if needs.trust.participants == Trusted::Some {
        return Some(Outside {
            what: "a hash graph",
            why: "Each event names the events it follows by their hashes and is signed, so a past \
                  can neither be forged nor changed; some 32 bytes for each head (Merkle clocks \
                  2020, blocklace 2024). With liars among the participants of an asynchronous \
                  system, no clock can tell causality for certain.",
        });
    }
    if needs.needs.keeps == Keeps::History {
        return Some(Outside {
            what: "the graph of the history that is kept anyway",
            why: "A stamp is an id, a number, and the heads it follows, often one or two; it is \
                  exact, however many participants there have been. To compare two stamps, the \
                  graph is walked, so it must be at hand. (Automerge, Loro and git do this.) Ids \
                  are best used again by the next session of the same device.",
        });
    }
    if needs.needs.causal_delivery && needs.participants.live >= MANY {
        return Some(Outside {
            what: "causal broadcast over ordered channels (PC-broadcast)",
            why: "Messages flood over links that keep their order, and a message carries a scalar, \
                  however many participants there are; links are added by a handshake (Nédelec, \
                  Molli, Mostéfaoui 2018). It needs such links, and that every message takes them \
                  all.",
        });
    }
    None
}
