//! Spans of OpenTelemetry and Jaeger as an execution.
//!
//! OTLP's JSON file form is an object a line, `resourceSpans`, `scopeSpans`,
//! `spans`, in no order (OpenTelemetry, "File Exporter", and the protocol's JSON
//! mapping). Jaeger's is one document with `data`. A folder is one execution in
//! several files.
//!
//! - A process is what the chosen attributes of the resource tell apart
//!   ([`DEFAULT_PROCESS`]). It is there from its first event to its last.
//! - A span's start is an event of its process, and so is its end. The events of
//!   a process are ordered by its clock, whatever that reads.
//! - A child in another process hears of its parent's start. Where the parent
//!   waits for it (the child's kind is server, or the parent's client), the
//!   parent's end hears of the child's, unless the child lasts longer, by its
//!   own clock, than the parent.
//! - A span hears of the start of each span in another process that it links to.
//!
//! Clocks are kept as they were. Where one was set back so far that a message
//! would have to arrive before it is sent, the message is left out and counted,
//! as is all that is missing: see [`OtelFacts`].

mod file;
mod jaeger;
mod otlp;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use causal_clock::PhysicalTime;
use hashbrown::HashMap;

use super::processes::{Item, Processes, What};
use crate::step::TimedStep;

pub(super) use file::is_spans;

/// The attributes that tell processes apart, unless others are chosen: those of
/// these that are there.
pub const DEFAULT_PROCESS: [&str; 5] =
    ["service.name", "service.instance.id", "k8s.pod.name", "host.name", "process.pid"];

/// How many ancestors are looked at where spans start in the same moment.
const DEEPEST: u8 = 128;

/// What was read, and what was missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct OtelFacts {
    /// How many files.
    pub files: u32,
    /// How many spans.
    pub spans: u32,
    /// How many processes.
    pub processes: u32,
    /// Parents in other processes.
    pub calls: u32,
    /// Ends of calls that their parents waited for.
    pub answers: u32,
    /// Links to spans of other processes.
    pub links: u32,
    /// Messages that are dated earlier where they arrive than where they are
    /// from.
    pub backward_times: u32,
    /// The furthest that one is.
    pub most_backward: Duration,
    /// Spans whose parent is not there: it was not sampled, or is in a file that
    /// is not.
    pub missing_parents: u32,
    /// Links to spans that are not there.
    pub missing_links: u32,
    /// Spans without an end: only their starts are events.
    pub without_end: u32,
    /// Spans that end before they start, by their own process's clock.
    pub ends_before_start: u32,
    /// Spans without a start, which are left out.
    pub without_start: u32,
    /// Spans that are there again, which are left out.
    pub repeated: u32,
    /// Spans whose resource has none of the attributes: they are taken as of one
    /// process.
    pub without_process: u32,
    /// Children that last longer than a parent that should have waited.
    pub outlive_parent: u32,
    /// Messages that clocks make impossible, which are left out.
    pub impossible: u32,
    /// Lines of other signals, such as metrics.
    pub other_lines: u32,
}

impl OtelFacts {
    /// What a user should know before looking at results.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let messages = self.calls + self.answers + self.links;
        let mut remarks = vec![format!(
            "{} spans of {} processes; {} of {messages} messages are dated earlier where they \
             arrive, by up to {}",
            self.spans,
            self.processes,
            self.backward_times,
            causal_clock::duration::format(self.most_backward)
        )];
        for (count, what) in [
            (self.missing_parents, "spans have a parent that is not there"),
            (self.missing_links, "links lead to spans that are not there"),
            (self.without_end, "spans have no end"),
            (self.ends_before_start, "spans end before they start"),
            (self.without_start, "spans have no start and are left out"),
            (self.repeated, "spans are there again and left out"),
            (self.without_process, "spans have none of the attributes of --process"),
            (self.outlive_parent, "children last longer than the parent that calls them"),
            (self.impossible, "messages would arrive before they are sent and are left out"),
            (self.other_lines, "lines hold no spans"),
        ] {
            if count > 0 {
                remarks.push(format!("{count} {what}"));
            }
        }
        remarks
    }
}

