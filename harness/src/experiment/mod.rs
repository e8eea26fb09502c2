//! The one seam of the harness: what can be run, split, interrupted, merged,
//! checked and shown.
//!
//! An [`Experiment`] says what decides its rows ([`Experiment::spec`]), cuts the
//! work into tasks ([`Experiment::tasks`]), does one ([`Experiment::run`]), and
//! makes tables and charts of rows ([`Experiment::derive`]). Threads, progress,
//! parts, resuming, shards, merging, sealing, verifying and printing are the
//! house's: [`folder`](crate::folder), [`show`](crate::show) and
//! [`cli`](crate::cli), the same for all.
//!
//! A new one is a file that implements [`Experiment`] and [`Plan`], and a line:
//! [`Registry::with_experiment`](crate::registry::Registry::with_experiment).
//! The example `own_experiment` shows one outside this crate.

mod ask;
pub mod compare;
pub(crate) mod inputs;
mod kind;
pub mod lost_ids;
pub mod papers;
pub mod placement;
mod rows;
pub mod running;
pub mod store;

use serde_json::Value as Json;

pub use ask::{Ask, FrontierRate};
pub use kind::{Kind, Plan};
pub use rows::{Rows, RowsError};

use crate::show::Page;
use crate::show::report::Exploration;

/// The experiments of this crate, in the order of lists: a line each.
#[must_use]
pub fn builtin() -> Vec<Kind> {
    vec![
        Kind::of::<compare::CompareArgs>(),
        Kind::of::<placement::PlacementArgs>(),
        Kind::of::<lost_ids::LostIdsArgs>(),
        Kind::of::<running::RunningArgs>(),
        Kind::of::<store::StoreArgs>(),
        Kind::of::<papers::itc2008::Itc2008Args>(),
        Kind::of::<papers::hlc2014::Hlc2014Args>(),
        Kind::of::<papers::bloom_clock::BloomClockArgs>(),
        Kind::of::<papers::evc_growth::EvcGrowthArgs>(),
    ]
}

/// The unit of work: one replicate of one cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Task {
    /// The cell's name: letters, digits, `-`, `_` and `.` only.
    pub cell: String,
    /// Which replicate of it.
    pub replicate: u32,
}

impl Task {
    /// As many replicates of a cell, from 0.
    pub fn replicates(cell: &str, count: u32) -> impl Iterator<Item = Self> + use<> {
        let cell = cell.to_owned();
        (0..count).map(move |replicate| Self { cell: cell.clone(), replicate })
    }
}

/// Any error, to be named by the task or folder it belongs to.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Why an experiment cannot be planned, run or derived.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// It cannot be planned as the command line says, or rebuilt as a manifest
    /// says.
    #[error("{0}")]
    Plan(AnyError),
    /// The folder's spec is not one of this experiment.
    #[error("the manifest's spec is none of `{experiment}`: {problem}")]
    Spec {
        /// The experiment's name.
        experiment: &'static str,
        /// What is wrong with it.
        problem: serde_json::Error,
    },
    /// It cannot answer what is asked of its rows.
    #[error("{0}")]
    Ask(String),
    /// A task went wrong.
    #[error("{cell}, replicate {replicate}: {problem}")]
    Task {
        /// The task's cell.
        cell: String,
        /// Its replicate.
        replicate: u32,
        /// What went wrong.
        problem: AnyError,
    },
    /// Rows cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

impl ExperimentError {
    /// What is wrong with a plan.
    pub fn plan(problem: impl Into<AnyError>) -> Self {
        Self::Plan(problem.into())
    }

    /// What went wrong with a task.
    pub fn task(task: &Task, problem: impl Into<AnyError>) -> Self {
        let Task { cell, replicate } = task.clone();
        Self::Task { cell, replicate, problem: problem.into() }
    }
}

/// The rows of an experiment, a task at a time and in the order of tasks, so
/// that memory need not hold them all.
pub struct Results<'a> {
    /// What each task left.
    pub tasks: Box<dyn Iterator<Item = Result<Rows, RowsError>> + 'a>,
    /// The rows of [`Experiment::time`], where there are any.
    pub timings: Option<Rows>,
}

impl Results<'_> {
    /// All rows of one table, each with its task.
    ///
    /// # Errors
    /// Where a row does not read as `R`.
    pub fn table<R: serde::de::DeserializeOwned>(
        &mut self,
        table: &str,
    ) -> Result<Vec<(Task, R)>, RowsError> {
        let mut all = Vec::new();
        for rows in &mut self.tasks {
            let rows = rows?;
            for row in rows.read(table)? {
                all.push((rows.task().clone(), row));
            }
        }
        Ok(all)
    }
}

/// What can be run, split, merged, resumed, checked and shown.
pub trait Experiment: Send + Sync {
    /// All that decides the rows, as JSON. Two folders with the same spec hold
    /// parts of the same work.
    fn spec(&self) -> Json;

    /// What a folder is called that nobody named.
    fn label(&self) -> String;

    /// The work, in the order of rows.
    fn tasks(&self) -> Vec<Task>;

    /// How long a task takes beside others; the longest are begun first.
    fn weight(&self, _task: &Task) -> u64 {
        1
    }

    /// Does one task: integers and names only, and a pure function of spec and
    /// task.
    ///
    /// # Errors
    /// Where it cannot be done.
    fn run(&self, task: &Task) -> Result<Rows, ExperimentError>;

    /// The same where no other task runs beside it, so that it may use all
    /// threads of the current pool.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn run_alone(&self, task: &Task) -> Result<Rows, ExperimentError> {
        self.run(task)
    }

    /// How many steps [`time`](Self::time) takes, for a progress bar.
    fn timed(&self) -> usize {
        0
    }

    /// A second kind of rows: what differs from machine to machine. They are
    /// taken on one thread, after the tasks; `progress` is told of each step.
    ///
    /// # Errors
    /// Where it cannot be done.
    fn time(&self, _progress: &dyn Fn()) -> Result<Option<Rows>, ExperimentError> {
        Ok(None)
    }

    /// Whether [`derive`](Self::derive) can answer this. Asked before a long
    /// run.
    ///
    /// # Errors
    /// What it cannot answer, and why.
    fn check(&self, ask: &Ask) -> Result<(), ExperimentError> {
        match ask.first() {
            None => Ok(()),
            Some(option) => Err(ExperimentError::Ask(format!(
                "{option}: this experiment has one set of tables and answers nothing else"
            ))),
        }
    }

    /// Tables and charts: a pure function of the rows and what is asked.
    ///
    /// # Errors
    /// Where rows do not read, or cannot answer what is asked.
    fn derive(&self, results: &mut Results<'_>, ask: &Ask) -> Result<Page, ExperimentError>;

    /// The figures behind the tables, execution by execution, for a page on
    /// which they are explored; none where the tables hold all there is.
    ///
    /// # Errors
    /// Where rows do not read.
    fn explore(&self, _results: &mut Results<'_>) -> Result<Option<Exploration>, ExperimentError> {
        Ok(None)
    }

    /// What a user should know before looking at results.
    fn remarks(&self) -> &[String] {
        &[]
    }

    /// Files that tell people what was run, such as `scenarios/*.toml`.
    fn inputs(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}
