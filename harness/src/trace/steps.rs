//! The project's own format, `clockbench-steps/1`: an execution as JSON lines,
//! every step, participant, message and physical time.
//!
//! The first line says where the execution comes from:
//! `{"format":"clockbench-steps/1","cell":"churn","seed":1,"replicate":0,"ids":"random"}`.
//! Every further line is a [`TimedStep`], `t` in nanoseconds since the epoch:
//!
//! ```json
//! {"t":1767225600000000000,"step":"fork","node":0,"child":1}
//! {"t":1767225600000000000,"step":"send","node":1,"message":0}
//! {"t":1767225601000000000,"step":"receive","node":0,"message":0}
//! ```
//!
//! Lines of `"step":"candidate"` before a fork or a retirement name further
//! participants that could take the place of its parent or heir: see
//! [`Step::Candidate`](crate::step::Step::Candidate).

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::input::{Lines, json_problem};
use crate::execution::{InvalidStep, Validator};
use crate::scenario::{Ids, is_name};
use crate::step::TimedStep;

/// What the header's `format` says.
pub const FORMAT: &str = "clockbench-steps/1";

/// Where an execution comes from: what a run needs to judge it as if it had
/// generated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepsHeader {
    /// The name of the cell.
    pub cell: String,
    /// The root seed.
    pub seed: u64,
    /// The replicate.
    pub replicate: u32,
    /// How ids were drawn.
    pub ids: Ids,
}

/// The header as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstLine {
    format: String,
    cell: String,
    seed: u64,
    replicate: u32,
    ids: Ids,
}

/// Why a file is no execution. Lines are numbered from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StepsError {
    /// It cannot be read to its end.
    #[error("reading stopped: {0}")]
    Read(io::Error),
    /// The first line is no header.
    #[error(
        "line 1: {0}: expected a header such as {{\"format\":\"{FORMAT}\",\"cell\":\"churn\",\
         \"seed\":1,\"replicate\":0,\"ids\":\"random\"}}"
    )]
    Header(String),
    /// A line is no step.
    #[error(
        "line {line}: {problem}: expected a step such as \
         {{\"t\":0,\"step\":\"send\",\"node\":0,\"message\":0}}"
    )]
    Step {
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A step cannot follow those before it.
    #[error("line {line}: {why}")]
    Invalid {
        /// The line.
        line: u64,
        /// Why not.
        why: InvalidStep,
    },
    /// There are no events.
    #[error("there is no event in it: expected at least one after the header")]
    NoEvents,
}

/// Writes an execution, a step at a time.
///
/// ```
/// use causal_clock::PhysicalTime;
/// use harness::scenario::Ids;
/// use harness::step::{Step, TimedStep};
/// use harness::trace::steps::{StepsHeader, read, write};
///
/// let header = StepsHeader { cell: "tiny".into(), seed: 1, replicate: 0, ids: Ids::Random };
/// let step = TimedStep { time: PhysicalTime::ZERO, step: Step::Event { node: 0 } };
/// let mut file = Vec::new();
/// write(&mut file, &header, [step])?;
/// assert_eq!(read(file.as_slice())?, (header, vec![step]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `out`.
pub fn write(
    mut out: impl Write,
    header: &StepsHeader,
    steps: impl IntoIterator<Item = TimedStep>,
) -> io::Result<()> {
    let mut line = |value: &dyn Fn(&mut Vec<u8>) -> serde_json::Result<()>| {
        let mut text = Vec::with_capacity(96);
        value(&mut text)?;
        text.push(b'\n');
        out.write_all(&text)
    };
    let StepsHeader { cell, seed, replicate, ids } = header.clone();
    let header = FirstLine { format: FORMAT.into(), cell, seed, replicate, ids };
    line(&|text| serde_json::to_writer(text, &header))?;
    for step in steps {
        line(&|text| serde_json::to_writer(text, &step))?;
    }
    out.flush()
}

/// Reads an execution, header first, and checks that each step can follow those
/// before it.
///
/// # Errors
/// [`StepsError`]: anything that is not in the format, and impossible steps,
/// such as a receive before its send.
pub fn read(reader: impl BufRead) -> Result<(StepsHeader, Vec<TimedStep>), StepsError> {
    let mut lines = Lines::new(reader);
    let first = lines.next().map_err(StepsError::Read)?;
    let FirstLine { format, cell, seed, replicate, ids } =
        serde_json::from_slice(first.unwrap_or_default())
            .map_err(|e| StepsError::Header(json_problem(&e)))?;
    if format != FORMAT {
        return Err(StepsError::Header(format!("the format is {format:?}")));
    }
    if !is_name(&cell) {
        return Err(StepsError::Header(format!(
            "the cell is {cell:?}, and not letters, digits, `-`, `_` and `.` only"
        )));
    }
    let header = StepsHeader { cell, seed, replicate, ids };
    let (mut steps, mut validator, mut line) = (Vec::new(), Validator::default(), 1);
    while let Some(text) = lines.next().map_err(StepsError::Read)? {
        line += 1;
        let step: TimedStep = serde_json::from_slice(text)
            .map_err(|e| StepsError::Step { line, problem: json_problem(&e) })?;
        validator.check(step.step).map_err(|why| StepsError::Invalid { line, why })?;
        steps.push(step);
    }
    if !steps.iter().any(|s| s.step.is_event()) {
        return Err(StepsError::NoEvents);
    }
    Ok((header, steps))
}
