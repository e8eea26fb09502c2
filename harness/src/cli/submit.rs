//! `clockbench submit`: a planned folder as jobs of a cluster.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::{Ended, print};
use crate::folder::Folder;
use crate::folder::cluster::{self, Cluster};

/// Write the batch files of a planned folder, and hand them to a cluster.
///
/// A job array does one shard a task; a merge follows whatever happened, names
/// what is missing, and prints the command that repairs it.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench run churn --seeds 1000 --out big --plan
  clockbench submit slurm big --shards 16
  clockbench submit slurm big --shards 16 --dry-run        only print them
  clockbench submit kubernetes big --shards 16 --image registry/clockbench:1 --volume results \\
      > jobs.yaml")]
pub(super) struct Args {
    /// What runs the jobs.
    #[arg(value_enum)]
    cluster: Cluster,
    /// The folder, planned with --plan, on a file system that all nodes share.
    folder: PathBuf,
    /// How many shards; each should take a minute or more.
    #[arg(long)]
    shards: std::num::NonZeroUsize,
    /// Print what would be submitted, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Kubernetes: the image with the command (see `Containerfile`).
    #[arg(long, default_value = "clockbench:latest")]
    image: String,
    /// Kubernetes: the claim of the volume that holds the folder.
    #[arg(long, default_value = "results")]
    volume: String,
}

pub(super) fn run(args: &Args) -> Ended {
    let folder = Folder::open(&args.folder)?;
    let shards = args.shards.get();
    match args.cluster {
        Cluster::Kubernetes => {
            print(&cluster::kubernetes(&folder, shards, &args.image, &args.volume))?;
        }
        Cluster::Slurm => {
            let jobs = cluster::slurm(&folder, shards)?;
            if args.dry_run {
                for (name, text) in &jobs.files {
                    print(&format!("# {name}\n{text}\n"))?;
                }
            } else {
                print(&cluster::submit(&folder, &jobs)?)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
