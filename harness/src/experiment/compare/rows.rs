//! The raw rows of a comparison: integers and names.
//!
//! | table | a row a |
//! |---|---|
//! | `executions` | execution |
//! | `replays` | execution and clock |
//! | `verdicts` | execution, clock, lag bin and fate of the earlier participant |
//! | `sizes` | execution, clock and tenth |
//! | `times` | execution, clock, and good or faulty physical clocks |
//! | `epsilon_verdicts` | as `verdicts`, held against ε-causality |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::execution::Survey;
use crate::experiment::{Rows, RowsError};
use crate::measure::{Fate, Measured, SizeRow, Spread, Status, TimeRow, VerdictRow, Verdicts};
use crate::run::Replicate;

/// A row of `executions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields of a survey")]
pub struct ExecutionRow {
    pub judged: String,
    pub events: u32,
    pub participants: u32,
    pub mean_live: u32,
    pub max_live: u32,
    pub forks: u32,
    pub retires: u32,
    pub crashes: u32,
    pub sends: u32,
    pub receives: u32,
}

#[derive(Serialize, Deserialize)]
struct ReplayRow {
    scheme: String,
    status: String,
    events: u32,
    now_calls: u64,
    fresh_ids: u64,
    refused_merges: u64,
    refused_joins: u64,
}

const COMPLETE: &str = "complete";

#[derive(Serialize, Deserialize)]
struct VerdictRecord {
    scheme: String,
    lag_bin: usize,
    lag_from: u32,
    lag_to: u32,
    bin_pairs: u64,
    bin_judged: u64,
    earlier: Fate,
    before_said_before_proven: u64,
    before_said_before_guessed: u64,
    before_said_after_proven: u64,
    before_said_after_guessed: u64,
    before_said_equal_proven: u64,
    before_said_equal_guessed: u64,
    before_said_concurrent_proven: u64,
    before_said_concurrent_guessed: u64,
    concurrent_said_before_proven: u64,
    concurrent_said_before_guessed: u64,
    concurrent_said_after_proven: u64,
    concurrent_said_after_guessed: u64,
    concurrent_said_equal_proven: u64,
    concurrent_said_equal_guessed: u64,
    concurrent_said_concurrent_proven: u64,
    concurrent_said_concurrent_guessed: u64,
}

