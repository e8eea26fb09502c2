//! Counters in few bits: their differences from the smallest, Rice coded.
//!
//! The counters of one stamp are alike, so most of a stamp of fixed-width
//! counters would be repetition. A Rice code (Rice and Plaunt, "Adaptive
//! variable-length coding for efficient compression of spacecraft television
//! data", IEEE Trans. Communication Technology 19(6), 1971) with parameter
//! *k* writes a number as its part above *k* bits in unary, and the *k* bits.
//! Here *k* follows from the counters, so that there is one encoding only:
//! the largest with `2^k ≤ mean difference`, or 0 where the mean is below 1.
//! An entry then takes less than k + 3 bits on average.
//!
//! | field | size |
//! |---|---|
//! | number of counters, 1 to 65,535 | varint |
//! | the smallest counter | varint |
//! | k, at most 63 | byte |
//! | for each counter, `d = counter − smallest`: `d >> k` one bits and a zero bit, then the low `k` bits of `d`, least significant first | bits |
//! | zero bits up to a whole byte | bits |
//!
//! Bits fill bytes from the least significant one.

use alloc::boxed::Box;
use alloc::vec::Vec;

use causal_clock::wire::{DecodeError, Reader, put_varint, varint_len};

use crate::bits::{BitReader, BitWriter};

/// The Rice parameter for `count` differences that sum to `sum`.
fn rice_parameter(sum: u128, count: usize) -> u32 {
    let mean = sum / count.max(1) as u128;
    // The mean of 64-bit numbers has at most 64 bits.
    mean.checked_ilog2().unwrap_or(0)
}

fn smallest(counters: &[u64]) -> u64 {
    counters.iter().copied().min().unwrap_or(0)
}

fn parameter(counters: &[u64], base: u64) -> u32 {
    let sum = counters.iter().map(|c| u128::from(c - base)).sum();
    rice_parameter(sum, counters.len())
}

/// Appends the packed counters.
pub(crate) fn put_counters(out: &mut Vec<u8>, counters: &[u64]) {
    put_varint(out, counters.len() as u64);
    put_values(out, counters);
}

/// Appends the packed counters without their number.
pub(crate) fn put_values(out: &mut Vec<u8>, counters: &[u64]) {
    let base = smallest(counters);
    let k = parameter(counters, base);
    put_varint(out, base);
    out.push(k.to_le_bytes()[0]);
    let mut bits = BitWriter::new(out);
    for counter in counters {
        let d = counter - base;
        bits.unary(d >> k);
        bits.bits(d, k);
    }
    bits.finish();
}

/// How many bytes [`put_counters`] appends.
pub(crate) fn counters_len(counters: &[u64]) -> usize {
    varint_len(counters.len() as u64) + values_len(counters)
}

/// How many bytes [`put_values`] appends.
pub(crate) fn values_len(counters: &[u64]) -> usize {
    let base = smallest(counters);
    let k = parameter(counters, base);
    let unary: u64 = counters.iter().map(|c| (c - base) >> k).sum();
    let bits = unary + (u64::from(k) + 1) * counters.len() as u64;
    // The unary parts sum to less than twice the number of counters.
    #[expect(clippy::cast_possible_truncation, reason = "a few bits for each counter in memory")]
    let bytes = bits.div_ceil(8) as usize;
    varint_len(base) + 1 + bytes
}

/// Reads packed counters. Takes memory for at most eight counters for each
/// byte of input.
pub(crate) fn read_counters(reader: &mut Reader<'_>) -> Result<Box<[u64]>, DecodeError> {
    let at = reader.position();
    let count = reader.varint()?;
    read_values(reader, at, count)
}

