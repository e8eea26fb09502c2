//! Reading appendix A: iteratively, and nothing but normal form.

use causal_clock::DecodeError;

use crate::bits::BitReader;
use crate::preorder::{Builder, NoTree, Side};
use crate::{EventTree, Id};

/// Reads `1 enc(n, 2)`; `window` is of the reader.
#[inline]
fn take_number(reader: &mut BitReader<'_>, window: u64) -> Result<u64, DecodeError> {
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

pub(crate) fn take_events(reader: &mut BitReader<'_>) -> Result<EventTree, DecodeError> {
    // A leaf takes about a byte, and three bits at least.
    let mut tree = Builder::<u64>::with_capacity(reader.remaining() / 7 + 1);
    loop {
        let at = reader.byte();
        let window = reader.window();
        if window >> 63 == 1 {
            let n = take_number(reader, window)?;
            if n == 0 && !tree.at_root() {
                return Err(DecodeError::NotCanonical { at, rule: LEFT_OUT });
            }
            let height = tree.base().checked_add(n);
            let height = height.ok_or(DecodeError::NumberTooLarge { at })?;
            if tree.leaf(height).map_err(|e| no_tree(e, at))? {
                return Ok(EventTree(tree.finish()));
            }
            continue;
        }
        let (lifted, implied, bits) = match window >> 59 {
            0b00000..=0b00011 => (false, Some(Side::Left), 3),
            0b00100..=0b00111 => (false, Some(Side::Right), 3),
            0b01000..=0b01011 => (false, None, 3),
            0b01100 => (true, Some(Side::Left), 5),
            0b01101 => (true, Some(Side::Right), 5),
            _ => (true, None, 4),
        };
        reader.skip(bits)?;
        let mut min = tree.base();
        if lifted {
            let n = take_lift(reader, window << bits)?;
            min = min.checked_add(n).ok_or(DecodeError::NumberTooLarge { at })?;
        }
        tree.node(min, implied).map_err(|e| no_tree(e, at))?;
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

const LEFT_OUT: &str = "a leaf 0 inside a node is left out";

pub(crate) const fn no_tree(why: NoTree, at: usize) -> DecodeError {
    match why {
        NoTree::TooDeep => DecodeError::Invalid { at, expected: why.rule() },
        NoTree::EqualSiblings | NoTree::NotLifted => {
            DecodeError::NotCanonical { at, rule: why.rule() }
        }
    }
}
