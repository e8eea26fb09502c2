//! Vectors of counters of any power of two in length, as steps of one
//! function: entry *i* of *n* tells the value at *i*, *i* + *n*, *i* + 2*n*
//! and so on.

use alloc::boxed::Box;
use alloc::vec;

use crate::counters::{leq_both, merge_max};

/// Whether one vector is at most the other: the shorter against each part of
/// the longer that is of its length.
pub(crate) fn leq(left: &[u64], right: &[u64]) -> bool {
    if left.len() <= right.len() {
        right.chunks(left.len()).all(|right| leq_both(left, right).0)
    } else {
        left.chunks(right.len()).all(|left| leq_both(left, right).0)
    }
}

/// Raises a vector to the least of its length that is at least the other.
pub(crate) fn raise(into: &mut [u64], from: &[u64]) {
    if into.len() <= from.len() {
        let len = into.len();
        from.chunks(len).for_each(|from| merge_max(into, from));
    } else {
        into.chunks_mut(from.len()).for_each(|into| merge_max(into, from));
    }
}

/// The least vector of `len` counters that is at least this one.
pub(crate) fn resized(counters: &[u64], len: usize) -> Box<[u64]> {
    let mut resized = vec![0; len].into_boxed_slice();
    raise(&mut resized, counters);
    resized
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// What a vector says of an entry, however finely it is told.
    pub(crate) fn at(counters: &[u64], i: usize) -> u64 {
        counters[i % counters.len()]
    }

    /// A vector of 1 to 16 counters.
    pub(crate) fn vector() -> impl Strategy<Value = Vec<u64>> {
        (0..5_u32).prop_flat_map(|exponent| vec(0..3_u64, 1 << exponent))
    }

    proptest! {
        #[test]
        fn leq_is_pointwise(left in vector(), right in vector()) {
            let pointwise = (0..16).all(|i| at(&left, i) <= at(&right, i));
            prop_assert_eq!(leq(&left, &right), pointwise);
        }

        #[test]
        fn raise_is_the_least_at_that_size(mut left in vector(), right in vector()) {
            let before = left.clone();
            raise(&mut left, &right);
            for (i, counter) in left.iter().enumerate() {
                let covered = (i..16).step_by(left.len()).map(|i| at(&right, i));
                prop_assert_eq!(Some(*counter), covered.chain([before[i]]).max());
            }
        }

        #[test]
        fn growing_loses_nothing(counters in vector(), exponent in 4..7_u32) {
            let grown = resized(&counters, 1 << exponent);
            prop_assert!((0..64).all(|i| at(&grown, i) == at(&counters, i)));
        }
    }
}
