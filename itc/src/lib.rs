//! Interval tree clocks: causality under dynamic membership without ids.
//!
//! "Interval Tree Clocks: A Logical Clock for Dynamic Systems" (Almeida,
//! Baquero, Fonte, OPODIS 2008). Participants own parts of the unit interval.
//! A newborn gets a part of its parent's, without asking anyone; one that
//! retires gives its part back; an event counts up somewhere in one's own
//! part. Comparing two stamps says exactly which event happened before which.
//!
//! ```
//! use itc::Itc;
//!
//! let mut alice = Itc::seed();
//! let mut bob = alice.fork();            // a participant is born
//! let message = alice.send()?;           // an event, and its stamp
//! bob.event()?;
//! let unaware = bob.peek();
//! bob.receive(&message)?;
//! let aware = bob.peek();
//!
//! assert!(message < aware);
//! assert_eq!(message.partial_cmp(&unaware), None); // concurrent
//! alice.join(bob)?;                      // a participant retires
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Itc`] is a participant's clock: its [`Id`] and its [`EventTree`].
//! * [`Stamp`] is what an event is stamped with: an event tree alone.
//! * [`IntervalTreeClocks`] is the [`Scheme`](causal_clock::Scheme) by which
//!   code written for any clock uses these.
//!
//! * [`placement`] chooses whom to fork from and into whom to retire, which
//!   keeps clocks small.
//! * [`keeper`] gives the ids of participants that crashed to others, safely,
//!   and [`keeper::remote`] does so over a network.
//!
//! Clocks and stamps [encode](causal_clock::Wire) as in the paper's appendix
//! A (module [`appendix_a`]), and print and parse in its notation. There is a
//! [`compact`] form, too, for storage and transport.
//!
//! # Inside
//!
//! There are no trees of boxes. Ids and event trees are flat runs of leaves
//! and of the levels of the boundaries between them; every operation is a pass
//! or two over them, and nothing recurses on depth. Up to eight leaves, the
//! algebra (event, peek, fork, join, merge, sync, meet, compare) takes no
//! allocation; the wire forms, text and the costs of placement do.
//!
//! The crate is `no_std` and needs `alloc`. With the feature `serde`, clocks
//! and their parts are read and written as text or bytes, whichever the format
//! is for, and the scheme is, too.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod advance;
pub mod appendix_a;
mod bits;
mod clock;
pub mod compact;
mod error;
mod event_tree;
mod id;
pub mod keeper;
pub mod placement;
mod preorder;
mod scheme;
#[cfg(feature = "serde")]
mod serde;
mod stamp;
mod steps;
mod text;

pub use clock::Itc;
pub use error::{EventError, IdOverlap, ItcError};
pub use event_tree::EventTree;
pub use id::Id;
pub use scheme::IntervalTreeClocks;
pub use stamp::Stamp;
pub use steps::MAX_DEPTH;
pub use text::ParseError;
