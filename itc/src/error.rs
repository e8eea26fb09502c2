//! Why an operation is refused.

use causal_clock::CounterOverflow;

use crate::Id;

/// Two ids own a common part of the interval.
///
/// It never happens between clocks that were forked from one seed and each
/// joined at most once. Where it does, a clock was copied, or went on from an
/// old state, and events may have been taken for one another's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the ids overlap: both own {common}")]
pub struct IdOverlap {
    /// What both own.
    pub common: Id,
}

/// Why an event cannot be recorded. The clock is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The id owns nothing to count in.
    #[error("an anonymous clock, whose id is 0, can make no event")]
    Anonymous,
    /// The counter is full, as only a made-up stamp can bring about.
    #[error(transparent)]
    Overflow(#[from] CounterOverflow),
}

/// Why an operation of a clock is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ItcError {
    /// See [`EventError`].
    #[error(transparent)]
    Event(#[from] EventError),
    /// See [`IdOverlap`].
    #[error(transparent)]
    Overlap(#[from] IdOverlap),
}
