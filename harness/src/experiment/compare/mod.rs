//! `run`: clocks over scenarios and traces, compared. The main experiment.

mod across;
mod args;
mod confidence;
mod contest;
mod explore;
mod frontier;
mod growth;
mod lengths;
mod lines;
pub mod metrics;
mod paired;
mod panel;
mod physical;
mod robust;
pub mod rows;
mod tables;

use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

use causal_clock::Guarantee;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

pub use args::CompareArgs;

use super::kind::write_spec;
use super::{Ask, Experiment, ExperimentError, Results, Rows, Task, inputs};
use crate::execution::Cell;
use crate::foreign::ForeignScheme;
use crate::measure::Sampling;
use crate::registry::{BoxedScheme, Registry, SchemeError};
use crate::run::{self, Options};
use crate::scenario::{Ids, Scenario};
use crate::show::Page;
use crate::show::report::Exploration;
use crate::trace;
use crate::trace::steps::{self, StepsHeader};
use panel::Panel;

/// A clock of a comparison, and what its verdicts promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its name with parameters.
    pub name: String,
    /// What it guarantees.
    pub guarantees: Vec<String>,
    /// The command that runs it, where it runs in a process of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Clock {
    /// Of a scheme.
    pub(crate) fn of(scheme: &BoxedScheme) -> Self {
        let guarantees = scheme.guarantees().held().map(Guarantee::as_str);
        Self {
            name: scheme.name(),
            guarantees: guarantees.map(str::to_owned).collect(),
            command: scheme.command().map(str::to_owned),
        }
    }

    fn scheme(&self, registry: &Registry) -> Result<BoxedScheme, SchemeError> {
        // One that was named in this very command runs already.
        let Some(command) = self
            .command
            .as_ref()
            .filter(|_| registry.foreign().iter().all(|f| f.name() != self.name))
        else {
            return registry.scheme(&self.name);
        };
        let promises = ForeignScheme::promises(&self.guarantees);
        let deadline = ForeignScheme::DEADLINE;
        Ok(Box::new(ForeignScheme::declared(&self.name, command, promises, deadline)?))
    }
}

/// All that decides the rows of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// All randomness comes from this, a cell's name and the replicate.
    pub root_seed: u64,
    /// The clocks.
    pub clocks: Vec<Clock>,
    /// How many source events are judged of an execution too long to be judged
    /// whole …
    pub sources: u32,
    /// … and pairs of each and of each lag bin.
    pub pairs: u32,
    /// Bytes of encoded stamps and clocks that a clock may keep.
    pub memory_budget: u64,
    /// The share of the events, in per cent, that settles an execution and is
    /// not judged.
    pub settle: u32,
    /// How often the first execution of each cell is timed.
    pub timing_rounds: u32,
    /// Whether stamps are held against physical time in every cell.
    pub observe_time: bool,
    /// The ε of ε-causality, if verdicts are judged by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epsilon: Option<String>,
    /// What is run.
    pub cells: Vec<CellSpec>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSpec {
    /// Its name.
    pub name: String,
    /// How many replicates of it.
    pub replicates: u32,
    /// Where its executions are from.
    pub source: CellSource,
}

/// Where executions are from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CellSource {
    /// Simulated.
    Scenario(Box<Scenario>),
    /// Recorded.
    Trace {
        /// As on the command line.
        trace: String,
        /// How lines of a ShiViz log are read.
        shiviz_regex: Option<String>,
        /// What begins another execution in it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shiviz_delimiter: Option<String>,
        /// Which attributes tell processes of spans apart.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        process: Vec<String>,
        /// From when on commits are read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
        /// Of its steps, as `trace export` writes them.
        steps_sha256: String,
        /// How ids are drawn.
        ids: Ids,
        /// Of an exported execution, its root seed and replicate.
        recorded: Option<(u64, u32)>,
        /// What is known of it.
        facts: Json,
    },
}

impl CellSpec {
    fn recorded(&self) -> Option<(u64, u32)> {
        match &self.source {
            CellSource::Scenario(_) => None,
            CellSource::Trace { recorded, .. } => *recorded,
        }
    }

