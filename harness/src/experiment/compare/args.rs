//! What stands on the command line for a comparison.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use serde_json::Value as Json;

use super::{CellSource, CellSpec, Clock, Compare, Spec, recorded, spelled};
use crate::experiment::kind::read_spec;
use crate::experiment::{Ask, ExperimentError, Plan, inputs};
use crate::measure::Sampling;
use crate::registry::Registry;
use crate::trace;

/// Run clocks through scenarios or traces and compare them.
///
/// Prints tables for each scenario or trace, and leaves a results folder with
/// the raw counts. The same seed gives the same counts on every machine.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench run
      the scenario `churn` with every clock
  clockbench run static growth --clocks itc,vc,rev:r=16,vc-bounded:k=8,hlc
      two scenarios, five clocks
  clockbench run mine.toml --seeds 100 --out results/scratch/mine
      a scenario of your own (start from `clockbench scenarios churn`)
  clockbench run --trace git:../linux --clocks itc,vc,hlc
      the history of a git repository; `git:` alone is the one you stand in
  clockbench run --trace app.log --shiviz-regex '(?<host>\\S+) (?<clock>\\{.*\\}) (?<event>.*)'
      a ShiViz log in a format of its own
  clockbench run churn --clock 'py=python3 harness/adapters/python/vector.py' --clocks vc
      a clock in another process, beside one of ours (docs/protocol.md)
  clockbench run churn static --clocks rev:r=2..64,nurev:r=2..64 --baseline rev:r=16 \\
      --frontier false-order --budgets 32,64 --seeds 60
      false order against bytes, and the better of two families at equal bytes

A clock's parameter may be a range: r=4..64 doubles (4, 8, 16, 32, 64),
r=4..64x4 multiplies by 4 (4, 16, 64), r=4..12+4 adds 4 (4, 8, 12).")]
pub struct CompareArgs {
    /// Presets by name, or TOML files; `churn` where neither these nor a trace
    /// are given.
    scenarios: Vec<String>,
    /// Replay a recorded execution: `git:PATH`, a DAG file, a table of events
    /// (CSV), OpenTelemetry's or Jaeger's spans, a folder of them, a ShiViz log,
    /// or an execution written by `trace export`; plain or gzip. May be repeated.
    #[arg(long, value_name = "git:PATH|FILE|FOLDER")]
    trace: Vec<String>,
    #[command(flatten)]
    read: trace::Options,
    /// Which clocks, with parameters, separated by commas; `r=4..64` is a range
    /// [default: every family's usual ones].
    #[arg(long, value_name = "LIST")]
    clocks: Option<String>,
    /// How many seeds (replicates) for each scenario [default: what the
    /// scenario says, 30 in most; 1 for traces].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
    /// Take as many seeds as bring bytes, and every rate from 1 %, to ±SHARE of
    /// itself; a pilot of ten says how many.
    #[arg(long, value_name = "SHARE", conflicts_with = "seeds", conflicts_with = "trace",
          value_parser = super::confidence::share)]
    until: Option<f64>,
    /// MiB of encoded stamps and clocks that a clock may keep in one
    /// execution before it is stopped, timed or not. It may allocate up to
    /// forty times as much.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    memory_budget: u64,
    /// How often each clock is timed; 0 to leave timing out.
    #[arg(long, value_name = "N", default_value_t = 5)]
    timing_rounds: u32,
    /// How many source events are judged in executions too long to be judged
    /// whole.
    #[arg(long, value_name = "K", default_value_t = Sampling::default().sources)]
    sources: u32,
    /// The share of the events, in per cent, that settles an execution: pairs
    /// with one of them are not judged.
    #[arg(long, value_name = "PERCENT", default_value_t = 25, value_parser = clap::value_parser!(u32).range(0..=90))]
    settle: u32,
    /// Hold stamps that tell time against physical time (`raw/times.csv`). Always
    /// done where a scenario has faults of clocks.
    #[arg(long)]
    observe_time: bool,
    /// Judge verdicts by ε-causality as well: events are also ordered where
    /// they are this much true time apart (`raw/epsilon_verdicts.csv`).
    #[arg(long, value_name = "DURATION", value_parser = causal_clock::duration::parse)]
    epsilon: Option<Duration>,
    #[command(flatten)]
    ask: Ask,
}

