//! What is known of other nodes: a map from node id to the latest time heard of
//! it, kept as a sorted list. Stamps are merged and encoded far more often than nodes come
//! and go.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::NodeId;

/// Times by node id, in ascending order of id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entries<T>(Vec<(NodeId, T)>);

impl<T: Copy + Ord> Entries<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// From a list whose ids ascend.
    pub(crate) const fn from_sorted(entries: Vec<(NodeId, T)>) -> Self {
        Self(entries)
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (NodeId, T)> {
        self.0.iter().copied()
    }

    pub(crate) fn get(&self, node: NodeId) -> Option<T> {
        self.0.binary_search_by_key(&node, |entry| entry.0).ok().map(|at| self.0[at].1)
    }

    /// Sets a node's entry to `time` unless it is later already.
    pub(crate) fn raise(&mut self, node: NodeId, time: T) {
        match self.0.binary_search_by_key(&node, |entry| entry.0) {
            Ok(at) => self.0[at].1 = self.0[at].1.max(time),
            Err(at) => self.0.insert(at, (node, time)),
        }
    }

    /// Drops the entries up to `horizon`.
    pub(crate) fn forget(&mut self, horizon: T) {
        self.0.retain(|entry| entry.1 > horizon);
    }

    /// The larger entry of both for each node, except for `without`.
    pub(crate) fn merge(&mut self, other: &Self, without: Option<NodeId>) {
        let news = self.raise_known(other, without);
        if news == 0 {
            return;
        }
        // Ids that are new here: one pass over both lists.
        let mut merged = Vec::with_capacity(self.0.len() + news);
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let Some(their) = theirs.peek() {
            match mine.peek().map(|my| my.0.cmp(&their.0)) {
                Some(Ordering::Less) => merged.extend(mine.next()),
                Some(Ordering::Equal) => {
                    merged.extend(mine.next());
                    theirs.next();
                }
                Some(Ordering::Greater) | None => {
                    merged.extend(theirs.next().filter(|their| Some(their.0) != without));
                }
            }
        }
        merged.extend(mine);
        self.0 = merged;
    }

    /// Raises the entries of nodes that both know, and counts those that only
    /// `other` does.
    fn raise_known(&mut self, other: &Self, without: Option<NodeId>) -> usize {
        let mine = self.0.as_mut_slice();
        let (mut at, mut news) = (0, 0);
        for their in &other.0 {
            // Mostly both know the same nodes: nothing is skipped then.
            if mine.get(at).is_some_and(|my| my.0 != their.0) {
                at += mine[at..].iter().take_while(|my| my.0 < their.0).count();
            }
            match mine.get_mut(at).filter(|my| my.0 == their.0) {
                Some(my) => {
                    my.1 = my.1.max(their.1);
                    at += 1;
                }
                None => news += usize::from(Some(their.0) != without),
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn entries() -> impl Strategy<Value = BTreeMap<u64, u64>> {
        btree_map(0..20_u64, 0..50_u64, 0..12)
    }

    fn list(map: &BTreeMap<u64, u64>) -> Entries<u64> {
        Entries::from_sorted(map.iter().map(|(id, time)| (NodeId::new(*id), *time)).collect())
    }

    proptest! {
        #[test]
        fn is_a_map(mut a in entries(), b in entries(), without in 0..20_u64, horizon in 0..50_u64,
                    raised in vec((0..20_u64, 0..50_u64), 0..4)) {
            a.remove(&without);
            let mut tested = list(&a);
            tested.merge(&list(&b), Some(NodeId::new(without)));
            let news = b.into_iter().filter(|entry| entry.0 != without);
            for (id, bits) in news.chain(raised.iter().copied()) {
                let entry = a.entry(id).or_default();
                *entry = bits.max(*entry);
            }
            for (id, bits) in raised {
                tested.raise(NodeId::new(id), bits);
            }
            prop_assert_eq!(&tested, &list(&a));
            for id in 0..20 {
                prop_assert_eq!(tested.get(NodeId::new(id)), a.get(&id).copied());
            }
            tested.forget(horizon);
            a.retain(|_, bits| *bits > horizon);
            prop_assert_eq!(tested, list(&a));
        }
    }
}
