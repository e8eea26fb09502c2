//! An execution played to a clock in another process, watched: the truth here,
//! the clocks there. It observes what [`Replay`](crate::measure::Replay) does,
//! so that both give the same rows for the same clock.

use std::collections::VecDeque;

use causal_clock::Environment as _;

use super::batch::Batch;
use super::child::{Child, ChildError};
use super::protocol::{Answer, Hello, ProtocolError, RefusalKind};
use super::scheme::ForeignScheme;
use crate::execution::Survey;
use crate::measure::{
    Asking, Due, Fate, Measured, Memory, Plan, Sizes, Status, Stopped, Tally, Truth, Usage, World,
};
use crate::registry::AnyReplay;
use crate::step::{Message, Participant, Step, TimedStep};

/// What a line, or its error, is for.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// An operation that must not fail.
    Operation,
    /// A merge, which may be refused.
    Merge,
    /// A join, which may be refused.
    Join,
    /// The size of an event's stamp.
    Size,
    /// The size of a clock at the end of a tenth.
    ClockSize,
    /// A verdict.
    Compare(Due),
    /// All of an event has been answered.
    Observed { slot: u32, is_kept: bool },
    /// A message carries what the clock in a slot knew.
    Sent { slot: u32, message: Message },
    /// A message is lost.
    Lost { message: Message },
    /// The clock in a slot is gone.
    Gone { slot: u32 },
    /// A clock was forked.
    Forked { parent: u32, child: u32 },
}

/// Numbers under which the child keeps stamps. One that nobody holds any more
/// stands for another stamp the next time.
#[derive(Debug, Default)]
struct Stamps {
    holders: Vec<u8>,
    free: Vec<u32>,
}

impl Stamps {
    fn take(&mut self) -> u32 {
        let stamp = self.free.pop().unwrap_or_else(|| {
            self.holders.push(0);
            self.holders.len() as u32 - 1
        });
        self.holders[stamp as usize] = 1;
        stamp
    }

    fn hold(&mut self, stamp: u32) {
        // One event, one message and the moment: at most three.
        self.holders[stamp as usize] += 1;
    }

    fn release(&mut self, stamp: u32) {
        let holders = &mut self.holders[stamp as usize];
        *holders -= 1;
        if *holders == 0 {
            self.free.push(stamp);
        }
    }
}

const NOWHERE: u32 = u32::MAX;

/// At most so many batches are on their way.
const UNDER_WAY: usize = 2;

/// A foreign clock in the middle of an execution.
pub(super) struct ForeignReplay<'p> {
    scheme: ForeignScheme,
    hello: Hello,
    child: Option<Child>,
    world: World,
    now_calls: u64,
    /// What was told to the child.
    slots: Vec<u32>,
    free: Vec<u32>,
    used: u32,
    stamps: Stamps,
    messages: Vec<Option<u32>>,
    told: u32,
    tenths: u64,
    survey: Survey,
    truth: Truth,
    asking: Asking<'p, u32>,
    left: Vec<Fate>,
    batch: Batch<Wait>,
    under_way: VecDeque<Vec<(u32, Wait)>>,
    /// What it answered.
    events: u32,
    size: usize,
    clock_sizes: Vec<usize>,
    tally: Tally<'p>,
    sizes: Sizes,
    memory: Memory,
    budget: u64,
    usage: Usage,
    stopped: Option<Stopped>,
}

impl<'p> ForeignReplay<'p> {
    pub(super) fn new(
        scheme: ForeignScheme,
        mut world: World,
        plan: &'p Plan,
        survey: Survey,
        budget: u64,
    ) -> Self {
        let (child, hello, stopped) = match scheme.child() {
            Ok((child, hello)) => (Some(child), hello, None),
            Err(error) => (None, Hello::silent(), Some(Stopped::Foreign(error.to_string()))),
        };
        let mut batch = Batch::default();
        batch.line(format_args!("begin"), Wait::Operation);
        if hello.needs_ids {
            batch.line(format_args!("seed 0 {}", world.fresh_id().get()), Wait::Operation);
        } else {
            batch.line(format_args!("seed 0"), Wait::Operation);
        }
        Self {
            scheme,
            hello,
            child,
            world,
            now_calls: 0,
            slots: vec![0],
            free: Vec::new(),
            used: 1,
            stamps: Stamps::default(),
            messages: Vec::new(),
            told: 0,
            tenths: 1,
            survey,
            truth: Truth::new(plan.sources(), survey.max_live as usize),
            asking: Asking::new(plan),
            left: Vec::new(),
            batch,
            under_way: VecDeque::new(),
            events: 0,
            size: 0,
            clock_sizes: Vec::new(),
            tally: Tally::new(plan),
            sizes: Sizes::new(survey.events),
            memory: Memory::default(),
            budget,
            usage: Usage::default(),
            stopped,
        }
    }

