//! A scheme's clocks run through an execution, with the exact past of every
//! event beside its stamp.

use core::time::Duration;
use std::format;
use std::vec;
use std::vec::Vec;

use bitvec::vec::BitVec;

use super::{Execution, Op, Violation};
use crate::{
    CausalClock, CausalOrder, Environment, ManualEnvironment, NodeId, PhysicalTime, Scheme, Wire,
};

/// An event, its stamp, and which events happened before it.
#[derive(Clone, Debug)]
pub struct Event<S> {
    /// The participant, numbered in order of birth.
    pub participant: usize,
    /// The stamp it was given.
    pub stamp: S,
    /// Bit `i` says that event `i` happened before this one.
    past: BitVec,
}

/// Everything an execution left behind.
#[derive(Clone, Debug)]
pub struct History<C: CausalClock> {
    /// All events in the order in which they happened.
    pub events: Vec<Event<C::Stamp>>,
    /// The clocks that are alive in the end.
    pub survivors: Vec<C>,
    /// How many merges and joins were refused.
    pub refused: usize,
}

impl<C: CausalClock> History<C> {
    /// The true order of events `left` and `right`.
    #[must_use]
    pub fn truth(&self, left: usize, right: usize) -> CausalOrder {
        let knows = |later: usize, earlier: usize| {
            self.events[later].past.get(earlier).is_some_and(|bit| *bit)
        };
        match (knows(right, left), knows(left, right)) {
            _ if left == right => CausalOrder::Equal,
            (true, _) => CausalOrder::Before,
            (_, true) => CausalOrder::After,
            (false, false) => CausalOrder::Concurrent,
        }
    }
}

struct Participant<C> {
    serial: usize,
    clock: C,
    past: BitVec,
}

struct Message<S> {
    stamp: S,
    past: BitVec,
}

/// The world of one operation: the acting participant's clock reading, and ids
/// that are unique but spread like those that nobody coordinates.
struct World {
    ids: ManualEnvironment,
    skews_ms: Vec<u16>,
    true_time: PhysicalTime,
    acting: usize,
}

impl Environment for World {
    fn now(&mut self) -> PhysicalTime {
        let skew = self.skews_ms[self.acting % self.skews_ms.len()];
        self.true_time.saturating_add(Duration::from_millis(skew.into()))
    }

    fn fresh_id(&mut self) -> NodeId {
        // An odd multiplier is a bijection of 64 bits.
        NodeId::new(self.ids.fresh_id().get().wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32))
    }
}

/// Some time in 2026.
const START: PhysicalTime = PhysicalTime::from_secs(1_780_000_000);

/// Runs an execution with the scheme's clocks. A merge or join that is refused
/// did not happen: no past flows.
///
/// # Errors
/// Where an event is refused, or a clock does not come back from its bytes.
pub fn replay<S: Scheme>(
    scheme: &S,
    execution: &Execution,
) -> Result<History<S::Clock>, Violation> {
    let mut world = World {
        ids: ManualEnvironment::default(),
        skews_ms: execution.skews_ms.clone(),
        true_time: START,
        acting: 0,
    };
    let seed = Participant { serial: 0, clock: scheme.seed(&mut world), past: BitVec::new() };
    let mut run = Run { live: vec![seed], messages: Vec::new(), events: Vec::new(), refused: 0 };
    let mut born = 1;
    for timed in &execution.ops {
        world.true_time =
            world.true_time.saturating_add(Duration::from_millis(timed.after_ms.into()));
        let live = run.live.len();
        let pick = |number: u8| usize::from(number) % live;
        match timed.op {
            Op::Event { at } => run.event(pick(at), &mut world)?,
            Op::Send { at } => {
                run.event(pick(at), &mut world)?;
                let sender = &run.live[pick(at)];
                let (stamp, past) = (sender.clock.stamp(), sender.past.clone());
                run.messages.push(Message { stamp, past });
            }
            Op::Receive { at, message } if run.merge(pick(at), message, &mut world) => {
                run.event(pick(at), &mut world)?;
            }
            Op::Receive { .. } => {}
            Op::Merge { at, message } => {
                run.merge(pick(at), message, &mut world);
            }
            Op::Sync { at, with } => run.sync(pick(at), pick(with), &mut world),
            Op::Fork { at } if live < execution.max_live => {
                let parent = &mut run.live[pick(at)];
                world.acting = parent.serial;
                let clock = parent.clock.fork(&mut world);
                let past = parent.past.clone();
                run.live.push(Participant { serial: born, clock, past });
                born += 1;
            }
            Op::Retire { at, into } if pick(at) != pick(into) => {
                run.retire(pick(at), pick(into), &mut world);
            }
            Op::Crash { at } if live > 1 => {
                run.live.remove(pick(at));
            }
            Op::Fork { .. } | Op::Retire { .. } | Op::Crash { .. } => {}
            Op::Restart { at } => {
                let participant = &mut run.live[pick(at)];
                let bytes = participant.clock.to_bytes();
                participant.clock = S::Clock::decode(&bytes).map_err(|e| {
                    Violation::new(format!("a clock does not come back from {bytes:02x?}: {e}"))
                })?;
            }
        }
    }
    let survivors = run.live.into_iter().map(|p| p.clock).collect();
    Ok(History { events: run.events, survivors, refused: run.refused })
}

