//! The Bloom clock's accuracy, precision and false-positive rate (Kshemkalyani
//! and Misra, "The Bloom clock to characterize causality in distributed
//! systems", 2020), in the protocol of the paper, beside the figures of a
//! public student replication.
//!
//! `n` processes; each step a random process makes an internal event with
//! probability `p_int`, or else sends to a random other, which receives at
//! once. Events are numbered as they happen. Pairs of events *y* before *z* by
//! number are drawn from numbers 10n to n² + 10n; a positive is `B_y ≤ B_z`.
//!
//! The replication's false-positive rate is somewhat higher than ours. What
//! the protocol leaves open, each [`Reading`] decides in another way, so that
//! one can see which of them moves the rate, and by how much.

use std::num::NonZeroU32;

use causal_clock::NodeId;
use clap::Args;
use plausible::{Bloom, BloomClock};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::experiment::kind::{read_spec, write_spec};
use crate::experiment::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use crate::random::Random;
use crate::registry::Registry;
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit};
use crate::stats::Estimate;

/// "The Bloom clock to characterize causality in distributed systems"
/// (Kshemkalyani & Misra 2020): accuracy, precision and false-positive rate in
/// the paper's protocol, beside a public replication.
///
/// The replication's false-positive rate is a little higher than ours; the
/// second table shows which readings of the protocol move it.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench bloom-clock --quick
  clockbench bloom-clock --out results/scratch/bloom-clock")]
pub struct BloomClockArgs {
    /// How many executions of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 executions, where their number is not given.
    #[arg(long)]
    quick: bool,
    /// Pairs of events drawn from each execution.
    #[arg(long, default_value_t = 100_000)]
    pairs: u32,
    /// Only the protocol as we read it, without the other readings.
    #[arg(long)]
    base_only: bool,
}

impl Plan for BloomClockArgs {
    const NAME: &'static str = "bloom-clock";
    const SUMMARY: &'static str = "Paper: the Bloom clock's false positives (2020).";
    type Experiment = BloomClocks;

