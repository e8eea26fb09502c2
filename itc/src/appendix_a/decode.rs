//! Reading appendix A: iteratively, and nothing but normal form.
//!
//! A profile (callgrind) named two things: finding where the next item begins,
//! and branches on what it is, more than two of which were mispredicted for each
//! leaf. So the next bits stay in a register, and the lengths of small numbers
//! are looked up.

use causal_clock::DecodeError;

use alloc::vec::Vec;

use crate::bits::BitReader;
use crate::preorder::{Builder, NoTree, Side};
use crate::steps::{Level, Steps};
use crate::{EventTree, Id};

/// The numbers whose codes are eight bits at most, and how many bits these
/// are, by the seven bits after the leading 1; no bits for the others.
static SMALL: [(u8, u32); 128] = {
    let mut numbers = [(0, 0); 128];
    let mut rest = 0;
    while rest < 0b111_0000_u8 {
        let bits = (rest << 1).leading_ones() + 2;
        let low = (rest >> (8 - 2 * bits)) & ((1 << bits) - 1);
        numbers[rest as usize] = ((1 << bits) + low - 4, 2 * bits);
        rest += 1;
    }
    numbers
};

/// Reads `1 enc(n, 2)`; the first bit of the window is known to be 1.
#[inline]
fn take_number(reader: &mut BitReader<'_>, near: u64) -> Result<u64, DecodeError> {
    let (n, bits) = SMALL[(near >> 56) as usize & 127];
    if bits == 0 {
        return take_longer_number(reader);
    }
    reader.skip(bits)?;
    Ok(n.into())
}

#[inline(never)]
fn take_longer_number(reader: &mut BitReader<'_>) -> Result<u64, DecodeError> {
    let window = reader.window();
    // The leading 1 and the ones of enc.
    let ones = window.leading_ones();
    let bits = ones + 1;
    if ones > 24 {
        return take_large_number(reader);
    }
    reader.skip(2 * bits)?;
    let rest = (window << bits) >> (64 - bits);
    Ok((1 << bits) + rest - 4)
}

#[cold]
fn take_large_number(reader: &mut BitReader<'_>) -> Result<u64, DecodeError> {
    let at = reader.byte();
    let bits = reader.ones(63)? + 1;
    if bits > 64 {
        return Err(DecodeError::NumberTooLarge { at });
    }
    let low = bits.min(32);
    let mut rest = if bits > low { reader.take(bits - low)? } else { 0 };
    rest = rest << low | reader.take(low)?;
    let n = (1_u128 << bits) + u128::from(rest) - 4;
    u64::try_from(n).map_err(|_| DecodeError::NumberTooLarge { at })
}

pub(crate) fn take_id(reader: &mut BitReader<'_>) -> Result<Id, DecodeError> {
    let mut tree = Builder::<bool>::with_capacity(8);
    loop {
        let at = reader.byte();
        let implied = match reader.take(2)? {
            0b01 => Some(Side::Left),
            0b10 => Some(Side::Right),
            0b11 => None,
            _ => {
                let owned = reader.take(1)? == 1;
                if !owned && !tree.at_root() {
                    return Err(DecodeError::NotCanonical { at, rule: LEFT_OUT });
                }
                if tree.leaf(owned).map_err(|e| no_tree(e, at))? {
                    return Ok(Id(tree.finish()));
                }
                continue;
            }
        };
        tree.node(false, implied).map_err(|e| no_tree(e, at))?;
    }
}

/// A node whose right child is still to come.
struct Pending {
    min: u64,
    level: Level,
    /// Whether the right child must have this minimum, since the left has not.
    owes: bool,
    /// Whether the right child is a leaf of this minimum that is not written.
    implied: bool,
}

/// The kinds of items, by the next three bits.
const RIGHT_ONLY: u64 = 0b000;
const LEFT_ONLY: u64 = 0b001;
const BOTH: u64 = 0b010;
const LIFTED: u64 = 0b011;

