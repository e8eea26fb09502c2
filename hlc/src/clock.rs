//! The hybrid logical clock of one participant, driven by hand: every
//! operation is told what the physical clock reads.
//!
//! Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks",
//! OPODIS 2014. Its theorems, for timestamps `(l, c)` and readings `pt`:
//!
//! 1. what happened before has the smaller `(l, c)`;
//! 2. `l ≥ pt`;
//! 3. where `l > pt`, some event in the past had the reading `l`: so `l − pt`
//!    is at most the synchronisation error of the physical clocks (and one
//!    unit for each time that a counter was full).
//!
//! # What a stamp proves
//!
//! Two stamps of one node prove the order of their events. Equal `(l, c)` at
//! two nodes prove that the events are concurrent, by theorem 1. Otherwise a
//! smaller `(l, c)` proves only that its event did not happen *after* the
//! other, and *before* is a guess.
//!
//! # Wire form
//!
//! A stamp is 16 bytes: the packed timestamp, most significant byte first,
//! then the node id. (20 with [`WideTimestamp`](crate::WideTimestamp).) Sorting the bytes sorts the stamps. A clock is its latest
//! stamp and its drift bound: `00` for none, or `01` and the bound in
//! nanoseconds as a varint.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::time::Duration;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, DecodeError, Environment, NodeId, PhysicalTime,
    Rejected, Verdict, Wire,
};

use crate::drift::DriftBound;
use crate::{HlcError, HybridTime, Timestamp};

/// The stamp of an event: a hybrid timestamp, and the node beside it.
///
/// `Ord` is a total order of all events that extends causal order: by
/// timestamp, and by node where timestamps are equal. Causal order itself is
/// [`compare`](CausalStamp::compare).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HybridStamp<T = Timestamp> {
    timestamp: T,
    node: NodeId,
}

impl<T: HybridTime> HybridStamp<T> {
    /// The stamp of an event of `node`.
    #[must_use]
    pub const fn new(timestamp: T, node: NodeId) -> Self {
        Self { timestamp, node }
    }

    /// When, in hybrid time.
    #[must_use]
    pub const fn timestamp(self) -> T {
        self.timestamp
    }

    /// Where.
    #[must_use]
    pub const fn node(self) -> NodeId {
        self.node
    }

    /// Which event came first *physically*, where all physical clocks are
    /// known to be within `epsilon` of true time; `None` where their stamps
    /// cannot tell.
    ///
    /// By theorems 2 and 3, a timestamp is then within `epsilon` of the true
    /// time of its event, and two that are more than twice that apart are in
    /// the order of true time. (A unit is allowed for rounding. A node whose
    /// counters fill up runs further ahead.) It says nothing of causality: the
    /// earlier event may still be concurrent.
    ///
    /// ```
    /// use causal_clock::{NodeId, PhysicalTime};
    /// use core::cmp::Ordering;
    /// use core::time::Duration;
    /// use hlc::{HybridStamp, Timestamp};
    ///
    /// let stamp = |seconds, node| {
    ///     let timestamp = Timestamp::of_reading(PhysicalTime::from_secs(seconds)).unwrap();
    ///     HybridStamp::new(timestamp, NodeId::new(node))
    /// };
    /// let (early, late) = (stamp(10, 1), stamp(13, 2));
    /// assert_eq!(early.physical_order(late, Duration::from_secs(1)), Some(Ordering::Less));
    /// assert_eq!(early.physical_order(late, Duration::from_secs(2)), None);
    /// ```
    #[must_use]
    pub fn physical_order(self, other: Self, epsilon: Duration) -> Option<Ordering> {
        let apart = epsilon.saturating_mul(2);
        let surely_before = |earlier: T, later: T| {
            let least = T::of_reading(earlier.physical_time().saturating_add(apart));
            least.is_some_and(|least| later > least.last_of_unit())
        };
        if surely_before(self.timestamp, other.timestamp) {
            Some(Ordering::Less)
        } else if surely_before(other.timestamp, self.timestamp) {
            Some(Ordering::Greater)
        } else {
            None
        }
    }
}

