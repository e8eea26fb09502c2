//! Single bits in bytes, from the least significant one.

use alloc::vec::Vec;

use causal_clock::wire::{DecodeError, Reader};

/// Appends bits to bytes.
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Bits not yet written, fewer than eight between calls.
    held: u128,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) const fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, held: 0, count: 0 }
    }

    /// The low `count` bits of `value`, at most 64.
    pub(crate) fn bits(&mut self, value: u64, count: u32) {
        let value = u128::from(value) & ((1 << count) - 1);
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.out.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// `ones` one bits and a zero bit.
    pub(crate) fn unary(&mut self, mut ones: u64) {
        while ones >= 64 {
            self.bits(u64::MAX, 64);
            ones -= 64;
        }
        // Fewer than 64 ones and a zero fit 64 bits.
        let ones = u32::from(ones.to_le_bytes()[0]);
        self.bits((1 << ones) - 1, ones + 1);
    }

    /// Fills the last byte with zero bits.
    pub(crate) fn finish(self) {
        if self.count > 0 {
            self.out.push(self.held.to_le_bytes()[0]);
        }
    }
}

/// Takes bits from bytes.
pub(crate) struct BitReader<'r, 'a> {
    reader: &'r mut Reader<'a>,
    held: u8,
    count: u32,
}

impl<'r, 'a> BitReader<'r, 'a> {
    pub(crate) const fn new(reader: &'r mut Reader<'a>) -> Self {
        Self { reader, held: 0, count: 0 }
    }

    /// The position of the byte that holds the next bit.
    pub(crate) const fn position(&self) -> usize {
        self.reader.position() - (self.count > 0) as usize
    }

    fn fill(&mut self) -> Result<(), DecodeError> {
        if self.count == 0 {
            self.held = self.reader.byte()?;
            self.count = 8;
        }
        Ok(())
    }

    /// The next `count` bits, at most 64.
    pub(crate) fn bits(&mut self, count: u32) -> Result<u64, DecodeError> {
        let (mut value, mut got) = (0_u64, 0);
        while got < count {
            self.fill()?;
            let take = (count - got).min(self.count);
            let low = u16::from(self.held) & ((1 << take) - 1);
            value |= u64::from(low) << got;
            self.drop(take);
            got += take;
        }
        Ok(value)
    }

    fn drop(&mut self, count: u32) {
        self.held = self.held.checked_shr(count).unwrap_or(0);
        self.count -= count;
    }

    /// How many one bits stand before the next zero bit, which is taken too.
    pub(crate) fn unary(&mut self) -> Result<u64, DecodeError> {
        let mut ones = 0_u64;
        loop {
            self.fill()?;
            let run = self.held.trailing_ones().min(self.count);
            ones += u64::from(run);
            if run < self.count {
                self.drop(run + 1);
                return Ok(ones);
            }
            self.count = 0;
        }
    }

    /// Ends at a whole byte.
    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.held != 0 && self.count > 0 {
            let at = self.position();
            return Err(DecodeError::NotCanonical { at, rule: "unused bits are zero" });
        }
        Ok(())
    }
}
