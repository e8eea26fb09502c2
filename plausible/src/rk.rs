//! (R,K) probabilistic clocks (Mostéfaoui and Weiss, "Probabilistic causal
//! message ordering", Parallel Computing Technologies 2017): every site owns K entries of a vector of R
//! counters, chosen by its id, and counts each event in all of them.
//!
//! One site's entries are rarely all covered by others, where few events are
//! concurrent; the published estimate of the error is
//! `(1 − (1 − 1/R)^{KX})^K` with X concurrent messages, least at
//! `K = ln 2 · R / X`. With K = 1 it is REV with scattered entries.
//!
//! The clock was published to deliver messages in causal order. Here its
//! vectors are compared as stamps: *a* may have happened before *b* where each
//! counter of *b* is at least that of *a*, and those *b* counts in are larger.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site | 8 |
//! | K, from 1 to the number of counters | varint |
//! | counters, packed as in [`Rev`](crate::Rev) | |
//!
//! A clock is written as its latest stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme,
    Verdict,
};

use crate::counters::{check_size, leq_both, merge_max, next};
use crate::layer::causal_clock;
use crate::mix::{GOLDEN, below, mix};
use crate::packed::{counters_len, put_counters, read_counters};
use crate::parameters::{checked_parameters, k_of};
use crate::part::{CombPart, compare_by_try_compare, site_stamp_wire, wire_as_latest_stamp};
use crate::{Error, ParameterError};

/// (R,K) clocks: vectors of R counters, of which each site owns K.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rk {
    r: u16,
    k: u16,
}

checked_parameters!(Rk { r: u16, k: u16 });

impl Rk {
    /// Clocks of `r` counters of which each site owns `k`.
    ///
    /// # Errors
    /// Unless `1 ≤ k ≤ r`.
    pub const fn new(r: u16, k: u16) -> Result<Self, ParameterError> {
        match k_of("r", r, k) {
            Ok(()) => Ok(Self { r, k }),
            Err(error) => Err(error),
        }
    }

    /// How many counters a stamp has.
    #[must_use]
    pub const fn r(&self) -> u16 {
        self.r
    }

    /// How many of them a site owns.
    #[must_use]
    pub const fn k(&self) -> u16 {
        self.k
    }
}

impl Default for Rk {
    /// 16 counters, two a site.
    fn default() -> Self {
        Self { r: 16, k: 2 }
    }
}

impl Scheme for Rk {
    type Clock = RkClock;

    fn name(&self) -> String {
        alloc::format!("rk:r={},k={}", self.r, self.k)
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> RkClock {
        RkClock::new(env.fresh_id(), *self)
    }
}

/// The K entries of a site: the first of a shuffle (Fisher and Yates) of all
/// entries, by random numbers that its id begins.
fn entries(site: NodeId, r: usize, k: usize) -> Box<[usize]> {
    let mut entries: Vec<usize> = (0..r).collect();
    let mut state = site.get();
    for i in 0..k {
        state = state.wrapping_add(GOLDEN);
        entries.swap(i, i + below(mix(state), r - i));
    }
    entries.truncate(k);
    entries.into_boxed_slice()
}

/// The stamp of an event: where it happened, and R counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RkStamp {
    site: NodeId,
    /// At least one.
    counters: Box<[u64]>,
    /// The site's entries, which follow from its id, R and K.
    entries: Box<[usize]>,
}

impl RkStamp {
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

    /// The entries in which the site counts.
    #[must_use]
    pub fn entries(&self) -> &[usize] {
        &self.entries
    }

    /// How two events stand to each other.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] or [`Error::DifferentParameter`] where the
    /// stamps are of different schemes.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        self.check(other)?;
        if self.site == other.site {
            let own = self.entries[0];
            return Ok(Verdict::proven(self.counters[own].cmp(&other.counters[own]).into()));
        }
        let (leq, geq) = leq_both(&self.counters, &other.counters);
        Ok(if leq && other.counts_above(self) {
            Verdict::guessed(CausalOrder::Before)
        } else if geq && self.counts_above(other) {
            Verdict::guessed(CausalOrder::After)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        })
    }

    /// Whether all counters of this stamp's site are above the other's.
    fn counts_above(&self, other: &Self) -> bool {
        self.entries.iter().all(|e| other.counters[*e] < self.counters[*e])
    }

    fn check(&self, other: &Self) -> Result<(), Error> {
        check_size(&self.counters, &other.counters)?;
        match (self.entries.len(), other.entries.len()) {
            (ours, theirs) if ours != theirs => {
                Err(Error::DifferentParameter { name: "k", ours, theirs })
            }
            _ => Ok(()),
        }
    }
}

compare_by_try_compare!(RkStamp);

impl CombPart for RkStamp {
    const HAS_SITE: bool = true;

    fn site(&self) -> Option<NodeId> {
        Some(self.site)
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Self::try_compare(self, other)
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_varint(out, self.entries.len() as u64);
        put_counters(out, &self.counters);
    }

    fn body_len(&self) -> usize {
        varint_len(self.entries.len() as u64) + counters_len(&self.counters)
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let k = reader.varint()?;
        let counters = read_counters(reader)?;
        match usize::try_from(k) {
            Ok(k) if (1..=counters.len()).contains(&k) => {
                let entries = entries(site, counters.len(), k);
                Ok(Self { site, counters, entries })
            }
            _ => Err(DecodeError::Invalid { at, expected: "K from 1 to the number of counters" }),
        }
    }
}

site_stamp_wire!(RkStamp);

/// The clock of one participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RkClock {
    latest: RkStamp,
}

impl RkClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, Rk { r, k }: Rk) -> Self {
        let counters = vec![0; r.into()].into_boxed_slice();
        let entries = entries(site, r.into(), k.into());
        Self { latest: RkStamp { site, counters, entries } }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        let counters = self.latest.counters.clone();
        let entries = entries(site, counters.len(), self.latest.entries.len());
        Self { latest: RkStamp { site, counters, entries } }
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where one of the site's counters is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let RkStamp { counters, entries, .. } = &mut self.latest;
        for entry in entries.iter() {
            next(counters[*entry])?;
        }
        for entry in entries.iter() {
            counters[*entry] += 1;
        }
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> RkStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// As [`RkStamp::try_compare`]; the clock is then unchanged.
    pub fn merge(&mut self, stamp: &RkStamp) -> Result<(), Error> {
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

causal_clock!(RkClock, RkStamp, Error);
wire_as_latest_stamp!(RkClock);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_distinct_and_spread() {
        let mut hits = [0_u32; 10];
        for id in 0..10_000 {
            let mut entries = entries(NodeId::new(id), 10, 3).into_vec();
            entries.iter().for_each(|e| hits[*e] += 1);
            entries.sort_unstable();
            entries.dedup();
            assert_eq!(entries.len(), 3, "{id}");
        }
        // 3,000 each on average, with a standard deviation of 46.
        assert!(hits.iter().all(|h| (2_800..3_200).contains(h)), "{hits:?}");
    }

    #[test]
    fn all_entries_are_a_permutation() {
        let mut all = entries(NodeId::new(7), 6, 6).into_vec();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
    }
}
