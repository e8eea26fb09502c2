//! "Interval Tree Clocks: A Logical Clock for Dynamic Systems" (Almeida,
//! Baquero, Fonte, OPODIS 2008), section 6: how large a stamp becomes.
//!
//! The replicas are first forked from the seed, in balance. Then, at random:
//!
//! * *data causality, dynamic*: an iteration forks a replica, makes an event
//!   at one, and joins one into another;
//! * *process causality, static*: messages and internal events. The text does
//!   not say what one iteration holds. Variant A has an event and a message
//!   (peek; join); variant B has an internal event, a send (event; peek) and a
//!   receive (join; event).
//!
//! The size of a stamp is that of its id and its event tree as appendix A
//! encodes them, in whole bytes rounded down: the published curves start at 1
//! or 2 bytes, where rounding up would give 2 or 3.

use std::num::NonZeroU32;

use clap::Args;
use itc::{EventError, Itc, ItcError};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::experiment::kind::{read_spec, write_spec};
use crate::experiment::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use crate::random::Random;
use crate::registry::Registry;
use crate::show::{Axis, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;

/// "Interval Tree Clocks" (Almeida, Baquero, Fonte, OPODIS 2008), section 6:
/// mean bytes of a stamp, dynamic and static, for 4 to 128 replicas.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench itc2008 --quick
      up to 32 replicas, 10 runs each: seconds
  clockbench itc2008 --out results/scratch/itc2008
      the paper's 100 runs each, with rows and charts: many minutes")]
pub struct Itc2008Args {
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
}

impl Plan for Itc2008Args {
    const NAME: &'static str = "itc2008";
    const SUMMARY: &'static str = "Paper: Interval Tree Clocks, section 6 (2008).";
    type Experiment = Itc2008;

    fn plan(&self, _: &Registry, seed: u64) -> Result<Itc2008, ExperimentError> {
        let (runs, replicas) = if self.quick { (10, &REPLICAS[..4]) } else { (100, &REPLICAS[..]) };
        let mut replicas =
            if self.replicas.is_empty() { replicas.to_vec() } else { self.replicas.clone() };
        replicas.sort_unstable();
        replicas.dedup();
        if let Some(few) = replicas.iter().find(|n| !(2..=4096).contains(*n)) {
            let problem = format!("--replicas has {few}: expected from 2 to 4096");
            return Err(ExperimentError::plan(problem));
        }
        let runs = self.runs.map_or(runs, NonZeroU32::get);
        Ok(Itc2008 { spec: Spec { seed, runs, replicas } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<Itc2008, ExperimentError> {
        Ok(Itc2008 { spec: read_spec(Self::NAME, spec)? })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    seed: u64,
    runs: u32,
    replicas: Vec<u32>,
}

/// The paper's section 6.
#[derive(Clone, Debug)]
pub struct Itc2008 {
    spec: Spec,
}

impl Itc2008 {
    fn cells(&self) -> impl Iterator<Item = (String, Setting, u32)> + '_ {
        Setting::ALL.into_iter().flat_map(|setting| {
            let replicas = self.spec.replicas.iter();
            replicas.map(move |n| (format!("{}-{n}", setting.as_str()), setting, *n))
        })
    }
}

impl Experiment for Itc2008 {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "itc2008".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |name: String| Task::replicates(&name, self.spec.runs);
        self.cells().flat_map(|(name, ..)| tasks(name)).collect()
    }

    fn weight(&self, task: &Task) -> u64 {
        let cell = self.cells().find(|(name, ..)| *name == task.cell);
        cell.map_or(1, |(_, setting, n)| u64::from(n).pow(2) * u64::from(setting.iterations()))
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let cell = self.cells().find(|(name, ..)| *name == task.cell);
        let (_, setting, replicas) = cell.ok_or_else(|| wrong("there is no such cell".into()))?;
        let sizes = execute(setting, replicas, task.replicate, self.spec.seed);
        let mut rows = Rows::new(task.clone());
        rows.add("sizes", sizes.map_err(|error| wrong(error.to_string()))?)?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<Row> = results.table("sizes")?.into_iter().map(|(_, row)| row).collect();
        let means = means(&rows);
        let mut page = Page::new(
            "Interval Tree Clocks (OPODIS 2008), section 6, done again",
            "`data`, `process-a` and `process-b` have the axes of the paper's figure: bytes by \
             iterations, both logarithmic, a curve a number of replicas, with the reading of the \
             plot as a dashed line at the end of each. `replicas` has the last iteration alone.",
        );
        page.table(ends_table(&means));
        page.table(means_table(&means));
        page.chart("replicas", by_replicas(&means));
        for setting in Setting::ALL {
            page.chart(setting.as_str(), by_iteration(setting, &means));
        }
        Ok(page)
    }
}

/// The means after the last iteration, beside what is published.
fn ends_table(means: &[Mean]) -> Table {
    let columns = [
        Column::text("setting", "setting"),
        Column::number("replicas", "replicas", Unit::Count),
        Column::text("plot", "plot"),
        Column::text("reference", "reference"),
        Column::estimate("bytes", "ours", Unit::Bytes),
        Column::text("from_plot", "ours − plot"),
        Column::text("from_reference", "ours − reference"),
    ];
    let mut table = Table::new("ends", "Bytes after the last iteration", columns).note(
        "Mean bytes of a stamp (id and event tree as appendix A encodes them, each rounded down) \
         over all replicas after the last iteration, and over the runs; ± half the 95 % interval. \
         Plot: read off the paper's figure. Reference: measured with the authors' Erlang code. \
         Process A and B: the two readings of what an iteration of \"process causality\" holds.",
    );
    for mean in last(means) {
        let ours = mean.bytes.mean;
        let off = |figure: f64| format!("{:+.1} %", (ours / figure - 1.0) * 100.0);
        let texts = match published(mean.setting, mean.replicas) {
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
        let [plot, reference, from_plot, from_reference] = texts.map(Value::Text);
        let setting = mean.setting.as_str().into();
        let bytes = mean.bytes.into();
        table.push([
            setting,
            mean.replicas.into(),
            plot,
            reference,
            bytes,
            from_plot,
            from_reference,
        ]);
    }
    table
}

/// All means, as a file.
fn means_table(means: &[Mean]) -> Table {
    let columns = [
        Column::text("setting", "setting"),
        Column::number("replicas", "replicas", Unit::Count),
        Column::number("iteration", "iteration", Unit::Count),
        Column::estimate("bytes", "bytes", Unit::Bytes),
        Column::number("exact_bytes", "bits by 8", Unit::Bytes),
    ];
    let mut table = Table::new("means", "Bytes by iteration", columns);
    table.shown = false;
    for mean in means {
        table.push([
            mean.setting.as_str().into(),
            mean.replicas.into(),
            mean.iteration.into(),
            mean.bytes.into(),
            mean.exact_bytes.into(),
        ]);
    }
    table
}

fn last(means: &[Mean]) -> impl Iterator<Item = &Mean> {
    means.iter().filter(|mean| mean.iteration == mean.setting.iterations())
}

fn axis(label: &str) -> Axis {
    Axis { label: label.into(), log: true }
}

fn point(x: u32, mean: &Mean) -> Point {
    Point { x: x.into(), y: mean.bytes.mean, error: mean.bytes.half_width.unwrap_or(0.0) }
}

/// The paper's figure: bytes by iterations.
fn by_iteration(setting: Setting, means: &[Mean]) -> Chart {
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
    Chart { title: title.into(), x, y, series }
}

/// The last iteration: bytes by replicas.
fn by_replicas(means: &[Mean]) -> Chart {
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
    Chart { title, x, y, series }
}

/// What an iteration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Data causality, dynamic.
    Data,
    /// Process causality, static: an event; peek and join.
    ProcessA,
    /// Process causality, static: an event; event and peek; join and event.
    ProcessB,
}

impl Setting {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Data, Self::ProcessA, Self::ProcessB];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::ProcessA => "process-a",
            Self::ProcessB => "process-b",
        }
    }

    /// How many iterations the paper has.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        match self {
            Self::Data => 100_000,
            Self::ProcessA | Self::ProcessB => 25_000,
        }
    }

    /// After which iterations sizes are taken; the last is the last.
    pub fn checkpoints(self) -> impl Iterator<Item = u32> {
        let marks = (0..6).flat_map(|power| [10_u32.pow(power), 3 * 10_u32.pow(power)]);
        let last = self.iterations();
        marks.take_while(move |mark| *mark < last).chain([last])
    }
}

