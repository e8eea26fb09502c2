//! Hybrid vector clocks: vector clocks that forget what is older than ε.
//!
//! Yingchareonthawornchai, Kulkarni, Demirbas, "Analysis of Bounds on Hybrid
//! Vector Clocks", OPODIS 2015 (TPDS 2018). A stamp has a hybrid timestamp for
//! its own node, and the largest one heard of for each other node, *unless*
//! that is more than ε older than the own physical clock. If all clocks agree
//! to within ε, whatever is that much older did physically happen before, so
//! that nothing need be remembered to say so. How many entries are left
//! depends on how many nodes were heard of within ε.
//!
//! The paper's own entry is `max(own + 1, heard + 1, pt)`. Here it is the
//! hybrid logical clock, which stays closer to physical time; all that is used
//! of it is that it grows along causality and is not below `pt`.
//!
//! # What a stamp proves
//!
//! *Older* events are those at least ε before the younger event's timestamp.
//!
//! * An entry for the other's node that covers the other's timestamp proves
//!   *before*: nothing but causality puts it there.
//! * No such entry and *not* older proves *concurrent*: an entry is dropped
//!   only at a node whose physical time, and so whose timestamp, and so every
//!   timestamp after it, is at least ε later.
//! * No such entry and older: the entry may have been dropped. *Before* is a
//!   guess. It is the right answer to another question, ε-causality: see
//!   [`epsilon_order`].
//!
//! None of this assumes anything of the clocks. If they are worse than ε, more
//! is guessed and more is remembered, and nothing proven is wrong.
//!
//! # Wire form
//!
//! Stamp and clock alike: the packed own timestamp (8 bytes), the node id (8),
//! ε in units of 2⁻¹⁶ s (varint), the number of entries (varint), and for each
//! entry in ascending order of node id: the id (8), how many units its time is
//! before the own (varint), its counter (varint). An entry is not above the
//! own timestamp, and none is for the own node.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::time::Duration;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, DecodeError, Environment, NodeId, PhysicalTime,
    Rejected, Verdict, Wire,
};

use crate::entries::Entries;
use crate::{HlcError, Timestamp};

/// How long a hybrid vector clock remembers, in units of 2⁻¹⁶ s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Epsilon(u64);

impl Epsilon {
    const MAX: u64 = (1 << 48) - 1;

    /// Rounded up; 136 years are for ever.
    fn of(duration: Duration) -> Self {
        let units = (duration.as_nanos() << 16).div_ceil(1_000_000_000);
        Self(u64::try_from(units).map_or(Self::MAX, |units| units.min(Self::MAX)))
    }

    /// What is at or below this is older.
    const fn horizon(self, now: Timestamp) -> Timestamp {
        Timestamp::from_bits(now.to_bits().saturating_sub(self.0 << 16))
    }
}

/// The stamp of an event: the own timestamp, and the latest heard of from
/// each node that was heard of within ε.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HybridVectorStamp {
    own: Timestamp,
    node: NodeId,
    epsilon: Epsilon,
    /// What is known of other nodes.
    heard: Entries<Timestamp>,
}

impl HybridVectorStamp {
    /// The event's own hybrid timestamp.
    #[must_use]
    pub const fn timestamp(&self) -> Timestamp {
        self.own
    }

    /// Where the event happened.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The largest timestamp known of an event of `node`, if it is remembered.
    #[must_use]
    pub fn entry(&self, node: NodeId) -> Option<Timestamp> {
        if node == self.node { Some(self.own) } else { self.heard.get(node) }
    }

    /// How many nodes are remembered, the own one included.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.heard.len() + 1
    }

    fn covers(&self, other: &Self) -> bool {
        self.heard.get(other.node).is_some_and(|latest| latest >= other.own)
    }

    /// Whether it could have been forgotten that `earlier` came before.
    fn may_have_forgotten(&self, earlier: Timestamp, epsilon: Epsilon) -> bool {
        earlier <= epsilon.horizon(self.own)
    }
}

impl CausalStamp for HybridVectorStamp {
    fn compare(&self, other: &Self) -> Verdict {
        let order = CausalOrder::from(self.own.cmp(&other.own));
        if self.node == other.node {
            return Verdict::proven(order);
        }
        // Of stamps that remember for different times, the shorter counts.
        let epsilon = Epsilon(self.epsilon.0.min(other.epsilon.0));
        match (other.covers(self), self.covers(other)) {
            (true, false) => Verdict::proven(CausalOrder::Before),
            (false, true) => Verdict::proven(CausalOrder::After),
            // Only forged stamps know each other.
            (true, true) => Verdict::guessed(CausalOrder::Concurrent),
            (false, false) => match self.own.cmp(&other.own) {
                Ordering::Less if other.may_have_forgotten(self.own, epsilon) => {
                    Verdict::guessed(CausalOrder::Before)
                }
                Ordering::Greater if self.may_have_forgotten(other.own, epsilon) => {
                    Verdict::guessed(CausalOrder::After)
                }
                _ => Verdict::proven(CausalOrder::Concurrent),
            },
        }
    }
}

