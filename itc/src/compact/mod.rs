//! The compact form: entropy coding with a model of what event trees look
//! like. Deterministic: integers only, on every platform the same bytes.
//!
//! # Bytes
//!
//! The first bits say what follows, the most significant bit of a byte first:
//!
//! * `0`: the bits of [appendix A](crate::appendix_a), the id only in a
//!   clock; zeros fill up the last byte. It takes at most one bit more than
//!   appendix A.
//! * `10`: version 1 of the entropy-coded form below.
//! * `11`: kept for other versions; an error.
//!
//! A value has one compact form: the entropy-coded one where it is shorter in
//! bytes than the other, and has at most 32 leaves (of the id and the event tree
//! together) for each of its bytes; else the other. So memory is bounded by the
//! input: a reader gives up when inner nodes promise more leaves than that.
//!
//! # Entropy coding
//!
//! A binary arithmetic coder on 64-bit intervals `low..=high`, which begins
//! with all that starts with the bits `10`: `low = 0x8000_0000_0000_0000`,
//! `high = 0xbfff_ffff_ffff_ffff`. A bit with the chance `p` (of a one, in units
//! of 2⁻¹⁶) parts it after
//!
//! ```text
//! middle = low + floor((high - low) · p / 2¹⁶)
//! ```
//!
//! A one takes `low..=middle`, a zero `middle + 1..=high`. Then, while the
//! highest bytes of `low` and `high` are equal, that byte is written, `low`
//! becomes `low · 2⁸` and `high` becomes `high · 2⁸ + 255`, both modulo 2⁶⁴. A
//! reader does the same with a number of 64 bits, first the first eight bytes,
//! into which the next byte is shifted from below; past the end, bytes are 0.
//! The bit is a one where the number is at most `middle`.
//!
//! In the end, for the least `b` of `0..=8` for which there is one, the smallest
//! number of the interval that ends with `8 - b` zero bytes gives its first `b`
//! bytes; then zero bytes at the very end of the form are left out.
//!
//! # Chances
//!
//! A chance is `p` and the number of bits `s` that it is worth. One with the
//! initial value `v` begins with `p = 256·v + 128` and `s = 14`. After each bit
//! that was coded with it, all divisions rounding down:
//!
//! * `p` becomes `p + (65535 - p) / (s + 2)` after a one, `p - p / (s + 2)`
//!   after a zero;
//! * then at least 64 and at most 65,471;
//! * `s` becomes `s + 1`, 120 at most.
//!
//! All chances begin anew in each stamp or clock, those of the id and those of
//! the event tree apart.
//!
//! # Event trees
//!
//! Nodes and leaves come in preorder with numbers relative to their parents,
//! as in the paper. For each of them, up to three questions are coded. Their
//! chances have the initial values [`INITIAL_CHANCES`], at an index that follows
//! from what is known already:
//!
//! | name | meaning | values |
//! |---|---|---|
//! | `place` | the root; a left child; the right sibling of a node with number 0, of a leaf 0, of a node above 0, of a leaf above 0 | 0; 1; 2, 3, 4, 5 |
//! | `deep` | its depth less that of the last leaf (0 before the first) | 0 (-2 or less), 1 (-1), 2 (0), 3 (1), 4 (2 or more) |
//! | `zero` | whether the parent's number is 0; for the root, yes | 0, 1 |
//! | `leaf` | whether it is a leaf | 0, 1 |
//! | `right` | whether it is a right child | 0, 1 |
//! | `usual` | the usual length of numbers lately, see below | 0 to 7 |
//!
//! 1. Is it a leaf? At `10·place + 2·deep + zero`.
//! 2. Is its number 0? At `60 + 10·(2·right + leaf) + 2·deep + zero`. Not asked
//!    where it follows: it is 0 if the left sibling's is not, and it is not 0
//!    for a leaf whose left sibling is the leaf 0.
//! 3. Its number, if it is not 0. Let `n` be the count of bits after the highest
//!    one, 63 at most. First `n` ones and, if `n` is not 63, a zero; the `k`-th
//!    of these bits, counted from 0, at
//!    `100 + 96·leaf + 12·usual + min(k, 11)`. Then the `n` bits themselves,
//!    from the top: the first at `292 + min(n, 15)`, the others each with a new
//!    chance of the initial value 128.
//!
//! A variable `u` begins with 16 and becomes `floor((3·u + 16·n) / 4)` after each
//! number that was coded by the third question; `usual` is `min(floor(u / 8), 7)`.
//!
//! # Ids
//!
//! In a clock, the id comes first, by the same coder. For each node and leaf, in
//! preorder:
//!
//! 1. Is it a leaf? The initial values, by where it is: the root 64; a left child
//!    140; the right sibling of a node 150, of the leaf 0 40, of the leaf 1 90.
//! 2. Is the leaf 1? The initial values: the root 250; a left child 64; a right
//!    child 80. Not asked where the left sibling is a leaf: it is the other one.