    fn plan(&self, _: &Registry, seed: u64) -> Result<BloomClocks, ExperimentError> {
        let runs = self.runs.map_or(if self.quick { 3 } else { 30 }, NonZeroU32::get);
        let readings = if self.base_only { vec![Reading::Base] } else { Reading::ALL.to_vec() };
        Ok(BloomClocks { spec: Spec { seed, runs, pairs: self.pairs, readings } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<BloomClocks, ExperimentError> {
        Ok(BloomClocks { spec: read_spec(Self::NAME, spec)? })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    seed: u64,
    runs: u32,
    pairs: u32,
    readings: Vec<Reading>,
}

/// The paper's table, by several readings.
#[derive(Clone, Debug)]
pub struct BloomClocks {
    spec: Spec,
}

impl Setting {
    fn name(self) -> String {
        let Self { n, m, k, p_int_tenths, .. } = self;
        format!("n{n}-m{m}-k{k}-p{p_int_tenths}")
    }
}

impl BloomClocks {
    fn cells(&self) -> impl Iterator<Item = (String, Setting, Reading)> + '_ {
        SETTINGS.into_iter().flat_map(|setting| {
            self.spec.readings.iter().map(move |reading| {
                (format!("{}-{}", setting.name(), reading.as_str()), setting, *reading)
            })
        })
    }
}

impl Experiment for BloomClocks {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "bloom-clock".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |name: String| Task::replicates(&name, self.spec.runs);
        self.cells().flat_map(|(name, ..)| tasks(name)).collect()
    }

    fn weight(&self, task: &Task) -> u64 {
        self.cells().find(|(name, ..)| *name == task.cell).map_or(1, |(_, s, _)| s.n.into())
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let found = self.cells().find(|(name, ..)| *name == task.cell);
        let (_, setting, reading) =
            found.ok_or_else(|| ExperimentError::task(task, "there is no such setting"))?;
        let mut rows = Rows::new(task.clone());
        rows.add("pairs", [execute(setting, reading, task.replicate, &self.spec)])?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<(Task, Row)> = results.table("pairs")?;
        let group = |(name, setting, reading): (String, Setting, Reading)| {
            let mine = rows.iter().filter(|(task, _)| task.cell == name);
            Group { setting, reading, rows: mine.map(|(_, row)| *row).collect() }
        };
        let groups: Vec<Group> = self.cells().map(group).collect();
        let mut page = Page::new(
            "The Bloom clock's false positives, done again",
            "Kshemkalyani and Misra, \"The Bloom clock to characterize causality in distributed \
             systems\", 2020, beside the figures of a public student replication.",
        );
        page.table(table(&groups));
        if self.spec.readings.len() > 1 {
            page.table(readings_table(&self.spec.readings, &groups));
        }
        page.chart("false-positives", chart(&groups));
        Ok(page)
    }
}

/// The executions of one setting by one reading.
struct Group {
    setting: Setting,
    reading: Reading,
    rows: Vec<Row>,
}

/// Accuracy, precision and false-positive rate, by pair convention.
type Rates = fn(&Row) -> [f64; 3];

impl Group {
    fn estimate(&self, rates: Rates, rate: usize) -> Option<Estimate> {
        Estimate::of(&self.rows.iter().map(|row| rates(row)[rate]).collect::<Vec<_>>())
    }

    fn mean(&self, rate: usize) -> f64 {
        self.estimate(Row::forward, rate).map_or(f64::NAN, |estimate| estimate.mean)
    }
}

const RATES: [&str; 3] = ["accuracy", "precision", "false positives"];

fn table(groups: &[Group]) -> Table {
    let columns = [
        Column::text("setting", "setting"),
        Column::text("rate", "rate"),
        Column::number("replication", "replication", Unit::Share),
        Column::estimate("ours", "ours, forward", Unit::Share),
        Column::number("difference", "difference", Unit::Points),
        Column::estimate("both", "ours, both ways", Unit::Share),
    ];
    let mut table = Table::new("rates", "Accuracy, precision, false positives", columns).note(
        "Replication: a public student replication, not the paper's own table. Forward: pairs y \
         before z by number; both: either direction of each pair. ± half the 95 % interval over \
         executions. Difference: forward, less the replication's, in percentage points.",
    );
    for group in groups.iter().filter(|group| group.reading == Reading::Base) {
        for (place, rate) in RATES.into_iter().enumerate() {
            let published = group.setting.published[place];
            table.push([
                group.setting.name().into(),
                rate.into(),
                published.into(),
                group.estimate(Row::forward, place).into(),
                (group.mean(place) - published).into(),
                group.estimate(Row::both_ways, place).into(),
            ]);
        }
    }
    table
}

/// How far each reading is from the replication.
fn readings_table(readings: &[Reading], groups: &[Group]) -> Table {
    let columns = [
        Column::text("reading", "reading"),
        Column::number("false_positives", "false positives", Unit::Points),
        Column::number("concurrent", "concurrent pairs", Unit::Points),
        Column::number("distance", "distance", Unit::Share).better(Better::Less),
    ];
    let mut table = Table::new("readings", "Other readings of the protocol", columns).note(
        "The false-positive rate (forward) of other readings of what the protocol leaves open, and \
         the share of concurrent pairs: the mean over settings of ours less the replication's; and \
         the distance of all three figures from the replication's (root of the mean square over \
         settings).",
    );
    for reading in readings {
        let (mut rate, mut concurrent, mut squares, mut settings) = (0.0, 0.0, 0.0, 0.0);
        for group in groups.iter().filter(|group| group.reading == *reading) {
            let published = group.setting.published;
            let ours = [0, 1, 2].map(|place| group.mean(place));
            let share = |[accuracy, _, rate]: [f64; 3]| (1.0 - accuracy) / rate;
            rate += ours[2] - published[2];
            concurrent += share(ours) - share(published);
            let differences = ours.iter().zip(published).map(|(a, b)| (a - b) * (a - b));
            squares += differences.sum::<f64>() / 3.0;
            settings += 1.0;
        }
        table.push([
            reading.as_str().into(),
            (rate / settings).into(),
            (concurrent / settings).into(),
            (squares / settings).sqrt().into(),
        ]);
    }
    table
}

/// The false-positive rate against m, ours and the replication's, n = 200.
fn chart(groups: &[Group]) -> Chart {
    let mine = || {
        groups.iter().filter(|group| {
            let Setting { n, p_int_tenths, .. } = group.setting;
            group.reading == Reading::Base && n == 200 && p_int_tenths == 5
        })
    };
    let point = |group: &Group| {
        let estimate = group.estimate(Row::forward, 2)?;
        let error = estimate.half_width.unwrap_or(0.0);
        Some(Point { x: group.setting.m.into(), y: estimate.mean, error })
    };
    let mut ours: Vec<Point> = mine().filter_map(point).collect();
    let theirs = mine().map(|group| group.setting);
    let mut theirs: Vec<Point> =
        theirs.map(|s| Point { x: s.m.into(), y: s.published[2], error: 0.0 }).collect();
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
}

/// A line of the published table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Processes.
    pub n: u32,
    /// Counters.
    pub m: u16,
    /// Hashes.
    pub k: u16,
    /// Probability of an internal event, in tenths.
    pub p_int_tenths: u32,
    /// Accuracy, precision and false-positive rate of the replication.
    pub published: [f64; 3],
}

const fn setting(n: u32, m: u16, p_int_tenths: u32, published: [f64; 3]) -> Setting {
    Setting { n, m, k: 3, p_int_tenths, published }
}

/// The published table.
pub const SETTINGS: [Setting; 7] = [
    setting(100, 20, 5, [0.866, 0.851, 0.576]),
    setting(200, 40, 5, [0.921, 0.916, 0.537]),
    setting(300, 60, 5, [0.945, 0.942, 0.500]),
    setting(200, 20, 5, [0.906, 0.901, 0.640]),
    setting(200, 60, 5, [0.930, 0.924, 0.467]),
    setting(200, 40, 0, [0.955, 0.953, 0.501]),
    setting(200, 40, 9, [0.707, 0.627, 0.576]),
];

/// How what the protocol leaves open is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The clock of this workspace, as it is.
    Base,
    /// k hashes independent of each other, so that some fall together.
    IndependentHashes,
    /// k hashes on k different counters.
    DistinctPlaces,
    /// Hashes of process and number written one after the other, so that
    /// process 1, event 23 and process 12, event 3 are the same.
    ConcatenatedInput,
    /// Equal filters are no positive.
    Strict,
    /// Numbers 0 to n².
    FromTheStart,
    /// A send and its receipt have one number.
    NumberedSteps,
    /// A receipt adds first, then takes the larger of each counter.
    AddThenMax,
    /// A receipt takes the larger of each counter and adds nothing.
    ReceiptAddsNothing,
    /// Sends and internal events happen at the processes in turn.
    InTurn,
}

