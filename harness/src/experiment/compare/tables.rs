//! The tables of every comparison: what stamps cost, where they err, and how
//! errors depend on the lag and on who is gone.

use causal_clock::Guarantee;

use super::metrics::{ALL_PAIRS, BYTES_A_DEPARTURE, METRICS, Metric};
use super::panel::{BY_LAG, Panel, PanelCell, PanelClock};
use super::{Clock, confidence};
use crate::measure::{Fate, LagBins};
use crate::show::{Column, Page, Table, Unit, Value, spell};
use crate::stats::{Estimate, Rate};

/// Columns of `summary`: the metric's place, its heading and its rank.
const COSTS: [(usize, &str, u8); 9] = [
    (1, "bytes", 0),
    (2, "p99", 4),
    (3, "max", 5),
    (4, "growth", 3),
    (5, "clock bytes", 2),
    (18, "reversed", 1),
    (19, "taken for equal", 6),
    (20, "proven", 1),
    (21, "wrong proofs", 7),
];

/// Columns of `errors`.
const ERRORS: [(usize, &str, u8); 12] = [
    (6, "false order\nnear", 0),
    (7, "false order\nmid", 0),
    (8, "false order\nfar", 0),
    (9, "missed\nnear", 0),
    (10, "missed\nmid", 1),
    (11, "missed\nfar", 0),
    (12, "reversed\nnear", 2),
    (13, "reversed\nmid", 2),
    (14, "reversed\nfar", 2),
    (15, "proven\nnear", 3),
    (16, "proven\nmid", 3),
    (17, "proven\nfar", 3),
];

/// Columns of `growth`.
const GROWTH: [(usize, &str, u8); 5] = [
    (BYTES_A_DEPARTURE, "a departure", 0),
    (26, "a crash", 0),
    (27, "bytes at\n100", 1),
    (28, "bytes at\n1000", 1),
    (29, "bytes at\n10000", 1),
];

/// Names of the lag bins.
pub(super) const BINS: [&str; LagBins::COUNT] =
    ["below_1n", "1n_to_2n", "2n_to_4n", "4n_to_8n", "8n_to_16n", "16n_to_32n", "from_32n"];

/// Adds them to a page.
pub(super) fn add(page: &mut Page, panel: &Panel, clocks: &[Clock]) {
    page.table(errors(panel, clocks));
    page.table(summary(panel, clocks));
    page.table(by_lag(panel));
    page.table(growth(panel, clocks));
    let (confidence, words) = confidence::table(panel, clocks);
    page.table(confidence);
    if let Some(words) = words {
        page.text(words);
    }
    for warning in warnings(panel, clocks) {
        page.text(warning);
    }
}

fn column(place: usize, heading: &str, rank: u8) -> Column {
    let metric = METRICS[place];
    Column::estimate(metric.key(), heading, metric.unit).better(metric.better).rank(rank)
}

fn value(clock: &PanelClock, place: usize, clocks: &[Clock]) -> Value {
    let Some(estimate) = clock.estimate(place) else { return Value::Missing };
    let promised = clocks.iter().any(|c| c.name == clock.name && c.promises(&METRICS[place]));
    if promised { Value::Promised(estimate) } else { Value::Estimate(estimate) }
}

fn table(
    name: &str,
    title: &str,
    columns: &[(usize, &str, u8)],
    panel: &Panel,
    clocks: &[Clock],
    last: impl Fn(&PanelCell, &PanelClock) -> Option<(Column, Value)>,
) -> Table {
    let mut all = vec![Column::text("cell", "scenario"), Column::text("clock", "clock")];
    all.extend(columns.iter().map(|(place, heading, rank)| column(*place, heading, *rank)));
    let mut rows = Vec::new();
    let mut extra = None;
    for cell in &panel.cells {
        for clock in &cell.clocks {
            let mut row: Vec<Value> = vec![cell.name.as_str().into(), clock.name.as_str().into()];
            row.extend(columns.iter().map(|(place, ..)| value(clock, *place, clocks)));
            if let Some((column, value)) = last(cell, clock) {
                extra = Some(column);
                row.push(value);
            }
            rows.push(row);
        }
    }
    all.extend(extra);
    let mut table = Table::new(name, title, all);
    table.by_first = true;
    rows.into_iter().for_each(|row| table.push(row));
    table
}