/// The state of a run.
struct Run<C: CausalClock> {
    live: Vec<Participant<C>>,
    messages: Vec<Message<C::Stamp>>,
    events: Vec<Event<C::Stamp>>,
    refused: usize,
}

impl<C: CausalClock> Run<C> {
    fn event(&mut self, at: usize, world: &mut World) -> Result<(), Violation> {
        let number = self.events.len();
        let participant = &mut self.live[at];
        world.acting = participant.serial;
        participant
            .clock
            .event(world)
            .map_err(|e| Violation::new(format!("event {number} was refused: {e}")))?;
        let (serial, stamp) = (participant.serial, participant.clock.stamp());
        let past = participant.past.clone();
        participant.past.resize(number + 1, false);
        participant.past.set(number, true);
        self.events.push(Event { participant: serial, stamp, past });
        Ok(())
    }

    /// Whether there was a message and it was accepted.
    fn merge(&mut self, at: usize, message: u8, world: &mut World) -> bool {
        if self.messages.is_empty() {
            return false;
        }
        let message = &self.messages[usize::from(message) % self.messages.len()];
        let participant = &mut self.live[at];
        world.acting = participant.serial;
        let accepted = participant.clock.merge(&message.stamp, world).is_ok();
        if accepted {
            unite(&mut participant.past, &message.past);
        } else {
            self.refused += 1;
        }
        accepted
    }

    fn sync(&mut self, at: usize, with: usize, world: &mut World) {
        // One direction after the other, so that a refusal of either is seen.
        for (to, from) in [(at, with), (with, at)] {
            if to == from {
                return;
            }
            let (stamp, past) = (self.live[from].clock.stamp(), self.live[from].past.clone());
            let participant = &mut self.live[to];
            world.acting = participant.serial;
            if participant.clock.merge(&stamp, world).is_ok() {
                unite(&mut participant.past, &past);
            } else {
                self.refused += 1;
            }
        }
    }

    fn retire(&mut self, at: usize, into: usize, world: &mut World) {
        let Participant { serial, clock, past } = self.live.remove(at);
        let target = &mut self.live[into - usize::from(into > at)];
        world.acting = target.serial;
        match target.clock.join(clock, world) {
            Ok(()) => unite(&mut target.past, &past),
            Err(refusal) => {
                self.refused += 1;
                self.live.insert(at, Participant { serial, clock: *refusal.retired, past });
            }
        }
    }
}

fn unite(into: &mut BitVec, from: &BitVec) {
    if into.len() < from.len() {
        into.resize(from.len(), false);
    }
    for i in from.iter_ones() {
        into.set(i, true);
    }
}
