//! What an event is stamped with.

use core::cmp::Ordering;

use causal_clock::{CausalOrder, CausalStamp, Verdict};

use crate::EventTree;

/// The paper's anonymous stamp `(0, e)`: an event tree that travels with an
/// event, and owns nothing.
///
/// Comparing the stamps of two events gives their order in happened-before,
/// always and proven. A stamp encodes as [appendix A](crate::appendix_a) has it.
///
/// ```
/// use causal_clock::CausalOrder;
/// use itc::Itc;
///
/// let mut a = Itc::seed();
/// let mut b = a.fork();
/// let first = a.send()?;
/// b.event()?;
/// assert_eq!(first.compare(&b.peek()), CausalOrder::Concurrent);
/// b.receive(&first)?;
/// assert!(first < b.peek());
/// # Ok::<(), itc::EventError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Stamp(EventTree);

impl Stamp {
    /// The stamp with this event tree.
    #[must_use]
    pub const fn new(events: EventTree) -> Self {
        Self(events)
    }

    /// What is known.
    #[must_use]
    pub const fn event_tree(&self) -> &EventTree {
        &self.0
    }

    /// What is known.
    #[must_use]
    pub fn into_event_tree(self) -> EventTree {
        self.0
    }

    /// Whether everything known to this one is known to the other.
    #[must_use]
    pub fn leq(&self, other: &Self) -> bool {
        self.0.leq(&other.0)
    }

    /// The order of the two.
    #[must_use]
    pub fn compare(&self, other: &Self) -> CausalOrder {
        self.0.compare(&other.0)
    }

    /// What is known to either: the least upper bound.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.join(&other.0))
    }

    /// What is known to both: the greatest lower bound.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self(self.0.meet(&other.0))
    }
}

impl From<EventTree> for Stamp {
    fn from(events: EventTree) -> Self {
        Self(events)
    }
}

impl PartialOrd for Stamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.compare(other).into()
    }
}

impl CausalStamp for Stamp {
    fn compare(&self, other: &Self) -> Verdict {
        Verdict::proven(self.compare(other))
    }
}
