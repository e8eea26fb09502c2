//! Rates against a number that scenarios differ in, such as the skew of their
//! clocks: a line a clock, a point a scenario.

use super::metrics::{Metric, NEAR};
use super::panel::{Panel, PanelClock};
use crate::scenario::Scenario;
use crate::show::{Axis, Chart, Column, Page, Point, Series, Table, Unit};
use crate::stats::{Estimate, Rate};

/// The rates that are drawn, where they are not zero throughout.
const RATES: [Rate; 4] = [Rate::FalseOrder, Rate::FalseConcurrency, Rate::Reversal, Rate::Proven];

/// What verdicts are held against.
const TRUTHS: [&str; 2] = ["happened-before", "epsilon"];

struct Row {
    value: f64,
    clock: String,
    rate: Rate,
    truth: &'static str,
    estimate: Estimate,
}

/// The value of a scenario's number at a dotted key, such as `clocks.skew`; of
/// a duration, its seconds.
///
/// # Errors
/// What is wrong and what was expected, where a scenario has no number or
/// duration there.
pub(super) fn value_of(scenario: &Scenario, key: &str) -> Result<f64, String> {
    number_at(scenario, key).ok_or_else(|| {
        format!(
            "`{}` has no `{key}`: expected a number or a duration, such as `clocks.skew`",
            scenario.name
        )
    })
}

fn number_at(scenario: &Scenario, key: &str) -> Option<f64> {
    let mut value = &toml::Value::try_from(scenario).ok()?;
    for part in key.split('.') {
        value = value.get(part)?;
    }
    match value {
        toml::Value::Integer(number) => Some(*number as f64),
        toml::Value::Float(number) => Some(*number),
        toml::Value::String(text) => {
            causal_clock::duration::parse(text).ok().map(|d| d.as_secs_f64())
        }
        _ => None,
    }
}

/// Adds the table, and a chart for each rate that is not zero throughout.
/// `values` has the number of each cell by its name.
pub(super) fn add(page: &mut Page, panel: &Panel, key: &str, values: &[(String, f64)]) {
    let columns = [
        Column::text("cell", "scenario"),
        Column::number("value", key, Unit::Count),
        Column::text("clock", "clock"),
        Column::text("rate", "rate"),
        Column::text("truth", "truth"),
        Column::estimate("mean", "mean", Unit::Share),
    ];
    let mut table = Table::new("across", format!("Rates by {key}"), columns);
    table.shown = false;
    let mut rows = Vec::new();
    for cell in &panel.cells {
        let Some((_, value)) = values.iter().find(|(name, _)| *name == cell.name) else { continue };
        for clock in &cell.clocks {
            for (rate, truth) in RATES.into_iter().flat_map(|r| TRUTHS.map(|t| (r, t))) {
                if let Some(estimate) = estimate(clock, rate, truth) {
                    let (value, clock) = (*value, clock.name.clone());
                    table.push([
                        cell.name.as_str().into(),
                        value.into(),
                        clock.as_str().into(),
                        rate.as_str().into(),
                        truth.into(),
                        estimate.into(),
                    ]);
                    rows.push(Row { value, clock, rate, truth, estimate });
                }
            }
        }
    }
    page.table(table);
    for rate in RATES {
        if let Some(chart) = chart(key, rate, &rows) {
            page.chart(format!("across-{}", rate.as_str().replace('_', "-")), chart);
        }
    }
}

/// At near lags, the earlier participant alive.
fn estimate(clock: &PanelClock, rate: Rate, truth: &str) -> Option<Estimate> {
    if truth == TRUTHS[0] {
        return clock.estimate(Metric::place(rate, NEAR)?);
    }
    clock.physical.by_epsilon(rate)
}

fn chart(key: &str, rate: Rate, rows: &[Row]) -> Option<Chart> {
    let mut series: Vec<Series> = Vec::new();
    for row in rows.iter().filter(|row| row.rate == rate) {
        let by_epsilon = row.truth == TRUTHS[1];
        let name = row.clock.clone() + if by_epsilon { ", by ε" } else { "" };
        let (y, error) = (row.estimate.mean, row.estimate.half_width.unwrap_or(0.0));
        let point = Point { x: row.value, y, error };
        match series.iter_mut().find(|s| s.name == name) {
            Some(line) => line.points.push(point),
            None => series.push(Series { name, points: vec![point], dashed: by_epsilon }),
        }
    }
    series.retain(|s| s.points.iter().any(|p| p.y > 0.0));
    for line in &mut series {
        line.points.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    let what = rate.as_str().replace('_', " ");
    (!series.is_empty()).then(|| Chart {
        title: format!("{what} by {key}, lag below 2N (zero throughout is not shown)"),
        x: Axis { label: format!("{key}, durations in seconds"), log: false },
        y: Axis { label: format!("{what}, share of pairs"), log: false },
        series,
    })
}
