//! What can be wrong with a write, with the parts of a set, and with its bytes.

use causal_clock::{CounterOverflow, DecodeError, NodeId};

use crate::VersionVectorError;

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The context knows of writes that it cannot know of: it was read from
    /// another object, or writes were lost, or it lies.
    #[error("the context knows {context} writes of server {server}, of which there are {known}")]
    ForeignContext {
        /// The server whose writes they are.
        server: NodeId,
        /// How many of its writes the context knows.
        context: u64,
        /// How many are known here.
        known: u64,
    },
    /// No further write can be named.
    #[error(transparent)]
    Overflow(#[from] CounterOverflow),
}

/// Why parts make no [`DvvSet`](crate::DvvSet).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DvvSetError {
    /// The ids and counters make no context.
    #[error(transparent)]
    Context(#[from] VersionVectorError),
    /// A server has more values than it made writes.
    #[error("there are {values} values of {writes} writes of server {server}")]
    TooManyValues {
        /// The server.
        server: NodeId,
        /// How many values there are.
        values: u64,
        /// How many writes it made.
        writes: u64,
    },
}

/// Why bytes are no [`DvvSet`](crate::DvvSet) whose values are refused with
/// `E`. Positions count bytes from the start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DvvSetDecodeError<E> {
    /// The bytes around the values are no canonical encoding. Then no value
    /// was read.
    #[error(transparent)]
    Form(#[from] DecodeError),
    /// A value was refused.
    #[error("the value at byte {at} is refused")]
    Value {
        /// Where it starts.
        at: usize,
        /// What was said of it.
        source: E,
    },
}
