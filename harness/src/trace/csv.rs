//! A plain table of what processes did: comma-separated values with the header
//! `time,process,kind,message`.
//!
//! | kind | message | what happens |
//! |---|---|---|
//! | `event` | empty | an event of the process alone |
//! | `send` | the message's name | an event that goes into a message; each name is sent once |
//! | `receive` | the message's name | the message arrives, which is an event; as often as there are rows |
//! | `fork` | the newborn's name | the process brings another about, which knows what it knows; no event |
//! | `join` | the retired one's name | the other process retires into this one; no event |
//! | `leave` | empty | the process vanishes with all it knew; no event |
//!
//! The time is what the process's clock reads, in nanoseconds since 1970, or
//! empty in all rows: then rows are a millisecond apart. The rows of one process
//! are in its order; between processes the order is of no account, so that
//! tables of several processes may stand one after the other. Fields may stand
//! in double quotes.
//!
//! A process that no row forks is there from the start, is born of the sender
//! of the message that is its first event, or, where others left before, comes
//! later knowing nothing.

use std::io::{self, BufRead};

use causal_clock::PhysicalTime;
use hashbrown::{HashMap, HashSet};

use super::input::Lines;
use super::processes::{Item, Processes, What};
use crate::step::TimedStep;

/// The first line.
pub const HEADER: &str = "time,process,kind,message";

/// How long rows are apart where they have no times.
const TICK_NS: u64 = 1_000_000;

/// What a table is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct CsvFacts {
    /// How many rows.
    pub rows: u32,
    /// How many processes.
    pub processes: u32,
    /// How many messages are sent.
    pub sent: u32,
    /// How many rows receive one.
    pub received: u32,
    /// Messages that no row receives.
    pub unheard: u32,
    /// Receipts that are dated before the sending.
    pub backward_times: u32,
}

/// Why a table is none. Lines are numbered from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// It cannot be read to its end.
    #[error("reading stopped: {0}")]
    Read(io::Error),
    /// A line is no row.
    #[error("line {line}: {problem}: expected a row such as `1700000000000000000,a,send,m1`")]
    Row {
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Rows contradict each other.
    #[error("line {line}: {problem}")]
    Contradiction {
        /// The line.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// There are no events.
    #[error("there is no event in it: expected at least one row that is an event")]
    NoEvents,
}

/// Whether a file that begins with this line is a table.
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.trim_ascii() == HEADER.as_bytes()
}

/// Names and their numbers, in order of appearance.
#[derive(Default)]
struct Names(HashMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry_ref(name).or_insert(next)
    }
}

/// A row.
struct Row {
    line: u64,
    time: Option<u64>,
    process: u32,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Event,
    Send(u32),
    Receive(u32),
    Fork(u32),
    Join(u32),
    Leave,
}

/// Reads a table, header first.
///
/// ```
/// let table = "time,process,kind,message\n1,a,send,m\n2,b,receive,m\n";
/// let (steps, facts) = harness::trace::csv::read(table.as_bytes())?;
/// assert_eq!((steps.len(), facts.processes, facts.received), (3, 2, 1));
/// # Ok::<(), harness::trace::csv::CsvError>(())
/// ```
///
/// # Errors
/// [`CsvError`]: rows that are none or contradict each other.
pub fn read(reader: impl BufRead) -> Result<(Vec<TimedStep>, CsvFacts), CsvError> {
    let rows = rows(reader)?;
    if let Some(row) = rows.iter().find(|r| r.time.is_some() != rows[0].time.is_some()) {
        let problem = "rows differ in whether they have a time: expected one in all or in none";
        return Err(CsvError::Contradiction { line: row.line, problem: problem.into() });
    }
    check_lives(&rows)?;
    let mut sent: HashMap<u32, u32> = HashMap::new();
    for (number, row) in (0..).zip(&rows) {
        if let Kind::Send(message) = row.kind
            && let Some(first) = sent.insert(message, number)
        {
            let first = rows[first as usize].line;
            let problem = format!(
                "the message was sent before, in line {first}: expected a name of its own for each"
            );
            return Err(CsvError::Contradiction { line: row.line, problem });
        }
    }
    let mut facts =
        CsvFacts { rows: rows.len() as u32, sent: sent.len() as u32, ..CsvFacts::default() };
    let (mut heard, mut processes) = (HashSet::new(), Processes::default());
    let mut seen = HashSet::new();
    for (number, row) in (0..).zip(&rows) {
        let (what, from) = match row.kind {
            Kind::Event => (What::Event, None),
            Kind::Send(_) => (What::Send, None),
            Kind::Fork(child) => (What::Fork(child), None),
            Kind::Join(other) => (What::Join(other), None),
            Kind::Leave => (What::Leave, None),
            Kind::Receive(message) => {
                let Some(from) = sent.get(&message) else {
                    let problem = "the message is never sent: expected a row that sends it".into();
                    return Err(CsvError::Contradiction { line: row.line, problem });
                };
                heard.insert(message);
                facts.received += 1;
                facts.backward_times += u32::from(row.time < rows[*from as usize].time);
                (What::Event, Some(*from))
            }
        };
        seen.insert(row.process);
        let time = row.time.unwrap_or(number * TICK_NS);
        let time = PhysicalTime::from_nanos(time);
        processes.push(Item { process: row.process, time, what }, from);
    }
    facts.processes = seen.len() as u32;
    facts.unheard = facts.sent - heard.len() as u32;
    let steps = processes.steps().map_err(|cycle| CsvError::Contradiction {
        line: rows[cycle.item as usize].line,
        problem: format!(
            "what happens here comes before itself, by a cycle of {} rows: expected causes to come \
             before their effects",
            cycle.length
        ),
    })?;
    if !steps.iter().any(|s| s.step.is_event()) {
        return Err(CsvError::NoEvents);
    }
    Ok((steps, facts))
}

