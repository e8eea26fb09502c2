//! From clocks to messages, and from messages to steps.

use causal_clock::PhysicalTime;

use super::log::{Log, LogEvent};
use super::{ShivizError, Times};
use crate::step::{Participant, Step, TimedStep};
use crate::trace::cast::{Slots, population};
use crate::trace::topology::Parents;

/// The order of a log's events, by the edges that its clocks tell of. Events
/// have the numbers of their places in the log.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Causes before effects, otherwise as in the log.
    pub(super) sequence: Vec<u32>,
    /// The event before each on the same host.
    previous: Vec<Option<u32>>,
    /// The events of other hosts that each receives from.
    heard: Parents,
    pub(super) missing_events: u64,
    pub(super) missing_causes: u32,
}

/// How long events are apart where the log has no times.
const TICK_NS: u64 = 1_000_000;

impl Order {
    pub(super) fn of(log: &Log) -> Result<Self, ShivizError> {
        let by_host = ByHost::of(log)?;
        let mut previous = vec![None; log.events.len()];
        for events in &by_host.0 {
            for pair in events.windows(2) {
                previous[pair[1].1 as usize] = Some(pair[0].1);
            }
        }
        let (mut news, mut missing_causes) = (Parents::default(), 0);
        for (event, before) in log.events.iter().zip(&previous) {
            let before = before.map(|p| &log.events[p as usize]);
            let found = by_host.news(event, before, &mut missing_causes);
            news.push(found);
        }
        let mut edges = Parents::default();
        for (event, before) in (0..).zip(&previous) {
            edges.push(before.iter().chain(news.of(event)).copied());
        }
        let sequence = edges.order().map_err(|cycle| {
            let event = cycle.first().copied().unwrap_or(0);
            let line = log.events[event as usize].line;
            ShivizError::Cycle { line, event: log.name(event), length: cycle.len() }
        })?;
        let mut heard = Parents::default();
        for event in 0..log.events.len() as u32 {
            heard.push(latest(log, news.of(event)));
        }
        let missing_events = by_host.missing();
        Ok(Self { sequence, previous, heard, missing_events, missing_causes })
    }

    /// The events that come directly before one.
    pub(super) fn causes(&self, event: u32) -> impl Iterator<Item = u32> {
        let before = self.previous[event as usize];
        before.into_iter().chain(self.heard.of(event).iter().copied())
    }

    /// How many events receive messages.
    pub(super) fn receives(&self) -> u32 {
        self.sequence.iter().filter(|e| !self.heard.of(**e).is_empty()).count() as u32
    }

    /// How many messages they receive.
    pub(super) fn messages(&self) -> u32 {
        self.heard.edges() as u32
    }

    /// The execution. An event that others receive from is a send; where it
    /// receives as well, the messages are merged just before. A message's slot
    /// is used again when its last reader has read it.
    pub(super) fn steps(&self, log: &Log) -> (Vec<TimedStep>, Times) {
        let (times, unit) = physical_times(log);
        let time_of = |place: usize, event: u32| {
            let given =
                unit.map(|ns| log.events[event as usize].timestamp.unwrap_or(0).saturating_mul(ns));
            PhysicalTime::from_nanos(given.unwrap_or(place as u64 * TICK_NS))
        };
        let start = self.sequence.first().map_or(PhysicalTime::ZERO, |first| time_of(0, *first));
        let mut steps: Vec<TimedStep> = population(log.logging_hosts as u32, start).collect();

        let readers = self.heard.children();
        let mut unread: Vec<usize> =
            (0..log.events.len() as u32).map(|e| readers.of(e).len()).collect();
        let mut slots = Slots::new(log.events.len());
        for (place, event) in self.sequence.iter().enumerate() {
            let node: Participant = log.events[*event as usize].host;
            let time = time_of(place, *event);
            let mut push = |step| steps.push(TimedStep { time, step });
            let is_send = unread[*event as usize] > 0;
            let heard = self.heard.of(*event);
            for (nth, from) in heard.iter().enumerate() {
                let message = slots.of(*from);
                let is_last = nth + 1 == heard.len();
                push(if is_last && !is_send {
                    Step::Receive { node, message }
                } else {
                    Step::Merge { node, message }
                });
                unread[*from as usize] -= 1;
                if unread[*from as usize] == 0 {
                    slots.give_back(message);
                }
            }
            if is_send {
                push(Step::Send { node, message: slots.take(*event) });
            } else if heard.is_empty() {
                push(Step::Event { node });
            }
        }
        (steps, times)
    }
}

