//! Executions out of a scenario: a discrete-event simulation, as an iterator
//! of steps that is the same for the same seed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use causal_clock::PhysicalTime;
use hashbrown::HashMap;

use crate::random::Random;
use crate::scenario::{Candidates, Fault, Pattern, Scenario, Session};
use crate::step::{Message, Participant, Step, TimedStep};

/// When simulated executions begin: the start of 2026.
const START: PhysicalTime = PhysicalTime::from_secs(1_767_225_600);

/// The steps of one execution of a scenario. It ends with the last event that
/// the scenario asks for.
#[derive(Clone, Debug)]
pub struct Generator {
    scenario: Scenario,
    random: Random,
    /// Draws candidates, so that the rest is the same however many there are.
    placement: Random,
    /// Whom the faults of clocks hit.
    fault_random: Random,
    /// Nanoseconds of true time since the start.
    now: u64,
    queue: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    queued: u64,
    /// Steps that are due now.
    due: VecDeque<TimedStep>,
    events_left: u32,
    /// The live participants in order of birth.
    live: Vec<Participant>,
    /// The physical clocks of all participants ever born.
    clocks: Vec<ClockError>,
    free_messages: Vec<Message>,
    messages: Message,
    /// When the last message from one to another arrives, where channels keep
    /// the order.
    channels: HashMap<(Participant, Participant), u64>,
}

/// What the simulation has scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Act(Participant),
    Arrive,
    Leave(Participant),
    Restart(Participant),
    Deliver(Delivery),
    Lose(Message),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Delivery {
    message: Message,
    from: Participant,
    to: Participant,
    wants_answer: bool,
}

#[derive(Clone, Debug)]
struct ClockError {
    offset_ns: f64,
    drift: f64,
    faults: Vec<Fault>,
}

impl Generator {
    /// The execution of `scenario` that belongs to this seed and replicate.
    #[must_use]
    pub fn new(scenario: &Scenario, root_seed: u64, replicate: u32) -> Self {
        let mut generator = Self {
            random: Random::new(root_seed, &scenario.name, replicate, "execution"),
            placement: Random::new(root_seed, &scenario.name, replicate, "placement"),
            fault_random: Random::new(root_seed, &scenario.name, replicate, "clock faults"),
            scenario: scenario.clone(),
            now: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            due: VecDeque::new(),
            events_left: scenario.events,
            live: Vec::new(),
            clocks: Vec::new(),
            free_messages: Vec::new(),
            messages: 0,
            channels: HashMap::new(),
        };
        generator.populate();
        generator
    }

    /// The first participants, forked so that the tree of forks is balanced:
    /// number n from n without its highest bit.
    fn populate(&mut self) {
        self.arrive_as(0);
        for child in 1..self.scenario.population.initial {
            self.fork(child ^ (1 << child.ilog2()), child);
        }
        for participant in 0..self.scenario.population.initial {
            let left = self.residual_session();
            self.schedule_leave(participant, left);
        }
        self.schedule_arrival();
    }

    fn fork(&mut self, parent: Participant, child: Participant) {
        self.push(parent, Step::Fork { node: parent, child });
        self.arrive_as(child);
    }

    /// Gives a newborn its place, its physical clock and its first action.
    fn arrive_as(&mut self, participant: Participant) {
        let skew_ns = self.scenario.clocks.skew.as_nanos() as f64;
        let offset_ns = self.random.symmetric() * skew_ns;
        let drift = self.random.symmetric() * self.scenario.clocks.drift_ppm * 1e-6;
        let random = &mut self.fault_random;
        let hit = |fault: &&Fault| {
            let drawn = fault.share > 0.0 && random.chance(fault.share);
            drawn || fault.participants.contains(&participant)
        };
        let faults: Vec<Fault> = self.scenario.clocks.fault.iter().filter(hit).cloned().collect();
        self.schedule_restarts(participant, &faults);
        self.clocks.push(ClockError { offset_ns, drift, faults });
        self.live.push(participant);
        if !self.is_server(participant) {
            self.schedule_action(participant);
        }
    }

    fn servers(&self) -> u32 {
        match self.scenario.traffic.pattern {
            Pattern::ClientServer { servers } => servers,
            _ => 0,
        }
    }

    fn is_server(&self, participant: Participant) -> bool {
        participant < self.servers()
    }

    fn is_live(&self, participant: Participant) -> bool {
        self.live.binary_search(&participant).is_ok()
    }

    fn schedule(&mut self, after: u64, what: Happening) {
        self.queue.push(Reverse((self.now.saturating_add(after), self.queued, what)));
        self.queued += 1;
    }

