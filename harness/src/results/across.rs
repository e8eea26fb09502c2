//! Rates against a number that scenarios differ in, such as the skew of their
//! clocks: a line a clock, a point a scenario.

use serde::Serialize;

use crate::measure::{Measured, VerdictRow};
use crate::plot::{Axis, Chart, Point, Series};
use crate::run::Replicate;
use crate::scenario::Scenario;
use crate::stats::{Estimate, Rate};

/// The rates that are drawn, where they are not zero throughout.
const RATES: [Rate; 4] = [Rate::FalseOrder, Rate::FalseConcurrency, Rate::Reversal, Rate::Proven];

/// What verdicts are held against.
const TRUTHS: [&str; 2] = ["happened-before", "epsilon"];

/// Rates against a number of the scenario.
#[derive(Clone, Debug)]
pub struct Across {
    key: String,
    rows: Vec<Record>,
}

/// A row of `derived/across.csv`. Durations are in seconds.
#[derive(Clone, Debug, Serialize)]
struct Record {
    cell: String,
    value: f64,
    scheme: String,
    rate: &'static str,
    truth: &'static str,
    mean: f64,
    half_width_95: Option<f64>,
    seeds: usize,
}

impl Across {
    /// Derives it. `key` is the number's place in a scenario, such as
    /// `clocks.skew`.
    ///
    /// # Errors
    /// What is wrong and what was expected, where a scenario has no number or
    /// duration there.
    pub fn new(
        key: &str,
        scenarios: &[&Scenario],
        replicates: &[Replicate],
    ) -> Result<Self, String> {
        let value = |scenario: &&Scenario| {
            value_of(scenario, key).ok_or_else(|| {
                format!(
                    "`{}` has no `{key}`: expected a number or a duration, such as `clocks.skew`",
                    scenario.name
                )
            })
        };
        let values: Vec<f64> = scenarios.iter().map(value).collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for cell in replicates.chunk_by(|a, b| a.cell == b.cell) {
            let name = &cell[0].cell;
            let Some(place) = scenarios.iter().position(|s| s.name == *name) else { continue };
            let value = values[place];
            for (index, (scheme, _)) in cell[0].schemes.iter().enumerate() {
                for (rate, truth) in RATES.into_iter().flat_map(|r| TRUTHS.map(|t| (r, t))) {
                    if rate == Rate::Proven && truth != TRUTHS[0] {
                        continue; // It is of stamps alone.
                    }
                    let over = |r: &Replicate| rate.over(verdicts(&r.schemes[index].1, truth));
                    let values: Vec<f64> = cell.iter().filter_map(over).collect();
                    let Some(estimate) = Estimate::of(&values) else { continue };
                    rows.push(Record {
                        cell: name.clone(),
                        value,
                        scheme: scheme.clone(),
                        rate: rate.as_str(),
                        truth,
                        mean: estimate.mean,
                        half_width_95: estimate.half_width,
                        seeds: estimate.seeds,
                    });
                }
            }
        }
        Ok(Self { key: key.to_owned(), rows })
    }

    /// The files under `derived/`: a table, and a chart for each rate that is
    /// not zero throughout.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![("derived/across.csv".to_owned(), super::csv_of(&self.rows))];
        for rate in RATES.map(Rate::as_str) {
            if let Some(chart) = self.chart(rate) {
                let name = rate.replace('_', "-");
                files.push((format!("derived/across-{name}.svg"), chart.svg()));
            }
        }
        files
    }

    fn chart(&self, rate: &str) -> Option<Chart> {
        let of_rate: Vec<&Record> = self.rows.iter().filter(|r| r.rate == rate).collect();
        let mut series: Vec<Series> = Vec::new();
        for row in &of_rate {
            let by_epsilon = row.truth == TRUTHS[1];
            let name = row.scheme.clone() + if by_epsilon { ", by ε" } else { "" };
            let (y, error) = (row.mean, row.half_width_95.unwrap_or(0.0));
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
        let what = rate.replace('_', " ");
        (!series.is_empty()).then(|| Chart {
            title: format!("{what} by {} (zero throughout is not shown)", self.key),
            x: Axis { label: format!("{}, durations in seconds", self.key), log: false },
            y: Axis { label: format!("{what}, share of pairs"), log: false },
            series,
        })
    }
}

fn verdicts<'m>(measured: &'m Measured, truth: &str) -> &'m [VerdictRow] {
    if truth == TRUTHS[1] { &measured.epsilon_verdicts } else { &measured.verdicts }
}

/// The number at a dotted key; of a duration, its seconds.
fn value_of(scenario: &Scenario, key: &str) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::execution::Cell;
    use crate::registry::Registry;
    use crate::run::{Options, run};

    #[test]
    fn a_point_a_scenario_and_a_line_a_clock() {
        let scenario = |skew: &str| {
            let text = format!(
                "name = 's{skew}'\nevents = 400\n[population]\ninitial = 4\n[clocks]\nskew = '{skew}'"
            );
            Scenario::parse(&text, "s").unwrap()
        };
        let scenarios = ["1s", "0s", "100ms"].map(scenario);
        let cells = scenarios.clone().map(|s| (Cell::of(s), 2));
        let schemes = Registry::builtin().schemes("hlc,vc").unwrap();
        let options = Options { epsilon: Some(Duration::from_millis(50)), ..Options::default() };
        let replicates = run(&cells, &schemes, &options, &|| ());
        let all: Vec<&Scenario> = scenarios.iter().collect();

        let across = Across::new("clocks.skew", &all, &replicates).unwrap();
        let names: Vec<String> = across.files().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[..2], ["derived/across.csv", "derived/across-false-order.svg"]);
        assert_eq!(names.last().unwrap(), "derived/across-proven.svg");
        let chart = across.chart("false_order").unwrap();
        let lines: Vec<&str> = chart.series.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(lines, ["hlc", "hlc, by ε"], "a vector clock invents no order");
        let at: Vec<f64> = chart.series[0].points.iter().map(|p| p.x).collect();
        assert_eq!(at, [0.0, 0.1, 1.0]);

        assert_eq!(across.chart("proven").unwrap().series.len(), 2);
        let error = Across::new("clocks.fault", &all, &replicates).unwrap_err();
        assert!(error.contains("`s1s` has no `clocks.fault`"), "{error}");
    }
}
