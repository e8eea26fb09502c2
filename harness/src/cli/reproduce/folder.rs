//! What the reproductions have in common: options, and the folder they leave.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args as ClapArgs;

use crate::results::{self, CellNote, Manifest, Sampling};

/// Options of every reproduction.
#[derive(Debug, ClapArgs)]
pub(super) struct Common {
    /// How many executions of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 executions of each setting, where --runs is not given.
    #[arg(long)]
    quick: bool,
    /// The root seed that everything random comes from.
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Leave a results folder; it must not exist.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// How many threads [default: one a core]. Results do not depend on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

impl Common {
    pub(super) fn runs(&self) -> u32 {
        self.runs.map_or(if self.quick { 3 } else { 30 }, NonZeroU32::get)
    }

    /// The threads; refused before anything is computed if the folder is
    /// taken.
    pub(super) fn pool(&self) -> anyhow::Result<rayon::ThreadPool> {
        if let Some(out) = &self.out {
            results::check(out)?;
        }
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, NonZeroUsize::get))
            .build()
            .context("the threads could not be started")
    }

    /// What the run is; taken before it, so that what is changed meanwhile is
    /// not what ran.
    pub(super) fn manifest(&self, schemes: &[&str], cells: Vec<String>, paper: &str) -> Manifest {
        let note = |name| CellNote {
            name,
            replicates: self.runs(),
            source: serde_json::json!({ "paper": paper }),
        };
        let schemes = schemes.iter().map(|s| (*s).to_owned()).collect();
        let cells = cells.into_iter().map(note).collect();
        Manifest::new(self.seed, Sampling::NONE, schemes, cells)
    }
}

/// The manifest and the first page, with the command that made it.
pub(super) fn pages(
    manifest: &Manifest,
    title: &str,
    body: &str,
) -> anyhow::Result<Vec<(String, String)>> {
    let readme = format!(
        "# {title}\n\n{} The same on every machine and on any number of threads.\n\n{body}",
        manifest.made_by(),
    );
    Ok(vec![("README.md".to_owned(), readme), manifest.file()?])
}
