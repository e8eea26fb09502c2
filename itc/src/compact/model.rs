//! The model of the compact form: which yes-or-no questions describe a tree,
//! in which order, and what the answer to each is expected from.

use alloc::vec::Vec;

use super::coder::{Chance, Coder};
use super::priors::INITIAL_CHANCES;
use crate::preorder::Shape;

/// What a node or leaf is, as far as what comes after it depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) leaf: bool,
    /// The height relative to the parent.
    pub(crate) n: u64,
}

impl Item {
    pub(crate) fn new(shape: Shape, n: u64) -> Self {
        Self { leaf: shape == Shape::Leaf, n }
    }

    const fn is_zero_leaf(self) -> bool {
        self.leaf && self.n == 0
    }
}

/// An inner node with children still to come.
struct Open {
    /// Whether the node's own number is 0.
    zero: bool,
    /// The left child, once it is known.
    left: Option<Item>,
}

/// The chances of a tree of numbers.
pub(crate) struct EventModel {
    pub(super) chances: [Chance; CHANCES],
    open: Vec<Open>,
    /// The depth of the last leaf.
    leaf_depth: usize,
    /// The usual number of bits of a number, in sixteenths, following the
    /// last ones.
    scale: usize,
}

/// Where the chances of each question begin.
const LEAF: usize = 0;
const ZERO: usize = LEAF + 6 * 5 * 2;
const LENGTH: usize = ZERO + 4 * 5 * 2;
const TOP: usize = LENGTH + 2 * LENGTH_SCALES * LENGTHS;
pub(crate) const CHANCES: usize = TOP + 16;
const LENGTHS: usize = 12;
const LENGTH_SCALES: usize = 8;

/// A bit of which nothing is known.
const EVEN: Chance = Chance::new(128);

impl EventModel {
    pub(crate) fn new() -> Self {
        Self {
            chances: INITIAL_CHANCES.map(Chance::new),
            open: Vec::new(),
            leaf_depth: 0,
            scale: 16,
        }
    }

    /// Codes the next node or leaf in preorder.
    pub(crate) fn item(&mut self, coder: &mut impl Coder, item: Item) -> Item {
        let depth = self.open.len();
        // Where it is: the root, a left child, or a right child of a left
        // sibling of one of four kinds.
        let (place, parent_zero, left) = match self.open.last() {
            None => (0, true, None),
            Some(Open { zero, left: None }) => (1, *zero, None),
            Some(Open { zero, left: Some(left) }) => {
                (2 + usize::from(left.leaf) + 2 * usize::from(left.n > 0), *zero, Some(*left))
            }
        };
        // Leaves are mostly as deep as the one before.
        let deep = (depth + 3).saturating_sub(self.leaf_depth).clamp(1, 5) - 1;
        let at = LEAF + (place * 5 + deep) * 2 + usize::from(parent_zero);
        let leaf = coder.code(&mut self.chances[at], item.leaf);
        let n = match left {
            // One child has the minimum 0, and two zeros would be one leaf.
            Some(left) if left.n > 0 => 0,
            Some(left) if left.is_zero_leaf() && leaf => self.number(coder, leaf, item.n),
            _ => {
                let kind = match (left, leaf) {
                    (None, false) => 0,
                    (None, true) => 1,
                    (Some(_), false) => 2,
                    (Some(_), true) => 3,
                };
                let at = ZERO + (kind * 5 + deep) * 2 + usize::from(parent_zero);
                if coder.code(&mut self.chances[at], item.n == 0) {
                    0
                } else {
                    self.number(coder, leaf, item.n)
                }
            }
        };
        let item = Item { leaf, n };
        self.follow(item);
        item
    }

    /// Codes a number above 0: how many bits it has, the next to highest of
    /// them with a chance by that length, the others as they are.
    fn number(&mut self, coder: &mut impl Coder, leaf: bool, n: u64) -> u64 {
        let scale = (self.scale / 8).min(LENGTH_SCALES - 1);
        let first = LENGTH + (usize::from(leaf) * LENGTH_SCALES + scale) * LENGTHS;
        let highest = n.max(1).ilog2();
        let mut bits = 0;
        while bits < 63 {
            let at = first + (bits as usize).min(LENGTHS - 1);
            if !coder.code(&mut self.chances[at], bits < highest) {
                break;
            }
            bits += 1;
        }
        let mut number = 1;
        for bit in (0..bits).rev() {
            let given = n >> bit & 1 == 1;
            let top = bit + 1 == bits;
            let chance = &mut if top { self.chances[TOP + (bits as usize).min(15)] } else { EVEN };
            number = number << 1 | u64::from(coder.code(chance, given));
            if top {
                self.chances[TOP + (bits as usize).min(15)] = *chance;
            }
        }
        self.scale = (self.scale * 3 + bits as usize * 16) / 4;
        number
    }

    /// Goes on to the next place in preorder.
    fn follow(&mut self, item: Item) {
        if !item.leaf {
            self.open.push(Open { zero: item.n == 0, left: None });
            return;
        }
        self.leaf_depth = self.open.len();
        // What has just been completed: the leaf, then nodes that end with it.
        let mut complete = item;
        while let Some(parent) = self.open.last_mut() {
            if parent.left.is_none() {
                parent.left = Some(complete);
                return;
            }
            complete = Item { leaf: false, n: u64::from(!parent.zero) };
            self.open.pop();
        }
    }
}

/// The chances of an id, by where a node or leaf is: the root, a left child,
/// or the right sibling of a node, of a 0, of a 1.
pub(crate) struct IdModel {
    leaf: [Chance; 5],
    /// Of a 1, for a leaf that may be either: the root, a left child, a right
    /// child.
    owned: [Chance; 3],
    /// For each open node, its left child once it is known.
    open: Vec<Option<IdItem>>,
}

/// A leaf, owned or not, or an inner node.
pub(crate) type IdItem = Option<bool>;

impl IdModel {
    pub(crate) fn new() -> Self {
        Self {
            leaf: [64, 140, 150, 40, 90].map(Chance::new),
            owned: [250, 64, 80].map(Chance::new),
            open: Vec::new(),
        }
    }

    /// Codes the next node or leaf in preorder.
    pub(crate) fn item(&mut self, coder: &mut impl Coder, item: IdItem) -> IdItem {
        let (place, kind) = match self.open.last() {
            None => (0, 0),
            Some(None) => (1, 1),
            Some(Some(None)) => (2, 2),
            Some(Some(Some(owned))) => (3 + usize::from(*owned), 2),
        };
        let leaf = coder.code(&mut self.leaf[place], item.is_some());
        let item = leaf.then(|| match place {
            // Two equal leaves would be one.
            3 => true,
            4 => false,
            _ => coder.code(&mut self.owned[kind], item == Some(true)),
        });
        self.follow(item);
        item
    }

    fn follow(&mut self, item: IdItem) {
        if item.is_none() {
            self.open.push(None);
            return;
        }
        let mut complete = item;
        while let Some(left) = self.open.last_mut() {
            if left.is_none() {
                *left = Some(complete);
                return;
            }
            complete = None;
            self.open.pop();
        }
    }
}
