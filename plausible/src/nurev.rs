//! NUREV, the non-uniformly mapped R-entries vector clock (Gidenstam and
//! Papatriantafilou, "Adaptive plausible clocks", ICDCS 2004): REV in which
//! the map from sites to entries is no fixed function of the id, but adapts.
//!
//! The paper defines the class and several ways to adapt. Here every site
//! chooses its own entry, by what it sees, and may change it at any event; the
//! entry travels in the stamp. That keeps the promise of REV, since all it
//! needs is that an event's own counter is larger than before:
//!
//! * A newborn takes one of the least used entries, those of the smallest
//!   counter. So entries of sites that are gone are used again.
//! * A site that finds that another has counted in its entry moves to one of
//!   the least used, where that is less used than its own. So sites come to
//!   have entries of their own, as far as there are enough.
//!
//! Least used is meant as far as the site knows; among equals a hash of the
//! site's id and its counter decides, so that few choose alike.
//!
//! Without ids (`ids=false`) eight bytes a stamp are saved for counters.
//! Order at one site is then a guess as any other, and two concurrent events
//! may get the same stamp: false equality.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | 2·R, plus 1 with ids | varint |
//! | id of the site, if any | 8 |
//! | the site's entry, below R | varint |
//! | counters, packed as in [`Rev`](crate::Rev) without their number | |
//!
//! A clock is written as its latest stamp; then, where that has no id, the id
//! of its site (8 bytes); then the counter of its latest event (varint).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU16;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme,
    Verdict, Wire,
};

use crate::Error;
use crate::counters::{check_size, leq_both, merge_max, next};
use crate::layer::causal_clock;
use crate::mix::{below, mix};
use crate::packed::{put_values, read_values, values_len};
use crate::part::{compare_by_try_compare, part_without_site};

/// NUREV(R): R counters, in which sites choose their entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct Nurev {
    /// How many counters a stamp has.
    pub r: NonZeroU16,
    /// Whether a stamp has the id of its site.
    pub ids: bool,
}

impl Default for Nurev {
    /// 16 counters, with ids.
    fn default() -> Self {
        Self { r: NonZeroU16::MIN.saturating_add(15), ids: true }
    }
}

impl Scheme for Nurev {
    type Clock = NurevClock;

    fn name(&self) -> String {
        alloc::format!("nurev:r={},ids={}", self.r, self.ids)
    }

    /// All but sound with ids, since they are unique; without, not distinct
    /// either.
    fn guarantees(&self) -> Guarantees {
        if self.ids {
            Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
                .assuming(&[Assumption::UniqueIds])
        } else {
            Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent])
        }
    }

    fn seed(&self, env: &mut impl Environment) -> NurevClock {
        NurevClock::new(env.fresh_id(), *self)
    }
}

/// The stamp of an event: R counters, in which of them the event was counted,
/// and, if so wanted, where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NurevStamp {
    site: Option<NodeId>,
    /// Below the number of counters.
    entry: usize,
    /// At least one.
    counters: Box<[u64]>,
}

impl NurevStamp {
    /// Where the event happened, if stamps have ids.
    #[must_use]
    pub const fn site(&self) -> Option<NodeId> {
        self.site
    }

    /// The entry that the event was counted in.
    #[must_use]
    pub const fn entry(&self) -> usize {
        self.entry
    }

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
        let one_site = self.site.is_some() && self.site == other.site;
        // Of two sites, or in two entries, equal counters are of two events.
        let one_event = self.site == other.site && self.entry == other.entry && leq && geq;
        Ok(if one_event {
            Verdict { order: CausalOrder::Equal, proven: one_site }
        } else if leq && self.counters[other.entry] < other.counters[other.entry] {
            Verdict { order: CausalOrder::Before, proven: one_site }
        } else if geq && other.counters[self.entry] < self.counters[self.entry] {
            Verdict { order: CausalOrder::After, proven: one_site }
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        })
    }

    fn check(&self, other: &Self) -> Result<(), Error> {
        check_size(&self.counters, &other.counters)?;
        let (ours, theirs) = (self.site.is_some().into(), other.site.is_some().into());
        if ours != theirs {
            return Err(Error::DifferentParameter { name: "ids", ours, theirs });
        }
        Ok(())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let head = reader.varint()?;
        let site = if head & 1 == 1 { Some(reader.node_id()?) } else { None };
        let entry_at = reader.position();
        let entry = reader.varint()?;
        let counters = read_values(reader, at, head >> 1)?;
        match usize::try_from(entry) {
            Ok(entry) if entry < counters.len() => Ok(Self { site, entry, counters }),
            _ => Err(DecodeError::Invalid { at: entry_at, expected: "an entry below R" }),
        }
    }
}

compare_by_try_compare!(NurevStamp);
part_without_site!(NurevStamp);

