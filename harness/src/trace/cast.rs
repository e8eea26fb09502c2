//! What every reader of logs needs to play them: the participants that are there
//! from the start, and slots for messages.

use causal_clock::PhysicalTime;

use crate::step::{Message, Step, TimedStep};

/// So many participants from the start, forked so that the tree of forks is
/// balanced, as simulated executions begin: number n of number n without its
/// highest bit.
pub(super) fn population(participants: u32, time: PhysicalTime) -> impl Iterator<Item = TimedStep> {
    (1..participants).map(move |child| {
        let node = child ^ (1 << child.ilog2());
        TimedStep { time, step: Step::Fork { node, child } }
    })
}

/// Slots for messages. One that was given back is used again.
#[derive(Debug)]
pub(super) struct Slots {
    /// Of each event that sends.
    of: Vec<Message>,
    free: Vec<Message>,
    used: Message,
}

impl Slots {
    /// For so many events.
    pub(super) fn new(events: usize) -> Self {
        Self { of: vec![0; events], free: Vec::new(), used: 0 }
    }

    /// A slot for what an event sends.
    pub(super) fn take(&mut self, event: u32) -> Message {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used - 1
        });
        self.of[event as usize] = slot;
        slot
    }

    /// The slot of an event that sent.
    pub(super) fn of(&self, event: u32) -> Message {
        self.of[event as usize]
    }

    /// The message has no reader any more.
    pub(super) fn give_back(&mut self, message: Message) {
        self.free.push(message);
    }
}
