//! `clockbench advise`: which clock to take.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args as ClapArgs;

use super::job::pool;
use super::progress::Progress;
use super::{Ended, TRY_AGAIN, print, print_json, stop};
use crate::advise::evidence::Watch;
use crate::advise::{self, AdviseError, Answer, Depth, Needs, html, text};
use crate::registry::Registry;

/// Tell which clock to take, with evidence from your own scenario.
///
/// Reads what you need from a TOML file, of which every key may be left out,
/// simulates it, and says what is out, what is in, what to take, what would
/// change that, and how to use it.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench advise needs.toml                     the answer, with its reasons
  clockbench advise needs.toml --html answer.html  the same as a page
  clockbench advise needs.toml --quick --json      for programs, sooner and less sharp
  clockbench advise harness/needs/*.toml --table   a line for each of several

A file of needs:
  [participants]
  live = 203            # at a time
  servers = 3           # of them, which never leave (0: peers)
  events_by = \"clients\" # clients (servers answer), servers (alone), all
  stays = \"20m\"         # median session, or \"for-ever\"
  leaves_orderly = 0.6  # the share that retires; the rest crashes
  ids = \"own\"           # own (random), given (small ones), none
  ever = 4000           # how many over the whole life of the system
  [traffic]
  event_every = \"10s\"   # of each participant
  sends = 0.5           # the share of events that send a message
  delay = \"20ms\"        # how long a message is under way
  loss = 0.01
  [stamps]
  bytes_p99 = 64
  travel = true         # false: they stay in one process
  [errors]              # the most that can be borne of near and mid pairs; 0: a guarantee
  false_order = 0.0     # concurrent updates taken for ordered: one is lost
  false_concurrency = 0.05
  reversal = 0.0
  [needs]
  total_order = false
  near_physical_time = false
  order_across_restart = true
  causal_delivery = false
  keeps = \"nothing\"     # siblings (a store of concurrent values), history (every event)
  [clocks]
  synchronised_to = \"100ms\" # or \"no\"
  [trust]
  participants = \"all\"  # or some: stamps may be forged")]
pub(super) struct Args {
    /// What is needed; several files are answered one after the other.
    #[arg(required = true)]
    needs: Vec<PathBuf>,
    /// Print JSON: `recommended`, `excluded`, `candidates`, `sensitivity` and more.
    #[arg(long, conflicts_with = "table")]
    json: bool,
    /// Print a line of a Markdown table for each file.
    #[arg(long)]
    table: bool,
    /// Also write a page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Fewer and shorter executions: sooner, with wider intervals.
    #[arg(long)]
    quick: bool,
    /// Show no progress.
    #[arg(long)]
    quiet: bool,
    /// The root seed that everything random comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads [default: one a core]. The answer does not depend on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

pub(super) fn run(args: &Args, registry: &Registry) -> Ended {
    let depth = if args.quick { Depth::QUICK } else { Depth::FULL };
    let all: Vec<Needs> = args.needs.iter().map(read).collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(
        args.html.is_none() || all.len() == 1,
        "--html: expected one file of needs, since it writes one page"
    );
    let stop = stop::flag("nothing is kept; the same command starts anew".into())
        .context("signals cannot be watched")?;
    let pool = pool(args.threads)?;
    let total = all.iter().map(|needs| advise::executions(needs, depth)).sum();
    let progress = Progress::new("executions", total, args.quiet);
    let mut answers: Vec<Answer> = Vec::new();
    for needs in &all {
        let watch = Watch { progress: &|| progress.step(), stop: &stop };
        match pool.install(|| advise::advise(needs, registry, depth, args.seed, &watch)) {
            Ok(answer) => answers.push(answer),
            Err(AdviseError::Stopped) => {
                progress.finish();
                return Ok(ExitCode::from(TRY_AGAIN));
            }
            Err(error) => return Err(error.into()),
        }
    }
    progress.finish();
    if let (Some(path), Some(answer)) = (&args.html, answers.first()) {
        std::fs::write(path, html::html(answer))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    match (args.json, args.table, answers.as_slice()) {
        (true, _, [answer]) => print_json(answer)?,
        (true, _, several) => print_json(&several)?,
        (_, true, several) => {
            let rows = several.iter().map(text::summary_row);
            let head = std::iter::once(text::SUMMARY_HEAD.to_owned());
            print(&(head.chain(rows).collect::<Vec<_>>().join("\n") + "\n"))?;
        }
        (_, _, several) => {
            print(&several.iter().map(text::text).collect::<Vec<_>>().join("\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &PathBuf) -> anyhow::Result<Needs> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{name} cannot be read"))?;
    Ok(Needs::parse(&text, &name)?)
}
