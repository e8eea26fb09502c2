//! Entries that were not updated for a while are dropped, however many there
//! are: bounded by how many participants make events in that time.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, Environment, Guarantees, NodeId, PhysicalTime, Scheme};

use super::bounded::order_is_proven;
use super::{Entry, PrunedClock, PruningRule};

/// Vector clocks that drop what is older than `age`, but never the own:
/// `vc-aged:age=1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct AgedVectorClocks {
    /// How long after its last update an entry is kept.
    #[cfg_attr(feature = "serde", serde(with = "causal_clock::duration"))]
    pub age: Duration,
}

impl Default for AgedVectorClocks {
    /// A minute.
    fn default() -> Self {
        Self { age: Duration::from_secs(60) }
    }
}

/// The length in nanoseconds; the longest there is where it is longer still.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl PruningRule for AgedVectorClocks {
    type Place = (PhysicalTime, NodeId);

    fn place(&self, entry: &Entry) -> Self::Place {
        (entry.time, entry.id)
    }

    fn drops(&self, front: &Entry, _: usize, now: PhysicalTime) -> bool {
        now.since(front.time) > self.age
    }

    /// The age in nanoseconds in LEB128.
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, nanos(self.age));
    }

    fn encoded_len(&self) -> usize {
        varint_len(nanos(self.age))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { age: Duration::from_nanos(reader.varint()?) })
    }
}

impl Scheme for AgedVectorClocks {
    type Clock = PrunedClock<Self>;

    fn name(&self) -> String {
        format!("vc-aged:age={}", causal_clock::duration::format(self.age))
    }

    /// Those of [`BoundedVectorClocks`](crate::BoundedVectorClocks).
    fn guarantees(&self) -> Guarantees {
        order_is_proven()
    }

    fn seed(&self, env: &mut impl Environment) -> PrunedClock<Self> {
        PrunedClock::new(*self, env.fresh_id())
    }
}
