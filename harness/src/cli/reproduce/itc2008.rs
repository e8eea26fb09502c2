//! `clockbench reproduce itc2008`.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use anyhow::bail;
use clap::Args as ClapArgs;
use comfy_table::{CellAlignment, Table, presets};

use crate::cli::job::{Job, on_terminal};
use crate::cli::print;
use crate::cli::progress::Progress;
use crate::plot::{Axis, Chart, Point, Series};
use crate::reproduce::itc2008::{
    self, Mean, Options, Published, REPLICAS, Row, Setting, published,
};
use crate::results::{CellNote, Manifest, Sampling};

/// "Interval Tree Clocks" (Almeida, Baquero, Fonte, OPODIS 2008), section 6:
/// mean bytes of a stamp, dynamic and static, for 4 to 128 replicas.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench reproduce itc2008 --quick
      up to 32 replicas, 10 runs each: seconds
  clockbench reproduce itc2008 --out results/scratch/itc2008
      the paper's 100 runs each, with rows and charts: many minutes")]
pub(super) struct Args {
    /// How many runs of each setting and number of replicas [default: 100, as
    /// in the paper].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// The numbers of replicas [default: 4,8,16,32,64,128, as in the paper].
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    replicas: Vec<u32>,
    /// 10 runs, and up to 32 replicas, where these are not given.
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    job: Job,
}

impl Args {
    fn options(&self) -> anyhow::Result<Options> {
        let (runs, replicas) = if self.quick { (10, &REPLICAS[..4]) } else { (100, &REPLICAS[..]) };
        let mut replicas =
            if self.replicas.is_empty() { replicas.to_vec() } else { self.replicas.clone() };
        replicas.sort_unstable();
        replicas.dedup();
        if let Some(few) = replicas.iter().find(|n| !(2..=4096).contains(*n)) {
            bail!("--replicas has {few}: expected from 2 to 4096");
        }
        let runs = self.runs.map_or(runs, NonZeroU32::get);
        Ok(Options { runs, replicas, seed: self.job.seed })
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let options = args.options()?;
    let pool = args.job.pool()?;
    // Before the long run: what is changed meanwhile is not what ran.
    let manifest = manifest(&options);
    let progress = Progress::new("runs", itc2008::count(&options));
    let rows = pool.install(|| itc2008::run(&options, &|| progress.step()))?;
    progress.finish();
    let means = itc2008::means(&rows);
    args.job.leave(|| files(&manifest, &rows, &means))?;
    print(&format!("{}\n\n{NOTES}", table(&means).load_style(on_terminal())))
}

const NOTES: &str = "\
Mean bytes of a stamp (id and event tree as appendix A encodes them, each rounded
down) over all replicas after the last iteration, and over the runs; ± half the
95 % interval. Plot: read off the paper's figure. Reference: measured with the
authors' Erlang code. Process A and B: the two readings of what an iteration of
\"process causality\" holds.
";