impl Wire for HybridVectorStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.own.to_bits().to_be_bytes());
        put_node_id(out, self.node);
        put_varint(out, self.epsilon.0);
        put_varint(out, self.heard.len() as u64);
        for (node, latest) in self.heard.iter() {
            put_node_id(out, node);
            put_varint(out, self.own.time() - latest.time());
            put_varint(out, latest.counter());
        }
    }

    fn encoded_len(&self) -> usize {
        let entries = self.heard.iter().map(|(_, latest)| {
            NODE_ID_LEN + varint_len(self.own.time() - latest.time()) + varint_len(latest.counter())
        });
        let head = 8 + NODE_ID_LEN + varint_len(self.epsilon.0);
        head + varint_len(self.heard.len() as u64) + entries.sum::<usize>()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let own = Timestamp::from_bits(u64::from_be_bytes(reader.array()?));
        let node = reader.node_id()?;
        let at = reader.position();
        let epsilon = Epsilon(reader.varint()?);
        if epsilon.0 > Epsilon::MAX {
            return Err(DecodeError::NumberTooLarge { at });
        }
        let mut entries = Vec::with_capacity(reader.count(NODE_ID_LEN + 2)?);
        let mut last = None;
        for _ in 0..entries.capacity() {
            let at = reader.position();
            let id = reader.node_id()?;
            if last.is_some_and(|last| last >= id) {
                return Err(DecodeError::NotCanonical { at, rule: "node ids ascend" });
            }
            if id == node {
                return Err(DecodeError::NotCanonical { at, rule: "the own node has no entry" });
            }
            let (before, counter) = (reader.varint()?, reader.varint()?);
            let latest = own
                .time()
                .checked_sub(before)
                .and_then(|time| Timestamp::from_parts(time, counter))
                .filter(|latest| *latest <= own)
                .ok_or(DecodeError::Invalid { at, expected: "a timestamp up to the own" })?;
            entries.push((id, latest));
            last = Some(id);
        }
        reader.finish()?;
        Ok(Self { own, node, epsilon, heard: Entries::from_sorted(entries) })
    }
}

/// The hybrid vector clock of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HybridVectorClock {
    latest: HybridVectorStamp,
}

impl HybridVectorClock {
    /// The clock of `node`, before its first event. It remembers other nodes
    /// for `epsilon`, which should be the synchronisation error of their
    /// clocks or more.
    ///
    /// With an `epsilon` of zero it is a hybrid logical clock, with one of more
    /// than 136 years a vector clock.
    #[must_use]
    pub fn new(node: NodeId, epsilon: Duration) -> Self {
        let (own, epsilon) = (Timestamp::ZERO, Epsilon::of(epsilon));
        Self { latest: HybridVectorStamp { own, node, epsilon, heard: Entries::new() } }
    }

    /// The stamp of the latest event.
    #[must_use]
    pub const fn latest(&self) -> &HybridVectorStamp {
        &self.latest
    }

    /// The clock of a new node with the same past.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork_as(&self, node: NodeId) -> Self {
        let mut newborn = self.latest.clone();
        newborn.node = node;
        newborn.heard.raise(self.latest.node, self.latest.own);
        Self { latest: newborn }
    }

    /// Records an event at which the physical clock reads `reading`, and
    /// forgets what is ε older than that.
    ///
    /// # Errors
    /// [`HlcError::ReadingOutOfRange`], [`HlcError::Exhausted`]; the clock is
    /// unchanged.
    pub fn tick(&mut self, reading: PhysicalTime) -> Result<&HybridVectorStamp, HlcError> {
        let now = Timestamp::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
        self.latest.own = self.latest.own.next(now).ok_or(HlcError::Exhausted)?;
        self.latest.heard.forget(self.latest.epsilon.horizon(now));
        Ok(&self.latest)
    }

    /// Takes over the past of `stamp`. Records no event.
    pub fn observe(&mut self, stamp: &HybridVectorStamp) {
        self.latest.own = self.latest.own.max(stamp.own);
        self.latest.heard.merge(&stamp.heard, Some(self.latest.node));
        if stamp.node != self.latest.node {
            self.latest.heard.raise(stamp.node, stamp.own);
        }
    }
}

impl Wire for HybridVectorClock {
    fn encode(&self, out: &mut Vec<u8>) {
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        HybridVectorStamp::decode(bytes).map(|latest| Self { latest })
    }
}

impl CausalClock for HybridVectorClock {
    type Stamp = HybridVectorStamp;
    type Error = HlcError;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        self.fork_as(env.fresh_id())
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), HlcError> {
        self.tick(env.now()).map(drop)
    }

    fn stamp(&self) -> HybridVectorStamp {
        self.latest.clone()
    }

    fn merge(
        &mut self,
        stamp: &HybridVectorStamp,
        _: &mut impl Environment,
    ) -> Result<(), HlcError> {
        self.observe(stamp);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        self.observe(&retired.latest);
        Ok(())
    }
}

/// The second truth that hybrid vector clocks are judged by: *ε-causality*.
/// What is ordered by `causal` order is ordered; and so are events whose
/// physical times, on a perfect clock, are ε or more apart.
///
/// ```
/// use causal_clock::{CausalOrder, PhysicalTime};
/// use hlc::epsilon_order;
/// use std::time::Duration;
///
/// let (early, late) = (PhysicalTime::from_secs(1), PhysicalTime::from_secs(3));
/// let order = |epsilon| epsilon_order(CausalOrder::Concurrent, early, late, epsilon);
/// assert_eq!(order(Duration::from_secs(1)), CausalOrder::Before);
/// assert_eq!(order(Duration::from_secs(5)), CausalOrder::Concurrent);
/// ```
#[must_use]
pub fn epsilon_order(
    causal: CausalOrder,
    left: PhysicalTime,
    right: PhysicalTime,
    epsilon: Duration,
) -> CausalOrder {
    match causal {
        CausalOrder::Concurrent if left < right && right.since(left) >= epsilon => {
            CausalOrder::Before
        }
        CausalOrder::Concurrent if right < left && left.since(right) >= epsilon => {
            CausalOrder::After
        }
        causal => causal,
    }
}
