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

use alloc::vec;
use alloc::vec::Vec;

use causal_clock::{DecodeError, Wire};

use crate::bits::{BitReader, BitWriter};
use crate::preorder::{Builder, NoTree, Shape, Side, preorder, visit};
use crate::{EventTree, Id, Itc, Stamp};

fn put_id(id: &Id, out: &mut BitWriter<'_>) {
    if id.is_anonymous() {
        return out.put(0b000, 3);
    }
    for (shape, owned) in preorder(&id.0) {
        match shape {
            Shape::LeftZero => out.put(0b01, 2),
            Shape::RightZero => out.put(0b10, 2),
            Shape::NoZero => out.put(0b11, 2),
            Shape::Leaf if owned => out.put(0b001, 3),
            // A zero is only written where it is all there is.
            Shape::Leaf => {}
        }
    }
}

/// How many bits [`put_id`] puts.
fn id_bits(id: &Id) -> usize {
    let mut bits = 0;
    visit(&id.0, |_, shape, owned| {
        bits += match shape {
            Shape::Leaf => 3 * usize::from(owned),
            _ => 2,
        };
    });
    bits.max(3)
}

/// A code and its length: the lowest six bits are the length, the others the
/// code.
type Code = u64;

const LENGTH: u64 = 63;

/// The bits in front of a node's number, or of its children where the number
/// is 0, by [`Shape`]: with number 0, and with another.
const HEADS: [[(u64, u32); 2]; 4] = [
    [(0b000, 3), (0b01100, 5)],
    [(0b001, 3), (0b01101, 5)],
    [(0b010, 3), (0b0111, 4)],
    [(0, 0), (0, 0)],
];

/// Numbers below this have codes of 50 bits at most.
const SHORT: u64 = (1 << 25) - 4;

/// The bits of an inner node and its number, or of a leaf. A number is written
/// as `1 enc(n, 2)`, a 0 as nothing: there is another head, or no leaf.
///
/// The ones of `enc` take off 4, 8, 16, …: with `m = n + 4`, what is left are
/// the bits of `m` below its highest one, and there are two ones fewer than
/// such bits.
const fn compute_code(shape: Shape, n: u64) -> Code {
    let (head, count) = HEADS[shape as usize][(n > 0) as usize];
    if n == 0 {
        return head << 6 | count as u64;
    }
    let m = n + 4;
    let bits = m.ilog2();
    let leading_one_and_ones = (1 << (bits - 1)) - 1;
    let number = leading_one_and_ones << (bits + 1) | (m - (1 << bits));
    (head << (2 * bits) | number) << 6 | (count + 2 * bits) as u64
}

const SMALL: usize = 64;

/// The codes of small numbers, most of all there are.
static CODES: [[Code; SMALL]; 4] = {
    let shapes = [Shape::LeftZero, Shape::RightZero, Shape::NoZero, Shape::Leaf];
    let mut codes = [[0; SMALL]; 4];
    let mut at = 0;
    while at < 4 * SMALL {
        codes[at / SMALL][at % SMALL] = compute_code(shapes[at / SMALL], (at % SMALL) as u64);
        at += 1;
    }
    codes
};

/// The code where the number is short.
#[inline]
fn short_code(shape: Shape, n: u64) -> Option<Code> {
    let small = usize::try_from(n).ok().and_then(|n| CODES[shape as usize].get(n));
    small.copied().or_else(|| (n < SHORT).then(|| compute_code(shape, n)))
}

/// How many bits `1 enc(n, 2)` takes; none for 0.
const fn number_bits(n: u64) -> u32 {
    match n.checked_add(4) {
        Some(4) => 0,
        Some(m) => 2 * m.ilog2(),
        None => 128,
    }
}

/// How many bits [`encode`] puts for an event tree.
fn event_bits(events: &EventTree) -> usize {
    let mut bits = 0;
    visit(&events.0, |_, shape, n| {
        bits += match short_code(shape, n) {
            Some(code) => code & LENGTH,
            None => u64::from(HEADS[shape as usize][1].1 + number_bits(n)),
        };
    });
    usize::try_from(bits).unwrap_or(usize::MAX).max(4)
}