impl Reading {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Base,
        Self::IndependentHashes,
        Self::DistinctPlaces,
        Self::ConcatenatedInput,
        Self::Strict,
        Self::FromTheStart,
        Self::NumberedSteps,
        Self::AddThenMax,
        Self::ReceiptAddsNothing,
        Self::InTurn,
    ];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::IndependentHashes => "independent-hashes",
            Self::DistinctPlaces => "distinct-places",
            Self::ConcatenatedInput => "concatenated-input",
            Self::Strict => "equal-is-negative",
            Self::FromTheStart => "slice-from-0",
            Self::NumberedSteps => "send-and-receipt-one-number",
            Self::AddThenMax => "add-then-max",
            Self::ReceiptAddsNothing => "receipt-adds-nothing",
            Self::InTurn => "processes-in-turn",
        }
    }
}

/// The counts of one execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Pairs y before z by number.
    pub pairs: u64,
    /// Those in which y truly happened before z …
    pub ordered: u64,
    /// … and was said to.
    pub true_positives: u64,
    /// Those concurrent, said to be ordered.
    pub false_positives: u64,
    /// Those in which z was said to have happened before y.
    pub backward_positives: u64,
    /// Pairs of equal filters.
    pub equal: u64,
}

impl Row {
    /// Accuracy, precision and false-positive rate over pairs y before z.
    #[must_use]
    pub fn forward(&self) -> [f64; 3] {
        rates(self.pairs, self.ordered, self.true_positives, self.false_positives)
    }

    /// The same over both directions of each pair.
    #[must_use]
    pub fn both_ways(&self) -> [f64; 3] {
        let wrong = self.false_positives + self.backward_positives;
        rates(2 * self.pairs, self.ordered, self.true_positives, wrong)
    }
}

