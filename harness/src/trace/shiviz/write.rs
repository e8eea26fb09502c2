//! Executions as logs that ShiViz reads: an event and, on the next line, its host
//! and an exact vector clock.
//!
//! A newborn's first clock holds what its parent knew, and an heir's next one what
//! the retired knew, so forks and retirements are lines between hosts as messages
//! are. One who goes on from a backup is a host of its own from then on: its name
//! gets a number, since it would count the same events twice.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::step::{Message, Participant, Step, TimedStep};

/// A host and what it knows: events by host.
#[derive(Clone, Debug)]
struct Host {
    name: String,
    /// How often it went back to a backup.
    lives: u32,
    clock: BTreeMap<String, u64>,
}

impl Host {
    fn new(node: Participant, clock: BTreeMap<String, u64>) -> Self {
        Self { name: format!("p{node}"), lives: 1, clock }
    }

    fn learn(&mut self, clock: &BTreeMap<String, u64>) {
        for (host, count) in clock {
            let known = self.clock.entry(host.clone()).or_default();
            *known = (*known).max(*count);
        }
    }
}

/// Writes an execution as a log for [`DEFAULT_REGEX`](super::DEFAULT_REGEX).
///
/// # Errors
/// Those of `out`.
pub fn write(mut out: impl Write, steps: impl IntoIterator<Item = TimedStep>) -> io::Result<()> {
    let mut hosts = BTreeMap::from([(0, Host::new(0, BTreeMap::new()))]);
    let mut messages: BTreeMap<Message, BTreeMap<String, u64>> = BTreeMap::new();
    let mut saved: BTreeMap<Participant, BTreeMap<String, u64>> = BTreeMap::new();
    let mut event = |host: &mut Host, what: String| {
        let count = host.clock.entry(host.name.clone()).or_default();
        *count = count.saturating_add(1);
        let clock = serde_json::to_string(&host.clock)?;
        writeln!(out, "{what}\n{} {clock}", host.name)
    };
    for TimedStep { step, .. } in steps {
        match step {
            Step::Event { node } => {
                if let Some(host) = hosts.get_mut(&node) {
                    event(host, "internal".into())?;
                }
            }
            Step::Send { node, message } => {
                if let Some(host) = hosts.get_mut(&node) {
                    event(host, format!("send {message}"))?;
                    messages.insert(message, host.clock.clone());
                }
            }
            Step::Receive { node, message } => {
                if let (Some(host), Some(clock)) = (hosts.get_mut(&node), messages.get(&message)) {
                    host.learn(clock);
                    event(host, format!("receive {message}"))?;
                }
            }
            Step::Merge { node, message } => {
                if let (Some(host), Some(clock)) = (hosts.get_mut(&node), messages.get(&message)) {
                    host.learn(clock);
                }
            }
            Step::Fork { node, child } | Step::Twin { node, child } => {
                let clock = hosts.get(&node).map_or_else(BTreeMap::new, |h| h.clock.clone());
                hosts.insert(child, Host::new(child, clock));
            }
            Step::Retire { node, into } => {
                if let (Some(retired), Some(heir)) = (hosts.remove(&node), hosts.get_mut(&into)) {
                    heir.learn(&retired.clock);
                }
            }
            Step::Crash { node } => drop(hosts.remove(&node)),
            Step::Save { node } => {
                if let Some(host) = hosts.get(&node) {
                    saved.insert(node, host.clock.clone());
                }
            }
            Step::Restore { node } => {
                if let (Some(host), Some(clock)) = (hosts.get_mut(&node), saved.get(&node)) {
                    host.lives = host.lives.saturating_add(1);
                    host.name = format!("p{node}.{}", host.lives);
                    host.clock.clone_from(clock);
                }
            }
            Step::Lose { .. } | Step::Candidate { .. } | Step::Restart { .. } => {}
        }
    }
    out.flush()
}
