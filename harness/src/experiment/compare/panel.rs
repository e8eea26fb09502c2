//! All rows of a comparison, condensed to a number a metric, clock and
//! execution: what tables over seeds are made of.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Deserialize;

use super::metrics::METRICS;
use super::physical::Physical;
use super::rows::{ExecutionRow, Observation, Observed, read};
use crate::experiment::{Results, Rows, RowsError};
use crate::measure::{Fate, LagBins};
use crate::stats::{Estimate, Rate, Running};

/// The rates that are told by lag.
pub(super) const BY_LAG: [Rate; 3] = [Rate::FalseOrder, Rate::FalseConcurrency, Rate::Proven];

/// One clock in one cell.
#[derive(Clone, Debug, Default)]
pub(super) struct PanelClock {
    pub(super) name: String,
    /// In how many executions it did not come to the end.
    pub(super) stopped: usize,
    /// Merges and joins that it refused.
    pub(super) refused: u64,
    /// By metric and execution; NaN where there is none.
    values: Vec<Vec<f64>>,
    /// By rate, bin and fate.
    by_lag: Vec<Running>,
    /// Mean bytes of a stamp by tenth of the execution.
    tenths: Vec<Running>,
    pub(super) physical: Physical,
}

impl PanelClock {
    /// The values of a metric, an execution each.
    pub(super) fn values(&self, metric: usize) -> impl Iterator<Item = Option<f64>> + '_ {
        self.values[metric].iter().map(|value| (!value.is_nan()).then_some(*value))
    }

    pub(super) fn estimate(&self, metric: usize) -> Option<Estimate> {
        Estimate::of(&self.values(metric).flatten().collect::<Vec<_>>())
    }

    /// The mean over executions of this clock's number less another's on the same
    /// execution.
    pub(super) fn difference_from(&self, other: &Self, metric: usize) -> Option<Estimate> {
        let both = self.values(metric).zip(other.values(metric));
        Estimate::of(&both.filter_map(|(a, b)| Some(a? - b?)).collect::<Vec<_>>())
    }

    pub(super) fn by_lag(&self, rate: usize, bin: usize, fate: Fate) -> Option<Estimate> {
        self.by_lag[lag_place(rate, bin, fate)].estimate()
    }

    /// Mean bytes of a stamp by tenth of the execution.
    pub(super) fn tenths(&self) -> impl Iterator<Item = Option<Estimate>> + '_ {
        self.tenths.iter().map(Running::estimate)
    }

    fn take(&mut self, condensed: Condensed) {
        self.stopped += usize::from(!condensed.complete);
        self.refused = self.refused.saturating_add(condensed.refused);
        for (all, value) in self.values.iter_mut().zip(condensed.values) {
            all.push(value);
        }
        let lags = self.by_lag.iter_mut().zip(condensed.by_lag);
        let tenths = self.tenths.iter_mut().zip(condensed.tenths);
        for (all, value) in lags.chain(tenths).filter(|(_, value)| !value.is_nan()) {
            all.add(value);
        }
        self.physical.take(condensed.physical);
    }
}

/// Sizes are taken by tenth of an execution.
const TENTHS: usize = 10;

const fn lag_place(rate: usize, bin: usize, fate: Fate) -> usize {
    (rate * LagBins::COUNT + bin) * Fate::ALL.len() + fate as usize
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub(super) struct PanelCell {
    pub(super) name: String,
    pub(super) executions: Vec<ExecutionRow>,
    pub(super) clocks: Vec<PanelClock>,
}

impl PanelCell {
    pub(super) fn clock(&self, name: &str) -> Option<&PanelClock> {
        self.clocks.iter().find(|clock| clock.name == name)
    }
}

/// All cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Panel {
    pub(super) cells: Vec<PanelCell>,
    /// Nanoseconds an operation by cell and clock, medians over rounds.
    pub(super) nanoseconds: BTreeMap<(String, String), f64>,
}

/// So many tasks are read at a time, on all threads.
const PORTION: usize = 64;

impl Panel {
    pub(super) fn of(results: &mut Results<'_>) -> Result<Self, RowsError> {
        let mut panel = Self::default();
        loop {
            let portion: Vec<Rows> =
                results.tasks.by_ref().take(PORTION).collect::<Result<_, _>>()?;
            if portion.is_empty() {
                break;
            }
            let condensed: Vec<_> = portion
                .par_iter()
                .map(|rows| Ok((rows.task().cell.clone(), condense(read(rows)?))))
                .collect::<Result<_, RowsError>>()?;
            condensed.into_iter().for_each(|(cell, (execution, clocks))| {
                panel.take(cell, execution, clocks);
            });
        }
        if let Some(timings) = &results.timings {
            panel.nanoseconds = nanoseconds(timings)?;
        }
        Ok(panel)
    }

