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
//! bytes, and the tree has at most 32 leaves for each of its bytes (so that
//! memory is bounded by the input); else the other.
//!
//! # Entropy coding
//!
//! A binary arithmetic coder on 64-bit intervals `low..=high`, which begins
//! with the interval of all that starts with the bits `10`. A bit with the
//! chance `p` (of a one, in units of 2⁻¹⁶) parts it after `low + range·p`: a
//! one takes the lower part, a zero the upper. Leading bytes on which both
//! ends agree are shifted out. The last bytes are those of the number in the
//! interval that ends with the most zero bytes; zero bytes at the very end are
//! left out.
//!
//! A chance `p` worth `s` bits moves by `1/(s + 2)` of the way to each bit that
//! it was asked for (rounded down), `s` going from 14 up to 120, and stays
//! between 64 and 65,471.
//!
//! # Questions
//!
//! Nodes and leaves come in preorder with heights relative to their parents,
//! as in the paper. For each of them:
//!
//! 1. Is it a leaf? The chance is chosen by its place (the root, a left child,
//!    or the right sibling of a node or a leaf with number 0 or above), by its
//!    depth against that of the last leaf (2 or more less, 1 less, same, 1
//!    more, 2 or more), and by whether the parent's number is 0.
//! 2. Is its number 0? Not asked where it follows: it is 0 if the left
//!    sibling's is not, and it is not 0 for the second of two leaves of which
//!    the first is 0. Chosen by leaf or node, left or right, and as in 1.
//! 3. Its number, if above 0: how many bits follow its highest one, in unary
//!    (chosen by leaf or node, by the usual length lately, and by how many so
//!    far); then these bits, the first with a chance by their count, the
//!    others with even chances.
//!
//! "The usual length lately" starts at 16 and becomes `(3·usual + 16·bits)/4`
//! after each number; an eighth of it, at most 7, is what chooses.
//!
//! In a clock, the id comes first, by a similar, smaller model: is it a leaf
//! (by place), is it owned (where the sibling does not say).

mod coder;
mod model;
mod priors;

use alloc::vec::Vec;

use causal_clock::DecodeError;

use self::coder::{Coder, Decoder, Encoder};
use self::model::{EventModel, IdModel, Item};
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