    fn scenario(&self) -> Option<&Scenario> {
        match &self.source {
            CellSource::Scenario(scenario) => Some(scenario),
            CellSource::Trace { .. } => None,
        }
    }
}

/// Clocks over scenarios and traces.
pub struct Compare {
    spec: Spec,
    options: Options,
    /// Made when the experiment is; a clock that this program lacks is missed
    /// only when it is to run.
    schemes: Result<Vec<BoxedScheme>, SchemeError>,
    /// A trace is read when it is needed.
    cells: Vec<OnceLock<Cell>>,
    remarks: Vec<String>,
}

impl Compare {
    /// The comparison of a spec.
    ///
    /// # Errors
    /// Where ε is no duration.
    pub fn new(spec: Spec, registry: &Registry) -> Result<Self, ExperimentError> {
        let epsilon = spec.epsilon.as_deref().map(causal_clock::duration::parse).transpose();
        let options = Options {
            root_seed: spec.root_seed,
            sampling: Sampling { sources: spec.sources, pairs: spec.pairs },
            memory_budget: spec.memory_budget,
            settle: spec.settle,
            observe_time: spec.observe_time,
            beside: false,
            epsilon: epsilon.map_err(|error| ExperimentError::plan(error.to_string()))?,
        };
        let schemes = spec.clocks.iter().map(|clock| clock.scheme(registry)).collect();
        let cells = spec.cells.iter().map(|cell| {
            let scenario = cell
                .scenario()
                .map(|scenario| Cell { name: cell.name.clone(), ..Cell::of(scenario.clone()) });
            scenario.map_or_else(OnceLock::new, OnceLock::from)
        });
        let cells = cells.collect();
        Ok(Self { options, schemes, cells, remarks: Vec::new(), spec })
    }

    fn schemes(&self, task: &Task) -> Result<&[BoxedScheme], ExperimentError> {
        self.schemes.as_deref().map_err(|error| ExperimentError::task(task, error.clone()))
    }

    /// The clock that others are compared with: by its whole name, or by a part
    /// of its parameters. Of several, the one with the fewest more.
    fn baseline(&self, text: &str) -> Result<&str, ExperimentError> {
        let parts = |name: &str| -> Vec<String> {
            let (family, parameters) = name.split_once(':').unwrap_or((name, ""));
            let parameters = parameters.split(',').filter(|part| !part.is_empty());
            std::iter::once(family).chain(parameters).map(str::to_owned).collect()
        };
        let wanted = parts(text);
        let names = || self.spec.clocks.iter().map(|clock| clock.name.as_str());
        let fits = |name: &&str| {
            let has = parts(name);
            wanted[0] == has[0] && wanted.iter().all(|part| has.contains(part))
        };
        names().filter(fits).min_by_key(|name| parts(name).len()).ok_or_else(|| {
            ExperimentError::Ask(format!(
                "--baseline `{text}` is not part of the run: expected one of its clocks, {}",
                names().collect::<Vec<_>>().join(" ")
            ))
        })
    }

    fn measure(&self, task: &Task, options: &Options) -> Result<Rows, ExperimentError> {
        let cell = self.cell(task)?;
        let measured = run::replicate(cell, task.replicate, self.schemes(task)?, options);
        let mut rows = Rows::new(task.clone());
        rows::write(&measured, &mut rows)?;
        Ok(rows)
    }

    /// The cell of a task; a trace is read again, and must be the same.
    fn cell(&self, task: &Task) -> Result<&Cell, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let place = self.spec.cells.iter().position(|cell| cell.name == task.cell);
        let place = place.ok_or_else(|| wrong("there is no such cell".into()))?;
        if let Some(cell) = self.cells[place].get() {
            return Ok(cell);
        }
        let CellSource::Trace {
            trace,
            shiviz_regex,
            shiviz_delimiter,
            process,
            since,
            steps_sha256,
            ..
        } = &self.spec.cells[place].source
        else {
            return Err(wrong("there is no such cell".into()));
        };
        let options = trace::Options {
            shiviz_regex: shiviz_regex.clone(),
            shiviz_delimiter: shiviz_delimiter.clone(),
            process: process.clone(),
            since: since.clone(),
        };
        let found = inputs::traces(trace, &options)?.into_iter();
        let cell = found.map(|recorded| recorded.cell).find(|cell| cell.name == task.cell);
        let cell = cell.ok_or_else(|| wrong(format!("{trace} has no such execution any more")))?;
        if digest(&cell) != *steps_sha256 {
            return Err(wrong(format!("{trace} is not what it was: its steps have another sum")));
        }
        Ok(self.cells[place].get_or_init(|| cell))
    }
}

