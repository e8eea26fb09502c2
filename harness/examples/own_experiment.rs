//! An experiment of one's own in the whole command: how old is a message when it
//! is received, in events?
//!
//! It gets threads, progress, a results folder, resume, shards, merge, verify
//! and its tables in four forms for nothing. Try
//!
//! ```sh
//! cargo run --release -p harness --example own_experiment -- message-age churn --seeds 5 --out age
//! cargo run --release -p harness --example own_experiment -- verify age --rerun all
//! ```

use std::process::ExitCode;

use clap::Args;
use harness::execution::Cell;
use harness::experiment::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use harness::registry::Registry;
use harness::scenario::{PRESETS, Scenario};
use harness::show::{Better, Column, Page, Table, Unit};
use harness::stats::Estimate;
use harness::step::Step;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Measure how many events happen between a send and its receipt.
#[derive(Debug, Args)]
struct MessageAgeArgs {
    /// A preset.
    #[arg(default_value = "churn")]
    scenario: String,
    /// How many seeds.
    #[arg(long, default_value_t = 30)]
    seeds: u32,
}

impl Plan for MessageAgeArgs {
    const NAME: &'static str = "message-age";
    const SUMMARY: &'static str = "How old messages are when they are received, in events.";
    type Experiment = MessageAge;

    fn plan(&self, _: &Registry, seed: u64) -> Result<MessageAge, ExperimentError> {
        let preset = PRESETS.iter().find(|preset| preset.name == self.scenario);
        let preset = preset.ok_or_else(|| ExperimentError::plan("expected a preset's name"))?;
        let scenario = Scenario::parse(preset.toml, preset.name).map_err(ExperimentError::plan)?;
        Ok(MessageAge { seed, seeds: self.seeds, scenario })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<MessageAge, ExperimentError> {
        serde_json::from_value(spec).map_err(ExperimentError::plan)
    }
}

/// All that decides the rows.
#[derive(Serialize, Deserialize)]
struct MessageAge {
    seed: u64,
    seeds: u32,
    scenario: Scenario,
}

/// A row of `ages`.
#[derive(Serialize, Deserialize)]
struct Ages {
    messages: u64,
    events_total: u64,
    events_max: u64,
}

impl Experiment for MessageAge {
    fn spec(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn label(&self) -> String {
        "message-age".into()
    }

    fn tasks(&self) -> Vec<Task> {
        Task::replicates(&self.scenario.name, self.seeds).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let mut sent = std::collections::HashMap::new();
        let mut ages = Ages { messages: 0, events_total: 0, events_max: 0 };
        let mut events = 0;
        for timed in Cell::of(self.scenario.clone()).steps(self.seed, task.replicate) {
            events += u64::from(timed.step.is_event());
            match timed.step {
                Step::Send { message, .. } => {
                    sent.insert(message, events);
                }
                Step::Receive { message, .. } => {
                    if let Some(at) = sent.get(&message) {
                        ages.messages += 1;
                        ages.events_total += events - at;
                        ages.events_max = ages.events_max.max(events - at);
                    }
                }
                _ => {}
            }
        }
        let mut rows = Rows::new(task.clone());
        rows.add("ages", [ages])?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let ages: Vec<(Task, Ages)> = results.table("ages")?;
        let over = |of: fn(&Ages) -> f64| {
            Estimate::of(&ages.iter().map(|(_, ages)| of(ages)).collect::<Vec<_>>())
        };
        let less = |key, heading| Column::estimate(key, heading, Unit::Count).better(Better::Less);
        let columns = [
            Column::text("scenario", "scenario"),
            less("mean", "mean age, events"),
            less("max", "largest"),
        ];
        let mut table = Table::new("ages", "Age of messages when they are received", columns);
        table.push([
            self.scenario.name.as_str().into(),
            over(|ages| ages.events_total as f64 / ages.messages as f64).into(),
            over(|ages| ages.events_max as f64).into(),
        ]);
        let mut page = Page::new("How old messages are", self.scenario.description.clone());
        page.table(table);
        Ok(page)
    }
}

fn main() -> ExitCode {
    harness::cli::main(
        &Registry::builtin().with_experiment(harness::experiment::Kind::of::<MessageAgeArgs>()),
    )
}
