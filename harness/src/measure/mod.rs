//! What is measured of a clock as it goes through an execution: the verdicts
//! of its stamps against the truth, its size, and what it costs.

mod judge;
mod memory;
mod physical;
mod plan;
mod replay;
mod sizes;
mod stage;
mod truth;

pub(crate) use judge::{Asking, Due, Tally};
pub use judge::{Fate, VerdictRow, Verdicts};
pub(crate) use memory::Memory;
pub use physical::{TellsTime, TimeRow, Told, Witness};
pub use plan::{LagBins, Plan, Sampling};
pub use replay::{Measured, Replay, Status};
pub(crate) use sizes::Sizes;
pub use sizes::{SizeRow, Spread};
pub use stage::{Stage, Stopped, Timing, Usage, World, time};
pub use truth::Truth;
