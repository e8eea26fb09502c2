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

use std::num::NonZeroU32;
use std::sync::Arc;

use bounded_vc::{FifoReceiver, FifoSender, StampDiff, TreeClock, TreeStamp};
use bounded_vc::{VectorClock, VectorStamp};
use causal_clock::{CausalStamp, NodeId, Verdict, Wire};
use clap::Args;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::{read_spec, write_spec};
use super::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task, inputs};
use crate::execution::{Cell, Source};
use crate::random::Random;
use crate::registry::Registry;
use crate::scenario::{Network, Pattern, Population, Scenario, Traffic};
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;
use crate::step::{Participant, Step};

/// Measure what exact running clocks cost by who talks to whom: how much of a
/// message a tree clock looks at, and what differential messages save.
///
/// Counts of entries and bytes, no times: the same on every machine.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench running
      star, ring, pairs and anyone among 16, 64 and 256
  clockbench running --participants 8,32 --seeds 10")]
pub struct RunningArgs {
    /// The numbers of participants.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "16,64,256")]
    participants: Vec<NonZeroU32>,
    /// How many seeds.
    #[arg(long, default_value = "30")]
    seeds: NonZeroU32,
}

impl Plan for RunningArgs {
    const NAME: &'static str = "running";
    const SUMMARY: &'static str =
        "What exact running clocks cost: vectors, tree clocks, differences.";
    type Experiment = Running;

    fn plan(&self, _: &Registry, seed: u64) -> Result<Running, ExperimentError> {
        let participants: Vec<u32> =
            self.participants.iter().map(|n| n.get()).filter(|n| *n > 1).collect();
        if participants.is_empty() {
            return Err(ExperimentError::plan(
                "--participants names no number over 1: one alone sends no message",
            ));
        }
        Ok(Running { spec: Spec { root_seed: seed, seeds: self.seeds.get(), participants } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<Running, ExperimentError> {
        Ok(Running { spec: read_spec(Self::NAME, spec)? })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    root_seed: u64,
    seeds: u32,
    participants: Vec<u32>,
}

/// Exact running clocks over several workloads.
#[derive(Clone, Debug)]
pub struct Running {
    spec: Spec,
}

impl Running {
    fn workloads(&self) -> impl Iterator<Item = Workload> + '_ {
        self.spec.participants.iter().flat_map(|n| Workload::all(*n))
    }
}

impl Experiment for Running {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "running".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |workload: Workload| Task::replicates(&workload.scenario.name, self.spec.seeds);
        self.workloads().flat_map(tasks).collect()
    }

    fn weight(&self, task: &Task) -> u64 {
        let found = self.workloads().find(|workload| workload.scenario.name == task.cell);
        found.map_or(1, |workload| u64::from(workload.participants).pow(2))
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let workload = self.workloads().find(|w| w.scenario.name == task.cell);
        let workload = workload.ok_or_else(|| wrong("there is no such workload".into()))?;
        let counts = measure(&workload, self.spec.root_seed, task.replicate);
        let mut rows = Rows::new(task.clone());
        rows.add("messages", [counts.map_err(|error| wrong(error.to_string()))?])?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<(Task, Counts)> = results.table("messages")?;
        let lines: Vec<Line> = self
            .workloads()
            .map(|workload| {
                let mine = rows.iter().filter(|(task, _)| task.cell == workload.scenario.name);
                let counts = mine.map(|(_, counts)| *counts).collect();
                Line { workload, counts }
            })
            .collect();
        let mut page = Page::new(
            "Exact running clocks",
            "A plain vector clock, a tree clock and differential messages, all exact, by who talks \
             to whom.",
        );
        page.table(table(&lines));
        let looked_at = "Entries looked at by a tree clock";
        page.chart("looked-at", chart(looked_at, &lines, |c| c.visited, |c| c.entries));
        let bytes = "Bytes of differential messages";
        page.chart("bytes", chart(bytes, &lines, |c| c.diff_bytes, |c| c.vector_bytes));
        Ok(page)
    }

    fn inputs(&self) -> Vec<(String, String)> {
        self.workloads().map(|workload| inputs::scenario_file(&workload.scenario)).collect()
    }
}

/// A workload and what came out, a seed each.
struct Line {
    workload: Workload,
    counts: Vec<Counts>,
}

impl Line {
    /// A quantity by another, over seeds.
    fn per(&self, of: fn(&Counts) -> u64, by: fn(&Counts) -> u64) -> Option<Estimate> {
        let ratio = |c: &Counts| of(c) as f64 / by(c).max(1) as f64;
        Estimate::of(&self.counts.iter().map(ratio).collect::<Vec<_>>())
    }
}

fn table(lines: &[Line]) -> Table {
    let number = |key, heading, unit| Column::estimate(key, heading, unit).better(Better::Less);
    let columns = [
        Column::text("workload", "who talks\nto whom"),
        Column::number("participants", "participants", Unit::Count),
        number("entries", "entries", Unit::Count).rank(1),
        number("news", "news", Unit::Count).rank(2),
        number("visited", "looked at", Unit::Count).rank(1),
        number("visited_of_entries", "of entries", Unit::Share),
        number("vector_bytes", "vector\nbytes", Unit::Bytes),
        number("diff_bytes", "differential", Unit::Bytes).rank(1),
        number("diff_of_vector", "of vector", Unit::Share),
        number("tree_bytes", "with tree", Unit::Bytes).rank(3),
        number("channels", "channels", Unit::Count).rank(3),
    ];
    let mut table = Table::new("running", "What exact running clocks cost", columns).note(
        "Of the messages received in the second half of an execution, a mean over seeds, ± half \
         the 95 % interval. Entries: in a message, all of which a plain vector clock looks at. \
         News: those that the receiver did not know. Looked at: by a tree clock. Bytes: of the \
         message as an exact vector stamp, as a differential message, and with the whole tree; the \
         share compares on the same messages. Channels: pairs that ever talked; of each, a \
         differential message needs a vector to be kept at both ends. Channels keep the order and \
         lose nothing.",
    );
    for line in lines {
        let a_message = |of| Value::from(line.per(of, |c| c.messages));
        table.push([
            line.workload.name.into(),
            line.workload.participants.into(),
            a_message(|c| c.entries),
            a_message(|c| c.news),
            a_message(|c| c.visited),
            line.per(|c| c.visited, |c| c.entries).into(),
            a_message(|c| c.vector_bytes),
            a_message(|c| c.diff_bytes),
            line.per(|c| c.diff_bytes, |c| c.vector_bytes).into(),
            a_message(|c| c.tree_bytes),
            line.per(|c| c.channels, |_| 1).into(),
        ]);
    }
    table
}

/// A share in per cent by the number of participants, a line a workload.
fn chart(title: &str, lines: &[Line], of: fn(&Counts) -> u64, by: fn(&Counts) -> u64) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    for line in lines {
        let Some(share) = line.per(of, by) else { continue };
        let point = Point {
            x: line.workload.participants.into(),
            y: share.mean * 100.0,
            error: share.half_width.unwrap_or(0.0) * 100.0,
        };
        let name = line.workload.name;
        match series.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push(point),
            None => series.push(Series { name: name.into(), points: vec![point], dashed: false }),
        }
    }
    Chart {
        title: title.into(),
        x: Axis { label: "participants".into(), log: true },
        y: Axis { label: "% of the exact vector clock's".into(), log: false },
        series,
    }
}

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
                fault: Vec::new(),
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            | Step::Restart { .. }
            | Step::Save { .. }
            | Step::Restore { .. }
            | Step::Twin { .. } => {}
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
