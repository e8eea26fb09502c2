//! Strings of bits, the most significant bit of a byte first.

use alloc::vec::Vec;

use causal_clock::DecodeError;

/// Appends bits to bytes; how many there will be is known beforehand.
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The byte that the next bit goes to.
    at: usize,
    /// The bits of that byte so far, left-aligned.
    pending: u64,
    /// How many they are.
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, bits: usize) -> Self {
        let at = out.len();
        // Words are written whole, so that there is no branch on their bits.
        out.resize(at + bits / 8 + 8, 0);
        Self { out, at, pending: 0, count: 0 }
    }

    /// Takes the lowest `count` bits of `bits`, the others being 0; 56 at
    /// most.
    #[inline]
    pub(crate) fn put(&mut self, bits: u64, count: u32) {
        // Two shifts, since both may be 0.
        let word = self.pending | bits << 1 << (63 - self.count - count);
        if let Some(place) = self.out.get_mut(self.at..self.at + 8) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        self.count += count;
        self.at += (self.count / 8) as usize;
        self.pending = word << (self.count & !7);
        self.count %= 8;
    }

    /// Ends with the last byte filled up with zeros.
    pub(crate) fn finish(self) {
        self.out.truncate(self.at + usize::from(self.count > 0));
    }
}

/// The bits after the first `past`, left-aligned.
#[inline]
fn shifted(word: [u8; 8], past: usize) -> u64 {
    let past = u32::try_from(past).unwrap_or(u32::MAX);
    u64::from_be_bytes(word).checked_shl(past).unwrap_or(0)
}

/// Reads bits from the front of bytes.
#[derive(Clone)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// How many bits have been read.
    at: usize,
    /// The next bits, left-aligned. They stay here until they are used up,
    /// since reading memory again takes longer than what is done with an item.
    word: u64,
    /// How many bits of the word there still are.
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, word: 0, count: 0 }
    }

    /// The byte that the next bit is in.
    pub(crate) const fn byte(&self) -> usize {
        self.at / 8
    }

    /// How many bits are left.
    pub(crate) const fn remaining(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    /// The next 16 bits or more, left-aligned; zeros past the end.
    #[inline]
    pub(crate) fn near(&mut self) -> u64 {
        if self.count < 16 { self.window() } else { self.word }
    }

    /// The next 57 bits or more, left-aligned; zeros past the end.
    #[inline]
    pub(crate) fn window(&mut self) -> u64 {
        self.count = 57;
        self.word = match self.bytes.last_chunk::<8>() {
            Some(last) => {
                // Near the end, the last eight bytes.
                let from = self.byte().min(self.bytes.len() - 8);
                let word = self.bytes[from..].first_chunk().unwrap_or(last);
                shifted(*word, self.at - 8 * from)
            }
            None => {
                let mut word = [0; 8];
                word[..self.bytes.len()].copy_from_slice(self.bytes);
                shifted(word, self.at)
            }
        };
        self.word
    }

    /// Passes over bits: as many as have been seen.
    #[inline]
    pub(crate) fn skip(&mut self, count: u32) -> Result<(), DecodeError> {
        self.at += count as usize;
        self.word <<= count;
        self.count = self.count.saturating_sub(count);
        if self.at > self.bytes.len() * 8 {
            return Err(DecodeError::UnexpectedEnd { at: self.bytes.len() });
        }
        Ok(())
    }

    /// The next `count` bits: from 1 to 56.
    pub(crate) fn take(&mut self, count: u32) -> Result<u64, DecodeError> {
        let bits = self.window() >> (64 - count);
        self.skip(count)?;
        Ok(bits)
    }

    /// How many ones come before the next zero, which is passed over, too.
    /// Gives up after more than `most`.
    pub(crate) fn ones(&mut self, most: u32) -> Result<u32, DecodeError> {
        let mut ones = 0;
        while ones <= most {
            let more = self.window().leading_ones().min(56);
            self.skip(more)?;
            ones += more;
            if more < 56 {
                self.skip(1)?;
                break;
            }
        }
        Ok(ones)
    }

    /// Ends the reading: less than a byte is left, all of it zeros.
    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        let used = self.at.div_ceil(8);
        if used < self.bytes.len() {
            return Err(DecodeError::TrailingBytes { count: self.bytes.len() - used });
        }
        if !self.at.is_multiple_of(8) && self.bytes[used - 1] << (self.at % 8) != 0 {
            let rule = "the last byte is filled up with zeros";
            return Err(DecodeError::NotCanonical { at: used - 1, rule });
        }
        Ok(())
    }
}
