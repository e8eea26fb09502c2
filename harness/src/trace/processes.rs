//! From what processes did, and whom they heard from, to steps.
//!
//! Readers of logs say of each process, in its order, what happened there
//! ([`Item`]), and which earlier items a thing that happened had heard of. What
//! logs rarely say is where a process comes from:
//!
//! - One that a log's fork brings about is born there.
//! - One whose first event hears of others is born of whom it heard, right
//!   after that was said: it knows then just what its first event hears.
//! - All others know nothing. Those that are there before anybody leaves are
//!   there from the start, forked as a balanced tree, as simulated executions
//!   begin: number n of number n without its highest bit. Later ones are forked
//!   from a participant that is kept for them and has no events, and the last
//!   of them is that participant itself.
//!
//! An event that others hear of is a send; where it hears as well, the messages
//! are merged just before. A message's slot is used again when its last reader
//! has read it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use causal_clock::PhysicalTime;

use super::cast::{Slots, population};
use super::topology::{Children, Parents};
use crate::step::{Participant, Step, TimedStep};

/// Something at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Where, numbered from 0.
    pub(super) process: u32,
    /// What its clock read.
    pub(super) time: PhysicalTime,
    pub(super) what: What,
}

/// What happens at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An event, which may hear of others and be heard of.
    Event,
    /// An event that goes into a message, which may never be heard of.
    Send,
    /// This process is born of it.
    Fork(u32),
    /// This process retires into it.
    Join(u32),
    /// It vanishes with all it knew. The last one that is left stays.
    Leave,
}

impl What {
    const fn is_event(self) -> bool {
        matches!(self, Self::Event | Self::Send)
    }
}

/// Items, and who hears of whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Processes {
    items: Vec<Item>,
    heard: Parents,
    /// How many processes there are.
    processes: u32,
}

/// Items that come before themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cycle {
    /// The first of them.
    pub(super) item: u32,
    /// How many they are.
    pub(super) length: usize,
}

impl Processes {
    /// Adds what happens next at a process, and the numbers of the events that
    /// it hears of, which may be added later.
    pub(super) fn push(&mut self, item: Item, heard: impl IntoIterator<Item = u32>) {
        let Item { process, what, .. } = item;
        self.processes = self.processes.max(process + 1);
        if let What::Fork(other) | What::Join(other) = what {
            self.processes = self.processes.max(other + 1);
        }
        self.items.push(item);
        self.heard.push(heard);
    }

    pub(super) fn len(&self) -> u32 {
        self.items.len() as u32
    }

    /// The fork that brings each process about, where there is one.
    fn births(&self) -> Vec<Option<u32>> {
        let mut births = vec![None; self.processes as usize];
        for (number, item) in (0..).zip(&self.items) {
            if let What::Fork(child) = item.what {
                births[child as usize] = Some(number);
            }
        }
        births
    }

    /// The item before each at the same process; for the first of a process,
    /// the fork that brings it about.
    fn previous(&self) -> Vec<Option<u32>> {
        let mut last = self.births();
        let before = |(number, item): (u32, &Item)| last[item.process as usize].replace(number);
        (0..).zip(&self.items).map(before).collect()
    }

    /// The steps, causes before effects, otherwise in the order in which items
    /// were added.
    ///
    /// # Errors
    /// Items that come before themselves.
    pub(super) fn steps(&self) -> Result<Vec<TimedStep>, Cycle> {
        let mut last = self.births();
        for (number, item) in (0..).zip(&self.items) {
            last[item.process as usize] = Some(number);
        }
        let mut edges = Parents::default();
        for (number, before) in self.previous().iter().enumerate() {
            let retired = match self.items[number].what {
                What::Join(other) => last[other as usize],
                _ => None,
            };
            let heard = self.heard.of(number as u32).iter().copied();
            edges.push(before.iter().copied().chain(retired).chain(heard));
        }
        let sequence = edges.order().map_err(|cycle| Cycle {
            item: cycle.first().copied().unwrap_or(0),
            length: cycle.len(),
        })?;
        Ok(self.in_sequence(&sequence, &self.heard))
    }

