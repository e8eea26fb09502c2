//! `clockbench reproduce hlc2014`.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, TableStyle, presets};

use crate::cli::job::{Job, on_terminal};
use crate::cli::print;
use crate::cli::progress::Progress;
use crate::measure::TimeRow;
use crate::plot::{Axis, Chart, Point, Series};
use crate::reproduce::hlc2014::{
    self, DEPLOYMENTS, Deployment, EPSILONS_MS, HVC_SETTINGS, HvcRow, Options, RATES, Row,
};
use crate::results::{CellNote, Manifest, Sampling, duration, number};
use crate::stats::Estimate;

/// "Logical Physical Clocks" (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS
/// 2014): c and l − pt in the paper's deployments, simulated; and the size of
/// hybrid vector clocks against ε (OPODIS 2015).
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench reproduce hlc2014 --quick
      3 runs of each setting: seconds
  clockbench reproduce hlc2014 --out results/scratch/hlc2014
      30 runs of each, with rows and charts: a minute or two")]
pub(super) struct Args {
    /// How many runs of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 runs, where their number is not given.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    job: Job,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let runs = args.runs.map_or(if args.quick { 3 } else { 30 }, NonZeroU32::get);
    let options = Options { runs, events: 10_000, seed: args.job.seed };
    let pool = args.job.pool()?;
    // Before the long run: what is changed meanwhile is not what ran.
    let manifest = manifest(options);
    let progress = Progress::new("runs", hlc2014::count(options));
    let step = || progress.step();
    let deployments = pool.install(|| hlc2014::deployments(options, &step))?;
    let vectors = pool.install(|| hlc2014::hybrid_vectors(options, &step))?;
    progress.finish();
    args.job.leave(|| files(&manifest, &deployments, &vectors))?;
    print(&tables(&deployments, &vectors, on_terminal))
}

const NOTES: &str = "\
Means over runs ± half the 95 % interval; c and l − pt are the largest of a run of
10,000 events. In brackets, ours less the published. The published figures are
indicative only: a second source differs, and the paper's rates and delays are not
known here. The paper's l − pt exceeds its offset; in simulation the offset is a bound,
which by theorem 3 l − pt keeps to, but for one unit of 15 µs (and for what the bad
clock adds, where there is one). Straggler and rusher: one of four clocks is 25 ms,
five times the offset, behind or ahead.
";

const VECTOR_NOTES: &str = "\
Hybrid vector clocks: mean entries of a stamp in the second half of a run, the own one
included. The sigmoid turns at the ε at which half of the nodes are remembered. No
figure of the paper's is at hand to put beside it.
";

