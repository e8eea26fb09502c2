//! Recorded executions: read from files and repositories, and written.
//!
//! [`open`] takes what a user names and finds out what it is:
//!
//! | what | becomes |
//! |---|---|
//! | `git:PATH` | the commits of a git repository ([`git`]) by fork and join ([`dag`]) |
//! | a file whose first line is a `causal-dag-jsonl/0` header | its events ([`dag_file`]) by fork and join ([`dag`]) |
//! | a file whose first line is a `clockbench-steps/1` header | its steps ([`steps`]) |
//! | a file whose first line is `time,process,kind,message` | what its processes did ([`csv`]) |
//! | OTLP's JSON or Jaeger's; a folder of such files | its spans ([`otel`]) |
//! | any other file | a log with vector clocks in the manner of ShiViz ([`shiviz`]) |
//!
//! Files may be compressed with gzip; their content decides, not their name.
//! A line of more than [`LONGEST_LINE`] bytes and a log of more than
//! [`LARGEST_TEXT`] are refused ([`TooLarge`]), so that a small file cannot fill
//! the memory.

mod cast;
pub mod csv;
pub mod dag;
pub mod dag_file;
pub mod git;
mod input;
mod options;
pub mod otel;
mod processes;
pub mod shiviz;
pub mod steps;
mod topology;

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::step::TimedStep;
use dag::DagFacts;
use dag_file::DagFileError;
use git::GitError;
pub use input::{LARGEST_FILE, LARGEST_TEXT, LONGEST_LINE, MOST_EVENTS, TooLarge};
pub use options::Options;
use shiviz::{ShivizError, ShivizFacts};
use steps::{StepsError, StepsHeader};

/// A recorded execution.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What results call it: letters, digits, `.`, `_` and `-` only.
    pub name: String,
    /// What happened.
    pub steps: Vec<TimedStep>,
    /// Where it is from, with what only that format knows.
    pub origin: Origin,
}

/// Where a trace is from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// A graph of events in a file.
    Dag(DagFacts),
    /// A git repository.
    Git {
        /// Its commits.
        facts: DagFacts,
        /// Whether it is a shallow clone, that is, lacks older commits.
        shallow: bool,
        /// Parents that commits name but the repository does not show.
        missing_parents: u32,
    },
    /// Rows of what processes did.
    Csv(csv::CsvFacts),
    /// Spans.
    Otel(Box<otel::OtelFacts>),
    /// A log with vector clocks.
    Shiviz(Box<ShivizFacts>),
    /// Steps that were exported.
    Steps(StepsHeader),
}

/// Why a trace cannot be read. The message names the file, the line where
/// there is one, what is wrong and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The file cannot be opened or read.
    #[error("{path}: cannot be read: {why}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// The file is empty.
    #[error("{path}: the file is empty: expected a trace")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The header names a format that is not known.
    #[error(
        "{path}: line 1: the format is {format:?}: expected \"{steps}\", \"{dag}\", or a ShiViz log, \
         which has no header",
        steps = steps::FORMAT,
        dag = dag_file::FORMAT
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What its header says.
        format: String,
    },
    /// The file is no causal graph.
    #[error("{path}: {why}")]
    Dag {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: DagFileError,
    },
    /// The file is no execution.
    #[error("{path}: {why}")]
    Steps {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: StepsError,
    },
    /// The file is no table of what processes did.
    #[error("{path}: {why}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: csv::CsvError,
    },
    /// The files hold no spans.
    #[error(transparent)]
    Otel(otel::OtelError),
    /// The file is no log with vector clocks, or its clocks make no sense.
    #[error("{path}: {why}")]
    Shiviz {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: ShivizError,
    },
    /// The repository cannot be read.
    #[error("git:{path}: {why}")]
    Git {
        /// The folder.
        path: PathBuf,
        /// Why not.
        why: GitError,
    },
}

