//! Dotted version vector sets: the versions of a stored object with exactly
//! the causality it takes to tell which of them a write replaces.
//!
//! "Scalable and accurate causality tracking for eventually consistent stores"
//! (Almeida, Baquero, Gonçalves, Preguiça, Fonte, DAIS 2014), section 5. A
//! version is named by a dot of the server that took the write, and not only
//! by how much was known: so two writes through one server that did not know
//! of each other stay two, and a later write replaces just those that its
//! client had read. Version vectors with an entry per server cannot tell, and
//! keep every version for ever: the *sibling explosion*.
//!
//! A single dotted version vector, a vector and a dot, is what a
//! [`VectorStamp`](crate::VectorStamp) is.

mod error;
#[cfg(feature = "serde")]
mod serde;
mod set;
mod versions;
mod wire;

pub use error::{DvvSetDecodeError, DvvSetError, UpdateError};
pub use set::DvvSet;
