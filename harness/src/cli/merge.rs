//! `clockbench merge`: bring shards together.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::output::Output;
use super::{Ended, for_scheduler, job};
use crate::folder::{self, Folder, FolderError};
use crate::registry::Registry;

/// Bring the parts of several folders together, and seal them if they are all.
///
/// The folders must be of one spec. What is missing is named, and the exit
/// status is then 75.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench run churn --shard 0/2 --out a      on one machine
  clockbench run churn --shard 1/2 --out b      on another
  clockbench merge all a b                      the bytes of a single run
  clockbench merge big                          seal what shards did in `big` itself")]
pub(super) struct Args {
    /// The folder that they are brought into; it is begun if it is not there.
    into: PathBuf,
    /// The folders of the shards.
    from: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &Args, registry: &Registry) -> Ended {
    for_scheduler(merge(args, registry))
}

fn merge(args: &Args, registry: &Registry) -> Ended {
    let from: Vec<Folder> =
        args.from.iter().map(|path| Folder::open(path)).collect::<Result<_, _>>()?;
    let folder = folder::merge(&args.into, &from, registry)?;
    let experiment = folder.experiment(registry)?;
    // Timings of one of many machines would say nothing.
    let sealed = job::seal(&folder, experiment.as_ref(), &job::pool(None)?, false, &args.output);
    if let Err(error) = &sealed
        && let Some(FolderError::Missing { path, missing, .. }) = error.downcast_ref()
    {
        let path = path.display();
        eprintln!("`clockbench resume {path}` does the {} that are missing", missing.len());
        if let Some(shards) = std::env::var("CLOCKBENCH_SHARDS").ok().and_then(|n| n.parse().ok()) {
            let mut left: Vec<usize> =
                missing.iter().map(|number| number % std::cmp::max(shards, 1_usize)).collect();
            left.sort_unstable();
            left.dedup();
            let left: Vec<String> = left.iter().map(usize::to_string).collect();
            eprintln!(
                "or again on the cluster: sbatch --array={} {path}.jobs/shard.sbatch",
                left.join(",")
            );
        }
    }
    sealed.map(|()| ExitCode::SUCCESS)
}
