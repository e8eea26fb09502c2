//! Vectors of counters under the entrywise order: the two loops that all
//! vector-shaped clocks spend their time in.
//!
//! Both are branch-free inside blocks, so that the compiler can turn them into
//! vector instructions.

use causal_clock::CounterOverflow;

use crate::Error;

/// How many counters are looked at between two chances to stop.
const BLOCK: usize = 16;

/// Whether `left ≤ right` and whether `right ≤ left`, entrywise. Both slices
/// are of the same length.
pub(crate) fn leq_both(left: &[u64], right: &[u64]) -> (bool, bool) {
    debug_assert_eq!(left.len(), right.len());
    let (mut some_greater, mut some_less) = (false, false);
    for (left, right) in left.chunks(BLOCK).zip(right.chunks(BLOCK)) {
        for (l, r) in left.iter().zip(right) {
            some_greater |= l > r;
            some_less |= l < r;
        }
        if some_greater && some_less {
            break;
        }
    }
    (!some_greater, !some_less)
}

/// Raises each counter to at least that of the other vector, of the same
/// length.
pub(crate) fn merge_max(into: &mut [u64], from: &[u64]) {
    debug_assert_eq!(into.len(), from.len());
    for (mine, theirs) in into.iter_mut().zip(from) {
        *mine = (*mine).max(*theirs);
    }
}

/// As [`merge_max`], and to at least `floor`, in one pass.
pub(crate) fn merge_max_from(floor: u64, into: &mut [u64], from: &[u64]) {
    debug_assert_eq!(into.len(), from.len());
    for (mine, theirs) in into.iter_mut().zip(from) {
        *mine = (*mine).max(*theirs).max(floor);
    }
}

/// Raises each counter to at least `floor`.
pub(crate) fn raise(counters: &mut [u64], floor: u64) {
    for counter in counters {
        *counter = (*counter).max(floor);
    }
}

/// Refuses vectors of different sizes, which are of different schemes.
pub(crate) const fn check_size(ours: &[u64], theirs: &[u64]) -> Result<(), Error> {
    if ours.len() == theirs.len() {
        Ok(())
    } else {
        Err(Error::DifferentSize { ours: ours.len(), theirs: theirs.len() })
    }
}

/// The counter after this one.
pub(crate) fn next(counter: u64) -> Result<u64, CounterOverflow> {
    counter.checked_add(1).ok_or(CounterOverflow { counter })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leq_both_is_what_it_says(pairs in vec((0..3_u64, 0..3_u64), 0..70)) {
            let (left, right): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            let left_leq_right = pairs.iter().all(|(l, r)| l <= r);
            let right_leq_left = pairs.iter().all(|(l, r)| r <= l);
            prop_assert_eq!(leq_both(&left, &right), (left_leq_right, right_leq_left));
        }

        #[test]
        fn merge_max_is_the_least_upper_bound(pairs in vec((0..9_u64, 0..9_u64), 0..70)) {
            let (mut left, right): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            merge_max(&mut left, &right);
            let expected: Vec<u64> = pairs.iter().map(|(l, r)| *l.max(r)).collect();
            prop_assert_eq!(left, expected);
        }

        #[test]
        fn merging_from_a_floor_is_merging_and_raising(
            pairs in vec((0..9_u64, 0..9_u64), 0..70),
            floor in 0..9_u64,
        ) {
            let (mut left, right): (Vec<u64>, Vec<u64>) = pairs.iter().copied().unzip();
            let mut expected = left.clone();
            merge_max(&mut expected, &right);
            raise(&mut expected, floor);
            merge_max_from(floor, &mut left, &right);
            prop_assert_eq!(left, expected);
        }
    }
}
