//! Replay clocks: vector clocks whose entries are small offsets of coarse
//! epochs, with one counter for all that happens within them.
//!
//! Lagwankar, Kulkarni, "Replay Clocks" (`RepCl`), 2023, arXiv 2311.07842.
//! Physical time is cut into epochs of an interval. A stamp has the latest
//! epoch heard of, `mx`; for each node heard of within ε of it, how many epochs
//! before `mx` that was; and a counter of the events that changed none of
//! this. A node that is not listed counts as heard of ε before `mx`.
//!
//! The paper packs the offsets of a fixed set of processes into a few machine
//! words. Here nodes come and go, so each entry carries its id.
//!
//! # What a stamp proves
//!
//! What happened before has entries that are all at most the other's, and if
//! they are all the same, the smaller counter: every step keeps that, even for
//! entries that were dropped, as those are below everything that is kept. So
//! two stamps neither of which is at most the other **prove concurrency**,
//! whatever the physical clocks do.
//!
//! The reverse is a guess: within an epoch, events of one node look the same.
//! But where the later stamp knows the other's node from a *later* epoch than
//! that of the other stamp, it knows of an event after it, which **proves the
//! order**.
//!
//! # Wire form
//!
//! A stamp: the node id (8 bytes), ε in epochs, `mx`, the counter, the number
//! of entries (varints), and for each entry in ascending order of node id: the
//! id (8), and its epoch as an offset before `mx` that is less than ε (varint).
//! A clock: the interval in nanoseconds, not zero (varint), then its stamp.

use alloc::vec::Vec;
use core::num::NonZeroU64;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, DecodeError, Environment, NodeId,
    PhysicalTime, Rejected, Verdict, Wire,
};

use crate::entries::Entries;

/// The stamp of an event: the epochs of the nodes heard of within ε, and a
/// counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayStamp {
    node: NodeId,
    /// In epochs.
    epsilon: NonZeroU64,
    /// The latest epoch heard of.
    mx: u64,
    /// The latest epoch of each node that is less than ε before `mx`.
    epochs: Entries<u64>,
    counter: u64,
}

impl ReplayStamp {
    /// Where the event happened.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The latest epoch heard of, in intervals since the Unix epoch.
    #[must_use]
    pub const fn latest_epoch(&self) -> u64 {
        self.mx
    }

    /// How many nodes are listed.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.epochs.len()
    }

    /// What an unlisted node counts as; `None` is before all epochs.
    const fn unlisted(&self) -> Option<u64> {
        self.mx.checked_sub(self.epsilon.get())
    }

    fn epoch(&self, node: NodeId) -> Option<u64> {
        self.epochs.get(node).or(self.unlisted())
    }

    /// Whether every entry is at most the other's, those of unlisted nodes
    /// included.
    fn at_most(&self, other: &Self) -> bool {
        self.mx <= other.mx
            && self.epochs.iter().all(|(node, epoch)| Some(epoch) <= other.epoch(node))
    }

    /// Whether an event of `earlier`'s node in a later epoch is known.
    fn knows_of_a_later_event(&self, earlier: &Self) -> bool {
        self.epochs.get(earlier.node) > earlier.epoch(earlier.node)
    }

    /// The order of the entries, then of the counters; and what is concurrent.
    fn order(&self, other: &Self) -> CausalOrder {
        match CausalOrder::from_leq(self.at_most(other), other.at_most(self)) {
            CausalOrder::Equal => self.counter.cmp(&other.counter).into(),
            order => order,
        }
    }

    /// Goes on to a later `mx` and drops what is ε before it.
    fn shift(&mut self, mx: u64) {
        self.mx = self.mx.max(mx);
        if let Some(horizon) = self.unlisted() {
            self.epochs.forget(horizon);
        }
    }

    /// Takes over what `heard` knows.
    fn merge(&mut self, heard: &Self) {
        // The union is the larger of both, if there is one; the counters only
        // count for what they were counted on.
        self.counter = match (self.at_most(heard), heard.at_most(self)) {
            (true, true) => self.counter.max(heard.counter),
            (true, false) => heard.counter,
            (false, true) => self.counter,
            (false, false) => 0,
        };
        self.epochs.merge(&heard.epochs, None);
        self.shift(heard.mx);
    }

    /// Records an event of the own node in `epoch`.
    fn advance(&mut self, epoch: u64) -> Result<(), CounterOverflow> {
        if Some(epoch) > self.epoch(self.node) {
            self.epochs.raise(self.node, epoch);
            self.shift(epoch);
            self.counter = 0;
            return Ok(());
        }
        let full = CounterOverflow { counter: self.counter };
        self.counter = self.counter.checked_add(1).ok_or(full)?;
        Ok(())
    }
}

