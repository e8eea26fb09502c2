//! `clockbench reproduce evc-growth`.

use anyhow::bail;
use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle, presets};

use super::folder::{Common, pages};
use crate::cli::print;
use crate::cli::progress::Progress;
use crate::plot::{Axis, Chart, Point, Series};
use crate::reproduce::evc_growth::{
    self, Counting, MARKS, Options, PUBLISHED, Row, Setting, VECTOR_BITS,
};
use crate::stats::Estimate;

/// "Encoded vector clock" (Kshemkalyani, Khokhar & Shen 2018): bits of the
/// integer by events of a process, for 24 processes.
///
/// How often a process sends, how long messages take and whether a receipt
/// counts as an event is not known, so several of each are run.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench reproduce evc-growth --quick
  clockbench reproduce evc-growth --out results/scratch/evc-growth")]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    /// Probabilities of an internal event, in tenths.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [0, 1, 5])]
    p_int_tenths: Vec<u32>,
    /// How many steps of the system a message takes; 24 are one of each
    /// process, on average.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [0, 24])]
    delays: Vec<u32>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(more) = args.p_int_tenths.iter().find(|p| **p > 10) {
        bail!("--p-int-tenths has {more}: expected from 0 to 10");
    }
    let common = &args.common;
    let (runs, delays, seed) = (common.runs(), args.delays.clone(), common.job.seed);
    let options = Options { runs, p_int_tenths: args.p_int_tenths.clone(), delays, seed };
    let pool = common.job.pool()?;
    let cells = evc_growth::settings(&options).iter().map(name).collect();
    let manifest = common.manifest(&["evc"], cells, "evc-growth");
    let progress = Progress::new("executions", evc_growth::count(&options));
    let rows = pool.install(|| evc_growth::run(&options, &|| progress.step()))?;
    progress.finish();
    common.job.leave(|| {
        let table = table(&rows, presets::ASCII_MARKDOWN);
        let body = format!("{table}\n\n{NOTES}\n\n![bits by events](growth.svg)\n");
        let mut files = pages(&manifest, "How the encoded vector clock grows, done again", &body)?;
        files.push(("raw/bits.csv".to_owned(), raw(&rows)));
        files.push(("growth.svg".to_owned(), chart(&rows)));
        Ok(files)
    })?;
    let lines = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
    print(&format!("{}\n\n{NOTES}\n", table(&rows, lines)))
}

const NOTES: &str = "\
Mean bits of a stamp over the 24 processes and the executions, ± half the 95 %
interval. Event: the number of the event at its process, counted as named: all
events, or those a process makes of its own (receipts are stamped, too, but not
counted). Delay: steps of the system that a message takes. The vector has 768 bits, 32 an entry.";

fn name(setting: &Setting) -> String {
    let Setting { p_int_tenths, delay, counting } = setting;
    format!("p_int={p_int_tenths}/10, delay {delay}, {}", counting.as_str())
}

/// The rows of one setting and event.
fn groups(rows: &[Row]) -> Vec<(Setting, u32, Estimate)> {
    let mut groups = Vec::new();
    for of_setting in rows.chunk_by(|a, b| a.setting == b.setting) {
        for event in MARKS {
            let of_event = of_setting.iter().filter(|row| row.event == event);
            let bits: Vec<f64> = of_event.map(Row::mean_bits).collect();
            groups.extend(Estimate::of(&bits).map(|e| (of_setting[0].setting, event, e)));
        }
    }
    groups
}

fn table(rows: &[Row], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header([
        "p_int",
        "delay",
        "counted",
        "event",
        "published",
        "ours",
        "±",
        "difference",
    ]);
    for (setting, event, bits) in groups(rows) {
        if let Some((_, published)) = PUBLISHED.iter().find(|(at, _)| *at == event) {
            let off = (bits.mean / f64::from(*published) - 1.0) * 100.0;
            table.add_row([
                format!("{}/10", setting.p_int_tenths),
                setting.delay.to_string(),
                setting.counting.as_str().to_owned(),
                event.to_string(),
                published.to_string(),
                format!("{:.0}", bits.mean),
                bits.half_width.map_or(String::new(), |half| format!("{half:.0}")),
                format!("{off:+.1} %"),
            ]);
        }
    }
    for column in [1, 3, 4, 5, 6, 7] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn raw(rows: &[Row]) -> String {
    let mut text = "p_int_tenths,delay,counting,run,event,bits_total\n".to_owned();
    for Row { setting: Setting { p_int_tenths, delay, counting }, run, event, bits_total } in rows {
        let counting = counting.as_str();
        text.push_str(&format!("{p_int_tenths},{delay},{counting},{run},{event},{bits_total}\n"));
    }
    text
}

fn chart(rows: &[Row]) -> String {
    let mut series: Vec<Series> = Vec::new();
    for (setting, event, bits) in groups(rows) {
        // The other way of counting is half of it, and crowds the chart.
        if setting.counting == Counting::All {
            continue;
        }
        let name = format!("p_int={}/10, delay {}", setting.p_int_tenths, setting.delay);
        let point = Point { x: event.into(), y: bits.mean, error: bits.half_width.unwrap_or(0.0) };
        match series.last_mut() {
            Some(last) if last.name == name => last.points.push(point),
            _ => series.push(Series { name, points: vec![point], dashed: false }),
        }
    }
    let flat = |y: u32| MARKS.map(|x| Point { x: x.into(), y: y.into(), error: 0.0 }).to_vec();
    let published = PUBLISHED.map(|(x, y)| Point { x: x.into(), y: y.into(), error: 0.0 });
    series.push(Series { name: "published".into(), points: published.to_vec(), dashed: true });
    series.push(Series {
        name: "vector, 32 bits an entry".into(),
        points: flat(VECTOR_BITS),
        dashed: true,
    });
    let axis = |label: &str| Axis { label: label.into(), log: true };
    Chart {
        title: "Encoded vector clock, 24 processes, receipts not counted".into(),
        x: axis("events of a process"),
        y: axis("bits of a stamp"),
        series,
    }
    .svg()
}
