//! A remedy for lost ids: a keeper that can give a dead participant's id to
//! another one, without an event ever being taken for another.
//!
//! A participant that crashes takes its part of the interval with it, for
//! ever; the ids of those that stay get smaller, and everything gets longer.
//! To give the part to an heir is only safe if the heir knows of every event
//! that the dead one made in it and that anyone may yet see: else the heir
//! counts anew what was counted before, and its events are taken for the dead
//! one's, or for later ones.
//!
//! # The protocol
//!
//! A [`Keeper`] holds, for each participant, its id and what it knew at its
//! last deposit. A [`Member`] is a clock that plays by three rules:
//!
//! 1. An event is *made* by [`Member::event`], at no cost. It may be *seen* by
//!    others only after [`Member::publish`] has deposited it: the stamp comes
//!    from there. One deposit publishes all events made so far.
//! 2. Ids are forked, joined and reclaimed with the keeper, in one step there.
//! 3. [`Member::reclaim`] makes the keeper forget the dead one's ticket. What
//!    comes with that ticket afterwards is refused ([`KeeperError::Fenced`]).
//!
//! So at the moment of a reclaim, the keeper knows of every event of the dead
//! one that anyone has seen or will see. The heir takes over that knowledge
//! with the id: it is as if the dead one had retired into it at its last
//! deposit, and all that makes retirement exact makes this exact. No clock is
//! waited for, and a participant that was declared dead by mistake does no
//! harm: its deposits are refused, and it asks for a new id.
//!
//! # The assumption
//!
//! *Nothing is seen that was not deposited*, and the keeper does not forget.
//! A stamp that leaves by another way breaks it: through
//! [`Member::unpublished`], through [`Member::clock`] and
//! [`peek`](Itc::peek), through a member that was saved and went on from an
//! old copy, or after the keeper was restored from one.
//!
//! # Leaks
//!
//! The keeper sees a leak as soon as anyone who has seen the event makes a
//! deposit: it then knows of more, in a part of another, than was ever
//! deposited. It answers [`KeeperError::Leaked`], once, and *records* the
//! report: it is deposited, so the witness can go on, and it is kept for the
//! owner of the part beside the owner's own deposits. Whoever reclaims that
//! part takes over both, as if it had received the witness's stamp. So the
//! heir counts on from above the leak, and truly comes after it.
//!
//! That makes every leak harmless that was reported before the reclaim. One
//! that was not does damage as soon as the heir counts in that part: its event
//! can be taken for the leaked one. Such a leak is detected until the heir has
//! counted past it, and not after that; nor can a report undo what the new
//! owner counts without it. The same holds for what a participant leaks after
//! it was fenced off. `tests/leaks.rs` shows all of this.
//!
//! # The price
//!
//! A round trip to the keeper for each publication, and one event tree there
//! for each participant (two where a leak was reported). A [`Keeper`] is a value
//! in one process, and all operations need it mutable; [`remote`] has requests
//! and replies for members in other processes. With the feature `serde`, keepers, members and
//! tickets are saved and read back; a keeper must be saved before the outcome
//! of an operation is acted on, and only its latest state may be read back.
//!
//! ```
//! use itc::keeper::{Keeper, KeeperError};
//!
//! let mut keeper = Keeper::new(7);
//! let mut alice = keeper.seed().expect("the first");
//! let mut bob = alice.fork(&mut keeper)?;
//! let ticket = bob.ticket();
//! bob.event()?;
//! let seen = bob.publish(&mut keeper)?;
//! bob.event()?;                                // and then bob is not heard of
//!
//! alice.reclaim(ticket, &mut keeper)?;
//! assert_eq!(alice.clock().id().to_string(), "1");
//! assert!(seen <= alice.publish(&mut keeper)?);
//! assert!(matches!(bob.publish(&mut keeper), Err(KeeperError::Fenced(_))));
//! # Ok::<(), KeeperError>(())
//! ```

pub mod remote;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::fmt;

use crate::{EventError, EventTree, Id, IdOverlap, Itc, Stamp};

/// The name by which the keeper knows a participant; never given twice. It
/// says which keeper's it is, and is of no use at another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Ticket {
    keeper: u64,
    number: u64,
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.keeper, self.number)
    }
}

