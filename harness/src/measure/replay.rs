//! One scheme going through one execution, watched.

use causal_clock::{CausalClock, PhysicalTime, Scheme, Wire};

use super::judge::{Fate, Judge, VerdictRow};
use super::memory::Memory;
use super::physical::{TimeRow, Told, Watch};
use super::plan::Plan;
use super::sizes::{SizeRow, Sizes};
use super::stage::{Stage, Stopped, Usage, World};
use super::truth::Truth;
use crate::execution::Survey;
use crate::step::{Participant, Step, TimedStep};

type StampOf<S> = <<S as Scheme>::Clock as CausalClock>::Stamp;

/// How stamps tell time, and who watches that.
type Telling<'p, T> = (fn(&T) -> Told, Watch<'p>);

/// Whether a scheme came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// To the end.
    Complete,
    /// Not to the end.
    Stopped(Stopped),
}

/// All that was measured of one scheme in one execution, in integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Whether the scheme came through; the rest is about as far as it came.
    pub status: Status,
    /// How many events it stamped.
    pub events: u32,
    /// What it asked of the world, and refused.
    pub usage: Usage,
    /// Its verdicts by stratum.
    pub verdicts: Vec<VerdictRow>,
    /// Its verdicts held against ε-causality, where that was asked for.
    pub epsilon_verdicts: Vec<VerdictRow>,
    /// Its stamps against physical time, where they tell time and that was
    /// asked for: at participants with good clocks, and with faulty ones.
    pub times: Option<[TimeRow; 2]>,
    /// Its sizes by tenth.
    pub sizes: Vec<SizeRow>,
}

/// One scheme in the middle of an execution, watched: its clocks, the truth
/// beside them, and what was observed so far.
pub struct Replay<'p, S: Scheme> {
    stage: Stage<S>,
    truth: Truth,
    judge: Judge<'p, StampOf<S>>,
    sizes: Sizes,
    events: u32,
    memory: Memory,
    budget: u64,
    stopped: Option<Stopped>,
    /// Of those who left, how; by participant, as far as anyone left.
    left: Vec<Fate>,
    watch: Option<Telling<'p, StampOf<S>>>,
    plan: &'p Plan,
}

impl<'p, S: Scheme> Replay<'p, S> {
    /// Before the first step. `budget` bounds the encoded bytes of all stamps
    /// that are kept for judging, of those in messages, and of all live clocks.
    #[must_use]
    pub fn new(scheme: &S, world: World, plan: &'p Plan, survey: Survey, budget: u64) -> Self {
        Self {
            stage: Stage::new(scheme, world),
            truth: Truth::new(plan.sources(), survey.max_live as usize),
            judge: Judge::new(plan),
            sizes: Sizes::new(survey.events),
            events: 0,
            memory: Memory::default(),
            budget,
            stopped: None,
            left: Vec::new(),
            watch: None,
            plan,
        }
    }

    /// The same replay, its stamps held against physical time if the plan has
    /// a witness.
    #[must_use]
    pub fn telling_time(mut self, told: fn(&StampOf<S>) -> Told) -> Self {
        self.watch = self.plan.witness.as_ref().map(|witness| (told, Watch::new(witness)));
        self
    }

    /// Goes through some more steps; does nothing once stopped.
    pub fn play(&mut self, steps: &[TimedStep]) {
        for block in steps.chunks(Self::BLOCK) {
            block.iter().for_each(|timed| self.touch(timed.step));
            for timed in block {
                if self.stopped.is_some() {
                    return;
                }
                if let Err(stopped) = self.step(timed) {
                    self.stopped = Some(stopped);
                }
            }
        }
    }

    /// So many steps wait for memory beside each other.
    const BLOCK: usize = 16;

    #[inline]
    fn touch(&self, step: Step) {
        if let Some(slot) = self.stage.touch(step) {
            self.truth.touch(slot);
            if let Step::Send { message, .. } | Step::Receive { message, .. } = step {
                self.truth.touch_message(message);
            }
        }
    }

