//! The timetable of faults: when each happens, whom it hits, and who is away or
//! cut off meanwhile.

use std::time::Duration;

use super::population::Population;
use crate::random::Random;
use crate::scenario::{Incident, What, Who};
use crate::step::Participant;

/// The part of a simulation that knows what goes wrong.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    table: Vec<Incident>,
    random: Random,
    /// By participant, until when it is away, as far as anyone was.
    away: Vec<u64>,
    cuts: Vec<Cut>,
    /// By fault, whose clocks were backed up for it.
    backups: Vec<Vec<Participant>>,
}

/// A partition that lasts.
#[derive(Clone, Debug)]
struct Cut {
    fault: u32,
    one_way: bool,
    /// By participant, who is on the side that was cut off.
    inside: Vec<bool>,
}

impl Cut {
    fn holds(&self, node: Participant) -> bool {
        self.inside.get(node as usize).copied().unwrap_or(false)
    }
}

/// Nanoseconds.
pub(super) fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

impl Faults {
    pub(super) fn new(table: &[Incident], random: Random) -> Self {
        Self {
            table: table.to_vec(),
            random,
            away: Vec::new(),
            cuts: Vec::new(),
            backups: vec![Vec::new(); table.len()],
        }
    }

    /// All of them, with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &Incident)> {
        (0..).zip(&self.table)
    }

    pub(super) fn of(&self, fault: u32) -> &Incident {
        &self.table[fault as usize]
    }

    /// Whom a fault hits now.
    pub(super) fn hit(&mut self, fault: u32, population: &Population) -> Vec<Participant> {
        let incident = &self.table[fault as usize];
        match &incident.who {
            None => Vec::new(),
            Some(Who::These(nodes)) => {
                let live = |node: &Participant| population.members.is_live(*node);
                nodes.iter().copied().filter(live).collect()
            }
            Some(Who::Share(share)) if incident.what == What::Replace => population.eldest(*share),
            Some(Who::Share(share)) => population.some(*share, &mut self.random),
        }
    }

    /// Their clocks are backed up for a fault to come.
    pub(super) fn back_up(&mut self, fault: u32, nodes: Vec<Participant>) {
        self.backups[fault as usize] = nodes;
    }

    /// Those whose clocks were.
    pub(super) fn backed_up(&mut self, fault: u32) -> Vec<Participant> {
        std::mem::take(&mut self.backups[fault as usize])
    }

    /// One is away until then.
    pub(super) fn leave_until(&mut self, node: Participant, until: u64) {
        let len = self.away.len().max(node as usize + 1);
        self.away.resize(len, 0);
        let at = &mut self.away[node as usize];
        *at = until.max(*at);
    }

    /// Until when one is away, if it is now.
    #[inline]
    pub(super) fn away_until(&self, node: Participant, now: u64) -> Option<u64> {
        self.away.get(node as usize).copied().filter(|until| *until > now)
    }

    /// They are cut off from the others.
    pub(super) fn cut(&mut self, fault: u32, nodes: &[Participant]) {
        let mut inside = Vec::new();
        for node in nodes {
            let len = inside.len().max(*node as usize + 1);
            inside.resize(len, false);
            inside[*node as usize] = true;
        }
        self.cuts.push(Cut { fault, one_way: self.of(fault).one_way, inside });
    }

    /// A partition heals.
    pub(super) fn heal(&mut self, fault: u32) {
        self.cuts.retain(|cut| cut.fault != fault);
    }

    /// A newborn is on its parent's side.
    pub(super) fn born(&mut self, parent: Participant, child: Participant) {
        for cut in self.cuts.iter_mut().filter(|cut| cut.holds(parent)) {
            let len = cut.inside.len().max(child as usize + 1);
            cut.inside.resize(len, false);
            cut.inside[child as usize] = true;
        }
    }

    /// Whether a message passes from one to another.
    #[inline]
    pub(super) fn passes(&self, from: Participant, to: Participant) -> bool {
        let stops = |cut: &Cut| match (cut.holds(from), cut.holds(to)) {
            (true, false) => true,
            (false, true) => !cut.one_way,
            _ => false,
        };
        !self.cuts.iter().any(stops)
    }
}
