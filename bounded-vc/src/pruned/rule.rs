//! What is dropped: the part in which pruned clocks differ.

use core::fmt::Debug;

use causal_clock::wire::Reader;
use causal_clock::{DecodeError, NodeId, PhysicalTime};

use alloc::vec::Vec;

use super::Entry;

/// In which order entries are dropped, and until when.
///
/// All rules that products use have this shape: entries stand in a queue, and
/// as long as the front one is to be dropped, it is. A rule writes itself into
/// its clocks' bytes, so that a clock that is read back goes on as before.
pub trait PruningRule: Clone + Debug + PartialEq {
    /// Whether entries carry the physical time of their last update, which
    /// costs bytes. Where they do not, the times in entries are all zero and
    /// the physical clock is never read.
    const TIMED: bool;

    /// A place in the queue: less is dropped earlier.
    type Place: Ord;

    /// Where the entry stands. Places must differ where entries differ, or
    /// replicas would drop different entries.
    fn place(&self, entry: &Entry) -> Self::Place;

    /// Whether the front one of `count` entries is dropped at the time `now`.
    fn drops(&self, front: &Entry, count: usize, now: PhysicalTime) -> bool;

    /// Whether a participant's own entry is exempt. A clock that drops its
    /// own entry starts its counter anew and names events twice.
    fn keeps_own(&self) -> bool {
        true
    }

    /// Appends the parameters to a clock's bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// How many bytes [`encode`](Self::encode) appends.
    fn encoded_len(&self) -> usize;

    /// Reads the parameters from a clock's bytes.
    ///
    /// # Errors
    /// Where no clock of this rule writes such bytes.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Drops what the rule drops of `entries`; whether there was anything.
pub(super) fn prune<R: PruningRule>(
    rule: &R,
    entries: &mut Vec<Entry>,
    own: NodeId,
    now: PhysicalTime,
) -> bool {
    let droppable = |entry: &&Entry| !(rule.keeps_own() && entry.id == own);
    // Most often nothing is dropped: that takes one look at the front.
    let front = entries.iter().filter(droppable).min_by_key(|entry| rule.place(entry));
    if !front.is_some_and(|front| rule.drops(front, entries.len(), now)) {
        return false;
    }
    let mut queue: Vec<Entry> = entries.iter().filter(droppable).copied().collect();
    queue.sort_unstable_by_key(|entry| rule.place(entry));
    let mut count = entries.len();
    let mut dropped: Vec<NodeId> = Vec::new();
    for front in &queue {
        if !rule.drops(front, count, now) {
            break;
        }
        dropped.push(front.id);
        count -= 1;
    }
    entries.retain(|entry| !dropped.contains(&entry.id));
    true
}