/// Appends a bit, if any, and the encoding of an event tree, after that of an
/// id where there is one.
pub(crate) fn encode(first: Option<bool>, id: Option<&Id>, events: &EventTree, out: &mut Vec<u8>) {
    // The codes come in another order than the bits.
    let mut codes: Vec<Code> = vec![0; 2 * events.leaves() - 1];
    let (mut bits, mut short) = (0, true);
    visit(&events.0, |number, shape, n| {
        let code = short_code(shape, n);
        short &= code.is_some();
        let code = code.unwrap_or(0);
        codes[number] = code;
        bits += code & LENGTH;
    });
    let bits = if short { usize::try_from(bits).unwrap_or(0) } else { event_bits(events) };
    let mut writer = BitWriter::new(out, 1 + id.map_or(0, id_bits) + bits.max(4));
    if let Some(first) = first {
        writer.put(first.into(), 1);
    }
    if let Some(id) = id {
        put_id(id, &mut writer);
    }
    if events.0.as_constant() == Some(0) {
        writer.put(0b1000, 4);
    } else if short {
        codes.iter().rev().for_each(|code| writer.put(code >> 6, (code & LENGTH) as u32));
    } else {
        put_long_events(events, &mut writer);
    }
    writer.finish();
}

/// An event tree with numbers that are not short.
#[cold]
fn put_long_events(events: &EventTree, out: &mut BitWriter<'_>) {
    for (shape, n) in preorder(&events.0) {
        let (head, count) = HEADS[shape as usize][usize::from(n > 0)];
        out.put(head, count);
        let half = number_bits(n) / 2;
        if half > 0 {
            let m = u128::from(n) + 4;
            put_wide(out, (1 << half) - 2, half);
            put_wide(out, m - (1 << half), half);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of 64 bits")]
fn put_wide(out: &mut BitWriter<'_>, bits: u128, count: u32) {
    let low = count.min(32);
    out.put((bits >> low) as u64, count - low);
    out.put((bits & ((1 << low) - 1)) as u64, low);
}

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

/// Decodes what takes up all of `bytes`.
pub(crate) fn whole<T>(
    bytes: &[u8],
    take: impl FnOnce(&mut BitReader<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut reader = BitReader::new(bytes);
    let value = take(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

impl Id {
    /// How many bits the encoding has, without the filling.
    #[must_use]
    pub fn encoded_bits(&self) -> usize {
        id_bits(self)
    }
}

impl EventTree {
    /// How many bits the encoding has, without the filling.
    #[must_use]
    pub fn encoded_bits(&self) -> usize {
        event_bits(self)
    }
}

impl Itc {
    /// How many bits the encoding has, without the filling.
    #[must_use]
    pub fn encoded_bits(&self) -> usize {
        id_bits(self.id()) + event_bits(self.event_tree())
    }
}

impl Stamp {
    /// How many bits the encoding has, without the filling.
    #[must_use]
    pub fn encoded_bits(&self) -> usize {
        3 + event_bits(self.event_tree())
    }
}

/// An id alone.
impl Wire for Id {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut writer = BitWriter::new(out, id_bits(self));
        put_id(self, &mut writer);
        writer.finish();
    }

    fn encoded_len(&self) -> usize {
        self.encoded_bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, take_id)
    }
}

/// An event tree alone.
impl Wire for EventTree {
    fn encode(&self, out: &mut Vec<u8>) {
        encode(None, None, self, out);
    }

    fn encoded_len(&self) -> usize {
        self.encoded_bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, take_events)
    }
}

/// The stamp `(i, e)` of the paper.
impl Wire for Itc {
    fn encode(&self, out: &mut Vec<u8>) {
        encode(None, Some(self.id()), self.event_tree(), out);
    }

    fn encoded_len(&self) -> usize {
        self.encoded_bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, |reader| Ok(Self::from_parts(take_id(reader)?, take_events(reader)?)))
    }
}

/// The anonymous stamp `(0, e)` of the paper.
impl Wire for Stamp {
    fn encode(&self, out: &mut Vec<u8>) {
        encode(None, Some(&Id::anonymous()), self.event_tree(), out);
    }

    fn encoded_len(&self) -> usize {
        self.encoded_bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, |reader| {
            if !take_id(reader)?.is_anonymous() {
                return Err(DecodeError::Invalid { at: 0, expected: "the id 0 of a stamp" });
            }
            take_events(reader).map(Self::new)
        })
    }
}
