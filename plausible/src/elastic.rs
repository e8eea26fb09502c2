//! The elastic clock: REV whose number of entries grows and shrinks with the
//! load.
//!
//! A clock of this crate's own, after two ideas: plausible stamps that grow
//! and shrink to bound their inaccuracy (Moore and Sivilotti, "Plausible
//! clocks with bounded inaccuracy", 2005), and sets of clocks that follow the
//! load (Wilhelm et al., dynamic clock sets, 2023). How it does so is its own.
//!
//! The number of entries is a power of two, and each clock has its own. A site
//! has entry *id* mod R, so that where R doubles, each entry becomes two, at
//! *i* and *i* + R. Vectors of different sizes are therefore steps of one
//! function, told more or less finely, and can be compared and merged:
//!
//! * to grow, a clock writes its vector twice in a row: nothing is lost;
//! * to shrink, it takes the larger of each two entries that become one.
//!   Raising a counter can add a false order, but never lose a true one.
//!
//! A clock grows where, at an event, it finds that another has counted in its
//! entry since its last, for the second time in a row. It shrinks after 16
//! events in a row without. A merge keeps the size of the receiver, so that
//! each site finds the size that its own traffic needs.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site | 8 |
//! | counters, packed as in [`Rev`](crate::Rev); their number is a power of two up to 2^15 | |
//!
//! A clock is written as its least and largest number of counters, as the
//! exponents of two (a byte each), the number of collisions in a row (byte),
//! that of events without (byte), its own counter (varint), and its latest
//! stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, CausalStamp, DecodeError, Environment, Guarantee, Guarantees, NodeId,
    Scheme, Verdict, Wire,
};

use crate::counters::next;
use crate::layer::causal_clock;
use crate::packed::{counters_len, put_counters, read_counters};
use crate::parameters::checked_parameters;
use crate::part::{CombPart, site_stamp_wire};
use crate::steps::{leq, raise, resized};
use crate::{Error, ParameterError};

/// So many events in a row with a collision make a clock grow.
const CROWDED: u8 = 2;
/// So many events in a row without one make it shrink.
const QUIET: u8 = 16;
/// A clock has at most 2 to this power counters.
const MAX_EXPONENT: u8 = 15;

/// Elastic clocks of `min` to `max` counters, both powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elastic {
    min: u16,
    max: u16,
}

checked_parameters!(Elastic { min: u16, max: u16 });

impl Elastic {
    /// Clocks of at least `min` and at most `max` counters.
    ///
    /// # Errors
    /// Unless both are powers of two and `min ≤ max`.
    pub const fn new(min: u16, max: u16) -> Result<Self, ParameterError> {
        if !max.is_power_of_two() {
            return Err(ParameterError::NoPowerOfTwo { name: "max", value: max });
        }
        if !min.is_power_of_two() {
            return Err(ParameterError::NoPowerOfTwo { name: "min", value: min });
        }
        if min > max {
            return Err(ParameterError::OutOfRange { name: "min", value: min, max });
        }
        Ok(Self { min, max })
    }

    /// The least number of counters of a stamp.
    #[must_use]
    pub const fn min(&self) -> u16 {
        self.min
    }

    /// The largest.
    #[must_use]
    pub const fn max(&self) -> u16 {
        self.max
    }
}

impl Default for Elastic {
    /// 4 to 64 counters.
    fn default() -> Self {
        Self { min: 4, max: 64 }
    }
}

impl Scheme for Elastic {
    type Clock = ElasticClock;

    fn name(&self) -> String {
        alloc::format!("elastic:min={},max={}", self.min, self.max)
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> ElasticClock {
        ElasticClock::new(env.fresh_id(), *self)
    }
}

/// The stamp of an event: where it happened, and a number of counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ElasticStamp {
    site: NodeId,
    /// A power of two in number.
    counters: Box<[u64]>,
}

impl ElasticStamp {
    /// Where the event happened.
    #[must_use]
    pub const fn site(&self) -> NodeId {
        self.site
    }

    /// The counters.
    #[must_use]
    pub fn counters(&self) -> &[u64] {
        &self.counters
    }

    /// The entry that the event was counted in.
    #[must_use]
    pub const fn entry(&self) -> usize {
        entry(self.site, self.counters.len())
    }

    /// Whether this event may have happened before one at another site.
    fn may_precede(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.counters, &other.counters);
        // All that the other's entry stands for must be below its counter.
        let there = other.entry();
        let below = if ours.len() <= theirs.len() {
            ours[there % ours.len()] < theirs[there]
        } else {
            ours[there..].iter().step_by(theirs.len()).all(|ours| *ours < theirs[there])
        };
        below && leq(ours, theirs)
    }
}

/// The entry of a site among `len`, a power of two.
const fn entry(site: NodeId, len: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits matter")]
    let low = site.get() as usize;
    low & (len - 1)
}

impl CausalStamp for ElasticStamp {
    fn compare(&self, other: &Self) -> Verdict {
        if self.site == other.site {
            let own = self.counters[self.entry()].cmp(&other.counters[other.entry()]);
            Verdict::proven(own.into())
        } else if self.may_precede(other) {
            Verdict::guessed(CausalOrder::Before)
        } else if other.may_precede(self) {
            Verdict::guessed(CausalOrder::After)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        }
    }
}