/// Reads `git:PATH` (an empty path is the current folder) or a file. A log with
/// vector clocks may hold several executions; other traces are one execution each.
/// A folder is one execution in several files of spans. What the options do not
/// say is as usual.
///
/// ```no_run
/// use harness::trace::{Options, Origin, open};
///
/// for trace in open("git:.", &Options::default())? {
///     println!("{}: {} steps", trace.name, trace.steps.len());
///     if let Origin::Git { facts, .. } = trace.origin {
///         println!("{} of {} commits are dated before a parent",
///             facts.backward_times, facts.events);
///     }
/// }
/// # Ok::<(), harness::trace::TraceError>(())
/// ```
///
/// # Errors
/// [`TraceError`]; nothing is returned of a trace that is wrong in any part.
pub fn open(spec: &str, options: &Options) -> Result<Vec<Trace>, TraceError> {
    if let Some(path) = spec.strip_prefix("git:") {
        return open_git(Path::new(path), options.since.as_deref()).map(|trace| vec![trace]);
    }
    let path = Path::new(spec);
    if path.is_dir() {
        return open_spans(path, &options.process);
    }
    let unreadable = |why| TraceError::Read { path: path.to_owned(), why };
    let mut reader = input::open(path).map_err(unreadable)?;
    let mut first = Vec::new();
    input::read_line(&mut reader, 1, &mut first).map_err(unreadable)?;
    if first.is_empty() {
        return Err(TraceError::Empty { path: path.to_owned() });
    }
    let format = format_of(&first);
    if format.is_none() && otel::is_spans(&first) {
        return open_spans(path, &options.process);
    }
    let is_table = csv::is_header(&first);
    let whole = Cursor::new(first).chain(reader);
    let name = name_of(path);
    match format.as_deref() {
        Some(dag_file::FORMAT) => {
            let dag = dag_file::read(whole)
                .map_err(|why| TraceError::Dag { path: path.to_owned(), why })?;
            Ok(vec![Trace { name, steps: dag.steps(), origin: Origin::Dag(dag.facts()) }])
        }
        Some(steps::FORMAT) => {
            let (header, steps) = steps::read(whole)
                .map_err(|why| TraceError::Steps { path: path.to_owned(), why })?;
            Ok(vec![Trace { name, steps, origin: Origin::Steps(header) }])
        }
        Some(format) => {
            Err(TraceError::Format { path: path.to_owned(), format: format.to_owned() })
        }
        None if is_table => {
            let (steps, facts) =
                csv::read(whole).map_err(|why| TraceError::Csv { path: path.to_owned(), why })?;
            Ok(vec![Trace { name, steps, origin: Origin::Csv(facts) }])
        }
        None => {
            let text = input::read_text(whole).map_err(unreadable)?;
            // A log may hold anything besides what the expression looks for.
            let text = String::from_utf8_lossy(&text);
            let executions =
                shiviz::read(&text, options.shiviz_regex(), options.shiviz_delimiter())
                    .map_err(|why| TraceError::Shiviz { path: path.to_owned(), why })?;
            Ok(named_apart(&name, executions))
        }
    }
}

fn open_spans(path: &Path, process: &[String]) -> Result<Vec<Trace>, TraceError> {
    let (steps, facts) = otel::read(path, process).map_err(TraceError::Otel)?;
    Ok(vec![Trace { name: name_of(path), steps, origin: Origin::Otel(Box::new(facts)) }])
}

fn open_git(path: &Path, since: Option<&str>) -> Result<Trace, TraceError> {
    let history =
        git::read(path, since).map_err(|why| TraceError::Git { path: path.to_owned(), why })?;
    Ok(Trace {
        name: format!("git-{}", sanitized(&history.name)),
        steps: history.dag.steps(),
        origin: Origin::Git {
            facts: history.dag.facts(),
            shallow: history.shallow,
            missing_parents: history.missing_parents,
        },
    })
}

/// What the first line says the format is; `None` where it is no header. One
/// that is damaged still tells which reader is to complain of it.
fn format_of(first_line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Header {
        format: String,
    }
    if let Ok(Header { format }) = serde_json::from_slice(first_line) {
        return Some(format);
    }
    let line = String::from_utf8_lossy(first_line);
    let is_named = |format: &&str| line.starts_with('{') && line.contains(*format);
    [dag_file::FORMAT, steps::FORMAT].into_iter().find(is_named).map(str::to_owned)
}

/// The file's name without what only tells its format.
fn name_of(path: &Path) -> String {
    let mut name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for ending in [".gz", ".jsonl", ".json", ".csv", ".dag", ".steps", ".log", ".txt"] {
        if let Some(stem) = name.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            name.truncate(stem.len());
        }
    }
    sanitized(&name)
}

fn sanitized(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = name.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    if name.is_empty() { "trace".into() } else { name }
}

/// One execution is called as its file; of several, each has its own name.
fn named_apart(file: &str, executions: Vec<shiviz::Execution>) -> Vec<Trace> {
    let several = executions.len() > 1;
    let mut traces: Vec<Trace> = Vec::with_capacity(executions.len());
    for (number, shiviz::Execution { label, steps, facts }) in executions.into_iter().enumerate() {
        let mut name = file.to_owned();
        if several {
            let label = label.filter(|label| !label.is_empty());
            let own = label.unwrap_or_else(|| (number + 1).to_string());
            name = format!("{file}-{}", sanitized(&own));
        }
        if traces.iter().any(|t| t.name == name) {
            name = format!("{name}-{}", number + 1);
        }
        traces.push(Trace { name, steps, origin: Origin::Shiviz(Box::new(facts)) });
    }
    traces
}