/// The means after the last iteration, beside what is published.
fn table(means: &[Mean]) -> Table {
    let mut table = Table::new();
    table.set_header([
        "setting",
        "replicas",
        "plot",
        "reference",
        "ours",
        "±",
        "ours − plot",
        "ours − reference",
        "runs",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for mean in last(means) {
        let ours = mean.bytes.mean;
        let published = published(mean.setting, mean.replicas);
        let off = |figure: f64| format!("{:+.1} %", (ours / figure - 1.0) * 100.0);
        let [plot, reference, from_plot, from_reference] = match published {
            None => [const { String::new() }; 4],
            Some(Published { plot, at_least, reference: (from, to) }) => [
                format!("{}{plot}", if at_least { "> " } else { "" }),
                if from < to { format!("{from}–{to}") } else { from.to_string() },
                // Against the end of a curve that leaves the figure, only a
                // smaller one differs.
                if at_least && ours >= plot { "above, too".into() } else { off(plot) },
                if (from..=to).contains(&ours) && from < to {
                    "within".into()
                } else if ours < from {
                    off(from)
                } else {
                    off(to)
                },
            ],
        };
        table.add_row([
            mean.setting.as_str().to_owned(),
            mean.replicas.to_string(),
            plot,
            reference,
            format!("{ours:.1}"),
            mean.bytes.half_width.map_or(String::new(), |half| format!("{half:.1}")),
            from_plot,
            from_reference,
            mean.bytes.seeds.to_string(),
        ]);
    }
    table
}

fn last(means: &[Mean]) -> impl Iterator<Item = &Mean> {
    means.iter().filter(|mean| mean.iteration == mean.setting.iterations())
}

fn files(
    manifest: &Manifest,
    rows: &[Row],
    means: &[Mean],
) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = vec![
        ("README.md".to_owned(), readme(manifest, means)),
        manifest.file()?,
        ("raw/sizes.csv".to_owned(), raw(rows)),
        ("derived/means.csv".to_owned(), derived(means)),
        ("replicas.svg".to_owned(), by_replicas(means)),
    ];
    for setting in Setting::ALL {
        let name = format!("{}.svg", setting.as_str());
        files.push((name, by_iteration(setting, means)));
    }
    Ok(files)
}

fn manifest(options: &Options) -> Manifest {
    let cells = Setting::ALL.iter().flat_map(|setting| {
        options.replicas.iter().map(|replicas| CellNote {
            name: format!("{}-{replicas}", setting.as_str()),
            replicates: options.runs,
            source: serde_json::json!({ "paper": "itc2008", "iterations": setting.iterations() }),
        })
    });
    Manifest::new(options.seed, Sampling::NONE, vec!["itc".to_owned()], cells.collect())
}

fn readme(manifest: &Manifest, means: &[Mean]) -> String {
    format!(
        "# Interval Tree Clocks (OPODIS 2008), section 6, done again\n\n{} The same on every machine \
         and on any number of threads.\n\n{}\n\n{NOTES}\n`data.svg`, `process-a.svg` and \
         `process-b.svg` have the axes of the paper's figure: bytes by iterations, both \
         logarithmic, a curve a number of replicas, with the reading of the plot as a dashed \
         line at the end of each. `replicas.svg` has the last iteration alone.\n",
        manifest.made_by(),
        table(means).load_style(presets::ASCII_MARKDOWN),
    )
}

/// `raw/sizes.csv`: sums over the replicas, in integers.
fn raw(rows: &[Row]) -> String {
    let mut text = "setting,replicas,run,iteration,bytes,bits\n".to_owned();
    for row in rows {
        let Row { setting, replicas, run, iteration, bytes, bits } = row;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{replicas},{run},{iteration},{bytes},{bits}", setting.as_str());
    }
    text
}

fn derived(means: &[Mean]) -> String {
    let mut text =
        "setting,replicas,iteration,runs,mean_bytes,half_width_95,mean_bits_by_8\n".to_owned();
    for mean in means {
        let Mean { setting, replicas, iteration, bytes, exact_bytes } = mean;
        let half = bytes.half_width.map_or(String::new(), |half| format!("{half:.4}"));
        let _ = writeln!(
            text,
            "{},{replicas},{iteration},{},{:.4},{half},{exact_bytes:.4}",
            setting.as_str(),
            bytes.seeds,
            bytes.mean,
        );
    }
    text
}

fn axis(label: &str) -> Axis {
    Axis { label: label.into(), log: true }
}

fn point(x: u32, mean: &Mean) -> Point {
    Point { x: x.into(), y: mean.bytes.mean, error: mean.bytes.half_width.unwrap_or(0.0) }
}

/// The paper's figure: bytes by iterations.
fn by_iteration(setting: Setting, means: &[Mean]) -> String {
    let mut series = Vec::new();
    let mut readings = Vec::new();
    let of_setting: Vec<&Mean> = means.iter().filter(|m| m.setting == setting).collect();
    for group in of_setting.chunk_by(|a, b| a.replicas == b.replicas) {
        let Some(first) = group.first() else { continue };
        series.push(Series {
            name: format!("{} replicas", first.replicas),
            points: group.iter().map(|mean| point(mean.iteration, mean)).collect(),
            dashed: false,
        });
        if let Some(published) = published(setting, first.replicas) {
            let y = published.plot;
            let at = |x: u32| Point { x: x.into(), y, error: 0.0 };
            let end = setting.iterations();
            readings.push(Series {
                name: format!("{}{y} B in the paper", if published.at_least { "> " } else { "" }),
                points: vec![at(end / 2), at(end)],
                dashed: true,
            });
        }
    }
    // The largest on top, as the curves are.
    series.reverse();
    readings.reverse();
    series.extend(readings);
    let title = match setting {
        Setting::Data => "Data causality, dynamic",
        Setting::ProcessA => "Process causality, static, variant A",
        Setting::ProcessB => "Process causality, static, variant B",
    };
    let (x, y) = (axis("iterations"), axis("mean bytes of a stamp"));
    Chart { title: title.into(), x, y, series }.svg()
}

/// The last iteration: bytes by replicas.
fn by_replicas(means: &[Mean]) -> String {
    let mut series = Vec::new();
    for setting in Setting::ALL {
        let ends: Vec<&Mean> = last(means).filter(|mean| mean.setting == setting).collect();
        let ours = ends.iter().map(|mean| point(mean.replicas, mean)).collect();
        series.push(Series { name: setting.as_str().into(), points: ours, dashed: false });
        let theirs = ends.iter().filter_map(|mean| {
            let y = published(setting, mean.replicas)?.plot;
            Some(Point { x: mean.replicas.into(), y, error: 0.0 })
        });
        // Both variants are readings of one curve.
        if setting != Setting::ProcessB {
            let name = format!("{} in the paper", setting.as_str().trim_end_matches("-a"));
            series.push(Series { name, points: theirs.collect(), dashed: true });
        }
    }
    let title = "Bytes after the last iteration".to_owned();
    let (x, y) = (axis("replicas"), axis("mean bytes of a stamp"));
    Chart { title, x, y, series }.svg()
}