/// Why spans cannot be read. Lines are numbered from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtelError {
    /// A file cannot be opened or read.
    #[error("{path}: cannot be read: {why}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// A line is nothing that OTLP or Jaeger write.
    #[error("{path}: line {line}: {problem}: expected spans as OTLP's or Jaeger's JSON")]
    Json {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// There are no spans.
    #[error("{path}: there is no span in it: expected at least one that has a start")]
    NoSpans {
        /// The file or folder.
        path: PathBuf,
    },
}

/// A span as either format has it.
#[derive(Clone, Debug, Default)]
struct Span {
    trace: String,
    id: String,
    parent: Option<String>,
    /// Traces and spans.
    links: Vec<(String, String)>,
    process: u32,
    kind: Kind,
    start: u64,
    end: Option<u64>,
}

/// What part a span has in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    Client,
    Server,
    /// Internal, or a message that nobody waits for.
    #[default]
    Other,
}

/// All spans of all files.
#[derive(Default)]
struct Spans {
    all: Vec<Span>,
    /// By trace, then by span.
    by_id: HashMap<String, HashMap<String, u32>>,
    processes: HashMap<String, u32>,
    facts: OtelFacts,
}

impl Spans {
    /// The process of a resource with these attributes.
    fn process(&mut self, chosen: &[String], attributes: &[(String, String)]) -> (u32, bool) {
        let of = |key: &str| attributes.iter().find(|(k, _)| k == key);
        let found: Vec<_> = if chosen.is_empty() {
            DEFAULT_PROCESS.iter().filter_map(|key| of(key)).collect()
        } else {
            chosen.iter().filter_map(|key| of(key)).collect()
        };
        // As text that no value can forge.
        let name = format!("{found:?}");
        let next = self.processes.len() as u32;
        (*self.processes.entry(name).or_insert(next), !found.is_empty())
    }

    fn push(&mut self, span: Span, has_process: bool) {
        if span.start == 0 {
            self.facts.without_start += 1;
            return;
        }
        let next = self.all.len() as u32;
        let of_trace = self.by_id.entry_ref(span.trace.as_str()).or_default();
        let known = *of_trace.entry_ref(span.id.as_str()).or_insert(next);
        if known != next {
            self.facts.repeated += 1;
            return;
        }
        self.facts.without_process += u32::from(!has_process);
        self.facts.without_end += u32::from(span.end.is_none());
        self.facts.ends_before_start += u32::from(span.end.is_some_and(|end| end < span.start));
        self.all.push(span);
    }

    fn find(&self, trace: &str, id: &str) -> Option<u32> {
        self.by_id.get(trace)?.get(id).copied()
    }
}

/// A file or a folder of them.
///
/// # Errors
/// [`OtelError`]: no file, no JSON, no spans.
pub fn read(path: &Path, process: &[String]) -> Result<(Vec<TimedStep>, OtelFacts), OtelError> {
    let mut spans = Spans::default();
    for file in file::files(path)? {
        file::read(&file, process, &mut spans)?;
        spans.facts.files += 1;
    }
    if spans.all.is_empty() {
        return Err(OtelError::NoSpans { path: path.to_owned() });
    }
    Ok(execution(&spans))
}

/// A span's start or end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    /// Of the clock, but an end is never before its start.
    at: u64,
    is_end: bool,
    /// Parents start before their children, and end after them.
    depth: u8,
    span: u32,
}

