//! The tree itself: nodes in one flat array in the order of their ids, linked
//! by their places in it. Nothing here recurses.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use causal_clock::NodeId;
use smallvec::SmallVec;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

#[expect(clippy::cast_possible_truncation, reason = "2^32 nodes are more than 200 GB")]
const fn link(place: usize) -> u32 {
    place as u32
}

/// What is known of a participant, and through whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// How far the participant is known.
    pub(super) time: u64,
    /// The parent's time when it learnt this; zero at the root. Siblings have
    /// different ones, and none is over the parent's time.
    pub(super) attached: u64,
    pub(super) parent: u32,
    /// The newest child.
    first: u32,
    /// The next older sibling.
    next: u32,
    previous: u32,
}

impl Node {
    const UNKNOWN: Self =
        Self { time: 0, attached: 0, parent: NONE, first: NONE, next: NONE, previous: NONE };
}

/// A tree of participants: who is known how far, and through whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    /// Strictly ascending. Trees with the same ids come to share them, and then
    /// to see that places are the same takes one comparison of pointers.
    pub(super) ids: Arc<[NodeId]>,
    pub(super) nodes: Vec<Node>,
    /// [`NONE`] exactly where there are no nodes.
    pub(super) root: u32,
}

/// A node that is news.
#[derive(Clone, Copy)]
struct Piece {
    /// Where it is in the tree that brings it.
    there: u32,
    /// Where it is in the tree that takes it in; [`NONE`] where it is unknown.
    here: u32,
    /// Which piece its parent is.
    parent: u32,
}

/// What in one tree is news to another: each node after its parent, siblings
/// newest first. What most messages bring fits without an allocation.
type News = SmallVec<[Piece; 16]>;

impl Tree {
    pub(super) fn new() -> Self {
        Self { ids: Arc::default(), nodes: Vec::new(), root: NONE }
    }

    pub(super) fn rank(&self, id: NodeId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// How far `id` is known.
    pub(super) fn time(&self, id: NodeId) -> u64 {
        self.rank(id).map_or(0, |rank| self.nodes[rank].time)
    }

    /// As [`time`](Self::time), for an id that is likely to be at `place`.
    pub(super) fn time_near(&self, id: NodeId, place: u32) -> u64 {
        self.time_at(self.place_near(id, place))
    }

    /// Where `id` is, which is likely to be at `place`.
    fn place_near(&self, id: NodeId, place: u32) -> u32 {
        if self.ids.get(place as usize) == Some(&id) {
            return place;
        }
        self.rank(id).map_or(NONE, link)
    }

    /// How far who is at `place` is known; zero where that is [`NONE`].
    fn time_at(&self, place: u32) -> u64 {
        self.nodes.get(place as usize).map_or(0, |node| node.time)
    }

    /// Whose tree it is, with how far it is known; `None` where it is empty.
    pub(super) fn root(&self) -> Option<(NodeId, u64)> {
        let root = self.nodes.get(self.root as usize)?;
        Some((self.ids[self.root as usize], root.time))
    }

    /// The root's next time, which the caller has seen to exist.
    pub(super) fn advance(&mut self, own: NodeId, time: u64) {
        if self.root == NONE {
            self.make_room(&mut [own]);
            self.root = 0;
        }
        self.nodes[self.root as usize].time = time;
    }

    /// Finds what is news to `self` in `other`, whose root is, and returns how
    /// many entries were looked at. Where the node at `also` is not news, it is
    /// among them if it is found on the way.
    fn find_news(&self, other: &Self, also: u32, news: &mut News) -> usize {
        let shared = Arc::ptr_eq(&self.ids, &other.ids);
        let find = |there: u32| match shared {
            true => there,
            false => self.place_near(other.ids[there as usize], there),
        };
        news.push(Piece { there: other.root, here: find(other.root), parent: 0 });
        let (mut next, mut visited) = (0, 1);
        while let Some(&Piece { there, here, .. }) = news.get(next) {
            let known = self.time_at(here);
            let mut child = other.nodes[there as usize].first;
            while let Some(node) = other.nodes.get(child as usize) {
                visited += 1;
                if node.attached <= known {
                    break;
                }
                let here = find(child);
                if self.time_at(here) < node.time || child == also {
                    news.push(Piece { there: child, here, parent: link(next) });
                }
                child = node.next;
            }
            next += 1;
        }
        visited
    }

    /// From now on the two are seen to have the same ids at once, if they have.
    fn share_ids(&mut self, other: &Self) {
        if !Arc::ptr_eq(&self.ids, &other.ids) && self.ids == other.ids {
            self.ids = other.ids.clone();
        }
    }

    /// Takes over what `other` knows; its root becomes the newest child of the
    /// own one, whose time becomes `time`. Returns how many entries were
    /// looked at.
    ///
    /// The caller has seen that `other`'s root is news, that `other` knows
    /// nothing new of `own`, and that `time` is the own next one.
    pub(super) fn join(&mut self, own: NodeId, other: &Self, time: u64) -> usize {
        self.advance(own, time);
        self.share_ids(other);
        let mut news = News::new();
        let visited = self.find_news(other, NONE, &mut news);
        let top = self.adopt(other, &mut news);
        self.attach(top, self.root, time);
        visited
    }

    /// Becomes what `other` is, by taking over what is new in it, where `self`
    /// is an earlier state of knowledge that `other` contains. Returns how
    /// many entries were looked at.
    pub(super) fn update(&mut self, other: &Self) -> usize {
        let (Some((old, old_time)), Some((new, new_time))) = (self.root(), other.root()) else {
            self.clone_from(other);
            return other.ids.len();
        };
        if old == new && old_time == new_time {
            return 1;
        }
        self.share_ids(other);
        // The old root goes to where it is in `other`, be it news or not.
        let moved = other.place_near(old, self.root);
        if other.time_at(moved) >= old_time && self.time_near(new, other.root) < new_time {
            let mut news = News::new();
            let visited = self.find_news(other, moved, &mut news);
            if news.iter().any(|piece| piece.there == moved) {
                let top = self.adopt(other, &mut news);
                self.nodes[top as usize].attached = 0;
                self.root = top;
                return visited;
            }
        }
        self.clone_from(other);
        other.ids.len()
    }

    /// Moves the nodes that are news to where they are in `other`, and returns
    /// the topmost, which then hangs nowhere.
    fn adopt(&mut self, other: &Self, news: &mut [Piece]) -> u32 {
        let id = |piece: &Piece| other.ids[piece.there as usize];
        if news.iter().any(|piece| piece.here == NONE) {
            let unknown = news.iter().filter(|piece| piece.here == NONE);
            self.make_room(&mut unknown.map(id).collect::<Vec<_>>());
            self.share_ids(other);
            for piece in &mut *news {
                piece.here = self.place_near(id(piece), piece.there);
            }
        }
        // Older siblings first, so that the newest comes to stand in front.
        for piece in news.iter().rev() {
            let node = &other.nodes[piece.there as usize];
            self.detach(piece.here);
            let known = &mut self.nodes[piece.here as usize].time;
            *known = node.time.max(*known);
            if piece.there != other.root {
                self.attach(piece.here, news[piece.parent as usize].here, node.attached);
            }
        }
        news[0].here
    }

    fn detach(&mut self, place: u32) {
        let Node { parent, next, previous, .. } = self.nodes[place as usize];
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.nodes[parent as usize].first = next,
            _ => self.nodes[previous as usize].next = next,
        }
        if next != NONE {
            self.nodes[next as usize].previous = previous;
        }
        let node = &mut self.nodes[place as usize];
        (node.parent, node.next, node.previous) = (NONE, NONE, NONE);
    }

