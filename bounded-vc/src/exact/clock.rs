//! The exact vector clock of a participant (Fidge 1988; Mattern 1989) and its
//! stamps, which carry their dot and so compare by a look-up.

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, Environment, NodeId, Rejected, Verdict,
};

use super::version_vector::VersionVector;
use crate::Dot;

/// A participant's exact vector clock.
///
/// The id of a participant that retired or crashed is never used again, and
/// its entry stays in all clocks that know of its events: an exact vector
/// clock under churn grows for ever. That is the price that the other clocks
/// of this crate avoid.
///
/// ```
/// use bounded_vc::VectorClock;
/// use causal_clock::NodeId;
///
/// let mut a = VectorClock::new(NodeId::new(1));
/// a.event()?;
/// let mut b = a.fork(NodeId::new(2));
/// b.event()?;
/// a.join(b);
/// assert_eq!(a.vector().get(NodeId::new(2)), 1);
/// # Ok::<(), causal_clock::CounterOverflow>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorClock {
    pub(super) id: NodeId,
    pub(super) vector: VersionVector,
}

impl VectorClock {
    /// The clock of a participant that knows of no event. Nobody else may
    /// ever have its id.
    #[must_use]
    pub fn new(id: NodeId) -> Self {
        Self { id, vector: VersionVector::new() }
    }

    /// The clock of a participant that knows these events, for example from
    /// a store. Its own next event comes after the last one known of it, so
    /// the store must know of its latest: else two events get one name, and
    /// wrong orders are called proven.
    #[must_use]
    pub const fn with_past(id: NodeId, past: VersionVector) -> Self {
        Self { id, vector: past }
    }

    /// The participant's id.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// All events that the participant knows.
    #[must_use]
    pub const fn vector(&self) -> &VersionVector {
        &self.vector
    }

    /// The clock of a newborn participant with an id that is new, too. It
    /// knows what its parent knows, in the same memory.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&self, id: NodeId) -> Self {
        Self { id, vector: self.vector.clone() }
    }

    /// Records an event and names it.
    ///
    /// # Errors
    /// Where the counter is at [`MAX_COUNTER`](crate::MAX_COUNTER); the clock
    /// is then unchanged.
    pub fn event(&mut self) -> Result<Dot, CounterOverflow> {
        self.vector.increment(self.id)
    }

    /// The stamp of the latest event, where nothing was merged since. It
    /// shares its memory with the clock: no counter is copied.
    #[must_use]
    pub fn stamp(&self) -> VectorStamp {
        VectorStamp::of(self.id, self.vector.clone())
    }

    /// Takes over the past that a stamp carries.
    pub fn merge(&mut self, stamp: &VectorStamp) {
        self.vector.merge(&stamp.vector);
    }

    /// Takes over the past of a participant that retires.
    #[expect(clippy::needless_pass_by_value, reason = "the retired clock must not go on")]
    pub fn join(&mut self, retired: Self) {
        self.vector.merge(&retired.vector);
    }
}

impl CausalClock for VectorClock {
    type Stamp = VectorStamp;
    type Error = CounterOverflow;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self::fork(self, env.fresh_id())
    }

    fn event(&mut self, _: &mut impl Environment) -> Result<(), CounterOverflow> {
        Self::event(self).map(|_| ())
    }

    fn stamp(&self) -> VectorStamp {
        Self::stamp(self)
    }

    fn merge(&mut self, stamp: &VectorStamp, _: &mut impl Environment) -> Result<(), Self::Error> {
        Self::merge(self, stamp);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        Self::join(self, retired);
        Ok(())
    }
}

/// The stamp of an event: its dot, and all events known when it happened,
/// itself included.
///
/// Stamps compare by their dots: `A → B` exactly where B knows A's dot. It
/// takes one look-up, and needs no entry but the two origins' own. The look-up
/// begins where the entry is in the other stamp, and goes as far as ids that
/// only one of them has have moved it.
#[derive(Clone, Debug)]
pub struct VectorStamp {
    pub(super) dot: Dot,
    /// Where the origin's entry is, which is also where to look first in
    /// another stamp.
    pub(super) rank: Option<usize>,
    pub(super) vector: VersionVector,
}

impl VectorStamp {
    pub(super) fn new(origin: NodeId, rank: Option<usize>, vector: VersionVector) -> Self {
        let counter = vector.get_near(origin, rank);
        Self { dot: Dot { origin, counter }, rank, vector }
    }

    /// The stamp of the latest event of `origin` that these events hold, of
    /// which they must be the past and the event itself.
    pub(crate) fn of(origin: NodeId, vector: VersionVector) -> Self {
        Self::new(origin, vector.rank(origin), vector)
    }

    /// The event's name.
    #[must_use]
    pub const fn dot(&self) -> Dot {
        self.dot
    }

    /// All events known when it happened, itself included.
    #[must_use]
    pub const fn vector(&self) -> &VersionVector {
        &self.vector
    }

    fn knows(&self, other: &Self) -> bool {
        let (dot, vector) = (other.dot, &other.vector);
        self.vector.get_as_in(vector, dot.origin, other.rank) >= dot.counter
    }
}

impl CausalStamp for VectorStamp {
    /// Always proven, as long as no two participants have one id and none
    /// goes on from an older state: two events would have one name.
    fn compare(&self, other: &Self) -> Verdict {
        let order = if self.dot.origin == other.dot.origin {
            self.dot.counter.cmp(&other.dot.counter).into()
        } else {
            CausalOrder::from_leq(other.knows(self), self.knows(other))
        };
        Verdict::proven(order)
    }
}