/// What is known of the paper's figure for one setting and number of replicas,
/// at the last iteration, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Read off the plot.
    pub plot: f64,
    /// Whether the curve only ends somewhere above `plot`.
    pub at_least: bool,
    /// Measured with the authors' Erlang reference, from … to.
    pub reference: (f64, f64),
}

/// The numbers of replicas in the paper.
pub const REPLICAS: [u32; 6] = [4, 8, 16, 32, 64, 128];

/// The published figure; `None` where the paper has no such number of
/// replicas.
#[must_use]
pub fn published(setting: Setting, replicas: u32) -> Option<Published> {
    const DATA: [f64; 6] = [14.5, 33.0, 92.0, 280.0, 870.0, 2900.0];
    const DATA_REFERENCE: [(f64, f64); 6] = [
        (14.3, 14.3),
        (34.3, 34.3),
        (83.0, 83.0),
        (285.0, 285.0),
        (908.0, 908.0),
        (3177.0, 3481.0),
    ];
    const PROCESS: [f64; 6] = [7.8, 13.7, 25.0, 46.0, 88.0, 170.0];
    const A: [f64; 6] = [7.5, 13.2, 21.8, 42.0, 77.9, 148.0];
    const B: [f64; 6] = [9.0, 14.3, 26.8, 48.1, 88.0, 167.6];
    let at = REPLICAS.iter().position(|n| *n == replicas)?;
    Some(match setting {
        Setting::Data => {
            Published { plot: DATA[at], at_least: false, reference: DATA_REFERENCE[at] }
        }
        Setting::ProcessA | Setting::ProcessB => {
            let reference = if setting == Setting::ProcessA { A } else { B }[at];
            let at_least = replicas == 128;
            Published { plot: PROCESS[at], at_least, reference: (reference, reference) }
        }
    })
}

