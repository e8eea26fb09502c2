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
//! Options of a run add to `derived/`: `paired.csv` (differences from a
//! baseline), `frontier-RATE.csv` with charts (rates against bytes) and
//! `budgets-RATE.csv` (the best of each family within so many bytes). With
//! `--compact`, `raw/bins.csv` and `raw/schemes.csv` stand in place of the last
//! three raw files.
//!
//! The same seed gives the same bytes in `raw/` and `derived/summary.csv`, on
//! any number of threads, in any build profile.

mod compact;
mod contest;
mod folder;
mod frontier;
mod lines;
mod manifest;
mod metrics;
mod paired;
mod physical;
mod raw;
mod summary;

pub use compact::{bins_csv, compact, schemes_csv};
pub use contest::{Contest, Entry};
pub use folder::{FolderError, check, write, write_next};
pub use frontier::{Frontier, Place, STRATA, Stratum};
pub use manifest::{CellNote, Git, Machine, Manifest, SCHEMA, Sampling, Toolchain};
pub use paired::{Difference, Paired};
pub(crate) use physical::{duration, number};
pub use physical::{physical_markdown, physical_text, times_csv};
pub use raw::{
    epsilon_verdicts_csv, executions_csv, replays_csv, sizes_csv, timings_csv, verdicts_csv,
};
pub use summary::{Line, Summary};

/// Rows as CSV, under a header of their fields' names.
fn csv_of<R: serde::Serialize>(records: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        // Writing to memory cannot fail, and records of unequal length would
        // be a defect here.
        let written = writer.serialize(record);
        debug_assert!(written.is_ok(), "{written:?}");
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
