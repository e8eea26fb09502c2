//! The counters of a vector, in 32 bits for as long as all of them fit.
//!
//! Half of the width is half of the memory and twice as many at a time. One
//! counter of 2³¹ or more makes the whole row wide, and counters never shrink.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use super::row::Row;

/// Counters by rank, each at most [`MAX_COUNTER`](crate::MAX_COUNTER).
#[derive(Clone, Debug)]
pub(super) enum Counters {
    /// None is over 2³¹ − 1.
    Narrow(Row<i32>),
    /// One is.
    Wide(Row<i64>),
}

/// Does the same to two rows of one type: narrow ones as they are, others as
/// wide ones.
macro_rules! with_both {
    ($left:expr, $right:expr, |$l:ident, $r:ident| $body:expr) => {
        match ($left, $right) {
            (Counters::Narrow($l), Counters::Narrow($r)) => $body,
            (left, right) => {
                let (left, right) = (left.widened(), right.widened());
                let ($l, $r) = (&*left, &*right);
                $body
            }
        }
    };
}

impl Counters {
    pub(super) fn new(values: &[u64]) -> Self {
        let narrow: Result<Vec<_>, _> = values.iter().map(|v| i32::try_from(*v)).collect();
        match narrow {
            Ok(values) => Self::Narrow(Row::new(&values)),
            Err(_) => Self::Wide(Row::new(&values.iter().map(|v| wide(*v)).collect::<Vec<_>>())),
        }
    }

    pub(super) fn widened(&self) -> Cow<'_, Row<i64>> {
        match self {
            Self::Narrow(row) => {
                Cow::Owned(Row::new(&row.iter().map(i64::from).collect::<Vec<_>>()))
            }
            Self::Wide(row) => Cow::Borrowed(row),
        }
    }

    pub(super) fn get(&self, rank: usize) -> u64 {
        match self {
            Self::Narrow(row) => row.get(rank).unsigned_abs().into(),
            Self::Wide(row) => row.get(rank).unsigned_abs(),
        }
    }

    pub(super) fn set(&mut self, rank: usize, counter: u64) {
        match (&mut *self, i32::try_from(counter)) {
            (Self::Narrow(row), Ok(counter)) => row.set(rank, counter),
            (Self::Wide(row), _) => row.set(rank, wide(counter)),
            (Self::Narrow(_), Err(_)) => {
                let mut row = self.widened().into_owned();
                row.set(rank, wide(counter));
                *self = Self::Wide(row);
            }
        }
    }

    /// With one counter more, at this rank.
    pub(super) fn inserted(self, rank: usize, counter: u64) -> Self {
        match (self, i32::try_from(counter)) {
            (Self::Narrow(row), Ok(counter)) => Self::Narrow(row.inserted(rank, counter)),
            (counters, _) => {
                Self::Wide(counters.widened().into_owned().inserted(rank, wide(counter)))
            }
        }
    }

    /// In the order of their ranks.
    pub(super) fn to_vec(&self) -> Vec<u64> {
        match self {
            Self::Narrow(row) => row.contiguous().iter().map(|n| n.unsigned_abs().into()).collect(),
            Self::Wide(row) => row.contiguous().iter().map(|n| n.unsigned_abs()).collect(),
        }
    }

    /// In the order of their ranks.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        let (narrow, wide) = match self {
            Self::Narrow(row) => (Some(row.iter()), None),
            Self::Wide(row) => (None, Some(row.iter())),
        };
        let narrow = narrow.into_iter().flatten().map(|n| u64::from(n.unsigned_abs()));
        narrow.chain(wide.into_iter().flatten().map(i64::unsigned_abs))
    }

    /// Raises each counter to the other's of the same rank. Both are of one
    /// length.
    pub(super) fn merge(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Narrow(mine), Self::Narrow(theirs)) => mine.merge(theirs),
            (Self::Wide(mine), theirs) => mine.merge(&theirs.widened()),
            (Self::Narrow(_), Self::Wide(theirs)) => {
                let mut mine = self.widened().into_owned();
                mine.merge(theirs);
                *self = Self::Wide(mine);
            }
        }
    }

    /// Raises the counter of each rank to the other's beside it. The ranks
    /// ascend.
    pub(super) fn merge_at(&mut self, ranks: &[usize], other: &Self) {
        match (&mut *self, other) {
            (Self::Narrow(mine), Self::Narrow(theirs)) => {
                mine.merge_at(ranks, &theirs.contiguous());
            }
            (Self::Wide(mine), theirs) => mine.merge_at(ranks, &theirs.widened().contiguous()),
            (Self::Narrow(_), Self::Wide(theirs)) => {
                let mut mine = self.widened().into_owned();
                mine.merge_at(ranks, &theirs.contiguous());
                *self = Self::Wide(mine);
            }
        }
    }

    /// Whether each counter of the other is at most the one of the rank beside
    /// it. The ranks ascend.
    pub(super) fn covers_at(&self, ranks: &[usize], other: &Self) -> bool {
        with_both!(self, other, |mine, theirs| mine.covers_at(ranks, &theirs.contiguous()))
    }

    /// Whether each counter is at most the other's of the same rank, and at
    /// least. Both are of one length. Ends early where neither holds, or where
    /// `comparable` says of a range of ranks that neither can.
    pub(super) fn relation(
        &self,
        other: &Self,
        comparable: impl Fn(Range<usize>) -> bool,
    ) -> (bool, bool) {
        match (self, other) {
            (Self::Narrow(mine), Self::Narrow(theirs)) => mine.relation(theirs, comparable),
            _ => self.relation_of_wide(other, comparable),
        }
    }

    /// Apart, so that it does not weigh on the other.
    #[cold]
    #[inline(never)]
    fn relation_of_wide(
        &self,
        other: &Self,
        comparable: impl Fn(Range<usize>) -> bool,
    ) -> (bool, bool) {
        self.widened().relation(&other.widened(), comparable)
    }

    /// The ranks of the counters that are larger than the other's. Both are of
    /// one length.
    pub(super) fn larger(&self, other: &Self) -> Vec<usize> {
        with_both!(self, other, |mine, theirs| mine.larger(theirs).collect())
    }
}

