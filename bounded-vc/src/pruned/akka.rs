//! A member that leaves takes its entry with it: the rule of Akka's cluster
//! and of its distributed data (`VersionVector.prune(removed, into)`, with the
//! tombstones that gossip keeps of removed members).
//!
//! Whoever takes over a leaving member deletes its entry and counts one step
//! of its own. The *removal* travels with every stamp, and whoever learns of it
//! deletes the entry, too, and lets it not come back. It is remembered for a
//! time only, or it would cost what the entry did: a message of the member that
//! arrives later still brings the entry back, and then nobody removes it ever
//! again. A member that crashes is not announced, and its entry stays.
//!
//! What is lost with an entry is what was known of the member's events: all
//! later events then seem to be concurrent with them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalClock, CausalStamp, CounterOverflow, DecodeError, Environment, Guarantees, NodeId,
    PhysicalTime, Rejected, Scheme, Verdict, Wire, duration,
};

use super::aged::nanos;
use super::bounded::order_is_proven;
use super::wire::read_owned;
use super::{Loss, PrunedStamp, PrunedVector};
use crate::sorted::{self, ById};

/// Vector clocks without the entries of members that left:
/// `akka:keep=1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct AkkaVectorClocks {
    /// How long a removal is remembered. One that is heard of with a time in
    /// the future is dated to when it is heard of, so that none is remembered
    /// for ever: whoever is ahead, or lies, cannot have it kept for longer.
    #[cfg_attr(feature = "serde", serde(with = "causal_clock::duration"))]
    pub keep: Duration,
}

impl Default for AkkaVectorClocks {
    /// A day, Akka's `prune-gossip-tombstones-after`.
    fn default() -> Self {
        Self { keep: Duration::from_secs(86_400) }
    }
}

impl Scheme for AkkaVectorClocks {
    type Clock = AkkaClock;

    fn name(&self) -> String {
        format!("akka:keep={}", duration::format(self.keep))
    }

    /// Those of [`BoundedVectorClocks`](crate::BoundedVectorClocks): entries
    /// of others are dropped, and the own ones are kept.
    fn guarantees(&self) -> Guarantees {
        order_is_proven()
    }

    fn seed(&self, env: &mut impl Environment) -> AkkaClock {
        AkkaClock {
            scheme: *self,
            id: env.fresh_id(),
            vector: PrunedVector::default(),
            removals: Removals::default(),
        }
    }
}

/// A member that left, and when that was announced.
type Removal = (NodeId, PhysicalTime);

impl ById for Removal {
    fn id(&self) -> NodeId {
        self.0
    }
}

/// Members that left, ids strictly ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Removals(Vec<Removal>);

impl Removals {
    fn holds(&self, id: NodeId) -> bool {
        self.0.binary_search_by_key(&id, |removal| removal.0).is_ok()
    }

    fn merge(&mut self, other: impl IntoIterator<Item = Removal>) {
        sorted::merge(&mut self.0, other, |mine, (id, time)| {
            (id, mine.map_or(time, |(_, known)| known.max(time)))
        });
    }

    fn latest(&self) -> u64 {
        self.0.iter().map(|(_, time)| time.as_nanos()).max().unwrap_or(0)
    }

    /// How many; where any, the latest time in nanoseconds; then for each, ids
    /// ascending, the id in eight bytes and how far its time is behind.
    fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.0.len() as u64);
        let latest = self.latest();
        if !self.0.is_empty() {
            put_varint(out, latest);
        }
        for (id, time) in &self.0 {
            put_node_id(out, *id);
            put_varint(out, latest - time.as_nanos());
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let head = if self.0.is_empty() { 0 } else { varint_len(latest) };
        let each = |time: &PhysicalTime| NODE_ID_LEN + varint_len(latest - time.as_nanos());
        varint_len(self.0.len() as u64)
            + head
            + self.0.iter().map(|(_, time)| each(time)).sum::<usize>()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = reader.count(NODE_ID_LEN + 1)?;
        let at_latest = reader.position();
        let latest = if count > 0 { reader.varint()? } else { 0 };
        let mut removals = Self(Vec::with_capacity(count));
        for _ in 0..count {
            let at = reader.position();
            let id = reader.node_id()?;
            if removals.0.last().is_some_and(|(before, _)| *before >= id) {
                return Err(DecodeError::NotCanonical { at, rule: "ids ascend" });
            }
            let at = reader.position();
            let behind = reader.varint()?;
            let time = latest.checked_sub(behind).ok_or(DecodeError::NumberTooLarge { at })?;
            removals.0.push((id, PhysicalTime::from_nanos(time)));
        }
        if removals.latest() != latest {
            let rule = "the latest time is that of a removal";
            return Err(DecodeError::NotCanonical { at: at_latest, rule });
        }
        Ok(removals)
    }
}

