//! The encoded vector clock (Kshemkalyani, Khokhar and Shen, "Encoded vector
//! clock: using primes to characterize causality in distributed systems",
//! ICDCN 2018): a whole vector clock in one integer, the product of each
//! site's prime to the power of its counter.
//!
//! An event multiplies by the site's prime, a receipt takes the least common
//! multiple, and *a* happened before *b* where *a* divides *b*. It is exact;
//! and it grows with every event that is known of, without bound. A scheme
//! has a limit to that, beyond which events and merges are refused, and no
//! stamp may have more than [`EncodedStamp::MAX_BITS`]: so much is what one
//! from anyone can cost, since a comparison divides, in more than linear time.
//!
//! # Bytes
//!
//! A stamp is its integer in as few bytes as possible, at most 2^17, most
//! significant first.
//! A clock is written as the id of its site (8 bytes), its limit in bits
//! (varint), and its latest stamp.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, CausalStamp, DecodeError, Environment, Guarantees, NodeId, Scheme,
    Verdict, Wire,
};
use dashu_int::UBig;
use dashu_int::ops::{BitTest, Gcd};

use crate::layer::causal_clock;
use crate::primes::prime_of;
use crate::{CombPart, Error};

/// Encoded vector clocks of limited size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct Encoded {
    /// How many bits the integer may grow to; more than
    /// [`EncodedStamp::MAX_BITS`] are as many as that, and are refused where
    /// parameters are read.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "max_bits"))]
    pub max_bits: NonZeroU32,
}

#[cfg(feature = "serde")]
fn max_bits<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NonZeroU32, D::Error> {
    let max_bits: NonZeroU32 = serde::Deserialize::deserialize(from)?;
    let max = EncodedStamp::MAX_BITS;
    if max_bits > max {
        let error = alloc::format!("`max_bits` is {max_bits}, expected 1 to {max}");
        return Err(serde::de::Error::custom(error));
    }
    Ok(max_bits)
}

impl Default for Encoded {
    /// The most there can be, a million bits: 128 KiB a stamp.
    fn default() -> Self {
        Self { max_bits: EncodedStamp::MAX_BITS }
    }
}

impl Scheme for Encoded {
    type Clock = EncodedClock;

    fn name(&self) -> String {
        alloc::format!("evc:max_bits={}", self.max_bits)
    }

    /// Exact, as long as ids are unique and so are their primes. That these
    /// are is proven for ids below 2^52; for larger ones it is expected, by a
    /// wide margin, and not proven: see [`EncodedClock::new`].
    fn guarantees(&self) -> Guarantees {
        Guarantees::exact().assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> EncodedClock {
        EncodedClock::new(env.fresh_id(), self.max_bits)
    }
}

/// The stamp of an event: a product of primes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncodedStamp {
    /// At least one.
    product: UBig,
}

impl EncodedStamp {
    /// No stamp has more bits than this: 2^20. Longer ones are refused when
    /// they are read, before anything is computed of them.
    pub const MAX_BITS: NonZeroU32 = NonZeroU32::MIN.saturating_add((1 << 20) - 1);

    /// How many bits the integer has.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.product.bit_len()
    }

    fn divides(&self, other: &Self) -> bool {
        self.bits() <= other.bits() && (&other.product % &self.product).is_zero()
    }
}

impl CausalStamp for EncodedStamp {
    fn compare(&self, other: &Self) -> Verdict {
        Verdict::proven(if self.product == other.product {
            CausalOrder::Equal
        } else {
            CausalOrder::from_leq(self.divides(other), other.divides(self))
        })
    }
}

impl Wire for EncodedStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.product.to_be_bytes());
    }

    fn encoded_len(&self) -> usize {
        self.bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        match bytes.first() {
            None => Err(DecodeError::UnexpectedEnd { at: 0 }),
            Some(0) => Err(DecodeError::NotCanonical { at: 0, rule: "no leading zeros" }),
            Some(first) => {
                // By the length alone, before any work.
                let bits = 8 * bytes.len() - first.leading_zeros() as usize;
                if bits > Self::MAX_BITS.get() as usize {
                    let expected = "an integer of at most 1,048,576 bits";
                    return Err(DecodeError::Invalid { at: 0, expected });
                }
                Ok(Self { product: UBig::from_be_bytes(bytes) })
            }
        }
    }
}

impl CombPart for EncodedStamp {
    const HAS_SITE: bool = false;

    fn site(&self) -> Option<NodeId> {
        None
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Ok(self.compare(other))
    }