impl<T: HybridTime> CausalStamp for HybridStamp<T> {
    fn compare(&self, other: &Self) -> Verdict {
        let order = CausalOrder::from(self.timestamp.cmp(&other.timestamp));
        match order {
            _ if self.node == other.node => Verdict::proven(order),
            CausalOrder::Equal => Verdict::proven(CausalOrder::Concurrent),
            order => Verdict::guessed(order),
        }
    }
}

impl<T: HybridTime> Wire for HybridStamp<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.timestamp.to_be_bytes().as_ref());
        put_node_id(out, self.node);
    }

    fn encoded_len(&self) -> usize {
        size_of::<T::Bytes>() + NODE_ID_LEN
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let stamp = read_stamp(&mut reader)?;
        reader.finish()?;
        Ok(stamp)
    }
}

fn read_stamp<T: HybridTime>(reader: &mut Reader<'_>) -> Result<HybridStamp<T>, DecodeError> {
    let timestamp = T::read(reader)?;
    Ok(HybridStamp { timestamp, node: reader.node_id()? })
}

/// The hybrid logical clock of one node.
///
/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use hlc::HybridLogicalClock;
///
/// let mut fast = HybridLogicalClock::new(NodeId::new(1));
/// let mut slow = fast.fork_as(NodeId::new(2));
///
/// // The receiver's clock is a second behind the sender's.
/// let sent = fast.tick(PhysicalTime::from_secs(11))?;
/// let received = slow.receive_at(&sent, PhysicalTime::from_secs(10))?;
/// assert!(sent < received);
/// assert_eq!(received.timestamp().to_string(), "11.000000000s+1");
/// # Ok::<(), hlc::HlcError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HybridLogicalClock<T = Timestamp> {
    latest: HybridStamp<T>,
    drift: DriftBound,
}

impl HybridLogicalClock {
    /// The clock of `node` with 64-bit timestamps, before its first event,
    /// without a drift bound.
    #[must_use]
    pub const fn new(node: NodeId) -> Self {
        Self::of_form(node)
    }
}

impl<T: HybridTime> HybridLogicalClock<T> {
    /// As [`new`](HybridLogicalClock::new), with timestamps of another form.
    ///
    /// ```
    /// use causal_clock::NodeId;
    /// use hlc::{HybridLogicalClock, WideTimestamp};
    /// let clock = HybridLogicalClock::<WideTimestamp>::of_form(NodeId::new(1));
    /// ```
    #[must_use]
    pub const fn of_form(node: NodeId) -> Self {
        Self { latest: HybridStamp::new(T::ZERO, node), drift: DriftBound::NONE }
    }

    /// The same clock, refusing stamps that are further than `bound` ahead of
    /// its physical clock.
    #[must_use]
    pub fn with_drift(self, bound: Duration) -> Self {
        Self { drift: DriftBound::of(bound), ..self }
    }

    pub(crate) const fn from_parts(latest: HybridStamp<T>, drift: DriftBound) -> Self {
        Self { latest, drift }
    }

    pub(crate) const fn drift_bound(&self) -> DriftBound {
        self.drift
    }

    /// How far ahead of the physical clock a stamp may be, if that is bounded.
    #[must_use]
    pub fn drift(&self) -> Option<Duration> {
        self.drift.get()
    }

    /// The clock of a new node with the same past and drift bound.
    #[must_use = "a forked clock that is dropped is a participant that crashed at birth"]
    pub fn fork_as(&self, node: NodeId) -> Self {
        Self { latest: HybridStamp { node, ..self.latest }, ..*self }
    }

    /// The stamp of the latest event, or after [`observe`](Self::observe) the
    /// largest timestamp heard of.
    #[must_use]
    pub const fn latest(&self) -> HybridStamp<T> {
        self.latest
    }

    /// Records an event, local or a send, at which the physical clock reads
    /// `reading`.
    ///
    /// # Errors
    /// [`HlcError::ReadingOutOfRange`], [`HlcError::Exhausted`]; the clock is
    /// unchanged.
    #[inline]
    pub fn tick(&mut self, reading: PhysicalTime) -> Result<HybridStamp<T>, HlcError> {
        let now = T::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
        self.tick_from(now)
    }

