//! The stage on which a scheme's clocks play an execution: nothing is observed
//! here, so what it takes is what the clocks cost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use causal_clock::{CausalClock, Environment, NodeId, PhysicalTime, Scheme, Wire};

use crate::random::{Random, scramble};
use crate::scenario::Ids;
use crate::step::{Message, Participant, Step, TimedStep};

/// How much of the world a scheme called upon, and what it refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Readings of a physical clock.
    pub now_calls: u64,
    /// Ids drawn.
    pub fresh_ids: u64,
    /// Messages refused: their past is lost to the receiver.
    pub refused_merges: u64,
    /// Retirements refused: the one that leaves is lost as in a crash.
    pub refused_joins: u64,
}

/// The environment of an execution.
#[derive(Clone, Debug)]
pub struct World {
    now: PhysicalTime,
    ids: Ids,
    key: u64,
    usage: Usage,
}

impl World {
    /// A world in which ids are drawn this way; `random` keys random ids.
    #[must_use]
    pub fn new(ids: Ids, random: &mut Random) -> Self {
        Self { now: PhysicalTime::ZERO, ids, key: random.bits(), usage: Usage::default() }
    }
}

impl World {
    /// What was asked of it so far.
    pub(crate) const fn usage(&self) -> Usage {
        self.usage
    }
}

impl Environment for World {
    fn now(&mut self) -> PhysicalTime {
        self.usage.now_calls += 1;
        self.now
    }

    fn fresh_id(&mut self) -> NodeId {
        self.usage.fresh_ids += 1;
        NodeId::new(match self.ids {
            Ids::Sequential => self.usage.fresh_ids,
            Ids::Random => scramble(self.key.wrapping_add(self.usage.fresh_ids)),
        })
    }
}

/// Why a scheme could not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// Its clock could not record an event.
    #[error("event refused: {0}")]
    Event(String),
    /// Its clock could not be read back from its own bytes.
    #[error("restart failed: {0}")]
    Restart(String),
    /// The execution asked for what cannot be.
    #[error("step {0:?} does not fit the execution so far")]
    Step(Step),
    /// The program that the clock runs in failed, or answered nonsense.
    #[error("{0}")]
    Foreign(String),
    /// It would need more memory than it may have.
    #[error("over the memory budget: {needed} bytes of stamps and clocks, {budget} allowed")]
    Memory {
        /// What its stamps and clocks would take, encoded.
        needed: u64,
        /// What they may take.
        budget: u64,
    },
}

/// No slot.
const NOWHERE: u32 = u32::MAX;

/// Of more clocks or messages than this, a sample is weighed.
const WEIGHED: usize = 1024;

/// The sum of the sizes, or what a sample says it is.
fn weigh<T>(all: &[Option<T>], size: impl Fn(&T) -> usize) -> u64 {
    let every = all.len().div_ceil(WEIGHED).max(1);
    let sample = all.iter().step_by(every);
    let of = sample.len().max(1) as u64;
    let bytes: u64 = sample.flatten().map(|one| size(one) as u64).sum();
    (u128::from(bytes) * all.len() as u128 / u128::from(of)) as u64
}

/// A scheme's clocks and messages in the middle of an execution.
pub struct Stage<S: Scheme> {
    /// The clocks by slot; a slot is used again when its participant is gone.
    clocks: Vec<Option<S::Clock>>,
    /// By participant; [`NOWHERE`] for those who are not there.
    slots: Vec<u32>,
    free: Vec<u32>,
    messages: Vec<Option<<S::Clock as CausalClock>::Stamp>>,
    /// Named for the next fork or retirement.
    candidates: Vec<Participant>,
    /// Backups of clocks, by participant.
    saved: BTreeMap<Participant, Vec<u8>>,
    world: World,
    operations: u64,
}

impl<S: Scheme> Stage<S> {
    /// The stage before the first step: participant 0 alone.
    #[must_use]
    pub fn new(scheme: &S, mut world: World) -> Self {
        let seed = scheme.seed(&mut world);
        Self {
            clocks: vec![Some(seed)],
            slots: vec![0],
            free: Vec::new(),
            messages: Vec::new(),
            candidates: Vec::new(),
            saved: BTreeMap::new(),
            world,
            operations: 0,
        }
    }

    /// The slot of a live participant.
    #[must_use]
    pub fn slot(&self, node: Participant) -> Option<u32> {
        self.slots.get(node as usize).copied().filter(|slot| *slot != NOWHERE)
    }

    /// The clock of a live participant.
    #[must_use]
    pub fn clock(&self, node: Participant) -> Option<&S::Clock> {
        self.clocks[self.slot(node)? as usize].as_ref()
    }

    /// The clock in a slot.
    pub(super) fn clock_in(&self, slot: u32) -> Option<&S::Clock> {
        self.clocks.get(slot as usize)?.as_ref()
    }

    /// The clocks of all live participants, by slot.
    pub fn clocks(&self) -> impl Iterator<Item = &S::Clock> {
        self.clocks.iter().flatten()
    }

