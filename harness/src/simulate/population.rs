//! Who comes, who goes and how, and who forks or takes over whom.

use super::arrivals::Arrivals;
use super::cohorts::Cohorts;
use super::members::Members;
use super::peers::Peers;
use super::poisson::Poisson;
use crate::random::Random;
use crate::scenario::{Candidates, Kin, Population as Table};
use crate::step::Participant;

/// The part of a simulation that decides about coming and going.
#[derive(Clone, Debug)]
pub(super) struct Population {
    table: Table,
    random: Random,
    /// Draws candidates, so that the rest is the same however many there are.
    placement: Random,
    pub(super) members: Members,
    /// Those of the first participants who never leave.
    servers: u32,
    pub(super) arrivals: Arrivals,
    /// All departures, where sessions have no memory.
    pub(super) departures: Poisson,
    pub(super) cohorts: Cohorts,
    pub(super) peers: Option<Peers>,
    /// Draws who only seems to leave, and for how long.
    absences: Random,
}

/// How a session ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Not at all: that one cannot be spared.
    Stays,
    /// With an absence of so many seconds; `None` for ever.
    Offline(Option<f64>),
    /// Into an heir, or with a crash.
    Leaves(Option<Participant>),
}

impl Population {
    pub(super) fn new(table: &Table, servers: u32, stream: impl Fn(&str) -> Random) -> Self {
        let mut random = stream("population");
        let arrivals = Arrivals::new(table, &mut random, &stream);
        let departures = Poisson::new(&mut random);
        let peers = table.peers.as_ref();
        Self {
            random,
            placement: stream("placement"),
            members: Members::new(),
            servers,
            arrivals,
            departures,
            cohorts: Cohorts::new(table, stream("cohorts")),
            peers: peers.map(|peers| Peers::new(peers, table.initial, stream("peers"))),
            absences: stream("absences"),
            table: table.clone(),
        }
    }

    pub(super) const fn initial(&self) -> u32 {
        self.table.initial
    }

    /// Whether a newcomer is forked by whom it talks to first.
    pub(super) fn asks_contacts(&self) -> bool {
        self.table.parent == Kin::Contact
    }

    /// Those who may act and leave.
    pub(super) fn clients(&self) -> usize {
        self.members.len().saturating_sub(self.servers as usize)
    }

    /// One of them at random.
    pub(super) fn draw_client(&self, random: &mut Random) -> Option<Participant> {
        self.members.draw(self.servers as usize, random)
    }

    /// Of the first participants, who forks number `child`. Where it is
    /// anybody, the tree of forks is balanced: number n comes from n without its
    /// highest bit.
    pub(super) const fn first_parent(&self, child: Participant) -> Participant {
        match self.table.parent {
            Kin::Anyone | Kin::Contact => child ^ (1 << child.ilog2()),
            Kin::Eldest => 0,
            Kin::Server if child <= self.servers => 0,
            Kin::Server => child % self.servers.saturating_add(1),
            Kin::Neighbour => child - 1,
        }
    }

    /// The next one is born.
    pub(super) fn add(&mut self) -> Participant {
        let node = self.members.add();
        self.cohorts.born();
        if let Some(peers) = &mut self.peers {
            peers.born(node);
        }
        node
    }

    /// The mean of all sessions, where none needs a timer of its own.
    fn memoryless(&self) -> Option<f64> {
        let is_stretched = self.peers.as_ref().is_some_and(Peers::is_heterogeneous);
        self.cohorts.memoryless().filter(|_| !is_stretched)
    }

    /// Someone was born or is gone: whoever is there may leave.
    pub(super) fn changed(&mut self, now: u64) {
        if let Some(mean) = self.memoryless() {
            self.departures.set_rate(now, self.clients() as f64 / mean);
        }
    }

    /// The next arrival happens now, if it does at this time of day. Gives who
    /// forks it, if it is let in.
    pub(super) fn arrive(&mut self, now: u64) -> Option<Participant> {
        let comes = self.arrivals.happen(now, &mut self.random);
        if comes { self.parent() } else { None }
    }

    /// Who forks a newcomer, if it is let in.
    pub(super) fn parent(&mut self) -> Option<Participant> {
        let is_full = self.members.len() >= self.table.max as usize;
        // Drawn in any case, so that the rest is the same whoever it is.
        let anyone = self.members.draw(0, &mut self.random)?;
        let parent = match self.table.parent {
            // The traffic decides about contacts.
            Kin::Anyone | Kin::Contact => anyone,
            Kin::Eldest => self.members.eldest(),
            Kin::Server => self.server().unwrap_or(anyone),
            Kin::Neighbour => self.members.youngest(),
        };
        (!is_full).then_some(parent)
    }

