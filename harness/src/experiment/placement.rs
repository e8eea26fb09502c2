//! What it saves a clock to choose among several participants whom to fork
//! from and into whom to retire, and what it costs.
//!
//! All numbers of candidates are run on the same executions: the candidates
//! are drawn from a stream of their own, so that who arrives, acts, talks and
//! leaves is the same. What a choice changes is the parent or the heir, and
//! with it the truth: the chosen one becomes a causal path.

use std::num::NonZeroU32;
use std::sync::Arc;

use causal_clock::CausalOrder;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::{read_spec, write_spec};
use super::{Ask, Experiment, ExperimentError, Plan, Results, Rows, RowsError, Task, inputs};
use crate::execution::{Cell, Source};
use crate::measure::{Measured, VerdictRow};
use crate::registry::{BoxedScheme, Registry, SchemeError};
use crate::run::{self, Options};
use crate::scenario::{Candidates, Scenario};
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;

/// Measure how much the choice of parents and heirs saves.
///
/// Runs one clock through the same executions with several numbers of
/// candidates at both ends of a participant's life, and compares each with no
/// choice, seed by seed.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench placement
      interval tree clocks in the scenario `turnover`
  clockbench placement churn --best-of 1,4 --seeds 100
      another scenario, one number of candidates, more seeds")]
pub struct PlacementArgs {
    /// A preset by name, or a TOML file.
    #[arg(default_value = "turnover")]
    scenario: String,
    /// The clock.
    #[arg(long = "of", value_name = "CLOCK", default_value = "itc")]
    of: String,
    /// The numbers of candidates.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8,all")]
    best_of: Vec<Candidates>,
    /// How many seeds [default: what the scenario says].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
}

impl Plan for PlacementArgs {
    const NAME: &'static str = "placement";
    const SUMMARY: &'static str =
        "How much the choice of parents and heirs saves interval tree clocks.";
    type Experiment = Placement;

    fn plan(&self, registry: &Registry, seed: u64) -> Result<Placement, ExperimentError> {
        let scheme = registry.scheme(&self.of).map_err(ExperimentError::plan)?;
        let scenario = inputs::scenario(&self.scenario)?;
        let spec = Spec {
            root_seed: seed,
            clock: scheme.name(),
            seeds: self.seeds.map_or(scenario.seeds, NonZeroU32::get),
            best_of: self.best_of.clone(),
            scenario,
        };
        Ok(Placement::new(spec, registry))
    }

    fn rebuild(spec: Json, registry: &Registry) -> Result<Placement, ExperimentError> {
        Ok(Placement::new(read_spec(Self::NAME, spec)?, registry))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    root_seed: u64,
    clock: String,
    seeds: u32,
    best_of: Vec<Candidates>,
    scenario: Scenario,
}

/// One clock with several numbers of candidates.
pub struct Placement {
    spec: Spec,
    choices: Vec<Choice>,
    scheme: Result<[BoxedScheme; 1], SchemeError>,
}

impl Placement {
    fn new(spec: Spec, registry: &Registry) -> Self {
        let choices = Choice::all(&spec.best_of);
        let scheme = registry.scheme(&spec.clock).map(|scheme| [scheme]);
        Self { spec, choices, scheme }
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.choices.iter().map(|choice| choice.cell(&self.spec.scenario))
    }
}

/// A row of `sizes`: the last tenth, and the clocks at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SizesRow {
    mean_live: u32,
    stamps: u64,
    stamp_bytes: u64,
    clocks: u64,
    clock_bytes: u64,
}

