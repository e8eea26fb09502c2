//! The exact vector clock and the version vector beneath it.

mod clock;
mod counters;
mod few;
mod ids;
mod ranks;
mod row;
mod scheme;
mod short;
mod union;
mod version_vector;
mod wire;

pub use clock::{VectorClock, VectorStamp};
pub use scheme::VectorClocks;
pub use version_vector::{VersionVector, VersionVectorError};
