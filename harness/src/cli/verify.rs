//! `clockbench verify`: is a folder what it says?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args as ClapArgs;

use super::progress::Progress;
use super::{Ended, job, print};
use crate::folder::{self, Folder, Rerun};
use crate::registry::Registry;

/// Check sealed folders: sums, derived files, claims, and some tasks again.
///
/// Exit status 1, with the first difference by file, row and column, where
/// anything is not as it should be.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench verify results/published/churn
  clockbench verify results/published/* --rerun none      sums, derivation and claims alone
  clockbench verify results/published/evc-growth --rerun all")]
pub(super) struct Args {
    /// The folders.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// How many tasks are run again: none, one in twenty, or all.
    #[arg(long, value_enum, default_value_t)]
    rerun: Rerun,
}

pub(super) fn run(args: &Args, registry: &Registry) -> Ended {
    let pool = job::pool(None)?;
    let mut code = ExitCode::SUCCESS;
    for path in &args.folders {
        let result = (|| {
            let folder = Folder::open(path)?;
            let experiment = folder.experiment(registry)?;
            let progress = Progress::new("tasks again", experiment.tasks().len(), false);
            let verified = pool.install(|| {
                folder::verify(&folder, experiment.as_ref(), args.rerun, &|| progress.step())
            });
            progress.finish();
            verified
        })();
        let path = path.display();
        match result {
            Ok(Ok(verified)) => {
                let folder::Verified { files, derived, claims, rerun, tasks } = verified;
                print(&format!(
                    "{path}: {files} sums, {derived} derived files, {claims} claims and {rerun} of \
                     {tasks} tasks are right\n"
                ))?;
            }
            Ok(Err(difference)) => {
                eprintln!("{path}: {difference}");
                code = ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("clockbench: {:#}", anyhow::Error::from(error));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}
