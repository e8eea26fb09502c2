//! Vector clocks that drop entries: one mechanism, many rules.

mod aged;
mod akka;
mod bounded;
mod capped;
mod clock;
mod riak;
mod rule;
mod vector;
mod wire;

pub use aged::AgedVectorClocks;
pub use akka::{AkkaClock, AkkaStamp, AkkaVectorClocks};
pub use bounded::BoundedVectorClocks;
pub(crate) use bounded::{TEN, read_k};
pub(crate) use capped::scramble;
pub use capped::{CappedVectorClocks, DropOrder};
pub use clock::{PrunedClock, PrunedStamp};
pub use riak::RiakVectorClocks;
pub use rule::{PruningRule, Times};
pub use vector::{Entry, Loss, PrunedVector};