    fn schedule_action(&mut self, participant: Participant) {
        let after = self.random.exponential() / self.scenario.traffic.rate;
        self.schedule(nanos(after), Happening::Act(participant));
    }

    /// Who is born after a restart would have been is started with its clock
    /// set back.
    fn schedule_restarts(&mut self, participant: Participant, faults: &[Fault]) {
        let now = self.now;
        for at in faults.iter().filter_map(Fault::restart).filter(|at| *at >= now) {
            self.schedule(at - now, Happening::Restart(participant));
        }
    }

    fn schedule_arrival(&mut self) {
        let rate = self.scenario.population.arrivals;
        if rate > 0.0 {
            let after = self.random.exponential() / rate;
            self.schedule(nanos(after), Happening::Arrive);
        }
    }

    fn schedule_leave(&mut self, participant: Participant, session: Option<f64>) {
        if let Some(seconds) = session
            && !self.is_server(participant)
        {
            self.schedule(nanos(seconds), Happening::Leave(participant));
        }
    }

    /// A whole session in seconds; `None` for ever.
    fn session(&mut self) -> Option<f64> {
        match self.scenario.population.session {
            Session::Endless => None,
            Session::Exponential { mean } => Some(self.random.exponential() * mean.as_secs_f64()),
            Session::Weibull { shape, scale } => {
                Some(self.random.weibull(shape) * scale.as_secs_f64())
            }
        }
    }

    /// What is left of a session that is found under way.
    fn residual_session(&mut self) -> Option<f64> {
        match self.scenario.population.session {
            Session::Weibull { shape, scale } => {
                Some(self.random.weibull_residual(shape) * scale.as_secs_f64())
            }
            // The exponential law has no memory.
            Session::Endless | Session::Exponential { .. } => self.session(),
        }
    }

    /// What a participant's physical clock reads now.
    fn reading(&self, participant: Participant) -> PhysicalTime {
        let ClockError { offset_ns, drift, ref faults } = self.clocks[participant as usize];
        let (mut passed, mut shift_ns) = (self.now, 0_i64);
        for fault in faults.iter().filter(|fault| fault.is_active(self.now)) {
            let (up_to, by) = fault.effect(self.now);
            passed = passed.min(up_to);
            shift_ns = shift_ns.saturating_add(by);
        }
        let error = offset_ns + passed as f64 * drift;
        let after = START.saturating_add(Duration::from_nanos(passed));
        let magnitude = Duration::from_nanos(error.abs() as u64);
        let reading = if error < 0.0 {
            after.saturating_sub(magnitude)
        } else {
            after.saturating_add(magnitude)
        };
        PhysicalTime::from_nanos(reading.as_nanos().saturating_add_signed(shift_ns))
    }

    /// What a perfect clock reads at the step that was given out last.
    #[must_use]
    pub fn true_time(&self) -> PhysicalTime {
        START.saturating_add(Duration::from_nanos(self.now))
    }

    /// Whether a fault hits the clock of a participant who was born.
    #[must_use]
    pub fn is_faulty(&self, participant: Participant) -> bool {
        self.clocks.get(participant as usize).is_some_and(|clock| !clock.faults.is_empty())
    }

    fn push(&mut self, at: Participant, step: Step) {
        self.due.push_back(TimedStep { time: self.reading(at), step });
    }

    /// Someone else, at random; `None` where there is nobody else.
    fn other(&mut self, than: Participant) -> Option<Participant> {
        let here = self.live.binary_search(&than).ok()?;
        let others = self.live.len().checked_sub(1).filter(|n| *n > 0)?;
        let pick = self.random.index(others);
        Some(self.live[if pick >= here { pick + 1 } else { pick }])
    }

