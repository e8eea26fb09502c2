//! K-Lamport clocks, KLA (Torres-Rojas and Ahamad, "Plausible clocks:
//! constant size logical clocks for distributed systems", Distributed
//! Computing 12, 1999): a Lamport clock, the largest Lamport clock received,
//! the largest of those that senders had received, and so on: K levels.
//!
//! The comparison is a reconstruction: the paper itself was not to be had.
//! Where *a* happened before *b* at another site, what *a* had at one level
//! has come to *b* by at least one message, so *b* has at least that much at
//! the next level. Where it has not, concurrency is proven.
//!
//! The clocks were published for messages in a fixed set of sites. Here a
//! fork and a retirement count as a message as well: the child's levels are
//! shifted like received ones, and so are those of one that retires.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site | 8 |
//! | K, 1 to 255 | varint |
//! | level 0 | varint |
//! | for each further level, how much lower it is than the one before | varint each |
//!
//! A clock is written as its latest stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU8;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme,
    Verdict,
};

use crate::Error;
use crate::counters::{check_size, next};
use crate::layer::causal_clock;
use crate::part::{CombPart, compare_by_try_compare, site_stamp_wire, wire_as_latest_stamp};

/// K-Lamport clocks of K levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct KLamport {
    /// How many levels a stamp has; one is Lamport's clock.
    pub k: NonZeroU8,
}

impl Default for KLamport {
    /// 3 levels.
    fn default() -> Self {
        Self { k: NonZeroU8::MIN.saturating_add(2) }
    }
}

impl Scheme for KLamport {
    type Clock = KLamportClock;

    fn name(&self) -> String {
        alloc::format!("k-lamport:k={}", self.k)
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> KLamportClock {
        KLamportClock::new(env.fresh_id(), self.k)
    }
}

/// The stamp of an event: where it happened, and K levels, none larger than
/// the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KLamportStamp {
    site: NodeId,
    /// At least one.
    levels: Box<[u64]>,
}

impl KLamportStamp {
    /// Where the event happened.
    #[must_use]
    pub const fn site(&self) -> NodeId {
        self.site
    }

    /// The levels, Lamport's clock first.
    #[must_use]
    pub fn levels(&self) -> &[u64] {
        &self.levels
    }

    /// How two events stand to each other.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] where the stamps are of different schemes.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        check_size(&self.levels, &other.levels)?;
        Ok(if self.site == other.site {
            Verdict::proven(self.levels[0].cmp(&other.levels[0]).into())
        } else if may_precede(&self.levels, &other.levels) {
            Verdict::guessed(CausalOrder::Before)
        } else if may_precede(&other.levels, &self.levels) {
            Verdict::guessed(CausalOrder::After)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        })
    }
}

/// Whether an event of levels `a` may have happened before one of levels `b`
/// at another site.
fn may_precede(a: &[u64], b: &[u64]) -> bool {
    let at_least_as_high = || a.iter().zip(b).all(|(a, b)| a <= b);
    let shifted = || a.iter().zip(&b[1..]).all(|(a, b)| a <= b);
    a[0] < b[0] && at_least_as_high() && shifted()
}

compare_by_try_compare!(KLamportStamp);

impl CombPart for KLamportStamp {
    const HAS_SITE: bool = true;

    fn site(&self) -> Option<NodeId> {
        Some(self.site)
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Self::try_compare(self, other)
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_varint(out, self.levels.len() as u64);
        put_varint(out, self.levels[0]);
        for pair in self.levels.windows(2) {
            put_varint(out, pair[0] - pair[1]);
        }
    }

    fn body_len(&self) -> usize {
        let lower: usize = self.levels.windows(2).map(|pair| varint_len(pair[0] - pair[1])).sum();
        varint_len(self.levels.len() as u64) + varint_len(self.levels[0]) + lower
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let count = reader.count(1)?;
        if count == 0 {
            return Err(DecodeError::Invalid { at, expected: "at least one level" });
        }
        if count > u8::MAX.into() {
            return Err(DecodeError::Invalid { at, expected: "at most 255 levels" });
        }
        let mut levels = Vec::with_capacity(count);
        let mut level = reader.varint()?;
        levels.push(level);
        for _ in 1..count {
            let at = reader.position();
            let lower = reader.varint()?;
            level = level.checked_sub(lower).ok_or(DecodeError::NumberTooLarge { at })?;
            levels.push(level);
        }
        Ok(Self { site, levels: levels.into_boxed_slice() })
    }
}

site_stamp_wire!(KLamportStamp);

/// The clock of one participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KLamportClock {
    latest: KLamportStamp,
}

impl KLamportClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, k: NonZeroU8) -> Self {
        let levels = vec![0; k.get().into()].into_boxed_slice();
        Self { latest: KLamportStamp { site, levels } }
    }

    /// The clock of a newborn participant, which knows what this one knows as
    /// if by a message.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        let mut child = Self { latest: KLamportStamp { site, levels: self.latest.levels.clone() } };
        child.shift_in(&self.latest.levels);
        child
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where the counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        self.latest.levels[0] = next(self.latest.levels[0])?;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> KLamportStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] where the stamp is of another scheme.
    pub fn merge(&mut self, stamp: &KLamportStamp) -> Result<(), Error> {
        check_size(&self.latest.levels, &stamp.levels)?;
        self.shift_in(&stamp.levels);
        Ok(())
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn join(&mut self, retired: &Self) -> Result<(), Error> {
        self.merge(&retired.latest)
    }

    /// Raises each level to what another site has at it and at the one before.
    fn shift_in(&mut self, theirs: &[u64]) {
        let mine = &mut self.latest.levels;
        for k in 0..mine.len() {
            // No level is larger than the one before, so that one is enough.
            mine[k] = mine[k].max(theirs[k.saturating_sub(1)]);
        }
    }
}

causal_clock!(KLamportClock, KLamportStamp, Error);
wire_as_latest_stamp!(KLamportClock);
