//! An exact vector clock whose ids are handed down: a participant is named by its
//! parent and by how many the parent had forked before it, so that nobody
//! coordinates and no id is drawn.
//!
//! What is known of all participants is then a tree, and a form in bytes names
//! each in a bit or two where random ids take 64. It grows with every participant
//! that ever made an event, as any vector clock does. Naming by the path of
//! births is folklore of dynamic membership; D. Ratner, P. Reiher and G. Popek
//! ("Dynamic version vector maintenance", UCLA 1997) have replicas named by those
//! that create them.

mod clock;
mod known;
mod scheme;
mod wire;

pub use clock::{PathClock, PathStamp};
pub use known::Known;
pub use scheme::PathClocks;
