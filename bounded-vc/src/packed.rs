//! Numbers packed at a fixed width in bits: frame-of-reference coding, as in
//! "Decoding billions of integers per second through vectorization" (Lemire,
//! Boytsov 2015), section 2.

use alloc::vec::Vec;

use causal_clock::DecodeError;
use causal_clock::wire::Reader;

/// How many bits it takes to write `value`; none for zero.
pub(crate) const fn width(value: u64) -> u32 {
    u64::BITS - value.leading_zeros()
}

/// A mask of the lowest `width` bits, of 64 at most.
const fn mask(width: u32) -> u64 {
    if width == 0 { 0 } else { u64::MAX >> (u64::BITS - width) }
}

/// Writes numbers one behind the other, lowest bits first, into whole bytes;
/// the bits left over in the last are zero.
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    pending: u128,
    bits: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, pending: 0, bits: 0 }
    }

    /// Writes a number of at most `width` bits.
    pub(crate) fn put(&mut self, value: u64, width: u32) {
        self.pending |= u128::from(value) << self.bits;
        self.bits += width;
        while self.bits >= 64 {
            self.out.extend_from_slice(&low_word(self.pending).to_le_bytes());
            self.pending >>= 64;
            self.bits -= 64;
        }
    }

    pub(crate) fn finish(self) {
        let bytes = low_word(self.pending).to_le_bytes();
        self.out.extend_from_slice(&bytes[..self.bits.div_ceil(8) as usize]);
    }
}

/// Reads what [`BitWriter`] wrote.
pub(crate) struct BitReader<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// How many bytes of the packed part are not read yet.
    bytes: usize,
    pending: u128,
    bits: u32,
}

impl<'r, 'a> BitReader<'r, 'a> {
    /// A reader of so many bytes: those of all numbers that will be taken.
    pub(crate) const fn new(reader: &'r mut Reader<'a>, bytes: usize) -> Self {
        Self { reader, bytes, pending: 0, bits: 0 }
    }

    /// Reads a number of `width` bits.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`].
    pub(crate) fn take(&mut self, width: u32) -> Result<u64, DecodeError> {
        while self.bits < width {
            // A byte at a time near the end: what follows is not for us.
            let (read, len) = match self.bytes {
                8.. => (u64::from_le_bytes(self.reader.array()?), 8),
                _ => (u64::from(self.reader.byte()?), 1),
            };
            self.pending |= u128::from(read) << self.bits;
            self.bits += 8 * len;
            self.bytes = self.bytes.saturating_sub(len as usize);
        }
        let value = low_word(self.pending) & mask(width);
        self.pending >>= width;
        self.bits -= width;
        Ok(value)
    }

    /// Ends on a whole byte.
    ///
    /// # Errors
    /// [`DecodeError::NotCanonical`] where a bit that is left over is set.
    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.pending == 0 {
            return Ok(());
        }
        let at = self.reader.position() - 1;
        Err(DecodeError::NotCanonical { at, rule: "bits left over in the last byte are zero" })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is asked for")]
const fn low_word(pending: u128) -> u64 {
    pending as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_of_any_width_come_back(
            numbers in proptest::collection::vec((any::<u64>(), 0..=64_u32), 0..40),
        ) {
            let numbers: Vec<_> = numbers.into_iter().map(|(v, w)| (v & mask(w), w)).collect();
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            numbers.iter().for_each(|(v, w)| writer.put(*v, *w));
            writer.finish();
            let total: u32 = numbers.iter().map(|(_, w)| w).sum();
            prop_assert_eq!(out.len(), total.div_ceil(8) as usize);
            let mut reader = Reader::new(&out);
            let mut bits = BitReader::new(&mut reader, out.len());
            for (value, width) in numbers {
                prop_assert!(width >= super::width(value));
                prop_assert_eq!(bits.take(width), Ok(value));
            }
            prop_assert_eq!(bits.finish(), Ok(()));
            prop_assert_eq!(reader.finish(), Ok(()));
        }
    }
}
