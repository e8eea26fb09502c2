//! What a comparison gives the page beyond its tables: each figure with its
//! interval, and execution by execution, so that any two clocks can be compared
//! on the same seeds.

use serde::Serialize;

use crate::stats::Estimate;

/// All figures of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Exploration {
    /// What is measured, in the order of [`Clock::figures`].
    pub metrics: Vec<Metric>,
    /// Names of the lag bins, in the order of [`Clock::by_lag`].
    pub bins: Vec<String>,
    /// The rates that are told by lag.
    pub by_lag: Vec<String>,
    /// The scenarios and traces.
    pub cells: Vec<Cell>,
    /// The 97.5 % quantile of Student's t for a difference over n seeds at place
    /// n; nothing below two.
    pub student: Vec<Option<f64>>,
}

/// What is measured.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// Its name in derived tables.
    pub key: String,
    /// The rate without its lags, or the same as `key`.
    pub stem: String,
    /// The stratum of lags, of a rate.
    pub lag: Option<String>,
    /// Its unit, as tables name it.
    pub unit: &'static str,
    /// Whether more of it is better.
    pub more_is_better: bool,
}

/// A scenario or a trace.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Its name.
    pub name: String,
    /// The clocks.
    pub clocks: Vec<Clock>,
}

/// A clock in one cell.
#[derive(Clone, Debug, Serialize)]
pub struct Clock {
    /// Its name with parameters.
    pub name: String,
    /// Its family.
    pub family: String,
    /// The line that it stands on: its family, and the parameters that tell
    /// apart lines of one family.
    pub line: String,
    /// By metric.
    pub figures: Vec<Option<Figure>>,
    /// By metric, the value of each execution; none for what is not compared by
    /// seed.
    pub values: Vec<Vec<Option<f64>>>,
    /// By rate and lag bin, of earlier participants that live.
    pub by_lag: Vec<Vec<Option<Figure>>>,
    /// Mean bytes of a stamp by tenth of the run.
    pub tenths: Vec<Option<Figure>>,
}

/// A mean with its interval.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The mean over seeds.
    pub mean: f64,
    /// Half the 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half: Option<f64>,
    /// How many seeds had a value.
    pub seeds: usize,
    /// Whether a guarantee says that it is zero.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub promised: bool,
    /// Of an error that was not seen, the share of executions that may still
    /// show one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// As tables spell it.
    pub text: String,
}

impl Figure {
    /// A figure of an estimate, spelled by its table.
    #[must_use]
    pub fn of(estimate: Estimate, promised: bool, is_error: bool, text: String) -> Self {
        let Estimate { mean, half_width, seeds } = estimate;
        let bound = estimate.zero_bound().filter(|_| is_error && !promised);
        Self { mean: short(mean), half: half_width.map(short), seeds, promised, bound, text }
    }
}

/// A number to seven digits: more than any figure has, and a third of the bytes.
#[must_use]
pub fn short(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}
