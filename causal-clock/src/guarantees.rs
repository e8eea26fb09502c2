//! What a scheme promises about its verdicts, and on what it relies.

use core::fmt;
use core::time::Duration;

/// A promise about verdicts, *guessed ones included*, over events that are
/// distinct. That a proven verdict is right goes without saying: it is the
/// law for every clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarantee {
    /// Never misses an order: what happened before is never called
    /// concurrent. (No *false concurrency*.)
    Complete,
    /// Never invents an order: concurrent events are never called ordered.
    /// (No *false order*.)
    Sound,
    /// Never turns an order round: what happened before is never called
    /// after. (No *reversal*.)
    Consistent,
    /// Never takes two events for one. (No *false equality*.)
    Distinct,
}

impl Guarantee {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Sound, Self::Consistent, Self::Distinct];

    /// The lower-case word used in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Sound => "sound",
            Self::Consistent => "consistent",
            Self::Distinct => "distinct",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the world must grant for a scheme's guarantees, and for its proven
/// verdicts, to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Assumption {
    /// No two participants ever have the same id, and none that lost its
    /// state goes on under its old one.
    UniqueIds,
    /// No participant's counter ever restarts.
    CountersNeverRestart,
    /// All physical clocks are always within this much of true time.
    ClocksWithin(Duration),
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UniqueIds => f.write_str("ids are unique"),
            Self::CountersNeverRestart => f.write_str("counters never restart"),
            Self::ClocksWithin(bound) => {
                write!(f, "clocks are within {} of true time", crate::duration::format(*bound))
            }
        }
    }
}

/// The guarantees of a scheme with its parameters, and their assumptions.
///
/// ```
/// use causal_clock::{Assumption, Guarantee, Guarantees};
///
/// let plausible = Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent])
///     .assuming(&[Assumption::UniqueIds]);
/// assert!(plausible.has(Guarantee::Complete));
/// assert!(!plausible.has(Guarantee::Sound));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarantees {
    held: u8,
    // Kept by value: an assumption may depend on a parameter of the scheme.
    assumptions: [Assumption; MAX_ASSUMPTIONS],
    count: usize,
}

/// More than there are kinds of [`Assumption`].
const MAX_ASSUMPTIONS: usize = 4;

impl Guarantees {
    /// Exactly these guarantees, without assumptions.
    #[must_use]
    pub const fn of(held: &[Guarantee]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < held.len() {
            bits |= held[i].bit();
            i += 1;
        }
        Self { held: bits, assumptions: [Assumption::UniqueIds; MAX_ASSUMPTIONS], count: 0 }
    }

    /// Every guarantee: an exact clock.
    #[must_use]
    pub const fn exact() -> Self {
        Self::of(&Guarantee::ALL)
    }

    /// The same guarantees, under these assumptions.
    ///
    /// # Panics
    /// Where there are more than four.
    #[must_use]
    pub const fn assuming(mut self, assumptions: &[Assumption]) -> Self {
        self.assumptions = [Assumption::UniqueIds; MAX_ASSUMPTIONS];
        self.assumptions.split_at_mut(assumptions.len()).0.copy_from_slice(assumptions);
        self.count = assumptions.len();
        self
    }

    /// Whether this one is promised.
    #[must_use]
    pub const fn has(self, guarantee: Guarantee) -> bool {
        self.held & guarantee.bit() != 0
    }

    /// The promised ones.
    pub fn held(self) -> impl Iterator<Item = Guarantee> {
        Guarantee::ALL.into_iter().filter(move |g| self.has(*g))
    }

    /// The ones that are not promised, for each of which a test should find a
    /// counterexample.
    pub fn lacking(self) -> impl Iterator<Item = Guarantee> {
        Guarantee::ALL.into_iter().filter(move |g| !self.has(*g))
    }

    /// What must hold for them.
    #[must_use]
    pub const fn assumptions(&self) -> &[Assumption] {
        self.assumptions.split_at(self.count).0
    }
}
