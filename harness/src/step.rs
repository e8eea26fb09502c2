//! What an execution is made of: steps, each at a physical time.

use causal_clock::PhysicalTime;
use serde::{Deserialize, Serialize};

/// A participant, numbered from 0 in order of birth. A number is never used
/// again.
pub type Participant = u32;

/// A message slot. A number stands for the latest message that was sent under
/// it, so that it can be used again once that one has arrived.
pub type Message = u32;

/// One thing that happens. Participant 0 is there from the start, with an
/// empty past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase", deny_unknown_fields)]
pub enum Step {
    /// An internal event.
    Event {
        /// Where.
        node: Participant,
    },
    /// An event whose stamp goes into a message.
    Send {
        /// The sender.
        node: Participant,
        /// The message.
        message: Message,
    },
    /// A message is merged, and its receipt is an event.
    Receive {
        /// The receiver.
        node: Participant,
        /// The message.
        message: Message,
    },
    /// A message is merged without an event.
    Merge {
        /// The receiver.
        node: Participant,
        /// The message.
        message: Message,
    },
    /// A message will never be received.
    Lose {
        /// The message.
        message: Message,
    },
    /// Names a participant that would do as well as the parent of the next
    /// [`Fork`](Self::Fork), or as the heir of the next
    /// [`Retire`](Self::Retire), which is the next step but for further
    /// candidates. A clock with a preference takes the best of them and the
    /// one that the step itself names; every other clock takes the latter.
    Candidate {
        /// Who.
        node: Participant,
    },
    /// A participant is born and shares its parent's past. No event.
    Fork {
        /// The parent.
        node: Participant,
        /// The newborn, the next number not yet used.
        child: Participant,
    },
    /// A participant retires into another, which takes over its past. No
    /// event.
    Retire {
        /// Who leaves.
        node: Participant,
        /// Who stays.
        into: Participant,
    },
    /// A participant vanishes with all it knew.
    Crash {
        /// Who.
        node: Participant,
    },
    /// A participant stops and goes on from the bytes of its clock, as stored
    /// after its latest step. No event, and nothing is forgotten but what a
    /// clock leaves out of its bytes.
    Restart {
        /// Who.
        node: Participant,
    },
    /// A participant's clock is backed up: its bytes are kept. No event.
    Save {
        /// Whose.
        node: Participant,
    },
    /// A participant goes on from its latest backup, and has forgotten what it
    /// did since. Its id is used again for what it does next: no clock keeps its
    /// promises from here on.
    Restore {
        /// Who.
        node: Participant,
    },
    /// A second participant goes on from the bytes of a clock, id and all. No
    /// event. No clock keeps its promises from here on.
    Twin {
        /// Whose image.
        node: Participant,
        /// The second one, the next number not yet used.
        child: Participant,
    },
}

impl Step {
    /// Whether this step is an event, that is, gets a stamp.
    #[must_use]
    pub const fn is_event(self) -> bool {
        matches!(self, Self::Event { .. } | Self::Send { .. } | Self::Receive { .. })
    }

    /// Whether an id is used twice from here on, and so guarantees are off.
    #[must_use]
    pub const fn breaks_guarantees(self) -> bool {
        matches!(self, Self::Restore { .. } | Self::Twin { .. })
    }

    /// By how much this step changes the number of live participants.
    #[must_use]
    pub const fn population_change(self) -> i64 {
        match self {
            Self::Fork { .. } | Self::Twin { .. } => 1,
            Self::Retire { .. } | Self::Crash { .. } => -1,
            _ => 0,
        }
    }
}

/// A step and what the physical clock of the participant it happens at reads
/// (of the one that stays, where one retires).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedStep {
    /// The reading, in nanoseconds since the Unix epoch.
    #[serde(rename = "t")]
    pub time: PhysicalTime,
    /// What happens.
    #[serde(flatten)]
    pub step: Step,
}