impl CombPart for ElasticStamp {
    const HAS_SITE: bool = true;

    fn site(&self) -> Option<NodeId> {
        Some(self.site)
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Ok(self.compare(other))
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_counters(out, &self.counters);
    }

    fn body_len(&self) -> usize {
        counters_len(&self.counters)
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let counters = read_counters(reader)?;
        if counters.len().is_power_of_two() && counters.len() <= 1 << MAX_EXPONENT {
            Ok(Self { site, counters })
        } else {
            let expected = "a power of two of counters, up to 2^15";
            Err(DecodeError::Invalid { at, expected })
        }
    }
}

site_stamp_wire!(ElasticStamp);

/// The clock of one participant.
///
/// ```
/// use causal_clock::NodeId;
/// use plausible::{Elastic, ElasticClock};
///
/// // Two sites that share an entry, in constant exchange.
/// let mut a = ElasticClock::new(NodeId::new(1), Elastic::default());
/// let mut b = a.fork(NodeId::new(5));
/// for _ in 0..4 {
///     a.event()?;
///     b.merge(&a.stamp())?;
///     b.event()?;
///     a.merge(&b.stamp())?;
/// }
/// assert_eq!(a.stamp().counters().len(), 8);
/// assert_ne!(a.stamp().entry(), b.stamp().entry());
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElasticClock {
    limits: Elastic,
    /// How many of the latest events found a collision.
    collisions: u8,
    /// How many of the latest events found none.
    quiet: u8,
    /// The site's counter after its latest event.
    own: u64,
    latest: ElasticStamp,
}

impl ElasticClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, limits: Elastic) -> Self {
        let counters = vec![0; limits.min.into()].into_boxed_slice();
        Self { limits, collisions: 0, quiet: 0, own: 0, latest: ElasticStamp { site, counters } }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        let latest = ElasticStamp { site, counters: self.latest.counters.clone() };
        let own = latest.counters[latest.entry()];
        Self { collisions: 0, quiet: 0, own, latest, ..*self }
    }

    /// Records an event, and grows or shrinks where it is time to.
    ///
    /// # Errors
    /// Where the site's counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let len = self.latest.counters.len();
        let collided = self.latest.counters[self.latest.entry()] > self.own;
        let (collisions, quiet) =
            if collided { (self.collisions + 1, 0) } else { (0, self.quiet + 1) };
        let (collisions, quiet, to) = match (collisions, quiet) {
            (CROWDED.., _) => (0, 0, (2 * len).min(self.limits.max.into())),
            (_, QUIET..) => (0, 0, (len / 2).max(self.limits.min.into())),
            (collisions, quiet) => (collisions, quiet, len),
        };
        let mut latest =
            ElasticStamp { site: self.latest.site, counters: resized(&self.latest.counters, to) };
        let own = latest.entry();
        latest.counters[own] = next(latest.counters[own])?;
        let own = latest.counters[own];
        *self = Self { limits: self.limits, collisions, quiet, own, latest };
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> ElasticStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// None: stamps of all sizes fit.
    pub fn merge(&mut self, stamp: &ElasticStamp) -> Result<(), Error> {
        raise(&mut self.latest.counters, &stamp.counters);
        Ok(())
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn join(&mut self, retired: &Self) -> Result<(), Error> {
        self.merge(&retired.latest)
    }
}

causal_clock!(ElasticClock, ElasticStamp, Error);

impl Wire for ElasticClock {
    fn encode(&self, out: &mut Vec<u8>) {
        for power in [self.limits.min, self.limits.max] {
            out.push(power.trailing_zeros().to_le_bytes()[0]);
        }
        out.extend_from_slice(&[self.collisions, self.quiet]);
        put_varint(out, self.own);
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        4 + varint_len(self.own) + self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let [min, max, collisions, quiet] = reader.array()?;
        let invalid = |at, expected| DecodeError::Invalid { at, expected };
        if min > max || max > MAX_EXPONENT {
            return Err(invalid(0, "a least exponent up to the largest, which is up to 15"));
        }
        let limits = Elastic { min: 1 << min, max: 1 << max };
        if collisions >= CROWDED || quiet >= QUIET || (collisions > 0 && quiet > 0) {
            return Err(invalid(2, "a short run of events with collisions, or without"));
        }
        let own = reader.varint()?;
        let at = reader.position();
        let latest = ElasticStamp::decode(&bytes[at..])?;
        if !(limits.min.into()..=limits.max.into()).contains(&latest.counters.len()) {
            return Err(invalid(at, "a number of counters within the limits"));
        }
        Ok(Self { limits, collisions, quiet, own, latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::steps::tests::{at, vector};

    proptest! {
        #[test]
        fn may_precede_is_pointwise(left in vector(), right in vector(), a: u64, b: u64) {
            let stamp = |id, counters: &[u64]| ElasticStamp {
                site: NodeId::new(id),
                counters: counters.into(),
            };
            let (a, b) = (stamp(a, &left), stamp(b, &right));
            let there = b.entry();
            let pointwise = (0..16).all(|i| {
                let own = i % right.len() == there;
                at(&left, i) < at(&right, i) + u64::from(!own)
            });
            prop_assert_eq!(a.may_precede(&b), pointwise);
        }
    }
}