    fn slot(&self, node: Participant, step: Step) -> Result<u32, Stopped> {
        let slot = self.slots.get(node as usize).copied().filter(|slot| *slot != NOWHERE);
        slot.ok_or(Stopped::Step(step))
    }

    fn settle(&mut self, child: Participant) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used - 1
        });
        let number = child as usize;
        if number >= self.slots.len() {
            self.slots.resize(number + 1, NOWHERE);
        }
        self.slots[number] = slot;
        slot
    }

    fn leave(&mut self, node: Participant, slot: u32, how: Fate) {
        self.slots[node as usize] = NOWHERE;
        self.free.push(slot);
        let len = self.left.len().max(node as usize + 1);
        self.left.resize(len, Fate::Live);
        self.left[node as usize] = how;
    }

    fn stamp_of(&self, message: Message, step: Step) -> Result<u32, Stopped> {
        let stamp = self.messages.get(message as usize).copied().flatten();
        stamp.ok_or(Stopped::Step(step))
    }

    fn able(&self, is_able: bool, what: &str) -> Result<(), Stopped> {
        if is_able {
            return Ok(());
        }
        Err(Stopped::Foreign(format!("the execution has a clock {what}, which this one cannot")))
    }

    fn step(&mut self, timed: &TimedStep) -> Result<(), Stopped> {
        let step = timed.step;
        if self.hello.needs_time && !matches!(step, Step::Candidate { .. } | Step::Lose { .. }) {
            self.now_calls += 1;
            self.batch.tell(format_args!("now {}", timed.time.as_nanos()));
        }
        match step {
            // Who it is does not matter to this clock, as far as it tells.
            Step::Candidate { .. } => {}
            Step::Event { node } => {
                let slot = self.slot(node, step)?;
                let stamp = self.event(node, slot);
                self.stamps.release(stamp);
            }
            Step::Send { node, message } => {
                let slot = self.slot(node, step)?;
                let stamp = self.event(node, slot);
                self.truth.send(slot, message);
                let at = message as usize;
                if at >= self.messages.len() {
                    self.messages.resize(at + 1, None);
                }
                // The event's hold on it becomes the message's.
                if let Some(old) = self.messages[at].replace(stamp) {
                    self.stamps.release(old);
                }
                self.batch.then(Wait::Sent { slot, message });
            }
            Step::Receive { node, message } => {
                let slot = self.slot(node, step)?;
                let stamp = self.stamp_of(message, step)?;
                self.batch.line(format_args!("merge {slot} {stamp}"), Wait::Merge);
                self.truth.receive(slot, message);
                let stamp = self.event(node, slot);
                self.stamps.release(stamp);
            }
            Step::Merge { node, message } => {
                let slot = self.slot(node, step)?;
                let stamp = self.stamp_of(message, step)?;
                self.batch.line(format_args!("merge {slot} {stamp}"), Wait::Merge);
                self.truth.receive(slot, message);
            }
            Step::Lose { message } => {
                let held = self.messages.get_mut(message as usize).and_then(Option::take);
                if let Some(stamp) = held {
                    self.stamps.release(stamp);
                }
                self.batch.then(Wait::Lost { message });
            }
            Step::Fork { node, child } => {
                let parent = self.slot(node, step)?;
                let newborn = self.settle(child);
                if self.hello.needs_ids {
                    let id = self.world.fresh_id().get();
                    self.batch.line(format_args!("fork {parent} {newborn} {id}"), Wait::Operation);
                } else {
                    self.batch.line(format_args!("fork {parent} {newborn}"), Wait::Operation);
                }
                self.truth.fork(parent, newborn);
                self.batch.then(Wait::Forked { parent, child: newborn });
            }
            Step::Twin { node, child } => {
                self.able(self.hello.twins, "copied to a second participant")?;
                let first = self.slot(node, step)?;
                let second = self.settle(child);
                self.batch.line(format_args!("twin {first} {second}"), Wait::Operation);
                self.truth.fork(first, second);
                self.batch.then(Wait::Forked { parent: first, child: second });
            }
            Step::Retire { node, into } => {
                let (from, to) = (self.slot(node, step)?, self.slot(into, step)?);
                self.batch.line(format_args!("join {to} {from}"), Wait::Join);
                self.truth.join(to, from);
                self.batch.then(Wait::Gone { slot: from });
                self.leave(node, from, Fate::Retired);
            }
            Step::Crash { node } => {
                let slot = self.slot(node, step)?;
                self.batch.line(format_args!("crash {slot}"), Wait::Operation);
                self.batch.then(Wait::Gone { slot });
                self.leave(node, slot, Fate::Crashed);
            }
            Step::Restart { node } => {
                self.able(self.hello.restarts, "restarted from its bytes")?;
                let slot = self.slot(node, step)?;
                self.batch.line(format_args!("restart {slot}"), Wait::Operation);
            }
            Step::Save { node } => {
                self.able(self.hello.saves, "backed up")?;
                let slot = self.slot(node, step)?;
                self.truth.save(node, slot);
                self.batch.line(format_args!("save {slot} {node}"), Wait::Operation);
            }
            Step::Restore { node } => {
                self.able(self.hello.saves, "restored from a backup")?;
                let slot = self.slot(node, step)?;
                self.truth.restore(node, slot);
                self.batch.line(format_args!("restore {slot} {node}"), Wait::Operation);
            }
        }
        Ok(())
    }

    /// An event, its sizes and its comparisons. Its stamp is held.
    fn event(&mut self, node: Participant, slot: u32) -> u32 {
        let (event, stamp) = (self.told, self.stamps.take());
        self.told += 1;
        self.batch.line(format_args!("event {slot} {stamp}"), Wait::Operation);
        self.batch.line(format_args!("size {stamp}"), Wait::Size);
        if Sizes::ends(event, self.tenths, self.survey.events) {
            self.tenths += 1;
            let mut live: Vec<u32> =
                self.slots.iter().copied().filter(|slot| *slot != NOWHERE).collect();
            live.sort_unstable();
            for slot in live {
                self.batch.line(format_args!("csize {slot}"), Wait::ClockSize);
            }
        }
        let left = &self.left;
        let became = |source: Participant| left.get(source as usize).copied().unwrap_or(Fate::Live);
        let batch = &mut self.batch;
        self.asking.pairs(event, &self.truth, slot, became, |earlier, due| {
            batch.line(format_args!("cmp {earlier} {stamp}"), Wait::Compare(due));
        });
        let bit = self.asking.source_bit(event);
        if let Some(bit) = bit {
            self.truth.mark(slot, bit);
            self.asking.keep(node, stamp);
            self.stamps.hold(stamp);
        }
        self.batch.then(Wait::Observed { slot, is_kept: bit.is_some() });
        stamp
    }

    /// Sends what there is, and takes answers until few enough are under way.
    fn flush(&mut self, leave: usize) -> Result<(), Stopped> {
        let Some(child) = &self.child else { return Ok(()) };
        if !self.batch.is_empty() {
            let (text, waits) = self.batch.take();
            child.send(text);
            self.under_way.push_back(waits);
        }
        while self.under_way.len() > leave {
            self.hear()?;
        }
        Ok(())
    }

    fn hear(&mut self) -> Result<(), Stopped> {
        let Some(waits) = self.under_way.pop_front() else { return Ok(()) };
        let Some(child) = &mut self.child else { return Ok(()) };
        let stopped = |error: ChildError| Stopped::Foreign(error.to_string());
        // What it may keep in bytes it may take four times in memory.
        let allowed = self.budget.saturating_mul(4).max(256 << 20);
        let text = child.receive().map_err(stopped)?;
        child.check_memory(allowed).map_err(stopped)?;
        let nonsense = |error: ProtocolError| Stopped::Foreign(error.to_string());
        let mut answer = Answer::new(&text);
        for (line, wait) in waits {
            if let Some(refusal) = answer.refusal(line).map_err(nonsense)? {
                match (wait, refusal.kind) {
                    (Wait::Merge, RefusalKind::Refused) => self.usage.refused_merges += 1,
                    (Wait::Join, RefusalKind::Refused) => self.usage.refused_joins += 1,
                    (_, RefusalKind::Overflow) => return Err(Stopped::Event(refusal.text)),
                    (_, kind) => {
                        let kind = format!("{kind:?}").to_lowercase();
                        let text = refusal.text;
                        return Err(Stopped::Foreign(format!("it reported `{kind} {text}`")));
                    }
                }
                continue;
            }
            match wait {
                Wait::Operation | Wait::Merge | Wait::Join => {}
                Wait::Size => self.size = answer.size().map_err(nonsense)?,
                Wait::ClockSize => self.clock_sizes.push(answer.size().map_err(nonsense)?),
                Wait::Compare(due) => self.tally.add(due, answer.verdict().map_err(nonsense)?),
                Wait::Observed { slot, is_kept } => self.observed(slot, is_kept)?,
                Wait::Sent { slot, message } => {
                    self.memory.message(message, self.memory.of_clock(slot));
                }
                Wait::Lost { message } => self.memory.message(message, 0),
                Wait::Gone { slot } => self.memory.clock(slot, 0),
                Wait::Forked { parent, child } => {
                    self.memory.clock(child, self.memory.of_clock(parent));
                }
            }
        }
        answer.end().map_err(nonsense)
    }

    fn observed(&mut self, slot: u32, is_kept: bool) -> Result<(), Stopped> {
        let clocks = std::mem::take(&mut self.clock_sizes);
        self.sizes.record(self.events, self.size, || clocks.into_iter());
        self.events += 1;
        if is_kept {
            self.memory.keep(self.size as u64);
        }
        self.memory.clock(slot, self.size as u64);
        let (needed, budget) = (self.memory.total(), self.budget);
        if needed > budget { Err(Stopped::Memory { needed, budget }) } else { Ok(()) }
    }

    fn play_all(&mut self, steps: &[TimedStep]) -> Result<(), Stopped> {
        for timed in steps {
            if let Err(stopped) = self.step(timed) {
                // What was told before still counts.
                self.flush(0)?;
                return Err(stopped);
            }
            if self.batch.is_full() {
                self.flush(UNDER_WAY - 1)?;
            }
        }
        self.flush(UNDER_WAY - 1)
    }

    fn stop(&mut self, stopped: Stopped) {
        if let Some(mut child) = self.child.take() {
            child.kill();
        }
        self.stopped = Some(stopped);
    }
}

impl AnyReplay for ForeignReplay<'_> {
    fn play(&mut self, steps: &[TimedStep]) {
        if self.stopped.is_none()
            && let Err(stopped) = self.play_all(steps)
        {
            self.stop(stopped);
        }
    }

    fn is_over(&self) -> bool {
        self.stopped.is_some()
    }

    fn finish(mut self: Box<Self>) -> Measured {
        if self.stopped.is_none()
            && let Err(stopped) = self.flush(0)
        {
            self.stop(stopped);
        }
        if let Some(child) = self.child.take() {
            self.scheme.put_back((child, self.hello));
        }
        let fresh_ids = self.world.usage().fresh_ids;
        Measured {
            status: self.stopped.map_or(Status::Complete, Status::Stopped),
            events: self.events,
            usage: Usage { now_calls: self.now_calls, fresh_ids, ..self.usage },
            verdicts: self.tally.rows(),
            epsilon_verdicts: self.tally.epsilon_rows(),
            times: None,
            sizes: self.sizes.rows(),
        }
    }
}