/// Of each host that has events, their numbers and places, in order of numbers.
struct ByHost(Vec<Vec<(u64, u32)>>);

impl ByHost {
    fn of(log: &Log) -> Result<Self, ShivizError> {
        let mut by_host = vec![Vec::new(); log.logging_hosts];
        for (place, event) in (0..).zip(&log.events) {
            by_host[event.host as usize].push((event.number, place));
        }
        for events in &mut by_host {
            events.sort_unstable();
            if let Some(pair) = events.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                let line = |place: u32| log.events[place as usize].line;
                let (first, line) = (line(pair[0].1), line(pair[1].1));
                return Err(ShivizError::Repeated { line, first, event: log.name(pair[1].1) });
            }
        }
        Ok(Self(by_host))
    }

    /// Numbers up to a host's last that no event has.
    fn missing(&self) -> u64 {
        let of_host = |events: &Vec<(u64, u32)>| {
            let counted = events.iter().filter(|(number, _)| *number > 0).count() as u64;
            events.last().map_or(0, |(last, _)| last.saturating_sub(counted))
        };
        self.0.iter().map(of_host).fold(0, u64::saturating_add)
    }

    /// The latest logged event of a host up to a number.
    fn at_or_before(&self, host: u32, number: u64) -> Option<(u64, u32)> {
        let events = self.0.get(host as usize)?;
        events.partition_point(|(n, _)| *n <= number).checked_sub(1).map(|at| events[at])
    }

    /// The latest event of each other host that an event knows of and the one
    /// before it on its own host did not.
    fn news(&self, event: &LogEvent, before: Option<&LogEvent>, missing: &mut u32) -> Vec<u32> {
        let mut news = Vec::new();
        for (host, number) in &event.clock {
            let known = before.map_or(0, |b| b.knows(*host));
            if *host == event.host || *number <= known {
                continue;
            }
            let found = self.at_or_before(*host, *number);
            *missing += u32::from(found.is_none_or(|(n, _)| n < *number));
            // An event before the one that is missing may be no news.
            news.extend(found.filter(|(n, _)| *n > known).map(|(_, place)| place));
        }
        news
    }
}

/// Those events that no other of them knows of.
fn latest(log: &Log, events: &[u32]) -> Vec<u32> {
    let event = |place: &u32| &log.events[*place as usize];
    let is_known = |e: &LogEvent| {
        let mut others = events.iter().map(event).filter(|other| other.host != e.host);
        others.any(|other| other.knows(e.host) >= e.number)
    };
    events.iter().filter(|e| !is_known(event(e))).copied().collect()
}

/// The unit of the log's times, told by the first, and its nanoseconds; none
/// where an event has no time.
fn physical_times(log: &Log) -> (Times, Option<u64>) {
    /// From the year 2000 to 2100.
    const PRESENT: std::ops::Range<u64> = 946_684_800..4_102_444_800;
    let Some(first) = log.events.first().and_then(|e| e.timestamp) else {
        return (Times::Index, None);
    };
    if log.events.iter().any(|e| e.timestamp.is_none()) {
        return (Times::Index, None);
    }
    let units =
        [(Times::Seconds, 1), (Times::Milliseconds, 1_000), (Times::Microseconds, 1_000_000)];
    let fits = units.into_iter().find(|(_, a_second)| PRESENT.contains(&(first / a_second)));
    let (times, a_second) = fits.unwrap_or((Times::Nanoseconds, 1_000_000_000));
    (times, Some(1_000_000_000 / a_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit_of(timestamp: u64) -> Times {
        let event =
            LogEvent { line: 1, host: 0, number: 1, clock: Vec::new(), timestamp: Some(timestamp) };
        let (label, hosts) = (None, vec!["a".into()]);
        physical_times(&Log {
            label,
            events: vec![event],
            hosts,
            logging_hosts: 1,
            unmatched_lines: 0,
        })
        .0
    }

    #[test]
    fn the_unit_of_times_is_told_by_the_year() {
        assert_eq!(unit_of(1_456_966_522), Times::Seconds);
        assert_eq!(unit_of(1_456_966_522_870), Times::Milliseconds);
        assert_eq!(unit_of(1_456_966_522_870_845), Times::Microseconds);
        assert_eq!(unit_of(1_456_966_522_870_845_696), Times::Nanoseconds);
        // Three days after a machine was started.
        assert_eq!(unit_of(256_824_341_944_726), Times::Nanoseconds);
        assert_eq!(unit_of(0), Times::Nanoseconds);
    }
}
