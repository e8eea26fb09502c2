//! Vector clocks that drop entries: one mechanism, many rules.

mod bounded;
mod clock;
mod rule;
mod vector;
mod wire;

pub use bounded::BoundedVectorClocks;
pub use clock::{PrunedClock, PrunedStamp};
pub use rule::PruningRule;
pub use vector::{Entry, PrunedVector};
