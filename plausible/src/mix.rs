//! A 64-bit mixer, for choices that should look random and be the same
//! everywhere.

/// Mixes all bits of `x` into all bits of the result: the output function of
/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014). A bijection.
pub(crate) const fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The next state of the same generator's counter.
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number below `n` from 64 random bits, by their high part (Lemire, "Fast
/// random integer generation in an interval", ACM TOMACS 29(1), 2019, without
/// the rejection: the bias is below n / 2^64).
pub(crate) fn below(random: u64, n: usize) -> usize {
    let product = u128::from(random) * n as u128;
    #[expect(clippy::cast_possible_truncation, reason = "less than n")]
    let number = (product >> 64) as usize;
    number
}
