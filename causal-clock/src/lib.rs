//! One trait for every clock that tracks causality while participants come
//! and go, and the words it is spoken in.
//!
//! A [`CausalClock`] belongs to one participant. It [forks] when a participant
//! is born of another, records [events], [merges] what messages bring, and
//! [joins] another when that one retires. The [stamp] of an event goes with
//! the event's data; later, two stamps are [compared] and say which event
//! happened before which, or that neither did.
//!
//! Not every clock can know. The idea that holds the family together is the
//! question *what can this stamp prove?* Every comparison gives a [`Verdict`]:
//! the most likely order, **and** whether the stamps prove it. An exact clock
//! proves everything. A plausible clock proves concurrency and guesses order.
//! A pruned vector clock proves order and guesses concurrency. So one law
//! holds for all: *a proven verdict is never wrong*.
//!
//! # Names that are used once
//!
//! Ids must be unique, over restarts and restored backups, too. [`identity`]
//! has what a participant needs to begin each life under a name of its own.
//!
//! # Bringing a clock of your own
//!
//! Implement [`Wire`] and [`CausalStamp`] for its stamps, [`Wire`] and
//! [`CausalClock`] for the clock, and [`Scheme`] for its parameters; then put
//! it through the laws with the feature `laws`. The file
//! `examples/own_clock.rs` does all of it for a small clock and is where to
//! start from.
//!
//! # Features
//!
//! The crate is `no_std` and needs `alloc`.
//!
//! * `std`: [`SystemEnvironment`], the system's clock and random source;
//!   implies `files`.
//! * `files`: `FileStore`, for values that must survive a crash.
//! * `serde`: the parameters of schemes can be read and written.
//! * `laws`: the law tests (module [`laws`]); implies `std`.
//!
//! [forks]: CausalClock::fork
//! [events]: CausalClock::event
//! [merges]: CausalClock::merge
//! [joins]: CausalClock::join
//! [stamp]: CausalClock::stamp
//! [compared]: CausalStamp::compare
#![cfg_attr(
    not(feature = "laws"),
    doc = "[`laws`]: https://docs.rs/causal-clock/latest/causal_clock/laws/"
)]
#![cfg_attr(
    not(feature = "std"),
    doc = "[`SystemEnvironment`]: https://docs.rs/causal-clock/latest/causal_clock/struct.SystemEnvironment.html"
)]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "files")]
extern crate std;

mod clock;
pub mod duration;
mod environment;
#[cfg(feature = "files")]
mod file_store;
mod guarantees;
pub mod hex_form;
pub mod identity;
#[cfg(feature = "laws")]
pub mod laws;
mod scheme;
#[cfg(feature = "serde")]
pub mod serde_form;
mod store;
mod verdict;
pub mod wire;

pub use clock::{CausalClock, CausalStamp, CounterOverflow, Rejected};
#[cfg(feature = "std")]
pub use environment::SystemEnvironment;
pub use environment::{Environment, ManualEnvironment, NodeId, ParseNodeIdError, PhysicalTime};
#[cfg(feature = "files")]
pub use file_store::{FileStore, FileStoreError};
pub use guarantees::{Assumption, Guarantee, Guarantees};
pub use identity::{Epoch, Identity, IdentityError, NotResumable, Saved};
pub use scheme::Scheme;
pub use store::{Store, Stored};
pub use verdict::{CausalOrder, Verdict};
pub use wire::{DecodeError, Wire};