fn summary(panel: &Panel, clocks: &[Clock]) -> Table {
    table("summary", "What stamps cost", &COSTS, panel, clocks, |cell, clock| {
        let key = (cell.name.clone(), clock.name.clone());
        let time = panel.nanoseconds.get(&key).copied();
        let column = Column::number("ns_an_operation", "ns/op", Unit::Count).rank(0);
        (!panel.nanoseconds.is_empty()).then(|| (column, time.into()))
    })
    .note(
        "Bytes: encoded stamps of the events in the last tenth, median, mean over seeds; growth: \
         their mean over that of the first tenth; clock bytes: what those alive at the end keep. \
         Reversed, taken for equal and proven: of pairs below a lag of 32N whose earlier \
         participant lives; wrong proofs: of all proofs. ± is half the 95 % interval over seeds.",
    )
}

fn errors(panel: &Panel, clocks: &[Clock]) -> Table {
    let table = table("errors", "Where stamps err", &ERRORS, panel, clocks, |_, _| None).note(
        "Pairs of an earlier and a later event, the participant of the earlier one alive. Near: \
         fewer than 2N events apart, where N is the mean number of live participants; mid: 2N to \
         8N; far: 8N to 32N. False order: said to be ordered, of those that are concurrent. Missed: said \
         to be concurrent, of those that are ordered. Reversed: of those ordered, said \
         to be ordered the other way round. – where fewer than 20 such pairs were judged in each \
         execution.",
    );
    let unseen = panel.cells.iter().flat_map(|cell| &cell.clocks).flat_map(|clock| {
        ERRORS.iter().filter_map(move |(place, ..)| match value(clock, *place, clocks) {
            Value::Estimate(estimate) => estimate.zero_bound(),
            _ => None,
        })
    });
    match unseen.reduce(f64::max) {
        None => table,
        Some(bound) => table.note(format!(
            "0 is guaranteed by the clock, and none was seen; 0* is not guaranteed, and none was \
             seen: at 95 % confidence at most {} of such executions show any among the pairs that \
             are judged.",
            spell::percent(bound)
        )),
    }
}

/// Sizes that have no steady state: those of the clocks that grow for ever.
fn growth(panel: &Panel, clocks: &[Clock]) -> Table {
    let is_growing = |clock: &PanelClock| {
        let slope = clock.estimate(BYTES_A_DEPARTURE);
        slope.is_some_and(|slope| slope.half_width.is_some_and(|half| slope.mean > half))
    };
    let growing = panel.cells.iter().map(|cell| PanelCell {
        clocks: cell.clocks.iter().filter(|clock| is_growing(clock)).cloned().collect(),
        ..cell.clone()
    });
    let growing = Panel { cells: growing.collect(), ..Panel::default() };
    let title = "What grows with every departure";
    table("growth", title, &GROWTH, &growing, clocks, |_, _| None).note(
        "Bytes by which the mean stamp grows with each departure, over the last seven tenths of \
         the run, and its size after so many; – where the run has fewer. Growth a crash is the \
         same growth by crashes alone, as if these caused all of it. Only clocks whose interval \
         excludes zero are listed: their bytes follow the length of the run.",
    )
}

