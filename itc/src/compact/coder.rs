//! The binary arithmetic coder of the compact form: integers only, so that it
//! does the same everywhere.
//!
//! The state is an interval of 64-bit numbers. Each bit takes the part of it
//! that its probability gives: a one the lower, a zero the upper. Leading
//! bytes on which both ends agree are written. In the end the interval is left
//! by the number in it that has the most zero bytes at its end, and those are
//! not written: past the end, a reader reads zeros.

use alloc::vec::Vec;

/// The probability of a one, which learns from every bit that it predicts:
/// fast at first, then slower.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance {
    /// In units of 2⁻¹⁶.
    one: u16,
    /// How many bits it is worth.
    seen: u16,
}

/// As many bits the initial chances are worth.
const CONFIDENCE: u16 = 14;
/// No chance is worth more.
const MEMORY: u16 = 120;

impl Chance {
    /// An initial chance, in units of 1/256.
    pub(crate) const fn new(one: u8) -> Self {
        Self { one: (one as u16) << 8 | 128, seen: CONFIDENCE }
    }

    #[cfg(test)]
    pub(super) const ZERO: Self = Self { one: 0, seen: 0 };

    /// Counts in place of learning.
    #[cfg(test)]
    pub(super) fn count(&mut self, bit: bool) {
        if self.seen < u16::MAX {
            self.one += u16::from(bit);
            self.seen += 1;
        }
    }

    /// The ones and all bits counted.
    #[cfg(test)]
    pub(super) fn counted(self) -> (f64, f64) {
        (self.one.into(), self.seen.into())
    }

    fn learn(&mut self, bit: bool) {
        let divisor = self.seen + 2;
        if bit {
            self.one += (u16::MAX - self.one) / divisor;
        } else {
            self.one -= self.one / divisor;
        }
        // Neither a one nor a zero is ever impossible.
        self.one = self.one.clamp(64, u16::MAX - 64);
        self.seen = (self.seen + 1).min(MEMORY);
    }
}

/// The interval, common to both directions.
#[derive(Clone, Copy, Debug)]
struct Interval {
    low: u64,
    high: u64,
}

impl Interval {
    /// Where all compact forms lie that begin with the bits `10`.
    const FIRST: Self = Self { low: 0b10 << 62, high: (0b11 << 62) - 1 };

    /// The last number of the part of a one.
    fn middle(self, chance: Chance) -> u64 {
        let range = self.high - self.low;
        // Never all of it, since a chance is less than 1.
        self.low
            + (range >> 16) * u64::from(chance.one)
            + (((range & 0xffff) * u64::from(chance.one)) >> 16)
    }

    fn narrow(&mut self, middle: u64, bit: bool) {
        if bit {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
    }

    /// Shifts out a leading byte on which both ends agree.
    fn shift(&mut self) -> Option<u8> {
        let byte = self.low >> 56;
        if byte != self.high >> 56 {
            return None;
        }
        self.low <<= 8;
        self.high = self.high << 8 | 0xff;
        Some(byte as u8)
    }
}

/// Codes bits, in one direction or the other, so that one description of a
/// model does for both.
pub(crate) trait Coder {
    /// Writes the bit and gives it back, or ignores it and gives the one that
    /// is read.
    fn code(&mut self, chance: &mut Chance, bit: bool) -> bool;
}

/// Writes.
pub(crate) struct Encoder<'a> {
    interval: Interval,
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { interval: Interval::FIRST, out, start }
    }

    pub(crate) fn finish(self) {
        let Interval { low, high } = self.interval;
        for bytes in 0..=8_u32 {
            // The first number from `low` on that ends with zeros.
            let zeros = u64::MAX.checked_shr(8 * bytes).unwrap_or(0);
            let end = low.checked_add(zeros).map(|n| n & !zeros);
            if let Some(end) = end.filter(|end| (low..=high).contains(end)) {
                self.out.extend_from_slice(&end.to_be_bytes()[..bytes as usize]);
                break;
            }
        }
        while self.out.len() > self.start && self.out.last() == Some(&0) {
            self.out.pop();
        }
    }
}

impl Coder for Encoder<'_> {
    fn code(&mut self, chance: &mut Chance, bit: bool) -> bool {
        self.interval.narrow(self.interval.middle(*chance), bit);
        while let Some(byte) = self.interval.shift() {
            self.out.push(byte);
        }
        chance.learn(bit);
        bit
    }
}

/// Reads.
pub(crate) struct Decoder<'a> {
    interval: Interval,
    /// The number that the bytes say, as far as the interval has come.
    number: u64,
    bytes: core::slice::Iter<'a, u8>,
    len: usize,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder =
            Self { interval: Interval::FIRST, number: 0, bytes: bytes.iter(), len: bytes.len() };
        (0..8).for_each(|_| decoder.next_byte());
        decoder
    }

    /// How many bytes have been read.
    pub(crate) fn byte(&self) -> usize {
        self.len - self.bytes.len()
    }

    fn next_byte(&mut self) {
        let byte = self.bytes.next().copied().unwrap_or(0);
        self.number = self.number << 8 | u64::from(byte);
    }
}

impl Coder for Decoder<'_> {
    fn code(&mut self, chance: &mut Chance, _: bool) -> bool {
        let middle = self.interval.middle(*chance);
        let bit = self.number <= middle;
        self.interval.narrow(middle, bit);
        while self.interval.shift().is_some() {
            self.next_byte();
        }
        chance.learn(bit);
        bit
    }
}
