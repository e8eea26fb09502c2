//! How the encoded vector clock grows (Kshemkalyani, Khokhar and Shen, "Encoded
//! vector clock: using primes to characterize causality in distributed
//! systems", ICDCN 2018): bits of the integer by the number of events, for 24
//! processes, against 32 bits an entry of the vector.
//!
//! What is known of the published simulation does not say how often a process
//! sends, how long messages take, nor whether a receipt counts as an event on
//! the axis. So both ways of counting are run for several shares of internal
//! events, with messages that arrive at once and with such as take a while.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use causal_clock::NodeId;
use clap::Args;
use plausible::{Encoded, EncodedClock, EncodedStamp, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::experiment::kind::{read_spec, write_spec};
use crate::experiment::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use crate::random::Random;
use crate::registry::Registry;
use crate::show::{Axis, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;

/// "Encoded vector clock" (Kshemkalyani, Khokhar & Shen 2018): bits of the
/// integer by events of a process, for 24 processes.
///
/// How often a process sends, how long messages take and whether a receipt
/// counts as an event is not known, so several of each are run.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench evc-growth --quick
  clockbench evc-growth --out results/scratch/evc-growth")]
pub struct EvcGrowthArgs {
    /// How many executions of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 executions, where their number is not given.
    #[arg(long)]
    quick: bool,
    /// Probabilities of an internal event, in tenths.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [0, 1, 5])]
    p_int_tenths: Vec<u32>,
    /// How many steps of the system a message takes; 24 are one of each
    /// process, on average.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_values_t = [0, 24])]
    delays: Vec<u32>,
}

impl Plan for EvcGrowthArgs {
    const NAME: &'static str = "evc-growth";
    const SUMMARY: &'static str = "Paper: how the encoded vector clock grows (2018).";
    type Experiment = EvcGrowth;

    fn plan(&self, _: &Registry, seed: u64) -> Result<EvcGrowth, ExperimentError> {
        if let Some(more) = self.p_int_tenths.iter().find(|p| **p > 10) {
            let problem = format!("--p-int-tenths has {more}: expected from 0 to 10");
            return Err(ExperimentError::plan(problem));
        }
        let runs = self.runs.map_or(if self.quick { 3 } else { 30 }, NonZeroU32::get);
        let (p_int_tenths, delays) = (self.p_int_tenths.clone(), self.delays.clone());
        Ok(EvcGrowth { spec: Spec { seed, runs, p_int_tenths, delays } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<EvcGrowth, ExperimentError> {
        Ok(EvcGrowth { spec: read_spec(Self::NAME, spec)? })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    seed: u64,
    runs: u32,
    p_int_tenths: Vec<u32>,
    delays: Vec<u32>,
}

/// The encoded vector clock's growth.
#[derive(Clone, Debug)]
pub struct EvcGrowth {
    spec: Spec,
}

/// A row of `bits`: an execution's bits at one mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    /// The number of the event, the same at each process.
    event: u32,
    /// The sum over all processes of the bits of that event's stamp.
    bits_total: u64,
}

impl Row {
    /// Mean bits of a stamp.
    fn mean_bits(&self) -> f64 {
        self.bits_total as f64 / f64::from(PROCESSES)
    }
}

impl Setting {
    fn name(self) -> String {
        let Self { p_int_tenths, delay, counting } = self;
        format!("p{p_int_tenths}-delay{delay}-{}", counting.as_str())
    }
}

impl Experiment for EvcGrowth {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "evc-growth".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |setting: Setting| Task::replicates(&setting.name(), self.spec.runs);
        settings(&self.spec).into_iter().flat_map(tasks).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let setting = settings(&self.spec).into_iter().find(|s| s.name() == task.cell);
        let setting = setting.ok_or_else(|| wrong("there is no such setting".into()))?;
        let bits = execute(self.spec.seed, setting, task.replicate);
        let mut rows = Rows::new(task.clone());
        rows.add("bits", bits.map_err(|error| wrong(error.to_string()))?)?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<(Task, Row)> = results.table("bits")?;
        let groups = groups(&settings(&self.spec), &rows);
        let mut page = Page::new(
            "How the encoded vector clock grows, done again",
            "Kshemkalyani, Khokhar and Shen, \"Encoded vector clock\", ICDCN 2018: 24 processes.",
        );
        page.table(table(&groups));
        page.chart("growth", chart(&groups));
        Ok(page)
    }
}

/// The estimate of each setting and mark.
fn groups(settings: &[Setting], rows: &[(Task, Row)]) -> Vec<(Setting, u32, Estimate)> {
    let mut groups = Vec::new();
    for setting in settings {
        let name = setting.name();
        for mark in MARKS {
            let mine = rows.iter().filter(|(task, row)| task.cell == name && row.event == mark);
            let bits: Vec<f64> = mine.map(|(_, row)| row.mean_bits()).collect();
            groups.extend(Estimate::of(&bits).map(|estimate| (*setting, mark, estimate)));
        }
    }
    groups
}

fn table(groups: &[(Setting, u32, Estimate)]) -> Table {
    let columns = [
        Column::number("p_int", "p_int", Unit::Count),
        Column::number("delay", "delay", Unit::Count),
        Column::text("counted", "counted"),
        Column::number("event", "event", Unit::Count),
        Column::number("published", "published", Unit::Count),
        Column::estimate("bits", "ours", Unit::Count),
        Column::number("difference", "difference, %", Unit::Difference),
    ];
    let mut table = Table::new("growth", "Bits of a stamp by events", columns).note(
        "Mean bits of a stamp over the 24 processes and the executions, ± half the 95 % interval. \
         Event: the number of the event at its process, counted as named: all events, or those a \
         process makes of its own (receipts are stamped, too, but not counted). Delay: steps of the \
         system that a message takes. The vector has 768 bits, 32 an entry. Where nothing is \
         published, there is no figure.",
    );
    for (setting, event, bits) in groups {
        let published = PUBLISHED.iter().find(|(at, _)| at == event).map(|(_, bits)| *bits);
        let off = published.map(|figure| (bits.mean / f64::from(figure) - 1.0) * 100.0);
        table.push([
            (f64::from(setting.p_int_tenths) / 10.0).into(),
            setting.delay.into(),
            setting.counting.as_str().into(),
            (*event).into(),
            published.map_or(Value::Missing, Value::from),
            (*bits).into(),
            off.into(),
        ]);
    }
    table
}

fn chart(groups: &[(Setting, u32, Estimate)]) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    for (setting, event, bits) in groups {
        // The other way of counting is half of it, and crowds the chart.
        if setting.counting == Counting::All {
            continue;
        }
        let name = format!("p_int={}/10, delay {}", setting.p_int_tenths, setting.delay);
        let error = bits.half_width.unwrap_or(0.0);
        let point = Point { x: (*event).into(), y: bits.mean, error };
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
}

/// Processes, as published.
pub const PROCESSES: u32 = 24;

/// Events of a process at which bits are published.
pub const PUBLISHED: [(u32, u32); 2] = [(10, 1_139), (100, 21_457)];

/// Bits of a vector of 32-bit entries.
pub const VECTOR_BITS: u32 = 32 * PROCESSES;

/// The events of a process at which bits are taken.
pub const MARKS: [u32; 8] = [1, 2, 5, 10, 20, 40, 70, 100];

/// What counts as an event on the axis. All events are stamped in either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Internal events, sends and receipts.
    All,
    /// Internal events and sends: what a process does of its own.
    Own,
}

impl Counting {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::All, Self::Own];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all-events",
            Self::Own => "own-events",
        }
    }
}

