//! The tree itself: nodes in one flat array in the order of their ids, linked
//! by their places in it. Nothing here recurses.

use alloc::vec;
use alloc::vec::Vec;

use causal_clock::NodeId;
use smallvec::{SmallVec, smallvec};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

#[expect(clippy::cast_possible_truncation, reason = "2^32 nodes are more than 200 GB")]
const fn link(place: usize) -> u32 {
    place as u32
}

/// Places of nodes. What most messages bring fits without an allocation.
type Places = SmallVec<[u32; 16]>;

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
    /// Strictly ascending.
    pub(super) ids: Vec<NodeId>,
    pub(super) nodes: Vec<Node>,
    /// [`NONE`] exactly where there are no nodes.
    pub(super) root: u32,
}

/// What in one tree is news to another.
struct News {
    /// Each node after its parent, siblings newest first.
    places: Places,
    /// How many entries were looked at.
    visited: usize,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self { ids: Vec::new(), nodes: Vec::new(), root: NONE }
    }

    pub(super) fn rank(&self, id: NodeId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// How far `id` is known.
    pub(super) fn time(&self, id: NodeId) -> u64 {
        self.rank(id).map_or(0, |rank| self.nodes[rank].time)
    }

    /// Where `id` is, which is likely to be at `place`.
    fn rank_near(&self, id: NodeId, place: u32) -> Option<usize> {
        let place = place as usize;
        if self.ids.get(place) == Some(&id) { Some(place) } else { self.rank(id) }
    }

    fn time_near(&self, id: NodeId, place: u32) -> u64 {
        self.rank_near(id, place).map_or(0, |rank| self.nodes[rank].time)
    }

    fn id_and_node(&self, place: u32) -> (NodeId, &Node) {
        (self.ids[place as usize], &self.nodes[place as usize])
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

    /// What is news to `self` in `other`, whose root is. Where `also` is not
    /// news, it is among them if it is found on the way.
    fn news(&self, other: &Self, also: Option<NodeId>) -> News {
        let mut news = News { places: smallvec![other.root], visited: 1 };
        let mut next = 0;
        while let Some(&place) = news.places.get(next) {
            next += 1;
            let (id, node) = other.id_and_node(place);
            let known = self.time_near(id, place);
            let mut child = node.first;
            while child != NONE {
                news.visited += 1;
                let (child_id, child_node) = other.id_and_node(child);
                if child_node.attached <= known {
                    break;
                }
                let is_news = self.time_near(child_id, child) < child_node.time;
                if is_news || also == Some(child_id) {
                    news.places.push(child);
                }
                child = child_node.next;
            }
        }
        news
    }

    /// Takes over what `other` knows; its root becomes the newest child of the
    /// own one, whose time becomes `time`. Returns how many entries were
    /// looked at.
    ///
    /// The caller has seen that `other`'s root is news, that `other` knows
    /// nothing new of `own`, and that `time` is the own next one.
    pub(super) fn join(&mut self, own: NodeId, other: &Self, time: u64) -> usize {
        let News { places, visited } = self.news(other, None);
        self.advance(own, time);
        let top = self.adopt(other, &places);
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
        // The old root goes to where it is in `other`, be it news or not.
        let moved = (old != new).then_some(old);
        if other.time(old) >= old_time && self.time(new) < new_time {
            let News { places, visited } = self.news(other, moved);
            let finds = |id| places.iter().any(|place| other.ids[*place as usize] == id);
            if moved.is_none_or(finds) {
                let top = self.adopt(other, &places);
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
    fn adopt(&mut self, other: &Self, news: &[u32]) -> u32 {
        let missing = |place: &&u32| self.rank_near(other.ids[**place as usize], **place).is_none();
        let mut met: Vec<_> =
            news.iter().filter(missing).map(|place| other.ids[*place as usize]).collect();
        self.make_room(&mut met);
        // Older siblings first, so that the newest comes to stand in front.
        let mut top = NONE;
        for &place in news.iter().rev() {
            let (id, node) = other.id_and_node(place);
            let Some(here) = self.rank_near(id, place) else { continue };
            top = link(here);
            self.detach(top);
            self.nodes[here].time = self.nodes[here].time.max(node.time);
            if place != other.root
                && let Some(parent) = self.rank_near(other.ids[node.parent as usize], node.parent)
            {
                self.attach(top, link(parent), node.attached);
            }
        }
        top
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
        if met.is_empty() {
            return;
        }
        met.sort_unstable();
        let mut moved = Vec::with_capacity(self.ids.len());
        let (mut ids, mut nodes) = (Vec::new(), Vec::new());
        ids.reserve_exact(self.ids.len() + met.len());
        nodes.reserve_exact(self.ids.len() + met.len());
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
        *self = Self { ids, nodes, root: place(self.root) };
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
        let mut tree = Self { ids, nodes: unlinked, root: link(root) };
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
