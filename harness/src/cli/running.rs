//! `clockbench running`: what exact running clocks cost.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use anyhow::{Context, bail};
use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, presets};
use rayon::prelude::*;

use super::job::{Job, on_terminal};
use super::print;
use super::progress::Progress;
use crate::plot::{Axis, Chart, Point, Series};
use crate::results::{CellNote, Manifest, Sampling};
use crate::running::{self, Counts, Workload};
use crate::stats::Estimate;

/// Measure what exact running clocks cost by who talks to whom: how much of a
/// message a tree clock looks at, and what differential messages save.
///
/// Counts of entries and bytes, no times: the same on every machine.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench running
      star, ring, pairs and anyone among 16, 64 and 256
  clockbench running --participants 8,32 --seeds 10")]
pub(super) struct Args {
    /// The numbers of participants.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "16,64,256")]
    participants: Vec<NonZeroU32>,
    /// How many seeds.
    #[arg(long, default_value = "30")]
    seeds: NonZeroU32,
    #[command(flatten)]
    job: Job,
}

/// A workload and what came out, a seed each.
type Row = (Workload, Vec<Counts>);

const NOTES: &str = "\
Of the messages received in the second half of an execution, a mean over seeds, ± half
the 95 % interval. Entries: in a message, all of which a plain vector clock looks at.
News: those that the receiver did not know. Looked at: by a tree clock. Bytes: of the
message as an exact vector stamp, as a differential message, and with the whole tree;
the share compares on the same messages. Channels: pairs that ever talked; of each, a
differential message needs a vector to be kept at both ends. Channels keep the order
and lose nothing.
";

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let pool = args.job.pool()?;
    let numbers = args.participants.iter().map(|n| n.get()).filter(|n| *n > 1);
    let workloads: Vec<Workload> = numbers.flat_map(Workload::all).collect();
    if workloads.is_empty() {
        bail!("--participants names no number over 1: one alone sends no message");
    }
    let seeds = args.seeds.get();
    let manifest = manifest(args, &workloads);
    let progress = Progress::new("executions", workloads.len() * seeds as usize);
    let mut rows: Vec<Row> = Vec::new();
    for workload in workloads {
        let one = |replicate| {
            let counts = running::measure(&workload, args.job.seed, replicate);
            progress.step();
            counts
        };
        let counts = pool.install(|| (0..seeds).into_par_iter().map(one).collect());
        let counts: Result<Vec<Counts>, _> = counts;
        let counts = counts.with_context(|| workload.scenario.name.clone())?;
        rows.push((workload, counts));
    }
    progress.finish();
    args.job.leave(|| files(&manifest, &rows))?;
    print(&format!("{}\n\n{NOTES}", table(&rows).load_style(on_terminal())))
}

/// A quantity a message, over seeds.
fn per(counts: &[Counts], of: fn(&Counts) -> u64, by: fn(&Counts) -> u64) -> Option<Estimate> {
    let ratio = |c: &Counts| of(c) as f64 / by(c).max(1) as f64;
    Estimate::of(&counts.iter().map(ratio).collect::<Vec<_>>())
}

fn text(estimate: Option<Estimate>, factor: f64, unit: &str) -> String {
    let Some(estimate) = estimate else { return String::new() };
    let half = estimate.half_width.map_or(String::new(), |half| format!(" ±{:.1}", half * factor));
    format!("{:.1}{half}{unit}", estimate.mean * factor)
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "who talks to whom",
        "participants",
        "entries",
        "news",
        "looked at",
        "of entries",
        "vector bytes",
        "differential",
        "of vector",
        "with tree",
        "channels",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (workload, counts) in rows {
        let a_message = |of| text(per(counts, of, |c| c.messages), 1.0, "");
        table.add_row([
            workload.name.to_owned(),
            workload.participants.to_string(),
            a_message(|c| c.entries),
            a_message(|c| c.news),
            a_message(|c| c.visited),
            text(per(counts, |c| c.visited, |c| c.entries), 100.0, " %"),
            a_message(|c| c.vector_bytes),
            a_message(|c| c.diff_bytes),
            text(per(counts, |c| c.diff_bytes, |c| c.vector_bytes), 100.0, " %"),
            a_message(|c| c.tree_bytes),
            text(per(counts, |c| c.channels, |_| 1), 1.0, ""),
        ]);
    }
    table
}

fn manifest(args: &Args, workloads: &[Workload]) -> Manifest {
    let notes = workloads.iter().map(|workload| CellNote {
        name: workload.scenario.name.clone(),
        replicates: args.seeds.get(),
        source: serde_json::json!("scenario"),
    });
    let schemes = ["vc", "tree"].map(str::to_owned).into();
    // Every message is counted, and nothing is sampled.
    Manifest::new(args.job.seed, Sampling::NONE, schemes, notes.collect())
}

fn files(manifest: &Manifest, rows: &[Row]) -> anyhow::Result<Vec<(String, String)>> {
    let looked_at = chart("Entries looked at by a tree clock", rows, |c| c.visited, |c| c.entries);
    let bytes = chart("Bytes of differential messages", rows, |c| c.diff_bytes, |c| c.vector_bytes);
    let mut files = vec![
        ("README.md".to_owned(), readme(manifest, rows)),
        manifest.file()?,
        ("raw/messages.csv".to_owned(), raw(rows)),
        ("looked-at.svg".to_owned(), looked_at),
        ("bytes.svg".to_owned(), bytes),
    ];
    for (Workload { scenario, .. }, _) in rows {
        files.push((format!("scenarios/{}.toml", scenario.name), toml::to_string(scenario)?));
    }
    Ok(files)
}

fn readme(manifest: &Manifest, rows: &[Row]) -> String {
    format!(
        "# Exact running clocks\n\n{} The same on every machine and on any number of \
         threads.\n\n{}\n\n{NOTES}\n![looked-at.svg](looked-at.svg)\n\n![bytes.svg](bytes.svg)\n",
        manifest.made_by(),
        table(rows).load_style(presets::ASCII_MARKDOWN),
    )
}

fn raw(rows: &[Row]) -> String {
    let mut text = "workload,participants,replicate,messages,entries,news,visited,vector_bytes,\
                    diff_bytes,tree_bytes,channels\n"
        .to_owned();
    for (Workload { name, participants, .. }, counts) in rows {
        for (replicate, c) in counts.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{name},{participants},{replicate},{},{},{},{},{},{},{},{}",
                c.messages,
                c.entries,
                c.news,
                c.visited,
                c.vector_bytes,
                c.diff_bytes,
                c.tree_bytes,
                c.channels
            );
        }
    }
    text
}

/// A share in percent by the number of participants, a line a workload.
fn chart(title: &str, rows: &[Row], of: fn(&Counts) -> u64, by: fn(&Counts) -> u64) -> String {
    let mut series: Vec<Series> = Vec::new();
    for (workload, counts) in rows {
        let Some(share) = per(counts, of, by) else { continue };
        let point = Point {
            x: workload.participants.into(),
            y: share.mean * 100.0,
            error: share.half_width.unwrap_or(0.0) * 100.0,
        };
        match series.iter_mut().find(|series| series.name == workload.name) {
            Some(series) => series.points.push(point),
            None => series.push(Series {
                name: workload.name.into(),
                points: vec![point],
                dashed: false,
            }),
        }
    }
    Chart {
        title: title.into(),
        x: Axis { label: "participants".into(), log: true },
        y: Axis { label: "% of the exact vector clock's".into(), log: false },
        series,
    }
    .svg()
}
