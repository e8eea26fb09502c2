//! What it saves a clock to choose among several participants whom to fork
//! from and into whom to retire, and what it costs.
//!
//! All numbers of candidates are run on the same executions: the candidates
//! are drawn from a stream of their own, so that who arrives, acts, talks and
//! leaves is the same. What a choice changes is the parent or the heir, and
//! with it the truth: the chosen one becomes a causal path.

use std::sync::Arc;

use causal_clock::CausalOrder;

use crate::execution::{Cell, Source};
use crate::measure::{Measured, VerdictRow};
use crate::run::Replicate;
use crate::scenario::{Candidates, Scenario};
use crate::stats::Estimate;

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
    /// `None` where the clock did not come to the end.
    fn of(measured: &Measured) -> Option<Self> {
        let last = measured.sizes.last().filter(|size| size.tenth == 10)?;
        let mean = |spread: crate::measure::Spread| spread.total as f64 / spread.count as f64;
        let bins = bins(&measured.verdicts);
        let all: u64 = bins.iter().map(|bin| bin.pairs).sum();
        let ordered = |bin: &Bin| bin.pairs as f64 * bin.ordered as f64 / bin.judged as f64;
        Some(Self {
            stamp_bytes: mean(last.stamps),
            clock_bytes: mean(last.clocks),
            ordered: bins.iter().map(ordered).sum::<f64>() / all as f64,
            judged: bins.iter().map(|bin| bin.judged).sum(),
            wrong: bins.iter().map(|bin| bin.wrong).sum(),
        })
    }
}

/// The judged pairs of similar lags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Lags from this many events …
    pub lag_from: u32,
    /// … to below this many.
    pub lag_to: u32,
    /// Pairs of the execution with such a lag.
    pub pairs: u64,
    /// Those that were judged.
    pub judged: u64,
    /// Those that are ordered in truth, of the judged.
    pub ordered: u64,
    /// Those of which the clock said what is not true, of the judged.
    pub wrong: u64,
}

/// The bins of the rows of one execution.
#[must_use]
pub fn bins(rows: &[VerdictRow]) -> Vec<Bin> {
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
pub struct Line {
    /// The choice.
    pub choice: Choice,
    /// Mean bytes of the stamps of the last tenth.
    pub stamp_bytes: Estimate,
    /// Mean bytes of the clocks at the end.
    pub clock_bytes: Estimate,
    /// Stamp bytes by those without choice, seed by seed.
    pub stamp_ratio: Estimate,
    /// Clock bytes by those without choice, seed by seed.
    pub clock_ratio: Estimate,
    /// The share of pairs that are ordered, of all.
    pub ordered: Estimate,
    /// By how much that is more than without choice, seed by seed.
    pub ordered_more: Estimate,
    /// Pairs that were judged, over all seeds.
    pub judged: u64,
    /// Those of which the clock said what is not true.
    pub wrong: u64,
}

/// The lines of these choices, of which the first is what the others are
/// compared with. `replicates` are those of the choices' cells, `seeds` each,
/// with the clock in question alone. `None` where it did not come to the end
/// of an execution.
#[must_use]
pub fn lines(choices: &[Choice], seeds: usize, replicates: &[Replicate]) -> Option<Vec<Line>> {
    let outcomes = replicates
        .iter()
        .map(|replicate| Outcome::of(&replicate.schemes.first()?.1))
        .collect::<Option<Vec<_>>>()?;
    let base = outcomes.get(..seeds)?;
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
    choices.iter().zip(outcomes.chunks(seeds.max(1))).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Step, TimedStep};

    const TURNOVER: &str = include_str!("../presets/turnover.toml");

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
