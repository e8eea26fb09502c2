//! Random executions with churn, as a proptest strategy that shrinks well.
//!
//! An operation names participants and messages by numbers that are taken
//! modulo however many there are, so that every sequence of operations means
//! something, and any part of a failing one can be left out.

use core::time::Duration;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

/// What can happen, to participants and messages named modulo their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// An internal event.
    Event {
        /// Where.
        at: u8,
    },
    /// An event whose stamp goes into a message, which stays deliverable: it
    /// may be received never, once, twice, and in any order.
    Send {
        /// The sender.
        at: u8,
    },
    /// A message is merged and its receipt recorded as an event.
    Receive {
        /// The receiver.
        at: u8,
        /// Which message.
        message: u8,
    },
    /// A message is merged without an event.
    Merge {
        /// The receiver.
        at: u8,
        /// Which message.
        message: u8,
    },
    /// Two participants synchronise, without an event.
    Sync {
        /// One.
        at: u8,
        /// The other; nothing happens where they are the same.
        with: u8,
    },
    /// A participant is born of another, unless there are as many as allowed.
    Fork {
        /// The parent.
        at: u8,
    },
    /// A participant retires into another, unless it is the last one.
    Retire {
        /// Who goes.
        at: u8,
        /// Into whom.
        into: u8,
    },
    /// A participant vanishes with all it knew, unless it is the last one.
    Crash {
        /// Who goes.
        at: u8,
    },
    /// A participant is stopped and goes on from its bytes.
    Restart {
        /// Which one.
        at: u8,
    },
}

/// An operation, and how much time passes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// Milliseconds since the operation before.
    pub after_ms: u8,
    /// The operation.
    pub op: Op,
}

/// A random execution. Where a participant's physical clock is concerned, the
/// `n`th participant born is ahead of true time by `skews_ms[n % len]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// How far each participant's clock is ahead, in milliseconds.
    pub skews_ms: Vec<u16>,
    /// How many participants may live at once.
    pub max_live: usize,
    /// What happens.
    pub ops: Vec<Timed>,
}

/// How large, how crowded, and with how bad clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// At most this many operations.
    pub max_ops: usize,
    /// At most this many participants at once.
    pub max_live: usize,
    /// Physical clocks differ by at most this much (65 s at most).
    pub max_skew: Duration,
    /// How many forks for every 40 operations.
    pub forks: u32,
    /// How many crashes for every 40 operations.
    pub crashes: u32,
}

impl Default for Shape {
    /// Up to 100 operations of up to 12 participants with clocks up to 50 ms
    /// apart.
    fn default() -> Self {
        Self {
            max_ops: 100,
            max_live: 12,
            max_skew: Duration::from_millis(50),
            forks: 5,
            crashes: 1,
        }
    }
}

/// Executions of this shape.
pub fn executions(shape: &Shape) -> impl Strategy<Value = Execution> + use<> {
    let max_live = shape.max_live.max(1);
    let max_skew = u16::try_from(shape.max_skew.as_millis()).unwrap_or(u16::MAX);
    let op = prop_oneof![
        8 => any::<u8>().prop_map(|at| Op::Event { at }),
        8 => any::<u8>().prop_map(|at| Op::Send { at }),
        8 => any::<(u8, u8)>().prop_map(|(at, message)| Op::Receive { at, message }),
        3 => any::<(u8, u8)>().prop_map(|(at, message)| Op::Merge { at, message }),
        3 => any::<(u8, u8)>().prop_map(|(at, with)| Op::Sync { at, with }),
        shape.forks => any::<u8>().prop_map(|at| Op::Fork { at }),
        3 => any::<(u8, u8)>().prop_map(|(at, into)| Op::Retire { at, into }),
        shape.crashes => any::<u8>().prop_map(|at| Op::Crash { at }),
        1 => any::<u8>().prop_map(|at| Op::Restart { at }),
    ];
    // Time often stands still, so that equal readings are common.
    let after_ms = prop_oneof![2 => Just(0), 1 => 0..20_u8];
    let timed = (after_ms, op).prop_map(|(after_ms, op)| Timed { after_ms, op });
    (vec(0..=max_skew, 1..=max_live), vec(timed, 0..=shape.max_ops))
        .prop_map(move |(skews_ms, ops)| Execution { skews_ms, max_live, ops })
}