    /// About how many bytes the live clocks and the stamps of messages take,
    /// encoded: a thousand of each, evenly chosen, stand for all.
    #[must_use]
    pub fn weight(&self) -> u64 {
        let clocks = weigh(&self.clocks, Wire::encoded_len);
        clocks.saturating_add(weigh(&self.messages, Wire::encoded_len))
    }

    /// What was asked of the world, and refused.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.world.usage
    }

    /// How many times a clock was called upon: events, stamps for messages,
    /// merges, forks and joins.
    #[must_use]
    pub const fn operations(&self) -> u64 {
        self.operations
    }

    /// Decides who takes part in a step: a fork or a retirement comes back
    /// with the best of its candidates, and every other step as it was.
    #[inline]
    pub fn place(&mut self, step: Step) -> Step {
        match step {
            Step::Candidate { node } => {
                self.candidates.push(node);
                step
            }
            Step::Fork { node, child } if !self.candidates.is_empty() => {
                let node = self.best(node, CausalClock::fork_cost);
                self.candidates.clear();
                Step::Fork { node, child }
            }
            Step::Retire { node, into } if !self.candidates.is_empty() => {
                let retiring = self.clock(node);
                let into = self.best(into, |clock| clock.join_cost(retiring?));
                self.candidates.clear();
                Step::Retire { node, into }
            }
            _ => step,
        }
    }

    /// Of `first` and the candidates, the first of the least cost; `first`
    /// where the clock has no preference.
    fn best(&self, first: Participant, cost: impl Fn(&S::Clock) -> Option<i64>) -> Participant {
        let nodes = std::iter::once(first).chain(self.candidates.iter().copied());
        let costs = nodes.filter_map(|node| Some((cost(self.clock(node)?)?, node)));
        costs.min_by_key(|(cost, _)| *cost).map_or(first, |(_, node)| node)
    }

    /// Plays a step. A merge or join that is refused is counted and the
    /// execution goes on without it.
    ///
    /// # Errors
    /// Where the clock cannot record an event, or the step makes no sense.
    #[inline]
    pub fn play(&mut self, timed: &TimedStep) -> Result<(), Stopped> {
        let timed = &TimedStep { step: self.place(timed.step), ..*timed };
        let at = |stage: &Self, node| stage.slot(node).ok_or(Stopped::Step(timed.step));
        match timed.step {
            Step::Event { node } => self.event(at(self, node)?, timed),
            Step::Send { node, message } => self.send(at(self, node)?, message, timed),
            Step::Receive { node, message } => self.receive(at(self, node)?, message, timed),
            _ => self.play_rare(timed),
        }
    }

    /// An event at the clock in a slot.
    #[inline]
    pub(super) fn event(&mut self, slot: u32, timed: &TimedStep) -> Result<(), Stopped> {
        self.world.now = timed.time;
        self.operations += 1;
        let clock = self.clocks[slot as usize].as_mut().ok_or(Stopped::Step(timed.step))?;
        clock.event(&mut self.world).map_err(|e| Stopped::Event(e.to_string()))
    }

    /// An event at the clock in a slot, whose stamp goes into a message.
    #[inline]
    pub(super) fn send(
        &mut self,
        slot: u32,
        message: Message,
        timed: &TimedStep,
    ) -> Result<(), Stopped> {
        self.event(slot, timed)?;
        self.operations += 1;
        let stamp = self.clocks[slot as usize].as_ref().map(CausalClock::stamp);
        let message = message as usize;
        if message >= self.messages.len() {
            self.messages.resize(message + 1, None);
        }
        self.messages[message] = stamp;
        Ok(())
    }

    /// The clock in a slot merges a message, and an event follows.
    #[inline]
    pub(super) fn receive(
        &mut self,
        slot: u32,
        message: Message,
        timed: &TimedStep,
    ) -> Result<(), Stopped> {
        self.world.now = timed.time;
        self.merge(slot, message).ok_or(Stopped::Step(timed.step))?;
        self.event(slot, timed)
    }

    fn merge(&mut self, slot: u32, message: Message) -> Option<()> {
        self.operations += 1;
        let stamp = self.messages.get(message as usize)?.as_ref()?;
        let clock = self.clocks[slot as usize].as_mut()?;
        if clock.merge(stamp, &mut self.world).is_err() {
            self.world.usage.refused_merges += 1;
        }
        Some(())
    }

    /// Reads what a step in a little while will need, so that the memory it
    /// waits for is there by then: such reads wait beside each other, where the
    /// steps themselves wait one after the other.
    #[inline]
    pub(super) fn touch(&self, step: Step) -> Option<u32> {
        let (node, message) = match step {
            Step::Event { node } => (node, None),
            Step::Send { node, message } | Step::Receive { node, message } => (node, Some(message)),
            _ => return None,
        };
        let slot = self.slot(node)?;
        let clock = self.clocks.get(slot as usize).is_some_and(Option::is_some);
        let message = message.and_then(|message| self.messages.get(message as usize));
        std::hint::black_box((clock, message.is_some_and(Option::is_some)));
        Some(slot)
    }

    /// Plays a step that is none of the usual three.
    pub(super) fn play_rare(&mut self, timed: &TimedStep) -> Result<(), Stopped> {
        self.world.now = timed.time;
        let nonsense = || Stopped::Step(timed.step);
        match timed.step {
            // The next fork or retirement asks them.
            Step::Candidate { .. } => Ok(()),
            Step::Event { .. } | Step::Send { .. } | Step::Receive { .. } => self.play(timed),
            Step::Merge { node, message } => {
                let slot = self.slot(node).ok_or_else(nonsense)?;
                self.merge(slot, message).ok_or_else(nonsense)
            }
            Step::Lose { message } => {
                if let Some(slot) = self.messages.get_mut(message as usize) {
                    *slot = None;
                }
                Ok(())
            }
            Step::Fork { node, child } => {
                self.operations += 1;
                let slot = self.slot(node).ok_or_else(nonsense)?;
                let parent = self.clocks[slot as usize].as_mut().ok_or_else(nonsense)?;
                let newborn = parent.fork(&mut self.world);
                self.settle(child, newborn);
                Ok(())
            }
            Step::Retire { node, into } => {
                self.operations += 1;
                let retired = self.take(node).ok_or_else(nonsense)?;
                let slot = self.slot(into).ok_or_else(nonsense)?;
                let target = self.clocks[slot as usize].as_mut().ok_or_else(nonsense)?;
                if target.join(retired, &mut self.world).is_err() {
                    self.world.usage.refused_joins += 1;
                }
                Ok(())
            }
            Step::Crash { node } => self.take(node).map(drop).ok_or_else(nonsense),
            Step::Restart { node } => {
                let bytes = self.clock(node).ok_or_else(nonsense)?.to_bytes();
                self.restart(node, &bytes, nonsense)
            }
            Step::Save { node } => {
                let bytes = self.clock(node).ok_or_else(nonsense)?.to_bytes();
                self.saved.insert(node, bytes);
                Ok(())
            }
            Step::Restore { node } => {
                let bytes = self.saved.get(&node).cloned().ok_or_else(nonsense)?;
                self.restart(node, &bytes, nonsense)
            }
            Step::Twin { node, child } => {
                let bytes = self.clock(node).ok_or_else(nonsense)?.to_bytes();
                self.settle(child, decode::<S>(&bytes)?);
                Ok(())
            }
        }
    }

    /// A participant goes on from these bytes.
    fn restart(
        &mut self,
        node: Participant,
        bytes: &[u8],
        nonsense: impl Fn() -> Stopped,
    ) -> Result<(), Stopped> {
        let slot = self.slot(node).ok_or_else(&nonsense)?;
        let clock = self.clocks[slot as usize].as_mut().ok_or_else(nonsense)?;
        *clock = decode::<S>(bytes)?;
        Ok(())
    }

    fn settle(&mut self, child: Participant, clock: S::Clock) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.clocks.push(None);
            self.clocks.len() as u32 - 1
        });
        self.clocks[slot as usize] = Some(clock);
        let number = child as usize;
        if number >= self.slots.len() {
            self.slots.resize(number + 1, NOWHERE);
        }
        self.slots[number] = slot;
    }

    fn take(&mut self, node: Participant) -> Option<S::Clock> {
        let slot = self.slot(node)?;
        self.slots[node as usize] = NOWHERE;
        self.free.push(slot);
        self.clocks[slot as usize].take()
    }
}

