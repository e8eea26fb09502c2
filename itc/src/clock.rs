//! The clock of a participant, and the operations of "Interval Tree Clocks",
//! section 3.

use alloc::vec::Vec;

use causal_clock::Rejected;

use crate::{EventError, EventTree, Id, IdOverlap, Stamp};

/// An interval tree clock: the paper's stamp `(i, e)`, of an id that is the
/// participant's own and what it knows.
///
/// A clock is not `Clone`: two clocks of one id would make different events of
/// the same name. Use [`fork`](Self::fork).
///
/// ```
/// use itc::Itc;
///
/// let mut a = Itc::seed();
/// let mut b = a.fork();
/// a.event()?;
/// b.event()?;
/// assert_eq!(a.to_string(), "((1,0),(0,1,0))");
/// a.join(b)?;
/// assert_eq!(a.to_string(), "(1,1)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(PartialEq, Eq, Hash)]
pub struct Itc {
    id: Id,
    events: EventTree,
}

impl Itc {
    /// The clock `(1, 0)` of the first participant, from which all others are
    /// forked.
    #[must_use]
    pub fn seed() -> Self {
        Self { id: Id::seed(), events: EventTree::zero() }
    }

    /// The clock of this id and knowledge.
    ///
    /// It is up to the caller that no other clock owns a part of the id, and
    /// that the events that were made with the id are all known.
    #[must_use]
    pub const fn from_parts(id: Id, events: EventTree) -> Self {
        Self { id, events }
    }

    /// The id and what is known.
    #[must_use]
    pub fn into_parts(self) -> (Id, EventTree) {
        (self.id, self.events)
    }

    /// What the participant owns.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// What the participant knows.
    #[must_use]
    pub const fn event_tree(&self) -> &EventTree {
        &self.events
    }

    /// Splits off the clock of a newborn participant: it gets the right part
    /// of the id and knows all that this one knows. Makes no event.
    ///
    /// Where there is nothing to split (see [`Id::split`]), the newborn is
    /// anonymous, and can make no event; [`try_fork`](Self::try_fork) tells.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&mut self) -> Self {
        Self { id: self.id.split(), events: self.events.clone() }
    }

    /// As [`fork`](Self::fork), but `None`, and no change, where nothing can be
    /// given away: the clock is anonymous, or its only part is already at
    /// [`MAX_DEPTH`](crate::MAX_DEPTH).
    ///
    /// ```
    /// use itc::Itc;
    ///
    /// let mut a = Itc::seed();
    /// assert!(a.try_fork().is_some());
    /// let mut anonymous: Itc = "(0,7)".parse()?;
    /// assert_eq!(anonymous.try_fork(), None);
    /// # Ok::<(), itc::ParseError>(())
    /// ```
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn try_fork(&mut self) -> Option<Self> {
        let id = self.id.split();
        (!id.is_anonymous()).then(|| Self { id, events: self.events.clone() })
    }

    /// Records an event: fill, or grow (see the paper, section 5.3).
    ///
    /// # Errors
    /// Where the clock is anonymous or the counter is full; the clock is then
    /// unchanged.
    pub fn event(&mut self) -> Result<(), EventError> {
        self.events.record(&self.id)
    }

    /// Splits off the clocks of `n` newborn participants, in balance: the id
    /// is shared among the `n + 1` of them so that no part is split twice more
    /// often than another.
    ///
    /// ```
    /// use itc::Itc;
    ///
    /// let mut a = Itc::seed();
    /// let newborns = a.fork_many(2);
    /// assert_eq!(a.id().to_string(), "(0,1)");
    /// assert_eq!(newborns[0].id().to_string(), "((1,0),0)");
    /// assert_eq!(newborns[1].id().to_string(), "((0,1),0)");
    /// ```
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork_many(&mut self, n: usize) -> Vec<Self> {
        let newborns = self.id.split_many(n);
        newborns.into_iter().map(|id| Self { id, events: self.events.clone() }).collect()
    }

    /// Records `k` events at once: the clock is as after `k` times
    /// [`event`](Self::event), and the time does not depend on `k`.
    ///
    /// # Errors
    /// As [`event`](Self::event); the clock is then unchanged.
    pub fn events(&mut self, k: u64) -> Result<(), EventError> {
        self.events.record_many(&self.id, k)
    }

    /// The anonymous stamp of what is known: that of the latest event, where
    /// nothing else happened since.
    #[must_use]
    pub fn peek(&self) -> Stamp {
        Stamp::new(self.events.clone())
    }

    /// Takes over what a stamp knows. Makes no event.
    pub fn merge(&mut self, stamp: &Stamp) {
        self.events.unite(stamp.event_tree());
    }

    /// Retires another participant into this one, which takes over its id and
    /// knowledge. Makes no event.
    ///
    /// # Errors
    /// Where both own a common part of the interval. Both are then unchanged,
    /// and the other comes back in the error.
    pub fn join(&mut self, retired: Self) -> Result<(), Rejected<Self>> {
        match self.id.sum(&retired.id) {
            Ok(id) => {
                self.id = id;
                self.events.unite(&retired.events);
                Ok(())
            }
            Err(overlap) => Err(Rejected::new(retired, overlap.into())),
        }
    }

    /// An event and its stamp, for a message: event; peek.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub fn send(&mut self) -> Result<Stamp, EventError> {
        self.event()?;
        Ok(self.peek())
    }

    /// Takes over what a message carries and records its receipt: join; event.
    ///
    /// # Errors
    /// As [`event`](Self::event); the merge stands.
    pub fn receive(&mut self, stamp: &Stamp) -> Result<(), EventError> {
        self.merge(stamp);
        self.event()
    }

    /// Gives both participants the union of what they know, and shares the
    /// union of their ids out anew: join; fork. Makes no event.
    ///
    /// # Errors
    /// Where the ids overlap; both are then unchanged.
    pub fn sync(&mut self, other: &mut Self) -> Result<(), IdOverlap> {
        let mut id = self.id.sum(&other.id)?;
        other.id = id.split();
        self.id = id;
        self.events.unite(&other.events);
        other.events = self.events.clone();
        Ok(())
    }
}
