//! Executions out of a scenario: a discrete-event simulation, as an iterator of
//! steps that is the same for the same seed.
//!
//! It is made of parts that know little of each other, each with a table in
//! the scenario and a stream of randomness of its own: the population, the
//! traffic, the network and the clocks. So a change to one leaves the draws of
//! the others as they were. What has no memory is superposed (`poisson`); what
//! has one waits in a calendar queue (`calendar`).

mod calendar;
mod clocks;
mod members;
mod network;
mod poisson;
mod population;
mod traffic;

use causal_clock::PhysicalTime;

use self::calendar::Calendar;
use self::clocks::Clocks;
use self::network::{Flight, Network};
use self::population::Population;
use self::traffic::{Action, Traffic};
use crate::random::Random;
use crate::scenario::Scenario;
use crate::step::{Participant, Step, TimedStep};

/// When simulated executions begin, in nanoseconds since the Unix epoch: the
/// start of 2026.
const START_NANOS: u64 = 1_767_225_600_000_000_000;

/// The steps of one execution of a scenario. It ends with the last event that
/// the scenario asks for.
#[derive(Clone, Debug)]
pub struct Simulation {
    population: Population,
    traffic: Traffic,
    network: Network,
    clocks: Clocks,
    /// What a participant is known to do one day.
    timers: Calendar<Timer>,
    /// Nanoseconds of true time since the start.
    now: u64,
    /// Steps that happen now, and how many of them were given out.
    due: Vec<TimedStep>,
    given: usize,
    events_left: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Leave(Participant),
    Restart(Participant),
}

impl Simulation {
    /// The execution of `scenario` that belongs to this seed and replicate.
    #[must_use]
    pub fn new(scenario: &Scenario, root_seed: u64, replicate: u32) -> Self {
        let stream = |part: &str| Random::new(root_seed, &scenario.name, replicate, part);
        let servers = Traffic::servers(&scenario.traffic);
        let mut simulation = Self {
            population: Population::new(&scenario.population, servers, stream),
            traffic: Traffic::new(&scenario.traffic, stream),
            network: Network::new(&scenario.network, stream),
            clocks: Clocks::new(&scenario.clocks, stream),
            timers: Calendar::new(),
            now: 0,
            due: Vec::new(),
            given: 0,
            events_left: scenario.events,
        };
        simulation.populate();
        simulation
    }

    /// The first participants, who are found in the middle of their sessions.
    fn populate(&mut self) {
        self.arrive_as_next();
        for child in 1..self.population.initial() {
            self.fork(self.population.first_parent(child));
        }
        for node in 0..self.population.initial() {
            let left = self.population.residual_session(node);
            self.schedule_leave(node, left);
        }
        self.changed();
    }

    /// Someone was born or is gone.
    fn changed(&mut self) {
        self.population.changed(self.now);
        self.traffic.changed(self.now, &self.population);
    }

    fn fork(&mut self, parent: Participant) -> Participant {
        let child = self.population.members.born();
        self.push(parent, Step::Fork { node: parent, child });
        self.arrive_as_next()
    }

    /// Gives the next newborn its place and its physical clock. One that is born
    /// after the time of its restart does not restart: its clock is set back
    /// from birth.
    fn arrive_as_next(&mut self) -> Participant {
        let node = self.population.members.add();
        for at in self.clocks.add(node).filter(|at| *at >= self.now) {
            self.timers.push(at, Timer::Restart(node));
        }
        node
    }

    fn schedule_leave(&mut self, node: Participant, after: Option<f64>) {
        if let Some(seconds) = after {
            self.timers.push(self.now.saturating_add(nanos(seconds)), Timer::Leave(node));
        }
    }

    /// What a perfect clock reads at the step that was given out last.
    #[must_use]
    pub fn true_time(&self) -> PhysicalTime {
        PhysicalTime::from_nanos(START_NANOS.saturating_add(self.now))
    }

    /// Whether a fault hits the clock of a participant who was born.
    #[must_use]
    pub fn is_faulty(&self, participant: Participant) -> bool {
        self.clocks.is_faulty(participant)
    }