impl VerdictRecord {
    fn new(scheme: &str, row: &VerdictRow) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = row.verdicts.counts();
        Self {
            scheme: scheme.to_owned(),
            lag_bin: row.bin,
            lag_from: row.lag_from,
            lag_to: row.lag_to,
            bin_pairs: row.bin_pairs,
            bin_judged: row.bin_judged,
            earlier: row.fate,
            before_said_before_proven: a,
            before_said_before_guessed: b,
            before_said_after_proven: c,
            before_said_after_guessed: d,
            before_said_equal_proven: e,
            before_said_equal_guessed: f,
            before_said_concurrent_proven: g,
            before_said_concurrent_guessed: h,
            concurrent_said_before_proven: i,
            concurrent_said_before_guessed: j,
            concurrent_said_after_proven: k,
            concurrent_said_after_guessed: l,
            concurrent_said_equal_proven: m,
            concurrent_said_equal_guessed: n,
            concurrent_said_concurrent_proven: o,
            concurrent_said_concurrent_guessed: p,
        }
    }

    fn row(&self) -> VerdictRow {
        VerdictRow {
            bin: self.lag_bin,
            lag_from: self.lag_from,
            lag_to: self.lag_to,
            bin_pairs: self.bin_pairs,
            bin_judged: self.bin_judged,
            fate: self.earlier,
            verdicts: Verdicts::from_counts([
                self.before_said_before_proven,
                self.before_said_before_guessed,
                self.before_said_after_proven,
                self.before_said_after_guessed,
                self.before_said_equal_proven,
                self.before_said_equal_guessed,
                self.before_said_concurrent_proven,
                self.before_said_concurrent_guessed,
                self.concurrent_said_before_proven,
                self.concurrent_said_before_guessed,
                self.concurrent_said_after_proven,
                self.concurrent_said_after_guessed,
                self.concurrent_said_equal_proven,
                self.concurrent_said_equal_guessed,
                self.concurrent_said_concurrent_proven,
                self.concurrent_said_concurrent_guessed,
            ]),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SizeRecord {
    scheme: String,
    tenth: u32,
    stamps: u64,
    stamp_bytes_total: u64,
    stamp_bytes_p50: u64,
    stamp_bytes_p99: u64,
    stamp_bytes_max: u64,
    clocks: u64,
    clock_bytes_total: u64,
    clock_bytes_p50: u64,
    clock_bytes_p99: u64,
    clock_bytes_max: u64,
}

impl SizeRecord {
    fn new(scheme: &str, row: &SizeRow) -> Self {
        let (s, c) = (row.stamps, row.clocks);
        Self {
            scheme: scheme.to_owned(),
            tenth: row.tenth,
            stamps: s.count,
            stamp_bytes_total: s.total,
            stamp_bytes_p50: s.p50,
            stamp_bytes_p99: s.p99,
            stamp_bytes_max: s.max,
            clocks: c.count,
            clock_bytes_total: c.total,
            clock_bytes_p50: c.p50,
            clock_bytes_p99: c.p99,
            clock_bytes_max: c.max,
        }
    }

    const fn row(&self) -> SizeRow {
        SizeRow {
            tenth: self.tenth,
            stamps: Spread {
                count: self.stamps,
                total: self.stamp_bytes_total,
                p50: self.stamp_bytes_p50,
                p99: self.stamp_bytes_p99,
                max: self.stamp_bytes_max,
            },
            clocks: Spread {
                count: self.clocks,
                total: self.clock_bytes_total,
                p50: self.clock_bytes_p50,
                p99: self.clock_bytes_p99,
                max: self.clock_bytes_max,
            },
        }
    }
}

#[derive(Serialize, Deserialize)]
struct TimeRecord {
    scheme: String,
    faulty: u8,
    events: u64,
    counter_zero: u64,
    counter_max: u64,
    ahead_ns_max: u64,
    before_reading: u64,
    ahead_of_truth_ns_max: u64,
    went_back: u64,
    given_twice: u64,
    refused_from_good: u64,
    refused_from_faulty: u64,
}

impl TimeRecord {
    fn new(scheme: &str, faulty: usize, row: &TimeRow) -> Self {
        Self {
            scheme: scheme.to_owned(),
            faulty: faulty as u8,
            events: row.events,
            counter_zero: row.counter_zero,
            counter_max: row.counter_max,
            ahead_ns_max: row.ahead_ns_max,
            before_reading: row.before_reading,
            ahead_of_truth_ns_max: row.ahead_of_truth_ns_max,
            went_back: row.went_back,
            given_twice: row.given_twice,
            refused_from_good: row.refused_from_good,
            refused_from_faulty: row.refused_from_faulty,
        }
    }

    const fn row(&self) -> TimeRow {
        TimeRow {
            events: self.events,
            counter_zero: self.counter_zero,
            counter_max: self.counter_max,
            ahead_ns_max: self.ahead_ns_max,
            before_reading: self.before_reading,
            ahead_of_truth_ns_max: self.ahead_of_truth_ns_max,
            went_back: self.went_back,
            given_twice: self.given_twice,
            refused_from_good: self.refused_from_good,
            refused_from_faulty: self.refused_from_faulty,
        }
    }
}

/// Adds all rows of a replicate.
///
/// # Errors
/// Where a clock's message for having stopped holds a line break.
pub fn write(replicate: &Replicate, rows: &mut Rows) -> Result<(), RowsError> {
    let Survey { events, participants, mean_live, max_live, .. } = replicate.survey;
    let Survey { forks, retires, crashes, sends, receives, .. } = replicate.survey;
    let judged = if replicate.exhaustive { "every pair" } else { "sample" }.to_owned();
    rows.add(
        "executions",
        [ExecutionRow {
            judged,
            events,
            participants,
            mean_live,
            max_live,
            forks,
            retires,
            crashes,
            sends,
            receives,
        }],
    )?;
    let schemes = || replicate.schemes.iter().map(|(name, measured)| (name.as_str(), measured));
    rows.add("replays", schemes().map(|(name, measured)| replay_row(name, measured)))?;
    let verdicts = |(name, measured): (&str, &Measured), of: fn(&Measured) -> &[VerdictRow]| {
        of(measured).iter().map(|row| VerdictRecord::new(name, row)).collect::<Vec<_>>()
    };
    rows.add("verdicts", schemes().flat_map(|s| verdicts(s, |m| &m.verdicts)))?;
    rows.add(
        "sizes",
        schemes().flat_map(|(name, m)| m.sizes.iter().map(move |row| SizeRecord::new(name, row))),
    )?;
    rows.add(
        "times",
        schemes().flat_map(|(name, measured)| {
            let both = measured.times.iter().flatten().enumerate();
            both.filter(|(_, row)| row.events > 0)
                .map(move |(faulty, row)| TimeRecord::new(name, faulty, row))
        }),
    )?;
    rows.add("epsilon_verdicts", schemes().flat_map(|s| verdicts(s, |m| &m.epsilon_verdicts)))
}

fn replay_row(scheme: &str, measured: &Measured) -> ReplayRow {
    let usage = measured.usage;
    ReplayRow {
        scheme: scheme.to_owned(),
        status: match &measured.status {
            Status::Complete => COMPLETE.to_owned(),
            Status::Stopped(why) => format!("stopped: {why}"),
        },
        events: measured.events,
        now_calls: usage.now_calls,
        fresh_ids: usage.fresh_ids,
        refused_merges: usage.refused_merges,
        refused_joins: usage.refused_joins,
    }
}

/// What was observed of one clock in one execution, read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The scheme's name.
    pub scheme: String,
    /// Whether it came to the end.
    pub complete: bool,
    /// Merges and joins that it refused.
    pub refused: u64,
    /// How many participants left in the execution, one way or the other …
    pub departures: u32,
    /// … and how many of them crashed.
    pub crashes: u32,
    /// Its verdicts by stratum.
    pub verdicts: Vec<VerdictRow>,
    /// The same by ε-causality, where that was asked for.
    pub epsilon_verdicts: Vec<VerdictRow>,
    /// Its stamps against physical time, at good clocks and at faulty ones.
    pub times: Option<[TimeRow; 2]>,
    /// Its sizes by tenth.
    pub sizes: Vec<SizeRow>,
}

/// What was observed in one execution, the clocks in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// What the execution was like.
    pub execution: ExecutionRow,
    /// Each clock.
    pub clocks: Vec<Observed>,
}

