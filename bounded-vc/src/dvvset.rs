//! Dotted version vector sets: the versions of a stored object with exactly
//! the causality it takes to tell which of them a write replaces.
//!
//! "Scalable and accurate causality tracking for eventually consistent stores"
//! (Almeida, Baquero, Gonçalves, Preguiça, Fonte, DAIS 2014), section 5. A
//! version is named by a dot of the server that took the write, and not only
//! by how much was known: so two writes through one server that did not know
//! of each other stay two, and a later write replaces just those that its
//! client had read. Version vectors with an entry per server cannot tell, and
//! keep every version for ever: the *sibling explosion*.
//!
//! A single dotted version vector, a vector and a dot, is what a
//! [`VectorStamp`](crate::VectorStamp) is.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use causal_clock::{CausalOrder, CounterOverflow, NodeId};

use crate::VersionVector;
use crate::dot::{Dot, successor};
use crate::sorted::{self, ById};

/// The versions that one server took: the `values[i]` has the dot
/// `(id, counter − i)`, and those older than the last were replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Versions<V> {
    id: NodeId,
    counter: u64,
    /// The newest first; no more of them than `counter`.
    values: VecDeque<V>,
}

impl<V> ById for Versions<V> {
    fn id(&self) -> NodeId {
        self.id
    }
}

impl<V> ById for &Versions<V> {
    fn id(&self) -> NodeId {
        self.id
    }
}

impl<V> Versions<V> {
    /// A server of whose writes none is left.
    const fn none_left(id: NodeId, counter: u64) -> Self {
        Self { id, counter, values: VecDeque::new() }
    }

    /// Keeps what another replica, which knows of `counter` writes and holds
    /// the latest `held` of them, has not seen replaced.
    fn discard(&mut self, counter: u64, held: u64) {
        let replaced_up_to = counter.saturating_sub(held);
        let keep = self.counter.saturating_sub(replaced_up_to);
        self.values.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
    }

    fn held(&self) -> u64 {
        self.values.len() as u64
    }
}

/// Why a write was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The context knows of writes that it cannot know of: it was read from
    /// another object, or writes were lost, or it lies.
    #[error("the context knows {context} writes of server {server}, of which there are {known}")]
    ForeignContext {
        /// The server whose writes they are.
        server: NodeId,
        /// How many of its writes the context knows.
        context: u64,
        /// How many are known here.
        known: u64,
    },
    /// No further write can be named.
    #[error(transparent)]
    Overflow(#[from] CounterOverflow),
}

/// The versions of an object at one replica, and all writes that it knows of.
///
/// # Whom to trust
///
/// Contexts come from clients, and what a context says of other servers may be
/// ahead of this replica, where its client read at another. So nothing refuses
/// `{b: 2⁶³ − 1}` at server *a* in [`update`](Self::update), and it spreads with
/// every [`sync`](Self::sync): *b* can never write again. Where clients give
/// back contexts only where they read them, use
/// [`update_strict`](Self::update_strict), and among replicas that are not
/// trusted as far, [`sync_strict`](Self::sync_strict).
///
/// What no data shows is a context of another object that is not ahead, as
/// `{a: 2}` is not where *a* has taken three writes here, too: it replaces two
/// versions that its client never saw. Nor does it show that writes another
/// replica tells of its own were made. Bind contexts to objects, by a tag or a
/// signature, where clients may mix them up or lie.
///
/// ```
/// use bounded_vc::DvvSet;
/// use causal_clock::NodeId;
///
/// let server = NodeId::new(1);
/// let mut object = DvvSet::new();
/// let unread = object.context();
/// object.update(&unread, "tea", server)?;
/// object.update(&unread, "coffee", server)?;
/// assert_eq!(object.values().collect::<Vec<_>>(), [&"coffee", &"tea"]);
/// // A client reads both and decides.
/// let read = object.context();
/// object.update(&read, "water", server)?;
/// assert_eq!(object.values().collect::<Vec<_>>(), [&"water"]);
/// # Ok::<(), bounded_vc::UpdateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DvvSet<V> {
    /// Ids strictly ascending, no counter zero.
    entries: Vec<Versions<V>>,
    /// Values without a dot.
    anonymous: Vec<V>,
}

impl<V> Default for DvvSet<V> {
    fn default() -> Self {
        Self { entries: Vec::new(), anonymous: Vec::new() }
    }
}

impl<V> DvvSet<V> {
    /// The object that was never written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Values that no server has taken yet, written by a client that had read
    /// `context`: what a client sends where servers synchronise with it.
    pub fn with_context(context: &VersionVector, values: impl IntoIterator<Item = V>) -> Self {
        let entries = context.iter().map(|(id, counter)| Versions::none_left(id, counter));
        Self { entries: entries.collect(), anonymous: values.into_iter().collect() }
    }

    /// All writes that the replica knows of: what a client reads beside the
    /// values, and gives back with its next write. (`join` in the paper.)
    #[must_use]
    pub fn context(&self) -> VersionVector {
        let (ids, counters): (Vec<_>, Vec<_>) =
            self.entries.iter().map(|entry| (entry.id.get(), entry.counter)).unzip();
        VersionVector::from_parts(ids, &counters)
    }

