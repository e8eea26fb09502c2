//! One face for all the crates: the operations that each of them has.

use causal_clock::Wire;

/// A clock that is compared.
pub(crate) trait Peer: Sized {
    const NAME: &'static str;

    fn seed() -> Self;
    /// The same participant, to measure the same steps once more.
    fn again(&self) -> Self;
    fn fork(&mut self) -> Self;
    fn event(&mut self);
    fn join(&mut self, retired: Self);

    /// Join; fork: the `sync` of the paper.
    fn sync(&mut self, mut other: Self) -> Self {
        self.join(other);
        other = self.fork();
        other
    }

    /// Bytes of the whole stamp in the crate's own wire form: serde's where it
    /// has no other (by way of postcard), a text where it has only that.
    fn size(&self) -> usize;

    /// Bytes in a second form, where there is one.
    fn other_size(&self) -> usize {
        0
    }
}

impl Peer for itc::Itc {
    const NAME: &'static str = "this crate";

    fn seed() -> Self {
        Self::seed()
    }

    fn again(&self) -> Self {
        Self::from_parts(self.id().clone(), self.event_tree().clone())
    }

    fn fork(&mut self) -> Self {
        self.fork()
    }

    fn event(&mut self) {
        self.event().expect("an event");
    }

    fn join(&mut self, retired: Self) {
        self.join(retired).expect("disjoint ids");
    }

    fn sync(&mut self, mut other: Self) -> Self {
        self.sync(&mut other).expect("disjoint ids");
        other
    }

    fn size(&self) -> usize {
        self.encoded_len()
    }

    fn other_size(&self) -> usize {
        self.to_compact().len()
    }
}

impl Peer for treeclocks::ItcPair {
    const NAME: &'static str = "treeclocks 0.10.6";

    fn seed() -> Self {
        Self::from(treeclocks::IdTree::one())
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn fork(&mut self) -> Self {
        self.fork()
    }

    fn event(&mut self) {
        self.event();
    }

    fn join(&mut self, retired: Self) {
        self.join(retired);
    }

    fn size(&self) -> usize {
        postcard::to_stdvec(self).map_or(0, |bytes| bytes.len())
    }
}

impl Peer for lz_interval_tree_clock::Stamp {
    const NAME: &'static str = "lz_interval_tree_clock 0.1.0";

    fn seed() -> Self {
        Self::seed()
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn fork(&mut self) -> Self {
        let (kept, given) = lz_interval_tree_clock::Stamp::fork(self);
        *self = kept;
        given
    }

    fn event(&mut self) {
        *self = lz_interval_tree_clock::Stamp::event(self);
    }

    fn join(&mut self, retired: Self) {
        *self = lz_interval_tree_clock::Stamp::join(self, &retired).expect("disjoint ids");
    }

    fn size(&self) -> usize {
        postcard::to_stdvec(self).map_or(0, |bytes| bytes.len())
    }
}

impl Peer for peer_itc::Stamp {
    const NAME: &'static str = "itc 0.1.3";

    fn seed() -> Self {
        Self::seed()
    }

    fn again(&self) -> Self {
        self.clone()
    }

    fn fork(&mut self) -> Self {
        let (kept, given) = peer_itc::IntervalTreeClock::fork(self);
        *self = kept;
        given
    }

    fn event(&mut self) {
        *self = peer_itc::IntervalTreeClock::event(self);
    }

    fn join(&mut self, retired: Self) {
        *self = peer_itc::IntervalTreeClock::join(self, &retired);
    }

    fn size(&self) -> usize {
        self.to_string().len()
    }
}