    /// Whether the scheme has stopped, and steps change nothing any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.stopped.is_some()
    }

    fn step(&mut self, timed: &TimedStep) -> Result<(), Stopped> {
        // The truth follows the same picks.
        let timed = &TimedStep { step: self.stage.place(timed.step), ..*timed };
        let slot = |stage: &Stage<S>, node| stage.slot(node).ok_or(Stopped::Step(timed.step));
        match timed.step {
            Step::Event { node } => {
                let slot = slot(&self.stage, node)?;
                self.stage.event(slot, timed)?;
                self.observe(node, slot, timed.time)
            }
            Step::Receive { node, message } => {
                let slot = slot(&self.stage, node)?;
                let refused = self.stage.usage().refused_merges;
                self.stage.receive(slot, message, timed)?;
                if self.stage.usage().refused_merges > refused
                    && let Some((_, watch)) = &mut self.watch
                {
                    watch.refuse(node, message);
                }
                self.truth.receive(slot, message);
                self.observe(node, slot, timed.time)
            }
            Step::Send { node, message } => {
                let slot = slot(&self.stage, node)?;
                self.stage.send(slot, message, timed)?;
                self.observe(node, slot, timed.time)?;
                if let Some((_, watch)) = &mut self.watch {
                    watch.send(node, message);
                }
                self.truth.send(slot, message);
                self.memory.message(message, self.memory.of_clock(slot));
                Ok(())
            }
            _ => self.step_rarely(timed),
        }
    }

    /// A step that is none of the usual three.
    fn step_rarely(&mut self, timed: &TimedStep) -> Result<(), Stopped> {
        let slot = |stage: &Stage<S>, node| stage.slot(node).ok_or(Stopped::Step(timed.step));
        // Slots are looked up while both participants are on the stage.
        match timed.step {
            Step::Retire { node, into } => {
                let (from, to) = (slot(&self.stage, node)?, slot(&self.stage, into)?);
                self.truth.join(to, from);
                self.memory.clock(from, 0);
                self.leaves(node, Fate::Retired);
                self.stage.play_rare(timed)
            }
            Step::Crash { node } => {
                self.memory.clock(slot(&self.stage, node)?, 0);
                self.leaves(node, Fate::Crashed);
                self.stage.play_rare(timed)
            }
            // The stage has noted it for the next fork or retirement.
            Step::Candidate { .. } => Ok(()),
            Step::Lose { message } => {
                self.memory.message(message, 0);
                self.stage.play_rare(timed)
            }
            Step::Restart { .. } => self.stage.play_rare(timed),
            Step::Save { node } => {
                self.truth.save(node, slot(&self.stage, node)?);
                self.stage.play_rare(timed)
            }
            Step::Restore { node } => {
                self.truth.restore(node, slot(&self.stage, node)?);
                self.stage.play_rare(timed)
            }
            Step::Fork { node, child } | Step::Twin { node, child } => {
                self.stage.play_rare(timed)?;
                let (parent, child) = (slot(&self.stage, node)?, slot(&self.stage, child)?);
                self.truth.fork(parent, child);
                self.memory.clock(child, self.memory.of_clock(parent));
                Ok(())
            }
            Step::Merge { node, message } => {
                self.stage.play_rare(timed)?;
                self.truth.receive(slot(&self.stage, node)?, message);
                Ok(())
            }
            Step::Event { .. } | Step::Send { .. } | Step::Receive { .. } => self.step(timed),
        }
    }

    fn leaves(&mut self, node: Participant, how: Fate) {
        let len = self.left.len().max(node as usize + 1);
        self.left.resize(len, Fate::Live);
        self.left[node as usize] = how;
    }

    /// An event has just happened at `node`.
    fn observe(
        &mut self,
        node: Participant,
        slot: u32,
        reading: PhysicalTime,
    ) -> Result<(), Stopped> {
        let event = self.events;
        self.events += 1;
        let Some(clock) = self.stage.clock_in(slot) else { return Ok(()) };
        let stamp = clock.stamp();
        if let Some((told, watch)) = &mut self.watch {
            watch.event(event, node, told(&stamp), reading);
        }
        let size = stamp.encoded_len();
        let stage = &self.stage;
        self.sizes.record(event, size, || stage.clocks().map(Wire::encoded_len));
        let left = &self.left;
        let became = |source: Participant| left.get(source as usize).copied().unwrap_or(Fate::Live);
        self.judge.judge(event, &stamp, &self.truth, slot, became);
        if let Some(bit) = self.judge.asking.source_bit(event) {
            self.truth.mark(slot, bit);
            self.judge.asking.keep(node, stamp);
            self.memory.keep(size as u64);
        }
        self.memory.clock(slot, size as u64);
        let needed = self.memory.total();
        if needed > self.budget {
            return Err(Stopped::Memory { needed, budget: self.budget });
        }
        Ok(())
    }

    /// What was measured.
    #[must_use]
    pub fn finish(self) -> Measured {
        Measured {
            status: self.stopped.map_or(Status::Complete, Status::Stopped),
            events: self.events,
            usage: self.stage.usage(),
            verdicts: self.judge.tally.rows(),
            epsilon_verdicts: self.judge.tally.epsilon_rows(),
            times: self.watch.map(|(_, watch)| watch.rows()),
            sizes: self.sizes.rows(),
        }
    }
}
