//! `clockbench lost-ids`: what crashes cost interval tree clocks, and what a
//! keeper of ids saves.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use anyhow::bail;
use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, presets};

use super::job::{Job, on_terminal, with_half};
use super::progress::Progress;
use super::{inputs, print};
use crate::execution::Cell;
use crate::lost_ids::{self, Line, Remedy, Row};
use crate::plot::{Axis, Chart, Point, Series};
use crate::results::{CellNote, Manifest, Sampling};
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// Measure what crashes cost interval tree clocks, with and without a keeper
/// that gives the ids of the dead to heirs.
///
/// Runs the same executions three times: the ids are lost; a random
/// participant reclaims each; or the one whose id grows least by it does.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench lost-ids
      the scenario `crash-heavy`
  clockbench lost-ids --events 100000 --seeds 30
      the same, ten times as long")]
pub(super) struct Args {
    /// A preset by name, or a TOML file.
    #[arg(default_value = "crash-heavy")]
    scenario: String,
    /// How many events [default: what the scenario says].
    #[arg(long)]
    events: Option<NonZeroU32>,
    /// How many seeds [default: what the scenario says].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let pool = args.job.pool()?;
    let mut scenario = inputs::scenario(&args.scenario)?;
    if let Some(events) = args.events {
        if events.get() < 10 {
            bail!("--events is {events}: expected at least 10");
        }
        scenario.events = events.get();
    }
    let seeds = args.seeds.map_or(scenario.seeds, NonZeroU32::get);
    let cell = Cell::of(scenario.clone());
    // Before the long run: what is changed meanwhile is not what ran.
    let manifest = manifest(&scenario, args.job.seed, seeds);

    let progress = Progress::new("executions", Remedy::ALL.len() * seeds as usize);
    let rows = pool.install(|| lost_ids::run(&cell, args.job.seed, seeds, &|| progress.step()))?;
    progress.finish();
    let lines = lost_ids::lines(&rows);
    args.job.leave(|| files(&manifest, &scenario, &rows, &lines))?;
    print(&format!("{}\n\n{NOTES}", table(&lines).load_style(on_terminal())))
}

const NOTES: &str = "\
Clock bytes: of the participants at the end. Stamp bytes: of the events in the
last tenth. ± is half the 95 % interval over seeds; columns with \"of none\" compare
with no remedy on the same executions, seed by seed. Deposits: round trips to the
keeper; every event is published at once, the most that can be asked for. Wrong:
verdicts that are not true, of all that were judged. Two things flatter the
remedies: every crash is noticed at once, and the best heir is chosen among all who
live.
";

fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "remedy",
        "clock bytes",
        "of none",
        "stamp bytes",
        "of none",
        "crashes",
        "deposits an event",
        "wrong",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in lines {
        let remedied =
            |text: String| if line.remedy == Remedy::None { String::new() } else { text };
        table.add_row([
            line.remedy.as_str().to_owned(),
            with_half(&line.clock_bytes, 1.0, ""),
            remedied(with_half(&line.clock_ratio, 100.0, " %")),
            with_half(&line.stamp_bytes, 1.0, ""),
            remedied(with_half(&line.stamp_ratio, 100.0, " %")),
            with_half(&line.crashes, 1.0, ""),
            remedied(format!("{:.3}", line.deposits.mean)),
            format!("{} of {}", line.wrong, line.judged),
        ]);
    }
    table
}

fn manifest(scenario: &Scenario, root_seed: u64, seeds: u32) -> Manifest {
    let cells = Remedy::ALL.map(|remedy| CellNote {
        name: format!("{}-{}", scenario.name, remedy.as_str()),
        replicates: seeds,
        source: serde_json::json!("scenario"),
    });
    // Of this run's own kind: every 64th event with all later ones.
    let sampling = Sampling { sources: scenario.events.div_ceil(64), pairs: 0 };
    Manifest::new(root_seed, sampling, vec!["itc".to_owned()], cells.into())
}

fn files(
    manifest: &Manifest,
    scenario: &Scenario,
    rows: &[Row],
    lines: &[Line],
) -> anyhow::Result<Vec<(String, String)>> {
    Ok(vec![
        ("README.md".to_owned(), readme(manifest, scenario, lines)),
        manifest.file()?,
        (format!("scenarios/{}.toml", scenario.name), toml::to_string(scenario)?),
        ("raw/tenths.csv".to_owned(), raw(rows)),
        ("derived/lost-ids.csv".to_owned(), derived(lines)),
        ("lost-ids.svg".to_owned(), chart(scenario, rows)),
    ])
}

fn readme(manifest: &Manifest, scenario: &Scenario, lines: &[Line]) -> String {
    format!(
        "# Lost ids in the scenario `{}`\n\n{}\n\n{} The same on every machine and on any number of \
         threads.\n\n{}\n\n{NOTES}",
        scenario.name,
        scenario.description,
        manifest.made_by(),
        table(lines).load_style(presets::ASCII_MARKDOWN),
    )
}

/// `raw/tenths.csv`: what [`Row`] says, in integers.
fn raw(rows: &[Row]) -> String {
    let mut text = "remedy,replicate,tenth,stamps,stamp_bytes,clocks,clock_bytes,crashes,\
                    deposits,judged,wrong\n"
        .to_owned();
    for row in rows {
        let Row { replicate, tenth, stamps, stamp_bytes, clocks, clock_bytes, .. } = row;
        let Row { remedy, crashes, deposits, judged, wrong, .. } = row;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{},{replicate},{tenth},{stamps},{stamp_bytes},{clocks},{clock_bytes},{crashes},\
             {deposits},{judged},{wrong}",
            remedy.as_str()
        );
    }
    text
}

fn derived(lines: &[Line]) -> String {
    let mut text = "remedy,metric,seeds,mean,half_width_95\n".to_owned();
    for line in lines {
        for (metric, estimate) in [
            ("clock_bytes", line.clock_bytes),
            ("clock_bytes_ratio", line.clock_ratio),
            ("stamp_bytes", line.stamp_bytes),
            ("stamp_bytes_ratio", line.stamp_ratio),
            ("deposits_an_event", line.deposits),
            ("crashes", line.crashes),
        ] {
            let Estimate { seeds, mean, half_width } = estimate;
            let half = half_width.map_or(String::new(), |half| half.to_string());
            let _ = writeln!(text, "{},{metric},{seeds},{mean},{half}", line.remedy.as_str());
        }
    }
    text
}

/// Clock bytes as the execution goes on.
fn chart(scenario: &Scenario, rows: &[Row]) -> String {
    let series = Remedy::ALL.map(|remedy| {
        let points = (1..=10).filter_map(|tenth| {
            let at = rows.iter().filter(|row| row.remedy == remedy && row.tenth == tenth);
            let bytes: Vec<f64> =
                at.map(|row| row.clock_bytes as f64 / row.clocks as f64).collect();
            let Estimate { mean, half_width, .. } = Estimate::of(&bytes)?;
            let x = f64::from(scenario.events) * f64::from(tenth) / 10.0;
            Some(Point { x, y: mean, error: half_width.unwrap_or(0.0) })
        });
        let name = match remedy {
            Remedy::None => "ids are lost",
            Remedy::AnyHeir => "reclaimed by anyone",
            Remedy::BestHeir => "reclaimed by the best",
        };
        Series { name: name.into(), points: points.collect(), dashed: false }
    });
    Chart {
        title: format!("Crashes in `{}`", scenario.name),
        x: Axis { label: "events".into(), log: false },
        y: Axis { label: "mean bytes of a clock".into(), log: true },
        series: series.into(),
    }
    .svg()
}