/// Why the keeper or a member refuses. Nothing has changed, except that the
/// keeper has recorded what was [`Leaked`](Self::Leaked).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeeperError {
    /// The ticket is not, or no longer, in use: its id was joined or
    /// reclaimed. A participant that gets this answer was declared dead. What
    /// it has not published is lost; it must be forked anew.
    #[error("the ticket {0} is fenced off: its id was given to another")]
    Fenced(Ticket),
    /// The ticket is of another keeper.
    #[error("the ticket {0} is of another keeper")]
    Foreign(Ticket),
    /// The deposit knows of events that were never deposited: somebody has let
    /// a stamp be seen before its publication. The deposit is recorded (see
    /// [Leaks](self#leaks)), and trying again succeeds.
    #[error("events were seen that were never deposited, in the part {part}")]
    Leaked {
        /// Where the events were made.
        part: Id,
    },
    /// A participant cannot be its own heir.
    #[error("the participant {0} cannot reclaim its own id")]
    OwnId(Ticket),
    /// The deposit is older than the last one of the same participant.
    #[error("the deposit of {0} is older than its last one")]
    Stale(Ticket),
    /// The keeper has given out all tickets that there are.
    #[error("there are no more tickets")]
    Full,
    /// The ids overlap, as those of one keeper never do.
    #[error(transparent)]
    Overlap(#[from] IdOverlap),
    /// The event cannot be made.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// What comes of a fork.
struct Forked {
    /// What is left to the parent.
    id: Id,
    newborn: Ticket,
    /// What the newborn owns.
    part: Id,
}

/// What is held for a participant.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Deposit {
    id: Id,
    /// What it knew at its last deposit.
    events: EventTree,
    /// What witnesses of leaks in its part knew when they reported them.
    reported: EventTree,
}

/// Holds what is needed to give the id of a dead participant to another.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Keeper {
    id: u64,
    next: u64,
    /// By the numbers of tickets.
    deposits: BTreeMap<u64, Deposit>,
    /// Everything that was ever deposited.
    known: EventTree,
}

impl Keeper {
    /// A keeper of nobody yet. Its tickets carry this id; it is up to the
    /// caller that no two keepers have the same.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self { id, next: 0, deposits: BTreeMap::new(), known: EventTree::zero() }
    }

    /// The first participant. `None` where there was one before.
    pub fn seed(&mut self) -> Option<Member> {
        if self.next != 0 {
            return None;
        }
        let zero = EventTree::zero;
        let ticket =
            self.admit(Deposit { id: Id::seed(), events: zero(), reported: zero() }).ok()?;
        Some(Member { ticket, clock: Itc::seed() })
    }

    /// The participants that are not known to be gone.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.deposits.keys().map(|number| Ticket { keeper: self.id, number: *number })
    }

    /// What a participant owns.
    #[must_use]
    pub fn id(&self, ticket: Ticket) -> Option<&Id> {
        self.kept(ticket).ok().map(|deposit| &deposit.id)
    }

    fn kept(&self, ticket: Ticket) -> Result<&Deposit, KeeperError> {
        if ticket.keeper != self.id {
            return Err(KeeperError::Foreign(ticket));
        }
        self.deposits.get(&ticket.number).ok_or(KeeperError::Fenced(ticket))
    }

    /// A new ticket for this id.
    fn admit(&mut self, deposit: Deposit) -> Result<Ticket, KeeperError> {
        let ticket = Ticket { keeper: self.id, number: self.next };
        self.next = self.next.checked_add(1).ok_or(KeeperError::Full)?;
        self.deposits.insert(ticket.number, deposit);
        Ok(ticket)
    }

    /// Takes `events` into keeping, and gives half of the id to a newborn.
    fn fork(&mut self, ticket: Ticket, events: &EventTree) -> Result<Forked, KeeperError> {
        self.deposit(ticket, events)?;
        let deposit = self.kept(ticket)?;
        let (mut id, reported) = (deposit.id.clone(), deposit.reported.clone());
        let part = id.split();
        let newborn = self.admit(Deposit { id: part.clone(), events: events.clone(), reported })?;
        self.give(ticket, &id);
        Ok(Forked { id, newborn, part })
    }

    /// Takes `events` into keeping, and gives the id and the knowledge of a
    /// dead participant to this one.
    fn reclaim(
        &mut self,
        ticket: Ticket,
        events: &EventTree,
        dead: Ticket,
    ) -> Result<(Id, EventTree), KeeperError> {
        if dead == ticket {
            return Err(KeeperError::OwnId(dead));
        }
        let id = self.kept(ticket)?.id.sum(&self.kept(dead)?.id)?;
        // First what it knows by itself: that may show a leak, of the dead one
        // even, which is then reported before the reclaim.
        self.deposit(ticket, events)?;
        let lost = self.kept(dead)?;
        let events = events.join(&lost.events).join(&lost.reported);
        self.deposit(ticket, &events)?;
        self.deposits.remove(&dead.number);
        self.give(ticket, &id);
        Ok((id, events))
    }

    fn give(&mut self, ticket: Ticket, id: &Id) {
        if let Some(deposit) = self.deposits.get_mut(&ticket.number) {
            deposit.id = id.clone();
        }
    }

    /// Takes the knowledge of a participant into keeping, and what it knows of
    /// events that were never deposited for their owners.
    fn deposit(&mut self, ticket: Ticket, events: &EventTree) -> Result<(), KeeperError> {
        let deposit = self.kept(ticket)?;
        if !deposit.events.leq(events) {
            return Err(KeeperError::Stale(ticket));
        }
        let part = events.unknown_to(&self.known, &deposit.id);
        self.known.unite(events);
        if let Some(deposit) = self.deposits.get_mut(&ticket.number) {
            deposit.events = events.clone();
        }
        if part.is_anonymous() {
            return Ok(());
        }
        // The witness itself owns nothing of the part.
        for deposit in self.deposits.values_mut() {
            if !deposit.id.intersection(&part).is_anonymous() {
                deposit.reported.unite(events);
            }
        }
        Err(KeeperError::Leaked { part })
    }
}

