//! `clockbench derive` and `clockbench show`: look at a sealed folder again.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args as ClapArgs;

use super::output::Output;
use crate::experiment::Ask;
use crate::folder::{self, Claims, Folder, Lock, Shard};
use crate::registry::Registry;

/// Derive a sealed folder's tables and charts again, asked something else.
///
/// Nothing is run: rows stay as they are. What is asked stands in the manifest
/// from then on.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench derive results/scratch/churn-1 --baseline rev:r=16
  clockbench derive results/scratch/churn-1 --baseline rev:r=16 --frontier false-order \\
      --budgets 32,64
  clockbench derive results/published/placement --claims claims.toml")]
pub(super) struct Args {
    /// The folder.
    folder: PathBuf,
    #[command(flatten)]
    ask: Ask,
    /// Put these claims into the folder, if they hold.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// Print the tables of a sealed folder.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench show results/published/churn
  clockbench show results/published/churn --columns false_order_near,stamp_bytes_p50
  clockbench show results/published/churn --json | jq .tables[0].rows[0]")]
pub(super) struct Show {
    /// The folder.
    folder: PathBuf,
    #[command(flatten)]
    ask: Ask,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    let mut folder = Folder::open(&args.folder)?;
    let _lock = Lock::take(&folder, Shard::WHOLE)?;
    let experiment = folder.experiment(registry)?;
    let claims = match &args.claims {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            Some(Claims::parse(&text)?)
        }
    };
    let ask = asked(&args.ask, &folder);
    let page = folder::derive(&mut folder, experiment.as_ref(), ask, claims.as_ref())?;
    args.output.print(&page)
}

pub(super) fn show(args: &Show, registry: &Registry) -> anyhow::Result<()> {
    let folder = Folder::open(&args.folder)?;
    if !folder.is_sealed() {
        return Err(folder::FolderError::NotSealed(args.folder.clone()).into());
    }
    let experiment = folder.experiment(registry)?;
    let page = folder::page(&folder, experiment.as_ref(), &asked(&args.ask, &folder))?;
    args.output.print(&page)
}

/// What is asked now, or else what was asked last.
fn asked(ask: &Ask, folder: &Folder) -> Ask {
    if ask.first().is_some() { ask.clone() } else { folder.manifest().ask.clone() }
}