/// Rates by lag and by who is gone: a file for those who look closer.
fn by_lag(panel: &Panel) -> Table {
    let mut columns: Vec<Column> =
        ["cell", "clock", "rate", "earlier"].map(|key| Column::text(key, key)).into();
    columns.extend(BINS.map(|key| Column::estimate(key, key.replace('_', " "), Unit::Share)));
    columns.push(Column::estimate("all_pairs", "all pairs", Unit::Share));
    let mut table = Table::new("by-lag", "By lag, and by what became of the earlier", columns);
    table.shown = false;
    for cell in &panel.cells {
        for clock in &cell.clocks {
            for (place, rate) in BY_LAG.into_iter().enumerate() {
                for fate in Fate::ALL {
                    let values: Vec<Value> = (0..LagBins::COUNT)
                        .map(|bin| clock.by_lag(place, bin, fate).into())
                        .collect();
                    if values.iter().all(|value| *value == Value::Missing) {
                        continue;
                    }
                    let mut row: Vec<Value> = vec![
                        cell.name.as_str().into(),
                        clock.name.as_str().into(),
                        rate.as_str().into(),
                        fate.as_str().into(),
                    ];
                    row.extend(values);
                    row.push(Value::Missing);
                    table.push(row);
                }
                // Over all pairs the rate follows the length of the run; papers
                // report it, so it is at hand, here alone.
                let all = Metric::place(rate, ALL_PAIRS).and_then(|at| clock.estimate(at));
                let mut row: Vec<Value> = vec![
                    cell.name.as_str().into(),
                    clock.name.as_str().into(),
                    rate.as_str().into(),
                    "any".into(),
                ];
                row.resize(row.len() + LagBins::COUNT, Value::Missing);
                row.push(all.into());
                table.push(row);
            }
        }
    }
    table
}

/// What went wrong.
fn warnings(panel: &Panel, clocks: &[Clock]) -> Vec<String> {
    let mut warnings = Vec::new();
    for cell in &panel.cells {
        let executions = cell.executions.len();
        if executions == 1 {
            warnings.push(format!("{}: one seed gives no interval.", cell.name));
        }
        for clock in &cell.clocks {
            let PanelClock { name, stopped, refused, .. } = clock;
            if *stopped > 0 {
                warnings.push(format!(
                    "{name} in {}: {stopped} of {executions} executions were not finished \
                     (raw/replays.csv says why).",
                    cell.name
                ));
            }
            if *refused > 0 {
                warnings.push(format!(
                    "{name} in {}: {refused} merges or joins were refused, and their past lost.",
                    cell.name
                ));
            }
            warnings.extend(broken_promises(&cell.name, clock, clocks));
        }
    }
    warnings
}

/// Guarantees that did not hold and proofs that were wrong: none, unless an
/// assumption was broken, or a clock is.
fn broken_promises(cell: &str, clock: &PanelClock, clocks: &[Clock]) -> Vec<String> {
    let broken = |place: usize| matches!(value(clock, place, clocks), Value::Promised(Estimate { mean, .. }) if mean > 0.0);
    let mut rates: Vec<&str> = Vec::new();
    for place in (0..METRICS.len()).filter(|place| broken(*place)) {
        let rate = METRICS[place].rate().map(Rate::as_str);
        rates.extend(rate.filter(|rate| !rates.contains(rate)));
    }
    let warning = |rate: &&str| {
        format!(
            "WARNING: {} in {cell}: {rate} is not 0 as the scheme promises: either its assumptions \
             do not hold there, or the clock is wrong.",
            clock.name
        )
    };
    rates.iter().map(warning).collect()
}

impl Clock {
    /// Whether a rate is zero by this clock's guarantees.
    pub(super) fn promises(&self, metric: &Metric) -> bool {
        let has = |guarantee: Guarantee| self.guarantees.iter().any(|g| g == guarantee.as_str());
        match metric.rate() {
            Some(Rate::FalseConcurrency) => has(Guarantee::Complete),
            Some(Rate::FalseOrder) => has(Guarantee::Sound),
            Some(Rate::Reversal) => has(Guarantee::Consistent),
            Some(Rate::FalseEquality) => has(Guarantee::Distinct),
            Some(Rate::WrongProof) => true,
            Some(Rate::Proven) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_for_the_metrics_they_name() {
        let keys = |columns: &[(usize, &str, u8)]| -> Vec<String> {
            columns.iter().map(|(place, ..)| METRICS[*place].key()).collect()
        };
        assert_eq!(keys(&ERRORS)[..3], ["false_order_near", "false_order_mid", "false_order_far"]);
        assert_eq!(keys(&ERRORS)[11], "proven_far");
        assert_eq!(keys(&GROWTH)[..2], ["bytes_a_departure", "bytes_a_crash"]);
        assert_eq!(keys(&COSTS)[0], "stamp_bytes_p50");
        assert_eq!(
            keys(&COSTS)[5..],
            ["reversal_within", "false_equality_within", "proven_within", "wrong_proof_all"]
        );
    }
}
