//! What exact running clocks cost by who talks to whom: how much of a message
//! a tree clock looks at, and how many bytes of it differential messages
//! leave.
//!
//! A plain vector clock looks at every entry of each message. A tree clock
//! ("A tree clock data structure for causal orderings in concurrent
//! executions", Mathur et al. 2022) looks at little more than the news.
//! Differential messages ("An efficient implementation of vector clocks",
//! Singhal and Kshemkalyani 1992) carry only what changed since the last one on
//! the same channel; they need channels that keep the order and lose nothing
//! (here: `network.fifo`, no loss; a message to someone who has left is not
//! counted). All three are exact, and this is checked as they run. Only counts
//! are taken, no times: the same everywhere.

use std::sync::Arc;

use bounded_vc::{FifoReceiver, FifoSender, StampDiff, TreeClock, TreeStamp};
use bounded_vc::{VectorClock, VectorStamp};
use causal_clock::{CausalStamp, NodeId, Verdict, Wire};
use hashbrown::HashMap;

use crate::execution::{Cell, Source};
use crate::random::Random;
use crate::scenario::{Network, Pattern, Population, Scenario, Traffic};
use crate::step::{Participant, Step};

/// Who talks to whom, among how many.
#[derive(Clone, Debug)]
pub struct Workload {
    /// What tables call it.
    pub name: &'static str,
    /// How many there are.
    pub participants: u32,
    /// All of it.
    pub scenario: Scenario,
}

impl Workload {
    /// The workloads among so many participants, who stay.
    #[must_use]
    pub fn all(participants: u32) -> Vec<Self> {
        let patterns = [
            ("star", Pattern::ClientServer { servers: 1 }),
            ("ring", Pattern::Ring),
            ("pairs", Pattern::Pairs { strangers: 0.05 }),
            ("anyone", Pattern::Uniform),
        ];
        let workload = |(name, pattern)| Self {
            name,
            participants,
            scenario: Scenario {
                name: format!("{name}-{participants}"),
                description: String::new(),
                events: participants * 200,
                seeds: 30,
                population: Population { initial: participants, ..Population::default() },
                traffic: Traffic { pattern, ..Traffic::default() },
                network: Network { fifo: true, ..Network::default() },
                clocks: crate::scenario::Clocks::default(),
            },
        };
        patterns.into_iter().map(workload).collect()
    }

    /// As a cell of executions.
    #[must_use]
    pub fn cell(&self) -> Cell {
        Cell {
            name: self.scenario.name.clone(),
            ids: self.scenario.population.ids,
            source: Source::Scenario(Arc::new(self.scenario.clone())),
            recorded: None,
        }
    }
}

/// Sums over the messages that were received in the second half of an
/// execution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages received.
    pub messages: u64,
    /// Entries in them: what a plain vector clock looks at.
    pub entries: u64,
    /// Entries that were news to the receiver.
    pub news: u64,
    /// Entries that a tree clock looked at.
    pub visited: u64,
    /// Bytes as exact vector stamps.
    pub vector_bytes: u64,
    /// Bytes as differential messages.
    pub diff_bytes: u64,
    /// Bytes with the tree.
    pub tree_bytes: u64,
    /// Pairs of a sender and a receiver in the whole execution: of each, both
    /// ends of a differential channel remember a vector.
    pub channels: u64,
}

/// The exact clocks disagree, which is a defect of one of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at step {step}, {what}")]
pub struct Disagreement {
    /// The number of the step.
    pub step: usize,
    /// What is not as it must be.
    pub what: &'static str,
}

struct Sent {
    from: Participant,
    vector: VectorStamp,
    tree: TreeStamp,
    diff: Option<StampDiff>,
}

