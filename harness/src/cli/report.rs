//! `clockbench report`: results folders as one page to explore.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args as ClapArgs;

use crate::folder::{Folder, FolderError};
use crate::registry::Registry;
use crate::show::report;

/// Make one page of sealed folders, to be explored in a browser.
///
/// The page is a single file that needs nothing else: charts, tables, claims,
/// and the commands that made them. Several folders stand side by side.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench report results/scratch/churn-1
  clockbench report results/published/* --out all.html")]
pub(super) struct Args {
    /// The folders.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The file, which is replaced where it exists.
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    let mut parts = Vec::new();
    for path in &args.folders {
        let folder = Folder::open(path)?;
        if !folder.is_sealed() {
            return Err(FolderError::NotSealed(path.clone()).into());
        }
        let experiment = folder.experiment(registry)?;
        parts.push(report::gather(&folder, experiment.as_ref())?);
    }
    std::fs::write(&args.out, report::html(&parts))
        .with_context(|| format!("{} cannot be written", args.out.display()))?;
    eprintln!("{} is written: open it in a browser", args.out.display());
    Ok(())
}
