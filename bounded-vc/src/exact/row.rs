//! A row of numbers in shared chunks.
//!
//! Stamps that follow one another differ in few entries. The row is cut into
//! chunks that stamps share until one of them changes: a persistent array of
//! depth two; a few numbers are kept in place. Comparing skips what is the same memory; merging changes in
//! place what nobody else holds, and takes over the other side's chunk where
//! it would have to copy its own and the other is ahead throughout.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{BitOr, Range, Sub};
use core::ptr;

use smallvec::SmallVec;

use super::few::{Few, Item};

/// How many numbers share a chunk. Smaller chunks share more, and cost more
/// pointers and more counting of references.
pub(super) const CHUNK: usize = 128;

/// How many numbers are looked at between two tests for an early end.
const BLOCK: usize = 32;

/// A signed type of which only the numbers from zero on are used: so the sign
/// of a difference tells which of two is larger, and no difference overflows.
/// That is what lets a plain x86-64 build compare several at a time.
pub(super) trait Number: Item + Ord + Sub<Output = Self> + BitOr<Output = Self> {}

impl Number for i32 {}
impl Number for i64 {}

type Chunk<T> = Arc<[T]>;

/// Numbers by rank. A row that has room in place is there.
#[derive(Clone, Debug)]
pub(super) enum Row<T: Number> {
    Few(Few<T>),
    /// All chunks but the last are full; up to one chunk needs no further
    /// memory.
    Many(SmallVec<[Chunk<T>; 1]>),
}

impl<T: Number> Row<T> {
    pub(super) fn new(values: &[T]) -> Self {
        let many = || Self::Many(values.chunks(CHUNK).map(Chunk::from).collect());
        Few::new(values).map_or_else(many, Self::Few)
    }

    /// The first so many values; all after them are zero.
    #[inline]
    pub(super) fn of_padded(values: &[T], len: usize) -> Self {
        Few::of_padded(values, len).map_or_else(|| Self::new(&values[..len]), Self::Few)
    }

    /// Its chunks, if it has any.
    fn chunks(&self) -> &[Chunk<T>] {
        match self {
            Self::Few(_) => &[],
            Self::Many(chunks) => chunks,
        }
    }

    /// Its numbers piece by piece.
    fn pieces(&self) -> impl Iterator<Item = &[T]> {
        let few = if let Self::Few(few) = self { Some(&**few) } else { None };
        few.into_iter().chain(self.chunks().iter().map(|chunk| &**chunk))
    }

    pub(super) fn get(&self, rank: usize) -> T {
        match self {
            Self::Few(few) => few[rank],
            Self::Many(chunks) => chunks[rank / CHUNK][rank % CHUNK],
        }
    }