/// SHA-256 of the steps of a recorded execution.
fn digest(cell: &Cell) -> String {
    struct Sum(Sha256);
    impl Write for Sum {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (seed, replicate) = cell.recorded.unwrap_or((0, 0));
    let header = StepsHeader { cell: cell.name.clone(), seed, replicate, ids: cell.ids };
    let mut sum = Sum(Sha256::new());
    // Writing to a sum cannot fail.
    let written = steps::write(&mut sum, &header, cell.steps(seed, replicate));
    debug_assert!(written.is_ok());
    sum.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Serialize)]
struct TimingRow {
    timed_cell: String,
    timed_replicate: u32,
    scheme: String,
    round: u32,
    part: usize,
    operations: u64,
    nanoseconds: u64,
}

impl Experiment for Compare {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        self.spec.cells.first().map_or_else(|| "run".to_owned(), |cell| cell.name.clone())
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |cell: &CellSpec| {
            let first = cell.recorded().map_or(0, |(_, replicate)| replicate);
            let name = cell.name.clone();
            (first..first.saturating_add(cell.replicates))
                .map(move |replicate| Task { cell: name.clone(), replicate })
        };
        self.spec.cells.iter().flat_map(tasks).collect()
    }

    fn weight(&self, task: &Task) -> u64 {
        let cell = self.spec.cells.iter().find(|cell| cell.name == task.cell);
        match cell.map(|cell| &cell.source) {
            Some(CellSource::Scenario(scenario)) => scenario.events.into(),
            // Nobody knows; most are long.
            _ => u64::MAX,
        }
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        self.measure(task, &self.options)
    }

    fn run_alone(&self, task: &Task) -> Result<Rows, ExperimentError> {
        self.measure(task, &Options { beside: true, ..self.options })
    }

    fn timed(&self) -> usize {
        self.spec.cells.len() * self.spec.timing_rounds as usize
    }

    fn time(&self, progress: &dyn Fn()) -> Result<Option<Rows>, ExperimentError> {
        let mut rows = Rows::new(Task { cell: String::new(), replicate: 0 });
        let tasks = self.tasks();
        for cell in &self.spec.cells {
            let Some(task) = tasks.iter().find(|task| task.cell == cell.name) else { continue };
            let (of, schemes) = (self.cell(task)?, self.schemes(task)?);
            let rounds = self.spec.timing_rounds;
            let timed = run::time(of, task.replicate, schemes, &self.options, rounds, progress);
            let timings = timed.iter().flat_map(|row| {
                row.timing.iter().flatten().enumerate().map(|(part, timing)| TimingRow {
                    timed_cell: row.cell.clone(),
                    timed_replicate: row.replicate,
                    scheme: row.scheme.clone(),
                    round: row.round,
                    part,
                    operations: timing.operations,
                    nanoseconds: u64::try_from(timing.elapsed.as_nanos()).unwrap_or(u64::MAX),
                })
            });
            rows.add("timings", timings)?;
        }
        Ok(Some(rows))
    }

    fn check(&self, ask: &Ask) -> Result<(), ExperimentError> {
        let wrong = |problem: String| Err(ExperimentError::Ask(problem));
        if let Some(baseline) = &ask.baseline {
            self.baseline(baseline)?;
        }
        if !ask.budgets.is_empty() && (ask.baseline.is_none() || ask.frontier.is_empty()) {
            return wrong("--budgets: expected --baseline and --frontier beside it".into());
        }
        if ask.robust && (ask.baseline.is_none() || self.spec.cells.len() < 2) {
            return wrong("--robust: expected --baseline beside it, and two scenarios".into());
        }
        if let Some(key) = &ask.across {
            values(&self.spec, key)?;
        }
        Ok(())
    }

    fn derive(&self, results: &mut Results<'_>, ask: &Ask) -> Result<Page, ExperimentError> {
        self.check(ask)?;
        let panel = Panel::of(results)?;
        let mut page = Page::new(
            format!("Clocks compared: {}", names(&self.spec)),
            self.spec.cells.iter().map(describe).collect::<Vec<_>>().join("\n"),
        );
        tables::add(&mut page, &panel, &self.spec.clocks);
        lengths::add(&mut page, &self.spec, &panel);
        physical::add(&mut page, &panel);
        let baseline = ask.baseline.as_deref().map(|text| self.baseline(text)).transpose()?;
        if let Some(baseline) = baseline {
            page.table(paired::table(&panel, baseline));
            if ask.robust {
                page.table(robust::table(&panel, baseline));
            }
        }
        for rate in ask.frontier.iter().map(|rate| rate.rate()) {
            frontier::add(&mut page, &panel, rate);
            if !ask.budgets.is_empty()
                && let Some(baseline) = baseline
            {
                let rival = lines::family(baseline);
                page.table(contest::table(&panel, rate, &ask.budgets, rival));
            }
        }
        if let Some(key) = &ask.across {
            across::add(&mut page, &panel, key, &values(&self.spec, key)?);
        }
        Ok(page)
    }

    fn explore(&self, results: &mut Results<'_>) -> Result<Option<Exploration>, ExperimentError> {
        Ok(Some(explore::explore(&Panel::of(results)?, &self.spec.clocks)))
    }

    fn inputs(&self) -> Vec<(String, String)> {
        let scenarios = self.spec.cells.iter().filter_map(CellSpec::scenario);
        scenarios.map(inputs::scenario_file).collect()
    }

    fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