    /// Of the rows of a few tasks, cell by cell.
    pub(super) fn of_rows(tasks: &[Rows]) -> Result<Self, RowsError> {
        let mut panel = Self::default();
        for rows in tasks {
            let cell = rows.task().cell.clone();
            let (execution, clocks) = condense(read(rows)?);
            panel.take(cell, execution, clocks);
        }
        Ok(panel)
    }

    fn take(&mut self, name: String, execution: ExecutionRow, clocks: Vec<Condensed>) {
        if self.cells.last().is_none_or(|cell| cell.name != name) {
            let clocks = clocks.iter().map(|condensed| PanelClock {
                name: condensed.scheme.clone(),
                values: vec![Vec::new(); METRICS.len()],
                by_lag: vec![Running::default(); BY_LAG.len() * LagBins::COUNT * Fate::ALL.len()],
                tenths: vec![Running::default(); TENTHS],
                ..PanelClock::default()
            });
            self.cells.push(PanelCell { name, executions: Vec::new(), clocks: clocks.collect() });
        }
        if let Some(cell) = self.cells.last_mut() {
            cell.executions.push(execution);
            cell.clocks.iter_mut().zip(clocks).for_each(|(clock, values)| clock.take(values));
        }
    }
}

/// One clock in one execution.
struct Condensed {
    scheme: String,
    complete: bool,
    refused: u64,
    values: [f64; METRICS.len()],
    by_lag: Vec<f64>,
    tenths: [f64; TENTHS],
    physical: Physical,
}

fn condense(observation: Observation) -> (ExecutionRow, Vec<Condensed>) {
    let clock = |observed: Observed| {
        let mut by_lag = Vec::with_capacity(BY_LAG.len() * LagBins::COUNT * Fate::ALL.len());
        for rate in BY_LAG {
            for bin in 0..LagBins::COUNT {
                for fate in Fate::ALL {
                    let rows = observed.verdicts.iter();
                    let value = rate.over_rows(rows.filter(|r| r.bin == bin && r.fate == fate));
                    by_lag.push(value.filter(|_| observed.complete).unwrap_or(f64::NAN));
                }
            }
        }
        let mut tenths = [f64::NAN; TENTHS];
        for (all, size) in tenths.iter_mut().zip(&observed.sizes).filter(|_| observed.complete) {
            *all = size.stamps.total as f64 / size.stamps.count.max(1) as f64;
        }
        Condensed {
            tenths,
            values: METRICS.map(|metric| metric.of(&observed).unwrap_or(f64::NAN)),
            by_lag,
            physical: Physical::of(&observed),
            complete: observed.complete,
            refused: observed.refused,
            scheme: observed.scheme,
        }
    };
    (observation.execution, observation.clocks.into_iter().map(clock).collect())
}

#[derive(Deserialize)]
struct TimingRow {
    timed_cell: String,
    timed_replicate: u32,
    scheme: String,
    part: usize,
    operations: u64,
    nanoseconds: u64,
}

/// Time for all parts of the timed executions, each the median over its rounds,
/// by the number of operations.
fn nanoseconds(timings: &Rows) -> Result<BTreeMap<(String, String), f64>, RowsError> {
    type Parts = BTreeMap<(u32, usize), (u64, Vec<u64>)>;
    let mut clocks: BTreeMap<(String, String), Parts> = BTreeMap::new();
    for row in timings.read::<TimingRow>("timings")? {
        let parts = clocks.entry((row.timed_cell, row.scheme)).or_default();
        let (operations, times) = parts.entry((row.timed_replicate, row.part)).or_default();
        *operations = row.operations;
        times.push(row.nanoseconds);
    }
    let median = |parts: Parts| {
        let (mut operations, mut nanoseconds) = (0_u64, 0_u64);
        for (count, mut times) in parts.into_values() {
            times.sort_unstable();
            operations = operations.saturating_add(count);
            nanoseconds = nanoseconds.saturating_add(times[times.len() / 2]);
        }
        (operations > 0).then(|| nanoseconds as f64 / operations as f64)
    };
    Ok(clocks.into_iter().filter_map(|(key, parts)| Some((key, median(parts)?))).collect())
}
