//! Vector clocks: exact, bounded and pruned.
//!
//! A vector clock (Fidge 1988, Mattern 1989) counts the events that it knows
//! of each participant. It is exact, and it grows with every participant that
//! ever made an event, the departed included. What products do about the
//! growth is drop entries; this crate has both, and says of each verdict
//! whether the dropping leaves it proven.
//!
//! | scheme | keeps | proves |
//! |---|---|---|
//! | [`VectorClocks`] | everything | everything |
//! | [`PathClocks`] | everything, by path of births in place of ids | everything |
//! | [`TreeClocks`] | everything, and from whom it was learnt | everything |
//! | [`BoundedVectorClocks`] | its own entry and the K−1 last updated | order |
//! | [`CappedVectorClocks`] | K entries, by age, use, counter or chance | order, if it keeps its own |
//! | [`AgedVectorClocks`] | its own entry and those updated lately | order |
//! | [`RiakVectorClocks`] | what Riak's four parameters say | order, if it keeps its own |
//! | [`AkkaVectorClocks`] | the entries of members that did not leave | order |
//! | [`HorizonClocks`] | K entries, and how much it forgot | concurrency, and most of the orders |
//!
//! [`VersionVector`] is the map of ids to counters beneath the exact clock,
//! good on its own wherever sets of events are summed up and compared.
//! [`DvvSet`] holds the versions of a stored object, and has a form in bytes for
//! values of any type. [`FifoSender`] and [`FifoReceiver`] send only what changed
//! of an exact stamp.
//!
//! ```
//! use bounded_vc::VectorClock;
//! use causal_clock::{CausalOrder, CausalStamp, NodeId};
//!
//! let mut alice = VectorClock::new(NodeId::new(1));
//! let mut bob = alice.fork(NodeId::new(2));
//! alice.event()?;
//! let message = alice.stamp();
//! bob.merge(&message);
//! bob.event()?;
//! assert_eq!(message.compare(&bob.stamp()).order, CausalOrder::Before);
//! # Ok::<(), causal_clock::CounterOverflow>(())
//! ```
//!
//! # Features
//!
//! The crate is `no_std` and needs `alloc`. With `serde`, the parameters of
//! the schemes can be read and written, and so can dots, version vectors, all clocks
//! and stamps, and [`DvvSet`]: as text in formats that people read, as their bytes
//! elsewhere.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod dot;
mod dvvset;
mod exact;
mod fifo;
pub mod horizon;
mod packed;
mod paths;
mod pruned;
#[cfg(feature = "serde")]
mod serde;
mod sorted;
mod text;
pub mod tree;

pub use dot::{Dot, MAX_COUNTER};
pub use dvvset::{DvvSet, DvvSetDecodeError, DvvSetError, UpdateError};
pub use exact::{VectorClock, VectorClocks, VectorStamp, VersionVector, VersionVectorError};
pub use fifo::{FifoError, FifoReceiver, FifoSender, StampDiff};
pub use horizon::{
    HorizonBits, HorizonClock, HorizonClocks, HorizonDrop, HorizonError, HorizonStamp, IdWidth,
    InvalidHorizonBits, InvalidIdWidth,
};
pub use paths::{Known, PathClock, PathClocks, PathStamp};
pub use pruned::{
    AgedVectorClocks, AkkaClock, AkkaStamp, AkkaVectorClocks, BoundedVectorClocks,
    CappedVectorClocks, DropOrder, Entry, Loss, PrunedClock, PrunedStamp, PrunedVector,
    PruningRule, RiakVectorClocks, Times,
};
pub use text::ParseError;
pub use tree::{TreeClock, TreeClockError, TreeClocks, TreeStamp};
