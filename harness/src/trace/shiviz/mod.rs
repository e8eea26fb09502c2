//! Logs with vector clocks, as the visualiser ShiViz reads them (Beschastnikh
//! et al., "Debugging distributed systems", CACM 59(8), 2016).
//!
//! A regular expression finds the events in the text; its groups `host` and
//! `clock` are required, `event` and `date` may be there and are not used,
//! `timestamp` is the physical time. The clock is JSON, `{"host": count, …}`,
//! or the inside of a JSON string that holds it.
//! Lines that read `=== name ===`, or match a delimiter of one's own, begin
//! another execution; the delimiter's group `trace`, if any, is its name. Expressions are
//! searched for in the whole text, line after line, `^` and `$` being the ends
//! of lines; they may be written for JavaScript, as long as they do not look
//! around or back.
//!
//! Expressions that read well-known logs (`\` and `{` as in a file, not in
//! quotes):
//!
//! | log | expression |
//! |---|---|
//! | event above host and clock: ShiViz's default; `simpledb`, `voldemort-simple-threadnames` | `(?<event>.*)\n(?<host>\S*) (?<clock>{.*})` |
//! | host and clock above event: `chord`, and what `GoVector` writes | `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)` |
//! | `TSViz`, with a time in nanoseconds: `tsviz_fslock_24t_4sp`, `tsviz_shared_var_4_threads` | `(?<timestamp>(\d*)) (?<event>.*)\n(?<host>\w*) (?<clock>{.*})` |
//! | Akka, all in one line: `reliable-broadcast` | `\[INFO\] \[(?<date>.*?)\] \[.*?\] \[akka://Broadcast/user/(?<host>\w+)\] (?<clock>{.*?}) (?<event>.*)` |
//!
//! An expression that nearly fits may read a log in part: see
//! [`ShivizFacts::unmatched_lines`].
//!
//! # From clocks to messages
//! Hosts are processes: each has a participant from the start on. Where an
//! event's clock counts more events of another host than the clock of the event
//! before it on its own host, it has heard of them. Of the events it has newly
//! heard of, it receives a message from those that no other of them had heard
//! of before. Events that others receive from are sends. Where the event that a
//! clock names is not in the log, the latest logged one before it is taken.
//!
//! Since a message merges what its sender knew, the steps have an order of
//! their own. It is compared with the order of the log's clocks, pair by pair:
//! [`ShivizFacts::check`].

mod agreement;
mod log;
mod order;
mod pattern;
mod write;

use std::fmt;

use causal_clock::CausalOrder;

use crate::step::TimedStep;

pub use write::write;

/// The expression that ShiViz begins with: the event, then host and clock on a
/// line of their own.
pub const DEFAULT_REGEX: &str = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})";

/// The expression of lines between executions that ShiViz suggests.
pub const DEFAULT_DELIMITER: &str = "^=== (?<trace>.*) ===$";

/// Logs of more events than this are not compared with their clocks, pair by
/// pair.
pub const CHECKED_EVENTS: usize = 20_000;

/// An execution in a log.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What the line that begins it calls it.
    pub label: Option<String>,
    /// What happened.
    pub steps: Vec<TimedStep>,
    /// What there is in it.
    pub facts: ShivizFacts,
}

/// What an execution in a log is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShivizFacts {
    /// How many events.
    pub events: u32,
    /// How many hosts have events.
    pub hosts: u32,
    /// How many events heard of others.
    pub receives: u32,
    /// How many messages they received: more than one where an event heard of
    /// several hosts that had not heard of each other.
    pub messages: u32,
    /// Numbers up to a host's last that no event in the log has.
    pub missing_events: u64,
    /// How often a clock first named an event that is not in the log.
    pub missing_causes: u32,
    /// Lines that are not empty and that the expression passed over.
    pub unmatched_lines: u32,
    /// Where the physical times are from.
    pub times: Times,
    /// How the log's clocks compare with the order of the steps; `None` where
    /// there are more than [`CHECKED_EVENTS`].
    pub check: Option<Check>,
}

/// Where an execution's physical times are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// No event has a time, or one has none that is an integer: events are a
    /// millisecond apart.
    Index,
    /// The log's, in seconds: between the years 2000 and 2100, so read.
    Seconds,
    /// The log's, in milliseconds: between the years 2000 and 2100, so read.
    Milliseconds,
    /// The log's, in microseconds: between the years 2000 and 2100, so read.
    Microseconds,
    /// The log's, in nanoseconds: all others, those since a machine's start
    /// among them.
    Nanoseconds,
}

