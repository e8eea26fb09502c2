//! The set: what a replica knows of an object, and what is done to it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::mem;

use causal_clock::{CausalOrder, CounterOverflow, NodeId};

use super::versions::{Known, Versions};
use super::{DvvSetError, UpdateError};
use crate::dot::{Dot, successor};
use crate::{VersionVector, sorted};

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
    /// All writes that are known.
    pub(super) context: VersionVector,
    /// The values that have dots: ids strictly ascending, each with a value,
    /// and with the counter that it has in the context.
    pub(super) dotted: Vec<Versions<V>>,
    /// Values without a dot.
    pub(super) anonymous: Vec<V>,
}

impl<V> Default for DvvSet<V> {
    fn default() -> Self {
        Self { context: VersionVector::new(), dotted: Vec::new(), anonymous: Vec::new() }
    }
}

impl<V> DvvSet<V> {
    /// The object that was never written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of which these are the [`entries`](Self::entries), in any
    /// order, and the [`anonymous`](Self::anonymous) values.
    ///
    /// ```
    /// use bounded_vc::DvvSet;
    /// use causal_clock::NodeId;
    ///
    /// let (a, b) = (NodeId::new(1), NodeId::new(2));
    /// // The third write of a, and the second; of the one of b nothing is left.
    /// let object = DvvSet::from_parts([(a, 3, vec!["tea", "coffee"]), (b, 1, vec![])], [])?;
    /// assert_eq!(object.values().collect::<Vec<_>>(), [&"tea", &"coffee"]);
    /// # Ok::<(), bounded_vc::DvvSetError>(())
    /// ```
    ///
    /// # Errors
    /// See [`DvvSetError`].
    pub fn from_parts<L: IntoIterator<Item = V>>(
        entries: impl IntoIterator<Item = (NodeId, u64, L)>,
        anonymous: impl IntoIterator<Item = V>,
    ) -> Result<Self, DvvSetError> {
        let (mut counters, mut dotted) = (Vec::new(), Vec::new());
        for (id, counter, values) in entries {
            counters.push((id, counter));
            let values: VecDeque<V> = values.into_iter().collect();
            if !values.is_empty() {
                dotted.push(Versions { id, counter, values });
            }
        }
        let context = VersionVector::from_entries(counters)?;
        if let Some(entry) = dotted.iter().find(|entry| entry.held() > entry.counter) {
            let (server, values, writes) = (entry.id, entry.held(), entry.counter);
            return Err(DvvSetError::TooManyValues { server, values, writes });
        }
        dotted.sort_unstable_by_key(|entry| entry.id);
        Ok(Self { context, dotted, anonymous: anonymous.into_iter().collect() })
    }

    /// Values that no server has taken yet, written by a client that had read
    /// `context`: what a client sends where servers synchronise with it.
    pub fn with_context(context: &VersionVector, values: impl IntoIterator<Item = V>) -> Self {
        let anonymous = values.into_iter().collect();
        Self { context: context.clone(), dotted: Vec::new(), anonymous }
    }

    /// All writes that the replica knows of: what a client reads beside the
    /// values, and gives back with its next write. (`join` in the paper.)
    #[must_use]
    pub fn context(&self) -> VersionVector {
        self.context.clone()
    }

    /// The versions that nothing has replaced: those without a dot, then by
    /// server, the newest of each first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.anonymous.iter().chain(self.dotted.iter().flat_map(|entry| &entry.values))
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
        let mut dotted = self.dotted.iter().peekable();
        self.context.iter().map(move |(id, counter)| {
            let values = dotted.next_if(|entry| entry.id == id);
            (id, counter, values.into_iter().flat_map(|entry| &entry.values))
        })
    }

    /// The values that have no dot.
    #[must_use]
    pub fn anonymous(&self) -> &[V] {
        &self.anonymous
    }

    /// How many writes of `server` there are, and at least `claimed`.
    fn check(&self, server: NodeId, claimed: u64) -> Result<u64, UpdateError> {
        let known = self.context.get(server);
        if claimed > known {
            return Err(UpdateError::ForeignContext { server, context: claimed, known });
        }
        Ok(known)
    }

    fn check_all(&self, context: &VersionVector) -> Result<(), UpdateError> {
        context.iter().try_for_each(|(id, counter)| self.check(id, counter).map(|_| ()))
    }

    fn find(&self, server: NodeId) -> Result<usize, usize> {
        self.dotted.binary_search_by_key(&server, |entry| entry.id)
    }

    fn known(&self, server: NodeId) -> Known {
        let held = self.find(server).map_or(0, |rank| self.dotted[rank].held());
        Known { counter: self.context.get(server), held }
    }

    /// How the writes known here stand to those known there.
    #[must_use]
    pub fn compare(&self, other: &Self) -> CausalOrder {
        self.context.compare(&other.context)
    }

    /// Drops the versions that `context` has read, and learns of all writes
    /// that it knows.
    pub fn discard(&mut self, context: &VersionVector) {
        if self.context.compare(context) == CausalOrder::Before {
            self.anonymous.clear();
        }
        self.dotted.retain_mut(|mine| mine.keep(Known { counter: context.get(mine.id), held: 0 }));
        self.context.merge(context);
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
        let dot = self.context.increment(server)?;
        let rank = self.find(server).unwrap_or_else(|rank| {
            self.dotted.insert(rank, Versions { id: server, counter: 0, values: VecDeque::new() });
            rank
        });
        let entry = &mut self.dotted[rank];
        entry.counter = dot.counter;
        entry.values.push_front(value);
        Ok(dot)
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
    /// one where they are equal: each is looked for among all of them, so limit
    /// how many there are before you take in a set from a hostile hand.
    pub fn sync(&mut self, other: &Self) {
        match self.compare(other) {
            CausalOrder::Before => self.anonymous.clone_from(&other.anonymous),
            CausalOrder::After => {}
            CausalOrder::Equal | CausalOrder::Concurrent => {
                let own = mem::take(&mut self.anonymous);
                for value in own.into_iter().chain(other.anonymous.iter().cloned()) {
                    if !self.anonymous.contains(&value) {
                        self.anonymous.push(value);
                    }
                }
            }
        }
        let news = other.dotted.iter().filter_map(|theirs| theirs.news(self.known(theirs.id)));
        let news: Vec<_> = news.collect();
        self.dotted.retain_mut(|mine| mine.keep(other.known(mine.id)));
        sorted::merge(&mut self.dotted, news, |_, new| new);
        self.context.merge(&other.context);
    }

    /// As [`sync`](Self::sync) at the server `server`, whose writes nobody can
    /// know before it.
    ///
    /// # Errors
    /// [`UpdateError::ForeignContext`] where the other replica knows of more of
    /// them than this one; nothing is then changed.
    pub fn sync_strict(&mut self, other: &Self, server: NodeId) -> Result<(), UpdateError> {
        self.check(server, other.context.get(server))?;
        self.sync(other);
        Ok(())
    }
}
