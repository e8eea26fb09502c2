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

mod decode;
mod encode;

use alloc::vec::Vec;

use causal_clock::{DecodeError, Wire};

pub(crate) use self::decode::{no_tree, take_events, take_id};
pub(crate) use self::encode::encode;
use self::encode::{event_bits, id_bits, put_id};
use crate::bits::{BitReader, BitWriter};
use crate::{EventTree, Id, Itc, Stamp};

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
            // The id 0 needs no tree.
            if reader.near() >> 61 == 0 {
                reader.skip(3)?;
            } else if !take_id(reader)?.is_anonymous() {
                return Err(DecodeError::Invalid { at: 0, expected: "the id 0 of a stamp" });
            }
            take_events(reader).map(Self::new)
        })
    }
}
