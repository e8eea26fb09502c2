//! `clockbench reproduce bloom-clock`.

use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle, presets};

use super::folder::{Common, pages};
use crate::cli::print;
use crate::cli::progress::Progress;
use crate::plot::{Axis, Chart, Point, Series};
use crate::reproduce::bloom_clock::{self, Options, Reading, Row, SETTINGS, Setting};
use crate::stats::Estimate;

/// "The Bloom clock to characterize causality in distributed systems"
/// (Kshemkalyani & Misra 2020): accuracy, precision and false-positive rate in
/// the paper's protocol, beside a public replication.
///
/// The replication's false-positive rate is a little higher than ours; the
/// second table shows which readings of the protocol move it.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench reproduce bloom-clock --quick
  clockbench reproduce bloom-clock --out results/scratch/bloom-clock")]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    /// Pairs of events drawn from each execution.
    #[arg(long, default_value_t = 100_000)]
    pairs: u32,
    /// Only the protocol as we read it, without the other readings.
    #[arg(long)]
    base_only: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let readings = if args.base_only { vec![Reading::Base] } else { Reading::ALL.to_vec() };
    let common = &args.common;
    let options =
        Options { runs: common.runs(), pairs: args.pairs, readings, seed: common.job.seed };
    let pool = common.job.pool()?;
    let cells = SETTINGS.iter().map(name).collect();
    let manifest = common.manifest(&["bloom"], cells, "bloom-clock");
    let progress = Progress::new("executions", bloom_clock::count(&options));
    let rows = pool.install(|| bloom_clock::run(&options, &|| progress.step()));
    progress.finish();
    common.job.leave(|| {
        let body = text(&rows, presets::ASCII_MARKDOWN) + "![charts](false-positives.svg)\n";
        let mut files = pages(&manifest, "The Bloom clock's false positives, done again", &body)?;
        files.push(("raw/pairs.csv".to_owned(), raw(&rows)));
        files.push(("derived/rates.csv".to_owned(), derived(&rows)));
        files.push(("false-positives.svg".to_owned(), chart(&rows)));
        Ok(files)
    })?;
    print(&text(&rows, presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())))
}

fn name(setting: &Setting) -> String {
    let Setting { n, m, k, p_int_tenths, .. } = setting;
    format!("n={n} m={m} k={k} p_int=0.{p_int_tenths}")
}

/// Accuracy, precision and false-positive rate, by pair convention.
type Rates = fn(&Row) -> [f64; 3];

fn estimate(rows: &[Row], reading: Reading, setting: Setting, rates: Rates, i: usize) -> Estimate {
    let of = rows.iter().filter(|r| r.reading == reading && r.setting == setting);
    let values: Vec<f64> = of.map(|row| rates(row)[i]).collect();
    Estimate::of(&values).unwrap_or(Estimate { seeds: 0, mean: f64::NAN, half_width: None })
}

fn text(rows: &[Row], style: TableStyle) -> String {
    let mut text = format!("{}\n\n{NOTES}\n\n", table(rows, style));
    if rows.iter().any(|row| row.reading != Reading::Base) {
        text.push_str(&format!("{}\n\n{READINGS}\n\n", readings(rows, style)));
    }
    text
}

const NOTES: &str = "\
Accuracy / precision / false-positive rate. Replication: a public student
replication, not the paper's own table. Forward: pairs y before z by number;
both: either direction of each pair. ± half the 95 % interval over executions.
Difference: false-positive rate, forward, less the replication's.";

const READINGS: &str = "\
The false-positive rate (forward) of other readings of what the protocol leaves
open, and the share of concurrent pairs: the mean over settings of ours less the
replication's, and the distance of all three figures from the replication's (root
of the mean square over settings).";

fn table(rows: &[Row], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["setting", "replication", "ours, forward", "±", "difference", "ours, both"]);
    let three = |values: [f64; 3]| values.map(|v| format!("{v:.3}")).join(" / ");
    for setting in SETTINGS {
        let ours =
            |rates: Rates| [0, 1, 2].map(|i| estimate(rows, Reading::Base, setting, rates, i));
        let (forward, both) = (ours(Row::forward), ours(Row::both_ways));
        table.add_row([
            name(&setting),
            three(setting.published),
            three(forward.map(|e| e.mean)),
            three(forward.map(|e| e.half_width.unwrap_or(0.0))),
            format!("{:+.3}", forward[2].mean - setting.published[2]),
            three(both.map(|e| e.mean)),
        ]);
    }
    table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

