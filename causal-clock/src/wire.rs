//! How clocks and stamps become bytes, and the rules for reading them back.
//!
//! Sizes are a result that the harness publishes, so the rules are strict:
//!
//! 1. **Canonical.** A value has exactly one encoding. Whatever else decodes
//!    to nothing but an error: over-long numbers, trailing bytes, entries out
//!    of order, zeros that should be left out.
//! 2. **Total.** Decoding never panics on any bytes, and never recurses on
//!    what they say.
//! 3. **Bounded.** Memory is at most proportional to the input: a length that
//!    promises more than the input holds is refused before anything is
//!    reserved for it ([`Reader::count`]).
//! 4. **Honest.** What a comparison needs is in the bytes, ids included.
//!    A [`NodeId`] takes eight bytes, since ids that nobody coordinates are
//!    random.
//!
//! Numbers are unsigned LEB128 (seven bits a byte, least significant first,
//! the top bit set on all but the last), at most ten bytes; ids are eight
//! bytes, most significant first.

use alloc::vec::Vec;

use crate::NodeId;

/// A value with one canonical form in bytes.
pub trait Wire: Sized {
    /// Appends the canonical encoding.
    fn encode(&self, out: &mut Vec<u8>);

    /// How many bytes [`encode`](Self::encode) appends, without encoding.
    fn encoded_len(&self) -> usize;

    /// Reads a value that takes up all of `bytes`.
    ///
    /// # Errors
    /// Anything but a canonical encoding is a [`DecodeError`].
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// The canonical encoding in a vector of its own.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_len());
        self.encode(&mut out);
        out
    }
}

/// Why bytes are no canonical encoding. Positions count bytes from the start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ends inside a value.
    #[error("the input ends at byte {at}, inside a value")]
    UnexpectedEnd {
        /// The length of the input.
        at: usize,
    },
    /// The value is complete and bytes are left.
    #[error("{count} bytes are left over after the value")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A number is written longer than it needs to be.
    #[error("the number at byte {at} is longer than it needs to be")]
    Overlong {
        /// Where the number starts.
        at: usize,
    },
    /// A number does not fit its type.
    #[error("the number at byte {at} is too large")]
    NumberTooLarge {
        /// Where the number starts.
        at: usize,
    },
    /// Each number fits its type, but a sum of them does not.
    #[error("with the number at byte {at}, a sum is too large")]
    SumTooLarge {
        /// Where the last of the numbers starts.
        at: usize,
    },
    /// A length promises more than the input can hold.
    #[error("{count} entries are promised at byte {at}, but only {room} more bytes follow")]
    CountTooLarge {
        /// Where the count starts.
        at: usize,
        /// What it promises.
        count: u64,
        /// How many bytes are left.
        room: usize,
    },
    /// The bytes say something, but not in the canonical way.
    #[error("not canonical at byte {at}: {rule}")]
    NotCanonical {
        /// Where it was noticed.
        at: usize,
        /// The rule that is broken.
        rule: &'static str,
    },
    /// The bytes say nothing: a tag or a value that has no meaning.
    #[error("invalid at byte {at}: {expected}")]
    Invalid {
        /// Where it was noticed.
        at: usize,
        /// What was expected there.
        expected: &'static str,
    },
}

/// Appends `value` as unsigned LEB128.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// How many bytes [`put_varint`] appends: one to ten.
#[must_use]
pub const fn varint_len(value: u64) -> usize {
    // One byte for each started group of seven significant bits.
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Appends an id: eight bytes, most significant first.
pub fn put_node_id(out: &mut Vec<u8>, id: NodeId) {
    out.extend_from_slice(&id.get().to_be_bytes());
}

/// How many bytes [`put_node_id`] appends.
pub const NODE_ID_LEN: usize = 8;

/// Reads values from the front of a byte string, strictly.
///
/// ```
/// use causal_clock::wire::{put_varint, DecodeError, Reader};
///
/// let mut bytes = Vec::new();
/// put_varint(&mut bytes, 300);
/// let mut reader = Reader::new(&bytes);
/// assert_eq!(reader.varint(), Ok(300));
/// assert_eq!(reader.finish(), Ok(()));
///
/// let overlong = [0x80, 0x00];
/// assert_eq!(Reader::new(&overlong).varint(), Err(DecodeError::Overlong { at: 0 }));
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The position of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`].
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.array::<1>()?[0])
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let end = DecodeError::UnexpectedEnd { at: self.bytes.len() };
        let &array = self.bytes[self.at..].first_chunk::<N>().ok_or(end)?;
        self.at += N;
        Ok(array)
    }

    /// An id.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`].
    pub fn node_id(&mut self) -> Result<NodeId, DecodeError> {
        Ok(NodeId::new(u64::from_be_bytes(self.array()?)))
    }

    /// A number in unsigned LEB128.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`]; [`DecodeError::Overlong`] where its
    /// last byte is a needless zero; [`DecodeError::NumberTooLarge`] past 64
    /// bits.
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let start = self.at;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && byte > 1 {
                break;
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(DecodeError::Overlong { at: start });
                }
                return Ok(value);
            }
        }
        Err(DecodeError::NumberTooLarge { at: start })
    }

    /// A count of entries that take at least `entry_len` bytes each, which
    /// the rest of the input has room for: safe to reserve memory by.
    ///
    /// # Errors
    /// As [`varint`](Self::varint), and [`DecodeError::CountTooLarge`].
    pub fn count(&mut self, entry_len: usize) -> Result<usize, DecodeError> {
        let at = self.at;
        let count = self.varint()?;
        let room = self.remaining();
        match usize::try_from(count) {
            Ok(n) if n <= room / entry_len.max(1) => Ok(n),
            _ => Err(DecodeError::CountTooLarge { at, count, room }),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBytes`] where anything is left.
    pub const fn finish(self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            count => Err(DecodeError::TrailingBytes { count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn varints_round_trip_and_know_their_length() {
        let edges = (0..64).flat_map(|b| [(1_u64 << b) - 1, 1 << b, (1 << b) + 1]);
        for value in edges.chain([u64::MAX - 1, u64::MAX]) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            assert_eq!(bytes.len(), varint_len(value), "{value}");
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.varint(), Ok(value));
            assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn refuses_numbers_that_are_not_canonical() {
        let too_large = DecodeError::NumberTooLarge { at: 0 };
        let mut past_64_bits = vec![0xff; 9];
        past_64_bits.push(2);
        assert_eq!(Reader::new(&past_64_bits).varint(), Err(too_large.clone()));
        assert_eq!(Reader::new(&[0xff; 11]).varint(), Err(too_large));
        assert_eq!(Reader::new(&[0x81, 0x00]).varint(), Err(DecodeError::Overlong { at: 0 }));
        assert_eq!(Reader::new(&[0x81]).varint(), Err(DecodeError::UnexpectedEnd { at: 1 }));
    }

    #[test]
    fn refuses_counts_that_promise_too_much() {
        let bytes = [3, 0, 0, 0, 0];
        let error = DecodeError::CountTooLarge { at: 0, count: 3, room: 4 };
        assert_eq!(Reader::new(&bytes).count(2), Err(error));
        assert_eq!(Reader::new(&bytes).count(1), Ok(3));
    }
}