impl Experiment for Placement {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "placement".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |cell: Cell| Task::replicates(&cell.name, self.spec.seeds);
        self.cells().flat_map(tasks).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let cell = self.cells().find(|cell| cell.name == task.cell);
        let cell = cell.ok_or_else(|| wrong("there is no such cell".into()))?;
        let scheme = self.scheme.as_ref().map_err(|error| wrong(error.to_string()))?;
        let options = Options { root_seed: self.spec.root_seed, ..Options::default() };
        let replicate = run::replicate(&cell, task.replicate, scheme, &options);
        let measured: &Measured =
            &replicate.schemes.first().ok_or_else(|| wrong("no clock".into()))?.1;
        let last = measured.sizes.last().filter(|size| size.tenth == 10);
        let last = last.ok_or_else(|| {
            wrong(format!("{} did not come to the end: {:?}", self.spec.clock, measured.status))
        })?;
        let mut rows = Rows::new(task.clone());
        rows.add(
            "sizes",
            [SizesRow {
                mean_live: replicate.survey.mean_live,
                stamps: last.stamps.count,
                stamp_bytes: last.stamps.total,
                clocks: last.clocks.count,
                clock_bytes: last.clocks.total,
            }],
        )?;
        rows.add("pairs", bins(&measured.verdicts))?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let mut outcomes = Vec::new();
        let mut live = Vec::new();
        for rows in &mut results.tasks {
            let (outcome, mean_live) = Outcome::of(&rows?)?;
            outcomes.push(outcome);
            live.push(f64::from(mean_live));
        }
        let lines = lines(&self.choices, self.spec.seeds as usize, &outcomes);
        let Spec { clock, scenario, .. } = &self.spec;
        let title = format!("Placement of `{clock}` in the scenario `{}`", scenario.name);
        let mut page = Page::new(title, scenario.description.clone());
        page.table(table(&lines));
        let everyone = Estimate::of(&live).map_or(1.0, |e| e.mean);
        page.chart("placement", chart(&scenario.name, everyone, &lines));
        Ok(page)
    }

    fn inputs(&self) -> Vec<(String, String)> {
        vec![inputs::scenario_file(&self.spec.scenario)]
    }
}

fn table(lines: &[Line]) -> Table {
    let less = |key, heading, unit| Column::estimate(key, heading, unit).better(Better::Less);
    let columns = [
        Column::text("fork", "fork best of"),
        Column::text("retire", "retire best of"),
        less("clock_bytes", "clock bytes", Unit::Bytes),
        less("clock_ratio", "of 1", Unit::Share),
        less("stamp_bytes", "stamp bytes", Unit::Bytes),
        less("stamp_ratio", "of 1", Unit::Share),
        less("ordered", "ordered", Unit::Share).rank(2),
        less("ordered_more", "more than 1", Unit::Points).rank(1),
        Column::number("wrong", "wrong", Unit::Count).better(Better::Less).rank(3),
        Column::number("judged", "judged", Unit::Count).rank(4),
    ];
    let mut table = Table::new("placement", "What a choice of parent and heir saves", columns)
        .note(
            "Stamp bytes: of the events in the last tenth. Clock bytes: of the participants at the \
         end. ± is half the 95 % interval over seeds. The columns `of 1` and `more than 1` compare \
         with no choice at either end on the same executions, seed by seed. Ordered: the share of \
         pairs of events that are causally ordered; chosen parents and heirs become causal paths, \
         and this is the price. Wrong: verdicts that are not true, of all that were judged.",
        );
    for line in lines {
        table.push([
            line.choice.fork.to_string().into(),
            line.choice.retire.to_string().into(),
            line.clock_bytes.into(),
            line.clock_ratio.into(),
            line.stamp_bytes.into(),
            line.stamp_ratio.into(),
            line.ordered.into(),
            line.ordered_more.into(),
            line.wrong.into(),
            Value::Whole(line.judged),
        ]);
    }
    table
}

/// Clock bytes by the number of candidates; `all` are as many as there are.
fn chart(scenario: &str, everyone: f64, lines: &[Line]) -> Chart {
    let place = |candidates: Candidates| match candidates {
        Candidates::UpTo(count) => f64::from(count.get()),
        Candidates::All => everyone,
    };
    type Of = fn(Choice) -> Option<Candidates>;
    let ends: [(&str, Of); 3] = [
        ("parent and heir", |c| (c.fork == c.retire).then_some(c.fork)),
        ("parent alone", |c| (c.retire == Candidates::ONE).then_some(c.fork)),
        ("heir alone", |c| (c.fork == Candidates::ONE).then_some(c.retire)),
    ];
    let series = ends.map(|(name, of)| {
        let points = lines.iter().filter_map(|line| {
            let x = place(of(line.choice)?);
            let error = line.clock_bytes.half_width.unwrap_or(0.0);
            Some(Point { x, y: line.clock_bytes.mean, error })
        });
        let mut points: Vec<Point> = points.collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Series { name: name.into(), points, dashed: false }
    });
    Chart {
        title: format!("Best of how many, in `{scenario}`"),
        x: Axis { label: "candidates (the last: everyone)".into(), log: true },
        y: Axis { label: "mean bytes of a clock at the end".into(), log: true },
        series: series.into(),
    }
}