    pub(super) fn set(&mut self, rank: usize, value: T) {
        match self {
            Self::Few(few) => few[rank] = value,
            Self::Many(chunks) => Arc::make_mut(&mut chunks[rank / CHUNK])[rank % CHUNK] = value,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> {
        self.pieces().flat_map(|piece| piece.iter().copied())
    }

    /// All in one piece: what is in one piece already is not copied.
    pub(super) fn contiguous(&self) -> Cow<'_, [T]> {
        match self {
            Self::Few(few) => Cow::Borrowed(few),
            Self::Many(chunks) => match chunks.as_slice() {
                [only] => Cow::Borrowed(only),
                chunks => Cow::Owned(chunks.concat()),
            },
        }
    }

    pub(super) fn append_to(&self, numbers: &mut Vec<T>) {
        self.pieces().for_each(|piece| numbers.extend_from_slice(piece));
    }

    /// Other values in its place, in its memory where nobody else holds it;
    /// chunks that stay the same stay where they are.
    pub(super) fn refilled(self, values: &[T]) -> Self {
        let (Self::Many(mut chunks), None) = (self, Few::new(values)) else {
            return Self::new(values);
        };
        chunks.truncate(values.len().div_ceil(CHUNK));
        let mut pieces = values.chunks(CHUNK);
        for (chunk, values) in chunks.iter_mut().zip(&mut pieces) {
            if **chunk == *values {
                continue;
            }
            match Arc::get_mut(chunk) {
                Some(mine) if mine.len() == values.len() => mine.copy_from_slice(values),
                _ => *chunk = values.into(),
            }
        }
        chunks.extend(pieces.map(Chunk::from));
        Self::Many(chunks)
    }

    /// With one number more, at this rank.
    pub(super) fn inserted(self, rank: usize, value: T) -> Self {
        let mut values = Vec::with_capacity(self.pieces().map(<[T]>::len).sum::<usize>() + 1);
        self.append_to(&mut values);
        values.insert(rank, value);
        self.refilled(&values)
    }

    /// Raises each number to the other's of the same rank. Both rows are of
    /// one length.
    pub(super) fn merge(&mut self, other: &Self) {
        let chunks = match self {
            Self::Few(mine) => return raise(mine, &other.contiguous()),
            Self::Many(mine) => mine.iter_mut().zip(other.chunks()),
        };
        for (mine, theirs) in chunks {
            if Arc::ptr_eq(mine, theirs) {
                continue;
            }
            if Arc::strong_count(mine) == 1
                && let Some(mine) = Arc::get_mut(mine)
            {
                raise(mine, theirs);
            } else if all_at_most(mine, theirs) {
                mine.clone_from(theirs);
            } else if !all_at_most(theirs, mine) {
                *mine = mine.iter().zip(theirs.iter()).map(|(l, r)| *l.max(r)).collect();
            }
        }
    }

    /// Raises the number of each rank to the value beside it. The ranks ascend.
    pub(super) fn merge_at(&mut self, mut ranks: &[usize], mut values: &[T]) {
        let chunks = match self {
            Self::Few(few) => return raise_at(ranks, values, 0, few),
            Self::Many(chunks) => chunks.iter_mut(),
        };
        for (at, chunk) in chunks.enumerate() {
            let first = at * CHUNK;
            let len = ranks.partition_point(|rank| *rank < first + CHUNK);
            let (here, values_here);
            (here, ranks) = ranks.split_at(len);
            (values_here, values) = values.split_at(len);
            if !at_most(here, values_here, first, chunk) {
                raise_at(here, values_here, first, Arc::make_mut(chunk));
            }
        }
    }

    /// Whether each value is at most the number of the rank beside it. The
    /// ranks ascend.
    pub(super) fn covers_at(&self, mut ranks: &[usize], mut values: &[T]) -> bool {
        self.pieces().enumerate().all(|(at, piece)| {
            let first = at * CHUNK;
            let len = ranks.partition_point(|rank| *rank < first + CHUNK);
            let (here, values_here);
            (here, ranks) = ranks.split_at(len);
            (values_here, values) = values.split_at(len);
            at_most(here, values_here, first, piece)
        })
    }

    /// The ranks of the numbers that are larger than the other's of the same
    /// rank. Both rows are of one length.
    pub(super) fn larger(&self, other: &Self) -> impl Iterator<Item = usize> {
        let pieces = self.pieces().zip(other.pieces()).enumerate();
        let changed = pieces.filter(|(_, (mine, theirs))| !ptr::eq(*mine, *theirs));
        changed.flat_map(|(piece, (mine, theirs))| {
            let pairs = mine.iter().zip(theirs.iter()).enumerate();
            let larger = pairs.filter(|(_, (mine, theirs))| mine > theirs);
            larger.map(move |(at, _)| piece * CHUNK + at)
        })
    }

    /// Whether each number is at most the other's of the same rank, and at
    /// least. Both rows are of one length. Ends early where neither holds, or
    /// where `comparable` says of the ranks of a piece that neither can.
    pub(super) fn relation(
        &self,
        other: &Self,
        comparable: impl Fn(Range<usize>) -> bool,
    ) -> (bool, bool) {
        let (mut leq, mut geq) = (true, true);
        let mut look_at = |first: usize, mine: &[T], theirs: &[T]| {
            if !ptr::eq(mine, theirs) {
                leq = leq && all_at_most(mine, theirs);
                geq = geq && all_at_most(theirs, mine);
            }
            (leq || geq) && comparable(first..first + mine.len())
        };
        let found = match (self, other) {
            (Self::Many(mine), Self::Many(theirs)) => {
                let mut pairs = mine.iter().zip(theirs).enumerate();
                pairs.all(|(at, (mine, theirs))| look_at(at * CHUNK, mine, theirs))
            }
            _ => look_at(0, &self.contiguous(), &other.contiguous()),
        };
        if found { (leq, geq) } else { (false, false) }
    }

    /// How much memory its list of chunks takes beside itself.
    #[cfg(test)]
    pub(super) fn list_memory(&self) -> usize {
        match self {
            Self::Many(chunks) if chunks.spilled() => chunks.capacity() * size_of::<Chunk<T>>(),
            _ => 0,
        }
    }

    /// Where its chunks are in memory, and how many bytes each takes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> impl Iterator<Item = (usize, usize)> {
        let counts = 2 * size_of::<usize>();
        self.chunks().iter().map(move |c| (c.as_ptr() as usize, size_of_val(&**c) + counts))
    }

    /// How many of its chunks are the very memory of the other's.
    #[cfg(test)]
    pub(super) fn shared_chunks(&self, other: &Self) -> usize {
        self.chunks().iter().zip(other.chunks()).filter(|(a, b)| Arc::ptr_eq(a, b)).count()
    }
}

/// Whether `left ≤ right` everywhere: then no difference has a sign. Stops at
/// the first block where one has.
// Where both directions are looked at in one loop, the compiler takes number by
// number; in two, several at a time.
#[inline(never)]
fn all_at_most<T: Number>(left: &[T], right: &[T]) -> bool {
    let zero = T::default();
    let holds = |left: &[T], right: &[T]| {
        let pairs = left.iter().zip(right);
        pairs.fold(zero, |all, (l, r)| all | (*r - *l)) >= zero
    };
    let (left, left_rest) = left.as_chunks::<BLOCK>();
    let (right, right_rest) = right.as_chunks::<BLOCK>();
    left.iter().zip(right).all(|(l, r)| holds(l, r)) && holds(left_rest, right_rest)
}

