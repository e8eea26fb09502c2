//! Does a conclusion hold elsewhere? Each difference from the baseline that the
//! first scenario shows is looked for in the others.

use super::metrics::{METRICS, Metric, STAMP_BYTES_MEAN};
use super::panel::{Panel, PanelCell};
use crate::show::{Better, Column, Table, Unit, Value};
use crate::stats::Estimate;

/// What conclusions are about: bytes, and errors near, mid and far.
fn headlines() -> impl Iterator<Item = (usize, &'static Metric)> {
    let is_error = |metric: &Metric| metric.is_by_lag() && metric.better == Better::Less;
    let all = METRICS.iter().enumerate();
    all.filter(move |(place, metric)| *place == STAMP_BYTES_MEAN || is_error(metric))
}

/// The sign of a difference whose interval excludes zero.
fn sign(difference: Estimate) -> Option<bool> {
    let half = difference.half_width?;
    (difference.mean.abs() > half).then_some(difference.mean > 0.0)
}

/// What becomes of a difference elsewhere.
fn verdict(first: Estimate, here: Option<Estimate>) -> &'static str {
    let Some(here) = here else { return "–" };
    match sign(here) {
        None => "weakens",
        Some(is_more) if is_more != (first.mean > 0.0) => "turns",
        Some(_) if here.mean.abs() < 0.5 * first.mean.abs() => "weakens",
        Some(_) => "holds",
    }
}

/// A difference of shares in percentage points.
fn in_points(Estimate { seeds, mean, half_width }: Estimate) -> Estimate {
    Estimate { seeds, mean: mean * 100.0, half_width: half_width.map(|half| half * 100.0) }
}

/// A row a clock and headline whose difference from the baseline excludes zero
/// in the first scenario, a column a scenario.
pub(super) fn table(panel: &Panel, baseline: &str) -> Table {
    let Some((first, others)) = panel.cells.split_first() else {
        return Table::new("robust", "What holds elsewhere", []);
    };
    let mut columns = vec![
        Column::text("headline", "headline"),
        Column::text("clock", "clock"),
        Column::estimate("first", first.name.clone(), Unit::Difference),
    ];
    columns.extend(others.iter().map(|cell| Column::text(cell.name.clone(), cell.name.clone())));
    let mut table = Table::new("robust", format!("What holds of {} elsewhere", first.name), columns)
        .note(format!(
            "Each difference from {baseline} whose 95 % interval excludes zero in {}, the mean over \
             executions with half the interval (in bytes or percentage points). Elsewhere it holds: the \
             same sign and at least half as large; weakens: smaller than that, or an interval \
             with zero; turns: the opposite sign.",
            first.name
        ));
    table.by_first = true;
    let difference = |cell: &PanelCell, clock: &str, metric: usize| {
        cell.clock(clock)?.difference_from(cell.clock(baseline)?, metric)
    };
    for (metric, headline) in headlines() {
        for clock in first.clocks.iter().filter(|clock| clock.name != baseline) {
            let here = difference(first, &clock.name, metric);
            let Some(here) = here.filter(|here| sign(*here).is_some()) else { continue };
            let shown = if headline.unit == Unit::Share { in_points(here) } else { here };
            let mut row: Vec<Value> =
                vec![headline.key().into(), clock.name.as_str().into(), shown.into()];
            row.extend(
                others
                    .iter()
                    .map(|cell| Value::from(verdict(here, difference(cell, &clock.name, metric)))),
            );
            table.push(row);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conclusions_hold_weaken_or_turn() {
        let estimate = |mean: f64, half: f64| Estimate { seeds: 9, mean, half_width: Some(half) };
        let first = estimate(-0.4, 0.1);
        for (mean, half, word) in [
            (-0.5, 0.1, "holds"),
            (-0.1, 0.05, "weakens"),
            (-0.5, 0.6, "weakens"),
            (0.01, 0.005, "turns"),
            (0.3, 0.4, "weakens"),
        ] {
            assert_eq!(verdict(first, Some(estimate(mean, half))), word, "{mean} {half}");
        }
        assert_eq!(verdict(first, None), "–");
        assert_eq!(headlines().count(), 10);
    }
}
