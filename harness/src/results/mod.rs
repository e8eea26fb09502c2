//! What a run leaves behind: a folder of raw integer counts, what was derived
//! from them, and a manifest that says how to make them again.
//!
//! ```text
//! NAME/
//!   README.md           the tables, and the command that made them
//!   manifest.json       command, revision, toolchain, machine, seed, schema
//!   scenarios/*.toml    what was simulated, complete
//!   raw/executions.csv  a row a (cell, replicate)
//!   raw/replays.csv     a row a (cell, replicate, scheme)
//!   raw/verdicts.csv    a row a (cell, replicate, scheme, stratum)
//!   raw/sizes.csv       a row a (cell, replicate, scheme, tenth)
//!   raw/times.csv       where asked for: a row a (cell, replicate, scheme, faulty)
//!   raw/epsilon_verdicts.csv  where asked for: as verdicts, by ε-causality
//!   timings.csv         the only file that differs from machine to machine
//!   derived/summary.csv rates and intervals
//!   SHA256SUMS
//! ```
//!
//! The same seed gives the same bytes in `raw/` and `derived/summary.csv`, on
//! any number of threads, in any build profile.

mod folder;
mod manifest;
mod physical;
mod raw;
mod summary;

pub use folder::{FolderError, free_name, write};
pub use manifest::{
    CellNote, Git, Machine, Manifest, SCHEMA, Sampling, Toolchain, cargo_lock_sha256,
};
pub(crate) use physical::{duration, number};
pub use physical::{physical_markdown, physical_text, times_csv, without_strata};
pub use raw::{
    epsilon_verdicts_csv, executions_csv, replays_csv, sizes_csv, timings_csv, verdicts_csv,
};
pub use summary::{Line, Summary};
