//! A member whose keeper is elsewhere.

use causal_clock::{DecodeError, Wire};

use super::{Answer, Operation, Refusal, Reply, Request};
use crate::keeper::Ticket;
use crate::{EventError, EventTree, Itc, Stamp};

/// Why a remote member refuses. It is unchanged, but for what was
/// [`Refused`](Self::Refused).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// A request is under way: send [`pending`](RemoteMember::pending) again
    /// until its reply has come.
    #[error("a request is under way, and was not replied to")]
    Busy,
    /// The keeper refuses the request.
    #[error("the keeper refuses: {0}")]
    Refused(#[from] Refusal),
    /// The keeper has refused this member for good. What it has not published is
    /// lost; it must be forked anew.
    #[error("this member has ended: the keeper has refused it for good")]
    Ended,
    /// The reply does not fit the request.
    #[error("the reply is not one to the request")]
    Mismatch,
    /// The event cannot be made.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// What a reply has brought about.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "a newborn that is dropped is a participant that crashed at birth"]
pub enum Accepted {
    /// This stamp may be seen now.
    Published(Stamp),
    /// There is a newborn, here or for another process.
    Forked(Newborn),
    /// The dead one's id is this member's.
    Reclaimed,
    /// The reply is to no request that is waited for: late, repeated, or
    /// another's. Nothing has changed.
    Unasked,
}

/// A participant that was just born, and may be sent to where it is to live.
/// Its bytes are its ticket and its clock.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a newborn that is dropped is a participant that crashed at birth"]
pub struct Newborn {
    pub(super) ticket: Ticket,
    pub(super) clock: Itc,
}

impl Newborn {
    /// The name by which the keeper knows it.
    #[must_use]
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Begins its life. Only one process may do that.
    #[must_use]
    pub fn live(self) -> RemoteMember {
        RemoteMember {
            ticket: self.ticket,
            clock: self.clock,
            last: 0,
            pending: None,
            ended: false,
        }
    }
}

/// A clock whose id is in keeping elsewhere, see [`remote`](super).
///
/// It has no form in bytes: a member that went on from an old copy of itself
/// would count its events anew. One that crashed is reclaimed.
#[derive(Debug, PartialEq, Eq)]
pub struct RemoteMember {
    ticket: Ticket,
    clock: Itc,
    /// The number of its last request.
    last: u64,
    pending: Option<Request>,
    ended: bool,
}

impl RemoteMember {
    /// The request to be the first participant of a keeper. The nonce must be
    /// random: nobody else who tries that may have the same.
    pub const fn seed(keeper: u64, nonce: u64) -> Request {
        let ticket = Ticket { keeper, number: 0 };
        Request { ticket, number: 0, operation: Operation::Seed { nonce } }
    }

    /// The first participant, from the reply to [`seed`](Self::seed). It must
    /// be called once: a late copy of the reply would make a second one.
    ///
    /// # Errors
    /// [`RemoteError::Refused`]; [`RemoteError::Mismatch`] where the reply is to
    /// something else.
    pub fn seeded(request: &Request, reply: &Reply) -> Result<Self, RemoteError> {
        if reply.ticket != request.ticket || reply.number != request.number {
            return Err(RemoteError::Mismatch);
        }
        match (&request.operation, reply.result.clone()?) {
            (Operation::Seed { .. }, Answer::Seeded) => {
                Ok(Newborn { ticket: request.ticket, clock: Itc::seed() }.live())
            }
            _ => Err(RemoteError::Mismatch),
        }
    }

    /// The name by which the keeper knows this participant: what others need
    /// to reclaim its id.
    #[must_use]
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The clock, events that are not published included. Nobody may see what
    /// it stamps.
    #[must_use]
    pub const fn clock(&self) -> &Itc {
        &self.clock
    }

    /// The request that waits for its reply: to be sent again.
    #[must_use]
    pub const fn pending(&self) -> Option<&Request> {
        self.pending.as_ref()
    }

    /// Whether the keeper has refused this member for good.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Makes an event that nobody may see before it is published.
    ///
    /// # Errors
    /// [`RemoteError::Busy`] while the member forks or reclaims,
    /// [`RemoteError::Event`], [`RemoteError::Ended`].
    pub fn event(&mut self) -> Result<(), RemoteError> {
        let operation = self.pending.as_ref().map(|request| &request.operation);
        match operation {
            _ if self.ended => Err(RemoteError::Ended),
            None | Some(Operation::Publish { .. }) => Ok(self.clock.event()?),
            Some(_) => Err(RemoteError::Busy),
        }
    }

    /// Takes over what a stamp knows. Makes no event.
    pub fn merge(&mut self, stamp: &Stamp) {
        self.clock.merge(stamp);
    }

    /// Asks to publish all events so far. The stamp of the latest comes with
    /// the reply.
    ///
    /// # Errors
    /// [`RemoteError::Busy`], [`RemoteError::Ended`].
    pub fn publish(&mut self) -> Result<Request, RemoteError> {
        self.ask(|events| Operation::Publish { events })
    }

    /// Asks to split off a newborn. All events so far are published.
    ///
    /// # Errors
    /// [`RemoteError::Busy`], [`RemoteError::Ended`].
    pub fn fork(&mut self) -> Result<Request, RemoteError> {
        self.ask(|events| Operation::Fork { events })
    }

    /// Asks for the id of a participant that is dead, or that has published
    /// its last event and retires. All events so far are published.
    ///
    /// # Errors
    /// [`RemoteError::Busy`], [`RemoteError::Ended`].
    pub fn reclaim(&mut self, dead: Ticket) -> Result<Request, RemoteError> {
        self.ask(|events| Operation::Reclaim { events, dead })
    }

    fn ask(
        &mut self,
        operation: impl FnOnce(EventTree) -> Operation,
    ) -> Result<Request, RemoteError> {
        if self.ended {
            return Err(RemoteError::Ended);
        }
        if self.pending.is_some() {
            return Err(RemoteError::Busy);
        }
        let number = self.last.checked_add(1).ok_or(RemoteError::Ended)?;
        let operation = operation(self.clock.event_tree().clone());
        let request = Request { ticket: self.ticket, number, operation };
        self.last = number;
        self.pending = Some(request.clone());
        Ok(request)
    }

    /// Takes a reply in.
    ///
    /// # Errors
    /// [`RemoteError::Refused`]; the request is then no longer under way.
    /// [`RemoteError::Mismatch`]; it still is.
    pub fn accept(&mut self, reply: &Reply) -> Result<Accepted, RemoteError> {
        let awaited =
            |request: &&Request| request.ticket == reply.ticket && request.number == reply.number;
        let Some(request) = self.pending.as_ref().filter(awaited) else {
            return Ok(Accepted::Unasked);
        };
        let answer = match &reply.result {
            Ok(answer) => answer.clone(),
            Err(refusal) => {
                self.ended = refusal.is_final(self.ticket);
                self.pending = None;
                return Err(refusal.clone().into());
            }
        };
        let accepted = match (&request.operation, answer) {
            (Operation::Publish { events }, Answer::Published) => {
                Accepted::Published(Stamp::new(events.clone()))
            }
            (Operation::Fork { events }, Answer::Forked { id, newborn, part }) => {
                let clock = Itc::from_parts(part, events.clone());
                self.clock = Itc::from_parts(id, self.clock.event_tree().clone());
                Accepted::Forked(Newborn { ticket: newborn, clock })
            }
            (Operation::Reclaim { .. }, Answer::Reclaimed { id, events }) => {
                // What was merged meanwhile stays known.
                self.clock = Itc::from_parts(id, self.clock.event_tree().join(&events));
                Accepted::Reclaimed
            }
            _ => return Err(RemoteError::Mismatch),
        };
        self.pending = None;
        Ok(accepted)
    }
}

impl Wire for Newborn {
    fn encode(&self, out: &mut alloc::vec::Vec<u8>) {
        self.ticket.encode(out);
        self.clock.encode(out);
    }

    fn encoded_len(&self) -> usize {
        self.ticket.encoded_len() + self.clock.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = causal_clock::wire::Reader::new(bytes);
        let ticket = super::wire::read_ticket(&mut reader)?;
        let clock = Itc::decode(&bytes[reader.position()..])?;
        Ok(Self { ticket, clock })
    }
}
