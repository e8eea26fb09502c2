//! The versions that one server took and that nothing has replaced.

use alloc::collections::VecDeque;

use causal_clock::NodeId;

use crate::sorted::ById;

/// The `values[i]` has the dot `(id, counter − i)`; those older than the last
/// were replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Versions<V> {
    pub(super) id: NodeId,
    /// How many writes of the server are known.
    pub(super) counter: u64,
    /// The newest first; no more of them than `counter`.
    pub(super) values: VecDeque<V>,
}

impl<V> ById for Versions<V> {
    fn id(&self) -> NodeId {
        self.id
    }
}

/// What a replica knows of one server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Of how many writes.
    pub(super) counter: u64,
    /// How many of the latest it holds.
    pub(super) held: u64,
}

impl Known {
    /// What there is of `counter` writes once another replica is heard, which
    /// has not seen them replaced.
    fn left_of(self, counter: u64) -> usize {
        let replaced_up_to = self.counter.saturating_sub(self.held);
        usize::try_from(counter.saturating_sub(replaced_up_to)).unwrap_or(usize::MAX)
    }
}

impl<V> Versions<V> {
    pub(super) fn held(&self) -> u64 {
        self.values.len() as u64
    }

    /// Keeps what another replica has not seen replaced, and says whether that
    /// is anything.
    pub(super) fn keep(&mut self, known: Known) -> bool {
        self.values.truncate(known.left_of(self.counter));
        !self.values.is_empty()
    }
}

impl<V: Clone> Versions<V> {
    /// What another replica that knows less of the server has not seen
    /// replaced.
    pub(super) fn news(&self, known: Known) -> Option<Self> {
        (self.counter > known.counter).then(|| {
            let values = self.values.iter().take(known.left_of(self.counter)).cloned();
            Self { id: self.id, counter: self.counter, values: values.collect() }
        })
    }
}
