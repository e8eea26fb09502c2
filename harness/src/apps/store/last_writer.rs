//! Last writer wins: one version a key, the one with the largest timestamp.

use causal_clock::{NodeId, PhysicalTime};
use hlc::{HybridLogicalClock, HybridStamp, Timestamp};

use super::versioning::{Put, Refused, Versioning, Work};

/// What a timestamp is.
pub(super) trait Times {
    type Node;
    type Stamp: Copy + Ord;
    /// Bytes of a timestamp with its server.
    const BYTES: usize;
    /// Whether clients give timestamps back.
    const TRAVELS: bool;

    fn node(server: NodeId) -> Self::Node;
    fn next(
        node: &mut Self::Node,
        seen: Option<Self::Stamp>,
        now: PhysicalTime,
    ) -> Option<Self::Stamp>;
    fn observe(node: &mut Self::Node, stamp: Self::Stamp);
}

/// What the coordinator's clock reads.
pub(super) struct PhysicalTimes;

impl Times for PhysicalTimes {
    type Node = NodeId;
    type Stamp = (PhysicalTime, NodeId);
    const BYTES: usize = 16;
    const TRAVELS: bool = false;

    fn node(server: NodeId) -> NodeId {
        server
    }

    fn next(server: &mut NodeId, _: Option<Self::Stamp>, now: PhysicalTime) -> Option<Self::Stamp> {
        Some((now, *server))
    }

    fn observe(_: &mut NodeId, _: Self::Stamp) {}
}

/// Lamport's counter (1978), one a server.
pub(super) struct LamportTimes;

impl Times for LamportTimes {
    type Node = (u64, NodeId);
    type Stamp = (u64, NodeId);
    const BYTES: usize = 16;
    const TRAVELS: bool = true;

    fn node(server: NodeId) -> Self::Node {
        (0, server)
    }

    fn next(
        node: &mut Self::Node,
        seen: Option<Self::Stamp>,
        _: PhysicalTime,
    ) -> Option<Self::Stamp> {
        node.0 = node.0.max(seen.map_or(0, |(time, _)| time)).checked_add(1)?;
        Some(*node)
    }

    fn observe(node: &mut Self::Node, (time, _): Self::Stamp) {
        node.0 = node.0.max(time);
    }
}

/// A hybrid logical clock a server.
pub(super) struct HybridTimes;

impl Times for HybridTimes {
    type Node = HybridLogicalClock<Timestamp>;
    type Stamp = (Timestamp, NodeId);
    const BYTES: usize = 16;
    const TRAVELS: bool = true;

    fn node(server: NodeId) -> Self::Node {
        HybridLogicalClock::new(server)
    }

    fn next(
        node: &mut Self::Node,
        seen: Option<Self::Stamp>,
        now: PhysicalTime,
    ) -> Option<Self::Stamp> {
        if let Some(seen) = seen {
            Self::observe(node, seen);
        }
        let stamp = node.tick(now).ok()?;
        Some((stamp.timestamp(), stamp.node()))
    }

    fn observe(node: &mut Self::Node, (time, server): Self::Stamp) {
        // Without a bound on the drift no stamp is refused.
        let taken = node.observe(&HybridStamp::new(time, server), PhysicalTime::ZERO);
        debug_assert!(taken.is_ok(), "{taken:?}");
    }
}

/// The larger timestamp wins.
pub(super) struct LastWriter<T>(pub(super) T);

impl<T: Times> Versioning for LastWriter<T> {
    type Node = T::Node;
    type Object = Option<(T::Stamp, u32)>;
    type Context = Option<T::Stamp>;

    fn node(&self, server: NodeId) -> T::Node {
        T::node(server)
    }

    fn put(
        &self,
        node: &mut T::Node,
        object: &mut Self::Object,
        put: &Put<'_, Self::Context>,
        work: &mut Work,
    ) -> Result<(), Refused> {
        let stamp = T::next(node, *put.context, put.now).ok_or(Refused)?;
        work.comparisons += 1;
        *object = (*object).max(Some((stamp, put.write)));
        Ok(())
    }

    fn sync(
        &self,
        node: &mut T::Node,
        object: &mut Self::Object,
        other: &Self::Object,
        work: &mut Work,
    ) {
        work.merges += 1;
        work.comparisons += 1;
        *object = (*object).max(*other);
        if let Some((stamp, _)) = other {
            T::observe(node, *stamp);
        }
    }

    fn learn(&self, context: &mut Self::Context, answer: &Self::Object) {
        if T::TRAVELS {
            *context = (*context).max(answer.map(|(stamp, _)| stamp));
        }
    }

    fn versions(&self, object: &Self::Object) -> Vec<u32> {
        object.iter().map(|(_, write)| *write).collect()
    }

    fn object_bytes(&self, object: &Self::Object) -> usize {
        if object.is_some() { T::BYTES } else { 0 }
    }

    fn context_bytes(&self, context: &Self::Context) -> usize {
        if context.is_some() { T::BYTES } else { 0 }
    }

    fn answer_bytes(&self, object: &Self::Object) -> usize {
        if T::TRAVELS { self.object_bytes(object) } else { 0 }
    }
}
