//! `clockbench resume`: go on with a folder.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::Ended;
use super::job::{self, Pace};
use super::output::Output;
use crate::folder::{self, Folder};
use crate::registry::Registry;

/// Go on with a results folder that was stopped, killed or only planned.
///
/// Tasks that are done are kept; the sealed folder has the same bytes as if
/// nothing had happened.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench resume results/scratch/churn-1
  clockbench run churn --seeds 1000 --out big --plan
  clockbench resume big --shard 2/8        one of eight processes; then `merge big`")]
pub(super) struct Args {
    /// The folder.
    folder: PathBuf,
    #[command(flatten)]
    pace: Pace,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &Args, registry: &Registry) -> Ended {
    let folder = Folder::open(&args.folder)?;
    let experiment = folder.experiment(registry)?;
    if folder.is_sealed() {
        let page = folder::page(&folder, experiment.as_ref(), &folder.manifest().ask)?;
        args.output.print(&page)?;
        args.output.tell(&format!("{} was finished already", args.folder.display()));
        return Ok(ExitCode::SUCCESS);
    }
    job::go_on(&folder, experiment.as_ref(), &args.pace, &args.output)
}