/// Reads `count` packed counters; the count was read at byte `at`.
pub(crate) fn read_values(
    reader: &mut Reader<'_>,
    at: usize,
    count: u64,
) -> Result<Box<[u64]>, DecodeError> {
    if count == 0 {
        return Err(DecodeError::Invalid { at, expected: "at least one counter" });
    }
    if count > u16::MAX.into() {
        return Err(DecodeError::Invalid { at, expected: "at most 65,535 counters" });
    }
    let base = reader.varint()?;
    let k_at = reader.position();
    let k = u32::from(reader.byte()?);
    if k > 63 {
        return Err(DecodeError::Invalid { at: k_at, expected: "a Rice parameter of at most 63" });
    }
    // Every counter takes a bit at least.
    let room = reader.remaining();
    let count = match usize::try_from(count) {
        Ok(n) if n.div_ceil(8) <= room => n,
        _ => return Err(DecodeError::CountTooLarge { at, count, room }),
    };
    let mut bits = BitReader::new(reader);
    let (mut counters, mut sum, mut min) = (Vec::with_capacity(count), 0_u128, u64::MAX);
    for _ in 0..count {
        let start = bits.position();
        let too_large = DecodeError::NumberTooLarge { at: start };
        let high = bits.unary()?;
        if high > u64::MAX >> k {
            return Err(too_large);
        }
        let d = high << k | bits.bits(k)?;
        counters.push(base.checked_add(d).ok_or(too_large)?);
        sum += u128::from(d);
        min = min.min(d);
    }
    bits.finish()?;
    if min != 0 {
        return Err(DecodeError::NotCanonical { at, rule: "the base is the smallest counter" });
    }
    if k != rice_parameter(sum, count) {
        let rule = "the Rice parameter follows from the counters";
        return Err(DecodeError::NotCanonical { at: k_at, rule });
    }
    Ok(counters.into_boxed_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Box<[u64]>, DecodeError> {
        let mut reader = Reader::new(bytes);
        let counters = read_counters(&mut reader)?;
        reader.finish()?;
        Ok(counters)
    }

    #[test]
    fn frozen() {
        let cases: [(&[u64], &[u8]); 6] = [
            (&[0], &[1, 0, 0, 0]),
            (&[300], &[1, 0xac, 2, 0, 0]),
            // Differences 0, 1, 0, 2 of mean 0: 0, 10, 0, 110.
            (&[5, 6, 5, 7], &[4, 5, 0, 0b0011_0010]),
            // Differences 0, 8, 4 of mean 4, k = 2: 0 00, 110 00, 10 00.
            (&[1, 9, 5], &[3, 1, 2, 0b0001_1000, 0b0000_0001]),
            // Differences 0 and 2^64 − 1, k = 62: 0 and 62 zeros, 1110 and 62 ones.
            (
                &[0, u64::MAX],
                &[
                    2, 0, 62, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                    0xff, 0x01,
                ],
            ),
            (&[u64::MAX], &[1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0]),
        ];
        for (counters, bytes) in cases {
            let mut out = Vec::new();
            put_counters(&mut out, counters);
            assert_eq!(out, bytes, "{counters:?}");
            assert_eq!(out.len(), counters_len(counters), "{counters:?}");
            assert_eq!(read(bytes).as_deref(), Ok(counters));
        }
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        use DecodeError::{CountTooLarge, Invalid, NotCanonical, TrailingBytes, UnexpectedEnd};
        let padding = NotCanonical { at: 3, rule: "unused bits are zero" };
        let base = NotCanonical { at: 0, rule: "the base is the smallest counter" };
        let rice = NotCanonical { at: 2, rule: "the Rice parameter follows from the counters" };
        assert!(matches!(read(&[0, 0, 0]), Err(Invalid { at: 0, .. })));
        assert!(matches!(read(&[1, 0, 64, 0]), Err(Invalid { at: 2, .. })));
        assert_eq!(read(&[1, 0, 0, 2]), Err(padding));
        assert_eq!(read(&[1, 0, 0, 1]), Err(base));
        assert_eq!(read(&[1, 0, 1, 0]), Err(rice));
        assert_eq!(read(&[1, 0, 0, 0, 0]), Err(TrailingBytes { count: 1 }));
        assert_eq!(read(&[9, 0, 0, 0]), Err(CountTooLarge { at: 0, count: 9, room: 1 }));
        // No scheme has so many, though there be bytes enough.
        let many = [&[0x80, 0x80, 4, 0, 0][..], &[0; 1 << 13]].concat();
        assert_eq!(read(&many), Err(Invalid { at: 0, expected: "at most 65,535 counters" }));
        let most = [&[0xff, 0xff, 3, 0, 0][..], &[0; 1 << 13]].concat();
        assert_eq!(read(&most).map(|counters| counters.len()), Ok(65_535));
        assert_eq!(read(&[2, 0, 0, 0xfe]), Err(UnexpectedEnd { at: 4 }));
        let too_large = DecodeError::NumberTooLarge { at: 12 };
        let max = [2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 2];
        assert_eq!(read(&max), Err(too_large));
    }

    proptest! {
        #[test]
        fn round_trips(mut counters in vec(any::<u64>(), 1..40), shift in 0..64_u32) {
            counters.iter_mut().for_each(|c| *c >>= shift);
            let mut out = Vec::new();
            put_counters(&mut out, &counters);
            prop_assert_eq!(out.len(), counters_len(&counters));
            prop_assert_eq!(read(&out), Ok(counters.into_boxed_slice()));
        }

        #[test]
        fn reads_only_what_it_writes(bytes in vec(any::<u8>(), 0..24)) {
            if let Ok(counters) = read(&bytes) {
                let mut out = Vec::new();
                put_counters(&mut out, &counters);
                prop_assert_eq!(out, bytes);
            }
        }

        #[test]
        fn takes_few_bits(mut counters in vec(any::<u64>(), 1..40), shift in 0..64_u32) {
            counters.iter_mut().for_each(|c| *c >>= shift);
            let base = counters.iter().copied().min().unwrap_or(0);
            let mean = counters.iter().map(|c| u128::from(c - base)).sum::<u128>()
                / counters.len() as u128;
            let bits = counters.len() * (mean.max(1).ilog2() as usize + 3);
            prop_assert!(counters_len(&counters) <= 12 + bits.div_ceil(8));
        }
    }
}
