//! Why a hybrid clock refuses.

use core::time::Duration;

use causal_clock::PhysicalTime;

use crate::HybridStamp;

/// Why a hybrid clock refuses a stamp or an event. The clock is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HlcError {
    /// A stamp is further ahead of the physical clock than the drift bound
    /// allows: the clock of some node runs ahead, or the own one is behind.
    #[error(
        "the stamp is {:?} ahead of this node's clock: at most {:?} is accepted",
        Duration::from_nanos(*ahead_nanos),
        Duration::from_nanos(*bound_nanos)
    )]
    TooFarAhead {
        /// How far ahead of the reading the stamp's time is, in nanoseconds.
        ahead_nanos: u64,
        /// The drift bound, in nanoseconds.
        bound_nanos: u64,
    },
    /// The node's own physical clock has jumped ahead, by a monotonic source
    /// ([`Guarded`](crate::Guarded)). No stamp is given until it is mended, or
    /// believed.
    #[error(
        "this node's clock is {:?} ahead of what it should read: at most {:?} is tolerated",
        Duration::from_nanos(*ahead_nanos),
        Duration::from_nanos(*tolerance_nanos)
    )]
    ForwardJump {
        /// How far ahead the reading is, in nanoseconds.
        ahead_nanos: u64,
        /// The guard's tolerance, in nanoseconds.
        tolerance_nanos: u64,
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

// Every operation gives a stamp or an error, so an error should be as small as
// a stamp: with two `Duration`s in it, `receive` took half as long again.
const _: () = assert!(size_of::<Result<HybridStamp, HlcError>>() <= 24);