/// One way to fill in what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Probability of an internal event, in tenths.
    pub p_int_tenths: u32,
    /// How many steps of the system a message takes; in [`PROCESSES`] steps
    /// each process takes one, on average.
    pub delay: u32,
    /// What counts as an event.
    pub counting: Counting,
}

/// All combinations of what was asked for.
fn settings(options: &Spec) -> Vec<Setting> {
    let mut settings = Vec::new();
    for &p_int_tenths in &options.p_int_tenths {
        for &delay in &options.delays {
            let setting = |counting| Setting { p_int_tenths, delay, counting };
            settings.extend(Counting::BOTH.map(setting));
        }
    }
    settings
}

/// The processes, and which of their events were counted.
struct System {
    counting: Counting,
    clocks: Vec<EncodedClock>,
    events: Vec<u32>,
    /// At each mark, the bits of all processes together.
    bits: [u64; MARKS.len()],
    /// How many marks of processes are still to come.
    missing: usize,
}

impl System {
    fn event(&mut self, process: usize, own: bool) -> Result<(), Error> {
        self.clocks[process].event()?;
        if own || self.counting == Counting::All {
            self.events[process] += 1;
            if let Some(mark) = MARKS.iter().position(|mark| *mark == self.events[process]) {
                self.bits[mark] += self.clocks[process].stamp().bits() as u64;
                self.missing -= 1;
            }
        }
        Ok(())
    }

