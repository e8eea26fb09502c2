//! Measures what causality clocks cost, and where they err, when nodes come
//! and go.
//!
//! The way of the data, module by module:
//!
//! 1. A [`scenario`] in TOML (or a [`trace`] that was recorded) says what is to
//!    happen; [`generate`] makes [`step`]s of it, reproducibly from a seed
//!    ([`random`]); an [`execution`] can be gone through as often as needed.
//! 2. [`run`] plays each execution to every scheme of the [`registry`]. For
//!    each, [`measure`] has a stage on which the clocks live, the truth about
//!    happened-before beside them, and what is observed: verdicts against the
//!    truth, sizes, time. All counts are integers.
//! 3. [`results`] writes them as a folder, and derives rates with intervals
//!    over seeds ([`stats`]) for tables and charts ([`plot`]).
//!
//! The command is [`cli`]; a program that brings a clock of its own calls
//! [`cli::main`] with its [`Registry`](registry::Registry).
//!
//! ```
//! use harness::execution::Cell;
//! use harness::registry::Registry;
//! use harness::results::Summary;
//! use harness::run::{self, Options};
//! use harness::scenario::{PRESETS, Scenario};
//!
//! let schemes = Registry::builtin().schemes("itc,rev:r=4")?;
//! let smoke = PRESETS.iter().find(|preset| preset.name == "smoke").unwrap();
//! let cells = [(Cell::of(Scenario::parse(smoke.toml, smoke.name)?), 2)];
//! let replicates = run::run(&cells, &schemes, &Options::default(), &|| ());
//! println!("{}", Summary::new(&replicates, &[], &schemes).text());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "indices and counts of an execution are bounded by its u32 number of events"
)]

pub mod cli;
mod clocks;
pub mod execution;
pub mod generate;
pub mod lost_ids;
pub mod measure;
pub mod placement;
pub mod plot;
pub mod random;
pub mod registry;
pub mod reproduce;
pub mod results;
pub mod run;
pub mod running;
pub mod scenario;
pub mod stats;
pub mod step;
pub mod sweep;
pub mod trace;