fn tables(rows: &[Row], vectors: &[HvcRow], style: impl Fn() -> TableStyle) -> String {
    let mut counters = table(&[
        "deployment",
        "offset",
        "rate",
        "c = 0",
        "published",
        "max c",
        "published",
        "max l − pt",
        "published",
        "bad clock: max c",
        "published",
        "max l − pt",
    ]);
    counters.load_style(style());
    for (deployment, rate, rows) in settings(rows) {
        counters.add_row(counter_cells(&deployment, rate, rows));
    }
    let mut header = vec!["nodes".to_owned(), "rate".to_owned()];
    header.extend(EPSILONS_MS.map(|ms| duration(ms as f64 * 1e6)));
    header.push("half at ε".to_owned());
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut sizes = table(&header);
    sizes.load_style(style());
    for (nodes, rate) in HVC_SETTINGS {
        let means: Vec<(u64, Estimate)> = sigmoid(vectors, nodes, rate).collect();
        let points: Vec<(u64, f64)> = means.iter().map(|(ms, e)| (*ms, e.mean)).collect();
        let mut cells = vec![nodes.to_string(), rate.to_string()];
        cells.extend(means.iter().map(|(_, e)| number(e.mean)));
        let half = hlc2014::half_way(&points, nodes);
        cells.push(half.map_or("–".into(), |ms| duration(ms * 1e6)));
        sizes.add_row(cells);
    }
    format!("{counters}\n\n{NOTES}\n{sizes}\n\n{VECTOR_NOTES}")
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    table.set_header(header);
    table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

/// The rows of each deployment and rate.
fn settings(rows: &[Row]) -> impl Iterator<Item = (Deployment, u32, &[Row])> {
    rows.chunk_by(|a, b| (a.deployment.name, a.rate) == (b.deployment.name, b.rate))
        .filter_map(|rows| rows.first().map(|first| (first.deployment, first.rate, rows)))
}

fn estimate(rows: &[Row], bad: bool, value: impl Fn(&TimeRow) -> f64) -> Option<Estimate> {
    let times = rows.iter().map(|row| &row.times[usize::from(bad)]).filter(|t| t.events > 0);
    Estimate::of(&times.map(value).collect::<Vec<_>>())
}

fn zero_percent(time: &TimeRow) -> f64 {
    time.counter_zero as f64 * 100.0 / time.events as f64
}

fn shown(estimate: Option<Estimate>, show: impl Fn(f64) -> String) -> String {
    estimate.map_or("–".into(), |e| match e.half_width {
        Some(half) if half > 0.0 => format!("{} ± {}", show(e.mean), show(half)),
        _ => show(e.mean),
    })
}

fn zero_published(deployment: &Deployment) -> Option<f64> {
    deployment.published.and_then(|published| published.zero_percent)
}

fn counter_cells(deployment: &Deployment, rate: u32, rows: &[Row]) -> Vec<String> {
    let zero = estimate(rows, false, zero_percent);
    let counter = |bad| estimate(rows, bad, |t| t.counter_max as f64);
    let ahead = |bad| estimate(rows, bad, |t| t.ahead_ns_max as f64);
    let none = || "–".to_owned();
    // The paper's largest c of the straggler is that of the bad clock itself.
    let of_bad = zero_published(deployment).is_none();
    let theirs = deployment.published.map(|published| published.counter_max as f64);
    let theirs_ahead = deployment.published.and_then(|published| published.ahead_ms_max);
    let off = |ours: Option<Estimate>, theirs: Option<f64>, scale: f64, unit: &str| {
        let ours = ours.map(|estimate| estimate.mean / scale);
        ours.zip(theirs).map_or_else(none, |(a, b)| format!("{b}{unit} ({:+.1})", a - b))
    };
    vec![
        deployment.name.to_owned(),
        format!("{} ms", deployment.offset_ms),
        format!("{rate}/s"),
        shown(zero, |percent| format!("{} %", number(percent))),
        off(zero, zero_published(deployment), 1.0, " %"),
        shown(counter(false), number),
        if of_bad { none() } else { off(counter(false), theirs, 1.0, "") },
        shown(ahead(false), duration),
        off(ahead(false), theirs_ahead, 1e6, " ms"),
        shown(counter(true), number),
        if of_bad { off(counter(true), theirs, 1.0, "") } else { none() },
        shown(ahead(true), duration),
    ]
}

/// Mean entries by ε.
fn sigmoid(rows: &[HvcRow], nodes: u32, rate: u32) -> impl Iterator<Item = (u64, Estimate)> {
    EPSILONS_MS.into_iter().filter_map(move |ms| {
        let of_setting = |row: &&HvcRow| (row.nodes, row.rate, row.epsilon_ms) == (nodes, rate, ms);
        let means: Vec<f64> = rows
            .iter()
            .filter(of_setting)
            .map(|row| row.entries as f64 / row.stamps.max(1) as f64)
            .collect();
        Some((ms, Estimate::of(&means)?))
    })
}

fn files(
    manifest: &Manifest,
    rows: &[Row],
    vectors: &[HvcRow],
) -> anyhow::Result<Vec<(String, String)>> {
    let by_nodes: Vec<_> = HVC_SETTINGS.into_iter().filter(|(_, rate)| *rate == 10).collect();
    let mut by_rate: Vec<_> = HVC_SETTINGS.into_iter().filter(|(nodes, _)| *nodes == 32).collect();
    by_rate.sort_unstable();
    let title = "Hybrid vector clocks: share of nodes in a stamp";
    Ok(vec![
        ("README.md".to_owned(), readme(manifest, rows, vectors)),
        manifest.file()?,
        ("raw/deployments.csv".to_owned(), raw_deployments(rows)),
        ("raw/hybrid_vectors.csv".to_owned(), raw_vectors(vectors)),
        ("derived/hybrid_vectors.csv".to_owned(), derived_vectors(vectors)),
        ("counters.svg".to_owned(), counters_chart(rows)),
        (
            "sizes-by-nodes.svg".to_owned(),
            sizes_chart(&format!("{title}, 10 messages a second and node"), vectors, &by_nodes),
        ),
        (
            "sizes-by-rate.svg".to_owned(),
            sizes_chart(&format!("{title}, 32 nodes"), vectors, &by_rate),
        ),
    ])
}

fn manifest(options: Options) -> Manifest {
    let note = |name: String| CellNote {
        name,
        replicates: options.runs,
        source: serde_json::json!({ "paper": "hlc2014", "events": options.events }),
    };
    let rates = |d: Deployment| RATES.map(|rate| note(format!("{}-rate-{rate}", d.name)));
    let vectors = HVC_SETTINGS.map(|(n, rate)| note(format!("hvc-{n}-nodes-rate-{rate}")));
    let cells = DEPLOYMENTS.into_iter().flat_map(rates).chain(vectors).collect();
    Manifest::new(options.seed, Sampling::NONE, vec!["hlc".to_owned(), "hvc".to_owned()], cells)
}

fn readme(manifest: &Manifest, rows: &[Row], vectors: &[HvcRow]) -> String {
    format!(
        "# Logical Physical Clocks (OPODIS 2014), done again\n\n{} The same on every machine and on \
         any number of threads.\n\n{}\n`counters.svg` has c = 0 by rate, the published shares \
         dashed; `sizes-by-nodes.svg` and `sizes-by-rate.svg` have the sigmoid.\n",
        manifest.made_by(),
        tables(rows, vectors, || presets::ASCII_MARKDOWN),
    )
}

/// `raw/deployments.csv`: a row an execution, for good clocks and for bad.
fn raw_deployments(rows: &[Row]) -> String {
    let mut text = "deployment,rate,run,bad_clock,events,counter_zero,counter_max,ahead_ns_max,\
                    ahead_of_truth_ns_max,before_reading,went_back,given_twice\n"
        .to_owned();
    for Row { deployment, rate, run, times } in rows {
        for (bad, t) in times.iter().enumerate().filter(|(_, t)| t.events > 0) {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{},{rate},{run},{bad},{},{},{},{},{},{},{},{}",
                deployment.name,
                t.events,
                t.counter_zero,
                t.counter_max,
                t.ahead_ns_max,
                t.ahead_of_truth_ns_max,
                t.before_reading,
                t.went_back,
                t.given_twice
            );
        }
    }
    text
}

