//! From the flat form to the paper's trees and back: nodes before their
//! children, left before right, each relative to its parent. It is the order
//! of every wire and text form.

use alloc::vec::Vec;

use smallvec::SmallVec;

use crate::steps::{Level, Steps};

/// A half of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// What a tree has at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Shape {
    /// An inner node whose left child is a leaf of the node's own minimum: a
    /// zero, in the paper's form.
    LeftZero,
    /// An inner node whose right child is such a leaf.
    RightZero,
    /// An inner node with no such child.
    NoZero,
    Leaf,
}

/// The values of a tree, which are written relative to the parent's minimum.
pub(crate) trait Height: Copy + Ord {
    const ZERO: Self;

    fn above(self, base: Self) -> Self;
}

impl Height for u64 {
    const ZERO: Self = 0;

    fn above(self, base: Self) -> Self {
        self - base
    }
}

/// In an id, all inner nodes have the minimum 0.
impl Height for bool {
    const ZERO: Self = false;

    fn above(self, base: Self) -> Self {
        self & !base
    }
}

/// Visits all nodes and leaves, each with its number in the *reverse* of
/// preorder and its height relative to its parent.
///
/// The minimum of a node is known when a walk over the leaves from right to
/// left comes to the node's first leaf; then its children are visited. As many
/// nodes begin at a leaf as the level rises across it.
#[inline]
pub(crate) fn visit<T: Height + Eq>(steps: &Steps<T>, mut visit: impl FnMut(usize, Shape, T)) {
    #[derive(Clone, Copy)]
    struct Subtree<T> {
        min: T,
        number: usize,
        shape: Shape,
    }
    let (values, levels) = (steps.values(), steps.levels());
    let mut rights: Vec<Subtree<T>> = Vec::with_capacity(32);
    let mut number = 0;
    for leaf in (0..values.len().min(levels.len())).rev() {
        let mut left = Subtree { min: values[leaf], number, shape: Shape::Leaf };
        number += 1;
        let before = if leaf > 0 { levels[leaf - 1] } else { 0 };
        for _ in before..levels[leaf] {
            let Some(right) = rights.pop() else { break };
            let min = left.min.min(right.min);
            let (l, r) = (left.min.above(min), right.min.above(min));
            visit(right.number, right.shape, r);
            visit(left.number, left.shape, l);
            let shape = if left.shape == Shape::Leaf && l == T::ZERO {
                Shape::LeftZero
            } else if right.shape == Shape::Leaf && r == T::ZERO {
                Shape::RightZero
            } else {
                Shape::NoZero
            };
            left = Subtree { min, number, shape };
            number += 1;
        }
        if leaf == 0 {
            visit(left.number, left.shape, left.min);
        } else {
            rights.push(left);
        }
    }
}

/// The nodes and leaves in preorder, each with its height relative to its
/// parent.
pub(crate) fn preorder<T: Height>(steps: &Steps<T>) -> impl Iterator<Item = (Shape, T)> {
    let items = 2 * steps.len() - 1;
    let mut backwards: SmallVec<[(Shape, T); 32]> =
        SmallVec::from_elem((Shape::Leaf, T::ZERO), items);
    let slots = &mut backwards[..];
    visit(steps, |number, shape, height| slots[number] = (shape, height));
    backwards.into_iter().rev()
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
    leaves: Steps<T>,
    /// Nodes whose right child is still to come.
    pending: SmallVec<[Pending<T>; 16]>,
    /// The minimum of the parent of the next node or leaf.
    base: T,
    /// The depth of the next node or leaf.
    depth: Level,
    next: Next,
}

struct Pending<T> {
    min: T,
    level: Level,
    /// Whether the left child has this minimum.
    reached: bool,
    /// Whether the right child is a leaf of this minimum that is not written.
    implied: bool,
}

/// What is known of the next node or leaf.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// It is the left child of the last pending node.
    Left,
    /// It must have its parent's minimum, since its sibling has not.
    Owes,
    /// It may have any.
    Free,
}

impl<T: Height> Builder<T> {
    /// An empty tree, with room for so many leaves.
    pub(crate) fn with_capacity(leaves: usize) -> Self {
        Self {
            leaves: Steps::with_capacity(leaves),
            pending: SmallVec::new(),
            base: T::ZERO,
            depth: 0,
            next: Next::Free,
        }
    }

    /// The minimum of the parent, relative to which the next height is
    /// written.
    pub(crate) fn base(&self) -> T {
        self.base
    }

    /// Whether nothing has been read yet.
    pub(crate) fn at_root(&self) -> bool {
        self.depth == 0
    }

    /// Begins an inner node of this minimum; one child may be a leaf of the
    /// same height that will not be read.
    #[inline]
    pub(crate) fn node(&mut self, min: T, implied: Option<Side>) -> Result<(), NoTree> {
        let level = self.depth.checked_add(1).ok_or(NoTree::TooDeep)?;
        if !self.lifted(min) {
            return Err(NoTree::NotLifted);
        }
        (self.base, self.depth) = (min, level);
        if implied == Some(Side::Left) {
            self.next = Next::Free;
            return self.end_leaf(min, level);
        }
        let implied = implied.is_some();
        self.pending.push(Pending { min, level, reached: implied, implied });
        self.next = if implied { Next::Free } else { Next::Left };
        Ok(())
    }

    /// Reads a leaf. Whether the tree is now complete.
    #[inline]
    pub(crate) fn leaf(&mut self, mut value: T) -> Result<bool, NoTree> {
        if !self.lifted(value) {
            // Of the two faults, equal leaves are the simpler one.
            self.end_leaf(value, self.depth - 1)?;
            return Err(NoTree::NotLifted);
        }
        while let Some(node) = self.pending.pop() {
            self.end_leaf(value, node.level)?;
            if node.implied {
                value = node.min;
                continue;
            }
            (self.base, self.depth) = (node.min, node.level);
            self.next = if node.reached { Next::Free } else { Next::Owes };
            return Ok(false);
        }
        self.end_leaf(value, 0)?;
        Ok(true)
    }

    /// The tree, once it is complete.
    pub(crate) fn finish(self) -> Steps<T> {
        self.leaves
    }

    /// Takes note of the minimum of a child. Whether one of its parent's
    /// children has the parent's minimum, or may yet have it.
    #[inline]
    fn lifted(&mut self, min: T) -> bool {
        match self.next {
            Next::Left => {
                if let Some(parent) = self.pending.last_mut() {
                    parent.reached = min == self.base;
                }
                true
            }
            Next::Owes => min == self.base,
            Next::Free => true,
        }
    }

    #[inline]
    fn end_leaf(&mut self, value: T, level: Level) -> Result<(), NoTree> {
        if self.leaves.ends_with_sibling(value, level) {
            return Err(NoTree::EqualSiblings);
        }
        self.leaves.push_distinct(value, level);
        Ok(())
    }
}
