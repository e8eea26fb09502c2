//! A clock in another process, in any language: it reads lines on its standard
//! input and answers on its standard output. `docs/protocol.md` specifies both
//! for those who write such a clock.
//!
//! The harness keeps the truth and chooses all handles; states and stamps stay
//! with the child. So a stretch of steps with all its comparisons is one batch,
//! nobody waits in the middle of it, and two batches are under way at a time.

mod batch;
mod check;
mod child;
mod protocol;
mod replay;
mod scheme;

pub use check::{CheckError, Checked, Failure, check};
pub use child::ChildError;
pub use protocol::{Hello, ProtocolError};
pub use scheme::{ForeignScheme, ForeignSchemeError};