fn raw_vectors(rows: &[HvcRow]) -> String {
    let mut text = "nodes,rate,epsilon_ms,run,stamps,entries\n".to_owned();
    for HvcRow { nodes, rate, epsilon_ms, run, stamps, entries } in rows {
        let _ = writeln!(text, "{nodes},{rate},{epsilon_ms},{run},{stamps},{entries}");
    }
    text
}

fn derived_vectors(rows: &[HvcRow]) -> String {
    let mut text = "nodes,rate,epsilon_ms,runs,mean_entries,half_width_95\n".to_owned();
    for (nodes, rate) in HVC_SETTINGS {
        for (ms, e) in sigmoid(rows, nodes, rate) {
            let half = e.half_width.map_or(String::new(), |half| format!("{half:.4}"));
            let _ = writeln!(text, "{nodes},{rate},{ms},{},{:.4},{half}", e.seeds, e.mean);
        }
    }
    text
}

fn point(x: f64, estimate: Estimate, scale: f64) -> Point {
    let error = estimate.half_width.unwrap_or(0.0) * scale;
    Point { x, y: estimate.mean * scale, error }
}

fn counters_chart(rows: &[Row]) -> String {
    let mut series: Vec<Series> = Vec::new();
    let mut theirs = Vec::new();
    for deployment in DEPLOYMENTS.into_iter().filter(|d| zero_published(d).is_some()) {
        let of_deployment = settings(rows).filter(|(d, ..)| d.name == deployment.name);
        let points = of_deployment.filter_map(|(_, rate, rows)| {
            Some(point(rate.into(), estimate(rows, false, zero_percent)?, 1.0))
        });
        let name = deployment.name.to_owned();
        series.push(Series { name, points: points.collect(), dashed: false });
        if let Some(y) = zero_published(&deployment) {
            let ends = [RATES[0], RATES[RATES.len() - 1]];
            let points = ends.map(|x| Point { x: x.into(), y, error: 0.0 }).to_vec();
            let name = format!("{}, published", deployment.name);
            theirs.push(Series { name, points, dashed: true });
        }
    }
    series.extend(theirs);
    let axis = |label: &str, log| Axis { label: label.into(), log };
    Chart {
        title: "Events with a counter of zero, at good clocks".into(),
        x: axis("messages a second and node", true),
        y: axis("events with c = 0, %", false),
        series,
    }
    .svg()
}

fn sizes_chart(title: &str, rows: &[HvcRow], settings: &[(u32, u32)]) -> String {
    let series = settings.iter().map(|&(nodes, rate)| {
        let scale = 100.0 / f64::from(nodes);
        let points = sigmoid(rows, nodes, rate).map(|(ms, e)| point(ms as f64, e, scale));
        let name = format!("{nodes} nodes, {rate}/s");
        Series { name, points: points.collect(), dashed: false }
    });
    let axis = |label: &str, log| Axis { label: label.into(), log };
    Chart {
        title: title.into(),
        x: axis("ε, ms", true),
        y: axis("nodes with an entry, %", false),
        series: series.collect(),
    }
    .svg()
}