    fn push(&mut self, at: Participant, step: Step) {
        self.due.push(TimedStep { time: self.clocks.reading(at, self.now), step });
    }

    fn act(&mut self) {
        match self.traffic.act(self.now, &self.population) {
            None => {}
            Some((node, Action::Internal)) => self.push(node, Step::Event { node }),
            Some((node, Action::Send { to, wants_answer })) => self.send(node, to, wants_answer),
            Some((node, Action::Gossip(fanout))) => {
                for _ in 0..fanout {
                    let to = self.traffic.other(node, &self.population);
                    self.send(node, to, true);
                }
            }
        }
    }

    /// A send, or an internal event where there is nobody to send to.
    fn send(&mut self, from: Participant, to: Option<Participant>, wants_answer: bool) {
        let Some(to) = to else {
            self.push(from, Step::Event { node: from });
            return;
        };
        let flight = Flight { from, to, wants_answer, is_lost: false };
        let message = self.network.send(self.now, flight);
        self.push(from, Step::Send { node: from, message });
    }

    fn land(&mut self) {
        let Some((message, Flight { from, to, wants_answer, is_lost })) = self.network.land()
        else {
            return;
        };
        if is_lost || !self.population.members.is_live(to) {
            self.due.push(TimedStep { time: self.true_time(), step: Step::Lose { message } });
            return;
        }
        self.push(to, Step::Receive { node: to, message });
        if wants_answer && self.population.members.is_live(from) {
            self.send(to, Some(from), false);
        }
    }

    fn arrive(&mut self) {
        let Some(parent) = self.population.arrive(self.now) else { return };
        for node in self.population.other_parents(parent) {
            self.push(node, Step::Candidate { node });
        }
        let child = self.fork(parent);
        let session = self.population.session(child);
        self.schedule_leave(child, session);
        self.changed();
    }

    fn leave(&mut self, node: Participant) {
        match self.population.leave(node) {
            None => return,
            Some(None) => self.push(node, Step::Crash { node }),
            Some(Some(into)) => {
                for node in self.population.other_heirs(into, node) {
                    self.push(node, Step::Candidate { node });
                }
                self.push(into, Step::Retire { node, into });
            }
        }
        self.population.members.remove(node);
        self.changed();
    }

    fn ring(&mut self) {
        match self.timers.pop() {
            Some((_, Timer::Leave(node))) => self.leave(node),
            Some((_, Timer::Restart(node))) if self.population.members.is_live(node) => {
                self.push(node, Step::Restart { node });
            }
            _ => {}
        }
    }

    /// Lets the next thing happen; false where nothing is left.
    fn advance(&mut self) -> bool {
        let (action, landing) = (self.traffic.actions.next_time(), self.network.next_time());
        let (arrival, timer) = (self.population.arrivals.next_time(), self.timers.next_time());
        let departure = self.population.departures.next_time();
        let next = action.min(landing).min(arrival).min(timer).min(departure);
        if next == u64::MAX {
            return false;
        }
        self.now = next;
        // At the same nanosecond in this order.
        if next == landing {
            self.land();
        } else if next == action {
            self.act();
        } else if next == timer {
            self.ring();
        } else if next == arrival {
            self.arrive();
        } else if let Some(node) = self.population.depart(next) {
            self.leave(node);
        }
        true
    }
}

fn nanos(seconds: f64) -> u64 {
    // A cast from float to integer saturates.
    (seconds * 1e9) as u64
}

impl Iterator for Simulation {
    type Item = TimedStep;

    fn next(&mut self) -> Option<TimedStep> {
        if self.events_left == 0 {
            return None;
        }
        while self.given == self.due.len() {
            self.due.clear();
            self.given = 0;
            if !self.advance() {
                return None;
            }
        }
        let step = self.due[self.given];
        self.given += 1;
        self.events_left -= u32::from(step.step.is_event());
        Some(step)
    }
}

#[cfg(test)]
mod tests;
