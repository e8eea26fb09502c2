//! The results folder, which is the database: everything that looks at results
//! needs the folder alone.
//!
//! ```text
//! NAME/
//!   manifest.json       experiment, spec, command, revision, machine: first of all
//!   parts/000017.csv    while it runs: the rows of a task, whole or not there
//!   raw/TABLE.csv       sealed: all rows of a table, in the order of tasks;
//!                       TABLE.csv.gz where that is over a MiB
//!   timings.csv         the only file that differs from machine to machine
//!   derived/*           tables and charts, made of raw/ and timings.csv
//!   scenarios/*.toml    what was simulated, for people
//!   claims.toml         what texts state about it, where they do
//!   README.md           the tables, and the command that made them
//!   SHA256SUMS          of all of them: written last, it says *sealed*
//! ```
//!
//! A part is written beside its place, synced and renamed. So a folder can be
//! left at any moment and gone on with ([`conduct`]), its tasks can be done in
//! different places ([`Shard`]) and brought together ([`merge`]), and the sealed
//! folder ([`seal`]) has the same bytes whichever way it was made. [`verify`]
//! checks one, up to running its tasks again.

mod claims;
pub mod cluster;
mod conduct;
mod lock;
mod manifest;
mod merge;
mod part;
mod raw;
mod seal;
mod shard;
mod store;
mod verify;

use std::io;
use std::path::{Path, PathBuf};

pub use claims::{Claim, ClaimError, Claims};
pub use conduct::{Outcome, Work, conduct};
pub use lock::Lock;
pub use manifest::{Git, Machine, Manifest, SCHEMA, Toolchain};
pub use merge::merge;
pub use seal::{derive, explore, page, seal};
pub use shard::{Shard, ShardError};
pub use store::Folder;
pub use verify::{Difference, Rerun, Verified, verify};

use crate::experiment::{ExperimentError, RowsError};

/// Why something cannot be done with a folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is there already.
    #[error("{} exists: expected a folder that is yet to be made (results are never overwritten; `clockbench resume` goes on with them)", .0.display())]
    Exists(PathBuf),
    /// It is no results folder.
    #[error("{} is no results folder: it has no manifest.json", .0.display())]
    NotAFolder(PathBuf),
    /// The manifest does not read.
    #[error("{} does not read: {problem}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: serde_json::Error,
    },
    /// It was written by another version.
    #[error("{} is of schema {found}: this command reads schema {SCHEMA}", path.display())]
    Schema {
        /// The folder.
        path: PathBuf,
        /// Its schema.
        found: u64,
    },
    /// The spec was changed after the folder was begun.
    #[error("{}: the spec in manifest.json is not the one that the folder was begun with", .0.display())]
    ChangedSpec(PathBuf),
    /// Two folders are not parts of the same work.
    #[error("{} has another spec than {}: only parts of one experiment can be put together", other.display(), of.display())]
    OtherSpec {
        /// The one.
        of: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// The experiment is not known to this program.
    #[error("{} is of the experiment `{experiment}`, which this program does not have", path.display())]
    Unknown {
        /// The folder.
        path: PathBuf,
        /// The experiment's name.
        experiment: String,
    },
    /// Another process is at it.
    #[error("{} is being worked on by another process", .0.display())]
    Busy(PathBuf),
    /// A part is not what it was when it was written.
    #[error("{} is not whole: {problem}; remove it, and `clockbench resume` makes it again", path.display())]
    Part {
        /// The part.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Some tasks are not done.
    #[error("{} lacks {} of {of} tasks: {}", path.display(), missing.len(), ranges(missing))]
    Missing {
        /// The folder.
        path: PathBuf,
        /// The numbers of the tasks.
        missing: Vec<usize>,
        /// How many there are.
        of: usize,
    },
    /// It is not sealed yet.
    #[error("{} is not finished: `clockbench resume {}` goes on with it", .0.display(), .0.display())]
    NotSealed(PathBuf),
    /// It is sealed, and takes no parts.
    #[error("{} is sealed already", .0.display())]
    Sealed(PathBuf),
    /// The file system refused.
    #[error("{} cannot be {what}: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// Which of both.
        what: &'static str,
        /// Why it could not be.
        source: io::Error,
    },
    /// The experiment failed.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    /// A claim does not hold, or does not read.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

impl From<RowsError> for FolderError {
    fn from(error: RowsError) -> Self {
        Self::Experiment(error.into())
    }
}

impl FolderError {
    /// Whether it may go better another time, without anything being changed:
    /// a full disk, a folder that is in use, tasks that are not done yet.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        use io::ErrorKind::{
            AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound,
            PermissionDenied, ReadOnlyFilesystem,
        };
        match self {
            // A path that cannot be, or may not be, stays so. Whatever else a
            // file system says, such as one over a network, may pass.
            Self::Io { source, .. } => !matches!(
                source.kind(),
                NotFound
                    | PermissionDenied
                    | NotADirectory
                    | IsADirectory
                    | AlreadyExists
                    | InvalidInput
                    | InvalidFilename
                    | ReadOnlyFilesystem
            ),
            Self::Busy(_) | Self::Missing { .. } => true,
            _ => false,
        }
    }

    fn read(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), what: "read", source }
    }

    fn written(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), what: "written", source }
    }
}

/// Numbers as people write them: `0-3, 7`.
fn ranges(numbers: &[usize]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let mut texts: Vec<String> = runs
        .map(|run| match run {
            [one] => one.to_string(),
            run => format!("{}-{}", run[0], run[run.len() - 1]),
        })
        .collect();
    if texts.len() > 12 {
        texts.truncate(12);
        texts.push("…".into());
    }
    texts.join(", ")
}
