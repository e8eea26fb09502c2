//! Event trees: what is known of the past ("Interval Tree Clocks", sections 4
//! and 5.3, `leq` and `join`). How they grow is in `advance.rs`.

use core::cmp::Ordering;

use causal_clock::CausalOrder;

use crate::Id;
use crate::steps::Steps;

/// A set of known events, as a number for every point of the unit interval:
/// `n`, or `(n, e1, e2)` for `n` everywhere and more in the halves.
///
/// Always in the paper's normal form: `(n, m, m)` is `n + m`, and one of the
/// two halves has the minimum 0. Two trees are equal where they know the same
/// events. The partial order is *knows at most what the other knows*.
///
/// ```
/// use itc::EventTree;
///
/// let a: EventTree = "(1,2,0)".parse()?;
/// let b: EventTree = "(1,0,3)".parse()?;
/// assert!(!a.leq(&b) && !b.leq(&a));
/// assert_eq!(a.join(&b).to_string(), "(3,0,1)");
/// assert_eq!(a.meet(&b).to_string(), "1");
/// # Ok::<(), itc::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EventTree(pub(crate) Steps<u64>);

impl EventTree {
    /// The tree `0`, which knows of nothing.
    #[must_use]
    pub fn zero() -> Self {
        Self::constant(0)
    }

    /// The tree of a single number.
    #[must_use]
    pub fn constant(n: u64) -> Self {
        Self(Steps::constant(n))
    }

    /// Whether everything known to this one is known to the other.
    #[must_use]
    pub fn leq(&self, other: &Self) -> bool {
        !self.0.differs(&other.0, |above| above)
    }

    /// What is known to either: the least upper bound.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.merge(&other.0, Ord::max))
    }

    /// The part of the interval, outside of `own`, where this one knows more
    /// than the other.
    pub(crate) fn unknown_to(&self, other: &Self, own: &Id) -> Id {
        let more = self.0.merge(&other.0, |a, b| a > b);
        Id(more.merge(&own.0, |more, own| more & !own))
    }

    /// Takes over what the other knows.
    pub fn unite(&mut self, other: &Self) {
        *self = self.join(other);
    }

    /// What is known to both: the greatest lower bound.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self(self.0.merge(&other.0, Ord::min))
    }

    /// How the knowledge of the two compares, in one pass that ends as soon as
    /// each is seen to know something that the other does not.
    #[must_use]
    pub fn compare(&self, other: &Self) -> CausalOrder {
        if self == other {
            return CausalOrder::Equal;
        }
        let (mut leq, mut geq) = (true, true);
        let concurrent = self.0.differs(&other.0, |above| {
            leq &= !above;
            geq &= above;
            !leq & !geq
        });
        if concurrent { CausalOrder::Concurrent } else { CausalOrder::from_leq(leq, geq) }
    }

    /// The smallest number anywhere.
    #[must_use]
    pub fn min(&self) -> u64 {
        self.0.values().iter().copied().min().unwrap_or(0)
    }

    /// The largest number anywhere.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.0.values().iter().copied().max().unwrap_or(0)
    }

    /// How deep the tree is: 0 for a single number.
    #[must_use]
    pub fn depth(&self) -> u16 {
        self.0.max_depth()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.0.len()
    }
}

impl PartialOrd for EventTree {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.compare(other).into()
    }
}
