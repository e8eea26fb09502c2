//! At most K entries, the oldest dropped first: the rule of "Dynamo: Amazon's
//! Highly Available Key-value Store" (SOSP 2007, section
//! 4.4), which drops "the oldest pair" past "a threshold (say 10)", with the
//! own entry exempt.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    Assumption, DecodeError, Environment, Guarantee, Guarantees, NodeId, PhysicalTime, Scheme,
};

use super::{Entry, PrunedClock, PruningRule};

/// Dynamo's threshold.
pub(crate) const TEN: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Reads how many entries there is room for.
pub(crate) fn read_k(reader: &mut Reader<'_>) -> Result<NonZeroU32, DecodeError> {
    let at = reader.position();
    let k = u32::try_from(reader.varint()?).ok().and_then(NonZeroU32::new);
    k.ok_or(DecodeError::Invalid { at, expected: "room for 1 to 2^32 - 1 entries" })
}

/// What pruned clocks promise as long as they keep their own entries.
pub(super) fn order_is_proven() -> Guarantees {
    Guarantees::of(&[Guarantee::Sound, Guarantee::Consistent, Guarantee::Distinct])
        .assuming(&[Assumption::UniqueIds, Assumption::CountersNeverRestart])
}

/// Vector clocks of at most `k` entries, of which the one updated the longest
/// ago is dropped, but never the own: `vc-bounded:k=10`.
///
/// Entries that were updated at the same time go in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct BoundedVectorClocks {
    /// How many entries a clock and a stamp have at most, the own included.
    pub k: NonZeroU32,
}

impl Default for BoundedVectorClocks {
    /// Dynamo's ten.
    fn default() -> Self {
        Self { k: TEN }
    }
}

impl PruningRule for BoundedVectorClocks {
    type Place = (PhysicalTime, NodeId);

    fn place(&self, entry: &Entry) -> Self::Place {
        (entry.time, entry.id)
    }

    fn drops(&self, _: &Entry, count: usize, _: PhysicalTime) -> bool {
        count > self.k.get() as usize
    }

    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.k.get().into());
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.k.get().into())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { k: read_k(reader)? })
    }
}

impl Scheme for BoundedVectorClocks {
    type Clock = PrunedClock<Self>;

    fn name(&self) -> String {
        format!("vc-bounded:k={}", self.k)
    }

    /// No order is invented or turned round, see [`PrunedStamp`]: but many
    /// are missed.
    ///
    /// [`PrunedStamp`]: crate::PrunedStamp
    fn guarantees(&self) -> Guarantees {
        order_is_proven()
    }

    fn seed(&self, env: &mut impl Environment) -> PrunedClock<Self> {
        PrunedClock::new(*self, env.fresh_id())
    }
}
