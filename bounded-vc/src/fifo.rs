//! Differential messages: over a channel that keeps the order, a message
//! carries only the entries that changed since the one before.
//!
//! "An efficient implementation of vector clocks" (Singhal, Kshemkalyani,
//! Information Processing Letters 43, 1992). It pays where the same pairs
//! talk often and each hears of few others in between; what is compared and
//! stored is the full stamp, exact as ever. Their bookkeeping, two vectors of
//! last-update and last-sent counters, is not needed: a stamp shares memory
//! with the one before, so what is the same memory is known not to differ.
//!
//! A difference means nothing without those before it. So the messages of a
//! channel are numbered, and a message out of turn ends the channel: it was
//! lost, or repeated, or an end started anew without the other.

use alloc::vec::Vec;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};

use crate::{VectorStamp, VersionVector};

/// What changed since the message before: the entries that are larger than
/// they were, as a vector of its own, whose stamp it is, and the message's
/// number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampDiff {
    origin: NodeId,
    number: u64,
    news: VersionVector,
}

impl StampDiff {
    /// Which message of its channel it is, from zero on.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The entries that changed.
    #[must_use]
    pub const fn news(&self) -> &VersionVector {
        &self.news
    }
}

/// The sending end of a channel to one receiver.
///
/// ```
/// use bounded_vc::{FifoReceiver, FifoSender, VectorClock};
/// use causal_clock::{CausalStamp, NodeId, Verdict, CausalOrder};
///
/// let (mut sender, mut receiver) = (FifoSender::new(), FifoReceiver::new());
/// let mut clock = VectorClock::new(NodeId::new(1));
/// for _ in 0..3 {
///     clock.event()?;
///     let message = sender.pack(&clock.stamp());
///     assert_eq!(message.news().len(), 1);
///     let stamp = receiver.unpack(&message)?;
///     assert_eq!(stamp.compare(&clock.stamp()), Verdict::proven(CausalOrder::Equal));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FifoSender {
    sent: VersionVector,
    /// How many messages were sent.
    count: u64,
}

impl FifoSender {
    /// The end of a channel on which nothing was sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What of a stamp the receiver does not have. Stamps go in the order of
    /// their events.
    pub fn pack(&mut self, stamp: &VectorStamp) -> StampDiff {
        let news = stamp.vector().since(&self.sent);
        self.sent.clone_from(stamp.vector());
        let number = self.count;
        // Both ends count alike; at a message a nanosecond it takes 584 years.
        self.count = number.wrapping_add(1);
        StampDiff { origin: stamp.dot().origin, number, news }
    }
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FifoError {
    /// Messages were lost, repeated or came out of order, or one end of the
    /// channel started anew. The channel is closed by it.
    #[error("message {number} of a channel came where {due} was due")]
    OutOfTurn {
        /// The number of the next message.
        due: u64,
        /// The number of the one that came.
        number: u64,
    },
    /// The channel was closed by a message out of turn.
    #[error("a message came out of turn before: both ends must start anew")]
    Closed,
}

/// The receiving end of a channel from one sender.
#[derive(Clone, Debug, Default)]
pub struct FifoReceiver {
    received: VersionVector,
    /// How many messages were received.
    count: u64,
    closed: bool,
}

impl FifoReceiver {
    /// The end of a channel on which nothing was received.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The stamp that was packed.
    ///
    /// # Errors
    /// Where a message comes that is not the next one sent: what it leaves out
    /// is not what is known here. From then on every message is refused, even
    /// one with the number that was due, since it may be one of a sender who
    /// started anew. Both ends then do that.
    pub fn unpack(&mut self, message: &StampDiff) -> Result<VectorStamp, FifoError> {
        if self.closed {
            return Err(FifoError::Closed);
        }
        let (due, number) = (self.count, message.number);
        if number != due {
            self.closed = true;
            return Err(FifoError::OutOfTurn { due, number });
        }
        self.count = due.wrapping_add(1);
        self.received.merge(&message.news);
        Ok(VectorStamp::of(message.origin, self.received.clone()))
    }
}

/// The origin's id in eight bytes, most significant first; the message's
/// number in LEB128; then the entries as a [`VersionVector`].
impl Wire for StampDiff {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.origin);
        put_varint(out, self.number);
        self.news.encode(out);
    }

    fn encoded_len(&self) -> usize {
        NODE_ID_LEN + varint_len(self.number) + self.news.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let origin = reader.node_id()?;
        let number = reader.varint()?;
        let news = VersionVector::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { origin, number, news })
    }
}
