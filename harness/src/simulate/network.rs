//! What happens to messages on their way.

use hashbrown::HashMap;

use super::calendar::Calendar;
use super::nanos;
use crate::random::Random;
use crate::scenario::Network as Table;
use crate::step::{Message, Participant};

/// A message on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) from: Participant,
    pub(super) to: Participant,
    pub(super) wants_answer: bool,
    pub(super) is_lost: bool,
}

/// The part of a simulation that carries messages.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// Seconds, as the next.
    min_delay: f64,
    mean_extra_delay: f64,
    loss: f64,
    fifo: bool,
    random: Random,
    /// By message number, which is used again when its flight is over.
    flights: Vec<Flight>,
    free: Vec<Message>,
    due: Calendar<Message>,
    /// When the last message from one to another arrives, where channels keep
    /// the order.
    channels: HashMap<(Participant, Participant), u64>,
}

impl Network {
    pub(super) fn new(table: &Table, stream: impl Fn(&str) -> Random) -> Self {
        Self {
            min_delay: table.min_delay.as_secs_f64(),
            mean_extra_delay: table.mean_extra_delay.as_secs_f64(),
            loss: table.loss,
            fifo: table.fifo,
            random: stream("network"),
            flights: Vec::new(),
            free: Vec::new(),
            due: Calendar::new(),
            channels: HashMap::new(),
        }
    }

    /// Sends a message off, and gives its number.
    pub(super) fn send(&mut self, now: u64, mut flight: Flight) -> Message {
        let extra = self.random.exponential() * self.mean_extra_delay;
        let mut at = now.saturating_add(nanos(self.min_delay + extra));
        if self.fifo {
            // Two that are due at the same time would have no order.
            let last = self.channels.entry((flight.from, flight.to)).or_default();
            at = at.max(last.saturating_add(1));
            *last = at;
        }
        flight.is_lost = self.random.chance(self.loss);
        let message = match self.free.pop() {
            Some(message) => {
                self.flights[message as usize] = flight;
                message
            }
            None => {
                self.flights.push(flight);
                self.flights.len() as Message - 1
            }
        };
        self.due.push(at, message);
        message
    }

    /// When the next flight ends; `u64::MAX` where there is none.
    pub(super) fn next_time(&self) -> u64 {
        self.due.next_time()
    }

    /// The next flight ends. Its number may be used again by the next message.
    pub(super) fn land(&mut self) -> Option<(Message, Flight)> {
        let (_, message) = self.due.pop()?;
        self.free.push(message);
        Some((message, self.flights[message as usize]))
    }
}
