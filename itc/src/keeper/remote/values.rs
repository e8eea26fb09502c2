//! What goes to and from the keeper.

use crate::keeper::{KeeperError, Ticket};
use crate::{EventTree, Id};

/// What a member asks of the keeper: made by a
/// [`RemoteMember`](super::RemoteMember), to be sent until it is replied to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[must_use = "a request does nothing before the keeper has it"]
pub struct Request {
    /// Who asks.
    pub ticket: Ticket,
    /// Which of its requests it is, from one on; zero is to be the first
    /// participant.
    pub number: u64,
    /// What for.
    pub operation: Operation,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Operation {
    /// To be the first participant.
    Seed {
        /// A random number, by which the asker is known from others.
        nonce: u64,
    },
    /// To take into keeping what is known, so that it may be seen.
    Publish {
        /// What is known.
        events: EventTree,
    },
    /// To split off a newborn.
    Fork {
        /// What is known.
        events: EventTree,
    },
    /// To take over the id of a participant that is declared dead.
    Reclaim {
        /// What is known.
        events: EventTree,
        /// Whose id.
        dead: Ticket,
    },
}

/// The keeper's reply to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Reply {
    /// Who asked.
    pub ticket: Ticket,
    /// Which of its requests it was.
    pub number: u64,
    /// What came of it.
    pub result: Result<Answer, Refusal>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Answer {
    /// The asker is the first participant.
    Seeded,
    /// What was known is in keeping.
    Published,
    /// There is a newborn.
    Forked {
        /// What is left to the asker.
        id: Id,
        /// The newborn.
        newborn: Ticket,
        /// What the newborn owns.
        part: Id,
    },
    /// The id of the dead one is the asker's.
    Reclaimed {
        /// What the asker owns.
        id: Id,
        /// What the asker must know from now on.
        events: EventTree,
    },
}

/// Why nothing was done. (What was [`Leaked`](Self::Leaked) is recorded.)
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub enum Refusal {
    /// See [`KeeperError::Fenced`].
    #[error("the ticket {0} is fenced off: its id was given to another")]
    Fenced(Ticket),
    /// See [`KeeperError::Foreign`].
    #[error("the ticket {0} is of another keeper")]
    Foreign(Ticket),
    /// See [`KeeperError::Leaked`]. To ask again, under a new number, succeeds.
    #[error("events were seen that were never deposited, in the part {part}")]
    Leaked {
        /// Where the events were made.
        part: Id,
    },
    /// See [`KeeperError::OwnId`].
    #[error("the participant {0} cannot reclaim its own id")]
    OwnId(Ticket),
    /// See [`KeeperError::Stale`].
    #[error("the deposit of {0} is older than its last one")]
    Stale(Ticket),
    /// See [`KeeperError::Overlap`].
    #[error("the ids overlap: both own {common}")]
    Overlap {
        /// What both own.
        common: Id,
    },
    /// See [`KeeperError::Full`].
    #[error("there are no more tickets")]
    Full,
    /// The id cannot be split any more.
    #[error("the id cannot be split")]
    NothingToSplit,
    /// Another one is the first participant.
    #[error("there is a first participant already")]
    Seeded,
    /// The request was followed by others: nobody waits for a reply.
    #[error("the request was followed by others, up to number {latest}")]
    Old {
        /// The latest request of this member.
        latest: u64,
    },
    /// Another request had this number: two processes use one ticket, and
    /// both must stop.
    #[error("another request had this number: the ticket is used by two")]
    Reused,
    /// The keeper has never seen the request before this one: it went back, and
    /// what it has forgotten makes every reclaim unsafe.
    #[error("the keeper went back: the last request that it knows of is number {latest}")]
    WentBack {
        /// The latest request of this member that the keeper knows of.
        latest: u64,
    },
}

impl From<KeeperError> for Refusal {
    fn from(error: KeeperError) -> Self {
        match error {
            KeeperError::Fenced(ticket) => Self::Fenced(ticket),
            KeeperError::Foreign(ticket) => Self::Foreign(ticket),
            KeeperError::Leaked { part } => Self::Leaked { part },
            KeeperError::OwnId(ticket) => Self::OwnId(ticket),
            KeeperError::Stale(ticket) => Self::Stale(ticket),
            KeeperError::Overlap(overlap) => Self::Overlap { common: overlap.common },
            // The keeper itself makes no events.
            KeeperError::Full | KeeperError::Event(_) => Self::Full,
        }
    }
}

impl Refusal {
    /// Whether the member that gets this must stop for good.
    pub(super) fn is_final(&self, own: Ticket) -> bool {
        match self {
            Self::Fenced(ticket) | Self::Foreign(ticket) => *ticket == own,
            Self::Seeded | Self::Old { .. } | Self::Reused | Self::WentBack { .. } => true,
            _ => false,
        }
    }
}