    /// The versions that nothing has replaced: those without a dot, then by
    /// server, the newest of each first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.anonymous.iter().chain(self.entries.iter().flat_map(|entry| &entry.values))
    }

    /// How many versions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values().count()
    }

    /// Whether there is no version.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values().next().is_none()
    }

    /// By server: its id, how many writes it made, and those of its values
    /// that are left, the newest first.
    pub fn entries(&self) -> impl Iterator<Item = (NodeId, u64, impl Iterator<Item = &V>)> {
        self.entries.iter().map(|entry| (entry.id, entry.counter, entry.values.iter()))
    }

    /// The values that have no dot.
    #[must_use]
    pub fn anonymous(&self) -> &[V] {
        &self.anonymous
    }

    /// How many writes of `server` there are, and at least `claimed`.
    fn check(&self, server: NodeId, claimed: u64) -> Result<u64, UpdateError> {
        let known = self.find(server).map_or(0, |rank| self.entries[rank].counter);
        if claimed > known {
            return Err(UpdateError::ForeignContext { server, context: claimed, known });
        }
        Ok(known)
    }

    fn check_all(&self, context: &VersionVector) -> Result<(), UpdateError> {
        context.iter().try_for_each(|(id, counter)| self.check(id, counter).map(|_| ()))
    }

    fn find(&self, id: NodeId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }

    /// How the writes known here stand to those known there.
    #[must_use]
    pub fn compare(&self, other: &Self) -> CausalOrder {
        self.context().compare(&other.context())
    }

    /// Drops the versions that `context` has read, and learns of all writes
    /// that it knows.
    pub fn discard(&mut self, context: &VersionVector) {
        if self.context().compare(context) == CausalOrder::Before {
            self.anonymous.clear();
        }
        let read = context.iter().map(|(id, counter)| Versions::none_left(id, counter));
        sorted::merge(&mut self.entries, read, |mine, read| {
            let Some(mut mine) = mine else { return read };
            mine.discard(read.counter, 0);
            mine.counter = mine.counter.max(read.counter);
            mine
        });
    }

    /// As [`discard`](Self::discard), of a context that was read at this
    /// replica, be it long ago.
    ///
    /// # Errors
    /// [`UpdateError::ForeignContext`] where it knows of any write that is not
    /// known here; nothing is then changed.
    pub fn discard_strict(&mut self, context: &VersionVector) -> Result<(), UpdateError> {
        self.check_all(context)?;
        self.discard(context);
        Ok(())
    }

    /// Names a write by the next dot of `server`, beside all versions that
    /// there are.
    ///
    /// # Errors
    /// Where the counter is full; nothing is then changed.
    pub fn event(&mut self, server: NodeId, value: V) -> Result<Dot, CounterOverflow> {
        let rank = match self.find(server) {
            Ok(rank) => rank,
            Err(rank) => {
                self.entries.insert(rank, Versions::none_left(server, 0));
                rank
            }
        };
        let entry = &mut self.entries[rank];
        entry.counter = successor(entry.counter)?;
        entry.values.push_front(value);
        Ok(Dot { origin: server, counter: entry.counter })
    }

    /// Takes a write at `server` of a client that had read `context`: drops
    /// what it replaces and names it.
    ///
    /// # Errors
    /// See [`UpdateError`]; nothing is then changed.
    pub fn update(
        &mut self,
        context: &VersionVector,
        value: V,
        server: NodeId,
    ) -> Result<Dot, UpdateError> {
        let known = self.check(server, context.get(server))?;
        successor(known)?;
        self.discard(context);
        Ok(self.event(server, value)?)
    }

    /// As [`update`](Self::update), where clients give a context back only to
    /// the replica where they read it.
    ///
    /// # Errors
    /// [`UpdateError::ForeignContext`] where it knows of any write that is not
    /// known here, through whatever server, and those of `update`; nothing is
    /// then changed.
    pub fn update_strict(
        &mut self,
        context: &VersionVector,
        value: V,
        server: NodeId,
    ) -> Result<Dot, UpdateError> {
        self.check_all(context)?;
        self.update(context, value, server)
    }
}

impl<V: Clone + PartialEq> DvvSet<V> {
    /// Takes over what another replica of the same object knows: versions
    /// that either has seen replaced go. Values without a dot are taken as
    /// one where they are equal.
    pub fn sync(&mut self, other: &Self) {
        match self.compare(other) {
            CausalOrder::Before => self.anonymous.clone_from(&other.anonymous),
            CausalOrder::After => {}
            CausalOrder::Equal | CausalOrder::Concurrent => {
                for value in &other.anonymous {
                    if !self.anonymous.contains(value) {
                        self.anonymous.push(value.clone());
                    }
                }
            }
        }
        sorted::merge(&mut self.entries, &other.entries, |mine, theirs| {
            let Some(mut mine) = mine else { return theirs.clone() };
            if mine.counter >= theirs.counter {
                mine.discard(theirs.counter, theirs.held());
            } else {
                let (counter, held) = (mine.counter, mine.held());
                mine.clone_from(theirs);
                mine.discard(counter, held);
            }
            mine
        });
    }

    /// As [`sync`](Self::sync) at the server `server`, whose writes nobody can
    /// know before it.
    ///
    /// # Errors
    /// [`UpdateError::ForeignContext`] where the other replica knows of more of
    /// them than this one; nothing is then changed.
    pub fn sync_strict(&mut self, other: &Self, server: NodeId) -> Result<(), UpdateError> {
        let claimed = other.find(server).map_or(0, |rank| other.entries[rank].counter);
        self.check(server, claimed)?;
        self.sync(other);
        Ok(())
    }
}