/// The stamps of all replicas at one moment of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What an iteration is.
    pub setting: Setting,
    /// How many replicas there are.
    pub replicas: u32,
    /// After which iteration.
    pub iteration: u32,
    /// Bytes of all stamps, each rounded down.
    pub bytes: u64,
    /// Bits of all stamps.
    pub bits: u64,
}

/// One run.
fn execute(setting: Setting, replicas: u32, run: u32, seed: u64) -> Result<Vec<Row>, ItcError> {
    let cell = format!("itc2008-{}-{replicas}", setting.as_str());
    let random = &mut Random::new(seed, &cell, run, "execution");
    let mut first = Itc::seed();
    let mut live = first.fork_many(replicas.saturating_sub(1) as usize);
    live.push(first);
    let (mut rows, mut done) = (Vec::new(), 0);
    for iteration in setting.checkpoints() {
        for _ in done..iteration {
            match setting {
                Setting::Data => data(&mut live, random)?,
                Setting::ProcessA => process_a(&mut live, random)?,
                Setting::ProcessB => process_b(&mut live, random)?,
            }
        }
        done = iteration;
        let bits = || live.iter().map(|clock| clock.encoded_bits() as u64);
        let (bytes, bits) = (bits().map(|bits| bits / 8).sum(), bits().sum());
        rows.push(Row { setting, replicas, iteration, bytes, bits });
    }
    Ok(rows)
}

