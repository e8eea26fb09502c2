//! The interchange form: the binary encoding of "Interval Tree Clocks",
//! appendix A, bit for bit.
//!
//! | term | bits |
//! |---|---|
//! | id `0`, `1` | `000`, `001` |
//! | id `(0,i)`, `(i,0)`, `(l,r)` | `01 i`, `10 i`, `11 l r` |
//! | event leaf `n` | `1 enc(n, 2)` |
//! | event `(0,0,r)`, `(0,l,0)`, `(0,l,r)` | `000 r`, `001 l`, `010 l r` |
//! | event `(n,0,r)`, `(n,l,0)`, `(n,l,r)` | `01100 e(n) r`, `01101 e(n) l`, `0111 e(n) l r` |
//! | `enc(n, b)` | `0` and `n` in `b` bits if `n < 2^b`, else `1 enc(n - 2^b, b + 1)` |
//!
//! `e(n)` is the code of the leaf `n`, its leading `1` included; a child
//! written as `0` above takes no bits. A clock is its id and then its event
//! tree; a stamp, the anonymous clock of the paper, is the same with the id
//! `0`. The most significant bit of a byte comes first, and the last byte is
//! filled up with zeros.
//!
//! Every tree in normal form has one encoding, and nothing else is decoded: a
//! leaf `0` inside a node, an inner node with an `e(0)`, two equal leaves, or
//! a node whose children both have a minimum above 0 are errors. So are bits
//! left over, numbers that pass 64 bits, and trees deeper than
//! [`MAX_DEPTH`](crate::MAX_DEPTH).

use causal_clock::DecodeError;

use crate::bits::{BitReader, BitSink};
use crate::preorder::{Builder, Item, NoTree, Side, walk};
use crate::{EventTree, Id};

pub(crate) fn put_id(id: &Id, sink: &mut impl BitSink) {
    walk(&id.0, false, |item| match item {
        Item::Node { zero: Some(Side::Left), .. } => sink.put(0b01, 2),
        Item::Node { zero: Some(Side::Right), .. } => sink.put(0b10, 2),
        Item::Node { zero: None, .. } => sink.put(0b11, 2),
        Item::Leaf { value: true, .. } => sink.put(0b001, 3),
        // A zero is only written where it is all there is.
        Item::Leaf { value: false, .. } if id.is_anonymous() => sink.put(0b000, 3),
        Item::Leaf { value: false, .. } => {}
    });
}

pub(crate) fn put_events(events: &EventTree, sink: &mut impl BitSink) {
    let single = events.0.as_constant().is_some();
    walk(&events.0, 0, |item| match item {
        Item::Leaf { base, value } if value > base || single => put_leaf(sink, value - base),
        Item::Leaf { .. } => {}
        Item::Node { base, min, zero } if min == base => match zero {
            Some(Side::Left) => sink.put(0b000, 3),
            Some(Side::Right) => sink.put(0b001, 3),
            None => sink.put(0b010, 3),
        },
        Item::Node { base, min, zero } => {
            match zero {
                Some(Side::Left) => sink.put(0b01100, 5),
                Some(Side::Right) => sink.put(0b01101, 5),
                None => sink.put(0b0111, 4),
            }
            put_leaf(sink, min - base);
        }
    });
}

/// `1 enc(n, 2)`.
///
/// The ones of `enc` take off 4, 8, 16, …: with `m = n + 4`, what is left are
/// the bits of `m` below its highest one, and there are two ones fewer than
/// such bits.
#[inline]
fn put_leaf(sink: &mut impl BitSink, n: u64) {
    if let Ok(n) = u16::try_from(n) {
        let m = u32::from(n) + 4;
        let bits = m.ilog2();
        let rest = m - (1 << bits);
        let ones = (1 << (bits - 1)) - 1;
        // The leading 1, the ones, a zero, the rest.
        sink.put(ones << (bits + 1) | rest, 2 * bits);
    } else {
        put_large_leaf(sink, n);
    }
}

#[cold]
#[expect(clippy::cast_possible_truncation, reason = "cut to 32 bits on purpose")]
fn put_large_leaf(sink: &mut impl BitSink, n: u64) {
    let m = u128::from(n) + 4;
    let bits = m.ilog2();
    for _ in 0..bits - 1 {
        sink.put(1, 1);
    }
    sink.put(0, 1);
    for bit in (0..bits).rev() {
        sink.put((m >> bit) as u32 & 1, 1);
    }
}

fn take_leaf(reader: &mut BitReader<'_>) -> Result<u64, DecodeError> {
    let at = reader.byte();
    let ones = reader.ones(62)?;
    if ones > 62 {
        return Err(DecodeError::NumberTooLarge { at });
    }
    let bits = ones + 2;
    let high = bits.saturating_sub(32);
    let mut rest = if high > 0 { reader.take(high)? } else { 0 };
    rest = rest << (bits - high) | reader.take(bits - high)?;
    let n = (1_u128 << bits) + u128::from(rest) - 4;
    u64::try_from(n).map_err(|_| DecodeError::NumberTooLarge { at })
}

pub(crate) fn take_id(reader: &mut BitReader<'_>) -> Result<Id, DecodeError> {
    let mut tree = Builder::new(false);
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
    let mut tree = Builder::new(0_u64);
    loop {
        let at = reader.byte();
        let too_large = DecodeError::NumberTooLarge { at };
        if reader.take(1)? == 1 {
            let n = take_leaf(reader)?;
            if n == 0 && !tree.at_root() {
                return Err(DecodeError::NotCanonical { at, rule: LEFT_OUT });
            }
            let height = tree.base().checked_add(n).ok_or(too_large)?;
            if tree.leaf(height).map_err(|e| no_tree(e, at))? {
                return Ok(EventTree(tree.finish()));
            }
            continue;
        }
        let (lifted, implied) = match reader.take(2)? {
            0b00 => (false, Some(Side::Left)),
            0b01 => (false, Some(Side::Right)),
            0b10 => (false, None),
            _ => match reader.take(1)? {
                1 => (true, None),
                _ if reader.take(1)? == 0 => (true, Some(Side::Left)),
                _ => (true, Some(Side::Right)),
            },
        };
        let n = if lifted { take_lift(reader)? } else { 0 };
        let min = tree.base().checked_add(n).ok_or(too_large)?;
        tree.node(min, implied).map_err(|e| no_tree(e, at))?;
    }
}

/// The `e(n)` of an inner node, which is not 0.
fn take_lift(reader: &mut BitReader<'_>) -> Result<u64, DecodeError> {
    let at = reader.byte();
    if reader.take(1)? == 0 {
        return Err(DecodeError::Invalid { at, expected: "the number of a node, a leaf's code" });
    }
    match take_leaf(reader)? {
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