fn rows(reader: impl BufRead) -> Result<Vec<Row>, CsvError> {
    let mut lines = Lines::new(reader);
    let (mut processes, mut messages) = (Names::default(), Names::default());
    let (mut rows, mut line) = (Vec::new(), 1);
    lines.next().map_err(CsvError::Read)?;
    while let Some(text) = lines.next().map_err(CsvError::Read)? {
        line += 1;
        if text.is_empty() {
            continue;
        }
        let wrong = |problem: String| CsvError::Row { line, problem };
        let text = std::str::from_utf8(text).map_err(|_| wrong("it is no UTF-8".into()))?;
        let fields = fields(text).map_err(wrong)?;
        let [time, process, kind, message] = &fields[..] else {
            return Err(wrong(format!("it has {} fields and not 4", fields.len())));
        };
        let time = match time.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                wrong(format!("the time is {text:?} and no number of nanoseconds since 1970"))
            })?),
        };
        if process.is_empty() {
            return Err(wrong("the process has no name".into()));
        }
        if message.is_empty() != matches!(kind.trim(), "event" | "leave") {
            let needs = if message.is_empty() { "needs a" } else { "has no" };
            return Err(wrong(format!("a row of kind {kind:?} {needs} message")));
        }
        let process = processes.number(process);
        let kind = match kind.trim() {
            "event" => Kind::Event,
            "leave" => Kind::Leave,
            "send" => Kind::Send(messages.number(message)),
            "receive" => Kind::Receive(messages.number(message)),
            "fork" => Kind::Fork(processes.number(message)),
            "join" => Kind::Join(processes.number(message)),
            other => {
                return Err(wrong(format!(
                    "the kind is {other:?} and none of event, send, receive, fork, join, leave"
                )));
            }
        };
        rows.push(Row { line, time, process, kind });
    }
    if rows.is_empty() { Err(CsvError::NoEvents) } else { Ok(rows) }
}

/// The fields of a line; within double quotes, `""` is a quote.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    if quoted {
        return Err("a quote is not closed".into());
    }
    fields.push(field);
    Ok(fields)
}

/// Whether each process is born once and is gone once, with nothing after.
fn check_lives(rows: &[Row]) -> Result<(), CsvError> {
    let (mut born, mut gone, mut known) = (HashSet::new(), HashMap::new(), HashSet::new());
    for row in rows {
        known.insert(row.process);
        if let Kind::Fork(child) = row.kind {
            known.insert(child);
        }
    }
    let wrong = |line, problem: String| Err(CsvError::Contradiction { line, problem });
    for row in rows {
        let line = row.line;
        if let Some((at, true)) = gone.get(&row.process) {
            return wrong(line, format!("the process left before, in line {at}"));
        }
        let ends = match row.kind {
            Kind::Fork(child) if !born.insert(child) => {
                return wrong(line, "the newborn was born before: expected a new name".into());
            }
            Kind::Join(other) if !known.contains(&other) => {
                return wrong(line, "nothing is known of who retires: expected a row of it".into());
            }
            Kind::Join(other) => Some((other, false)),
            Kind::Leave => Some((row.process, true)),
            _ => None,
        };
        if let Some((process, left)) = ends
            && let Some((at, _)) = gone.insert(process, (line, left))
        {
            return wrong(line, format!("the process was gone before, in line {at}"));
        }
    }
    Ok(())
}
