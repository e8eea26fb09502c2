//! The clock and its stamps.

use alloc::vec::Vec;

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, Environment, Rejected, Verdict,
};

use super::known::Known;

/// A clock that was stored has forked at most so often: it can fork as often
/// again.
pub(super) const MOST_FORKS: u64 = u64::MAX / 2;

/// A participant's clock: what it is called, how many it forked, and what it
/// knows.
///
/// ```
/// use bounded_vc::PathClock;
/// use causal_clock::{CausalOrder, CausalStamp};
///
/// let mut a = PathClock::root(0);
/// let mut b = a.fork();
/// a.event()?;
/// b.merge(&a.stamp());
/// b.event()?;
/// assert_eq!(b.path(), [0, 0]);
/// assert_eq!(a.stamp().compare(&b.stamp()).order, CausalOrder::Before);
/// # Ok::<(), causal_clock::CounterOverflow>(())
/// ```
#[derive(Clone, Debug)]
pub struct PathClock {
    pub(super) path: Vec<u64>,
    /// How many were forked, and so the number of the next.
    pub(super) forks: u64,
    pub(super) known: Known,
    /// Where the own entry is; `None` before the first event.
    pub(super) at: Option<usize>,
}

/// Where the own entry is does not count.
impl PartialEq for PathClock {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.forks, &self.known) == (&other.path, other.forks, &other.known)
    }
}

impl Eq for PathClock {}

impl PathClock {
    /// A first participant. Where there are several, each needs a number of its
    /// own.
    #[must_use]
    pub fn root(number: u64) -> Self {
        Self { path: [number].into(), forks: 0, known: Known::new(), at: None }
    }

    /// What the participant is called: the number of its root, then of each birth
    /// that leads to it.
    #[must_use]
    pub fn path(&self) -> &[u64] {
        &self.path
    }

    /// How many it forked.
    #[must_use]
    pub const fn forks(&self) -> u64 {
        self.forks
    }

    /// A clock that was stored; `None` where the path is empty, or it is said to
    /// have forked more often than anyone can.
    pub(crate) fn from_parts(path: Vec<u64>, forks: u64, known: Known) -> Option<Self> {
        if path.is_empty() || forks > MOST_FORKS {
            return None;
        }
        let at = known.position(&path);
        Some(Self { path, forks, known, at })
    }

    /// All events that the participant knows.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }

    /// The clock of a newborn, which knows what its parent knows. A clock that
    /// goes on from an older state would give the same path twice.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork(&mut self) -> Self {
        let mut path = self.path.clone();
        path.push(self.forks);
        // Nobody forks so often: a clock read from bytes may have half of it.
        self.forks = self.forks.saturating_add(1);
        Self { path, forks: 0, known: self.known.clone(), at: None }
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where the counter is at [`MAX_COUNTER`](crate::MAX_COUNTER); the clock is
    /// then unchanged.
    pub fn event(&mut self) -> Result<(), CounterOverflow> {
        self.at = Some(self.known.increment(&self.path, self.at)?);
        Ok(())
    }

    /// The stamp of the latest event, where nothing was merged since.
    #[must_use]
    pub fn stamp(&self) -> PathStamp {
        PathStamp { known: self.known.clone() }
    }

    /// Takes over the past that a stamp carries.
    pub fn merge(&mut self, stamp: &PathStamp) {
        self.learn(&stamp.known);
    }

    /// Takes over the past of a participant that retires. Its path is not used
    /// again.
    #[expect(clippy::needless_pass_by_value, reason = "the retired clock must not go on")]
    pub fn join(&mut self, retired: Self) {
        self.learn(&retired.known);
    }

    fn learn(&mut self, known: &Known) {
        self.known.merge(known);
        self.at = self.known.position(&self.path);
    }
}

impl CausalClock for PathClock {
    type Stamp = PathStamp;
    type Error = CounterOverflow;

    fn fork(&mut self, _: &mut impl Environment) -> Self {
        Self::fork(self)
    }

    fn event(&mut self, _: &mut impl Environment) -> Result<(), CounterOverflow> {
        Self::event(self)
    }

    fn stamp(&self) -> PathStamp {
        Self::stamp(self)
    }

    fn merge(&mut self, stamp: &PathStamp, _: &mut impl Environment) -> Result<(), Self::Error> {
        Self::merge(self, stamp);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        Self::join(self, retired);
        Ok(())
    }
}

/// The stamp of an event: all events known when it happened, itself included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathStamp {
    pub(crate) known: Known,
}

impl PathStamp {
    /// All events known when it happened, itself included.
    #[must_use]
    pub const fn known(&self) -> &Known {
        &self.known
    }
}

impl CausalStamp for PathStamp {
    /// Always proven, as long as no path is given twice and nobody goes on from
    /// an older state.
    fn compare(&self, other: &Self) -> Verdict {
        let before = other.known.includes(&self.known);
        Verdict::proven(CausalOrder::from_leq(before, self.known.includes(&other.known)))
    }
}
