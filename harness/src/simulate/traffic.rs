//! Who acts when, and whom they talk to.

use super::neighbours::Neighbours;
use super::poisson::Poisson;
use super::population::Population;
use super::zipf::Zipf;
use crate::random::{Random, scramble};
use crate::scenario::{Bursts, Pattern, Traffic as Table};
use crate::step::Participant;

/// The part of a simulation that decides about actions.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    table: Table,
    internal: f64,
    random: Random,
    /// All actions of all who act.
    pub(super) actions: Poisson,
    /// When one is active is a function of this and of its number.
    burst_key: u64,
    neighbours: Neighbours,
    zipf: Zipf,
}

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// An internal event.
    Internal,
    /// A message to someone; an internal event where there is nobody.
    Send { to: Option<Participant>, wants_answer: bool },
    /// One message to everyone else.
    Broadcast,
    /// So many messages to anybody, each of which wants an answer.
    Gossip(u32),
}

impl Traffic {
    pub(super) fn new(table: &Table, stream: impl Fn(&str) -> Random) -> Self {
        let internal = table.internal_per_send / (1.0 + table.internal_per_send);
        let mut random = stream("traffic");
        let actions = Poisson::new(&mut random);
        let exponent = match table.pattern {
            Pattern::Zipf { exponent } => exponent,
            _ => 1.0,
        };
        Self {
            table: table.clone(),
            internal,
            random,
            actions,
            burst_key: stream("bursts").bits(),
            neighbours: Neighbours::default(),
            zipf: Zipf::new(exponent),
        }
    }

    /// How many of the first participants only answer.
    pub(super) const fn servers(table: &Table) -> u32 {
        match table.pattern {
            Pattern::ClientServer { servers } => servers,
            _ => 0,
        }
    }

    /// Someone was born or is gone.
    pub(super) fn changed(&mut self, now: u64, population: &Population) {
        let most = population.cohorts.most_active()
            * self.burst().map_or(1.0, |(all, on)| all as f64 / on as f64);
        self.actions.set_rate(now, population.clients() as f64 * self.table.rate * most);
    }

    /// Somebody acts now. Gives who, and what.
    pub(super) fn act(&mut self, now: u64, people: &Population) -> Option<(Participant, Action)> {
        self.actions.happen(now, &mut self.random);
        let node = people.draw_client(&mut self.random)?;
        // Drawn at the rate of the most active, in a burst: of the others, some
        // of the draws are none (thinning).
        if !people.cohorts.acts(node, &mut self.random) || !self.is_active(node, now) {
            return None;
        }
        if self.random.chance(self.internal) {
            return Some((node, Action::Internal));
        }
        let wants_answer = self.table.answers;
        let send = |to| Action::Send { to, wants_answer };
        let action = match self.table.pattern {
            Pattern::Uniform => send(self.other(node, people)),
            Pattern::ClientServer { servers } => {
                let to = self.random.below(servers.into()) as Participant;
                Action::Send { to: Some(to), wants_answer: true }
            }
            Pattern::Ring => {
                let next = people.members.next_by_birth(node);
                send((next != node).then_some(next))
            }
            Pattern::Pairs { strangers } => {
                let partner = node ^ 1;
                let is_stranger = self.random.chance(strangers);
                if is_stranger || !people.members.is_live(partner) {
                    send(self.other(node, people))
                } else {
                    send(Some(partner))
                }
            }
            Pattern::Tree { arity } => send(self.relative(node, arity as usize, people)),
            Pattern::Broadcast => Action::Broadcast,
            Pattern::Neighbours { degree, rewired } => {
                let members = &people.members;
                send(self.neighbours.draw(node, degree, rewired, members, &mut self.random))
            }
            Pattern::Zipf { .. } => send(self.popular(node, people)),
            Pattern::Gossip { fanout } => Action::Gossip(fanout),
        };
        Some((node, action))
    }

    /// Whom a newcomer talks to first; `None` where that is anyone.
    pub(super) fn contact(&mut self, people: &Population) -> Option<Participant> {
        match self.table.pattern {
            Pattern::ClientServer { servers } => {
                Some(self.random.below(servers.into()) as Participant)
            }
            // A newcomer is the youngest, whose next one is the eldest.
            Pattern::Ring => Some(people.members.eldest()),
            Pattern::Tree { arity } => {
                people.members.at(people.members.len().checked_sub(1)? / arity as usize)
            }
            Pattern::Neighbours { .. } => Some(people.members.youngest()),
            Pattern::Zipf { .. } => {
                let rank = self.zipf.draw(people.members.len() as u64, &mut self.random);
                people.members.at(rank as usize)
            }
            Pattern::Uniform
            | Pattern::Broadcast
            | Pattern::Pairs { .. }
            | Pattern::Gossip { .. } => None,
        }
    }

    /// Someone else at random.
    pub(super) fn other(&mut self, than: Participant, people: &Population) -> Option<Participant> {
        people.members.draw_other(than, &mut self.random)
    }

    /// The one above in the tree or one below, with equal chance.
    fn relative(
        &mut self,
        node: Participant,
        arity: usize,
        people: &Population,
    ) -> Option<Participant> {
        let place = people.members.place(node)?;
        let above = place.checked_sub(1).map(|below| below / arity);
        let first = place.saturating_mul(arity).saturating_add(1);
        let below = people.members.len().saturating_sub(first).min(arity);
        let count = below + usize::from(above.is_some());
        if count == 0 {
            return None;
        }
        let pick = self.random.index(count);
        people.members.at(if pick < below { first + pick } else { above? })
    }

    /// Someone else, by popularity; the next one where it is the same.
    fn popular(&mut self, than: Participant, people: &Population) -> Option<Participant> {
        let others = people.members.len().checked_sub(1).filter(|n| *n > 0)?;
        let place = people.members.place(than)?;
        // Ranks of the others, in the order of places.
        let rank = self.zipf.draw(others as u64, &mut self.random) as usize;
        people.members.at(if rank < place { rank } else { rank + 1 })
    }

    /// Nanoseconds of a whole turn, and of its active part.
    fn burst(&self) -> Option<(u64, u64)> {
        let Bursts { on, off } = self.table.bursts?;
        let nanos =
            |length: std::time::Duration| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        Some((nanos(on).saturating_add(nanos(off)), nanos(on)))
    }

    /// Whether one is active now.
    fn is_active(&self, node: Participant, now: u64) -> bool {
        let Some((all, on)) = self.burst() else { return true };
        let phase = scramble(self.burst_key.wrapping_add(node.into())) % all;
        now.wrapping_add(phase) % all < on
    }
}
