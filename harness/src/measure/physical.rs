//! Stamps against physical time: how far clocks that tell time run ahead of
//! what the wall says, what they refuse, and whether one bad clock drags the
//! others along.
//!
//! The stamps of a replay clock tell none: they count epochs, of a length that
//! only the clock knows.
//!
//! Which stamps tell time is known to the harness alone ([`TellsTime`]), not
//! to the trait of all clocks: that one is about causality, and most stamps
//! have nothing to say here. A family is watched once it is registered with
//! [`Family::telling_time`](crate::registry::Family::telling_time).

use std::time::Duration;

use causal_clock::PhysicalTime;
use hlc::{HybridStamp, HybridTime, HybridVectorStamp, PhysicalStamp};

use crate::execution::Steps;
use crate::step::{Message, Participant};

/// What a stamp says of physical time. The order is that of one participant's
/// stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The paper's `l`.
    pub time: PhysicalTime,
    /// The paper's `c`; 0 where there is none.
    pub counter: u64,
}

/// A stamp that tells physical time.
pub trait TellsTime {
    /// The time it tells.
    fn told(&self) -> Told;
}

impl<T: HybridTime> TellsTime for HybridStamp<T> {
    fn told(&self) -> Told {
        let stamp = self.timestamp();
        Told { time: stamp.physical_time(), counter: stamp.counter() }
    }
}

impl TellsTime for HybridVectorStamp {
    fn told(&self) -> Told {
        let stamp = self.timestamp();
        Told { time: stamp.physical_time(), counter: stamp.counter() }
    }
}

impl TellsTime for PhysicalStamp {
    fn told(&self) -> Told {
        Told { time: self.reading(), counter: 0 }
    }
}

/// What is physically true of an execution and no clock in it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What a perfect clock reads at each event.
    times: Vec<PhysicalTime>,
    /// Of each participant ever born, whether a fault hits its clock.
    faulty: Vec<bool>,
    /// From what gap on the second truth calls events ordered.
    epsilon: Option<Duration>,
}

impl Witness {
    /// Goes through the steps. With `epsilon`, verdicts are also judged by
    /// *ε-causality*: events are ordered if one happened before the other, or
    /// if they are at least ε of true time apart. That is what a hybrid vector
    /// clock sets out to tell.
    #[must_use]
    pub fn of(mut steps: Steps, epsilon: Option<Duration>) -> Self {
        let (mut times, mut born) = (Vec::new(), 1);
        while let Some(step) = steps.next() {
            born += u32::from(step.step.population_change() > 0);
            if step.step.is_event() {
                times.push(steps.true_time());
            }
        }
        let faulty = (0..born).map(|participant| steps.is_faulty(participant)).collect();
        Self { times, faulty, epsilon }
    }

    fn is_faulty(&self, participant: Participant) -> bool {
        self.faulty.get(participant as usize).copied().unwrap_or(false)
    }

    fn time(&self, event: u32) -> PhysicalTime {
        self.times.get(event as usize).copied().unwrap_or_default()
    }

    /// Whether there is a second truth.
    pub(super) const fn has_epsilon(&self) -> bool {
        self.epsilon.is_some()
    }

    /// Whether two events are far enough apart to be ordered by it.
    pub(super) fn apart(&self, earlier: u32, later: u32) -> bool {
        self.epsilon.is_some_and(|epsilon| self.time(later).since(self.time(earlier)) >= epsilon)
    }
}

/// What was observed at the participants whose clocks are good, or at those
/// whose clocks a fault hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRow {
    /// Events stamped.
    pub events: u64,
    /// Those with a counter of zero.
    pub counter_zero: u64,
    /// The largest counter.
    pub counter_max: u64,
    /// The largest `l − pt`, in nanoseconds.
    pub ahead_ns_max: u64,
    /// Stamps whose `l` is before `pt`: none, by theorem 2.
    pub before_reading: u64,
    /// How far `l` ever was ahead of a *perfect* clock, in nanoseconds. Where
    /// it is more than the own clock's error, others dragged it there.
    pub ahead_of_truth_ns_max: u64,
    /// Stamps smaller than the participant's one before.
    pub went_back: u64,
    /// Stamps equal to the participant's one before.
    pub given_twice: u64,
    /// Messages refused that came from participants with good clocks …
    pub refused_from_good: u64,
    /// … and from those with faulty ones.
    pub refused_from_faulty: u64,
}

/// Watches the stamps of one scheme.
#[derive(Clone, Debug)]
pub(super) struct Watch<'p> {
    witness: &'p Witness,
    /// Of good clocks, and of faulty ones.
    rows: [TimeRow; 2],
    last: Vec<Option<Told>>,
    senders: Vec<Participant>,
}

impl<'p> Watch<'p> {
    pub(super) fn new(witness: &'p Witness) -> Self {
        let last = vec![None; witness.faulty.len()];
        Self { witness, rows: Default::default(), last, senders: Vec::new() }
    }

    /// An event was stamped at `node`, whose clock reads `reading`.
    pub(super) fn event(
        &mut self,
        event: u32,
        node: Participant,
        told: Told,
        reading: PhysicalTime,
    ) {
        let row = &mut self.rows[usize::from(self.witness.is_faulty(node))];
        let ns = |ahead: Duration| u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
        let truth = self.witness.time(event);
        row.events += 1;
        row.counter_zero += u64::from(told.counter == 0);
        row.counter_max = row.counter_max.max(told.counter);
        row.ahead_ns_max = row.ahead_ns_max.max(ns(told.time.since(reading)));
        row.before_reading += u64::from(told.time < reading);
        row.ahead_of_truth_ns_max = row.ahead_of_truth_ns_max.max(ns(told.time.since(truth)));
        let Some(place) = self.last.get_mut(node as usize) else { return };
        if let Some(last) = place.replace(told) {
            row.went_back += u64::from(told < last);
            row.given_twice += u64::from(told == last);
        }
    }

    /// A message was sent.
    pub(super) fn send(&mut self, node: Participant, message: Message) {
        let slot = message as usize;
        if slot >= self.senders.len() {
            self.senders.resize(slot + 1, 0);
        }
        self.senders[slot] = node;
    }

    /// A message was refused.
    pub(super) fn refuse(&mut self, node: Participant, message: Message) {
        let sender = self.senders.get(message as usize).copied().unwrap_or(node);
        let row = &mut self.rows[usize::from(self.witness.is_faulty(node))];
        if self.witness.is_faulty(sender) {
            row.refused_from_faulty += 1;
        } else {
            row.refused_from_good += 1;
        }
    }

    /// Of good clocks, and of faulty ones.
    pub(super) const fn rows(&self) -> [TimeRow; 2] {
        self.rows
    }
}
