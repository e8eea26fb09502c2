//! The answer, typed: what is out and why, what is in, what to take, what would
//! change it, and how to use it.

use serde::Serialize;

use super::evidence::{Course, Entrant, Half, Measure};
use super::needs::{Assumed, Needs};
use super::outside::Outside;
use super::rules::{Need, Reason};
use super::scenario::Simulated;
use super::usage::Usage;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// A clock for some needs, with the evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The name of the needs.
    pub name: String,
    /// What they are about.
    pub description: String,
    /// The scheme to take, as `--clocks` has it; `None` where none will do.
    pub recommended: Option<String>,
    /// Why that one, or what is nearest.
    pub why: String,
    /// The need that decides most.
    pub binding: Option<Binding>,
    /// The next best, of another family.
    pub runner_up: Option<RunnerUp>,
    /// Where none will do: what to drop, and what that buys.
    pub nearest: Option<Nearest>,
    /// A better answer that is no clock of these.
    pub outside: Option<Outside>,
    /// Keys that were left out, and what was taken.
    pub assumed: Vec<Assumed>,
    /// What was simulated.
    pub scenario: Scenario,
    /// Where that is not what was asked for.
    pub notes: Vec<String>,
    /// How the executions went.
    pub course: Course,
    /// Families that will not do.
    pub excluded: Vec<Excluded>,
    /// Families that will do, the best first.
    pub candidates: Vec<Shown>,
    /// What another assumption or need leads to.
    pub sensitivity: Vec<Change>,
    /// How to use what is recommended.
    pub usage: Option<Used>,
    #[serde(skip)]
    pub(super) needs: Needs,
}

/// The need that decides most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// The need.
    pub need: Need,
    /// How many families miss it and nothing else.
    pub rules_out: usize,
}

/// The next best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunnerUp {
    /// The scheme.
    pub scheme: String,
    /// By how many bytes it takes more than the recommended one, on the same
    /// executions.
    pub more_bytes: Option<Figure>,
}

/// What is nearest where none will do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nearest {
    /// The scheme that would do.
    pub scheme: String,
    /// What would have to be dropped or loosened, a need each.
    pub drop: Vec<Reason>,
    /// What it would cost and err.
    pub shown: Shown,
}

/// A family that is out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Excluded {
    /// The family.
    pub family: String,
    /// Its best scheme.
    pub scheme: String,
    /// Why it is out.
    pub reasons: Vec<Reason>,
}

/// The figures of a scheme, of the executions that judge.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "the fields are the measures")]
pub struct Shown {
    pub scheme: String,
    pub family: String,
    /// What its verdicts promise.
    pub guarantees: Vec<&'static str>,
    /// 99th percentile at the end of the life of the system, as needs have it.
    pub bytes_p99: Option<Figure>,
    pub false_order_near: Option<Figure>,
    pub false_order_mid: Option<Figure>,
    pub false_concurrency_near: Option<Figure>,
    pub false_concurrency_mid: Option<Figure>,
    pub reversal_near: Option<Figure>,
    pub reversal_mid: Option<Figure>,
    pub false_equality: Option<Figure>,
}

impl Shown {
    pub(super) fn of(entrant: &Entrant, needs: &Needs) -> Self {
        let figure = |measure| entrant.estimate(measure, Half::Judges).map(Figure::from);
        let rate = |measure| figure(measure).map(Figure::rate);
        Self {
            scheme: entrant.scheme.clone(),
            family: entrant.family.clone(),
            guarantees: entrant.guarantees.iter().map(|g| g.as_str()).collect(),
            bytes_p99: entrant.bytes(Half::Judges, needs.participants.ever).map(Figure::from),
            false_order_near: rate(Measure::FalseOrderNear),
            false_order_mid: rate(Measure::FalseOrderMid),
            false_concurrency_near: rate(Measure::FalseConcurrencyNear),
            false_concurrency_mid: rate(Measure::FalseConcurrencyMid),
            reversal_near: rate(Measure::ReversalNear),
            reversal_mid: rate(Measure::ReversalMid),
            false_equality: rate(Measure::FalseEquality),
        }
    }
}

/// A mean over executions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The mean.
    pub mean: f64,
    /// Half its 95 % interval.
    pub half_width_95: Option<f64>,
    /// Over so many executions.
    pub seeds: usize,
    /// Of an error that was not seen: at most this share of executions shows
    /// any, at 95 % confidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero_bound_95: Option<f64>,
}

impl From<Estimate> for Figure {
    fn from(Estimate { seeds, mean, half_width }: Estimate) -> Self {
        Self { mean, half_width_95: half_width, seeds, zero_bound_95: None }
    }
}

impl Figure {
    /// The estimate that it is.
    #[must_use]
    pub const fn estimate(self) -> Estimate {
        Estimate { seeds: self.seeds, mean: self.mean, half_width: self.half_width_95 }
    }

    fn rate(self) -> Self {
        Self { zero_bound_95: self.estimate().zero_bound(), ..self }
    }
}

/// What another assumption, or another need, leads to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What is otherwise.
    pub change: String,
    /// Whether it was simulated anew, or the same figures held against other
    /// needs.
    pub simulated: bool,
    /// What is to be taken then; `None` where none will do.
    pub takes: Option<String>,
    /// Whether that is another family, or another answer at all.
    pub takes_over: bool,
    /// What became of the first answer, or of what is nearest.
    pub because: String,
}

/// How to use a scheme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Used {
    /// The crate, the type, and the rules.
    #[serde(flatten)]
    pub usage: Usage,
    /// Code that compiles.
    pub code: String,
}

/// What an answer is about.
pub(super) fn blank(needs: &Needs, simulated: Simulated, course: Course) -> Answer {
    Answer {
        name: needs.name.clone(),
        description: needs.description.clone(),
        recommended: None,
        why: String::new(),
        binding: None,
        runner_up: None,
        nearest: None,
        outside: super::outside::outside(needs),
        assumed: needs.assumed.clone(),
        scenario: simulated.scenario,
        notes: simulated.notes,
        course,
        excluded: Vec::new(),
        candidates: Vec::new(),
        sensitivity: Vec::new(),
        usage: None,
        needs: needs.clone(),
    }
}