    /// Hangs a node that hangs nowhere below `parent`, as its newest child.
    fn attach(&mut self, place: u32, parent: u32, attached: u64) {
        let next = self.nodes[parent as usize].first;
        if next != NONE {
            self.nodes[next as usize].previous = place;
        }
        self.nodes[parent as usize].first = place;
        let node = &mut self.nodes[place as usize];
        (node.parent, node.next, node.attached) = (parent, next, attached);
    }

    /// Adds unknown nodes of these ids, which have none. Places are then
    /// others: this walks over everything, once for each participant met.
    fn make_room(&mut self, met: &mut [NodeId]) {
        met.sort_unstable();
        let mut moved = Vec::with_capacity(self.ids.len());
        let room = self.ids.len() + met.len();
        let (mut ids, mut nodes) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut new = met.iter().copied().peekable();
        for (id, node) in self.ids.iter().zip(&self.nodes) {
            while let Some(before) = new.next_if(|new| new < id) {
                ids.push(before);
                nodes.push(Node::UNKNOWN);
            }
            moved.push(link(ids.len()));
            ids.push(*id);
            nodes.push(*node);
        }
        nodes.extend(new.clone().map(|_| Node::UNKNOWN));
        ids.extend(new);
        let place = |old: u32| moved.get(old as usize).copied().unwrap_or(NONE);
        for node in &mut nodes {
            node.parent = place(node.parent);
            node.first = place(node.first);
            node.next = place(node.next);
            node.previous = place(node.previous);
        }
        *self = Self { ids: ids.into(), nodes, root: place(self.root) };
    }

    /// The tree in which each node but the root hangs from the given parent
    /// since the given time. `None` where that is no tree, or where two
    /// siblings were attached at one time.
    pub(super) fn from_links(
        ids: Vec<NodeId>,
        times: &[u64],
        root: usize,
        links: &[(u32, u64)],
    ) -> Option<Self> {
        let unlinked = times.iter().map(|time| Node { time: *time, ..Node::UNKNOWN }).collect();
        let mut tree = Self { ids: ids.into(), nodes: unlinked, root: link(root) };
        let mut order: Vec<usize> = (0..tree.nodes.len()).filter(|place| *place != root).collect();
        order.sort_unstable_by_key(|place| links[*place]);
        if order.windows(2).any(|pair| links[pair[0]] == links[pair[1]]) {
            return None;
        }
        for place in order {
            let (parent, attached) = links[place];
            tree.attach(link(place), parent, attached);
        }
        (tree.reached() == tree.nodes.len()).then_some(tree)
    }

    /// How many nodes hang from the root.
    fn reached(&self) -> usize {
        let mut reached = vec![self.root];
        let mut next = 0;
        while let Some(&place) = reached.get(next) {
            next += 1;
            let mut child = self.nodes[place as usize].first;
            while child != NONE {
                reached.push(child);
                child = self.nodes[child as usize].next;
            }
        }
        reached.len()
    }
}
