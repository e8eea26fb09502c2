//! Why an operation on a clock of this crate can fail.

use causal_clock::CounterOverflow;

/// Why an event or a merge was refused. The clock is then unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A counter is full.
    #[error(transparent)]
    CounterOverflow(#[from] CounterOverflow),
    /// The stamps have different numbers of counters: they are of schemes with
    /// different parameters and say nothing about each other.
    #[error("a stamp of {theirs} counters does not fit a clock of {ours}")]
    DifferentSize {
        /// How many counters this side has.
        ours: usize,
        /// How many the other has.
        theirs: usize,
    },
}