    fn act(&mut self, node: Participant) {
        let internal = self.scenario.traffic.internal_per_send;
        if self.random.chance(internal / (1.0 + internal)) {
            self.push(node, Step::Event { node });
            return;
        }
        match self.scenario.traffic.pattern {
            Pattern::Uniform => {
                let to = self.other(node);
                self.send(node, to, false);
            }
            Pattern::ClientServer { servers } => {
                let to = self.random.below(servers.into()) as Participant;
                self.send(node, Some(to), true);
            }
            Pattern::Ring => {
                let here = self.live.binary_search(&node).unwrap_or(0);
                let next = self.live[(here + 1) % self.live.len()];
                self.send(node, (next != node).then_some(next), false);
            }
            Pattern::Pairs { strangers } => {
                let partner = node ^ 1;
                let to = if self.random.chance(strangers) || !self.is_live(partner) {
                    self.other(node)
                } else {
                    Some(partner)
                };
                self.send(node, to, false);
            }
            Pattern::Gossip { fanout } => {
                for _ in 0..fanout {
                    let to = self.other(node);
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
        let message = self.free_messages.pop().unwrap_or_else(|| {
            self.messages += 1;
            self.messages - 1
        });
        self.push(from, Step::Send { node: from, message });
        let network = &self.scenario.network;
        let extra = self.random.exponential() * network.mean_extra_delay.as_secs_f64();
        let mut after = nanos(network.min_delay.as_secs_f64() + extra);
        if network.fifo {
            // What is due at the same time happens in the order of scheduling.
            let last = self.channels.entry((from, to)).or_default();
            *last = self.now.saturating_add(after).max(*last);
            after = *last - self.now;
        }
        if self.random.chance(self.scenario.network.loss) {
            self.schedule(after, Happening::Lose(message));
        } else {
            let delivery = Delivery { message, from, to, wants_answer };
            self.schedule(after, Happening::Deliver(delivery));
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let Delivery { message, from, to, wants_answer } = delivery;
        if !self.is_live(to) {
            self.lose(message);
            return;
        }
        self.push(to, Step::Receive { node: to, message });
        self.free_messages.push(message);
        if wants_answer && self.is_live(from) {
            self.send(to, Some(from), false);
        }
    }

    fn lose(&mut self, message: Message) {
        let time = START.saturating_add(Duration::from_nanos(self.now));
        self.due.push_back(TimedStep { time, step: Step::Lose { message } });
        self.free_messages.push(message);
    }

    fn arrive(&mut self) {
        if self.live.len() < self.scenario.population.max as usize {
            let parent = self.live[self.random.index(self.live.len())];
            let child = self.clocks.len() as Participant;
            let count = self.scenario.population.fork_best_of;
            self.name_candidates(count, &[parent]);
            self.fork(parent, child);
            let session = self.session();
            self.schedule_leave(child, session);
        }
    }

    /// Names candidates for the next fork or retirement: `chosen[0]`, whom the
    /// step itself names, is one of `count`; nobody else of `chosen` is any.
    fn name_candidates(&mut self, count: Candidates, chosen: &[Participant]) {
        let more = match count {
            Candidates::UpTo(count) => count.get() as usize - 1,
            Candidates::All => usize::MAX,
        };
        if more == 0 {
            return;
        }
        let mut others: Vec<Participant> =
            self.live.iter().copied().filter(|node| !chosen.contains(node)).collect();
        // The first steps of Fisher and Yates's shuffle.
        for place in 0..more.min(others.len()) {
            let pick = match count {
                Candidates::UpTo(_) => place + self.placement.index(others.len() - place),
                Candidates::All => place,
            };
            others.swap(place, pick);
            let node = others[place];
            self.push(node, Step::Candidate { node });
        }
    }

    fn leave(&mut self, node: Participant) {
        // Clients who cannot be spared: a server alone would do nothing.
        let least = self.scenario.population.min.max(self.servers() + 1);
        if self.live.len() <= least as usize {
            return;
        }
        let graceful = self.random.chance(self.scenario.population.graceful);
        match self.other(node).filter(|_| graceful) {
            Some(into) => {
                let count = self.scenario.population.retire_best_of;
                self.name_candidates(count, &[into, node]);
                self.push(into, Step::Retire { node, into });
            }
            None => self.push(node, Step::Crash { node }),
        }
        if let Ok(here) = self.live.binary_search(&node) {
            self.live.remove(here);
        }
    }

    /// Lets the next scheduled thing happen; false where nothing is left.
    fn advance(&mut self) -> bool {
        let Some(Reverse((time, _, what))) = self.queue.pop() else {
            return false;
        };
        self.now = time;
        match what {
            Happening::Act(node) => {
                if self.is_live(node) {
                    self.schedule_action(node);
                    self.act(node);
                }
            }
            Happening::Arrive => {
                self.schedule_arrival();
                self.arrive();
            }
            Happening::Leave(node) => self.leave(node),
            Happening::Restart(node) => {
                if self.is_live(node) {
                    self.push(node, Step::Restart { node });
                }
            }
            Happening::Deliver(delivery) => self.deliver(delivery),
            Happening::Lose(message) => self.lose(message),
        }
        true
    }
}

fn nanos(seconds: f64) -> u64 {
    // A cast from float to integer saturates.
    (seconds * 1e9) as u64
}

impl Iterator for Generator {
    type Item = TimedStep;

    fn next(&mut self) -> Option<TimedStep> {
        if self.events_left == 0 {
            return None;
        }
        while self.due.is_empty() {
            if !self.advance() {
                return None;
            }
        }
        let step = self.due.pop_front()?;
        self.events_left -= u32::from(step.step.is_event());
        Some(step)
    }
}

#[cfg(test)]
mod tests;
