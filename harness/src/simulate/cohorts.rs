//! Who belongs to which cohort.

use crate::random::Random;
use crate::scenario::{Cohort, Law, Population as Table};
use crate::step::Participant;

/// The cohorts of a population; where the scenario names none, one for all.
#[derive(Clone, Debug)]
pub(super) struct Cohorts {
    all: Vec<Cohort>,
    /// Their shares, added up.
    upto: Vec<f64>,
    random: Random,
    /// By participant; empty where there is one cohort.
    of: Vec<u8>,
    /// The most that a cohort is active.
    most_active: f64,
}

impl Cohorts {
    pub(super) fn new(table: &Table, random: Random) -> Self {
        let mut all = table.cohort.clone();
        if all.is_empty() {
            all.push(Cohort {
                name: String::new(),
                share: 1.0,
                session: table.session.clone(),
                graceful: table.graceful,
                activity: 1.0,
            });
        }
        let mut sum = 0.0;
        let upto = all.iter().map(|cohort| {
            sum += cohort.share;
            sum
        });
        let upto = upto.collect();
        let most_active = all.iter().map(|cohort| cohort.activity).fold(0.0, f64::max);
        Self { all, upto, random, of: Vec::new(), most_active }
    }

    /// A participant is born.
    pub(super) fn born(&mut self) {
        if self.all.len() > 1 {
            let drawn = self.random.unit() * self.upto.last().copied().unwrap_or(1.0);
            let number = self.upto.partition_point(|upto| *upto <= drawn);
            self.of.push(number.min(self.all.len() - 1) as u8);
        }
    }

    /// The one that a participant belongs to.
    pub(super) fn of(&self, node: Participant) -> &Cohort {
        &self.all[self.of.get(node as usize).copied().unwrap_or(0) as usize]
    }

    /// The exponential law of all sessions, if they have one without memory.
    pub(super) fn memoryless(&self) -> Option<f64> {
        match &self.all[..] {
            [Cohort { session: Law::Exponential { mean }, .. }] => Some(mean.as_secs_f64()),
            _ => None,
        }
    }

    /// The most active cohort acts this often, in units of the traffic's rate.
    pub(super) const fn most_active(&self) -> f64 {
        self.most_active
    }

    /// Whether a participant acts, of whom a draw at the rate of the most
    /// active cohort says so.
    pub(super) fn acts(&self, node: Participant, random: &mut Random) -> bool {
        self.all.len() == 1 || random.chance(self.of(node).activity / self.most_active)
    }
}