/// How a log's clocks compare with the order of the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How many pairs of events were compared: all.
    pub pairs: u64,
    /// How many of them are ordered otherwise by the clocks.
    pub disagreements: u64,
    /// The first of them.
    pub first: Option<Disagreement>,
}

/// Two events that a log's clocks order otherwise than the steps do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The event that is earlier among the steps.
    pub earlier: EventName,
    /// The event that is later among the steps.
    pub later: EventName,
    /// How the earlier is ordered to the later by the steps: before it or
    /// concurrent with it.
    pub steps_say: CausalOrder,
    /// How it is by the clocks.
    pub clocks_say: CausalOrder,
}

/// What a log calls an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventName {
    /// Its host.
    pub host: String,
    /// Its number there.
    pub number: u64,
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.number)
    }
}

/// Why a log cannot be read. Lines are numbered from 1; an event's line is that
/// of its clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShivizError {
    /// The expression is none.
    #[error("the regular expression `{regex}` is not valid: {why}")]
    Regex {
        /// The expression.
        regex: String,
        /// What is wrong with it.
        why: String,
    },
    /// The expression has not the groups that are needed.
    #[error(
        "the regular expression `{regex}` has no group `{group}`: expected groups \
         `(?<host>…)` and `(?<clock>…)`"
    )]
    NoGroup {
        /// The expression.
        regex: String,
        /// The group.
        group: &'static str,
    },
    /// The expression finds nothing.
    #[error(
        "line {line}: nothing from here on matches the regular expression `{regex}`: \
         expected a log that it describes, or another expression; the text begins\n{beginning}"
    )]
    NoMatch {
        /// Where the execution begins.
        line: u64,
        /// The expression.
        regex: String,
        /// The first lines.
        beginning: String,
    },
    /// A clock is no vector clock.
    #[error(
        "line {line}: the clock `{clock}` cannot be read: {why}: expected an object of counters \
         such as {{\"host\": 1}}"
    )]
    Clock {
        /// The line.
        line: u64,
        /// The clock.
        clock: String,
        /// What is wrong with it.
        why: String,
    },
    /// A clock does not count its own host's events.
    #[error("line {line}: the host `{host}` is not in its own clock: expected a counter for it")]
    OwnHost {
        /// The line.
        line: u64,
        /// The host.
        host: String,
    },
    /// Two events have the same number on the same host.
    #[error(
        "line {line}: the event {event} was there before, in line {first}: expected each event \
         to count one more on its own host"
    )]
    Repeated {
        /// The line.
        line: u64,
        /// The line of the first.
        first: u64,
        /// The event.
        event: EventName,
    },
    /// By the clocks, events come before themselves.
    #[error(
        "line {line}: by the clocks the event {event} comes before itself, by a cycle of {length} \
         events: expected causes to come before their effects"
    )]
    Cycle {
        /// The line.
        line: u64,
        /// The event.
        event: EventName,
        /// How many events are on the cycle.
        length: usize,
    },
}

/// Reads all executions in a log.
///
/// ```
/// use harness::trace::shiviz::{DEFAULT_DELIMITER, DEFAULT_REGEX, read};
///
/// let log = "ask\na {\"a\":1}\nanswer\nb {\"a\":1, \"b\":1}\n";
/// let executions = read(log, DEFAULT_REGEX, DEFAULT_DELIMITER)?;
/// let facts = &executions[0].facts;
/// assert_eq!((facts.events, facts.hosts, facts.receives), (2, 2, 1));
/// # Ok::<(), harness::trace::shiviz::ShivizError>(())
/// ```
///
/// # Errors
/// [`ShivizError`]: an expression that is none or finds nothing, clocks that are
/// none or contradict each other.
pub fn read(text: &str, regex: &str, delimiter: &str) -> Result<Vec<Execution>, ShivizError> {
    let pattern = pattern::Pattern::new(regex)?;
    let delimiter = pattern::compile(delimiter)?;
    let mut executions = Vec::new();
    for part in log::parse(text, &pattern, &delimiter)? {
        let order = order::Order::of(&part)?;
        let check = (part.events.len() <= CHECKED_EVENTS).then(|| agreement::check(&part, &order));
        let (steps, times) = order.steps(&part);
        let facts = ShivizFacts {
            events: part.events.len() as u32,
            hosts: part.logging_hosts as u32,
            receives: order.receives(),
            messages: order.messages(),
            missing_events: order.missing_events,
            missing_causes: order.missing_causes,
            unmatched_lines: part.unmatched_lines,
            times,
            check,
        };
        executions.push(Execution { label: part.label, steps, facts });
    }
    Ok(executions)
}
