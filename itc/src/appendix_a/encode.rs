//! Writing appendix A.

use alloc::vec;
use alloc::vec::Vec;

use crate::bits::BitWriter;
use crate::preorder::{Shape, preorder, visit};
use crate::{EventTree, Id};

pub(super) fn put_id(id: &Id, out: &mut BitWriter<'_>) {
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
pub(super) fn id_bits(id: &Id) -> usize {
    if id.is_anonymous() {
        return 3;
    }
    let mut bits = 0;
    visit(&id.0, |_, shape, owned| {
        bits += match shape {
            Shape::Leaf => 3 * usize::from(owned),
            _ => 2,
        };
    });
    bits
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
pub(super) fn event_bits(events: &EventTree) -> usize {
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
    let items = 2 * events.leaves() - 1;
    let (mut few, mut many) = ([0; 32], None::<Vec<Code>>);
    let codes: &mut [Code] =
        if let Some(few) = few.get_mut(..items) { few } else { many.insert(vec![0; items]) };
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