fn decode<S: Scheme>(bytes: &[u8]) -> Result<S::Clock, Stopped> {
    S::Clock::decode(bytes).map_err(|e| Stopped::Restart(e.to_string()))
}

/// What a part of an execution cost a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Calls upon a clock.
    pub operations: u64,
    /// Time for all of them, with what it takes to find clocks and messages.
    pub elapsed: Duration,
}

/// Plays the steps with nobody watching, and takes the time of each of about
/// 64 equal parts: on a busy machine most of them go undisturbed, where hardly
/// a whole execution does. Between the parts, while no time is taken, the clocks
/// and messages are weighed against `budget`.
///
/// # Errors
/// As [`Stage::play`], and where more memory is needed than the budget allows.
pub fn time<S: Scheme>(
    scheme: &S,
    world: World,
    steps: &[TimedStep],
    budget: u64,
) -> Result<Vec<Timing>, Stopped> {
    let mut stage = Stage::new(scheme, world);
    let part = |steps: &[TimedStep]| {
        let (before, start) = (stage.operations, Instant::now());
        for step in steps {
            stage.play(step)?;
        }
        let timing = Timing { operations: stage.operations - before, elapsed: start.elapsed() };
        let needed = stage.weight();
        if needed > budget {
            return Err(Stopped::Memory { needed, budget });
        }
        Ok(timing)
    };
    steps.chunks(steps.len().div_ceil(64).max(256)).map(part).collect()
}
