//! Physical timestamps: the bare reading of a participant's clock. The
//! baseline that hybrid clocks improve on.
//!
//! Whoever orders events by time stamps alone ("last writer wins") uses this
//! clock. It promises nothing: a clock that is behind gives a receipt an
//! earlier time than its send had, and one that stands still gives two events
//! the same time. How often that happens is what the harness measures.
//!
//! # Wire form
//!
//! Stamp and clock alike, 16 bytes: the reading in nanoseconds, most
//! significant byte first, then the node id. Sorting the bytes sorts the
//! stamps.

use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, DecodeError, Environment, Guarantees, NodeId,
    PhysicalTime, Rejected, Scheme, Verdict, Wire,
};

/// The reading of a node's physical clock at an event.
///
/// `Ord` is the order of last-writer-wins: by reading, and by node where
/// readings are equal. It is total, and it is not causal order: that is
/// [`compare`](CausalStamp::compare), which only ever guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhysicalStamp {
    reading: PhysicalTime,
    node: NodeId,
}

impl PhysicalStamp {
    /// The stamp of an event at `node`, whose clock read `reading`.
    #[must_use]
    pub const fn new(reading: PhysicalTime, node: NodeId) -> Self {
        Self { reading, node }
    }

    /// What the node's clock read.
    #[must_use]
    pub const fn reading(self) -> PhysicalTime {
        self.reading
    }

    /// Where the event happened.
    #[must_use]
    pub const fn node(self) -> NodeId {
        self.node
    }
}

impl CausalStamp for PhysicalStamp {
    /// The earlier reading is a guess at *before*. Equal readings are taken
    /// for one event at one node, and for concurrent events at two.
    fn compare(&self, other: &Self) -> Verdict {
        let order = CausalOrder::from(self.reading.cmp(&other.reading));
        Verdict::guessed(match order {
            CausalOrder::Equal if self.node != other.node => CausalOrder::Concurrent,
            order => order,
        })
    }
}

impl Wire for PhysicalStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.reading.as_nanos().to_be_bytes());
        put_node_id(out, self.node);
    }

    fn encoded_len(&self) -> usize {
        8 + NODE_ID_LEN
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let reading = PhysicalTime::from_nanos(u64::from_be_bytes(reader.array()?));
        let node = reader.node_id()?;
        reader.finish()?;
        Ok(Self { reading, node })
    }
}

/// A participant whose events are stamped with what its physical clock reads.
/// Messages teach it nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhysicalClock {
    latest: PhysicalStamp,
}

impl PhysicalClock {
    /// The clock of `node`, before its first event.
    #[must_use]
    pub const fn new(node: NodeId) -> Self {
        Self { latest: PhysicalStamp::new(PhysicalTime::ZERO, node) }
    }

    /// Records an event at which the physical clock reads `reading`.
    pub const fn tick(&mut self, reading: PhysicalTime) -> PhysicalStamp {
        self.latest.reading = reading;
        self.latest
    }
}

impl Wire for PhysicalClock {
    fn encode(&self, out: &mut Vec<u8>) {
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        PhysicalStamp::decode(bytes).map(|latest| Self { latest })
    }
}

impl CausalClock for PhysicalClock {
    type Stamp = PhysicalStamp;
    type Error = Infallible;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        Self { latest: PhysicalStamp::new(self.latest.reading, env.fresh_id()) }
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), Infallible> {
        self.tick(env.now());
        Ok(())
    }

    fn stamp(&self) -> PhysicalStamp {
        self.latest
    }

    fn merge(&mut self, _: &PhysicalStamp, _: &mut impl Environment) -> Result<(), Infallible> {
        Ok(())
    }

    fn join(&mut self, _: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        Ok(())
    }
}

/// The scheme `physical`: what the clocks on the wall say, and who read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct PhysicalClocks {}

impl Scheme for PhysicalClocks {
    type Clock = PhysicalClock;

    fn name(&self) -> String {
        "physical".into()
    }

    /// None at all.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[])
    }

    fn seed(&self, env: &mut impl Environment) -> PhysicalClock {
        PhysicalClock::new(env.fresh_id())
    }
}
