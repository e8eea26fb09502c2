//! REV, the R-entries vector clock (Torres-Rojas and Ahamad, "Plausible
//! clocks: constant size logical clocks for distributed systems", Distributed
//! Computing 12, 1999): a vector of R counters, where the site with id *i*
//! counts its events in entry *i* mod R, together with all other sites that
//! have this entry.
//!
//! The rule is reconstructed from descriptions; the paper itself was not to be
//! had. A stamp is the site's id and the vector. If *a* happened before *b*, then
//! each counter of *b* is at least that of *a*, and the one *b* counts in is
//! larger. Where that is not so, *a* did not happen before *b*: concurrency is
//! proven. Where it is, other sites of the same entry may have made it so: the
//! order is a guess, except at one site.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site | 8 |
//! | counters | differences from the smallest, Rice coded; the number of counters, the smallest and the Rice parameter come first |
//!
//! A clock is written as its latest stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU16;

use causal_clock::wire::Reader;
use causal_clock::{
    Assumption, CausalOrder, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme,
    Verdict,
};

use crate::Error;
use crate::counters::{check_size, leq_both, merge_max, next};
use crate::layer::causal_clock;
use crate::packed::{counters_len, put_counters, read_counters};
use crate::part::{CombPart, compare_by_try_compare, site_stamp_wire, wire_as_latest_stamp};

/// REV(R): vector clocks of R entries that sites share by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct Rev {
    /// How many counters a stamp has.
    pub r: NonZeroU16,
}

impl Default for Rev {
    /// 16 counters.
    fn default() -> Self {
        const SIXTEEN: NonZeroU16 = NonZeroU16::MIN.saturating_add(15);
        Self { r: SIXTEEN }
    }
}

impl Scheme for Rev {
    type Clock = RevClock;

    fn name(&self) -> String {
        alloc::format!("rev:r={}", self.r)
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> RevClock {
        RevClock::new(env.fresh_id(), self.r)
    }
}

/// The stamp of an event: where it happened, and R counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RevStamp {
    site: NodeId,
    /// At least one.
    counters: Box<[u64]>,
}

impl RevStamp {
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
    pub fn entry(&self) -> usize {
        let entry = self.site.get() % self.counters.len() as u64;
        #[expect(clippy::cast_possible_truncation, reason = "less than a length")]
        let entry = entry as usize;
        entry
    }

    /// How two events stand to each other.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] where the stamps are of different schemes.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        check_size(&self.counters, &other.counters)?;
        if self.site == other.site {
            let own = self.entry();
            return Ok(Verdict::proven(self.counters[own].cmp(&other.counters[own]).into()));
        }
        let (leq, geq) = leq_both(&self.counters, &other.counters);
        let (here, there) = (self.entry(), other.entry());
        Ok(if leq && self.counters[there] < other.counters[there] {
            Verdict::guessed(CausalOrder::Before)
        } else if geq && other.counters[here] < self.counters[here] {
            Verdict::guessed(CausalOrder::After)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        })
    }
}

compare_by_try_compare!(RevStamp);

impl CombPart for RevStamp {
    const HAS_SITE: bool = true;

    fn site(&self) -> Option<NodeId> {
        Some(self.site)
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Self::try_compare(self, other)
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_counters(out, &self.counters);
    }

    fn body_len(&self) -> usize {
        counters_len(&self.counters)
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { site, counters: read_counters(reader)? })
    }
}

site_stamp_wire!(RevStamp);

/// The clock of one participant.
///
/// ```
/// use core::num::NonZeroU16;
/// use causal_clock::{CausalOrder, CausalStamp, NodeId};
/// use plausible::RevClock;
///
/// let mut a = RevClock::new(NodeId::new(1), NonZeroU16::MIN.saturating_add(1));
/// let mut b = a.fork(NodeId::new(2));
/// a.event()?;
/// b.event()?;
/// assert_eq!(a.stamp().counters(), [0, 1]);
/// assert_eq!(b.stamp().counters(), [1, 0]);
/// assert_eq!(a.stamp().compare(&b.stamp()).order, CausalOrder::Concurrent);
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevClock {
    latest: RevStamp,
}

impl RevClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, r: NonZeroU16) -> Self {
        let counters = vec![0; r.get().into()].into_boxed_slice();
        Self { latest: RevStamp { site, counters } }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        Self { latest: RevStamp { site, counters: self.latest.counters.clone() } }
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where the site's counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let own = self.latest.entry();
        self.latest.counters[own] = next(self.latest.counters[own])?;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> RevStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] where the stamp is of another scheme.
    pub fn merge(&mut self, stamp: &RevStamp) -> Result<(), Error> {
        check_size(&self.latest.counters, &stamp.counters)?;
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

causal_clock!(RevClock, RevStamp, Error);
wire_as_latest_stamp!(RevClock);