/// How many candidates there are at both ends of a participant's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// For the parent.
    pub fork: Candidates,
    /// For the heir.
    pub retire: Candidates,
}

impl Choice {
    /// No choice at either end: what the others are compared with.
    pub const NONE: Self = Self { fork: Candidates::ONE, retire: Candidates::ONE };

    /// No choice, then every number at both ends, at the first alone, and at
    /// the last alone.
    #[must_use]
    pub fn all(best_of: &[Candidates]) -> Vec<Self> {
        let one = Candidates::ONE;
        let mut choices = vec![Self::NONE];
        let ends: [fn(Candidates) -> Choice; 3] = [
            |d| Self { fork: d, retire: d },
            |d| Self { fork: d, retire: Candidates::ONE },
            |d| Self { fork: Candidates::ONE, retire: d },
        ];
        for end in ends {
            choices.extend(best_of.iter().filter(|d| **d != one).map(|d| end(*d)));
        }
        choices
    }

    /// The cell of a scenario with this choice. Its executions are those of
    /// every other choice in that scenario but for the candidates.
    #[must_use]
    pub fn cell(self, scenario: &Scenario) -> Cell {
        let mut scenario = scenario.clone();
        scenario.population.fork_best_of = self.fork;
        scenario.population.retire_best_of = self.retire;
        Cell {
            name: format!("{}-fork-{}-retire-{}", scenario.name, self.fork, self.retire),
            ids: scenario.population.ids,
            // The name of the scenario is what its executions are drawn with.
            source: Source::Scenario(Arc::new(scenario)),
            recorded: None,
        }
    }
}

/// What was measured in one execution.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Outcome {
    stamp_bytes: f64,
    clock_bytes: f64,
    ordered: f64,
    judged: u64,
    wrong: u64,
}

impl Outcome {
    /// Of the rows of one task, and the mean number of live participants.
    fn of(rows: &Rows) -> Result<(Self, u32), RowsError> {
        let bins: Vec<Bin> = rows.read("pairs")?;
        let sizes: Vec<SizesRow> = rows.read("sizes")?;
        let size = sizes.first().copied().unwrap_or(SizesRow {
            mean_live: 1,
            stamps: 1,
            stamp_bytes: 0,
            clocks: 1,
            clock_bytes: 0,
        });
        let all: u64 = bins.iter().map(|bin| bin.pairs).sum();
        let ordered = |bin: &Bin| bin.pairs as f64 * bin.ordered as f64 / bin.judged as f64;
        let outcome = Self {
            stamp_bytes: size.stamp_bytes as f64 / size.stamps as f64,
            clock_bytes: size.clock_bytes as f64 / size.clocks as f64,
            ordered: bins.iter().map(ordered).sum::<f64>() / all as f64,
            judged: bins.iter().map(|bin| bin.judged).sum(),
            wrong: bins.iter().map(|bin| bin.wrong).sum(),
        };
        Ok((outcome, size.mean_live))
    }
}

/// The judged pairs of similar lags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bin {
    /// Lags from this many events …
    lag_from: u32,
    /// … to below this many.
    lag_to: u32,
    /// Pairs of the execution with such a lag.
    pairs: u64,
    /// Those that were judged.
    judged: u64,
    /// Those that are ordered in truth, of the judged.
    ordered: u64,
    /// Those of which the clock said what is not true, of the judged.
    wrong: u64,
}

/// The bins of the rows of one execution.
fn bins(rows: &[VerdictRow]) -> Vec<Bin> {
    let bin = |rows: &[VerdictRow]| {
        let VerdictRow { lag_from, lag_to, bin_pairs: pairs, .. } = *rows.first()?;
        let mut bin = Bin { lag_from, lag_to, pairs, judged: 0, ordered: 0, wrong: 0 };
        for row in rows {
            for (ordered, said, count) in counts(row) {
                let right = if ordered { CausalOrder::Before } else { CausalOrder::Concurrent };
                bin.judged += count;
                bin.ordered += if ordered { count } else { 0 };
                bin.wrong += if said == right { 0 } else { count };
            }
        }
        Some(bin)
    };
    rows.chunk_by(|a, b| a.bin == b.bin).filter_map(bin).collect()
}

