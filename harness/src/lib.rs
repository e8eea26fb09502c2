//! Measures what causality clocks cost, and where they err, when nodes come
//! and go.

pub mod execution;
pub mod generate;
pub mod random;
pub mod scenario;
pub mod step;