fn data(live: &mut Vec<Itc>, random: &mut Random) -> Result<(), ItcError> {
    let parent = random.index(live.len());
    let newborn = live[parent].fork();
    live.push(newborn);
    let at = random.index(live.len());
    live[at].event()?;
    let retired = live.swap_remove(random.index(live.len()));
    let heir = random.index(live.len());
    live[heir].join(retired).map_err(|refused| refused.error)
}

fn process_a(live: &mut [Itc], random: &mut Random) -> Result<(), EventError> {
    live[random.index(live.len())].event()?;
    let (from, to) = two(live.len(), random);
    let message = live[from].peek();
    live[to].merge(&message);
    Ok(())
}

fn process_b(live: &mut [Itc], random: &mut Random) -> Result<(), EventError> {
    live[random.index(live.len())].event()?;
    let (from, to) = two(live.len(), random);
    let message = live[from].send()?;
    live[to].receive(&message)
}

/// Two different replicas.
fn two(replicas: usize, random: &mut Random) -> (usize, usize) {
    let from = random.index(replicas);
    let to = random.index(replicas.saturating_sub(1));
    (from, if to >= from { to + 1 } else { to })
}

/// Mean bytes of a stamp over the runs, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// What an iteration is.
    pub setting: Setting,
    /// How many replicas there are.
    pub replicas: u32,
    /// After which iteration.
    pub iteration: u32,
    /// The mean over runs of the mean over stamps, rounded down each.
    pub bytes: Estimate,
    /// The mean bits by 8: what rounding down takes away is about half a byte.
    pub exact_bytes: f64,
}

/// The means of the rows, in their order.
fn means(rows: &[Row]) -> Vec<Mean> {
    let mut groups: std::collections::BTreeMap<_, Vec<&Row>> = std::collections::BTreeMap::new();
    for row in rows {
        groups.entry((row.setting, row.replicas, row.iteration)).or_default().push(row);
    }
    let mean = |((setting, replicas, iteration), rows): (_, Vec<&Row>)| {
        let stamps = f64::from(replicas);
        let bytes: Vec<f64> = rows.iter().map(|row| row.bytes as f64 / stamps).collect();
        let bits: f64 = rows.iter().map(|row| row.bits as f64 / stamps).sum();
        let exact_bytes = bits / 8.0 / rows.len() as f64;
        let bytes = Estimate::of(&bytes)?;
        Some(Mean { setting, replicas, iteration, bytes, exact_bytes })
    };
    groups.into_iter().filter_map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_end_with_the_last_iteration() {
        let marks: Vec<u32> = Setting::Data.checkpoints().collect();
        assert_eq!(marks, [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]);
        let marks: Vec<u32> = Setting::ProcessA.checkpoints().collect();
        assert_eq!(marks.last(), Some(&25_000));
    }

    #[test]
    fn curves_start_at_a_byte_or_two_and_end_near_the_reference() {
        let mut rows = Vec::new();
        for setting in Setting::ALL {
            for (replicas, run) in (0..10).flat_map(|run| [(4, run), (8, run)]) {
                rows.extend(execute(setting, replicas, run, 1).unwrap());
            }
        }
        for mean in means(&rows) {
            if mean.iteration == 1 {
                assert!((1.0..=3.0).contains(&mean.bytes.mean), "{mean:?}");
            }
            if mean.iteration == mean.setting.iterations() {
                let reference = published(mean.setting, mean.replicas).unwrap().reference.0;
                assert!((mean.bytes.mean / reference - 1.0).abs() < 0.15, "{mean:?} {reference}");
            }
            let lost = mean.exact_bytes - mean.bytes.mean;
            assert!((0.0..1.0).contains(&lost), "{mean:?}");
        }
    }

    #[test]
    fn a_message_goes_to_another() {
        let random = &mut Random::new(1, "two", 0, "test");
        let mut seen = [[0; 3]; 3];
        for _ in 0..900 {
            let (from, to) = two(3, random);
            seen[from][to] += 1;
        }
        for (from, row) in seen.iter().enumerate() {
            for (to, count) in row.iter().enumerate() {
                assert_eq!(*count == 0, from == to, "{seen:?}");
            }
        }
    }
}
