//! What every experiment's verb does: plan, begin a folder, do the tasks, seal,
//! and print.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{ArgMatches, Args};

use super::output::Output;
use super::progress::Progress;
use super::{Ended, TRY_AGAIN, for_scheduler, stop};
use crate::experiment::{Experiment, Kind};
use crate::folder::{self, Folder, Lock, Manifest, Outcome, Shard, Work};
use crate::registry::Registry;

/// Options of every experiment.
#[derive(Debug, Args)]
pub(super) struct Job {
    /// The root seed that everything random comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The results folder; it must not exist [default: the next free one in
    /// results/scratch].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only begin the folder, for `resume`, `submit` or other machines to go on.
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    pace: Pace,
    #[command(flatten)]
    output: Output,
}

/// How the work of a folder is done.
#[derive(Clone, Debug, Args)]
pub(super) struct Pace {
    /// How many threads [default: one a core, or what Slurm gives]. Results do
    /// not depend on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Do one share of the tasks, such as 2/8, counted from 0; `auto` takes it
    /// from Slurm, Kubernetes, AWS Batch, PBS or SGE. `merge` seals.
    #[arg(long, value_name = "INDEX/COUNT")]
    shard: Option<Shard>,
}

/// Where results go that nobody has a place for.
const SCRATCH: &str = "results/scratch";

pub(super) fn start(kind: Kind, matches: &ArgMatches, job: &Job, registry: &Registry) -> Ended {
    let (experiment, ask) = kind.plan(matches, registry, job.seed)?;
    // Refused before anything is computed, not after.
    experiment.check(&ask)?;
    experiment.remarks().iter().for_each(|remark| job.output.tell(remark));
    let manifest = Manifest::new(kind.name, experiment.spec(), ask);
    let folder = match &job.out {
        Some(out) => Folder::begin(out, manifest)?,
        None => Folder::begin_next(Path::new(SCRATCH), &experiment.label(), &manifest)?,
    };
    if job.plan {
        let path = folder.path().display();
        let tasks = experiment.tasks().len();
        job.output.tell(&format!(
            "{tasks} tasks planned in {path}: `clockbench resume {path}` does them"
        ));
        return Ok(ExitCode::SUCCESS);
    }
    go_on(&folder, experiment.as_ref(), &job.pace, &job.output)
}

/// Does what is left of a folder's tasks, and seals it if that is all.
pub(super) fn go_on(
    folder: &Folder,
    experiment: &dyn Experiment,
    pace: &Pace,
    output: &Output,
) -> Ended {
    let result = work(folder, experiment, pace, output);
    if pace.shard.is_some() { for_scheduler(result) } else { result }
}

fn work(folder: &Folder, experiment: &dyn Experiment, pace: &Pace, output: &Output) -> Ended {
    let path = folder.path().display();
    let shard = pace.shard.unwrap_or(Shard::WHOLE);
    let lock = Lock::take(folder, shard)?;
    let work = Work::of(folder, experiment, shard)?;
    let stop = stop::flag(format!("`clockbench resume {path}` goes on"))
        .context("signals cannot be watched")?;
    let progress = Progress::new("tasks", work.due.len(), output.quiet);
    let pool = pool(pace.threads)?;
    let outcome =
        pool.install(|| folder::conduct(folder, experiment, &work, &stop, &|| progress.step()));
    progress.finish();
    if outcome? == Outcome::Stopped {
        return Ok(ExitCode::from(TRY_AGAIN));
    }
    if pace.shard.is_some() {
        output.tell(&format!(
            "shard {shard}: {} tasks done in {path}; `clockbench merge` brings shards together",
            work.due.len()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    seal(folder, experiment, &pool, true, output)?;
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

/// Seals a folder and prints its tables. Timings are of the machine that seals.
pub(super) fn seal(
    folder: &Folder,
    experiment: &dyn Experiment,
    pool: &rayon::ThreadPool,
    timed: bool,
    output: &Output,
) -> anyhow::Result<()> {
    let page = pool.install(|| {
        folder::seal(folder, experiment, || {
            if !timed || experiment.timed() == 0 {
                return Ok(None);
            }
            let progress = Progress::new("timing", experiment.timed(), output.quiet);
            let rows = experiment.time(&|| progress.step());
            progress.finish();
            Ok(rows?)
        })
    })?;
    output.print(&page)?;
    let path = folder.path().display();
    output.tell(&format!("results in {path}; `clockbench report {path}` makes a page to explore"));
    Ok(())
}

/// The threads. Under Slurm, as many as it gives: the machine may have more.
pub(super) fn pool(threads: Option<NonZeroUsize>) -> anyhow::Result<rayon::ThreadPool> {
    let slurm = || std::env::var("SLURM_CPUS_ON_NODE").ok()?.parse().ok();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.map(NonZeroUsize::get).or_else(slurm).unwrap_or(0))
        .build()
        .context("the threads could not be started")
}
