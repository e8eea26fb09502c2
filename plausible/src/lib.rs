//! Plausible and probabilistic clocks: constant-size stamps that never miss an
//! order.
//!
//! Exact stamps grow with the number of participants (Charron-Bost 1991). A
//! *plausible* clock (Torres-Rojas and Ahamad, "Plausible clocks: constant
//! size logical clocks for distributed systems", Distributed Computing 12,
//! 1999) has stamps of a fixed number of counters, and gives up one thing for
//! it: of two concurrent events it may say that one came first. What it says
//! to be concurrent is concurrent. So concurrency is proven, and order is
//! guessed.
//!
//! ```
//! use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict};
//! use plausible::{Rev, RevClock};
//!
//! let mut alice = RevClock::new(NodeId::new(1), Rev::default().r);
//! let mut bob = alice.fork(NodeId::new(2));
//! alice.event()?;
//! bob.event()?;
//! assert_eq!(alice.stamp().compare(&bob.stamp()), Verdict::proven(CausalOrder::Concurrent));
//!
//! let sent = alice.stamp();
//! bob.merge(&sent)?;
//! bob.event()?;
//! assert_eq!(sent.compare(&bob.stamp()), Verdict::guessed(CausalOrder::Before));
//! # Ok::<(), plausible::Error>(())
//! ```
//!
//! # The clocks
//!
//! | scheme | a stamp holds | proves |
//! |---|---|---|
//! | [`LamportClocks`] | an id and a counter | equal counters: concurrency; order at one site |
//! | [`KLamport`] | an id and K levels of Lamport clocks | as Lamport's, and more concurrency |
//! | [`Rev`] | an id and R counters that ids share | concurrency; order at one site |
//! | [`Comb`] | a REV and a K-Lamport stamp | what either proves |
//! | [`Nurev`] | R counters, the entry that the site has chosen; an id if wanted | as REV; without ids, concurrency |
//! | [`Recency`] | R Lamport times in a few bits each | concurrency |
//! | [`Elastic`] | an id and as many counters as the load needs | as REV |
//! | [`Rk`] | an id and R counters of which each id has K | as REV |
//! | [`Bloom`] | m counters of which each event increases k | concurrency |
//! | [`Encoded`] | a product of primes, ever growing | everything |
//!
//! Every clock has methods of its own that need no environment, and stands
//! behind [`causal_clock::CausalClock`] as well.
//!
//! # Features
//!
//! The crate is `no_std` and needs `alloc`. With `serde`, the parameters of
//! schemes, stamps and clocks can be read and written: as their text, which is
//! their bytes in hexadecimal, in formats that people read; as their bytes
//! elsewhere.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod binomial;
mod bits;
mod bloom;
mod comb;
mod counters;
mod elastic;
mod encoded;
mod error;
mod k_lamport;
mod lamport;
mod layer;
mod mix;
mod nurev;
mod packed;
mod parameters;
mod part;
mod primes;
mod recency;
mod rev;
mod rk;
mod steps;
mod text;

pub use bloom::{Bloom, BloomClock, BloomStamp, Confidence};
pub use comb::{Comb, CombClock, CombStamp};
pub use elastic::{Elastic, ElasticClock, ElasticStamp};
pub use encoded::{Encoded, EncodedClock, EncodedStamp};
pub use error::{Error, ParameterError};
pub use k_lamport::{KLamport, KLamportClock, KLamportStamp};
pub use lamport::{LamportClock, LamportClocks, LamportStamp};
pub use nurev::{Nurev, NurevClock, NurevStamp};
pub use part::CombPart;
pub use recency::{Recency, RecencyClock, RecencyStamp};
pub use rev::{Rev, RevClock, RevStamp};
pub use rk::{Rk, RkClock, RkStamp};

/// The examples of the README, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