/// A clock whose id is in keeping, see [`keeper`](self).
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Member {
    ticket: Ticket,
    clock: Itc,
}

impl Member {
    /// The name by which the keeper knows this participant: what others need
    /// to reclaim its id.
    #[must_use]
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// The clock, events that are not published included. Its
    /// [`peek`](Itc::peek) is as [`unpublished`](Self::unpublished), and
    /// breaks [the assumption](self#the-assumption) where it is seen.
    #[must_use]
    pub const fn clock(&self) -> &Itc {
        &self.clock
    }

    /// Makes an event that nobody may see before [`publish`](Self::publish).
    ///
    /// # Errors
    /// Where the counter is full.
    pub fn event(&mut self) -> Result<(), KeeperError> {
        Ok(self.clock.event()?)
    }

    /// Deposits what is known, all events so far included, and gives the
    /// stamp of the latest, which may now be seen.
    ///
    /// # Errors
    /// Where the ticket is fenced off, or a leak shows.
    pub fn publish(&self, keeper: &mut Keeper) -> Result<Stamp, KeeperError> {
        keeper.deposit(self.ticket, self.clock.event_tree())?;
        Ok(self.clock.peek())
    }

    /// The stamp of what is known, events that are not published included.
    /// Whoever lets it be seen before it is published breaks
    /// [the assumption](self#the-assumption).
    #[must_use]
    pub fn unpublished(&self) -> Stamp {
        self.clock.peek()
    }

    /// Takes over what a stamp knows. Makes no event.
    pub fn merge(&mut self, stamp: &Stamp) {
        self.clock.merge(stamp);
    }

    /// Splits off a newborn participant. All events so far are published.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn fork(&mut self, keeper: &mut Keeper) -> Result<Self, KeeperError> {
        let forked = keeper.fork(self.ticket, self.clock.event_tree())?;
        let events = self.clock.event_tree().clone();
        self.clock = Itc::from_parts(forked.id, events.clone());
        Ok(Self { ticket: forked.newborn, clock: Itc::from_parts(forked.part, events) })
    }

    /// Retires another participant into this one. All events of both are
    /// published.
    ///
    /// # Errors
    /// Where either ticket is fenced off, or a leak shows; the other then
    /// comes back.
    pub fn join(
        &mut self,
        retired: Self,
        keeper: &mut Keeper,
    ) -> Result<(), Box<(Self, KeeperError)>> {
        let published = retired.publish(keeper);
        match published.and_then(|_| self.reclaim(retired.ticket, keeper)) {
            Ok(()) => Ok(()),
            Err(error) => Err(Box::new((retired, error))),
        }
    }

    /// Takes over the id of a participant that is declared dead, all that it
    /// has published, and what was reported of its leaks. Its ticket is fenced
    /// off. All events of this participant so far are published.
    ///
    /// # Errors
    /// Where either ticket is fenced off already, or a leak shows.
    pub fn reclaim(&mut self, dead: Ticket, keeper: &mut Keeper) -> Result<(), KeeperError> {
        let (id, events) = keeper.reclaim(self.ticket, self.clock.event_tree(), dead)?;
        self.clock = Itc::from_parts(id, events);
        Ok(())
    }
}
