//! Ids: which part of the unit interval a participant owns ("Interval Tree
//! Clocks", sections 4 and 5.3, `split` and `sum`).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::IdOverlap;
use crate::steps::{Level, MAX_DEPTH, Steps};

/// The part of the unit interval that a participant owns, and may therefore
/// make events in: `0` (nothing), `1` (everything), or a pair of ids for the
/// two halves.
///
/// Always in the paper's normal form: `(0,0)` is `0` and `(1,1)` is `1`. Two
/// ids are equal where they own the same part.
///
/// ```
/// use itc::Id;
///
/// let mut a = Id::seed();
/// let b = a.split();
/// assert_eq!((a.to_string(), b.to_string()), ("(1,0)".into(), "(0,1)".into()));
/// assert_eq!(a.sum(&b), Ok(Id::seed()));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Id(pub(crate) Steps<bool>);

impl Id {
    /// The id `1`, which owns the whole interval: that of the first
    /// participant.
    #[must_use]
    pub fn seed() -> Self {
        Self(Steps::constant(true))
    }

    /// The id `0`, which owns nothing: it can carry knowledge, but make no
    /// event.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(Steps::constant(false))
    }

    /// Whether nothing is owned.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.0.as_constant() == Some(false)
    }

    /// Splits the id in two that own no common part: this one keeps the left
    /// one, the right one is given away (`split` of section 5.3).
    ///
    /// An id that owns nothing gives away nothing. So does one whose only part
    /// is already at [`MAX_DEPTH`].
    #[must_use = "the part that is given away is lost otherwise"]
    pub fn split(&mut self) -> Self {
        let owned = |leaf: &bool| *leaf;
        let values = self.0.values();
        let (Some(first), Some(last)) =
            (values.iter().position(owned), values.iter().rposition(owned))
        else {
            return Self::anonymous();
        };
        let cut = if first == last {
            let depth = self.0.depth(first);
            if depth == MAX_DEPTH {
                return Self::anonymous();
            }
            self.0.split_leaf(first, &[depth + 1]);
            first
        } else {
            self.0.lowest_boundary(first, last)
        };
        let right = self.part(|leaf| leaf > cut);
        *self = self.part(|leaf| leaf <= cut);
        right
    }

    /// Splits off `n` ids, in balance: always the part that was split longest
    /// ago is split next.
    #[must_use = "the parts that are given away are lost otherwise"]
    pub fn split_many(&mut self, n: usize) -> Vec<Self> {
        let mut parts = VecDeque::from([core::mem::replace(self, Self::anonymous())]);
        while parts.len() <= n
            && let Some(mut left) = parts.pop_front()
        {
            let right = left.split();
            parts.extend([left, right]);
        }
        // The one that was split least is kept; it is in front.
        if let Some(kept) = parts.pop_front() {
            *self = kept;
        }
        parts.into()
    }

    /// What is owned in the leaves that are kept.
    fn part(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut part = Steps::with_capacity(self.0.len());
        for (leaf, (value, level)) in self.0.iter().enumerate() {
            part.push(value && keep(leaf), level);
        }
        Self(part)
    }

    /// The id that owns what both own.
    ///
    /// # Errors
    /// [`IdOverlap`] where some part is owned by both: two participants that
    /// both lived from the same id, and whose events may have been taken for
    /// one another's.
    pub fn sum(&self, other: &Self) -> Result<Self, IdOverlap> {
        let mut overlap = false;
        let sum = self.0.merge(&other.0, |a, b| {
            overlap |= a & b;
            a | b
        });
        if overlap {
            return Err(IdOverlap { common: self.intersection(other) });
        }
        Ok(Self(sum))
    }

    /// The part that both own.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.merge(&other.0, |a, b| a & b))
    }

    /// How deep the id's tree is: 0 for `0` and `1`.
    #[must_use]
    pub fn depth(&self) -> u16 {
        self.0.max_depth()
    }

    /// How many leaves the id's tree has.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (bool, Level)> {
        self.0.iter()
    }
}
