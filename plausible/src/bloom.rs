//! Bloom clocks (Ramabaja, "The Bloom clock", arXiv:1905.13064, 2019;
//! Kshemkalyani and Misra, "The Bloom clock to characterize causality in
//! distributed systems", Networked-Based Information Systems 2020): a counting
//! Bloom filter of the events of the past. An event adds one at k places among
//! m, which a hash of the site and the event's number gives; a receipt takes
//! the larger of each counter.
//!
//! A stamp is the filter alone, without an id: *y* is said to have happened
//! before *z* where no counter of *y* is larger than that of *z*. Otherwise
//! concurrency (or the other order) is certain. How far to trust a positive is
//! part of the stamp: see [`BloomStamp::confidence`].
//!
//! Two concurrent events can have the same stamp: false equality.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | k, at least 1 | varint |
//! | counters, packed as in [`Rev`](crate::Rev) | |
//!
//! A clock is written as the id of its site (8 bytes), the number of its
//! latest event (varint), and its latest stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalOrder, CounterOverflow, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme,
    Verdict, Wire,
};

use crate::binomial::at_least;
use crate::counters::{check_size, leq_both, merge_max, next};
use crate::layer::causal_clock;
use crate::mix::{GOLDEN, below, mix};
use crate::packed::{counters_len, put_counters, read_counters};
use crate::parameters::{checked_parameters, k_of};
use crate::part::{compare_by_try_compare, part_without_site};
use crate::{Error, ParameterError};

/// Bloom clocks of m counters, k of which each event increases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bloom {
    m: u16,
    k: u16,
}

checked_parameters!(Bloom { m: u16, k: u16 });

impl Bloom {
    /// Clocks of `m` counters and `k` hashes.
    ///
    /// # Errors
    /// Unless `1 ≤ k ≤ m`.
    pub const fn new(m: u16, k: u16) -> Result<Self, ParameterError> {
        match k_of("m", m, k) {
            Ok(()) => Ok(Self { m, k }),
            Err(error) => Err(error),
        }
    }

    /// How many counters a stamp has.
    #[must_use]
    pub const fn m(&self) -> u16 {
        self.m
    }

    /// How many of them an event increases.
    #[must_use]
    pub const fn k(&self) -> u16 {
        self.k
    }
}

impl Default for Bloom {
    /// 32 counters, 2 hashes.
    fn default() -> Self {
        Self { m: 32, k: 2 }
    }
}

impl Scheme for Bloom {
    type Clock = BloomClock;

    fn name(&self) -> String {
        alloc::format!("bloom:m={},k={}", self.m, self.k)
    }

    /// Complete and consistent. Ids are only hashed: were two sites of one id,
    /// nothing would go wrong but more guesses.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent])
    }

    fn seed(&self, env: &mut impl Environment) -> BloomClock {
        BloomClock::new(env.fresh_id(), *self)
    }
}

/// The stamp of an event: m counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BloomStamp {
    /// At most the number of counters.
    k: u16,
    /// At least one.
    counters: Box<[u64]>,
}

/// How sure a positive is, by the formulas of Kshemkalyani and Misra 2020.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// The probability that an event of this stamp is in the other's past,
    /// taking the other's counters for balls thrown at random:
    /// `pr_p = Π_i P(counter i of the other ≥ counter i of this one)`.
    pub pr_p: f64,
    /// The probability that *before* is a false positive: `1 − pr_p` where the
    /// stamps say *before* (or equal), 0 where they do not.
    pub pr_fp: f64,
}

impl BloomStamp {
    /// The counters.
    #[must_use]
    pub fn counters(&self) -> &[u64] {
        &self.counters
    }

