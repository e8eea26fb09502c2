//! `clockbench placement`: what a choice of parents and heirs is worth.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use anyhow::bail;
use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, presets};

use super::job::{Job, on_terminal, with_half};
use super::progress::Progress;
use super::{inputs, print};
use crate::placement::{self, Bin, Choice, Line};
use crate::plot::{Axis, Chart, Point, Series};
use crate::registry::Registry;
use crate::results::{self, CellNote, Manifest, Sampling};
use crate::run::{self, Options, Replicate};
use crate::scenario::{Candidates, Scenario};
use crate::stats::Estimate;

/// Measure what it is worth to choose whom to fork from and into whom to
/// retire.
///
/// Runs one clock through the same executions with several numbers of
/// candidates at both ends of a participant's life, and compares each with no
/// choice, seed by seed.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench placement
      interval tree clocks in the scenario `turnover`
  clockbench placement churn --best-of 1,4 --seeds 100
      another scenario, one number of candidates, more seeds")]
pub(super) struct Args {
    /// A preset by name, or a TOML file.
    #[arg(default_value = "turnover")]
    scenario: String,
    /// The clock.
    #[arg(long, value_name = "CLOCK", default_value = "itc")]
    clock: String,
    /// The numbers of candidates.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8,all")]
    best_of: Vec<Candidates>,
    /// How many seeds [default: what the scenario says].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(args: &Args, registry: &Registry) -> anyhow::Result<()> {
    let pool = args.job.pool()?;
    let schemes = [registry.scheme(&args.clock)?];
    let scenario = inputs::scenario(&args.scenario)?;
    let seeds = args.seeds.map_or(scenario.seeds, NonZeroU32::get);
    let choices = Choice::all(&args.best_of);
    let cells: Vec<_> = choices.iter().map(|choice| (choice.cell(&scenario), seeds)).collect();
    let options = Options { root_seed: args.job.seed, ..Options::default() };
    // Before the long run: what is changed meanwhile is not what ran.
    let manifest = manifest(&schemes[0].name(), &cells, &options);

    let progress = Progress::new("executions", run::count(&cells));
    let replicates = pool.install(|| run::run(&cells, &schemes, &options, &|| progress.step()));
    progress.finish();
    let Some(lines) = placement::lines(&choices, seeds as usize, &replicates) else {
        bail!("{} did not come to the end of every execution", schemes[0].name());
    };
    args.job.leave(|| files(&manifest, &scenario, &replicates, &lines))?;
    print(&format!("{}\n\n{NOTES}", table(&lines).load_style(on_terminal())))
}

const NOTES: &str = "\
Stamp bytes: of the events in the last tenth. Clock bytes: of the participants at
the end. ± is half the 95 % interval over seeds; columns with \"of 1\" compare with
no choice at either end on the same executions, seed by seed. Ordered: the share
of pairs of events that are causally ordered; the chosen parents and heirs become
causal paths, and this is the price. Wrong: verdicts that are not true, of all
that were judged.
";

fn percent(estimate: &Estimate) -> String {
    with_half(estimate, 100.0, " %")
}

fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "fork best of",
        "retire best of",
        "clock bytes",
        "of 1",
        "stamp bytes",
        "of 1",
        "ordered",
        "more than 1",
        "wrong",
    ]);
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (number, line) in lines.iter().enumerate() {
        let compared = |text: String| if number == 0 { String::new() } else { text };
        table.add_row([
            line.choice.fork.to_string(),
            line.choice.retire.to_string(),
            with_half(&line.clock_bytes, 1.0, ""),
            compared(percent(&line.clock_ratio)),
            with_half(&line.stamp_bytes, 1.0, ""),
            compared(percent(&line.stamp_ratio)),
            percent(&line.ordered),
            compared(percent(&line.ordered_more)),
            format!("{} of {}", line.wrong, line.judged),
        ]);
    }
    table
}

fn manifest(scheme: &str, cells: &[(crate::execution::Cell, u32)], options: &Options) -> Manifest {
    let notes = cells.iter().map(|(cell, seeds)| CellNote {
        name: cell.name.clone(),
        replicates: *seeds,
        source: serde_json::json!("scenario"),
    });
    let sampling = Sampling { sources: options.sampling.sources, pairs: options.sampling.pairs };
    Manifest::new(options.root_seed, sampling, vec![scheme.to_owned()], notes.collect())
}

