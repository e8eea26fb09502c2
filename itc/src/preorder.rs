//! From the flat form to the paper's trees and back: nodes before their
//! children, left before right, each relative to its parent. It is the order
//! of every wire and text form.

use alloc::vec::Vec;

use smallvec::SmallVec;

use crate::steps::{Level, MAX_DEPTH, Steps};

/// A half of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A step of the walk. `base` is the minimum of the parent; a value is
/// written relative to it.
#[derive(Clone, Copy)]
pub(crate) enum Item<T> {
    /// An inner node with its own minimum, and which child is a leaf of that
    /// very height: a zero, in the paper's form.
    Node {
        base: T,
        min: T,
        zero: Option<Side>,
    },
    Leaf {
        base: T,
        value: T,
    },
}

struct Node<T> {
    min: T,
    zero: Option<Side>,
}

/// Walks the tree from the root, whose base is `zero`.
pub(crate) fn walk<T: Copy + Ord>(steps: &Steps<T>, zero: T, mut visit: impl FnMut(Item<T>)) {
    let mut nodes = nodes_backwards(steps);
    // The bases of the right children that are still to come.
    let mut bases: SmallVec<[T; 16]> = SmallVec::new();
    let mut before = 0;
    for (value, level) in steps.iter() {
        let mut base = bases.pop().unwrap_or(zero);
        for _ in before..level {
            let Some(Node { min, zero }) = nodes.pop() else { return };
            visit(Item::Node { base, min, zero });
            bases.push(min);
            base = min;
        }
        visit(Item::Leaf { base, value });
        before = level;
    }
}

/// The inner nodes in the reverse of preorder: a node is complete, its minimum
/// known, when a walk over the leaves from right to left comes to its first
/// one. As many nodes begin at a leaf as the level rises across it.
fn nodes_backwards<T: Copy + Ord>(steps: &Steps<T>) -> Vec<Node<T>> {
    struct Right<T> {
        min: T,
        leaf: bool,
    }
    let mut nodes = Vec::with_capacity(steps.len() - 1);
    let mut rights: SmallVec<[Right<T>; 16]> = SmallVec::new();
    for leaf in (0..steps.len()).rev() {
        let mut left = Right { min: steps.values()[leaf], leaf: true };
        for _ in steps.level_before(leaf)..steps.levels()[leaf] {
            let Some(right) = rights.pop() else { break };
            let min = left.min.min(right.min);
            let zero = if left.leaf && left.min == min {
                Some(Side::Left)
            } else if right.leaf && right.min == min {
                Some(Side::Right)
            } else {
                None
            };
            nodes.push(Node { min, zero });
            left = Right { min, leaf: false };
        }
        rights.push(left);
    }
    nodes
}

/// Why a sequence of nodes and leaves is no tree in normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTree {
    EqualSiblings,
    NotLifted,
    TooDeep,
}

impl NoTree {
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::EqualSiblings => "two leaves of one node differ",
            Self::NotLifted => "the minimum of a node's children is 0",
            Self::TooDeep => "a tree is at most 65,535 deep",
        }
    }
}

/// Makes the flat form of a tree that is read in preorder, without recursion,
/// and refuses what is not in normal form.
pub(crate) struct Builder<T> {
    steps: Steps<T>,
    open: SmallVec<[Open<T>; 16]>,
    zero: T,
}

struct Open<T> {
    min: T,
    /// Whether a child has this minimum.
    reached: bool,
    right: Right,
}

enum Right {
    /// Is still to be read.
    ToRead,
    /// Is a leaf of the node's minimum that is not written.
    Implied,
    /// Has been read, or is being read.
    Begun,
}

impl<T: Copy + Ord> Builder<T> {
    /// A tree whose root has the base `zero`.
    pub(crate) fn new(zero: T) -> Self {
        Self { steps: Steps::with_capacity(0), open: SmallVec::new(), zero }
    }

    /// The base of the next node or leaf.
    pub(crate) fn base(&self) -> T {
        self.open.last().map_or(self.zero, |node| node.min)
    }

    /// Whether nothing has been read yet.
    pub(crate) fn at_root(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins an inner node of this minimum; one child may be a leaf of the
    /// same height that will not be read.
    pub(crate) fn node(&mut self, min: T, implied: Option<Side>) -> Result<(), NoTree> {
        if self.open.len() == usize::from(MAX_DEPTH) {
            return Err(NoTree::TooDeep);
        }
        self.reach(min);
        let right = match implied {
            Some(Side::Left) => Right::Begun,
            Some(Side::Right) => Right::Implied,
            None => Right::ToRead,
        };
        self.open.push(Open { min, reached: implied.is_some(), right });
        if implied == Some(Side::Left) {
            self.end_leaf(min, self.level())?;
        }
        Ok(())
    }

    /// Reads a leaf. Whether the tree is now complete.
    pub(crate) fn leaf(&mut self, mut value: T) -> Result<bool, NoTree> {
        self.reach(value);
        let mut level = self.level();
        while let Some(node) = self.open.last_mut() {
            match node.right {
                Right::ToRead => {
                    node.right = Right::Begun;
                    self.end_leaf(value, level)?;
                    return Ok(false);
                }
                Right::Implied => {
                    node.right = Right::Begun;
                    let implied = node.min;
                    self.end_leaf(value, level)?;
                    value = implied;
                }
                Right::Begun if node.reached => {
                    self.open.pop();
                    level -= 1;
                }
                Right::Begun => {
                    // Of the two faults, equal leaves are the simpler one.
                    self.end_leaf(value, level - 1)?;
                    return Err(NoTree::NotLifted);
                }
            }
        }
        self.end_leaf(value, 0)?;
        Ok(true)
    }

    /// The tree, once it is complete.
    pub(crate) fn finish(self) -> Steps<T> {
        self.steps
    }

    /// The level at which the innermost node splits.
    fn level(&self) -> Level {
        Level::try_from(self.open.len()).unwrap_or(MAX_DEPTH)
    }

    fn reach(&mut self, min: T) {
        if let Some(parent) = self.open.last_mut() {
            parent.reached |= min == parent.min;
        }
    }

    fn end_leaf(&mut self, value: T, level: Level) -> Result<(), NoTree> {
        let leaves = self.steps.len();
        self.steps.push(value, level);
        if self.steps.len() <= leaves { Err(NoTree::EqualSiblings) } else { Ok(()) }
    }
}
