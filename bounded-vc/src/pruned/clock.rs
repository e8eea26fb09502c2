//! The clock that prunes itself by a rule, and its stamps.

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, Environment, NodeId, PhysicalTime,
    Rejected, Verdict,
};

use super::{Loss, PrunedVector, PruningRule, Times};
use crate::Dot;

/// A participant's vector clock that drops entries by the rule `R`, after
/// every event, merge and join: it is never larger than the rule allows.
#[derive(Clone, Debug, PartialEq)]
pub struct PrunedClock<R> {
    pub(super) rule: R,
    pub(super) id: NodeId,
    pub(super) vector: PrunedVector,
}

impl<R: PruningRule> PrunedClock<R> {
    /// The clock of a participant that knows of no event. Nobody else may
    /// ever have its id.
    #[must_use]
    pub fn new(rule: R, id: NodeId) -> Self {
        Self { rule, id, vector: PrunedVector::default() }
    }

    /// The participant's id.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// What the participant knows and did not drop.
    #[must_use]
    pub const fn vector(&self) -> &PrunedVector {
        &self.vector
    }

    fn now(&self, env: &mut impl Environment) -> PhysicalTime {
        if self.rule.times() == Times::None { PhysicalTime::ZERO } else { env.now() }
    }

    fn take_in(&mut self, other: &PrunedVector, now: PhysicalTime) {
        match self.rule.times() {
            Times::OfNews => self.vector.merge_at(other, now),
            Times::None | Times::OfUpdate => self.vector.merge(other),
        }
        self.prune(now);
    }

    fn prune(&mut self, now: PhysicalTime) {
        self.vector.prune(&self.rule, Some(self.id), now);
    }
}

impl<R: PruningRule> CausalClock for PrunedClock<R> {
    type Stamp = PrunedStamp;
    type Error = CounterOverflow;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self { rule: self.rule.clone(), id: env.fresh_id(), vector: self.vector.clone() }
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), CounterOverflow> {
        let now = self.now(env);
        self.vector.increment(self.id, now)?;
        self.prune(now);
        Ok(())
    }

    fn stamp(&self) -> PrunedStamp {
        let vector = self.vector.clone();
        let secret = self.rule.times() == Times::OfNews;
        PrunedStamp::new(self.id, if secret { vector.untimed() } else { vector })
    }

    fn merge(
        &mut self,
        stamp: &PrunedStamp,
        env: &mut impl Environment,
    ) -> Result<(), Self::Error> {
        let now = self.now(env);
        self.take_in(&stamp.vector, now);
        Ok(())
    }

    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>> {
        let now = self.now(env);
        self.take_in(&retired.vector, now);
        Ok(())
    }
}

/// The stamp of an event: its dot, and of the events known when it happened
/// those that were not dropped.
///
/// # What it proves
///
/// Let `A` and `B` be stamps of clocks that never drop their own entry, and
/// let ids be unique.
///
/// *An order is proven.* Where B's entry for A's origin is at least A's
/// counter, `A → B`: counters in B's entries are only ever those of events in
/// B's past, B itself included, and an origin's later events have its earlier
/// ones in their past. Dropping an entry cannot make this true where it was
/// false. So no order is invented, and none is turned round.
///
/// *Concurrency is a guess*, since the entry that would tell may have been
/// dropped; *unless neither side was ever pruned*: then both are exact vector
/// clocks. A stamp says so in its [`Loss`], which every merge raises.
///
/// Where a rule drops own entries, too, nothing is proven once anything was
/// dropped: a counter that starts anew gives the name of an old event to a new
/// one.
///
/// That B has a *smaller* counter for A's origin proves nothing: B may have
/// dropped a larger one, and learnt of an earlier event again from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrunedStamp {
    pub(super) dot: Dot,
    pub(super) vector: PrunedVector,
}

impl PrunedStamp {
    pub(super) fn new(origin: NodeId, vector: PrunedVector) -> Self {
        let counter = vector.get(origin).map_or(0, |entry| entry.counter);
        Self { dot: Dot { origin, counter }, vector }
    }

    /// The event's name.
    #[must_use]
    pub const fn dot(&self) -> Dot {
        self.dot
    }

    /// What was known when it happened and not dropped, itself included.
    #[must_use]
    pub const fn vector(&self) -> &PrunedVector {
        &self.vector
    }
}

impl CausalStamp for PrunedStamp {
    /// What is ordered is proven where all own entries were kept; what is
    /// concurrent, where nothing was dropped at all.
    fn compare(&self, other: &Self) -> Verdict {
        let (leq, geq) = (other.vector.contains(self.dot), self.vector.contains(other.dot));
        let order = CausalOrder::from_leq(leq, geq);
        let proven = match self.vector.loss.max(other.vector.loss) {
            Loss::Nothing => true,
            Loss::Others => order != CausalOrder::Concurrent,
            Loss::Own => false,
        };
        Verdict { order, proven }
    }
}