/// A participant's vector clock that forgets members that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AkkaClock {
    scheme: AkkaVectorClocks,
    id: NodeId,
    vector: PrunedVector,
    removals: Removals,
}

impl AkkaClock {
    /// The participant's id.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// What the participant knows of members that are there.
    #[must_use]
    pub const fn vector(&self) -> &PrunedVector {
        &self.vector
    }

    /// The removals that are remembered, in the order of their ids, and when
    /// each was announced.
    pub fn removals(&self) -> impl Iterator<Item = (NodeId, PhysicalTime)> {
        self.removals.0.iter().copied()
    }

    fn take_in(&mut self, vector: &PrunedVector, removals: &Removals, now: PhysicalTime) {
        let not_later = |&(id, time): &Removal| (id, time.min(now));
        self.removals.merge(removals.0.iter().map(not_later));
        self.vector.merge(vector);
        self.prune(now);
    }

    /// Drops entries of members that left, and then removals of old.
    fn prune(&mut self, now: PhysicalTime) {
        let before = self.vector.entries.len();
        let (own, removals) = (self.id, &self.removals);
        self.vector.entries.retain(|entry| entry.id == own || !removals.holds(entry.id));
        if self.vector.entries.len() < before {
            self.vector.loss = self.vector.loss.max(Loss::Others);
        }
        let keep = self.scheme.keep;
        self.removals.0.retain(|(_, time)| now.since(*time) <= keep);
    }
}

impl CausalClock for AkkaClock {
    type Stamp = AkkaStamp;
    type Error = CounterOverflow;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self { id: env.fresh_id(), ..self.clone() }
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.vector.increment(self.id, PhysicalTime::ZERO)?;
        self.prune(env.now());
        Ok(())
    }

    fn stamp(&self) -> AkkaStamp {
        AkkaStamp {
            stamp: PrunedStamp::new(self.id, self.vector.clone()),
            removals: self.removals.clone(),
        }
    }

    fn merge(&mut self, stamp: &AkkaStamp, env: &mut impl Environment) -> Result<(), Self::Error> {
        self.take_in(stamp.stamp.vector(), &stamp.removals, env.now());
        Ok(())
    }

    /// The retired one is removed, and this participant counts a step: no
    /// event has the name of that step.
    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>> {
        if let Err(error) = self.vector.increment(self.id, PhysicalTime::ZERO) {
            return Err(Rejected::new(retired, error));
        }
        let now = env.now();
        self.removals.merge([(retired.id, now)]);
        self.take_in(&retired.vector, &retired.removals, now);
        Ok(())
    }
}

/// The stamp of an event of an [`AkkaClock`]: a [`PrunedStamp`], which says
/// what it proves, and the removals that are remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AkkaStamp {
    stamp: PrunedStamp,
    removals: Removals,
}

impl AkkaStamp {
    /// The event's name, and what was known of members that were there.
    #[must_use]
    pub const fn stamp(&self) -> &PrunedStamp {
        &self.stamp
    }
}

impl CausalStamp for AkkaStamp {
    fn compare(&self, other: &Self) -> Verdict {
        self.stamp.compare(&other.stamp)
    }
}

/// The [`PrunedStamp`], without times; then how many removals there are, and
/// where there are any, the latest time in nanoseconds; then of each, ids
/// ascending, the id in eight bytes and how far its time is behind. Numbers
/// are LEB128.
impl Wire for AkkaStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.stamp.encode(out);
        self.removals.put(out);
    }

    fn encoded_len(&self) -> usize {
        self.stamp.encoded_len() + self.removals.len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (vector, origin) = read_owned(&mut reader)?;
        let removals = Removals::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { stamp: PrunedStamp::new(origin, vector), removals })
    }
}

/// How long removals are kept, in nanoseconds in LEB128, and then what its
/// stamp would be.
impl Wire for AkkaClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, nanos(self.scheme.keep));
        self.stamp().encode(out);
    }

    fn encoded_len(&self) -> usize {
        varint_len(nanos(self.scheme.keep)) + self.stamp().encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let keep = Duration::from_nanos(reader.varint()?);
        let (vector, id) = read_owned(&mut reader)?;
        let removals = Removals::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { scheme: AkkaVectorClocks { keep }, id, vector, removals })
    }
}
