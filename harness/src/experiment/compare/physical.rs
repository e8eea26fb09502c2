//! What stamps tell of physical time, and what verdicts are worth by the
//! second truth, ε-causality, over seeds.

use super::metrics::NEAR;
use super::panel::{Panel, PanelClock};
use super::rows::Observed;
use crate::measure::TimeRow;
use crate::show::{Better, Column, Page, Table, Unit, Value};
use crate::stats::{Estimate, Rate};

/// The rates that are told by both truths.
const RATES: [Rate; 3] = [Rate::FalseOrder, Rate::FalseConcurrency, Rate::Reversal];

/// Of one clock in one cell: its time rows, and its rates by both truths, an
/// execution each.
#[derive(Clone, Debug, Default)]
pub(super) struct Physical {
    times: Vec<[TimeRow; 2]>,
    rates: [Vec<f64>; RATES.len()],
    epsilon: [Vec<f64>; RATES.len()],
}

impl Physical {
    pub(super) fn of(observed: &Observed) -> Self {
        let mut physical = Self { times: observed.times.into_iter().collect(), ..Self::default() };
        if observed.complete && !observed.epsilon_verdicts.is_empty() {
            for (place, rate) in RATES.into_iter().enumerate() {
                physical.rates[place].extend(NEAR.rate(rate, &observed.verdicts));
                physical.epsilon[place].extend(NEAR.rate(rate, &observed.epsilon_verdicts));
            }
        }
        physical
    }

    pub(super) fn take(&mut self, mut other: Self) {
        self.times.append(&mut other.times);
        for place in 0..RATES.len() {
            self.rates[place].append(&mut other.rates[place]);
            self.epsilon[place].append(&mut other.epsilon[place]);
        }
    }

    /// A rate by ε-causality.
    pub(super) fn by_epsilon(&self, rate: Rate) -> Option<Estimate> {
        let place = RATES.iter().position(|r| *r == rate)?;
        Estimate::of(&self.epsilon[place])
    }
}

/// Adds the tables, where there is anything to tell.
pub(super) fn add(page: &mut Page, panel: &Panel) {
    let clocks =
        || panel.cells.iter().flat_map(|cell| cell.clocks.iter().map(move |c| (&cell.name, c)));
    if clocks().any(|(_, clock)| !clock.physical.times.is_empty()) {
        let mut table = times_table();
        for (cell, clock) in clocks().filter(|(_, clock)| !clock.physical.times.is_empty()) {
            table.push(times_row(cell, clock));
        }
        page.table(table);
    }
    if clocks().any(|(_, clock)| !clock.physical.epsilon[0].is_empty()) {
        let mut table = epsilon_table();
        for (cell, clock) in clocks() {
            let mut row: Vec<Value> = vec![cell.as_str().into(), clock.name.as_str().into()];
            for place in 0..RATES.len() {
                row.push(Estimate::of(&clock.physical.rates[place]).into());
                row.push(Estimate::of(&clock.physical.epsilon[place]).into());
            }
            table.push(row);
        }
        page.table(table);
    }
}

fn times_table() -> Table {
    let duration =
        |key, heading| Column::estimate(key, heading, Unit::Nanoseconds).better(Better::Less);
    let count = |key, heading| Column::number(key, heading, Unit::Count).better(Better::Less);
    let columns = [
        Column::text("cell", "scenario"),
        Column::text("clock", "clock"),
        duration("ahead_ns", "l − pt"),
        Column::estimate("counter", "c", Unit::Count).better(Better::Less).rank(1),
        duration("ahead_of_truth_ns", "ahead of\ntruth"),
        duration("ahead_of_truth_faulty_ns", "… at faulty\nclocks").rank(1),
        count("refused_from_good", "refused\nfrom good").rank(2),
        count("refused_from_faulty", "from\nfaulty").rank(2),
        count("refused_at_faulty", "at\nfaulty").rank(3),
        count("went_back", "back").rank(2),
        count("given_twice", "twice").rank(2),
    ];
    Table::new("physical", "Stamps against physical time", columns).note(
        "At participants with good clocks, the largest in an execution, mean ± half the 95 % \
         interval over seeds: l − pt, the counter c, and how far l is ahead of a perfect clock; the \
         last also where a fault hits the clock. Messages refused by good participants and by \
         faulty ones, and stamps of all that went back or were given twice, are totals over seeds.",
    )
}

fn times_row(cell: &str, clock: &PanelClock) -> Vec<Value> {
    let rows = &clock.physical.times;
    let mean = |faulty: usize, value: fn(&TimeRow) -> u64| {
        let rows = rows.iter().map(|r| &r[faulty]).filter(|r| r.events > 0);
        Value::from(Estimate::of(&rows.map(|r| value(r) as f64).collect::<Vec<_>>()))
    };
    let total = |which: &[usize], value: fn(&TimeRow) -> u64| {
        let all = rows.iter().flat_map(|r| which.iter().map(|which| value(&r[*which])));
        Value::Whole(all.sum())
    };
    vec![
        cell.into(),
        clock.name.as_str().into(),
        mean(0, |r| r.ahead_ns_max),
        mean(0, |r| r.counter_max),
        mean(0, |r| r.ahead_of_truth_ns_max),
        mean(1, |r| r.ahead_of_truth_ns_max),
        total(&[0], |r| r.refused_from_good),
        total(&[0], |r| r.refused_from_faulty),
        total(&[1], |r| r.refused_from_good + r.refused_from_faulty),
        total(&[0, 1], |r| r.went_back),
        total(&[0, 1], |r| r.given_twice),
    ]
}

fn epsilon_table() -> Table {
    let rate = |key, heading| Column::estimate(key, heading, Unit::Share).better(Better::Less);
    let columns = [
        Column::text("cell", "scenario"),
        Column::text("clock", "clock"),
        rate("false_order", "false order"),
        rate("false_order_epsilon", "by ε"),
        rate("false_concurrency", "missed order"),
        rate("false_concurrency_epsilon", "by ε"),
        rate("reversal", "reversed").rank(1),
        rate("reversal_epsilon", "by ε").rank(1),
    ];
    Table::new("epsilon", "By happened-before, and by ε-causality", columns).note(
        "Pairs at a lag below 2N whose earlier participant lives. By ε, events are ordered also \
         where they are ε or more of true time apart. Mean ± half the 95 % interval over seeds.",
    )
}
