//! The stamps of horizon clocks.

use core::cmp::Ordering;

use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict};

use super::IdWidth;
use super::knowledge::Knowledge;

/// The stamp of an event of a [`HorizonClock`](super::HorizonClock).
///
/// ```
/// use bounded_vc::{HorizonClock, HorizonClocks};
/// use causal_clock::{CausalOrder, CausalStamp, NodeId, PhysicalTime, Verdict};
///
/// let at = PhysicalTime::from_secs;
/// let mut a = HorizonClock::new(HorizonClocks::default(), NodeId::new(1));
/// let mut b = a.fork(NodeId::new(2));
/// a.event(at(10))?;
/// b.event(at(11))?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Concurrent));
/// let sent = a.stamp();
/// b.merge(&sent)?;
/// b.event(at(12))?;
/// assert_eq!(sent.compare(&b.stamp()), Verdict::proven(CausalOrder::Before));
/// # Ok::<(), bounded_vc::HorizonError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HorizonStamp {
    pub(super) known: Knowledge,
}

impl HorizonStamp {
    /// Whose event it is: an id cut to the scheme's width.
    #[must_use]
    pub const fn origin(&self) -> NodeId {
        self.known.id
    }

    /// When it happened, in ticks since the epoch.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.known.time
    }

    /// The largest time in it, in ticks: that of the event itself, unless the
    /// stamp lies. A clock that takes it in goes on from there.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.known.latest()
    }

    /// For each class of ids, the largest time that was ever dropped from its
    /// past, in ticks, or the end of the window where that is later; zero where
    /// nothing was.
    #[must_use]
    pub fn horizons(&self) -> &[u64] {
        &self.known.horizons.times
    }

    /// How `self` stands to `later`, which has the larger time.
    fn before(&self, later: &Self) -> Verdict {
        let whole = self.known.width == IdWidth::WHOLE;
        if whole && later.known.get(self.origin()) >= self.time() {
            Verdict::proven(CausalOrder::Before)
        } else if later.known.covers(&self.known) {
            Verdict::guessed(CausalOrder::Before)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        }
    }

    fn is_comparable(&self, other: &Self) -> bool {
        self.known.width == other.known.width && self.horizons().len() == other.horizons().len()
    }
}

impl CausalStamp for HorizonStamp {
    /// Concurrent is proven. An order is proven, or guessed where the earlier
    /// event may have been dropped from the later one's past; where ids are
    /// cut, it is always a guess.
    fn compare(&self, other: &Self) -> Verdict {
        let verdict = match self.time().cmp(&other.time()) {
            Ordering::Less => self.before(other),
            Ordering::Greater => other.before(self).reverse(),
            Ordering::Equal if self.origin() != other.origin() => {
                Verdict::proven(CausalOrder::Concurrent)
            }
            Ordering::Equal if self.known.width == IdWidth::WHOLE => {
                Verdict::proven(CausalOrder::Equal)
            }
            Ordering::Equal => Verdict::guessed(CausalOrder::Equal),
        };
        // Ids and classes of two schemes cannot be told apart.
        Verdict { proven: verdict.proven && self.is_comparable(other), ..verdict }
    }
}
