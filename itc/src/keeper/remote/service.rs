//! The keeper, and what it last replied to whom.

use alloc::collections::BTreeMap;

use causal_clock::Wire;

use super::{Answer, Operation, Refusal, Reply, Request};
use crate::keeper::{Forked, Keeper, KeeperError, Ticket};

/// A [`Keeper`] for members in other processes, without a transport and
/// without a store: [`StoredKeeper`](super::StoredKeeper) has one.
#[derive(Debug, PartialEq, Eq)]
pub struct KeeperService {
    pub(super) keeper: Keeper,
    /// By which the first participant is known.
    pub(super) nonce: Option<u64>,
    /// By the numbers of tickets, of those in use.
    pub(super) answered: BTreeMap<u64, Answered>,
}

/// The last request of a member, and what came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) number: u64,
    /// Tells the request from another one under its number.
    pub(super) digest: u64,
    pub(super) result: Result<Answer, Refusal>,
}

impl KeeperService {
    /// The service of a keeper of nobody yet, as [`Keeper::new`].
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self { keeper: Keeper::new(id), nonce: None, answered: BTreeMap::new() }
    }

    /// The keeper.
    #[must_use]
    pub const fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Does what is asked for, if that was not done already. The reply may only
    /// be sent when the new state is stored.
    #[must_use]
    pub fn handle(&mut self, request: &Request) -> Reply {
        self.apply(request).0
    }

    /// The reply, and whether anything has changed.
    pub(super) fn apply(&mut self, request: &Request) -> (Reply, bool) {
        let (ticket, number) = (request.ticket, request.number);
        let reply = |result| Reply { ticket, number, result };
        match self.known(request) {
            Some(result) => (reply(result), false),
            None => {
                let result = self.perform(ticket, &request.operation);
                let answered = Answered { number, digest: digest(request), result: result.clone() };
                self.answered.insert(ticket.number, answered);
                (reply(result), true)
            }
        }
    }

    /// What is to be replied without doing anything.
    fn known(&self, request: &Request) -> Option<Result<Answer, Refusal>> {
        let ticket = request.ticket;
        if let Operation::Seed { nonce } = request.operation {
            let first = Ticket { keeper: self.keeper.id, number: 0 };
            return match self.nonce {
                _ if ticket.keeper != first.keeper => Some(Err(Refusal::Foreign(ticket))),
                _ if ticket != first || request.number != 0 => Some(Err(Refusal::Reused)),
                Some(known) if known != nonce => Some(Err(Refusal::Seeded)),
                Some(_) => Some(Ok(Answer::Seeded)),
                None if self.keeper.next != 0 => Some(Err(Refusal::Seeded)),
                None => None,
            };
        }
        if let Err(error) = self.keeper.kept(ticket) {
            return Some(Err(error.into()));
        }
        let answered = self.answered.get(&ticket.number);
        let latest = answered.map_or(0, |answered| answered.number);
        match answered {
            Some(answered) if answered.number == request.number => {
                let same = answered.digest == digest(request);
                Some(if same { answered.result.clone() } else { Err(Refusal::Reused) })
            }
            _ if request.number <= latest => Some(Err(Refusal::Old { latest })),
            _ if request.number - 1 > latest => Some(Err(Refusal::WentBack { latest })),
            _ => None,
        }
    }

    fn perform(&mut self, ticket: Ticket, operation: &Operation) -> Result<Answer, Refusal> {
        match operation {
            Operation::Seed { nonce } => {
                self.keeper.seed().ok_or(Refusal::Seeded)?;
                self.nonce = Some(*nonce);
                Ok(Answer::Seeded)
            }
            Operation::Publish { events } => {
                self.keeper.deposit(ticket, events)?;
                Ok(Answer::Published)
            }
            Operation::Fork { events } => {
                let mut left = self.keeper.kept(ticket)?.id.clone();
                if left.split().is_anonymous() {
                    return Err(Refusal::NothingToSplit);
                }
                if self.keeper.next == u64::MAX {
                    return Err(KeeperError::Full.into());
                }
                let Forked { id, newborn, part } = self.keeper.fork(ticket, events)?;
                Ok(Answer::Forked { id, newborn, part })
            }
            Operation::Reclaim { events, dead } => {
                let (id, events) = self.keeper.reclaim(ticket, events, *dead)?;
                self.answered.remove(&dead.number);
                Ok(Answer::Reclaimed { id, events })
            }
        }
    }
}

/// The FNV-1a hash of a request's bytes.
fn digest(request: &Request) -> u64 {
    request.to_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