    /// The steps where clocks may have gone wrong, and so the order of a
    /// process's own items: where nothing else can go on, a message that is yet
    /// to be sent is left out. With how many were. Joins are not waited for.
    pub(super) fn steps_without_impossible_messages(&self) -> (Vec<TimedStep>, u32) {
        let (previous, readers) = (self.previous(), self.heard.children());
        let mut next_at = vec![None; self.items.len()];
        for (number, before) in (0..).zip(&previous) {
            if let Some(before) = before {
                next_at[*before as usize] = Some(number);
            }
        }
        let mut waits: Vec<u32> = (0..self.len()).map(|i| self.heard.of(i).len() as u32).collect();
        let mut here: Vec<bool> = previous.iter().map(Option::is_none).collect();
        let mut done = vec![false; self.items.len()];
        // Those that wait for nothing, and those that wait for messages alone.
        let (mut ready, mut waiting) = (BinaryHeap::new(), BinaryHeap::new());
        let first = (0..self.len()).filter(|i| here[*i as usize]);
        first.for_each(|item| {
            let heap = if waits[item as usize] == 0 { &mut ready } else { &mut waiting };
            heap.push(Reverse(item));
        });
        let mut sequence = Vec::with_capacity(self.items.len());
        while let Some(Reverse(item)) = ready.pop().or_else(|| waiting.pop()) {
            if std::mem::replace(&mut done[item as usize], true) {
                continue;
            }
            sequence.push(item);
            if let Some(next) = next_at[item as usize] {
                here[next as usize] = true;
                let heap = if waits[next as usize] == 0 { &mut ready } else { &mut waiting };
                heap.push(Reverse(next));
            }
            for (reader, _) in readers.of(item) {
                let left = &mut waits[*reader as usize];
                *left -= 1;
                if *left == 0 && here[*reader as usize] && !done[*reader as usize] {
                    ready.push(Reverse(*reader));
                }
            }
        }
        let mut place = vec![0; self.items.len()];
        for (at, item) in (0..).zip(&sequence) {
            place[*item as usize] = at;
        }
        let mut heard = Parents::default();
        for item in 0..self.len() {
            let earlier = |from: &u32| place[*from as usize] < place[item as usize];
            heard.push(self.heard.of(item).iter().copied().filter(earlier));
        }
        let left_out = self.heard.edges() - heard.edges();
        (self.in_sequence(&sequence, &heard), left_out as u32)
    }

    fn in_sequence(&self, sequence: &[u32], heard: &Parents) -> Vec<TimedStep> {
        let births = Births::of(self, sequence, heard);
        let readers = heard.children();
        let time = sequence.first().map_or(PhysicalTime::ZERO, |i| self.items[*i as usize].time);
        let mut writer = Writer {
            steps: population(births.initial, time).collect(),
            readers: &readers,
            unread: (0..self.len()).map(|i| readers.of(i).len()).collect(),
            slots: Slots::new(self.items.len()),
            participants: births.participants.clone(),
            born: births.initial,
            live: births.initial,
        };
        let mut late = births.late.len();
        for number in sequence {
            let item = self.items[*number as usize];
            if births.late.contains(number) {
                late -= 1;
                writer.newcomer(&births, item, late == 0);
            }
            writer.item(*number, item, heard.of(*number));
            for process in births.of_message.of(*number) {
                writer.fork(item, *process);
            }
        }
        writer.steps
    }
}

/// Where processes that no fork brings about come from.
struct Births {
    /// How many participants there are from the start.
    initial: u32,
    /// The participants of those, by their processes.
    participants: Vec<Participant>,
    /// The first items of processes that know nothing and come late.
    late: hashbrown::HashSet<u32>,
    /// Of each item, the processes that are born of its message.
    of_message: Parents,
}