    /// One of those whose sessions have no memory goes now.
    pub(super) fn depart(&mut self, now: u64) -> Option<Participant> {
        self.departures.happen(now, &mut self.random);
        self.members.draw(self.servers as usize, &mut self.random)
    }

    /// How long a newcomer stays in seconds; `None` for ever, or where
    /// [`depart`](Self::depart) decides.
    pub(super) fn session(&mut self, node: Participant) -> Option<f64> {
        if node < self.servers || self.memoryless().is_some() {
            return None;
        }
        let length = self.cohorts.of(node).session.draw(&mut self.random)?;
        Some(length * self.stretch(node))
    }

    /// How long one stays who is found in the middle of a session.
    pub(super) fn residual_session(&mut self, node: Participant) -> Option<f64> {
        if node < self.servers || self.memoryless().is_some() {
            return None;
        }
        let length = self.cohorts.of(node).session.draw_residual(&mut self.random)?;
        Some(length * self.stretch(node))
    }

    fn stretch(&self, node: Participant) -> f64 {
        self.peers.as_ref().map_or(1.0, |peers| peers.factor(node))
    }

    /// Whether one may leave: not where nobody would be left. A server alone
    /// would do nothing.
    pub(super) fn can_spare(&self, node: Participant) -> bool {
        let least = self.table.min.max(self.servers + 1) as usize;
        node >= self.servers && self.members.len() > least && self.members.is_live(node)
    }

    /// How the session of one who is there ends.
    pub(super) fn end(&mut self, node: Participant) -> End {
        if let Some(offline) = &self.table.offline
            && self.members.is_live(node)
            && self.absences.chance(offline.share)
        {
            return End::Offline(offline.absence.draw(&mut self.absences));
        }
        if !self.can_spare(node) {
            return End::Stays;
        }
        let graceful = self.cohorts.of(node).graceful;
        let is_graceful = self.random.chance(graceful);
        // Drawn in any case, as above.
        let heir = self.heir(node);
        End::Leaves(heir.filter(|_| is_graceful))
    }

    /// Who takes over one who retires.
    pub(super) fn heir(&mut self, node: Participant) -> Option<Participant> {
        let other = self.members.draw_other(node, &mut self.random);
        let eldest = self.members.eldest();
        match self.table.heir {
            Kin::Eldest if eldest != node => Some(eldest),
            Kin::Server => self.server().or(other),
            Kin::Neighbour => Some(self.members.last_by_birth(node)).filter(|heir| *heir != node),
            _ => other,
        }
    }

    /// A server at random.
    fn server(&mut self) -> Option<Participant> {
        (self.servers > 0).then(|| self.random.below(self.servers.into()) as Participant)
    }

    /// A share of those who may leave, at random; at least one.
    pub(super) fn some(&self, share: f64, random: &mut Random) -> Vec<Participant> {
        let servers = self.servers;
        let mut clients: Vec<_> = self.members.iter().filter(|node| *node >= servers).collect();
        let count = self.part(share);
        for place in 0..count {
            let pick = place + random.index(clients.len() - place);
            clients.swap(place, pick);
        }
        clients.truncate(count);
        clients
    }

    /// The eldest of those who may leave; at least one.
    pub(super) fn eldest(&self, share: f64) -> Vec<Participant> {
        let servers = self.servers;
        let mut clients: Vec<_> = self.members.iter().filter(|node| *node >= servers).collect();
        clients.sort_unstable();
        clients.truncate(self.part(share));
        clients
    }

    fn part(&self, share: f64) -> usize {
        let clients = self.clients();
        ((clients as f64 * share) as usize).max(1).min(clients)
    }

    /// Who else may fork a newborn than `parent`.
    pub(super) fn other_parents(&mut self, parent: Participant) -> Vec<Participant> {
        self.candidates(self.table.fork_best_of, &[parent])
    }

    /// Who else may take over `node` than `heir`.
    pub(super) fn other_heirs(&mut self, heir: Participant, node: Participant) -> Vec<Participant> {
        self.candidates(self.table.retire_best_of, &[heir, node])
    }

    /// Candidates for the next fork or retirement: `chosen[0]`, whom the step
    /// itself names, is one of `count`; nobody else of `chosen` is any.
    fn candidates(&mut self, count: Candidates, chosen: &[Participant]) -> Vec<Participant> {
        let more = match count {
            Candidates::UpTo(count) => count.get() as usize - 1,
            Candidates::All => usize::MAX,
        };
        if more == 0 {
            return Vec::new();
        }
        let mut others: Vec<Participant> =
            self.members.iter().filter(|node| !chosen.contains(node)).collect();
        // The first steps of Fisher and Yates's shuffle.
        for place in 0..more.min(others.len()) {
            let pick = match count {
                Candidates::UpTo(_) => place + self.placement.index(others.len() - place),
                Candidates::All => place,
            };
            others.swap(place, pick);
        }
        others.truncate(more);
        others
    }
}
