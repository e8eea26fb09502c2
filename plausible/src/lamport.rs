//! Lamport's clock (Lamport, "Time, clocks, and the ordering of events in a
//! distributed system", CACM 21(7), 1978), with the id of the participant
//! beside the counter.
//!
//! An event's counter is larger than that of any event in its past. So of two
//! events at one site the order is known; equal counters at two sites prove
//! concurrency; and otherwise the smaller counter is *guessed* to have come
//! first.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site | 8 |
//! | counter | varint |
//!
//! A clock is written as its latest stamp.

use alloc::string::String;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    Assumption, CausalOrder, CausalStamp, CounterOverflow, DecodeError, Environment, Guarantee,
    Guarantees, NodeId, Scheme, Verdict,
};

use crate::Error;
use crate::counters::next;
use crate::layer::causal_clock;
use crate::part::{CombPart, site_stamp_wire, wire_as_latest_stamp};

/// Lamport clocks: no parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct LamportClocks {}

impl Scheme for LamportClocks {
    type Clock = LamportClock;

    fn name(&self) -> String {
        "lamport".into()
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent, Guarantee::Distinct])
            .assuming(&[Assumption::UniqueIds])
    }

    fn seed(&self, env: &mut impl Environment) -> LamportClock {
        LamportClock::new(env.fresh_id())
    }
}

/// The stamp of an event: where it happened, and a number larger than that of
/// any event before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LamportStamp {
    site: NodeId,
    counter: u64,
}

impl LamportStamp {
    /// A stamp from its parts.
    #[must_use]
    pub const fn new(site: NodeId, counter: u64) -> Self {
        Self { site, counter }
    }

    /// Where the event happened.
    #[must_use]
    pub const fn site(&self) -> NodeId {
        self.site
    }

    /// The event's number.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }
}

impl CausalStamp for LamportStamp {
    fn compare(&self, other: &Self) -> Verdict {
        let order = CausalOrder::from(self.counter.cmp(&other.counter));
        if self.site == other.site {
            Verdict::proven(order)
        } else if order == CausalOrder::Equal {
            Verdict::proven(CausalOrder::Concurrent)
        } else {
            Verdict::guessed(order)
        }
    }
}

impl CombPart for LamportStamp {
    const HAS_SITE: bool = true;

    fn site(&self) -> Option<NodeId> {
        Some(self.site)
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Ok(self.compare(other))
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        put_varint(out, self.counter);
    }

    fn body_len(&self) -> usize {
        varint_len(self.counter)
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { site, counter: reader.varint()? })
    }
}

site_stamp_wire!(LamportStamp);

/// The clock of one participant.
///
/// ```
/// use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict};
/// use plausible::LamportClock;
///
/// let mut a = LamportClock::new(NodeId::new(1));
/// let mut b = a.fork(NodeId::new(2));
/// a.event()?;
/// b.event()?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Concurrent));
/// b.event()?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::guessed(CausalOrder::Before));
/// # Ok::<(), causal_clock::CounterOverflow>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LamportClock {
    latest: LamportStamp,
}

impl LamportClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub const fn new(site: NodeId) -> Self {
        Self { latest: LamportStamp::new(site, 0) }
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub const fn fork(&self, site: NodeId) -> Self {
        Self { latest: LamportStamp::new(site, self.latest.counter) }
    }

    /// Records an event.
    ///
    /// # Errors
    /// Where the counter is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), CounterOverflow> {
        self.latest.counter = next(self.latest.counter)?;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub const fn stamp(&self) -> LamportStamp {
        self.latest
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// None: a counter that is full is noticed by the next event.
    pub fn merge(&mut self, stamp: &LamportStamp) -> Result<(), CounterOverflow> {
        self.latest.counter = self.latest.counter.max(stamp.counter);
        Ok(())
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn join(&mut self, retired: &Self) -> Result<(), CounterOverflow> {
        self.merge(&retired.latest)
    }
}

causal_clock!(LamportClock, LamportStamp, CounterOverflow);
wire_as_latest_stamp!(LamportClock);