fn names(spec: &Spec) -> String {
    let names: Vec<&str> = spec.cells.iter().take(4).map(|cell| cell.name.as_str()).collect();
    let more = if spec.cells.len() > 4 { ", …" } else { "" };
    names.join(", ") + more
}

fn describe(cell: &CellSpec) -> String {
    let CellSpec { name, replicates, source } = cell;
    match source {
        CellSource::Scenario(scenario) => format!(
            "* `{name}`: {} {} events, {replicates} seeds.",
            scenario.description, scenario.events
        ),
        CellSource::Trace { trace, .. } => format!("* `{name}`: recorded, from `{trace}`."),
    }
}

/// The number of each cell at a key of its scenario.
fn values(spec: &Spec, key: &str) -> Result<Vec<(String, f64)>, ExperimentError> {
    let value = |cell: &CellSpec| match &cell.source {
        CellSource::Trace { .. } => {
            Err(format!("a trace has no `{key}`: expected scenarios alone"))
        }
        CellSource::Scenario(scenario) => Ok((cell.name.clone(), across::value_of(scenario, key)?)),
    };
    let values = spec.cells.iter().map(value).collect::<Result<_, String>>();
    values.map_err(|problem| ExperimentError::Ask(format!("--across: {problem}")))
}

/// A recorded cell, for a spec.
fn recorded(recorded: &inputs::Recorded, trace: &str, read: &trace::Options) -> CellSpec {
    let cell = &recorded.cell;
    CellSpec {
        name: cell.name.clone(),
        replicates: 1,
        source: CellSource::Trace {
            trace: trace.to_owned(),
            shiviz_regex: read.shiviz_regex.clone(),
            shiviz_delimiter: read.shiviz_delimiter.clone(),
            process: read.process.clone(),
            since: read.since.clone(),
            steps_sha256: digest(cell),
            ids: cell.ids,
            recorded: cell.recorded,
            facts: recorded.facts.clone(),
        },
    }
}

impl std::fmt::Debug for Compare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compare").field("spec", &self.spec).finish_non_exhaustive()
    }
}

/// A duration as a spec writes it.
fn spelled(duration: Duration) -> String {
    causal_clock::duration::format(duration)
}
