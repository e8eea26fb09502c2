//! `clockbench trace`: executions as files.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::{print, print_json};
use crate::execution::{Cell, Survey};
use crate::experiment::inputs;
use crate::trace::shiviz;
use crate::trace::steps::{self, StepsHeader};

/// Write an execution to a file, or tell what is in one.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench trace export churn --seed 7 > churn.jsonl
  clockbench run --trace churn.jsonl       the rows of `run churn --seed 7 --seeds 1`
  clockbench trace export smoke --format shiviz > smoke.log
  clockbench trace info git:.")]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Export(Export),
    Info(Info),
}

/// Write one execution of a scenario.
///
/// As steps, in JSON lines: the first line is a header: `format`, `cell`, `seed`, `replicate`, `ids`.
/// Each further line is a step: `t`, what the physical clock of the acting
/// participant reads, in nanoseconds since 1970; `step`, one of event, send,
/// receive, merge, lose, fork, retire, crash, candidate (named before a fork or a
/// retirement that may choose); and whom it concerns, `node`,
/// `message`, `child` (fork) and `into` (retire). Participant 0 is there from
/// the start; newborns are numbered in order. A message number stands for the
/// latest message sent under it.
///
/// As a log for ShiViz: an event and, on the next line, its host and its vector
/// clock, which `run --trace` reads as well.
#[derive(Debug, ClapArgs)]
struct Export {
    /// A preset by name, or a TOML file.
    scenario: String,
    /// The root seed, as for `run`.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which of the seed's replicates, from 0.
    #[arg(long, default_value_t = 0)]
    replicate: u32,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Steps)]
    format: Format,
    /// The file to write, which must not exist [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How an execution is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Every step, with all that a run needs.
    Steps,
    /// Events with vector clocks, to be looked at.
    Shiviz,
}

/// Say what a trace holds: participants, events, messages, and what its
/// format knows.
#[derive(Debug, ClapArgs)]
struct Info {
    /// `git:PATH`, a file, or a folder of files of spans.
    trace: String,
    #[command(flatten)]
    read: crate::trace::Options,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.verb {
        Verb::Export(export) => run_export(export),
        Verb::Info(info) => run_info(info),
    }
}

fn run_export(args: &Export) -> anyhow::Result<()> {
    let cell = Cell::of(inputs::scenario(&args.scenario)?);
    let header = StepsHeader {
        cell: cell.name.clone(),
        seed: args.seed,
        replicate: args.replicate,
        ids: cell.ids,
    };
    let execution = cell.steps(args.seed, args.replicate);
    let write = |out: &mut dyn io::Write| match args.format {
        Format::Steps => steps::write(out, &header, execution),
        Format::Shiviz => shiviz::write(out, execution),
    };
    let Some(path) = &args.out else {
        write(&mut BufWriter::new(io::stdout().lock()))?;
        return Ok(());
    };
    if path.exists() {
        bail!("{} exists: expected a file that is yet to be made", path.display());
    }
    // Under another name first, so that an interruption leaves no half file.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.incomplete-{}", std::process::id()));
    let written = File::create_new(&partial)
        .and_then(|file| write(&mut BufWriter::new(file)))
        .and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // That it failed is what matters, not whether the rest could be removed.
        let _ = std::fs::remove_file(&partial);
    }
    written.with_context(|| format!("{} cannot be written", path.display()))
}

fn run_info(args: &Info) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for found in inputs::traces(&args.trace, &args.read)? {
        found.remarks.iter().for_each(|remark| eprintln!("{remark}"));
        let (cell, facts) = (found.cell, found.facts);
        let s = Survey::of(cell.steps(0, 0));
        all.push(json!({
            "name": cell.name,
            "events": s.events,
            "participants": s.participants,
            "mean_live": s.mean_live,
            "max_live": s.max_live,
            "forks": s.forks,
            "retires": s.retires,
            "crashes": s.crashes,
            "restarts": s.restarts,
            "sends": s.sends,
            "receives": s.receives,
            "source": facts,
        }));
    }
    if args.json {
        return print_json(&all);
    }
    let mut text = String::new();
    for trace in &all {
        let mut lines = Vec::new();
        flatten("", trace, &mut lines);
        for (key, value) in lines {
            text.push_str(&format!("{key:<34} {value}\n"));
        }
        text.push('\n');
    }
    print(&text)
}

/// The leaves of nested objects with dotted keys.
fn flatten(prefix: &str, value: &serde_json::Value, lines: &mut Vec<(String, String)>) {
    match value.as_object() {
        Some(object) => {
            for (key, value) in object {
                let dot = if prefix.is_empty() { "" } else { "." };
                flatten(&format!("{prefix}{dot}{key}"), value, lines);
            }
        }
        None => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            lines.push((prefix.to_owned(), text));
        }
    }
}