    /// How two events stand to each other.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] or [`Error::DifferentParameter`] where the
    /// stamps are of different schemes.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        self.check(other)?;
        let (leq, geq) = leq_both(&self.counters, &other.counters);
        Ok(match CausalOrder::from_leq(leq, geq) {
            CausalOrder::Concurrent => Verdict::proven(CausalOrder::Concurrent),
            order => Verdict::guessed(order),
        })
    }

    /// How sure it is that this event happened before the other.
    ///
    /// ```
    /// use causal_clock::NodeId;
    /// use plausible::{Bloom, BloomClock};
    ///
    /// let mut early = BloomClock::new(NodeId::new(1), Bloom::default());
    /// let mut late = BloomClock::new(NodeId::new(2), Bloom::default());
    /// early.event()?;
    /// for _ in 0..1_000 {
    ///     late.event()?;
    /// }
    /// // The full filter of the later event covers anything.
    /// let confidence = early.stamp().confidence(&late.stamp())?;
    /// assert!(confidence.pr_p > 0.99 && confidence.pr_fp < 0.01);
    /// # Ok::<(), plausible::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`try_compare`](Self::try_compare).
    pub fn confidence(&self, other: &Self) -> Result<Confidence, Error> {
        let verdict = self.try_compare(other)?;
        let thrown: u128 = other.counters.iter().map(|c| u128::from(*c)).sum();
        let places = self.counters.len();
        let pr_p = self.counters.iter().map(|c| at_least(*c, thrown, places)).product();
        let positive = matches!(verdict.order, CausalOrder::Before | CausalOrder::Equal);
        let pr_fp = if positive { 1.0 - pr_p } else { 0.0 };
        Ok(Confidence { pr_p, pr_fp })
    }

    fn check(&self, other: &Self) -> Result<(), Error> {
        check_size(&self.counters, &other.counters)?;
        let (ours, theirs) = (self.k.into(), other.k.into());
        if ours != theirs {
            return Err(Error::DifferentParameter { name: "k", ours, theirs });
        }
        Ok(())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let k = reader.varint()?;
        let counters = read_counters(reader)?;
        match u16::try_from(k) {
            Ok(k) if (1..=counters.len()).contains(&k.into()) => Ok(Self { k, counters }),
            _ => Err(DecodeError::Invalid { at, expected: "k from 1 to the number of counters" }),
        }
    }
}

compare_by_try_compare!(BloomStamp);
part_without_site!(BloomStamp);

impl Wire for BloomStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.k.into());
        put_counters(out, &self.counters);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.k.into()) + counters_len(&self.counters)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let stamp = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(stamp)
    }
}

/// The clock of one participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BloomClock {
    site: NodeId,
    /// The hash of the site, which follows from its id.
    hash: u64,
    /// How many events this site has had.
    events: u64,
    latest: BloomStamp,
}

impl BloomClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, Bloom { m, k }: Bloom) -> Self {
        let counters = vec![0; m.into()].into_boxed_slice();
        Self { site, hash: hash_of(site), events: 0, latest: BloomStamp { k, counters } }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        Self { site, hash: hash_of(site), events: 0, latest: self.latest.clone() }
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where a counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let event = next(self.events)?;
        let BloomStamp { k, counters } = &mut self.latest;
        let places = places(self.hash, event, counters.len()).take((*k).into());
        for place in places.clone() {
            // All k may fall on one place.
            let counter = counters[place];
            counter.checked_add((*k).into()).ok_or(CounterOverflow { counter })?;
        }
        places.for_each(|place| counters[place] += 1);
        self.events = event;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> BloomStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// As [`BloomStamp::try_compare`]; the clock is then unchanged.
    pub fn merge(&mut self, stamp: &BloomStamp) -> Result<(), Error> {
        self.latest.check(stamp)?;
        merge_max(&mut self.latest.counters, &stamp.counters);
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

/// The hash of a site, in which all of its events begin.
const fn hash_of(site: NodeId) -> u64 {
    mix(site.get().wrapping_add(GOLDEN))
}

/// The places of an event, without end, at two calls of the mixer however many
/// are taken: one for the start and one for the stride of double hashing
/// (Kirsch and Mitzenmacher, "Less hashing, same performance", Random
/// Structures & Algorithms 33(2), 2008). They are of 64 bits each, so a single
/// call has not enough for both.
fn places(site_hash: u64, event: u64, m: usize) -> impl Iterator<Item = usize> + Clone {
    let start = mix(site_hash.wrapping_add(event));
    let stride = mix(start) | 1;
    (0_u64..).map(move |i| below(start.wrapping_add(i.wrapping_mul(stride)), m))
}

causal_clock!(BloomClock, BloomStamp, Error);

impl Wire for BloomClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.site);
        put_varint(out, self.events);
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        NODE_ID_LEN + varint_len(self.events) + self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (site, events) = (reader.node_id()?, reader.varint()?);
        let latest = BloomStamp::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { site, hash: hash_of(site), events, latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sites and events that follow each other, as they do, must not show in
    /// the places.
    #[test]
    fn places_are_spread() {
        const M: usize = 50;
        let (mut first, mut pairs) = ([0_u32; M], vec![0_u32; M * M]);
        for (site, event) in (1..=200).flat_map(|s| (1..=200).map(move |e| (s, e))) {
            let mut places = places(hash_of(NodeId::new(site)), event, M);
            let (a, b) = (places.next().unwrap_or(0), places.next().unwrap_or(0));
            first[a] += 1;
            pairs[a * M + b] += 1;
        }
        // 800 each on average with a standard deviation of 28, and 16 with 4.
        assert!(first.iter().all(|h| (680..920).contains(h)), "{first:?}");
        assert!(pairs.iter().all(|h| (1..42).contains(h)), "{pairs:?}");
    }
}