    /// As [`tick`](Self::tick), from the timestamp of a reading.
    #[inline]
    pub(crate) fn tick_from(&mut self, now: T) -> Result<HybridStamp<T>, HlcError> {
        self.latest.timestamp = self.latest.timestamp.next(now).ok_or(HlcError::Exhausted)?;
        Ok(self.latest)
    }

    /// Takes over the past of `stamp`, while the physical clock reads
    /// `reading`. Records no event.
    ///
    /// # Errors
    /// [`HlcError::TooFarAhead`]; the clock is unchanged.
    pub fn observe(
        &mut self,
        stamp: &HybridStamp<T>,
        reading: PhysicalTime,
    ) -> Result<(), HlcError> {
        self.drift.check(stamp.timestamp, reading)?;
        self.raise(stamp.timestamp);
        Ok(())
    }

    /// Goes on from `timestamp` where that is larger, unchecked.
    pub(crate) fn raise(&mut self, timestamp: T) -> T {
        self.latest.timestamp = self.latest.timestamp.max(timestamp);
        self.latest.timestamp
    }

    /// Records the receipt of a message with `stamp`, while the physical clock
    /// reads `reading`.
    ///
    /// # Errors
    /// As [`observe`](Self::observe) and [`tick`](Self::tick); the clock is
    /// unchanged.
    #[inline]
    pub fn receive_at(
        &mut self,
        stamp: &HybridStamp<T>,
        reading: PhysicalTime,
    ) -> Result<HybridStamp<T>, HlcError> {
        let now = T::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
        self.receive_from(stamp, now, reading)
    }

    /// As [`receive_at`](Self::receive_at), with the timestamp of the reading.
    #[inline]
    pub(crate) fn receive_from(
        &mut self,
        stamp: &HybridStamp<T>,
        now: T,
        reading: PhysicalTime,
    ) -> Result<HybridStamp<T>, HlcError> {
        if stamp.timestamp > now {
            self.drift.check(stamp.timestamp, reading)?;
        }
        // After the message, and then after the own latest event: the same as
        // after the larger of both, and only one step of it waits for the last.
        let floor = stamp.timestamp.next(now).ok_or(HlcError::Exhausted)?;
        self.latest.timestamp = self.latest.timestamp.next(floor).ok_or(HlcError::Exhausted)?;
        Ok(self.latest)
    }
}

impl<T: HybridTime> Wire for HybridLogicalClock<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.latest.encode(out);
        self.drift.encode(out);
    }

    fn encoded_len(&self) -> usize {
        self.latest.encoded_len() + self.drift.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let latest = read_stamp(&mut reader)?;
        let drift = DriftBound::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { latest, drift })
    }
}

impl<T: HybridTime> CausalClock for HybridLogicalClock<T> {
    type Stamp = HybridStamp<T>;
    type Error = HlcError;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        self.fork_as(env.fresh_id())
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), HlcError> {
        self.tick(env.now()).map(drop)
    }

    fn stamp(&self) -> HybridStamp<T> {
        self.latest
    }

    /// Reads the physical clock only where there is a drift bound.
    fn merge(
        &mut self,
        stamp: &HybridStamp<T>,
        env: &mut impl Environment,
    ) -> Result<(), HlcError> {
        if self.drift.is_none() {
            self.raise(stamp.timestamp);
            return Ok(());
        }
        self.observe(stamp, env.now())
    }

    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>> {
        self.merge(&retired.latest, env).map_err(|error| Rejected::new(retired, error))
    }

    /// One reading of the physical clock serves the drift bound and the event.
    /// An error leaves the clock unchanged.
    fn receive(
        &mut self,
        stamp: &HybridStamp<T>,
        env: &mut impl Environment,
    ) -> Result<(), HlcError> {
        self.receive_at(stamp, env.now()).map(drop)
    }
}
