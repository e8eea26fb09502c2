//! Who comes, who goes and how, and who forks or takes over whom.

use super::members::Members;
use super::poisson::Poisson;
use crate::random::Random;
use crate::scenario::{Candidates, Kin, Population as Table, Session};
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
    pub(super) arrivals: Poisson,
    /// All departures, where sessions have no memory.
    pub(super) departures: Poisson,
}

impl Population {
    pub(super) fn new(table: &Table, servers: u32, stream: impl Fn(&str) -> Random) -> Self {
        let mut random = stream("population");
        let mut arrivals = Poisson::new(&mut random);
        arrivals.set_rate(0, table.arrivals);
        let departures = Poisson::new(&mut random);
        let (members, placement) = (Members::new(), stream("placement"));
        Self { table: table.clone(), random, placement, members, servers, arrivals, departures }
    }

    pub(super) const fn initial(&self) -> u32 {
        self.table.initial
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
            Kin::Anyone => child ^ (1 << child.ilog2()),
            Kin::Eldest => 0,
        }
    }

    /// Someone was born or is gone: whoever is there may leave.
    pub(super) fn changed(&mut self, now: u64) {
        if let Session::Exponential { mean } = self.table.session {
            let rate = self.clients() as f64 / mean.as_secs_f64();
            self.departures.set_rate(now, rate);
        }
    }

    /// The next arrival happens now. Gives who forks it, if it is let in.
    pub(super) fn arrive(&mut self, now: u64) -> Option<Participant> {
        self.arrivals.happen(now, &mut self.random);
        let is_full = self.members.len() >= self.table.max as usize;
        // Drawn in any case, so that the rest is the same whoever it is.
        let anyone = self.members.draw(0, &mut self.random)?;
        let parent = match self.table.parent {
            Kin::Anyone => anyone,
            Kin::Eldest => self.members.eldest(),
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
        let random = &mut self.random;
        match self.table.session {
            _ if node < self.servers => None,
            Session::Endless | Session::Exponential { .. } => None,
            Session::Weibull { shape, scale } => Some(random.weibull(shape) * scale.as_secs_f64()),
            Session::Pareto { shape, scale } => {
                Some(random.shifted_pareto(shape) * scale.as_secs_f64())
            }
            Session::Lognormal { median, sigma } => {
                Some(random.lognormal(sigma) * median.as_secs_f64())
            }
        }
    }

    /// How long one stays who is found in the middle of a session.
    pub(super) fn residual_session(&mut self, node: Participant) -> Option<f64> {
        let random = &mut self.random;
        match self.table.session {
            _ if node < self.servers => None,
            Session::Endless | Session::Exponential { .. } => None,
            Session::Weibull { shape, scale } => {
                Some(random.weibull_residual(shape) * scale.as_secs_f64())
            }
            Session::Pareto { shape, scale } => {
                Some(random.shifted_pareto(shape - 1.0) * scale.as_secs_f64())
            }
            Session::Lognormal { median, sigma } => {
                Some(random.lognormal_residual(sigma) * median.as_secs_f64())
            }
        }
    }

    /// Whether one may leave, and into whom; `Some(None)` is a crash.
    pub(super) fn leave(&mut self, node: Participant) -> Option<Option<Participant>> {
        // Clients who cannot be spared: a server alone would do nothing.
        let least = self.table.min.max(self.servers + 1) as usize;
        if self.members.len() <= least || !self.members.is_live(node) {
            return None;
        }
        let is_graceful = self.random.chance(self.table.graceful);
        // Drawn in any case, as above.
        let other = self.members.draw_other(node, &mut self.random);
        let eldest = self.members.eldest();
        let heir = match self.table.heir {
            Kin::Eldest if eldest != node => Some(eldest),
            _ => other,
        };
        Some(heir.filter(|_| is_graceful))
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
