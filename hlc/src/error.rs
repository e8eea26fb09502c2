//! Why a hybrid clock refuses.

use core::time::Duration;

use causal_clock::PhysicalTime;

/// Why a hybrid clock refuses a stamp or an event. The clock is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HlcError {
    /// A stamp is further ahead of the physical clock than the drift bound
    /// allows: the clock of some node runs ahead, or the own one is behind.
    #[error("the stamp is {ahead:?} ahead of this node's clock: at most {bound:?} is accepted")]
    TooFarAhead {
        /// How far ahead of the reading the stamp's time is.
        ahead: Duration,
        /// The drift bound.
        bound: Duration,
    },
    /// The physical clock reads a time that no timestamp can hold.
    #[error(
        "the clock reads {reading} since the epoch: timestamps end in the year 2106, at 4294967296 s"
    )]
    ReadingOutOfRange {
        /// What it reads.
        reading: PhysicalTime,
    },
    /// The last timestamp of the year 2106 has been reached. A clock without
    /// a drift bound gets there today if a hostile stamp takes it there.
    #[error("the clock has reached the last timestamp, in the year 2106")]
    Exhausted,
}