mod coder;
mod model;
mod priors;

use alloc::vec::Vec;

use causal_clock::DecodeError;

use self::coder::{Coder, Decoder, Encoder};
use self::model::{EventModel, IdModel, Item};
pub use self::priors::INITIAL_CHANCES;
use crate::appendix_a::{self, no_tree};
use crate::bits::BitReader;
use crate::preorder::{Builder, Shape, preorder};
use crate::{EventTree, Id, Itc, Stamp};

/// As many leaves are decoded for each byte.
const LEAVES_PER_BYTE: usize = 32;

fn code_events(coder: &mut impl Coder, model: &mut EventModel, events: &EventTree) {
    for (shape, n) in preorder(&events.0) {
        model.item(coder, Item::new(shape, n));
    }
}

fn code_id(coder: &mut impl Coder, id: &Id) {
    let mut model = IdModel::new();
    for (shape, owned) in preorder(&id.0) {
        model.item(coder, Some(owned).filter(|_| shape == Shape::Leaf));
    }
}

fn encode(id: Option<&Id>, events: &EventTree) -> Vec<u8> {
    let plain_bits = 1 + id.map_or(0, Id::encoded_bits) + events.encoded_bits();
    let mut coded = Vec::new();
    let mut encoder = Encoder::new(&mut coded);
    if let Some(id) = id {
        code_id(&mut encoder, id);
    }
    code_events(&mut encoder, &mut EventModel::new(), events);
    encoder.finish();
    let leaves = events.leaves() + id.map_or(0, Id::leaves);
    if coded.len() >= plain_bits.div_ceil(8) || leaves > LEAVES_PER_BYTE * coded.len() {
        coded.clear();
        appendix_a::encode(Some(false), id, events, &mut coded);
    }
    coded
}

/// How many more leaves the bytes may say.
struct Room {
    leaves: usize,
}

impl Room {
    /// Takes note of one more leaf that there is or must yet come: one for each
    /// tree, and one more for each inner node. So memory is bounded by what has
    /// been promised, and not only by what has been read.
    fn take(&mut self) -> Result<(), DecodeError> {
        let rule = "an entropy-coded tree has at most 32 leaves a byte";
        let left = self.leaves.checked_sub(1);
        self.leaves = left.ok_or(DecodeError::NotCanonical { at: 0, rule })?;
        Ok(())
    }
}

fn take_id(decoder: &mut Decoder<'_>, room: &mut Room) -> Result<Id, DecodeError> {
    let mut model = IdModel::new();
    let mut tree = Builder::<bool>::with_capacity(8);
    room.take()?;
    loop {
        let at = decoder.byte();
        let complete = if let Some(owned) = model.item(decoder, None) {
            tree.leaf(owned)
        } else {
            room.take()?;
            tree.node(false, None).map(|()| false)
        };
        if complete.map_err(|e| no_tree(e, at))? {
            return Ok(Id(tree.finish()));
        }
    }
}

