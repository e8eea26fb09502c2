//! The file format `causal-dag-jsonl/0`: a causal graph as JSON lines.
//!
//! The first line is an object with the key `format`; its keys `events` and
//! `agents` are checked where they are present, all others are for people.
//! Every further line is an event, numbered from 0:
//! `{"a": actor, "p": [parents], "t": unix seconds}`, `t` for all or for none.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::dag::{Dag, DagBuilder, DagError};
use super::input::{Lines, json_problem};

/// What the header's `format` says.
pub const FORMAT: &str = "causal-dag-jsonl/0";

#[derive(Deserialize)]
struct Header {
    format: String,
    events: Option<u32>,
    agents: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    a: u32,
    p: Vec<u32>,
    t: Option<u64>,
}

/// Why a file is no causal graph. Lines are numbered from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DagFileError {
    /// It cannot be read to its end.
    #[error("reading stopped: {0}")]
    Read(io::Error),
    /// The first line is no header.
    #[error("line 1: {0}: expected a header such as {{\"format\":\"{FORMAT}\"}}")]
    Header(String),
    /// A line is no event.
    #[error("line {line}: {problem}: expected an event such as {{\"a\":0,\"p\":[0],\"t\":1}}")]
    Event {
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// An actor that the header has no room for.
    #[error(
        "line {line}: the actor is number {actor}, but the header promises {agents} agents: \
         expected a number below {agents}"
    )]
    Actor {
        /// The line.
        line: u64,
        /// The actor.
        actor: u32,
        /// What the header says.
        agents: u32,
    },
    /// More or fewer events than the header says.
    #[error("the header promises {expected} events, but the file has {found}: is it whole?")]
    Count {
        /// What the header says.
        expected: u32,
        /// What there is.
        found: u32,
    },
    /// There are no events.
    #[error("there is no event in it: expected at least one line after the header")]
    NoEvents,
    /// The events make no graph.
    #[error("line {line}: {why}")]
    Graph {
        /// The line of the event.
        line: u64,
        /// What is wrong with it.
        why: DagError,
    },
}

/// Reads a graph, header first.
///
/// # Errors
/// [`DagFileError`]: anything that is not in the format, an unknown parent, a
/// cycle.
pub fn read(reader: impl BufRead) -> Result<Dag, DagFileError> {
    let mut lines = Lines::new(reader);
    let first = lines.next().map_err(DagFileError::Read)?;
    let header: Header = serde_json::from_slice(first.unwrap_or_default())
        .map_err(|e| DagFileError::Header(json_problem(&e)))?;
    if header.format != FORMAT {
        return Err(DagFileError::Header(format!("the format is {:?}", header.format)));
    }
    let mut events = DagBuilder::default();
    // Events are numbered from 0, lines from 1, and the header is a line.
    let line_of = |event: u32| u64::from(event) + 2;
    while let Some(text) = lines.next().map_err(DagFileError::Read)? {
        let line = line_of(events.len());
        let Event { a, p, t } = serde_json::from_slice(text)
            .map_err(|e| DagFileError::Event { line, problem: json_problem(&e) })?;
        if let Some(agents) = header.agents.filter(|agents| a >= *agents) {
            return Err(DagFileError::Actor { line, actor: a, agents });
        }
        events.push(a, &p, t);
    }
    let found = events.len();
    if let Some(expected) = header.events.filter(|expected| *expected != found) {
        return Err(DagFileError::Count { expected, found });
    }
    if events.is_empty() {
        return Err(DagFileError::NoEvents);
    }
    events.finish().map_err(|why| DagFileError::Graph { line: line_of(why.event()), why })
}
