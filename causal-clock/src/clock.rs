//! The trait every clock stands behind. The kernel is fork, event and join, as
//! in "Interval Tree Clocks" (Almeida, Baquero, Fonte, OPODIS 2008, section
//! 2); everything else is composed of them.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::{Environment, Verdict, Wire};

/// The clock of one participant.
///
/// Its life: the seed clock of a [`Scheme`](crate::Scheme), or
/// [`fork`](Self::fork)ed from another participant's clock; then
/// [`event`](Self::event)s and [`merge`](Self::merge)s; in the end it is
/// [`join`](Self::join)ed into a participant that stays, or dropped in a crash
/// with all it knew.
///
/// A clock [encodes](Wire) to bytes and comes back as it was, so that it can
/// be handed to a newborn participant, or survive a restart of its own. A
/// participant must never go on from bytes *older* than an event it has let
/// others see: that would make two events of one name.
///
/// ```
/// use causal_clock::{CausalClock, CausalOrder, CausalStamp, Environment};
///
/// /// A send at `a`, its receipt at a newborn `b`.
/// fn message<C: CausalClock>(mut a: C, env: &mut impl Environment) -> Result<(), C::Error> {
///     let mut b = a.fork(env);
///     let sent = a.send(env)?;
///     b.receive(&sent, env)?;
///     assert_eq!(sent.compare(&b.stamp()).order, CausalOrder::Before);
///     Ok(())
/// }
/// ```
pub trait CausalClock: Sized + Wire {
    /// What an event is stamped with.
    type Stamp: CausalStamp;

    /// Why an operation can fail. Most clocks only fail when a counter is
    /// full: [`CounterOverflow`]. It takes a stamp from a hostile hand to get
    /// there, so it is an error and never a panic.
    type Error: Error + Send + Sync + 'static;

    /// Splits off the clock of a newborn participant. Makes no event: both
    /// sides have the same past.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    fn fork(&mut self, env: &mut impl Environment) -> Self;

    /// Records an event of this participant.
    ///
    /// # Errors
    /// Where a counter is full; the clock is then unchanged.
    fn event(&mut self, env: &mut impl Environment) -> Result<(), Self::Error>;

    /// The stamp of this participant's latest event.
    ///
    /// After a [`fork`](Self::fork), [`merge`](Self::merge) or
    /// [`join`](Self::join) with no event since, it is no event's stamp: it
    /// carries what the participant knows, and is good for a
    /// [`merge`](Self::merge) elsewhere, but what it compares to is not
    /// specified.
    fn stamp(&self) -> Self::Stamp;

    /// Takes over the past that a stamp carries. Makes no event.
    ///
    /// # Errors
    /// Where the stamp is refused, for example as too far in the future; the
    /// clock is then unchanged.
    fn merge(&mut self, stamp: &Self::Stamp, env: &mut impl Environment)
    -> Result<(), Self::Error>;

    /// Retires another participant into this one, which takes over its past
    /// and whatever names it owned. Makes no event.
    ///
    /// # Errors
    /// Where the clocks do not fit together, for example when both own the
    /// same part of an interval tree. This clock is then unchanged, and the
    /// other comes back in the error.
    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>>;

    /// What it would cost to [`fork`](Self::fork) a newborn from this
    /// participant, in units of the clock's own: where a newborn could be
    /// forked from any of several, one of the least cost is best. It is only
    /// a preference: the clock is right whoever is chosen. `None` for no
    /// preference, or where this participant should rather not be chosen.
    fn fork_cost(&self) -> Option<i64> {
        None
    }

    /// What it would cost this participant to [`join`](Self::join) one that
    /// retires, as [`fork_cost`](Self::fork_cost): where it could retire into
    /// any of several, one of the least cost is best.
    fn join_cost(&self, retiring: &Self) -> Option<i64> {
        let _ = retiring;
        None
    }

    /// An event and its stamp, for a message.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    fn send(&mut self, env: &mut impl Environment) -> Result<Self::Stamp, Self::Error> {
        self.event(env)?;
        Ok(self.stamp())
    }

    /// Takes over what a message carries and records its receipt as an event.
    ///
    /// # Errors
    /// As [`merge`](Self::merge) and then [`event`](Self::event); where only
    /// the event fails, the merge stands.
    fn receive(
        &mut self,
        stamp: &Self::Stamp,
        env: &mut impl Environment,
    ) -> Result<(), Self::Error> {
        self.merge(stamp, env)?;
        self.event(env)
    }

    /// Gives both participants the union of their pasts. Makes no event.
    ///
    /// # Errors
    /// As [`merge`](Self::merge); where the second merge fails, the first
    /// stands.
    fn sync(&mut self, other: &mut Self, env: &mut impl Environment) -> Result<(), Self::Error> {
        self.merge(&other.stamp(), env)?;
        other.merge(&self.stamp(), env)
    }
}

/// The stamp of an event: what is stored and sent with the event's data.
pub trait CausalStamp: Clone + Wire {
    /// How the event of this stamp stands to that of another, and whether the
    /// two stamps prove it.
    ///
    /// Only stamps of one execution of one scheme can be compared in a
    /// meaningful way. A stamp compared with itself is equal.
    fn compare(&self, other: &Self) -> Verdict;
}

/// A counter is full: the clock cannot name another event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the counter is full at {counter}: no further event can be stamped")]
pub struct CounterOverflow {
    /// The value that could not be increased.
    pub counter: u64,
}

/// A [`join`](CausalClock::join) that was refused: the clock that was to
/// retire comes back as it was, with the reason.
pub struct Rejected<C: CausalClock> {
    /// The clock that was to retire.
    pub retired: Box<C>,
    /// Why it was refused.
    pub error: C::Error,
}

impl<C: CausalClock> Rejected<C> {
    /// The refusal of `retired` because of `error`.
    #[must_use]
    pub fn new(retired: C, error: C::Error) -> Self {
        Self { retired: Box::new(retired), error }
    }
}

impl<C: CausalClock> fmt::Debug for Rejected<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<C: CausalClock> fmt::Display for Rejected<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the join was refused: {}", self.error)
    }
}

impl<C: CausalClock> Error for Rejected<C> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
