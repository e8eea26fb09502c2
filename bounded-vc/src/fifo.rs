//! Differential messages: over a channel that keeps the order, a message
//! carries only the entries that changed since the one before.
//!
//! "An efficient implementation of vector clocks" (Singhal, Kshemkalyani,
//! Information Processing Letters 43, 1992). It pays where the same pairs
//! talk often and each hears of few others in between; what is compared and
//! stored is the full stamp, exact as ever. Their bookkeeping, two vectors of
//! last-update and last-sent counters, is not needed: a stamp shares memory
//! with the one before, so what is the same memory is known not to differ.

use alloc::vec::Vec;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id};
use causal_clock::{DecodeError, NodeId, Wire};

use crate::{VectorStamp, VersionVector};

/// What changed since the message before: the entries that are larger than
/// they were, as a vector of its own, and whose stamp it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampDiff {
    origin: NodeId,
    news: VersionVector,
}

impl StampDiff {
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
///     let stamp = receiver.unpack(&message);
///     assert_eq!(stamp.compare(&clock.stamp()), Verdict::proven(CausalOrder::Equal));
/// }
/// # Ok::<(), causal_clock::CounterOverflow>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FifoSender {
    sent: VersionVector,
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
        StampDiff { origin: stamp.dot().origin, news }
    }
}

/// The receiving end of a channel from one sender.
#[derive(Clone, Debug, Default)]
pub struct FifoReceiver {
    received: VersionVector,
}

impl FifoReceiver {
    /// The end of a channel on which nothing was received.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The stamp that was packed. Every message must come, once and in order:
    /// else the stamp knows less than it should, or more.
    pub fn unpack(&mut self, message: &StampDiff) -> VectorStamp {
        self.received.merge(&message.news);
        VectorStamp::of(message.origin, self.received.clone())
    }
}

/// The origin's id in eight bytes, most significant first; then the entries as
/// a [`VersionVector`].
impl Wire for StampDiff {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.origin);
        self.news.encode(out);
    }

    fn encoded_len(&self) -> usize {
        NODE_ID_LEN + self.news.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let origin = reader.node_id()?;
        let news = VersionVector::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { origin, news })
    }
}