    /// The number of bytes, and the stamp.
    fn put_body(&self, out: &mut Vec<u8>) {
        put_varint(out, self.encoded_len() as u64);
        self.encode(out);
    }

    fn body_len(&self) -> usize {
        varint_len(self.encoded_len() as u64) + self.encoded_len()
    }

    fn read_body(_: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = reader.count(1)?;
        let bytes: Result<Vec<u8>, _> = (0..len).map(|_| reader.byte()).collect();
        Self::decode(&bytes?)
    }
}

/// The clock of one participant.
///
/// ```
/// use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict};
/// use plausible::{Encoded, EncodedClock};
///
/// let max_bits = Encoded::default().max_bits;
/// let mut a = EncodedClock::new(NodeId::new(0), max_bits); // counts in 2
/// let mut b = EncodedClock::new(NodeId::new(1), max_bits); // counts in 3
/// a.event()?;
/// b.event()?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Concurrent));
/// b.merge(&a.stamp())?;
/// b.event()?; // 2 · 3 · 3
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Before));
/// assert_eq!(b.stamp().bits(), 5);
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedClock {
    site: NodeId,
    /// The site's prime, which follows from its id.
    prime: u128,
    max_bits: NonZeroU32,
    latest: EncodedStamp,
}

impl EncodedClock {
    /// The clock of a participant that knows of no event, and whose integer
    /// may grow to `max_bits`, or [`EncodedStamp::MAX_BITS`] where those are
    /// fewer.
    ///
    /// The site's prime follows from its id: id 0 gets 2, id 1 gets 3, and so
    /// on below 6,542; a larger id *i* gets the first prime above 4,096·*i*,
    /// of up to 76 bits. Two ids get the same only where no prime lies between
    /// 4,096·*i* and 4,096·(*i* + 1). Up to 2^64, so for ids below 2^52, every
    /// gap is known, and none is longer than 1,550. Above, no such bound is
    /// proven: a gap of 4,096 would be half as long again as the longest that
    /// Cramér's conjecture lets expect.
    #[must_use]
    pub fn new(site: NodeId, max_bits: NonZeroU32) -> Self {
        let latest = EncodedStamp { product: UBig::ONE };
        let max_bits = max_bits.min(EncodedStamp::MAX_BITS);
        Self { site, prime: prime_of(site.get()), max_bits, latest }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        Self { latest: self.latest.clone(), ..Self::new(site, self.max_bits) }
    }

    /// Records an event.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the integer would pass the limit; the clock
    /// is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        self.become_product(&self.latest.product * UBig::from(self.prime))
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> EncodedStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// As [`event`](Self::event).
    pub fn merge(&mut self, stamp: &EncodedStamp) -> Result<(), Error> {
        // A hostile stamp is refused before anything is computed of it.
        self.check(stamp.bits())?;
        let common = (&self.latest.product).gcd(&stamp.product);
        self.become_product(&self.latest.product * (&stamp.product / common))
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn join(&mut self, retired: &Self) -> Result<(), Error> {
        self.merge(&retired.latest)
    }

    const fn check(&self, bits: usize) -> Result<(), Error> {
        let max = self.max_bits.get() as usize;
        if bits > max { Err(Error::TooLarge { bits, max }) } else { Ok(()) }
    }

    fn become_product(&mut self, product: UBig) -> Result<(), Error> {
        self.check(product.bit_len())?;
        self.latest = EncodedStamp { product };
        Ok(())
    }
}

causal_clock!(EncodedClock, EncodedStamp, Error);

impl Wire for EncodedClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.site);
        put_varint(out, self.max_bits.get().into());
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        NODE_ID_LEN + varint_len(self.max_bits.get().into()) + self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let site = reader.node_id()?;
        let at = reader.position();
        let expected = "a limit from 1 to 1,048,576 bits";
        let max_bits = u32::try_from(reader.varint()?).ok().and_then(NonZeroU32::new);
        let max_bits = max_bits.filter(|max_bits| *max_bits <= EncodedStamp::MAX_BITS);
        let max_bits = max_bits.ok_or(DecodeError::Invalid { at, expected })?;
        let at = reader.position();
        let latest = EncodedStamp::decode(&bytes[at..])?;
        if latest.bits() > max_bits.get() as usize {
            return Err(DecodeError::Invalid { at, expected: "an integer within the limit" });
        }
        Ok(Self { latest, ..Self::new(site, max_bits) })
    }
}
