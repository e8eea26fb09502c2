//! Why an operation on a clock of this crate can fail, and why parameters
//! can be refused.

use causal_clock::{CounterOverflow, NodeId};

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
    /// The stamps differ in a parameter: they are of different schemes and say
    /// nothing about each other.
    #[error("a stamp of {name}={theirs} does not fit a clock of {name}={ours}")]
    DifferentParameter {
        /// Which parameter.
        name: &'static str,
        /// Its value on this side.
        ours: usize,
        /// Its value on the other.
        theirs: usize,
    },
    /// Two clocks that are to be one participant's bear different ids.
    #[error("a clock of site {first} cannot be combined with one of site {second}")]
    DifferentSites {
        /// The first clock's site.
        first: NodeId,
        /// The second's.
        second: NodeId,
    },
    /// An encoded vector clock has grown to its limit.
    #[error("an integer of {bits} bits is over the limit of {max}")]
    TooLarge {
        /// How many bits it would have.
        bits: usize,
        /// How many it may have.
        max: usize,
    },
}

/// Why parameters make no scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// A parameter is zero.
    #[error("`{name}` is 0, expected at least 1")]
    Zero {
        /// Which one.
        name: &'static str,
    },
    /// A parameter is out of range.
    #[error("`{name}` is {value}, expected 1 to {max}")]
    OutOfRange {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: u16,
        /// The largest that is possible.
        max: u16,
    },
    /// A parameter is no power of two.
    #[error("`{name}` is {value}, expected a power of two")]
    NoPowerOfTwo {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: u16,
    },
}
