//! Measures what causality clocks cost, and where they err, when nodes come
//! and go.
//!
//! The way of the data, module by module:
//!
//! 1. A [`scenario`] in TOML (or a [`trace`] that was recorded) says what is to
//!    happen; [`simulate`] makes [`step`]s of it, reproducibly from a seed
//!    ([`random`]); an [`execution`] can be gone through as often as needed.
//! 2. [`run`] plays an execution to every scheme of the [`registry`]. For each,
//!    [`measure`] has a stage on which the clocks live, the truth about
//!    happened-before beside them, and what is observed: verdicts against the
//!    truth, sizes, time. All counts are integers.
//! 3. An [`experiment`] is what can be asked: its tasks leave integer rows, and
//!    of rows alone it derives tables and charts with intervals over seeds
//!    ([`stats`]).
//! 4. The [`folder`] is the database of rows: parts while it runs, sealed at
//!    the end; split, resumed, merged and verified for every experiment alike.
//!    [`show`] prints what is derived, and [`advise`] tells which clock to take.
//!
//! The command is [`cli`]; a program that brings a clock or an experiment of
//! its own calls [`cli::main`] with its [`Registry`](registry::Registry).
//!
//! ```
//! use harness::execution::Cell;
//! use harness::registry::Registry;
//! use harness::run::{self, Options};
//! use harness::scenario::{PRESETS, Scenario};
//! use harness::stats::Rate;
//!
//! let schemes = Registry::builtin().schemes("itc,rev:r=4")?;
//! let smoke = PRESETS.iter().find(|preset| preset.name == "smoke").unwrap();
//! let cell = Cell::of(Scenario::parse(smoke.toml, smoke.name)?);
//! let replicate = run::replicate(&cell, 0, &schemes, &Options::default());
//! for (scheme, measured) in &replicate.schemes {
//!     println!("{scheme}: {:?}", Rate::FalseOrder.over(&measured.verdicts));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "indices and counts of an execution are bounded by its u32 number of events"
)]

pub mod advise;
pub mod apps;
pub mod cli;
mod clocks;
pub mod execution;
pub mod experiment;
pub mod folder;
pub mod foreign;
pub mod measure;
pub mod random;
pub mod registry;
pub mod run;
pub mod scenario;
pub mod show;
pub mod simulate;
pub mod stats;
pub mod step;
pub mod sweep;
pub mod trace;
