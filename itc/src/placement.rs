//! Where ids are placed: whom to fork from, and into whom to retire.
//!
//! The paper leaves it open, and forks and retires at random in its
//! evaluation. Ids then fall to pieces, and event trees with them. A look at a
//! few candidates' ids keeps both small: fork from the one whose id grows
//! least by the split, retire into the one whose id grows least by the sum.
//! Any choice is as exact as any other. The price is that the chosen parent or
//! heir becomes a causal path, and that the candidates must be asked for their
//! ids (not for their event trees).
//!
//! ```
//! use itc::{Itc, placement};
//!
//! let mut a = Itc::seed();
//! let mut b = a.fork();
//! let c = b.fork();
//! // `a` owns a half, `b` and `c` a quarter each: `a` is cheapest to split.
//! assert_eq!(placement::best_parent([&a, &b, &c]), Some(0));
//! // `b` is the sibling of `c`, and together they own a half again.
//! assert_eq!(placement::best_heir(&c, [&a, &b]), Some(1));
//! ```

use crate::{Id, IdOverlap, Itc};

impl Id {
    /// How many bits the two ids of a [`split`](Self::split) take more than
    /// this one, as appendix A encodes them. `None` where there is nothing to
    /// give away.
    #[must_use]
    pub fn split_cost(&self) -> Option<usize> {
        let mut left = self.clone();
        let right = left.split();
        let bits = left.encoded_bits() + right.encoded_bits();
        (!right.is_anonymous()).then(|| bits.saturating_sub(self.encoded_bits()))
    }

    /// How many bits the [`sum`](Self::sum) takes more than this id, as
    /// appendix A encodes them: below 0 where the two fit together well.
    ///
    /// # Errors
    /// Where they overlap.
    pub fn sum_cost(&self, other: &Self) -> Result<isize, IdOverlap> {
        let bits = self.sum(other)?.encoded_bits();
        Ok(bits.cast_signed() - self.encoded_bits().cast_signed())
    }
}

/// Which of the candidates to fork a newborn from: the first of the least
/// [`split_cost`](Id::split_cost). `None` where none has anything to give
/// away.
#[must_use]
pub fn best_parent<'a>(candidates: impl IntoIterator<Item = &'a Itc>) -> Option<usize> {
    least(candidates.into_iter().map(|clock| clock.id().split_cost()))
}

/// Into which of the candidates a participant should retire: the first of the
/// least [`sum_cost`](Id::sum_cost). Candidates whose ids overlap are passed
/// over; `None` where none is left.
#[must_use]
pub fn best_heir<'a>(
    retiring: &Itc,
    candidates: impl IntoIterator<Item = &'a Itc>,
) -> Option<usize> {
    least(candidates.into_iter().map(|clock| clock.id().sum_cost(retiring.id()).ok()))
}

fn least<C: Ord>(costs: impl Iterator<Item = Option<C>>) -> Option<usize> {
    let costs = costs.enumerate().filter_map(|(at, cost)| Some((cost?, at)));
    costs.min().map(|(_, at)| at)
}