    fn receive(&mut self, process: usize, message: &EncodedStamp) -> Result<(), Error> {
        self.clocks[process].merge(message)?;
        self.event(process, false)
    }
}

fn execute(seed: u64, setting: Setting, run: u32) -> Result<Vec<Row>, Error> {
    let Setting { p_int_tenths, delay, counting } = setting;
    let random = &mut Random::new(seed, &format!("evc-growth p={p_int_tenths}"), run, "steps");
    let n = u64::from(PROCESSES);
    let max_bits = Encoded::default().max_bits;
    let mut system = System {
        counting,
        clocks: (0..n).map(|id| EncodedClock::new(NodeId::new(id), max_bits)).collect(),
        events: vec![0; n as usize],
        bits: [0; MARKS.len()],
        missing: MARKS.len() * n as usize,
    };
    let mut messages: VecDeque<(u32, usize, EncodedStamp)> = VecDeque::new();
    let mut now = 0_u32;
    while system.missing > 0 {
        let process = random.index(n as usize);
        let other = (process + 1 + random.below(n - 1) as usize) % n as usize;
        system.event(process, true)?;
        if random.below(10) >= p_int_tenths.into() {
            messages.push_back((now + delay, other, system.clocks[process].stamp()));
        }
        while messages.front().is_some_and(|(due, _, _)| *due <= now)
            && let Some((_, to, message)) = messages.pop_front()
        {
            system.receive(to, &message)?;
        }
        now += 1;
    }
    let row = |(event, bits_total)| Row { event, bits_total };
    Ok(MARKS.into_iter().zip(system.bits).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_messages_a_stamp_is_a_power_of_one_prime() {
        let setting = Setting { p_int_tenths: 10, delay: 0, counting: Counting::All };
        let rows = execute(1, setting, 0).unwrap();
        let primes: [u32; 24] = [
            2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
            89,
        ];
        for row in rows {
            let bits = |p: u32| (f64::from(row.event) * f64::from(p).log2()).floor() as u64 + 1;
            assert_eq!(row.bits_total, primes.into_iter().map(bits).sum::<u64>(), "{}", row.event);
        }
    }

    #[test]
    fn it_passes_the_vector_within_tens_of_events() {
        let spec = Spec { runs: 2, p_int_tenths: vec![1], delays: vec![0, 24], seed: 1 };
        let settings = settings(&spec);
        let rows: Vec<Row> =
            settings.iter().flat_map(|setting| execute(1, *setting, 0).unwrap()).collect();
        assert_eq!(rows.len(), settings.len() * MARKS.len());
        let at = |event: u32| rows.iter().filter(move |row| row.event == event);
        assert!(at(5).all(|row| row.mean_bits() < VECTOR_BITS.into()));
        assert!(at(40).all(|row| row.mean_bits() > VECTOR_BITS.into()));
    }
}