impl Plan for CompareArgs {
    const NAME: &'static str = "run";
    const SUMMARY: &'static str =
        "Clocks over scenarios and traces: what stamps cost, where they err.";
    type Experiment = Compare;

    fn plan(&self, registry: &Registry, seed: u64) -> Result<Compare, ExperimentError> {
        let schemes = match &self.clocks {
            None => registry.presets(),
            Some(list) => registry.schemes(list).map(|mut schemes| {
                registry.add_foreign(&mut schemes);
                schemes
            }),
        };
        let schemes = schemes.map_err(ExperimentError::plan)?;
        if schemes.is_empty() {
            return Err(ExperimentError::plan(
                "--clocks names no clock: expected a list such as `itc,rev:r=16`",
            ));
        }
        let mut cells: Vec<CellSpec> = Vec::new();
        let (mut remarks, mut warnings) = (Vec::new(), Vec::new());
        let mut add = |cell: CellSpec| {
            if cells.iter().any(|other| other.name == cell.name) {
                return Err(ExperimentError::plan(format!(
                    "`{}` is there twice: expected scenarios and traces of different names",
                    cell.name
                )));
            }
            cells.push(cell);
            Ok(())
        };
        let default = ["churn".to_owned()];
        let nothing = self.scenarios.is_empty() && self.trace.is_empty();
        let seeds = self.seeds.map(NonZeroU32::get);
        for name in if nothing { &default[..] } else { &self.scenarios } {
            let scenario = inputs::scenario(name)?;
            let doubts = scenario.warnings(self.settle);
            warnings.extend(doubts.iter().map(|doubt| format!("{}: {doubt}", scenario.name)));
            add(CellSpec {
                name: scenario.name.clone(),
                replicates: seeds.unwrap_or(scenario.seeds),
                source: CellSource::Scenario(Box::new(scenario)),
            })?;
        }
        for trace in &self.trace {
            for mut found in inputs::traces(trace, &self.read)? {
                remarks.append(&mut found.remarks);
                let cell = recorded(&found, trace, &self.read);
                // An exported execution is one; of others, ids are drawn anew.
                let replicates = if cell.recorded().is_some() { 1 } else { seeds.unwrap_or(1) };
                add(CellSpec { replicates, ..cell })?;
            }
        }
        remarks.append(&mut warnings);
        let spec = Spec {
            root_seed: seed,
            clocks: schemes.iter().map(Clock::of).collect(),
            sources: self.sources,
            pairs: Sampling::default().pairs,
            memory_budget: self.memory_budget.saturating_mul(1 << 20),
            settle: self.settle,
            timing_rounds: self.timing_rounds,
            observe_time: self.observe_time,
            epsilon: self.epsilon.map(spelled),
            cells,
        };
        let spec = match self.until {
            Some(share) => until(share, spec, registry, &mut remarks)?,
            None => spec,
        };
        Ok(Compare { remarks, ..Compare::new(spec, registry)? })
    }

    fn ask(&self) -> Ask {
        self.ask.clone()
    }

    fn rebuild(spec: Json, registry: &Registry) -> Result<Compare, ExperimentError> {
        Compare::new(read_spec(Self::NAME, spec)?, registry)
    }
}

/// The spec with as many seeds as narrow its figures down.
fn until(
    share: f64,
    mut spec: Spec,
    registry: &Registry,
    remarks: &mut Vec<String>,
) -> Result<Spec, ExperimentError> {
    let seeds = Compare::new(spec.clone(), registry)?.seeds_until(share)?;
    for (cell, (name, seeds)) in spec.cells.iter_mut().zip(seeds) {
        remarks.push(format!("{name}: {seeds} seeds for ±{} %, by a pilot", share * 100.0));
        cell.replicates = seeds;
    }
    Ok(spec)
}
