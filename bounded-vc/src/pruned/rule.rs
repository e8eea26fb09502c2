//! What is dropped: the part in which pruned clocks differ.

use core::fmt::Debug;

use causal_clock::wire::Reader;
use causal_clock::{DecodeError, NodeId, PhysicalTime};

use alloc::vec::Vec;

use super::Entry;

/// What the times in entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Times {
    /// There are none, which saves bytes: they are all zero, and the physical
    /// clock is never read.
    None,
    /// When the entry's participant made its last event, by that
    /// participant's clock.
    OfUpdate,
    /// When the clock's owner last saw the entry change, by the owner's clock.
    /// They are in clocks, and not in stamps.
    OfNews,
}

/// In which order entries are dropped, and until when.
///
/// All rules that products use have this shape: entries stand in a queue, and
/// as long as the front one is to be dropped, it is. A rule writes itself into
/// its clocks' bytes, so that a clock that is read back goes on as before.
pub trait PruningRule: Clone + Debug + PartialEq {
    /// A place in the queue: less is dropped earlier.
    type Place: Ord;

    /// What the times in entries are.
    fn times(&self) -> Times {
        Times::OfUpdate
    }

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

/// Whether a rule may drop this entry of a participant's clock.
fn droppable<R: PruningRule>(rule: &R, entry: &Entry, own: Option<NodeId>) -> bool {
    !(rule.keeps_own() && own == Some(entry.id))
}

/// Drops what the rule drops of `entries`; whether there was anything.
pub(super) fn prune<R: PruningRule>(
    rule: &R,
    entries: &mut Vec<Entry>,
    own: Option<NodeId>,
    now: PhysicalTime,
) -> bool {
    let queue = || entries.iter().filter(|entry| droppable(rule, entry, own));
    // Most often nothing is dropped: that takes one look at the front.
    let front = queue().min_by_key(|entry| rule.place(entry));
    if !front.is_some_and(|front| rule.drops(front, entries.len(), now)) {
        return false;
    }
    let mut places: Vec<_> = queue().map(|entry| (rule.place(entry), *entry)).collect();
    places.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    let mut left = entries.len();
    let dropped = places.into_iter().take_while(|(_, front)| {
        let drops = rule.drops(front, left, now);
        left -= usize::from(drops);
        drops
    });
    // The last that goes tells the others: all in front of it go, too.
    let Some((last, _)) = dropped.last() else {
        return false;
    };
    entries.retain(|entry| !droppable(rule, entry, own) || rule.place(entry) > last);
    true
}