fn take_events(decoder: &mut Decoder<'_>, room: &mut Room) -> Result<EventTree, DecodeError> {
    let mut model = EventModel::new();
    let mut tree = Builder::<u64>::with_capacity(8);
    room.take()?;
    loop {
        let at = decoder.byte();
        let item = model.item(decoder, Item { leaf: false, n: 0 });
        let height = tree.base().checked_add(item.n);
        let height = height.ok_or(DecodeError::SumTooLarge { at })?;
        let complete = if item.leaf {
            tree.leaf(height)
        } else {
            room.take()?;
            tree.node(height, None).map(|()| false)
        };
        if complete.map_err(|e| no_tree(e, at))? {
            return Ok(EventTree(tree.finish()));
        }
    }
}

fn decode(bytes: &[u8], with_id: bool) -> Result<(Option<Id>, EventTree), DecodeError> {
    let first = bytes.first().ok_or(DecodeError::UnexpectedEnd { at: 0 })?;
    if first >> 7 == 0 {
        return appendix_a::whole(bytes, |reader: &mut BitReader<'_>| {
            reader.take(1)?;
            let id = if with_id { Some(appendix_a::take_id(reader)?) } else { None };
            Ok((id, appendix_a::take_events(reader)?))
        });
    }
    if first >> 6 == 0b11 {
        return Err(DecodeError::Invalid { at: 0, expected: "version 1 of the compact form" });
    }
    let mut decoder = Decoder::new(bytes);
    let mut room = Room { leaves: LEAVES_PER_BYTE * bytes.len() };
    let id = if with_id { Some(take_id(&mut decoder, &mut room)?) } else { None };
    Ok((id, take_events(&mut decoder, &mut room)?))
}

/// What decodes to the right value in the wrong way is found by encoding it.
fn decode_canonical(bytes: &[u8], with_id: bool) -> Result<(Option<Id>, EventTree), DecodeError> {
    let (id, events) = decode(bytes, with_id)?;
    let canonical = encode(id.as_ref(), &events);
    if canonical == bytes {
        return Ok((id, events));
    }
    if bytes.starts_with(&canonical) {
        return Err(DecodeError::TrailingBytes { count: bytes.len() - canonical.len() });
    }
    let entropy_coded = |form: &[u8]| form.first().is_some_and(|first| first >> 7 == 1);
    let rule = if entropy_coded(&canonical) == entropy_coded(bytes) {
        "the last bytes are those that end with the most zeros"
    } else {
        "the shorter of the two forms"
    };
    Err(DecodeError::NotCanonical { at: 0, rule })
}

impl Stamp {
    /// The [compact form](crate::compact).
    ///
    /// ```
    /// use itc::Stamp;
    ///
    /// let stamp: Stamp = "(0,(3,(0,1,0),(2,0,7)))".parse()?;
    /// assert_eq!(Stamp::from_compact(&stamp.to_compact())?, stamp);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_compact(&self) -> Vec<u8> {
        encode(None, self.event_tree())
    }

    /// Reads the [compact form](crate::compact), which takes up all of
    /// `bytes`.
    ///
    /// # Errors
    /// Anything but the compact form of a stamp is a [`DecodeError`].
    pub fn from_compact(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode_canonical(bytes, false).map(|(_, events)| Self::new(events))
    }
}

impl Itc {
    /// The [compact form](crate::compact).
    #[must_use]
    pub fn to_compact(&self) -> Vec<u8> {
        encode(Some(self.id()), self.event_tree())
    }

    /// Reads the [compact form](crate::compact), which takes up all of
    /// `bytes`.
    ///
    /// # Errors
    /// Anything but the compact form of a clock is a [`DecodeError`].
    pub fn from_compact(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (id, events) = decode_canonical(bytes, true)?;
        Ok(Self::from_parts(id.unwrap_or_else(Id::anonymous), events))
    }
}

#[cfg(test)]
mod training;
