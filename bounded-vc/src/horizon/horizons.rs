//! How much was forgotten: a time for each class of ids.

use causal_clock::NodeId;
use smallvec::{SmallVec, smallvec};

use super::{HorizonBits, IdWidth};

/// For each class of ids, the largest time ever dropped of one of them, or a
/// later one; zero where nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Horizons {
    /// How many bits each of several takes. None where there is one, which
    /// takes as many as it needs.
    pub(super) bits: Option<HorizonBits>,
    /// At least one.
    pub(super) times: SmallVec<[u64; 2]>,
}

impl Horizons {
    pub(super) fn none(classes: usize, bits: Option<HorizonBits>) -> Self {
        Self { bits, times: smallvec![0; classes] }
    }

    /// That of an id's class.
    pub(super) fn of(&self, width: IdWidth, id: NodeId) -> u64 {
        self.times[width.class(id, self.times.len())]
    }

    /// An event of `id` at `time` is forgotten.
    pub(super) fn raise(&mut self, width: IdWidth, id: NodeId, time: u64) {
        let class = width.class(id, self.times.len());
        self.times[class] = self.times[class].max(time);
    }

    /// Takes over what another has forgotten, of as many classes.
    pub(super) fn merge(&mut self, other: &Self) {
        for (own, other) in self.times.iter_mut().zip(&other.times) {
            *own = (*own).max(*other);
        }
    }

    /// Raises those that are too far behind the latest time to be packed.
    pub(super) fn follow(&mut self, latest: u64) {
        let Some(bits) = self.bits else { return };
        let end = latest.saturating_sub(bits.window());
        for time in &mut self.times {
            *time = (*time).max(end);
        }
    }

    pub(super) fn largest(&self) -> u64 {
        self.times.iter().copied().fold(0, u64::max)
    }

    /// Whether each is at least `time`.
    #[inline]
    pub(super) fn reach(&self, time: u64) -> bool {
        self.times.iter().all(|horizon| *horizon >= time)
    }

    /// Whether none is above that of `later`.
    pub(super) fn are_covered_by(&self, later: &Self) -> bool {
        self.times.iter().zip(&later.times).all(|(own, later)| own <= later)
    }
}
