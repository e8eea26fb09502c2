//! What a comparison of two stamps says: an order, and whether it is proven.

use core::cmp::Ordering;
use core::fmt;

/// How one event stands to another in happened-before order (Lamport 1978).
///
/// Read it from the left: `a.compare(&b).order == Before` says that `a`
/// happened before `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CausalOrder {
    /// The left event happened before the right one.
    Before,
    /// The right event happened before the left one.
    After,
    /// Both are the same event.
    Equal,
    /// Neither happened before the other.
    Concurrent,
}

impl CausalOrder {
    /// All four, in the order in which results list them.
    pub const ALL: [Self; 4] = [Self::Before, Self::After, Self::Equal, Self::Concurrent];

    /// The same relation read from the right.
    ///
    /// ```
    /// use causal_clock::CausalOrder::*;
    /// assert_eq!(Before.reverse(), After);
    /// assert_eq!(Concurrent.reverse(), Concurrent);
    /// ```
    #[must_use]
    pub const fn reverse(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
            same => same,
        }
    }

    /// The order of two stamps of which is known whether each is at most the
    /// other: the usual last step of a comparison.
    #[must_use]
    pub const fn from_leq(left_leq_right: bool, right_leq_left: bool) -> Self {
        match (left_leq_right, right_leq_left) {
            (true, true) => Self::Equal,
            (true, false) => Self::Before,
            (false, true) => Self::After,
            (false, false) => Self::Concurrent,
        }
    }

    /// True for `Before` and `After`.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Before | Self::After)
    }

    /// The lower-case word used in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Equal => "equal",
            Self::Concurrent => "concurrent",
        }
    }
}

impl fmt::Display for CausalOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Ordering> for CausalOrder {
    fn from(ordering: Ordering) -> Self {
        match ordering {
            Ordering::Less => Self::Before,
            Ordering::Equal => Self::Equal,
            Ordering::Greater => Self::After,
        }
    }
}

impl From<Option<Ordering>> for CausalOrder {
    fn from(ordering: Option<Ordering>) -> Self {
        ordering.map_or(Self::Concurrent, Self::from)
    }
}

impl From<CausalOrder> for Option<Ordering> {
    fn from(order: CausalOrder) -> Self {
        match order {
            CausalOrder::Before => Some(Ordering::Less),
            CausalOrder::After => Some(Ordering::Greater),
            CausalOrder::Equal => Some(Ordering::Equal),
            CausalOrder::Concurrent => None,
        }
    }
}

/// The most likely order of two events, and whether their stamps prove it.
///
/// A proven verdict is never wrong as long as the scheme's
/// [assumptions](crate::Assumption) hold; the law tests check it against exact
/// histories. A guess may be wrong, and how often is what the harness measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// The most likely order.
    pub order: CausalOrder,
    /// Whether the two stamps alone prove that order.
    pub proven: bool,
}

impl Verdict {
    /// An order that the stamps prove.
    #[must_use]
    pub const fn proven(order: CausalOrder) -> Self {
        Self { order, proven: true }
    }

    /// The likeliest order, which the stamps do not prove.
    #[must_use]
    pub const fn guessed(order: CausalOrder) -> Self {
        Self { order, proven: false }
    }

    /// The same verdict read from the right.
    #[must_use]
    pub const fn reverse(self) -> Self {
        Self { order: self.order.reverse(), proven: self.proven }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.order, if self.proven { "proven" } else { "guessed" })
    }
}
