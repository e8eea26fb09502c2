//! What the reproductions have in common: options, and the folder they leave.

use std::num::NonZeroU32;

use clap::Args as ClapArgs;

use crate::cli::job::Job;
use crate::results::{CellNote, Manifest, Sampling};

/// Options of every reproduction.
#[derive(Debug, ClapArgs)]
pub(super) struct Common {
    /// How many executions of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 executions of each setting, where --runs is not given.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    pub(super) job: Job,
}

impl Common {
    pub(super) fn runs(&self) -> u32 {
        self.runs.map_or(if self.quick { 3 } else { 30 }, NonZeroU32::get)
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
        Manifest::new(self.job.seed, Sampling::NONE, schemes, cells)
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