impl From<Row<i32>> for Counters {
    fn from(row: Row<i32>) -> Self {
        Self::Narrow(row)
    }
}

impl From<Row<i64>> for Counters {
    fn from(row: Row<i64>) -> Self {
        Self::Wide(row)
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self::new(&[])
    }
}

/// A counter as a signed number. None is too large to be one.
fn wide(counter: u64) -> i64 {
    i64::try_from(counter).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    /// Ten thousand stamps of 1,024 entries, of which each differs from the one
    /// before by an entry, against 82 MB of counters copied. Their ids, which are
    /// one allocation for all, are left out.
    #[test]
    fn ten_thousand_stamps_take_an_eighth_of_their_counters() {
        let mut counters = Counters::new(&[1; 1024]);
        let mut stamps = Vec::with_capacity(10_000);
        for i in 0..10_000 {
            let rank = i * 37 % 1024;
            counters.set(rank, counters.get(rank) + 1);
            stamps.push(counters.clone());
        }
        let rows = || {
            stamps.iter().map(|stamp| match stamp {
                Counters::Narrow(row) => row,
                Counters::Wide(_) => panic!("these counters are small"),
            })
        };
        let chunks: std::collections::BTreeMap<_, _> = rows().flat_map(Row::memory).collect();
        let lists = rows().map(Row::list_memory).sum::<usize>();
        let stamps = stamps.capacity() * size_of::<crate::VectorStamp>();
        let bytes = chunks.values().sum::<usize>() + lists + stamps;
        std::eprintln!("10,000 stamps of 1,024 entries take {bytes} bytes");
        assert!(bytes < 10_000 * 8 * 1024 / 8, "{bytes}");
    }
}