/// What was said of the pairs of a stratum: the truth, what was said, and how
/// often.
fn counts(row: &VerdictRow) -> impl Iterator<Item = (bool, CausalOrder, u64)> {
    let verdicts = row.verdicts;
    [true, false].into_iter().flat_map(move |ordered| {
        CausalOrder::ALL.into_iter().map(move |said| {
            let said_so = |proven| verdicts.get(ordered, said, proven);
            (ordered, said, said_so(true) + said_so(false))
        })
    })
}

/// A choice beside none, over the seeds of one scenario and clock.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// The choice.
    choice: Choice,
    /// Mean bytes of the stamps of the last tenth.
    stamp_bytes: Estimate,
    /// Mean bytes of the clocks at the end.
    clock_bytes: Estimate,
    /// Stamp bytes by those without choice, seed by seed.
    stamp_ratio: Estimate,
    /// Clock bytes by those without choice, seed by seed.
    clock_ratio: Estimate,
    /// The share of pairs that are ordered, of all.
    ordered: Estimate,
    /// By how much that is more than without choice, seed by seed.
    ordered_more: Estimate,
    /// Pairs that were judged, over all seeds.
    judged: u64,
    /// Those of which the clock said what is not true.
    wrong: u64,
}

/// The lines of these choices, of which the first is what the others are
/// compared with; `outcomes` are theirs, `seeds` each.
fn lines(choices: &[Choice], seeds: usize, outcomes: &[Outcome]) -> Vec<Line> {
    let base = outcomes.get(..seeds).unwrap_or_default();
    let line = |(choice, outcomes): (&Choice, &[Outcome])| {
        let over = |value: &dyn Fn(&Outcome, &Outcome) -> f64| {
            let values: Vec<f64> = outcomes.iter().zip(base).map(|(o, b)| value(o, b)).collect();
            Estimate::of(&values)
        };
        Some(Line {
            choice: *choice,
            stamp_bytes: over(&|o, _| o.stamp_bytes)?,
            clock_bytes: over(&|o, _| o.clock_bytes)?,
            stamp_ratio: over(&|o, base| o.stamp_bytes / base.stamp_bytes)?,
            clock_ratio: over(&|o, base| o.clock_bytes / base.clock_bytes)?,
            ordered: over(&|o, _| o.ordered)?,
            ordered_more: over(&|o, base| o.ordered - base.ordered)?,
            judged: outcomes.iter().map(|o| o.judged).sum(),
            wrong: outcomes.iter().map(|o| o.wrong).sum(),
        })
    };
    choices.iter().zip(outcomes.chunks(seeds.max(1))).filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Step, TimedStep};

    const TURNOVER: &str = include_str!("../../presets/turnover.toml");

    #[test]
    fn choices_begin_with_none_and_stand_once() {
        let d = |text: &str| text.parse().unwrap();
        let choices = Choice::all(&[d("1"), d("4"), d("all")]);
        let texts: Vec<_> = choices.iter().map(|c| format!("{} {}", c.fork, c.retire)).collect();
        assert_eq!(texts, ["1 1", "4 4", "all all", "4 1", "all 1", "1 4", "1 all"]);
    }

    #[test]
    fn executions_are_the_same_but_for_the_candidates() {
        let scenario = Scenario::parse(TURNOVER, "turnover").unwrap();
        let steps = |fork: &str, retire: &str| {
            let choice = Choice { fork: fork.parse().unwrap(), retire: retire.parse().unwrap() };
            choice.cell(&scenario).steps(1, 0).collect::<Vec<TimedStep>>()
        };
        let plain = steps("1", "1");
        let named = |s: &&TimedStep| matches!(s.step, Step::Candidate { .. });
        assert!(!plain.iter().any(|s| named(&s)));
        for (fork, retire) in [("2", "1"), ("1", "8"), ("4", "4"), ("all", "all")] {
            let some = steps(fork, retire);
            assert!(some.iter().any(|s| named(&s)));
            assert!(some.iter().filter(|s| !named(s)).eq(&plain));
        }
    }
}