fn rates(pairs: u64, ordered: u64, true_positives: u64, false_positives: u64) -> [f64; 3] {
    let others = pairs - ordered;
    let right = true_positives + others - false_positives;
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    [
        share(right, pairs),
        share(true_positives, true_positives + false_positives),
        share(false_positives, others),
    ]
}

/// The events of the slice, in the order of their numbers.
#[derive(Default)]
struct Slice {
    process: Vec<u32>,
    number: Vec<u32>,
    /// A vector clock an event.
    vectors: Vec<u32>,
    /// A filter an event.
    filters: Vec<u32>,
}

fn execute(setting: Setting, reading: Reading, run: u32, spec: &Spec) -> Row {
    let Setting { n, m, k, p_int_tenths, .. } = setting;
    let cell = format!("bloom-clock n={n} m={m} k={k} p={p_int_tenths}");
    let random = &mut Random::new(spec.seed, &cell, run, "steps");
    let from = if reading == Reading::FromTheStart { 0 } else { 10 * n };
    let to = from + n * n;
    let mut system = System::new(setting, reading);
    let mut slice = Slice::default();
    let (mut number, mut turn) = (0, 0);
    while number < to {
        let process = if reading == Reading::InTurn { turn % n } else { pick(random, n) };
        turn += 1;
        let internal = random.below(10) < p_int_tenths.into();
        system.event(process);
        system.keep(process, number, from, &mut slice);
        if !internal {
            let other = (process + 1 + pick(random, n - 1)) % n;
            if reading != Reading::NumberedSteps {
                number += 1;
            }
            system.receive(other, process);
            if number < to {
                system.keep(other, number, from, &mut slice);
            }
        }
        number += 1;
    }
    let random = &mut Random::new(spec.seed, &cell, run, "pairs");
    judge(setting, reading, &slice, spec.pairs, random)
}

fn pick(random: &mut Random, n: u32) -> u32 {
    random.below(n.into()) as u32
}

/// The processes: vector clocks for the truth, and Bloom clocks.
struct System {
    setting: Setting,
    reading: Reading,
    /// n entries a process.
    vectors: Vec<u32>,
    clocks: Vec<BloomClock>,
    /// For readings that our clock does not have: m counters a process.
    filters: Vec<u32>,
}

impl System {
    fn new(setting: Setting, reading: Reading) -> Self {
        let Setting { n, m, k, .. } = setting;
        // The settings of the table are all valid.
        let scheme = Bloom::new(m, k).unwrap_or_default();
        let (n, m) = (n as usize, usize::from(m));
        Self {
            setting,
            reading,
            vectors: vec![0; n * n],
            clocks: (0..n).map(|id| BloomClock::new(NodeId::new(id as u64), scheme)).collect(),
            filters: vec![0; n * m],
        }
    }

    const fn is_own_clock(&self) -> bool {
        matches!(
            self.reading,
            Reading::Base
                | Reading::Strict
                | Reading::FromTheStart
                | Reading::NumberedSteps
                | Reading::InTurn
        )
    }

    fn tick(&mut self, process: u32) -> u32 {
        let n = self.setting.n as usize;
        let own = &mut self.vectors[process as usize * n + process as usize];
        *own += 1;
        *own
    }

    fn event(&mut self, process: u32) {
        let sequence = self.tick(process);
        if self.is_own_clock() {
            // Counters of 64 bits are not filled by these few events.
            let _ = self.clocks[process as usize].event();
        } else {
            self.add(process, sequence);
        }
    }

    fn receive(&mut self, process: u32, from: u32) {
        let (n, m) = (self.setting.n as usize, usize::from(self.setting.m));
        take_larger(&mut self.vectors, process as usize * n, from as usize * n, n);
        if self.is_own_clock() {
            let stamp = self.clocks[from as usize].stamp();
            // All clocks are of one scheme.
            let _ = self.clocks[process as usize].merge(&stamp);
            return self.event(process);
        }
        let (to, from) = (process as usize * m, from as usize * m);
        let sequence = self.tick(process);
        if self.reading == Reading::AddThenMax {
            self.add(process, sequence);
        }
        take_larger(&mut self.filters, to, from, m);
        if !matches!(self.reading, Reading::AddThenMax | Reading::ReceiptAddsNothing) {
            self.add(process, sequence);
        }
    }