fn moments(spans: &[Span], parents: &[Option<u32>]) -> Vec<Moment> {
    let depth = |span: u32| {
        let (mut depth, mut at) = (0, span);
        while let Some(parent) = parents[at as usize].filter(|_| depth < DEEPEST) {
            (depth, at) = (depth + 1, parent);
        }
        depth
    };
    let mut moments = Vec::with_capacity(2 * spans.len());
    for (number, span) in (0..).zip(spans) {
        let depth = depth(number);
        moments.push(Moment { at: span.start, is_end: false, depth, span: number });
        if let Some(end) = span.end {
            let (at, depth) = (end.max(span.start), DEEPEST - depth);
            moments.push(Moment { at, is_end: true, depth, span: number });
        }
    }
    moments.sort_unstable();
    moments
}

fn execution(spans: &Spans) -> (Vec<TimedStep>, OtelFacts) {
    let mut facts = spans.facts;
    facts.spans = spans.all.len() as u32;
    let all = &spans.all;
    let parents: Vec<Option<u32>> =
        all.iter().map(|s| spans.find(&s.trace, s.parent.as_deref()?)).collect();
    let moments = moments(all, &parents);

    // A process leaves right after its last event.
    let mut left: HashMap<u32, u32> = HashMap::new();
    moments.iter().for_each(|m| *left.entry(all[m.span as usize].process).or_insert(0) += 1);
    facts.processes = left.len() as u32;
    let (mut starts, mut ends) = (vec![0; all.len()], vec![None; all.len()]);
    let (mut number, mut leaves) = (0_u32, Vec::with_capacity(moments.len()));
    for moment in &moments {
        if moment.is_end {
            ends[moment.span as usize] = Some(number);
        } else {
            starts[moment.span as usize] = number;
        }
        let events = left.entry(all[moment.span as usize].process).or_insert(1);
        *events -= 1;
        leaves.push(*events == 0);
        number += 1 + u32::from(*events == 0);
    }

    let mut heard: HashMap<(u32, bool), Vec<u32>> = HashMap::new();
    let late = |facts: &mut OtelFacts, sent: u64, received: u64| {
        let behind = sent.saturating_sub(received);
        facts.backward_times += u32::from(behind > 0);
        facts.most_backward = facts.most_backward.max(Duration::from_nanos(behind));
    };
    for (number, (span, parent)) in (0..).zip(all.iter().zip(&parents)) {
        facts.missing_parents += u32::from(span.parent.is_some() && parent.is_none());
        for (trace, id) in &span.links {
            let Some(linked) = spans.find(trace, id) else {
                facts.missing_links += 1;
                continue;
            };
            if all[linked as usize].process != span.process {
                facts.links += 1;
                late(&mut facts, all[linked as usize].start, span.start);
                heard.entry((number, false)).or_default().push(starts[linked as usize]);
            }
        }
        let Some(parent) = *parent else { continue };
        let caller = &all[parent as usize];
        if caller.process == span.process {
            continue;
        }
        facts.calls += 1;
        late(&mut facts, caller.start, span.start);
        heard.entry((number, false)).or_default().push(starts[parent as usize]);
        let waits = span.kind == Kind::Server || caller.kind == Kind::Client;
        if let (true, Some(end), Some(caller_end)) = (waits, span.end, caller.end) {
            let lasts = |span: &Span, end: u64| end.saturating_sub(span.start);
            if lasts(span, end) > lasts(caller, caller_end) {
                facts.outlive_parent += 1;
            } else {
                facts.answers += 1;
                late(&mut facts, end, caller_end);
                heard.entry((parent, true)).or_default().extend(ends[number as usize]);
            }
        }
    }

    let mut processes = Processes::default();
    for (moment, leaves) in moments.iter().zip(leaves) {
        let span = &all[moment.span as usize];
        let reading = if moment.is_end { span.end.unwrap_or(moment.at) } else { span.start };
        let time = PhysicalTime::from_nanos(reading);
        let item = |what| Item { process: span.process, time, what };
        let from = heard.remove(&(moment.span, moment.is_end)).unwrap_or_default();
        processes.push(item(What::Event), from);
        if leaves {
            processes.push(item(What::Leave), None);
        }
    }
    let (steps, impossible) = processes.steps_without_impossible_messages();
    facts.impossible = impossible;
    (steps, facts)
}
