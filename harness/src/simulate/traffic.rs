//! Who acts when, and whom they talk to.

use super::poisson::Poisson;
use super::population::Population;
use crate::random::Random;
use crate::scenario::{Pattern, Traffic as Table};
use crate::step::Participant;

/// The part of a simulation that decides about actions.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    table: Table,
    internal: f64,
    random: Random,
    /// All actions of all who act.
    pub(super) actions: Poisson,
}

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// An internal event.
    Internal,
    /// A message to someone; an internal event where there is nobody.
    Send { to: Option<Participant>, wants_answer: bool },
    /// So many messages to anybody, each of which wants an answer.
    Gossip(u32),
}

impl Traffic {
    pub(super) fn new(table: &Table, stream: impl Fn(&str) -> Random) -> Self {
        let internal = table.internal_per_send / (1.0 + table.internal_per_send);
        let mut random = stream("traffic");
        let actions = Poisson::new(&mut random);
        Self { table: table.clone(), internal, random, actions }
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
        self.actions.set_rate(now, population.clients() as f64 * self.table.rate);
    }

    /// Somebody acts now. Gives who, and what.
    pub(super) fn act(&mut self, now: u64, people: &Population) -> Option<(Participant, Action)> {
        self.actions.happen(now, &mut self.random);
        let node = people.draw_client(&mut self.random)?;
        if self.random.chance(self.internal) {
            return Some((node, Action::Internal));
        }
        let send = |to| Action::Send { to, wants_answer: false };
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
            Pattern::Gossip { fanout } => Action::Gossip(fanout),
        };
        Some((node, action))
    }

    /// Someone else at random.
    pub(super) fn other(&mut self, than: Participant, people: &Population) -> Option<Participant> {
        people.members.draw_other(than, &mut self.random)
    }
}