/// Reads the rows of one task.
///
/// # Errors
/// Where a row does not read.
pub fn read(rows: &Rows) -> Result<Observation, RowsError> {
    let execution: ExecutionRow = rows.read("executions")?.pop().unwrap_or_default();
    let replays: Vec<ReplayRow> = rows.read("replays")?;
    let places: BTreeMap<String, usize> =
        replays.iter().enumerate().map(|(at, row)| (row.scheme.clone(), at)).collect();
    let mut clocks: Vec<Observed> = replays
        .into_iter()
        .map(|row| Observed {
            complete: row.status == COMPLETE,
            refused: row.refused_merges.saturating_add(row.refused_joins),
            departures: execution.retires.saturating_add(execution.crashes),
            crashes: execution.crashes,
            scheme: row.scheme,
            ..Observed::default()
        })
        .collect();
    for record in rows.read::<VerdictRecord>("verdicts")? {
        if let Some(at) = places.get(&record.scheme) {
            clocks[*at].verdicts.push(record.row());
        }
    }
    for record in rows.read::<VerdictRecord>("epsilon_verdicts")? {
        if let Some(at) = places.get(&record.scheme) {
            clocks[*at].epsilon_verdicts.push(record.row());
        }
    }
    for record in rows.read::<SizeRecord>("sizes")? {
        if let Some(at) = places.get(&record.scheme) {
            clocks[*at].sizes.push(record.row());
        }
    }
    for record in rows.read::<TimeRecord>("times")? {
        if let Some(at) = places.get(&record.scheme) {
            let times = clocks[*at].times.get_or_insert_with(Default::default);
            times[usize::from(record.faulty.min(1))] = record.row();
        }
    }
    Ok(Observation { execution, clocks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Cell;
    use crate::experiment::Task;
    use crate::registry::Registry;
    use crate::run::{Options, replicate};
    use crate::scenario::Scenario;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "name = 'c'\nevents = 900\n[population]\ninitial = 8\narrivals = 0.5\n\
                    graceful = 0.5\nsession = { law = 'exponential', mean = '20s' }";
        let cell = Cell::of(Scenario::parse(text, "c").unwrap());
        let schemes = Registry::builtin().schemes("rev:r=2,hlc,itc").unwrap();
        let epsilon = Some(std::time::Duration::from_millis(5));
        let options = Options { epsilon, settle: 0, ..Options::default() };
        let measured = replicate(&cell, 3, &schemes, &options);
        let mut rows = Rows::new(Task { cell: "c".into(), replicate: 3 });
        write(&measured, &mut rows).unwrap();
        let read = read(&rows).unwrap();
        assert_eq!(read.execution.crashes, measured.survey.crashes);
        assert!(read.execution.crashes > 0);
        for (observed, (name, measured)) in read.clocks.iter().zip(&measured.schemes) {
            assert_eq!(&observed.scheme, name);
            assert!(observed.complete);
            assert_eq!(observed.verdicts, measured.verdicts);
            assert_eq!(observed.epsilon_verdicts, measured.epsilon_verdicts);
            assert_eq!(observed.sizes, measured.sizes);
            let fates: Vec<Fate> = observed.verdicts.iter().map(|row| row.fate).collect();
            assert!(Fate::ALL.iter().all(|fate| fates.contains(fate)), "{fates:?}");
        }
        assert!(read.clocks[1].times.is_some() && read.clocks[0].times.is_none());
    }
}
