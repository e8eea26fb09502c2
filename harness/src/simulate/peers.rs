//! People who come back: each is there for a session and away for a while, in
//! turns, as a newcomer each time.

use crate::random::Random;
use crate::scenario::Peers as Table;
use crate::step::Participant;

/// The peers of an execution, those who are there and those who are not.
#[derive(Clone, Debug)]
pub(super) struct Peers {
    table: Table,
    random: Random,
    /// By peer, by what its sessions and absences are stretched.
    factors: Vec<f64>,
    /// By participant, which peer it is.
    of: Vec<u32>,
    /// Peers whose time has come, for the next newborn.
    next: Option<u32>,
}

impl Peers {
    /// Of `count` peers, `initial` are there. Whoever is there more of its time
    /// is there at the start with a better chance.
    pub(super) fn new(table: &Table, initial: u32, mut random: Random) -> Self {
        let mut factors = Vec::with_capacity(table.count as usize);
        for _ in 0..table.count {
            // A shifted Pareto law of scale α − 1 has mean 1.
            factors.push(
                table
                    .heterogeneity
                    .map_or(1.0, |alpha| (random.shifted_pareto(alpha) * (alpha - 1.0)).max(1e-3)),
            );
        }
        // Sessions and absences are stretched alike, so everybody is there for
        // the same share of the time.
        let mut all: Vec<u32> = (0..table.count).collect();
        for place in 0..initial.min(table.count) as usize {
            let pick = place + random.index(all.len() - place);
            all.swap(place, pick);
        }
        all.truncate(initial as usize);
        Self { table: table.clone(), random, factors, of: all, next: None }
    }

    /// Those who are away at the start, and for how many seconds more.
    pub(super) fn away(&mut self) -> Vec<(u32, f64)> {
        let mut here = vec![false; self.factors.len()];
        self.of.iter().for_each(|peer| here[*peer as usize] = true);
        let away = (0..self.table.count).filter(|peer| !here[*peer as usize]);
        away.filter_map(|peer| {
            let left = self.table.dead.draw_residual(&mut self.random)?;
            Some((peer, left * self.factors[peer as usize]))
        })
        .collect()
    }

    /// The next newborn is this one.
    pub(super) fn comes(&mut self, peer: u32) {
        self.next = Some(peer);
    }

    /// Nobody let it in. After how many seconds it tries again.
    pub(super) fn refused(&mut self, peer: u32) -> Option<f64> {
        self.next = None;
        let factor = *self.factors.get(peer as usize)?;
        Some(self.table.dead.draw(&mut self.random)? * factor)
    }

    /// The next newborn takes the place of a participant, who will not come back.
    pub(super) fn replaces(&mut self, node: Participant) {
        if let Some(peer) = self.of.get_mut(node as usize) {
            self.next = Some(std::mem::replace(peer, u32::MAX));
        }
    }

    /// A participant is born. The first ones are known.
    pub(super) fn born(&mut self, node: Participant) {
        if node as usize >= self.of.len() {
            self.of.push(self.next.take().unwrap_or(u32::MAX));
        }
    }

    /// By what the sessions of a participant are stretched.
    pub(super) fn factor(&self, node: Participant) -> f64 {
        let peer = self.of.get(node as usize).copied().unwrap_or(u32::MAX);
        self.factors.get(peer as usize).copied().unwrap_or(1.0)
    }

    /// A participant is gone. Which peer it was, and after how many seconds that
    /// one is back.
    pub(super) fn gone(&mut self, node: Participant) -> Option<(u32, f64)> {
        let peer = *self.of.get(node as usize)?;
        let factor = *self.factors.get(peer as usize)?;
        Some((peer, self.table.dead.draw(&mut self.random)? * factor))
    }

    /// Whether sessions need a timer each, though their law has no memory.
    pub(super) fn is_heterogeneous(&self) -> bool {
        self.table.heterogeneity.is_some()
    }
}
