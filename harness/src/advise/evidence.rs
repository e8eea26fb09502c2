//! What a comparison shows of each scheme: the numbers that advice rests on, an
//! execution each.

use std::sync::atomic::{AtomicBool, Ordering};

use causal_clock::Guarantee;
use rayon::prelude::*;
use serde::Serialize;

use super::AdviseError;
use crate::experiment::compare::metrics::{METRICS, Metric};
use crate::experiment::compare::{CellSource, CellSpec, Clock, Compare, Spec, rows};
use crate::experiment::{Experiment, Rows};
use crate::measure::Sampling;
use crate::registry::{BoxedScheme, Registry};
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// A number that is measured of a scheme in an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The 99th percentile of the bytes of a stamp, at the end.
    Bytes,
    /// By how many bytes a stamp grows with each departure.
    Growth,
    /// Concurrent near pairs taken for ordered.
    FalseOrderNear,
    /// The same of mid pairs.
    FalseOrderMid,
    /// Ordered near pairs taken for concurrent.
    FalseConcurrencyNear,
    /// The same of mid pairs.
    FalseConcurrencyMid,
    /// Ordered near pairs taken for ordered the other way round.
    ReversalNear,
    /// The same of mid pairs.
    ReversalMid,
    /// Pairs taken for one event.
    FalseEquality,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Bytes,
        Self::Growth,
        Self::FalseOrderNear,
        Self::FalseOrderMid,
        Self::FalseConcurrencyNear,
        Self::FalseConcurrencyMid,
        Self::ReversalNear,
        Self::ReversalMid,
        Self::FalseEquality,
    ];

    /// The name of the metric of a comparison.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Bytes => "stamp_bytes_p99",
            Self::Growth => "bytes_a_departure",
            Self::FalseOrderNear => "false_order_near",
            Self::FalseOrderMid => "false_order_mid",
            Self::FalseConcurrencyNear => "false_concurrency_near",
            Self::FalseConcurrencyMid => "false_concurrency_mid",
            Self::ReversalNear => "reversal_near",
            Self::ReversalMid => "reversal_mid",
            Self::FalseEquality => "false_equality_within",
        }
    }

    fn metric(self) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.key() == self.key())
    }
}

/// One half of the executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// It chooses parameters.
    Chooses,
    /// It judges what was chosen.
    Judges,
}

/// A scheme and what was seen of it.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// Its name with parameters.
    pub scheme: String,
    /// The name before the colon.
    pub family: String,
    /// What its verdicts promise.
    pub guarantees: Vec<Guarantee>,
    /// Whether it takes for granted that ids are unique.
    pub needs_ids: bool,
    /// By execution and [`Measure::ALL`].
    values: Vec<[Option<f64>; Measure::ALL.len()]>,
    /// By execution: how many participants there were, up to its end.
    participants: Vec<u32>,
}

impl Entrant {
    /// Whether it promises this.
    #[must_use]
    pub fn promises(&self, guarantee: Guarantee) -> bool {
        self.guarantees.contains(&guarantee)
    }

    /// Whether it promises everything.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        Guarantee::ALL.into_iter().all(|guarantee| self.promises(guarantee))
    }

    /// Whether it came to the end of every execution.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.values.iter().all(|values| values[Measure::Bytes as usize].is_some())
    }

    /// A scheme of which this was seen, an execution each.
    #[cfg(test)]
    pub(super) fn seen(
        scheme: &BoxedScheme,
        executions: &[impl Fn(Measure) -> Option<f64>],
    ) -> Self {
        let values = executions.iter().map(|seen| Measure::ALL.map(seen)).collect();
        Self { values, participants: vec![2; executions.len()], ..entrant(scheme) }
    }

    fn half<T>(all: &[T], half: Half) -> &[T] {
        let (first, second) = all.split_at(all.len() / 2);
        match half {
            Half::Chooses => first,
            Half::Judges => second,
        }
    }

    /// The mean of a number over one half of the executions.
    #[must_use]
    pub fn estimate(&self, measure: Measure, half: Half) -> Option<Estimate> {
        let values = Self::half(&self.values, half).iter();
        Estimate::of(&values.filter_map(|values| values[measure as usize]).collect::<Vec<_>>())
    }

    /// Bytes, at the end of what was simulated, or, where stamps grow with
    /// departures, after so many participants in all.
    #[must_use]
    pub fn bytes(&self, half: Half, ever: Option<u32>) -> Option<Estimate> {
        Estimate::of(&self.all_bytes(half, ever).into_iter().flatten().collect::<Vec<_>>())
    }

    /// By how many bytes it takes more than another scheme on the same
    /// executions.
    #[must_use]
    pub fn more_bytes(&self, than: &Self, half: Half, ever: Option<u32>) -> Option<Estimate> {
        let pairs = self.all_bytes(half, ever).into_iter().zip(than.all_bytes(half, ever));
        Estimate::of(&pairs.filter_map(|(a, b)| Some(a? - b?)).collect::<Vec<_>>())
    }

    fn all_bytes(&self, half: Half, ever: Option<u32>) -> Vec<Option<f64>> {
        let growth = self.estimate(Measure::Growth, half);
        let grows = growth.filter(|g| g.half_width.is_some_and(|half| g.mean > half));
        let slope = grows.map_or(0.0, |growth| growth.mean);
        let values = Self::half(&self.values, half).iter();
        let seen = Self::half(&self.participants, half).iter();
        values
            .zip(seen)
            .map(|(values, seen)| {
                let more = ever.map_or(0, |ever| ever.saturating_sub(*seen));
                Some(values[Measure::Bytes as usize]? + slope * f64::from(more))
            })
            .collect()
    }
}

