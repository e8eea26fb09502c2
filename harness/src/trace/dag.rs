//! From a causal graph to steps: events, and for each the events it directly
//! follows, as in a version history.
//!
//! A graph's actors are not processes: one author works in several places at
//! once, so that consecutive events of an author may well be concurrent. An id
//! an author would order them. Participants are therefore made of the graph's
//! edges, and the actors are only counted:
//!
//! - Each edge from parent to child has a participant.
//! - After an event with `c` children its participant forks `c − 1` times
//!   before anything else happens there. The first child goes on with the
//!   event's own participant.
//! - An event happens at the participant of its first parent's edge. Those of
//!   the other edges retire into it just before.
//! - The participant of an event without children lives on to the end.
//! - An event without parents must know nothing. Participant 0 keeps its empty
//!   past for them: each gets a newborn of it, and the last one participant 0
//!   itself.
//!
//! Forks and retirements happen at the time of the event they belong to. Where
//! the graph knows no times, its events are one second apart.

use std::time::Duration;

use causal_clock::PhysicalTime;

use super::topology::Parents;
use crate::step::{Participant, Step, TimedStep};

/// Events and the events they directly follow, causes before effects.
#[derive(Clone, Debug)]
pub struct Dag {
    parents: Parents,
    actors: Vec<u32>,
    /// In seconds since the epoch; empty where there are none.
    times: Vec<u64>,
}

/// What a graph is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DagFacts {
    /// How many events.
    pub events: u32,
    /// How many different actors.
    pub actors: u32,
    /// Children beyond an event's first, over all events.
    pub forks: u32,
    /// Parents beyond an event's first, over all events.
    pub joins: u32,
    /// Events without parents.
    pub roots: u32,
    /// Events without children.
    pub heads: u32,
    /// Edges from parent to child whose times are known.
    pub timed_edges: u32,
    /// How many of these lead to a child with an earlier time than its
    /// parent's: physical clocks that contradict causality.
    pub backward_times: u32,
    /// The furthest that a child's time is before its parent's.
    pub most_backward: Duration,
}

/// Why events make no causal graph. Events are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DagError {
    /// A parent that is no event.
    #[error(
        "event {event} has the parent {parent}, but there are only {events} events: \
         expected a number below {events}"
    )]
    UnknownParent {
        /// The event.
        event: u32,
        /// The parent.
        parent: u32,
        /// How many events there are.
        events: u32,
    },
    /// Events that come before themselves.
    #[error(
        "event {event} is its own ancestor, by a cycle of {length} event(s): \
         expected causes to come before their effects"
    )]
    Cycle {
        /// The first event of the cycle.
        event: u32,
        /// How many events are on it.
        length: usize,
    },
    /// Some events have a time and this one has none.
    #[error(
        "event {event} differs from those before it in whether it has a time: \
         expected a time for every event or for none"
    )]
    SomeTimes {
        /// The event.
        event: u32,
    },
}

impl DagError {
    /// The event it is about.
    #[must_use]
    pub const fn event(self) -> u32 {
        match self {
            Self::UnknownParent { event, .. }
            | Self::Cycle { event, .. }
            | Self::SomeTimes { event } => event,
        }
    }
}

/// Takes events in any order and makes a [`Dag`] of them.
///
/// ```
/// use harness::trace::dag::DagBuilder;
///
/// let mut events = DagBuilder::default();
/// events.push(0, &[], None);
/// events.push(0, &[0], None);
/// events.push(1, &[0], None);
/// events.push(0, &[1, 2], None);
/// let facts = events.finish()?.facts();
/// assert_eq!((facts.events, facts.actors, facts.forks, facts.joins), (4, 2, 1, 1));
/// # Ok::<(), harness::trace::dag::DagError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DagBuilder {
    parents: Parents,
    actors: Vec<u32>,
    times: Vec<Option<u64>>,
}

impl DagBuilder {
    /// Adds the next event: who acts, the numbers of the events that it
    /// directly follows (which may be added later), and when, in seconds since
    /// the Unix epoch. Parents that are named twice count once.
    pub fn push(&mut self, actor: u32, parents: &[u32], time: Option<u64>) {
        self.parents.push(parents.iter().copied());
        self.actors.push(actor);
        self.times.push(time);
    }