/// Does what [`Builder`] does with less work: where zeros are left out, equal
/// siblings break the other rule, too, and whether a left child has its
/// parent's minimum is seen from its first bits.
pub(crate) fn take_events(reader: &mut BitReader<'_>) -> Result<EventTree, DecodeError> {
    // A leaf takes about a byte, and three bits at least.
    let mut tree = Steps::with_capacity(reader.remaining() / 8 + 1);
    let mut pending: Vec<Pending> = Vec::with_capacity(32);
    let (mut base, mut depth, mut owes) = (0_u64, 0, false);
    loop {
        let window = reader.near();
        if window >> 63 == 1 {
            let at = reader.byte();
            let n = take_number(reader, window)?;
            if n == 0 && depth > 0 {
                return Err(DecodeError::NotCanonical { at, rule: LEFT_OUT });
            }
            let Some(mut value) = base.checked_add(n) else {
                return Err(DecodeError::SumTooLarge { at });
            };
            if owes {
                return Err(no_tree(not_lifted(&tree, value, depth), at));
            }
            loop {
                let Some(node) = pending.pop() else {
                    tree.push_distinct(value, 0);
                    return Ok(EventTree(tree));
                };
                tree.push_distinct(value, node.level);
                if !node.implied {
                    (base, depth, owes) = (node.min, node.level, node.owes);
                    break;
                }
                value = node.min;
            }
            continue;
        }
        let at = reader.byte();
        let (mut kind, mut bits) = (window >> 61, 3);
        if kind == LIFTED {
            (kind, bits) = match window >> 59 {
                0b01100 => (RIGHT_ONLY, 5),
                0b01101 => (LEFT_ONLY, 5),
                _ => (BOTH, 4),
            };
            reader.skip(bits)?;
            let n = take_lift(reader, window << bits)?;
            if owes {
                return Err(no_tree(NoTree::NotLifted, at));
            }
            base = base.checked_add(n).ok_or(DecodeError::SumTooLarge { at })?;
        } else {
            reader.skip(bits)?;
        }
        let Some(level) = Level::checked_add(depth, 1) else {
            return Err(no_tree(NoTree::TooDeep, at));
        };
        depth = level;
        owes = false;
        if kind == RIGHT_ONLY {
            tree.push_distinct(base, level);
        } else {
            let left_at_base = reader.near() >> 61 < LIFTED;
            let implied = kind == LEFT_ONLY;
            pending.push(Pending { min: base, level, owes: !implied & !left_at_base, implied });
        }
    }
}

/// The `e(n)` of an inner node, which is not 0.
#[inline]
fn take_lift(reader: &mut BitReader<'_>, window: u64) -> Result<u64, DecodeError> {
    let at = reader.byte();
    if window >> 63 == 0 {
        reader.skip(1)?;
        return Err(DecodeError::Invalid { at, expected: "the number of a node, a leaf's code" });
    }
    match take_number(reader, window)? {
        0 => Err(DecodeError::NotCanonical { at, rule: "a node's number 0 is left out" }),
        n => Ok(n),
    }
}

/// What is wrong where the second of two siblings is a leaf above their
/// parent's minimum, as the first is.
#[cold]
fn not_lifted(tree: &Steps<u64>, value: u64, depth: Level) -> NoTree {
    if tree.ends_with_sibling(value, depth - 1) { NoTree::EqualSiblings } else { NoTree::NotLifted }
}

const LEFT_OUT: &str = "a leaf 0 inside a node is left out";

pub(crate) const fn no_tree(why: NoTree, at: usize) -> DecodeError {
    match why {
        NoTree::TooDeep => DecodeError::Invalid { at, expected: why.rule() },
        NoTree::EqualSiblings | NoTree::NotLifted => {
            DecodeError::NotCanonical { at, rule: why.rule() }
        }
    }
}
