//! Strings of bits, the most significant bit of a byte first.

use alloc::vec::Vec;

use causal_clock::DecodeError;

/// What bits are written to.
pub(crate) trait BitSink {
    /// Takes the lowest `count` bits of `bits`, the others being 0; 32 at
    /// most.
    fn put(&mut self, bits: u32, count: u32);
}

/// Only counts.
pub(crate) struct BitCount(pub(crate) usize);

impl BitSink for BitCount {
    fn put(&mut self, _: u32, count: u32) {
        self.0 += count as usize;
    }
}

/// Appends to bytes.
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Its lowest `pending` bits are still to be written: less than 32.
    buffer: u64,
    pending: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, buffer: 0, pending: 0 }
    }

    /// Writes what is left, filled up with zeros to a byte.
    pub(crate) fn finish(self) {
        let bytes = (self.buffer << (64 - self.pending.max(1))).to_be_bytes();
        self.out.extend_from_slice(&bytes[..self.pending.div_ceil(8) as usize]);
    }
}

impl BitSink for BitWriter<'_> {
    fn put(&mut self, bits: u32, count: u32) {
        self.buffer = self.buffer << count | u64::from(bits);
        self.pending += count;
        if self.pending >= 32 {
            self.pending -= 32;
            let word = (self.buffer >> self.pending) & u64::from(u32::MAX);
            self.out.extend_from_slice(&word.to_be_bytes()[4..]);
        }
    }
}

/// Reads bits from the front of bytes.
#[derive(Clone)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// How many bits have been read.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The byte that the next bit is in.
    pub(crate) const fn byte(&self) -> usize {
        self.at / 8
    }

    /// The next 56 bits or more, left-aligned; zeros past the end.
    fn window(&self) -> u64 {
        let rest = self.bytes.get(self.byte()..).unwrap_or(&[]);
        let word = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            word
        });
        u64::from_be_bytes(word) << (self.at % 8)
    }

    fn skip(&mut self, count: u32) -> Result<(), DecodeError> {
        self.at += count as usize;
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
