//! From a log's text to its events.

use std::borrow::Cow;

use hashbrown::HashMap;
use regex_lite::Regex;
use serde_json::{Map, Value};

use super::pattern::Pattern;
use super::{EventName, ShivizError};
use crate::trace::input::json_problem;

/// An execution as it is in the log.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) label: Option<String>,
    /// In the order of the log.
    pub(super) events: Vec<LogEvent>,
    /// First those that have events, in order of appearance, then those that
    /// only clocks name.
    pub(super) hosts: Vec<String>,
    pub(super) logging_hosts: usize,
    pub(super) unmatched_lines: u32,
}

/// An event as it is in the log.
#[derive(Clone, Debug)]
pub(super) struct LogEvent {
    pub(super) line: u64,
    pub(super) host: u32,
    /// Its host's own counter.
    pub(super) number: u64,
    /// Hosts and counters, in order of hosts; none is 0 except perhaps its own.
    pub(super) clock: Vec<(u32, u64)>,
    pub(super) timestamp: Option<u64>,
}

impl LogEvent {
    /// How many events of a host this one knows of.
    pub(super) fn knows(&self, host: u32) -> u64 {
        self.clock.binary_search_by_key(&host, |(h, _)| *h).map_or(0, |at| self.clock[at].1)
    }
}

impl Log {
    pub(super) fn name(&self, event: u32) -> EventName {
        let LogEvent { host, number, .. } = self.events[event as usize];
        EventName { host: self.hosts[host as usize].clone(), number }
    }
}

/// An event with names instead of numbers.
struct Match<'t> {
    line: u64,
    host: &'t str,
    clock: Vec<(String, u64)>,
    timestamp: Option<u64>,
}

/// Splits the text into executions and each into events. Text before the first
/// delimiter is an execution where it has events.
pub(super) fn parse(
    text: &str,
    pattern: &Pattern,
    delimiter: &Regex,
) -> Result<Vec<Log>, ShivizError> {
    let text =
        if text.contains('\r') { text.replace("\r\n", "\n").into() } else { Cow::from(text) };
    let mut parts = vec![(None, 0, text.len())];
    for found in delimiter.captures_iter(&text) {
        let Some(whole) = found.get(0).filter(|whole| !whole.is_empty()) else { continue };
        let label = found.name("trace").map_or("", |label| label.as_str());
        if let Some(last) = parts.last_mut() {
            last.2 = whole.start();
        }
        parts.push((Some(label.to_owned()), whole.end(), text.len()));
    }
    let labelled = parts.len() > 1;
    let mut logs = Vec::new();
    for (label, begin, end) in parts {
        let first_line = 1 + newlines(&text[..begin]);
        let part = parse_part(&text[begin..end], first_line, label, pattern)?;
        if !part.events.is_empty() {
            logs.push(part);
        } else if part.label.is_some() || !labelled {
            let lines = text[begin..end].lines().filter(|l| !l.trim().is_empty()).take(3);
            let beginning: Vec<String> = lines.map(shown).collect();
            let (line, regex) = (first_line, pattern.source.clone());
            return Err(ShivizError::NoMatch { line, regex, beginning: beginning.join("\n") });
        }
    }
    Ok(logs)
}

/// A line for a terminal.
fn shown(line: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut text: String = line.chars().take(120).map(clean).collect();
    if text.len() < line.len() {
        text.push('…');
    }
    format!("    {text}")
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|b| *b == b'\n').count() as u64
}

fn filled_lines(text: &str) -> u32 {
    text.lines().filter(|line| !line.trim().is_empty()).count() as u32
}

fn parse_part(
    text: &str,
    first_line: u64,
    label: Option<String>,
    pattern: &Pattern,
) -> Result<Log, ShivizError> {
    let (mut line, mut counted_to, mut matched_to) = (first_line, 0, 0);
    let mut unmatched_lines = 0;
    let mut matches = Vec::new();
    for found in pattern.regex.captures_iter(text) {
        // A group that takes no part in a match, as in an alternative, is none.
        let (Some(whole), Some(host), Some(clock)) =
            (found.get(0), found.name("host"), found.name("clock"))
        else {
            continue;
        };
        line += newlines(&text[counted_to..clock.start()]);
        counted_to = clock.start();
        unmatched_lines += filled_lines(&text[matched_to..whole.start()]);
        // The rest of a line that matches in part is of no account.
        let line_end = text[whole.end()..].find('\n').map_or(text.len(), |n| whole.end() + n);
        matched_to =
            if text[whole.end()..line_end].trim().is_empty() { line_end } else { whole.end() };
        let timestamp = found.name("timestamp").and_then(|t| t.as_str().trim().parse().ok());
        let clock = parse_clock(clock.as_str(), line)?;
        matches.push(Match { line, host: host.as_str(), clock, timestamp });
    }
    unmatched_lines += filled_lines(&text[matched_to..]);
    let mut log = number_hosts(&matches)?;
    log.label = label;
    log.unmatched_lines = unmatched_lines;
    Ok(log)
}

fn parse_clock(clock: &str, line: u64) -> Result<Vec<(String, u64)>, ShivizError> {
    let error = |why| ShivizError::Clock { line, clock: clock.into(), why };
    let object: Map<String, Value> = serde_json::from_str(clock)
        .or_else(|problem| unescaped(clock).ok_or(problem))
        .map_err(|problem| error(json_problem(&problem)))?;
    let counter = |(host, value): (String, Value)| match value.as_u64() {
        Some(number) => Ok((host, number)),
        None => Err(error(format!("the counter of `{host}` is {value}"))),
    };
    object.into_iter().map(counter).collect()
}

/// A clock that stands in the log as the inside of a JSON string, as TLA+'s model
/// checker writes it: `{\"n1\":1}`.
fn unescaped(clock: &str) -> Option<Map<String, Value>> {
    let inside: String = serde_json::from_str(&format!("\"{clock}\"")).ok()?;
    serde_json::from_str(&inside).ok()
}

/// Gives hosts their numbers, those that have events first.
fn number_hosts(matches: &[Match<'_>]) -> Result<Log, ShivizError> {
    let mut hosts: Vec<String> = Vec::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut number_of = |name: &str| {
        *numbers.entry_ref(name).or_insert_with(|| {
            hosts.push(name.to_owned());
            hosts.len() as u32 - 1
        })
    };
    let own: Vec<u32> = matches.iter().map(|m| number_of(m.host)).collect();
    let logging_hosts = own.iter().max().map_or(0, |last| *last as usize + 1);
    let mut events = Vec::with_capacity(matches.len());
    for (Match { line, host: name, clock, timestamp }, host) in matches.iter().zip(own) {
        let (line, timestamp) = (*line, *timestamp);
        let number = clock.iter().find(|(h, _)| h == name).map(|(_, number)| *number);
        let Some(number) = number else {
            return Err(ShivizError::OwnHost { line, host: (*name).to_owned() });
        };
        let mut clock: Vec<(u32, u64)> =
            clock.iter().filter(|(_, n)| *n > 0).map(|(h, n)| (number_of(h), *n)).collect();
        clock.sort_unstable();
        events.push(LogEvent { line, host, number, clock, timestamp });
    }
    Ok(Log { label: None, events, hosts, logging_hosts, unmatched_lines: 0 })
}