/// Runs all three through one execution of the workload.
///
/// # Errors
/// Where they disagree.
pub fn measure(
    workload: &Workload,
    root_seed: u64,
    replicate: u32,
) -> Result<Counts, Disagreement> {
    let cell = workload.cell();
    let steps: Vec<Step> = cell.steps(root_seed, replicate).map(|timed| timed.step).collect();
    let receivers = receivers(&steps);
    let mut ids = Random::new(root_seed, &cell.name, replicate, "ids");
    let mut fresh = || NodeId::new(ids.bits());
    let first = fresh();
    let mut clocks = vec![(VectorClock::new(first), TreeClock::new(first))];
    let mut channels: HashMap<_, (FifoSender, FifoReceiver)> = HashMap::new();
    let mut sent: HashMap<_, Sent> = HashMap::new();
    let mut counts = Counts::default();
    for (number, step) in steps.iter().enumerate() {
        let wrong = |what| Disagreement { step: number, what };
        let full = |_| wrong("a clock refuses what is honest");
        match *step {
            Step::Fork { node, .. } => {
                let (vector, tree) = &clocks[node as usize];
                let id = fresh();
                clocks.push((vector.fork(id), tree.fork(id)));
            }
            Step::Event { node } => event(&mut clocks[node as usize]).map_err(full)?,
            Step::Send { node, message } => {
                let clock = &mut clocks[node as usize];
                event(clock).map_err(full)?;
                let vector = clock.0.stamp();
                let diff = receivers[number].map(|to| {
                    let (sender, _) = channels.entry((node, to)).or_default();
                    sender.pack(&vector)
                });
                sent.insert(message, Sent { from: node, vector, tree: clock.1.stamp(), diff });
            }
            Step::Receive { node, message } => {
                let Some(sent) = sent.remove(&message) else { continue };
                let (vector, tree) = &mut clocks[node as usize];
                let news = sent.vector.vector().since(vector.vector()).len();
                let visited = tree.merge(&sent.tree).map_err(|_| wrong("the tree refuses"))?;
                vector.merge(&sent.vector);
                let Some(diff) = &sent.diff else { continue };
                let Some((_, receiver)) = channels.get_mut(&(sent.from, node)) else { continue };
                let unpacked = receiver
                    .unpack(diff)
                    .map_err(|_| wrong("a differential message comes out of turn"))?;
                if unpacked.vector() != sent.vector.vector() {
                    return Err(wrong("a differential message lacks something"));
                }
                event(&mut clocks[node as usize]).map_err(full)?;
                agree(&clocks[node as usize], &sent).map_err(wrong)?;
                if number * 2 >= steps.len() {
                    counts.messages += 1;
                    counts.entries += sent.vector.vector().len() as u64;
                    counts.news += news as u64;
                    counts.visited += visited as u64;
                    counts.vector_bytes += sent.vector.encoded_len() as u64;
                    counts.diff_bytes += diff.encoded_len() as u64;
                    counts.tree_bytes += sent.tree.encoded_len() as u64;
                }
            }
            Step::Lose { message } => drop(sent.remove(&message)),
            // Workloads have no others.
            Step::Merge { .. }
            | Step::Candidate { .. }
            | Step::Retire { .. }
            | Step::Crash { .. }
            | Step::Restart { .. } => {}
        }
    }
    counts.channels = channels.len() as u64;
    Ok(counts)
}

fn event((vector, tree): &mut (VectorClock, TreeClock)) -> Result<(), ()> {
    vector.event().map_err(|_| ())?;
    tree.event().map_err(|_| ()).map(|_| ())
}

/// What was received is in the past of both clocks, and they know of the same
/// participants.
fn agree((vector, tree): &(VectorClock, TreeClock), sent: &Sent) -> Result<(), &'static str> {
    let before = Verdict::proven(causal_clock::CausalOrder::Before);
    let stamp = tree.stamp();
    if sent.vector.compare(&vector.stamp()) != before || sent.tree.compare(&stamp) != before {
        return Err("a message is not in the past of its receipt");
    }
    if stamp.len() != vector.vector().len() && stamp.len() != vector.vector().len() + 1 {
        return Err("the tree knows of others than the vector");
    }
    Ok(())
}

/// For each step that sends something that arrives, to whom.
fn receivers(steps: &[Step]) -> Vec<Option<Participant>> {
    let mut receivers = vec![None; steps.len()];
    let mut under_way = HashMap::new();
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Send { message, .. } => {
                under_way.insert(message, number);
            }
            Step::Receive { node, message } => {
                if let Some(sent) = under_way.remove(&message) {
                    receivers[sent] = Some(node);
                }
            }
            _ => {}
        }
    }
    receivers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_exact_and_each_pays_somewhere() {
        let counts: HashMap<_, _> = Workload::all(32)
            .iter()
            .map(|workload| (workload.name, measure(workload, 1, 0).unwrap()))
            .collect();
        for (name, counts) in &counts {
            assert!(counts.messages > 1_000, "{name}: {counts:?}");
            assert!(counts.news <= counts.visited, "{name}: {counts:?}");
            assert!(counts.vector_bytes < counts.tree_bytes, "{name}: {counts:?}");
        }
        let visits = |name| counts[name].visited as f64 / counts[name].entries as f64;
        let bytes = |name| counts[name].diff_bytes as f64 / counts[name].vector_bytes as f64;
        assert!(visits("pairs") < 0.5 && visits("pairs") < visits("anyone"));
        assert!(bytes("pairs") < 0.5 && bytes("pairs") < bytes("anyone"));
        assert_eq!(counts["ring"].channels, 32);
    }
}