    /// Adds an event to the filter of its process.
    fn add(&mut self, process: u32, sequence: u32) {
        let m = usize::from(self.setting.m);
        let key = if self.reading == Reading::ConcatenatedInput {
            format!("{process}{sequence}").parse().unwrap_or(0)
        } else {
            u64::from(process) << 32 | u64::from(sequence)
        };
        let mut hashes = Random::hash(key);
        let mut taken: Vec<usize> = Vec::new();
        while taken.len() < self.setting.k.into() {
            let place = hashes.index(m);
            if self.reading != Reading::DistinctPlaces || !taken.contains(&place) {
                taken.push(place);
                self.filters[process as usize * m + place] += 1;
            }
        }
    }

    /// Keeps the latest event of a process, where it is in the slice.
    fn keep(&self, process: u32, number: u32, from: u32, slice: &mut Slice) {
        if number < from {
            return;
        }
        let (n, m) = (self.setting.n as usize, usize::from(self.setting.m));
        let at = process as usize;
        slice.process.push(process);
        slice.number.push(number);
        slice.vectors.extend_from_slice(&self.vectors[at * n..(at + 1) * n]);
        if self.is_own_clock() {
            let stamp = self.clocks[at].stamp();
            slice.filters.extend(stamp.counters().iter().map(|counter| *counter as u32));
        } else {
            slice.filters.extend_from_slice(&self.filters[at * m..(at + 1) * m]);
        }
    }
}

/// `values[to..]` takes over what is larger in `values[from..]`.
fn take_larger(values: &mut [u32], to: usize, from: usize, len: usize) {
    for i in 0..len {
        values[to + i] = values[to + i].max(values[from + i]);
    }
}

fn judge(
    setting: Setting,
    reading: Reading,
    slice: &Slice,
    pairs: u32,
    random: &mut Random,
) -> Row {
    let (n, m) = (setting.n as usize, usize::from(setting.m));
    let mut row = Row::default();
    while row.pairs < pairs.into() {
        let (a, b) = (random.index(slice.process.len()), random.index(slice.process.len()));
        let (y, z) = (a.min(b), a.max(b));
        if slice.number[y] == slice.number[z] {
            continue;
        }
        let process = slice.process[y] as usize;
        let ordered = slice.vectors[z * n + process] >= slice.vectors[y * n + process];
        let (of_y, of_z) = (&slice.filters[y * m..][..m], &slice.filters[z * m..][..m]);
        let leq = of_y.iter().zip(of_z).all(|(y, z)| y <= z);
        let geq = of_y.iter().zip(of_z).all(|(y, z)| y >= z);
        let (equal, strict) = (leq && geq, reading == Reading::Strict);
        let positive = leq && !(equal && strict);
        row.pairs += 1;
        row.ordered += u64::from(ordered);
        row.true_positives += u64::from(ordered && positive);
        row.false_positives += u64::from(!ordered && positive);
        row.backward_positives += u64::from(geq && !(equal && strict));
        row.equal += u64::from(equal);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Spec {
        Spec { runs: 2, pairs: 20_000, readings: vec![Reading::Base], seed: 1 }
    }

    #[test]
    fn the_smallest_setting_comes_near_the_published_figures() {
        let row = execute(SETTINGS[0], Reading::Base, 0, &spec());
        let [accuracy, precision, false_positives] = row.forward();
        assert!((accuracy - 0.866).abs() < 0.03, "{accuracy}");
        assert!((precision - 0.851).abs() < 0.03, "{precision}");
        assert!((false_positives - 0.576).abs() < 0.05, "{false_positives}");
        // Twice the pairs, nearly all of the new ones rightly negative.
        assert!(row.both_ways()[0] > accuracy);
        assert_eq!(row.true_positives, row.ordered, "a Bloom clock misses no order");
    }

    #[test]
    fn readings_that_lose_events_still_miss_no_order() {
        for reading in [Reading::AddThenMax, Reading::ReceiptAddsNothing] {
            let row = execute(SETTINGS[0], reading, 0, &spec());
            assert_eq!(row.true_positives, row.ordered, "{reading:?}");
        }
    }

    #[test]
    fn rates_are_of_the_right_pairs() {
        // 10 pairs, 6 ordered, of the 4 others 1 said to be: 9 right.
        assert_eq!(rates(10, 6, 6, 1), [0.9, 6.0 / 7.0, 0.25]);
    }
}
