//! The tree clock of a participant and its stamps.

use alloc::sync::Arc;

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, Environment, NodeId, Rejected, Verdict,
};

use super::arena::Tree;
use crate::dot::{Dot, successor};
use crate::{VectorStamp, VersionVector};

/// A participant's exact clock that takes in a message by looking at little
/// more than its news. See the [module](crate::tree).
///
/// ```
/// use bounded_vc::TreeClock;
/// use causal_clock::{CausalOrder, CausalStamp, NodeId};
///
/// let mut a = TreeClock::new(NodeId::new(1));
/// let mut b = a.fork(NodeId::new(2));
/// a.event()?;
/// let message = a.stamp();
/// b.merge(&message)?;
/// b.event()?;
/// assert_eq!(message.compare(&b.stamp()).order, CausalOrder::Before);
/// assert_eq!(b.merge(&message)?, 1, "no news: only the root was looked at");
/// # Ok::<(), bounded_vc::TreeClockError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeClock {
    pub(super) id: NodeId,
    pub(super) tree: Arc<Tree>,
}

/// Why a tree clock refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeClockError {
    /// The own time is the last there is.
    #[error(transparent)]
    Overflow(#[from] CounterOverflow),
    /// Someone knows of this participant what it has not done yet: the id is
    /// not unique, the clock went on from an older state, or the stamp lies.
    #[error("{id:?} is at time {own}, and a stamp knows of its time {claimed}")]
    OwnFuture {
        /// The participant.
        id: NodeId,
        /// How far it is.
        own: u64,
        /// How far the stamp says that it is.
        claimed: u64,
    },
}

impl TreeClock {
    /// The clock of a participant that knows of no event. Nobody else may
    /// ever have its id.
    #[must_use]
    pub fn new(id: NodeId) -> Self {
        Self { id, tree: Arc::new(Tree::new()) }
    }

    /// The participant's id.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// How far `id` is known: the number of its events and of its merges that
    /// brought news.
    #[must_use]
    pub fn get(&self, id: NodeId) -> u64 {
        self.tree.time(id)
    }

    /// The own time.
    fn time(&self) -> u64 {
        self.tree.root().map_or(0, |(_, time)| time)
    }

    /// Who is known how far, as an exact vector of its own.
    #[must_use]
    pub fn to_vector(&self) -> VersionVector {
        self.tree.vector()
    }

    /// The clock of a newborn participant with an id that is new, too. With an
    /// id that is known already, it has no past.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&self, id: NodeId) -> Self {
        let mut child = Self::new(id);
        // Refused where the id is known: the child then is as it was.
        let _ = child.take_in(&self.tree);
        child
    }

    /// Records an event and names it.
    ///
    /// # Errors
    /// Where the own time is the last there is; the clock is then unchanged.
    pub fn event(&mut self) -> Result<Dot, TreeClockError> {
        let time = successor(self.time())?;
        Arc::make_mut(&mut self.tree).advance(self.id, time);
        Ok(Dot { origin: self.id, counter: time })
    }

    /// The stamp of the latest event, where nothing was merged since. It
    /// shares its memory with the clock until the clock goes on.
    #[must_use]
    pub fn stamp(&self) -> TreeStamp {
        TreeStamp::of(self.id, self.tree.clone())
    }

    /// Takes over the past that a stamp carries, and returns how many of its
    /// entries were looked at.
    ///
    /// # Errors
    /// See [`TreeClockError`]; the clock is then unchanged.
    pub fn merge(&mut self, stamp: &TreeStamp) -> Result<usize, TreeClockError> {
        self.take_in(&stamp.tree)
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    #[expect(clippy::needless_pass_by_value, reason = "the retired clock must not go on")]
    pub fn join(&mut self, retired: Self) -> Result<usize, TreeClockError> {
        self.take_in(&retired.tree)
    }

    fn take_in(&mut self, other: &Tree) -> Result<usize, TreeClockError> {
        let Some((id, time)) = other.root() else { return Ok(0) };
        let (own, claimed) = (self.time(), other.time_near(self.id, self.tree.root));
        if claimed > own {
            return Err(TreeClockError::OwnFuture { id: self.id, own, claimed });
        }
        if self.tree.time_near(id, other.root) >= time {
            return Ok(1);
        }
        let next = successor(own)?;
        Ok(Arc::make_mut(&mut self.tree).join(self.id, other, next))
    }
}

impl CausalClock for TreeClock {
    type Stamp = TreeStamp;
    type Error = TreeClockError;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self::fork(self, env.fresh_id())
    }

    fn event(&mut self, _: &mut impl Environment) -> Result<(), TreeClockError> {
        Self::event(self).map(|_| ())
    }

    fn stamp(&self) -> TreeStamp {
        Self::stamp(self)
    }

    fn merge(&mut self, stamp: &TreeStamp, _: &mut impl Environment) -> Result<(), Self::Error> {
        Self::merge(self, stamp).map(|_| ())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        match self.take_in(&retired.tree) {
            Ok(_) => Ok(()),
            Err(error) => Err(Rejected::new(retired, error)),
        }
    }
}

/// The stamp of an event of a [`TreeClock`]: its dot, and the whole tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeStamp {
    dot: Dot,
    pub(super) tree: Arc<Tree>,
}

impl TreeStamp {
    pub(super) fn of(origin: NodeId, tree: Arc<Tree>) -> Self {
        let counter = tree.root().map_or(0, |(_, time)| time);
        Self { dot: Dot { origin, counter }, tree }
    }

    /// The event's name.
    #[must_use]
    pub const fn dot(&self) -> Dot {
        self.dot
    }

    /// How far `id` is known.
    #[must_use]
    pub fn get(&self, id: NodeId) -> u64 {
        self.tree.time(id)
    }

    /// How many participants have an entry.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.ids.len()
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.ids.is_empty()
    }

    /// The same event and the same past as an exact stamp without the tree:
    /// smaller, and what to store.
    #[must_use]
    pub fn to_vector_stamp(&self) -> VectorStamp {
        VectorStamp::of(self.dot.origin, self.tree.vector())
    }

    /// Becomes the stamp of `clock`, by taking over what is new in it: for
    /// the clock of a lock, a mailbox or a channel, which is overwritten time
    /// and again by participants who have seen its last state. Returns how
    /// many entries were looked at: all of them where `clock` has not seen
    /// that state, and everything is copied.
    pub fn update(&mut self, clock: &TreeClock) -> usize {
        let visited = Arc::make_mut(&mut self.tree).update(&clock.tree);
        self.dot = Dot { origin: clock.id, counter: clock.time() };
        visited
    }
}

impl CausalStamp for TreeStamp {
    /// Always proven, by one look-up on each side.
    fn compare(&self, other: &Self) -> Verdict {
        let (mine, theirs) = (self.dot, other.dot);
        let order = if mine.origin == theirs.origin {
            mine.counter.cmp(&theirs.counter).into()
        } else {
            CausalOrder::from_leq(
                other.get(mine.origin) >= mine.counter,
                self.get(theirs.origin) >= theirs.counter,
            )
        };
        Verdict::proven(order)
    }
}
