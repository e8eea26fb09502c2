//! All figures of a comparison for the page of `report`.

use super::Clock as ClockSpec;
use super::lines::{family, lines};
use super::metrics::{METRICS, Metric};
use super::panel::{BY_LAG, Panel, PanelCell, PanelClock};
use super::tables::BINS;
use crate::measure::Fate;
use crate::show::report::{Cell, Clock, Exploration, Figure, Metric as Shown, short};
use crate::show::{Better, Unit, Value, spell};
use crate::stats::{Estimate, student_t_975};

/// The metrics of the page: sizes, and rates by lag.
fn shown() -> impl Iterator<Item = (usize, &'static Metric)> {
    METRICS.iter().enumerate().filter(|(place, metric)| *place < 6 || metric.is_by_lag())
}

/// The figures of every clock in every cell.
pub(super) fn explore(panel: &Panel, clocks: &[ClockSpec]) -> Exploration {
    let metric = |(_, metric): (usize, &Metric)| {
        let key = metric.key();
        let stem = metric.rate().map_or_else(|| key.clone(), |rate| rate.as_str().to_owned());
        let lag = metric.rate().and_then(|_| Some(key.strip_prefix(&stem)?[1..].to_owned()));
        let more_is_better = metric.better == Better::More;
        Shown { stem, lag, unit: metric.unit.as_str(), more_is_better, key }
    };
    let time = Shown {
        key: "ns_an_operation".into(),
        stem: "ns_an_operation".into(),
        lag: None,
        unit: Unit::Count.as_str(),
        more_is_better: false,
    };
    let seeds = panel.cells.iter().map(|cell| cell.executions.len()).max().unwrap_or(0);
    Exploration {
        metrics: shown().map(metric).chain([time]).collect(),
        bins: BINS.map(|bin| bin.replace('_', " ").replace('n', "N")).into(),
        by_lag: BY_LAG.map(|rate| rate.as_str().to_owned()).into(),
        cells: panel.cells.iter().map(|c| cell(c, panel, clocks)).collect(),
        student: (0..=seeds).map(|n| (n > 1).then(|| short(student_t_975(n - 1)))).collect(),
    }
}

fn cell(cell: &PanelCell, panel: &Panel, clocks: &[ClockSpec]) -> Cell {
    let names: Vec<&str> = cell.clocks.iter().map(|clock| clock.name.as_str()).collect();
    let mut all = Vec::new();
    for (line, members) in lines(&names) {
        for place in members {
            let found = &cell.clocks[place];
            let spec = clocks.iter().find(|c| c.name == found.name);
            let time = panel.nanoseconds.get(&(cell.name.clone(), found.name.clone()));
            all.push(clock(found, &line, spec, time.copied()));
        }
    }
    Cell { name: cell.name.clone(), clocks: all }
}

fn clock(
    clock: &PanelClock,
    line: &str,
    spec: Option<&ClockSpec>,
    nanoseconds: Option<f64>,
) -> Clock {
    let figure = |(place, metric): (usize, &Metric)| {
        let promised = spec.is_some_and(|spec| spec.promises(metric));
        // Of what is proven, none seen is no error that was not seen.
        let is_error = metric.rate().is_some_and(|rate| !rate.is_good());
        Some(self::figure(clock.estimate(place)?, promised, is_error, metric.unit))
    };
    let time = nanoseconds.map(|mean| Figure {
        mean: short(mean),
        half: None,
        seeds: 1,
        promised: false,
        bound: None,
        text: spell::digits(mean),
    });
    let by_lag = BY_LAG.into_iter().enumerate().map(|(place, rate)| {
        let bins = 0..BINS.len();
        let of = |bin| {
            let estimate = clock.by_lag(place, bin, Fate::Live)?;
            Some(self::figure(estimate, false, !rate.is_good(), Unit::Share))
        };
        bins.map(of).collect()
    });
    let values = shown().map(|(place, _)| clock.values(place).map(|v| v.map(short)).collect());
    Clock {
        name: clock.name.clone(),
        family: family(&clock.name).to_owned(),
        line: line.to_owned(),
        figures: shown().map(figure).chain([time]).collect(),
        values: values.chain([Vec::new()]).collect(),
        by_lag: by_lag.collect(),
        tenths: clock
            .tenths()
            .map(|estimate| Some(self::figure(estimate?, false, false, Unit::Bytes)))
            .collect(),
    }
}

fn figure(estimate: Estimate, promised: bool, is_error: bool, unit: Unit) -> Figure {
    let value = if promised { Value::Promised(estimate) } else { Value::Estimate(estimate) };
    Figure::of(estimate, promised, is_error, spell::value(&value, unit))
}