impl Births {
    fn of(all: &Processes, sequence: &[u32], heard: &Parents) -> Self {
        let mut known = vec![false; all.processes as usize];
        for item in &all.items {
            if let What::Fork(child) = item.what {
                known[child as usize] = true;
            }
        }
        let mut of_message = vec![Vec::new(); all.items.len()];
        let mut participants = vec![0; all.processes as usize];
        let (mut initial, mut late, mut somebody_left) = (0, hashbrown::HashSet::new(), false);
        for number in sequence {
            let item = all.items[*number as usize];
            if !std::mem::replace(&mut known[item.process as usize], true) {
                match heard.of(*number).first() {
                    Some(from) => of_message[*from as usize].push(item.process),
                    None if somebody_left => _ = late.insert(*number),
                    None => {
                        participants[item.process as usize] = initial;
                        initial += 1;
                    }
                }
            }
            somebody_left |= matches!(item.what, What::Leave | What::Join(_));
        }
        // The keeper comes last.
        initial += u32::from(!late.is_empty());
        let mut flat = Parents::default();
        of_message.into_iter().for_each(|processes| flat.push(processes));
        Self { initial, participants, late, of_message: flat }
    }

    /// The participant that has no events.
    const fn keeper(&self) -> Participant {
        self.initial.saturating_sub(1)
    }
}

struct Writer<'a> {
    steps: Vec<TimedStep>,
    readers: &'a Children,
    /// How many are yet to hear of each event.
    unread: Vec<usize>,
    slots: Slots,
    /// Of the processes that were born.
    participants: Vec<Participant>,
    born: u32,
    live: u32,
}

impl Writer<'_> {
    fn push(&mut self, item: Item, step: Step) {
        self.steps.push(TimedStep { time: item.time, step });
    }

    /// A process that knows nothing; the last one needs no keeper any more.
    fn newcomer(&mut self, births: &Births, item: Item, is_last: bool) {
        if is_last {
            self.participants[item.process as usize] = births.keeper();
        } else {
            let child = self.newborn(item.process);
            self.push(item, Step::Fork { node: births.keeper(), child });
        }
    }

    fn newborn(&mut self, process: u32) -> Participant {
        let child = self.born;
        self.participants[process as usize] = child;
        self.born += 1;
        self.live += 1;
        child
    }

    fn fork(&mut self, item: Item, process: u32) {
        let node = self.participants[item.process as usize];
        let child = self.newborn(process);
        self.push(item, Step::Fork { node, child });
    }

    fn item(&mut self, number: u32, item: Item, heard: &[u32]) {
        let node = self.participants[item.process as usize];
        match item.what {
            What::Fork(child) => self.fork(item, child),
            What::Join(other) => {
                let retired = self.participants[other as usize];
                self.live -= 1;
                self.push(item, Step::Retire { node: retired, into: node });
            }
            What::Leave if self.live > 1 => {
                self.live -= 1;
                self.push(item, Step::Crash { node });
            }
            What::Leave => {}
            What::Event | What::Send => self.event(number, item, node, heard),
        }
    }

    fn event(&mut self, number: u32, item: Item, node: Participant, heard: &[u32]) {
        debug_assert!(item.what.is_event());
        let is_heard = !self.readers.of(number).is_empty();
        let is_send = is_heard || item.what == What::Send;
        for (nth, from) in heard.iter().enumerate() {
            let message = self.slots.of(*from);
            let is_receipt = nth + 1 == heard.len() && !is_send;
            self.push(
                item,
                if is_receipt {
                    Step::Receive { node, message }
                } else {
                    Step::Merge { node, message }
                },
            );
            self.unread[*from as usize] -= 1;
            if self.unread[*from as usize] == 0 {
                self.slots.give_back(message);
            }
        }
        if is_send {
            let message = self.slots.take(number);
            self.push(item, Step::Send { node, message });
            if !is_heard {
                self.push(item, Step::Lose { message });
                self.slots.give_back(message);
            }
        } else if heard.is_empty() {
            self.push(item, Step::Event { node });
        }
    }
}
