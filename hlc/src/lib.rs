//! Clocks that look at the wall: hybrid logical clocks, and the physical
//! timestamps they improve on.
//!
//! A [`HybridLogicalClock`] gives events timestamps that are close to physical
//! time and that never contradict causality: what happened before has the
//! smaller timestamp, however badly the physical clocks are set. A timestamp
//! is 64 bits ([`Timestamp`]); a [`HybridStamp`] has the node beside it.
//!
//! ```
//! use causal_clock::{NodeId, PhysicalTime};
//! use hlc::HybridLogicalClock;
//! use std::time::Duration;
//!
//! let mut clock = HybridLogicalClock::new(NodeId::new(1)).with_drift(Duration::from_millis(500));
//! let first = clock.tick(PhysicalTime::from_secs(7))?;
//! let second = clock.tick(PhysicalTime::from_secs(6))?; // the clock was set back
//! assert!(first < second);
//! # Ok::<(), hlc::HlcError>(())
//! ```
//!
//! For use in a product:
//!
//! * [`Hlc`] reads the time itself, from an injected [`TimeSource`];
//! * [`SharedHlc`] is for many threads, without a lock;
//! * [`DurableHlc`] survives restarts, with a [`BoundStore`] such as a file
//!   (and `SharedDurableHlc` does so for many threads);
//! * [`Guarded`] notices when the node's own clock jumps ahead, and
//!   [`recovery`] says what to do about a clock that is ahead;
//! * all of them count what they did, for operators ([`Stats`]);
//! * stamps have bytes ([`Wire`](causal_clock::Wire)) and text that sort as
//!   they do, and `peek` and `close` cut consistent snapshots.
//!
//! For study, as [`Scheme`](causal_clock::Scheme)s: [`HybridLogicalClocks`],
//! [`WideHybridLogicalClocks`], [`PhysicalClocksWithCausality`],
//! [`HybridVectorClocks`], [`ReplayClocks`] and the baseline, [`PhysicalClocks`].
//!
//! # Features
//!
//! The crate is `no_std` and needs `alloc`. (The shared clock needs a target
//! with 64-bit atomics.)
//!
//! * `std`: the system's clock (`SystemClock`), a store in a file
//!   (`FileStore`), and `SharedDurableHlc`.
//! * `jiff`: conversion to and from civil time (module `civil`).
//! * `serde`: the parameters of schemes, timestamps and stamps can be read and
//!   written.
//! * `metrics`: `Stats::record` tells the crate `metrics` all counters.
//! * `tracing`: a guarded clock tells of jumps and steps back as events.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

#[cfg(target_has_atomic = "64")]
mod cell;
#[cfg(feature = "jiff")]
pub mod civil;
mod clock;
mod drift;
mod durable;
mod entries;
mod error;
mod form;
#[cfg(target_has_atomic = "64")]
pub mod guard;
mod hex;
mod physical;
#[cfg(feature = "metrics")]
mod record;
pub mod recovery;
mod replay;
mod scheme;
#[cfg(feature = "serde")]
mod serde;
#[cfg(target_has_atomic = "64")]
mod shared;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
mod shared_durable;
mod single;
mod source;
mod stats;
mod stored;
mod text;
mod timestamp;
mod vector;
mod wide;

/// Where a node keeps the upper bound of its stamps.
pub use causal_clock::Store as BoundStore;
#[cfg(feature = "std")]
pub use causal_clock::{FileStore, FileStoreError};
pub use clock::{HybridLogicalClock, HybridStamp};
pub use durable::{DurableError, DurableHlc};
pub use error::HlcError;
pub use form::HybridTime;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub use guard::SystemMonotonic;
#[cfg(target_has_atomic = "64")]
pub use guard::{ClockJump, Guarded, JumpPolicy, MonotonicSource};
pub use physical::{PhysicalClock, PhysicalClocks, PhysicalStamp};
pub use replay::{ReplayClock, ReplayStamp};
pub use scheme::{
    HybridLogicalClocks, HybridVectorClocks, PhysicalClocksWithCausality, ReplayClocks,
    ReplayClocksError, WideHybridLogicalClocks,
};
#[cfg(target_has_atomic = "64")]
pub use shared::SharedHlc;
#[cfg(all(feature = "std", target_has_atomic = "64"))]
pub use shared_durable::SharedDurableHlc;
pub use single::Hlc;
#[cfg(feature = "std")]
pub use source::SystemClock;
pub use source::TimeSource;
pub use stats::{Refusals, SourceStats, Stats};
pub use text::ParseStampError;
pub use timestamp::{PackedTimestamp, Timestamp};
pub use vector::{HybridVectorClock, HybridVectorStamp, epsilon_order};
pub use wide::WideTimestamp;

/// The examples of the README are run as tests.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// What the shared word is made of; a model checker puts its own in its place.
#[cfg(target_has_atomic = "64")]
mod atomic {
    pub(crate) use core::sync::atomic::AtomicU64;
}