    /// How many events were added.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.actors.len() as u32
    }

    /// Whether no event was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// The graph. Events that come before their parents are moved behind them;
    /// otherwise the order stays.
    ///
    /// # Errors
    /// An unknown parent, a cycle, or times for some events only.
    pub fn finish(self) -> Result<Dag, DagError> {
        let events = self.len();
        for event in 0..events {
            if let Some(parent) = self.parents.of(event).iter().find(|p| **p >= events) {
                return Err(DagError::UnknownParent { event, parent: *parent, events });
            }
        }
        let timed = self.times.first().is_some_and(Option::is_some);
        if let Some(event) = self.times.iter().position(|t| t.is_some() != timed) {
            return Err(DagError::SomeTimes { event: event as u32 });
        }
        let order = self.parents.order().map_err(|cycle| DagError::Cycle {
            event: cycle.first().copied().unwrap_or(0),
            length: cycle.len(),
        })?;
        let times = self.times.into_iter().flatten().collect();
        let dag = Dag { parents: self.parents, actors: self.actors, times };
        Ok(if order.is_sorted() { dag } else { dag.reordered(&order) })
    }
}

impl Dag {
    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.actors.len() as u32
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// The events that `event` directly follows; all have lower numbers.
    ///
    /// # Panics
    /// Where there is no such event.
    #[must_use]
    pub fn parents(&self, event: u32) -> &[u32] {
        self.parents.of(event)
    }

    fn reordered(&self, order: &[u32]) -> Self {
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let mut parents = Parents::default();
        for old in order {
            parents.push(self.parents.of(*old).iter().map(|p| place[*p as usize]));
        }
        let actors = order.iter().map(|old| self.actors[*old as usize]).collect();
        let times = order.iter().filter_map(|old| self.times.get(*old as usize).copied()).collect();
        Self { parents, actors, times }
    }

    fn time(&self, event: u32) -> PhysicalTime {
        let seconds = self.times.get(event as usize).copied();
        PhysicalTime::from_secs(seconds.unwrap_or_else(|| event.into()))
    }

    /// Counts what there is.
    #[must_use]
    pub fn facts(&self) -> DagFacts {
        let children = self.parents.children();
        let mut actors = self.actors.clone();
        actors.sort_unstable();
        actors.dedup();
        let mut facts =
            DagFacts { events: self.len(), actors: actors.len() as u32, ..DagFacts::default() };
        for event in 0..self.len() {
            let (before, after) = (self.parents(event).len() as u32, children.of(event).len());
            facts.joins += before.saturating_sub(1);
            facts.forks += (after as u32).saturating_sub(1);
            facts.roots += u32::from(before == 0);
            facts.heads += u32::from(after == 0);
            let Some(time) = self.times.get(event as usize) else { continue };
            for parent in self.parents(event) {
                let behind = self.times[*parent as usize].saturating_sub(*time);
                facts.timed_edges += 1;
                facts.backward_times += u32::from(behind > 0);
                facts.most_backward = facts.most_backward.max(Duration::from_secs(behind));
            }
        }
        facts
    }

    /// The execution: one event step an event, in order, with the forks and
    /// retirements between them.
    #[must_use]
    pub fn steps(&self) -> Vec<TimedStep> {
        let children = self.parents.children();
        let mut roots_left = (0..self.len()).filter(|e| self.parents(*e).is_empty()).count();
        let mut at_edge: Vec<Participant> = vec![0; self.parents.edges()];
        let mut next: Participant = 1;
        let mut fork = |node| {
            let child = next;
            next += 1;
            (child, Step::Fork { node, child })
        };
        let mut steps = Vec::with_capacity(self.actors.len() + 2 * self.parents.edges());
        for event in 0..self.len() {
            let time = self.time(event);
            let mut push = |step| steps.push(TimedStep { time, step });
            let mut edges = self.parents.edges_of(event).map(|edge| at_edge[edge]);
            let node = match edges.next() {
                Some(node) => node,
                None => {
                    roots_left -= 1;
                    if roots_left == 0 {
                        0
                    } else {
                        let (child, step) = fork(0);
                        push(step);
                        child
                    }
                }
            };
            edges.for_each(|other| push(Step::Retire { node: other, into: node }));
            push(Step::Event { node });
            for (nth, (_, edge)) in children.of(event).iter().enumerate() {
                at_edge[*edge as usize] = node;
                if nth > 0 {
                    let (child, step) = fork(node);
                    push(step);
                    at_edge[*edge as usize] = child;
                }
            }
        }
        steps
    }
}