fn files(
    manifest: &Manifest,
    scenario: &Scenario,
    replicates: &[Replicate],
    lines: &[Line],
) -> anyhow::Result<Vec<(String, String)>> {
    Ok(vec![
        ("README.md".to_owned(), readme(manifest, scenario, lines)),
        manifest.file()?,
        (format!("scenarios/{}.toml", scenario.name), toml::to_string(scenario)?),
        ("raw/executions.csv".to_owned(), results::executions_csv(replicates)),
        ("raw/replays.csv".to_owned(), results::replays_csv(replicates)),
        ("raw/sizes.csv".to_owned(), results::sizes_csv(replicates)),
        ("raw/pairs.csv".to_owned(), pairs(replicates)),
        ("derived/placement.csv".to_owned(), derived(lines)),
        ("placement.svg".to_owned(), chart(scenario, replicates, lines)),
    ])
}

fn readme(manifest: &Manifest, scenario: &Scenario, lines: &[Line]) -> String {
    format!(
        "# Placement of `{}` in the scenario `{}`\n\n{}\n\n{} The same on every machine and on any \
         number of threads.\n\n{}\n\n{NOTES}",
        manifest.schemes.join(","),
        scenario.name,
        scenario.description,
        manifest.made_by(),
        table(lines).load_style(presets::ASCII_MARKDOWN),
    )
}

/// `raw/pairs.csv`: judged pairs by lag, those that are ordered in truth, and
/// those of which the clock said what is not true.
fn pairs(replicates: &[Replicate]) -> String {
    let mut text = "cell,replicate,lag_from,lag_to,bin_pairs,bin_judged,ordered,wrong\n".to_owned();
    for replicate in replicates {
        for (_, measured) in &replicate.schemes {
            for bin in placement::bins(&measured.verdicts) {
                let Replicate { cell, number, .. } = replicate;
                let Bin { lag_from, lag_to, pairs, judged, ordered, wrong } = bin;
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "{cell},{number},{lag_from},{lag_to},{pairs},{judged},{ordered},{wrong}"
                );
            }
        }
    }
    text
}

fn derived(lines: &[Line]) -> String {
    let mut text = "fork_best_of,retire_best_of,metric,seeds,mean,half_width_95\n".to_owned();
    for line in lines {
        for (metric, estimate) in [
            ("clock_bytes", line.clock_bytes),
            ("clock_bytes_ratio", line.clock_ratio),
            ("stamp_bytes", line.stamp_bytes),
            ("stamp_bytes_ratio", line.stamp_ratio),
            ("ordered_share", line.ordered),
            ("ordered_share_more", line.ordered_more),
        ] {
            let half = estimate.half_width.map_or(String::new(), |half| half.to_string());
            let Choice { fork, retire } = line.choice;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{fork},{retire},{metric},{},{},{half}",
                estimate.seeds, estimate.mean
            );
        }
    }
    text
}

/// Clock bytes by the number of candidates; everyone is as many as there are.
fn chart(scenario: &Scenario, replicates: &[Replicate], lines: &[Line]) -> String {
    let live: f64 = replicates.iter().map(|r| f64::from(r.survey.mean_live)).sum();
    let everyone = live / replicates.len().max(1) as f64;
    let place = |candidates: Candidates| match candidates {
        Candidates::UpTo(count) => f64::from(count.get()),
        Candidates::All => everyone,
    };
    type Of = fn(Choice) -> Option<Candidates>;
    let ends: [(&str, Of); 3] = [
        ("parent and heir", |c| (c.fork == c.retire).then_some(c.fork)),
        ("parent alone", |c| (c.retire == Candidates::ONE).then_some(c.fork)),
        ("heir alone", |c| (c.fork == Candidates::ONE).then_some(c.retire)),
    ];
    let series = ends.map(|(name, of)| {
        let points = lines.iter().filter_map(|line| {
            let x = place(of(line.choice)?);
            let error = line.clock_bytes.half_width.unwrap_or(0.0);
            Some(Point { x, y: line.clock_bytes.mean, error })
        });
        let mut points: Vec<Point> = points.collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Series { name: name.into(), points, dashed: false }
    });
    Chart {
        title: format!("Best of how many, in `{}`", scenario.name),
        x: Axis { label: "candidates (the last: everyone)".into(), log: true },
        y: Axis { label: "mean bytes of a clock at the end".into(), log: true },
        series: series.into(),
    }
    .svg()
}