/// `left = max(left, right)` everywhere.
fn raise<T: Number>(left: &mut [T], right: &[T]) {
    for (l, r) in left.iter_mut().zip(right) {
        *l = (*l).max(*r);
    }
}

/// Raises the number of each rank, which are counted from `first` on, to the
/// value beside it.
fn raise_at<T: Number>(ranks: &[usize], values: &[T], first: usize, numbers: &mut [T]) {
    for (ranks, values) in ranks.chunks(BLOCK).zip(values.chunks(BLOCK)) {
        if let Some(run) = run_of(ranks, first) {
            raise(&mut numbers[run], values);
            continue;
        }
        for (rank, value) in ranks.iter().zip(values) {
            let number = &mut numbers[rank - first];
            *number = (*number).max(*value);
        }
    }
}

/// Whether each value is at most the number of its rank, which are counted
/// from `first` on.
fn at_most<T: Number>(ranks: &[usize], values: &[T], first: usize, numbers: &[T]) -> bool {
    let zero = T::default();
    ranks.chunks(BLOCK).zip(values.chunks(BLOCK)).all(|(ranks, values)| {
        if let Some(run) = run_of(ranks, first) {
            return all_at_most(values, &numbers[run]);
        }
        let pairs = ranks.iter().zip(values);
        pairs.fold(zero, |all, (rank, value)| all | (numbers[rank - first] - *value)) >= zero
    })
}

/// The ranks counted from `first` on, if none is left out among them.
fn run_of(ranks: &[usize], first: usize) -> Option<Range<usize>> {
    let (start, last) = (ranks.first()?, ranks.last()?);
    (last - start < ranks.len()).then(|| start - first..last - first + 1)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use alloc::vec::Vec;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn rows() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
        let number = prop_oneof![0..4_i64, i64::MAX - 3..=i64::MAX];
        (0..400_usize).prop_flat_map(move |n| (vec(number.clone(), n), vec(number.clone(), n)))
    }

    fn check<T: Number + std::fmt::Debug>(a: &[T], b: &[T], shared: bool) {
        let (left, right) = (Row::new(a), Row::new(b));
        let leq = a.iter().zip(b).all(|(x, y)| x <= y);
        let geq = a.iter().zip(b).all(|(x, y)| x >= y);
        assert_eq!(left.relation(&right, |_| true), (leq, geq));
        assert!(a.is_empty() || left.relation(&right, |_| false) == (false, false));
        let max: Vec<T> = a.iter().zip(b).map(|(x, y)| *x.max(y)).collect();
        let original = shared.then(|| left.clone());
        let mut merged = left;
        merged.merge(&right);
        assert_eq!(&*merged.contiguous(), max);
        if let Some(original) = original {
            assert_eq!(&*original.contiguous(), a, "the row it was cloned from is as it was");
        }

        let left = Row::new(a);
        let original = shared.then(|| left.clone());
        let longer = [a, b].concat();
        assert_eq!(&*left.refilled(&longer).contiguous(), longer);
        assert_eq!(&*Row::new(&longer).refilled(b).contiguous(), b);
        assert!(original.is_none_or(|original| *original.contiguous() == *a));

        let ranks: Vec<usize> = (0..a.len()).filter(|rank| rank % 3 != 1).collect();
        let values: Vec<T> = ranks.iter().map(|rank| b[*rank]).collect();
        let left = Row::new(a);
        let covered = ranks.iter().all(|rank| a[*rank] >= b[*rank]);
        assert_eq!(left.covers_at(&ranks, &values), covered);
        let mut merged = left.clone();
        merged.merge_at(&ranks, &values);
        let expected = (0..a.len()).map(|at| if at % 3 == 1 { a[at] } else { max[at] });
        assert!(merged.iter().eq(expected));
        assert_eq!(&*left.contiguous(), a, "the row it was cloned from is as it was");
    }

    proptest! {
        #[test]
        fn does_what_the_plain_loop_does(
            (a, b) in rows(),
            like in any::<bool>(),
            shared in any::<bool>(),
        ) {
            // Two rows that are the same in places are the interesting ones.
            let b: Vec<i64> = if like { a.iter().zip(&b).map(|(x, y)| *x.max(y)).collect() } else { b };
            check(&a, &b, shared);
            let narrow = |row: &[i64]| -> Vec<i32> {
                row.iter().map(|v| i32::try_from(*v % (1 << 31)).unwrap_or(0)).collect()
            };
            check(&narrow(&a), &narrow(&b), shared);
        }
    }

    #[test]
    fn a_changed_entry_costs_one_chunk() {
        let row = Row::new(&[1; 10 * CHUNK]);
        let mut next = row.clone();
        next.set(3 * CHUNK, 2);
        assert_eq!(next.shared_chunks(&row), 9);
        let mut behind = row.clone();
        behind.merge(&next);
        assert_eq!(behind.shared_chunks(&next), 10, "what is ahead throughout is taken over");
    }
}