/// What one scenario shows of each scheme.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The schemes, in the order of tables.
    pub entrants: Vec<Entrant>,
    /// How the executions went.
    pub course: Course,
}

/// How executions went, in the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Course {
    /// How many executions.
    pub executions: u32,
    /// Events of each.
    pub events: u32,
    /// Participants in all.
    pub participants: f64,
    /// Those that retired.
    pub retired: f64,
    /// Those that crashed.
    pub crashed: f64,
}

/// What watches over the work.
pub struct Watch<'a> {
    /// Told of each execution that is done.
    pub progress: &'a (dyn Fn() + Sync),
    /// Where it becomes true, no more executions are begun.
    pub stop: &'a AtomicBool,
}

/// The schemes in each of these scenarios: a comparison as `clockbench run`
/// makes it, held in memory.
///
/// # Errors
/// Where it was told to stop, or the comparison cannot be made.
pub fn fields(
    scenarios: &[Scenario],
    schemes: &[BoxedScheme],
    registry: &Registry,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<Vec<Field>, AdviseError> {
    let compare = Compare::new(spec(scenarios, schemes, seed), registry)?;
    let tasks = compare.tasks();
    // Collected in the order of tasks, whichever ends first.
    let rows: Vec<Rows> = tasks
        .par_iter()
        .with_max_len(1)
        .map(|task| {
            if watch.stop.load(Ordering::Relaxed) {
                return Err(AdviseError::Stopped);
            }
            let rows = compare.run(task)?;
            (watch.progress)();
            Ok(rows)
        })
        .collect::<Result<_, _>>()?;
    let of_scenario = |scenario: &Scenario| {
        let mine: Vec<&Rows> =
            rows.iter().filter(|rows| rows.task().cell == scenario.name).collect();
        field(&mine, schemes)
    };
    scenarios.iter().map(of_scenario).collect()
}

fn spec(scenarios: &[Scenario], schemes: &[BoxedScheme], root_seed: u64) -> Spec {
    let cell = |scenario: &Scenario| CellSpec {
        name: scenario.name.clone(),
        replicates: scenario.seeds,
        source: CellSource::Scenario(Box::new(scenario.clone())),
    };
    let sampling = Sampling::default();
    Spec {
        root_seed,
        clocks: schemes.iter().map(Clock::of).collect(),
        sources: sampling.sources,
        pairs: sampling.pairs,
        memory_budget: 1 << 29,
        settle: 25,
        timing_rounds: 0,
        observe_time: false,
        epsilon: None,
        cells: scenarios.iter().map(cell).collect(),
    }
}

fn field(all: &[&Rows], schemes: &[BoxedScheme]) -> Result<Field, AdviseError> {
    let metrics = Measure::ALL.map(Measure::metric);
    let mut entrants: Vec<Entrant> = schemes.iter().map(entrant).collect();
    let mut course = Course::default();
    for rows in all {
        let observation = rows::read(rows).map_err(crate::experiment::ExperimentError::from)?;
        let execution = observation.execution;
        for (entrant, observed) in entrants.iter_mut().zip(&observation.clocks) {
            entrant.values.push(metrics.map(|metric| metric?.of(observed)));
            entrant.participants.push(execution.participants);
        }
        course.executions += 1;
        course.events = execution.events;
        course.participants += f64::from(execution.participants);
        course.retired += f64::from(execution.retires);
        course.crashed += f64::from(execution.crashes);
    }
    let executions = f64::from(course.executions.max(1));
    course.participants /= executions;
    course.retired /= executions;
    course.crashed /= executions;
    Ok(Field { entrants, course })
}

/// Schemes of which nothing was seen: what they declare alone rules them out.
#[cfg(test)]
pub(super) fn unseen(schemes: &[BoxedScheme]) -> Vec<Entrant> {
    schemes.iter().map(entrant).collect()
}

/// A scheme of which nothing was seen yet.
fn entrant(scheme: &BoxedScheme) -> Entrant {
    let (scheme, guarantees) = (scheme.name(), scheme.guarantees());
    Entrant {
        family: scheme.split(':').next().unwrap_or(&scheme).to_owned(),
        guarantees: guarantees.held().collect(),
        needs_ids: guarantees.assumptions().contains(&causal_clock::Assumption::UniqueIds),
        scheme,
        values: Vec::new(),
        participants: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_a_metric() {
        for (place, measure) in Measure::ALL.into_iter().enumerate() {
            assert!(measure.metric().is_some(), "{}", measure.key());
            assert_eq!(measure as usize, place);
        }
    }

    #[test]
    fn what_grows_is_told_for_the_end() {
        let scheme = Registry::builtin().scheme("itc").unwrap();
        let mut entrant = entrant(&scheme);
        for growth in [1.9, 2.0, 2.1, 2.0, 1.9, 2.1] {
            let mut values = [None; Measure::ALL.len()];
            values[Measure::Bytes as usize] = Some(100.0);
            values[Measure::Growth as usize] = Some(growth);
            entrant.values.push(values);
            entrant.participants.push(40);
        }
        assert_eq!(entrant.bytes(Half::Judges, None).unwrap().mean, 100.0);
        assert_eq!(entrant.bytes(Half::Judges, Some(30)).unwrap().mean, 100.0);
        assert_eq!(entrant.bytes(Half::Judges, Some(140)).unwrap().mean.round(), 300.0);
    }
}
