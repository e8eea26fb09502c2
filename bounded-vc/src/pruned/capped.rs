//! At most K entries by other orders than the age, and with a switch that
//! lets a participant's own entry go like any other, as in the wild.
//!
//! With `drop=oldest,keep_own=false` it is Dynamo's rule to the letter ("when
//! the number of pairs reaches a threshold, the oldest pair is removed", SOSP
//! 2007, section 4.4). An own entry was just updated, so by age it goes only
//! where the participant's clock is behind; by the other orders, at once.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, Environment, Guarantees, NodeId, PhysicalTime, Scheme};

use super::bounded::{TEN, order_is_proven, read_k};
use super::{Entry, PrunedClock, PruningRule, Times};

/// Which entry is dropped first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum DropOrder {
    /// The one updated the longest ago by its own participant, as its own
    /// physical clock had it: Dynamo's and Riak's order.
    #[default]
    Oldest,
    /// The one that the participant has not seen change for the longest: the
    /// least recently *updated* here, by the own physical clock. An old update
    /// that arrives late keeps its entry. Those times are the participant's
    /// own affair, so stamps carry none and take fewer bytes.
    Stalest,
    /// The one with the smallest counter: whoever did the least. Needs no
    /// times, and so takes fewer bytes.
    Smallest,
    /// One at random, drawn anew with every update of it. Needs no times.
    Random,
}

/// Vector clocks of at most `k` entries: `vc-capped:k=10,drop=smallest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct CappedVectorClocks {
    /// How many entries a clock and a stamp have at most.
    pub k: NonZeroU32,
    /// Which entry goes first.
    pub drop: DropOrder,
    /// What the random order is drawn with.
    pub seed: u64,
    /// Whether a participant's own entry is exempt. Where it is not, nothing
    /// is guaranteed: events get the names of earlier ones.
    pub keep_own: bool,
}

impl Default for CappedVectorClocks {
    /// Ten entries, the oldest goes first, own entries are kept.
    fn default() -> Self {
        Self { k: TEN, drop: DropOrder::Oldest, seed: 0, keep_own: true }
    }
}

/// A number that looks random (the finalizer of splitmix64; Steele, Lea,
/// Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
pub(crate) const fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl PruningRule for CappedVectorClocks {
    type Place = (u64, NodeId);

    fn times(&self) -> Times {
        match self.drop {
            DropOrder::Oldest => Times::OfUpdate,
            DropOrder::Stalest => Times::OfNews,
            DropOrder::Smallest | DropOrder::Random => Times::None,
        }
    }

    fn place(&self, entry: &Entry) -> (u64, NodeId) {
        let place = match self.drop {
            DropOrder::Oldest | DropOrder::Stalest => entry.time.as_nanos(),
            DropOrder::Smallest => entry.counter,
            DropOrder::Random => {
                scramble(scramble(self.seed ^ entry.id.get()).wrapping_add(entry.counter))
            }
        };
        (place, entry.id)
    }

    fn drops(&self, _: &Entry, count: usize, _: PhysicalTime) -> bool {
        count > self.k.get() as usize
    }

    fn keeps_own(&self) -> bool {
        self.keep_own
    }

    /// `k`, then order and switch in a byte, then the seed, all in LEB128.
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.k.get().into());
        out.push(self.drop as u8 * 2 + u8::from(self.keep_own));
        put_varint(out, self.seed);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.k.get().into()) + 1 + varint_len(self.seed)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let k = read_k(reader)?;
        let at = reader.position();
        let order = reader.byte()?;
        let drop = match order / 2 {
            0 => DropOrder::Oldest,
            1 => DropOrder::Stalest,
            2 => DropOrder::Smallest,
            3 => DropOrder::Random,
            _ => return Err(DecodeError::Invalid { at, expected: "one of four drop orders" }),
        };
        Ok(Self { k, drop, keep_own: order % 2 == 1, seed: reader.varint()? })
    }
}

impl Scheme for CappedVectorClocks {
    type Clock = PrunedClock<Self>;

    fn name(&self) -> String {
        let drop = match self.drop {
            DropOrder::Oldest => "oldest",
            DropOrder::Stalest => "stalest",
            DropOrder::Smallest => "smallest",
            DropOrder::Random => "random",
        };
        let seed = if self.seed == 0 { String::new() } else { format!(",seed={}", self.seed) };
        let keep_own = if self.keep_own { "" } else { ",keep_own=false" };
        format!("vc-capped:k={},drop={drop}{seed}{keep_own}", self.k)
    }

    /// Those of [`BoundedVectorClocks`](crate::BoundedVectorClocks); none
    /// where own entries are dropped.
    fn guarantees(&self) -> Guarantees {
        if self.keep_own { order_is_proven() } else { Guarantees::of(&[]) }
    }

    fn seed(&self, env: &mut impl Environment) -> PrunedClock<Self> {
        PrunedClock::new(*self, env.fresh_id())
    }
}
