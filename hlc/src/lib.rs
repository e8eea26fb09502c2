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
//! # Features
//!
//! The crate is `no_std` and needs `alloc`.
//!
//! * `serde`: the parameters of schemes can be read and written.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod clock;
mod drift;
mod error;
mod form;
mod physical;
mod scheme;
mod timestamp;
mod wide;

pub use clock::{HybridLogicalClock, HybridStamp};
pub use error::HlcError;
pub use form::HybridTime;
pub use physical::{PhysicalClock, PhysicalClocks, PhysicalStamp};
pub use scheme::{HybridLogicalClocks, PhysicalClocksWithCausality, WideHybridLogicalClocks};
pub use timestamp::{PackedTimestamp, Timestamp};
pub use wide::WideTimestamp;