impl CausalStamp for ReplayStamp {
    fn compare(&self, other: &Self) -> Verdict {
        let order = self.order(other);
        let proven = match order {
            // One node's stamps are a chain; a forged one may not be on it.
            _ if self.node == other.node => order != CausalOrder::Concurrent,
            CausalOrder::Before => other.knows_of_a_later_event(self),
            CausalOrder::After => self.knows_of_a_later_event(other),
            CausalOrder::Equal => return Verdict::proven(CausalOrder::Concurrent),
            CausalOrder::Concurrent => true,
        };
        Verdict { order, proven }
    }
}

impl Wire for ReplayStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.node);
        put_varint(out, self.epsilon.get());
        put_varint(out, self.mx);
        put_varint(out, self.counter);
        put_varint(out, self.epochs.len() as u64);
        for (node, epoch) in self.epochs.iter() {
            put_node_id(out, node);
            put_varint(out, self.mx - epoch);
        }
    }

    fn encoded_len(&self) -> usize {
        let head = [self.epsilon.get(), self.mx, self.counter, self.epochs.len() as u64];
        let entries =
            self.epochs.iter().map(|(_, epoch)| NODE_ID_LEN + varint_len(self.mx - epoch));
        NODE_ID_LEN + head.map(varint_len).iter().sum::<usize>() + entries.sum::<usize>()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let stamp = read_stamp(&mut reader)?;
        reader.finish()?;
        Ok(stamp)
    }
}

fn read_stamp(reader: &mut Reader<'_>) -> Result<ReplayStamp, DecodeError> {
    let node = reader.node_id()?;
    let epsilon = read_non_zero(reader, "an ε of at least one epoch")?;
    let (mx, counter) = (reader.varint()?, reader.varint()?);
    let mut epochs = Vec::with_capacity(reader.count(NODE_ID_LEN + 1)?);
    let mut last = None;
    for _ in 0..epochs.capacity() {
        let at = reader.position();
        let id = reader.node_id()?;
        if last.is_some_and(|last| last >= id) {
            return Err(DecodeError::NotCanonical { at, rule: "node ids ascend" });
        }
        let offset = reader.varint()?;
        let epoch = mx
            .checked_sub(offset)
            .filter(|_| offset < epsilon.get())
            .ok_or(DecodeError::Invalid { at, expected: "an offset less than ε and up to mx" })?;
        epochs.push((id, epoch));
        last = Some(id);
    }
    Ok(ReplayStamp { node, epsilon, mx, epochs: Entries::from_sorted(epochs), counter })
}

fn read_non_zero(
    reader: &mut Reader<'_>,
    expected: &'static str,
) -> Result<NonZeroU64, DecodeError> {
    let at = reader.position();
    NonZeroU64::new(reader.varint()?).ok_or(DecodeError::Invalid { at, expected })
}

/// The replay clock of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayClock {
    /// The length of an epoch in nanoseconds.
    interval: NonZeroU64,
    latest: ReplayStamp,
}

impl ReplayClock {
    /// The clock of `node`, before its first event, with epochs of `interval`
    /// nanoseconds, which remembers other nodes for `epsilon` epochs.
    #[must_use]
    pub const fn new(node: NodeId, interval: NonZeroU64, epsilon: NonZeroU64) -> Self {
        let latest = ReplayStamp { node, epsilon, mx: 0, epochs: Entries::new(), counter: 0 };
        Self { interval, latest }
    }

    /// The stamp of the latest event.
    #[must_use]
    pub const fn latest(&self) -> &ReplayStamp {
        &self.latest
    }

    /// The clock of a new node with the same past.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork_as(&self, node: NodeId) -> Self {
        let mut newborn = self.clone();
        newborn.latest.node = node;
        newborn
    }

    /// Records an event at which the physical clock reads `reading`.
    ///
    /// # Errors
    /// Where the counter is full; the clock is unchanged.
    pub fn tick(&mut self, reading: PhysicalTime) -> Result<&ReplayStamp, CounterOverflow> {
        self.latest.advance(reading.as_nanos() / self.interval)?;
        Ok(&self.latest)
    }

    /// Takes over the past of `stamp`. Records no event.
    pub fn observe(&mut self, stamp: &ReplayStamp) {
        self.latest.merge(stamp);
    }
}

impl Wire for ReplayClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.interval.get());
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.interval.get()) + self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let interval = read_non_zero(&mut reader, "an interval of at least a nanosecond")?;
        let latest = read_stamp(&mut reader)?;
        reader.finish()?;
        Ok(Self { interval, latest })
    }
}

impl CausalClock for ReplayClock {
    type Stamp = ReplayStamp;
    type Error = CounterOverflow;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        self.fork_as(env.fresh_id())
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.tick(env.now()).map(drop)
    }

    fn stamp(&self) -> ReplayStamp {
        self.latest.clone()
    }

    fn merge(
        &mut self,
        stamp: &ReplayStamp,
        _: &mut impl Environment,
    ) -> Result<(), CounterOverflow> {
        self.observe(stamp);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        self.observe(&retired.latest);
        Ok(())
    }
}