/// How far each reading is from the replication.
fn readings(rows: &[Row], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(["reading", "false positives", "concurrent pairs", "distance"]);
    let mut seen: Vec<Reading> = rows.iter().map(|row| row.reading).collect();
    seen.dedup();
    for reading in Reading::ALL.into_iter().filter(|r| seen.contains(r)) {
        let (mut rate, mut concurrent, mut squares) = (0.0, 0.0, 0.0);
        for setting in SETTINGS {
            let ours = [0, 1, 2].map(|i| estimate(rows, reading, setting, Row::forward, i).mean);
            let share = |[accuracy, _, rate]: [f64; 3]| (1.0 - accuracy) / rate;
            rate += ours[2] - setting.published[2];
            concurrent += share(ours) - share(setting.published);
            let differences = ours.iter().zip(setting.published).map(|(a, b)| (a - b) * (a - b));
            squares += differences.sum::<f64>() / 3.0;
        }
        let settings = SETTINGS.len() as f64;
        table.add_row([
            reading.as_str().to_owned(),
            format!("{:+.4}", rate / settings),
            format!("{:+.4}", concurrent / settings),
            format!("{:.4}", (squares / settings).sqrt()),
        ]);
    }
    table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

fn raw(rows: &[Row]) -> String {
    let mut text = "n,m,k,p_int_tenths,reading,run,pairs,ordered,true_positives,false_positives,\
                    backward_positives,equal\n"
        .to_owned();
    for row in rows {
        let Setting { n, m, k, p_int_tenths, .. } = row.setting;
        let Row { run, pairs, ordered, true_positives, .. } = row;
        let Row { false_positives, backward_positives, equal, .. } = row;
        text.push_str(&format!(
            "{n},{m},{k},{p_int_tenths},{},{run},{pairs},{ordered},{true_positives},\
             {false_positives},{backward_positives},{equal}\n",
            row.reading.as_str()
        ));
    }
    text
}

fn derived(rows: &[Row]) -> String {
    let mut text =
        "n,m,k,p_int_tenths,reading,pairs,rate,replication,mean,half_width_95\n".to_owned();
    for group in rows.chunk_by(|a, b| (a.setting, a.reading) == (b.setting, b.reading)) {
        let (setting, reading) = (group[0].setting, group[0].reading);
        let Setting { n, m, k, p_int_tenths, published } = setting;
        let conventions: [(&str, Rates); 2] = [("forward", Row::forward), ("both", Row::both_ways)];
        for (convention, rates) in conventions {
            for (i, rate) in ["accuracy", "precision", "false_positive_rate"].iter().enumerate() {
                let e = estimate(group, reading, setting, rates, i);
                let half = e.half_width.map_or(String::new(), |half| format!("{half:.6}"));
                text.push_str(&format!(
                    "{n},{m},{k},{p_int_tenths},{},{convention},{rate},{},{:.6},{half}\n",
                    reading.as_str(),
                    published[i],
                    e.mean
                ));
            }
        }
    }
    text
}

/// The false-positive rate against m/n, ours and the replication's, n = 200.
fn chart(rows: &[Row]) -> String {
    let settings = || SETTINGS.into_iter().filter(|s| s.n == 200 && s.p_int_tenths == 5);
    let mut ours: Vec<Point> = settings()
        .map(|s| {
            let e = estimate(rows, Reading::Base, s, Row::forward, 2);
            Point { x: s.m.into(), y: e.mean, error: e.half_width.unwrap_or(0.0) }
        })
        .collect();
    let mut theirs: Vec<Point> =
        settings().map(|s| Point { x: s.m.into(), y: s.published[2], error: 0.0 }).collect();
    for points in [&mut ours, &mut theirs] {
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    let axis = |label: &str| Axis { label: label.into(), log: false };
    Chart {
        title: "Bloom clock, 200 processes, k = 3, p_int = 0.5".into(),
        x: axis("counters m"),
        y: axis("false positives, share of concurrent pairs"),
        series: vec![
            Series { name: "ours".into(), points: ours, dashed: false },
            Series { name: "replication".into(), points: theirs, dashed: true },
        ],
    }
    .svg()
}
