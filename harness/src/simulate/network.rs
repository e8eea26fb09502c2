//! What happens to messages on their way.

use hashbrown::HashMap;

use super::calendar::Calendar;
use super::nanos;
use crate::random::Random;
use crate::scenario::{BadSpells, Network as Table};
use crate::step::{Message, Participant};

/// A copy of a message on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) message: Message,
    pub(super) from: Participant,
    pub(super) to: Participant,
    pub(super) wants_answer: bool,
    pub(super) is_lost: bool,
    /// In the place of the message's own number: how many copies are on their
    /// way.
    copies: u32,
}

impl Flight {
    pub(super) const fn new(
        message: Message,
        [from, to]: [Participant; 2],
        wants_answer: bool,
    ) -> Self {
        Self { message, from, to, wants_answer, is_lost: false, copies: 0 }
    }
}

/// What came of a flight that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landing {
    pub(super) flight: Flight,
    /// Whether no other copy of the message is on its way.
    pub(super) is_last: bool,
}

/// The part of a simulation that carries messages.
#[derive(Clone, Debug)]
pub(super) struct Network {
    table: Table,
    /// Seconds, as the next.
    min_delay: f64,
    mean_extra_delay: f64,
    random: Random,
    /// Draws what is delivered twice.
    copies: Random,
    /// By number. The first copy of a message has the message's, which is used
    /// again when no copy is on its way; other copies have numbers of their own.
    flights: Vec<Flight>,
    free: Vec<u32>,
    due: Calendar<u32>,
    /// When the last message from one to another arrives, where channels keep
    /// the order, more or less.
    channels: HashMap<(Participant, Participant), u64>,
    spells: Option<Spells>,
    /// By the timetable, more is lost for now.
    pub(super) lost: Option<f64>,
}

/// Good and bad spells of the network.
#[derive(Clone, Debug)]
struct Spells {
    table: BadSpells,
    random: Random,
    is_bad: bool,
    until: u64,
}

impl Spells {
    /// The spell at a time; times never decrease.
    fn is_bad(&mut self, now: u64) -> bool {
        while self.until <= now {
            self.is_bad = !self.is_bad;
            let mean = if self.is_bad { self.table.bad } else { self.table.good };
            let length = nanos(self.random.exponential() * mean.as_secs_f64());
            self.until = self.until.saturating_add(length.max(1));
        }
        self.is_bad
    }
}

impl Network {
    pub(super) fn new(table: &Table, stream: impl Fn(&str) -> Random) -> Self {
        let spells = table.bad_spells.map(|table| {
            let mut random = stream("bad spells");
            let (good, bad) = (table.good.as_secs_f64(), table.bad.as_secs_f64());
            let is_bad = random.chance(bad / (good + bad));
            let mean = if is_bad { bad } else { good };
            Spells { table, is_bad, until: nanos(random.exponential() * mean), random }
        });
        Self {
            min_delay: table.min_delay.as_secs_f64(),
            mean_extra_delay: table.mean_extra_delay.as_secs_f64(),
            random: stream("network"),
            copies: stream("duplicates"),
            flights: Vec::new(),
            free: Vec::new(),
            due: Calendar::new(),
            channels: HashMap::new(),
            spells,
            lost: None,
            table: table.clone(),
        }
    }

    /// A number for a message that is sent now.
    pub(super) fn message(&mut self) -> Message {
        let number = self.number();
        self.flights[number as usize].copies = 0;
        number
    }

    fn number(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.flights.push(Flight::new(0, [0, 0], false));
            self.flights.len() as u32 - 1
        })
    }

    /// Sends a message off to someone.
    #[inline]
    pub(super) fn send(&mut self, now: u64, flight: Flight) {
        self.fly(now, flight);
        if self.table.duplicates > 0.0 && self.copies.chance(self.table.duplicates) {
            self.fly(now, Flight { wants_answer: false, ..flight });
        }
    }

    fn fly(&mut self, now: u64, mut flight: Flight) {
        let extra = match &self.table.extra_delay {
            None => self.random.exponential() * self.mean_extra_delay,
            Some(law) => law.draw(&mut self.random).unwrap_or(0.0),
        };
        let mut at = now.saturating_add(nanos(self.min_delay + extra));
        if self.table.fifo || self.table.overtakes.is_some() {
            // Two that are due at the same time would have no order.
            let window = self.table.overtakes.map_or(0, |window| nanos(window.as_secs_f64()));
            let last = self.channels.entry((flight.from, flight.to)).or_default();
            at = at.max(last.saturating_add(1).saturating_sub(window));
            *last = at.max(*last);
        }
        let mut loss = self.lost.unwrap_or(self.table.loss);
        if let Some(spells) = &mut self.spells
            && spells.is_bad(now)
        {
            loss = loss.max(spells.table.loss);
        }
        flight.is_lost = self.random.chance(loss);
        self.depart(at, flight);
    }

    /// A flight that ends at a time.
    fn depart(&mut self, at: u64, flight: Flight) {
        let copies = self.flights[flight.message as usize].copies;
        let number = if copies == 0 { flight.message } else { self.number() };
        self.flights[number as usize] = flight;
        self.flights[flight.message as usize].copies = copies + 1;
        self.due.push(at, number);
    }

    /// When the next flight ends; `u64::MAX` where there is none.
    pub(super) fn next_time(&self) -> u64 {
        self.due.next_time()
    }

    /// The next flight ends. The number of its message may be used again by the
    /// next message, if it was the last.
    pub(super) fn land(&mut self) -> Option<Landing> {
        let (_, number) = self.due.pop()?;
        let flight = self.flights[number as usize];
        if number != flight.message {
            self.free.push(number);
        }
        let copies = &mut self.flights[flight.message as usize].copies;
        *copies -= 1;
        let is_last = *copies == 0;
        if is_last {
            self.free.push(flight.message);
        }
        Some(Landing { flight, is_last })
    }

    /// A message that has landed waits until then.
    pub(super) fn hold(&mut self, landing: Landing, until: u64) {
        if landing.is_last {
            // Nothing was sent since it was put there.
            self.free.pop();
        }
        self.depart(until, landing.flight);
    }
}
