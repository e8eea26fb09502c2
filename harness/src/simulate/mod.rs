//! Executions out of a scenario: a discrete-event simulation, as an iterator of
//! steps that is the same for the same seed.
//!
//! It is made of parts that know little of each other, each with a table in
//! the scenario and a stream of randomness of its own: the population, the
//! traffic, the network, the clocks and the faults. So a change to one leaves the draws of
//! the others as they were. What has no memory is superposed (`poisson`); what
//! has one waits in a calendar queue (`calendar`).

mod arrivals;
pub(crate) mod calendar;
pub(crate) mod clocks;
mod cohorts;
mod faults;
mod law;
mod members;
mod neighbours;
mod network;
mod peers;
mod poisson;
mod population;
mod traffic;
pub(crate) mod zipf;

use causal_clock::PhysicalTime;

use self::calendar::Calendar;
use self::clocks::Clocks;
use self::faults::Faults;
use self::network::{Flight, Landing, Network};
use self::peers::Peers;
use self::population::{End, Population};
use self::traffic::{Action, Traffic};
use crate::random::Random;
use crate::scenario::{Offline, Scenario, Visits, What};
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
    faults: Faults,
    visits: Vec<(f64, f64)>,
    offline: Option<Offline>,
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
    /// One who was away is back.
    Return(Participant),
    /// A peer who was away comes as a newcomer.
    Peer(u32),
    /// Someone comes who was observed, by the visit's number.
    Visit(u32),
    /// A fault of the timetable: clocks are backed up for it, it happens, or it is
    /// over.
    BackUp(u32),
    Fault(u32),
    Heal(u32),
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
            faults: Faults::new(&scenario.fault, stream("timetable")),
            visits: scenario.population.visits.as_ref().map_or_else(Vec::new, Visits::stays),
            offline: scenario.population.offline.clone(),
            timers: Calendar::new(),
            now: 0,
            due: Vec::new(),
            given: 0,
            events_left: scenario.events,
        };
        simulation.populate();
        simulation.wind_up();
        simulation
    }

    /// What is known to happen from the start.
    fn wind_up(&mut self) {
        for (number, (from, _)) in (0..).zip(&self.visits) {
            self.timers.push(nanos(*from), Timer::Visit(number));
        }
        for (peer, after) in self.population.peers.iter_mut().flat_map(Peers::away) {
            self.timers.push(nanos(after), Timer::Peer(peer));
        }
        for (number, fault) in self.faults.all() {
            let at = faults::nanos(fault.at);
            if let Some(backup) = fault.backup {
                let before = at.saturating_sub(faults::nanos(backup));
                self.timers.push(before, Timer::BackUp(number));
            }
            self.timers.push(at, Timer::Fault(number));
        }
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
        self.faults.born(parent, child);
        self.arrive_as_next()
    }

    /// Gives the next newborn its place and its physical clock. One that is born
    /// after the time of its restart does not restart: its clock is set back
    /// from birth.
    fn arrive_as_next(&mut self) -> Participant {
        let node = self.population.add();
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

    fn is_away(&self, node: Participant) -> bool {
        self.faults.away_until(node, self.now).is_some()
    }

    fn act(&mut self) {
        let Some((node, action)) = self.traffic.act(self.now, &self.population) else { return };
        if self.is_away(node) {
            return;
        }
        match action {
            Action::Internal => self.push(node, Step::Event { node }),
            Action::Send { to, wants_answer } => self.send(node, to, wants_answer),
            Action::Gossip(fanout) => {
                for _ in 0..fanout {
                    let to = self.traffic.other(node, &self.population);
                    self.send(node, to, true);
                }
            }
            Action::Broadcast => self.broadcast(node),
        }
    }

    /// A send, or an internal event where there is nobody to send to.
    fn send(&mut self, from: Participant, to: Option<Participant>, wants_answer: bool) {
        let Some(to) = to else {
            self.push(from, Step::Event { node: from });
            return;
        };
        let message = self.network.message();
        self.network.send(self.now, Flight::new(message, [from, to], wants_answer));
        self.push(from, Step::Send { node: from, message });
    }

    /// One message to everyone else.
    fn broadcast(&mut self, from: Participant) {
        if self.population.members.len() < 2 {
            self.push(from, Step::Event { node: from });
            return;
        }
        let message = self.network.message();
        for to in self.population.members.iter().filter(|to| *to != from) {
            self.network.send(self.now, Flight::new(message, [from, to], false));
        }
        self.push(from, Step::Send { node: from, message });
    }

    fn land(&mut self) {
        let Some(landing) = self.network.land() else { return };
        let Landing { flight: Flight { message, from, to, wants_answer, is_lost, .. }, is_last } =
            landing;
        let mut arrives = !is_lost && self.population.members.is_live(to);
        if let Some(until) = self.faults.away_until(to, self.now).filter(|_| arrives) {
            let waits = self.offline.as_ref().is_some_and(|offline| offline.mailbox);
            if waits && until != u64::MAX {
                self.network.hold(landing, until);
                return;
            }
            arrives = false;
        }
        if !(arrives && self.faults.passes(from, to)) {
            // Other copies may yet arrive.
            if is_last {
                self.due.push(TimedStep { time: self.true_time(), step: Step::Lose { message } });
            }
            return;
        }
        self.push(to, Step::Receive { node: to, message });
        if wants_answer && self.population.members.is_live(from) {
            self.send(to, Some(from), false);
        }
    }

    fn arrive(&mut self) {
        if let Some(parent) = self.population.arrive(self.now) {
            self.join(parent);
        }
    }

    /// A newcomer is forked, and stays for a session. None comes where who would
    /// fork it is away.
    fn join(&mut self, parent: Participant) -> Option<Participant> {
        let contact = if self.population.asks_contacts() {
            self.traffic.contact(&self.population)
        } else {
            None
        };
        self.newborn(contact.unwrap_or(parent))
    }

    /// One is forked by `parent`, unless that one is away.
    fn newborn(&mut self, parent: Participant) -> Option<Participant> {
        if self.is_away(parent) {
            return None;
        }
        for node in self.population.other_parents(parent) {
            self.push(node, Step::Candidate { node });
        }
        let child = self.fork(parent);
        let session = self.population.session(child);
        self.schedule_leave(child, session);
        self.changed();
        Some(child)
    }

    /// A session ends.
    fn leave(&mut self, node: Participant) {
        match self.population.end(node) {
            End::Stays => {}
            End::Offline(seconds) => {
                let until = seconds.map_or(u64::MAX, |s| self.now.saturating_add(nanos(s)));
                self.stay_away(node, until);
            }
            End::Leaves(heir) => self.go(node, heir),
        }
    }

    fn stay_away(&mut self, node: Participant, until: u64) {
        self.faults.leave_until(node, until);
        if until != u64::MAX {
            self.timers.push(until, Timer::Return(node));
        }
    }

    /// One is gone, into an heir or without a word. An heir that is away takes
    /// over nobody.
    fn go(&mut self, node: Participant, heir: Option<Participant>) {
        match heir.filter(|heir| !self.is_away(*heir) && !self.is_away(node)) {
            None => self.push(node, Step::Crash { node }),
            Some(into) => {
                for node in self.population.other_heirs(into, node) {
                    self.push(node, Step::Candidate { node });
                }
                self.push(into, Step::Retire { node, into });
            }
        }
        self.population.members.remove(node);
        self.changed();
        if let Some((peer, after)) = self.population.peers.as_mut().and_then(|p| p.gone(node)) {
            self.timers.push(self.now.saturating_add(nanos(after)), Timer::Peer(peer));
        }
    }

    fn ring(&mut self) {
        let Some((_, timer)) = self.timers.pop() else { return };
        match timer {
            // The end of a session waits for one who is away.
            Timer::Leave(node) => match self.faults.away_until(node, self.now) {
                Some(until) if until != u64::MAX => self.timers.push(until, Timer::Leave(node)),
                Some(_) => {}
                None => self.leave(node),
            },
            Timer::Restart(node) => {
                if self.population.members.is_live(node) {
                    self.push(node, Step::Restart { node });
                }
            }
            Timer::Return(node) => self.come_back(node),
            Timer::Peer(peer) => {
                if let Some(peers) = &mut self.population.peers {
                    peers.comes(peer);
                }
                let came = self.population.parent().and_then(|parent| self.join(parent));
                if came.is_none()
                    && let Some(peers) = &mut self.population.peers
                    && let Some(after) = peers.refused(peer)
                {
                    self.timers.push(self.now.saturating_add(nanos(after)), Timer::Peer(peer));
                }
            }
            Timer::Visit(visit) => {
                let (_, length) = self.visits[visit as usize];
                if let Some(parent) = self.population.parent() {
                    self.visit(parent, length);
                }
            }
            Timer::BackUp(fault) => {
                let nodes = self.faults.hit(fault, &self.population);
                for &node in &nodes {
                    self.push(node, Step::Save { node });
                }
                self.faults.back_up(fault, nodes);
            }
            Timer::Fault(fault) => self.strike(fault),
            Timer::Heal(fault) => self.heal(fault),
        }
    }

    /// Someone who was observed comes, and stays as long as it did.
    fn visit(&mut self, parent: Participant, seconds: f64) {
        if self.is_away(parent) {
            return;
        }
        let child = self.fork(parent);
        self.schedule_leave(child, (seconds >= 0.0).then_some(seconds));
        self.changed();
    }

    /// One who was away is back, unless another reason keeps it away. What it
    /// wanted to say meanwhile, it says now, and a new session begins.
    fn come_back(&mut self, node: Participant) {
        if self.is_away(node) || !self.population.members.is_live(node) {
            return;
        }
        if let Some(offline) = &self.offline {
            for _ in 0..offline.burst {
                let to = self.traffic.other(node, &self.population);
                self.send(node, to, false);
            }
            let session = self.population.session(node);
            self.schedule_leave(node, session);
        }
    }

    /// A fault of the timetable happens.
    fn strike(&mut self, fault: u32) {
        let incident = self.faults.of(fault).clone();
        let end = incident.lasts.map(|lasts| self.now.saturating_add(faults::nanos(lasts)));
        let nodes = match incident.what {
            What::Amnesia => self.faults.backed_up(fault),
            _ => self.faults.hit(fault, &self.population),
        };
        match incident.what {
            What::Partition => self.faults.cut(fault, &nodes),
            What::Surge => {
                self.population.arrivals.surge(self.now, incident.factor.unwrap_or(1.0));
            }
            What::Loss => self.network.lost = incident.factor,
            _ => nodes.into_iter().for_each(|node| self.hit(incident.what, node, end)),
        }
        if let Some(end) = end {
            self.timers.push(end, Timer::Heal(fault));
        }
        if let Some(every) = incident.every {
            let next = self.now.saturating_add(faults::nanos(every));
            if let Some(backup) = incident.backup {
                let before = next.saturating_sub(faults::nanos(backup)).max(self.now);
                self.timers.push(before, Timer::BackUp(fault));
            }
            self.timers.push(next, Timer::Fault(fault));
        }
    }

    /// What a fault does to one whom it hits.
    fn hit(&mut self, what: What, node: Participant, end: Option<u64>) {
        let is_live = self.population.members.is_live(node);
        match what {
            What::Crash if self.population.can_spare(node) => self.go(node, None),
            What::Leave if self.population.can_spare(node) => {
                let heir = self.population.heir(node);
                self.go(node, heir);
            }
            What::Pause if is_live => {
                self.push(node, Step::Restart { node });
                self.faults.leave_until(node, end.unwrap_or(u64::MAX));
            }
            What::Amnesia if is_live => self.push(node, Step::Restore { node }),
            What::Twin if is_live => {
                let child = self.population.members.born();
                self.push(node, Step::Twin { node, child });
                self.faults.born(node, child);
                self.arrive_as_next();
                let session = self.population.session(child);
                self.schedule_leave(child, session);
                self.changed();
            }
            What::Replace if self.population.can_spare(node) && !self.is_away(node) => {
                if let Some(peers) = &mut self.population.peers {
                    peers.replaces(node);
                }
                if let Some(child) = self.newborn(node) {
                    self.go(node, Some(child));
                }
            }
            _ => {}
        }
    }

    fn heal(&mut self, fault: u32) {
        match self.faults.of(fault).what {
            What::Partition => self.faults.heal(fault),
            What::Surge => self.population.arrivals.surge(self.now, 1.0),
            What::Loss => self.network.lost = None,
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
        } else if let Some(node) = self.population.depart(next)
            && !self.is_away(node)
        {
            self.leave(node);
        }
        true
    }
}

pub(crate) fn nanos(seconds: f64) -> u64 {
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