impl Wire for NurevStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.head());
        if let Some(site) = self.site {
            put_node_id(out, site);
        }
        put_varint(out, self.entry as u64);
        put_values(out, &self.counters);
    }

    fn encoded_len(&self) -> usize {
        let site = if self.site.is_some() { NODE_ID_LEN } else { 0 };
        let entry = varint_len(self.entry as u64);
        varint_len(self.head()) + site + entry + values_len(&self.counters)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let stamp = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(stamp)
    }
}

impl NurevStamp {
    /// The number of counters, and whether there is an id.
    const fn head(&self) -> u64 {
        2 * self.counters.len() as u64 + self.site.is_some() as u64
    }
}

/// The clock of one participant.
///
/// ```
/// use causal_clock::NodeId;
/// use plausible::{Nurev, NurevClock};
///
/// let mut a = NurevClock::new(NodeId::new(1), Nurev::default());
/// a.event()?;
/// // The newborn takes an entry that nobody has used.
/// let mut b = a.fork(NodeId::new(2));
/// b.event()?;
/// assert_ne!(a.stamp().entry(), b.stamp().entry());
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NurevClock {
    site: NodeId,
    /// The site's own counter at its latest event, or when it took its entry.
    /// What the entry has beyond it was counted by others.
    own: u64,
    latest: NurevStamp,
}

impl NurevClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, Nurev { r, ids }: Nurev) -> Self {
        let counters = vec![0; r.get().into()].into_boxed_slice();
        Self::newborn(site, counters, ids)
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        Self::newborn(site, self.latest.counters.clone(), self.latest.site.is_some())
    }

    fn newborn(site: NodeId, counters: Box<[u64]>, ids: bool) -> Self {
        let entry = least_used(&counters, site, 0);
        let own = counters[entry];
        Self { site, own, latest: NurevStamp { site: ids.then_some(site), entry, counters } }
    }

    /// Records an event, in another entry than before where others have
    /// counted in this one and there is one less used.
    ///
    /// # Errors
    /// Where the site's counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let NurevStamp { entry, counters, .. } = &mut self.latest;
        let mut to = *entry;
        if counters[to] > self.own {
            let least = least_used(counters, self.site, counters[to]);
            if counters[least] < counters[to] {
                to = least;
            }
        }
        let counter = next(counters[to])?;
        counters[to] = counter;
        *entry = to;
        self.own = counter;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> NurevStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// As [`NurevStamp::try_compare`]; the clock is then unchanged.
    pub fn merge(&mut self, stamp: &NurevStamp) -> Result<(), Error> {
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

/// One of the entries with the smallest counter, by a hash where there are
/// several.
pub(crate) fn least_used(counters: &[u64], site: NodeId, salt: u64) -> usize {
    let smallest = counters.iter().copied().min().unwrap_or(0);
    let candidates = || counters.iter().enumerate().filter(|(_, c)| **c == smallest);
    let random = mix(site.get() ^ mix(salt));
    let which = below(random, candidates().count());
    candidates().nth(which).map_or(0, |(entry, _)| entry)
}

causal_clock!(NurevClock, NurevStamp, Error);

impl Wire for NurevClock {
    fn encode(&self, out: &mut Vec<u8>) {
        self.latest.encode(out);
        if self.latest.site.is_none() {
            put_node_id(out, self.site);
        }
        put_varint(out, self.own);
    }

    fn encoded_len(&self) -> usize {
        let site = if self.latest.site.is_none() { NODE_ID_LEN } else { 0 };
        self.latest.encoded_len() + site + varint_len(self.own)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let latest = NurevStamp::read(&mut reader)?;
        let site = match latest.site {
            Some(site) => site,
            None => reader.node_id()?,
        };
        let own = reader.varint()?;
        reader.finish()?;
        Ok(Self { site, own, latest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(clock: &mut NurevClock) -> NurevStamp {
        assert_eq!(clock.event(), Ok(()));
        clock.stamp()
    }

    #[test]
    fn a_site_moves_away_from_company_while_there_is_room() {
        let two = Nurev { r: NonZeroU16::MIN.saturating_add(1), ids: true };
        let mut sites = (1..).map(|id| NurevClock::new(NodeId::new(id), two));
        let mut a = sites.by_ref().find(|c| c.latest.entry == 0).expect("one of many");
        let mut b = sites.find(|c| c.latest.entry == 0).expect("one of many");
        event(&mut b);
        event(&mut a);
        // Of its own count alone, b could not tell that a counts there too.
        assert_eq!(b.merge(&a.stamp()), Ok(()));
        assert_eq!(event(&mut b).counters(), [2, 0]);
        event(&mut a);
        assert_eq!(b.merge(&event(&mut a)), Ok(()));
        let moved = event(&mut b);
        assert_eq!((moved.entry(), moved.counters()), (1, &[3, 1][..]));
        // Then both are alone, and stay.
        assert_eq!(a.merge(&moved), Ok(()));
        assert_eq!((event(&mut a).entry(), event(&mut b).entry()), (0, 1));
    }
}
