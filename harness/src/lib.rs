//! Measures what causality clocks cost, and where they err, when nodes come
//! and go.

#![forbid(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "indices and counts of an execution are bounded by its u32 number of events"
)]

pub mod cli;
mod clocks;
pub mod execution;
pub mod generate;
pub mod measure;
pub mod plot;
pub mod random;
pub mod registry;
pub mod reproduce;
pub mod results;
pub mod run;
pub mod scenario;
pub mod stats;
pub mod step;
pub mod trace;
