//! A row of counters in shared chunks.
//!
//! Stamps that follow one another differ in few entries. The row is cut into
//! chunks that stamps share until one of them changes: a persistent array of
//! depth two. Merging takes over whole chunks of the other side where they
//! are ahead throughout, so that clocks that talk to each other converge to
//! the same memory, and comparing skips what is the same memory.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;

use smallvec::SmallVec;

/// How many counters share a chunk: 512 bytes, eight cache lines. Smaller
/// chunks share more and cost more pointers.
pub(super) const CHUNK: usize = 64;

/// How many counters are looked at between two tests for an early end.
const BLOCK: usize = 16;

type Chunk = Arc<[u64]>;

/// Counters by rank, each at most [`MAX_COUNTER`](crate::MAX_COUNTER). All
/// chunks but the last are full; up to one chunk needs no further memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    chunks: SmallVec<[Chunk; 1]>,
}

impl Counters {
    pub(super) fn new(values: &[u64]) -> Self {
        Self { chunks: values.chunks(CHUNK).map(Chunk::from).collect() }
    }

    pub(super) fn get(&self, rank: usize) -> u64 {
        self.chunks[rank / CHUNK][rank % CHUNK]
    }

    pub(super) fn set(&mut self, rank: usize, counter: u64) {
        Arc::make_mut(&mut self.chunks[rank / CHUNK])[rank % CHUNK] = counter;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }

    /// All in one piece: what is in one piece already is not copied.
    pub(super) fn contiguous(&self) -> Cow<'_, [u64]> {
        match self.chunks.as_slice() {
            [] => Cow::Borrowed(&[]),
            [only] => Cow::Borrowed(only),
            chunks => {
                let mut all = Vec::with_capacity(chunks.len() * CHUNK);
                chunks.iter().for_each(|chunk| all.extend_from_slice(chunk));
                Cow::Owned(all)
            }
        }
    }

    /// The chunk with the counter of this rank, which starts a chunk.
    pub(super) fn chunk(&self, rank: usize) -> &[u64] {
        &self.chunks[rank / CHUNK]
    }

    /// Raises each counter to the other's of the same rank. Both rows are of
    /// one length.
    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.chunks.iter_mut().zip(&other.chunks) {
            if Arc::ptr_eq(mine, theirs) {
                continue;
            }
            match relation(mine, theirs) {
                (_, true) => {}
                (true, false) => mine.clone_from(theirs),
                (false, false) => match Arc::get_mut(mine) {
                    Some(mine) => raise(mine, theirs),
                    None => *mine = mine.iter().zip(&**theirs).map(|(l, r)| *l.max(r)).collect(),
                },
            }
        }
    }

    /// The ranks and counters that are larger than the other's of the same
    /// rank. Both rows are of one length.
    pub(super) fn larger(&self, other: &Self) -> impl Iterator<Item = (usize, u64)> {
        let chunks = self.chunks.iter().zip(&other.chunks).enumerate();
        let changed = chunks.filter(|(_, (mine, theirs))| !Arc::ptr_eq(mine, theirs));
        changed.flat_map(|(chunk, (mine, theirs))| {
            let pairs = mine.iter().zip(theirs.iter()).enumerate();
            let larger = pairs.filter(|(_, (mine, theirs))| mine > theirs);
            larger.map(move |(at, (counter, _))| (chunk * CHUNK + at, *counter))
        })
    }

    /// Whether each counter is at most the other's of the same rank, and at
    /// least. Both rows are of one length.
    pub(super) fn relation(&self, other: &Self) -> (bool, bool) {
        let (mut leq, mut geq) = (true, true);
        for (mine, theirs) in self.chunks.iter().zip(&other.chunks) {
            if !Arc::ptr_eq(mine, theirs) {
                let (chunk_leq, chunk_geq) = relation(mine, theirs);
                leq &= chunk_leq;
                geq &= chunk_geq;
                if !leq && !geq {
                    break;
                }
            }
        }
        (leq, geq)
    }

    /// Where its chunks are in memory, and how many bytes each takes.
    #[cfg(test)]
    pub(super) fn memory(&self) -> impl Iterator<Item = (usize, usize)> {
        let counts = 2 * size_of::<usize>();
        self.chunks.iter().map(move |c| (c.as_ptr() as usize, size_of_val(&**c) + counts))
    }

    /// How many of its chunks are the very memory of the other's.
    #[cfg(test)]
    pub(super) fn shared_chunks(&self, other: &Self) -> usize {
        self.chunks.iter().zip(&other.chunks).filter(|(a, b)| Arc::ptr_eq(a, b)).count()
    }
}

/// Whether `left ≤ right` and `left ≥ right` everywhere, with the sign bit of
/// a sum of differences as the witness. Stops at the first block after which
/// neither holds.
pub(super) fn relation(left: &[u64], right: &[u64]) -> (bool, bool) {
    let (mut greater, mut less) = (0_u64, 0_u64);
    for (left, right) in left.chunks(BLOCK).zip(right.chunks(BLOCK)) {
        for (l, r) in left.iter().zip(right) {
            greater |= r.wrapping_sub(*l);
            less |= l.wrapping_sub(*r);
        }
        if (greater & less) >> 63 == 1 {
            break;
        }
    }
    (greater >> 63 == 0, less >> 63 == 0)
}

/// `left = max(left, right)` everywhere, without a branch.
fn raise(left: &mut [u64], right: &[u64]) {
    for (l, r) in left.iter_mut().zip(right) {
        let difference = l.wrapping_sub(*r);
        let all_ones_where_less = (difference >> 63).wrapping_neg();
        *l = l.wrapping_sub(difference & all_ones_where_less);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn rows() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
        let counter = prop_oneof![0..4_u64, crate::MAX_COUNTER - 3..=crate::MAX_COUNTER];
        (0..200_usize).prop_flat_map(move |n| (vec(counter.clone(), n), vec(counter.clone(), n)))
    }

    proptest! {
        #[test]
        fn does_what_the_plain_loop_does((a, b) in rows(), like in any::<bool>()) {
            // Two rows that are the same in places are the interesting ones.
            let b: Vec<u64> = if like { a.iter().zip(&b).map(|(x, y)| *x.max(y)).collect() } else { b };
            let (left, right) = (Counters::new(&a), Counters::new(&b));
            let leq = a.iter().zip(&b).all(|(x, y)| x <= y);
            let geq = a.iter().zip(&b).all(|(x, y)| x >= y);
            prop_assert_eq!(left.relation(&right), (leq, geq));
            let mut merged = left.clone();
            merged.merge(&right);
            let expected: Vec<u64> = a.iter().zip(&b).map(|(x, y)| *x.max(y)).collect();
            prop_assert_eq!(&*merged.contiguous(), expected);
            prop_assert_eq!(&*left.contiguous(), a, "the row it was cloned from is as it was");
        }
    }

    /// Ten thousand stamps of 1,024 entries, of which each differs from the one
    /// before by an entry, against 82 MB of counters copied.
    #[test]
    fn ten_thousand_stamps_take_a_tenth_of_their_counters() {
        let mut row = Counters::new(&[1; 1024]);
        let mut stamps = Vec::new();
        for i in 0..10_000 {
            let rank = i * 37 % 1024;
            row.set(rank, row.get(rank) + 1);
            stamps.push(row.clone());
        }
        let chunks: std::collections::BTreeMap<_, _> =
            stamps.iter().flat_map(Counters::memory).collect();
        let pointers = stamps.iter().map(|s| s.chunks.capacity() * size_of::<Chunk>());
        let rows = stamps.capacity() * size_of::<Counters>();
        let bytes = chunks.values().sum::<usize>() + pointers.sum::<usize>() + rows;
        std::eprintln!("10,000 stamps of 1,024 entries take {bytes} bytes");
        assert!(bytes < 10_000 * 8 * 1024 / 9, "{bytes}");
    }

    #[test]
    fn a_changed_entry_costs_one_chunk() {
        let row = Counters::new(&[1; 10 * CHUNK]);
        let mut next = row.clone();
        next.set(3 * CHUNK, 2);
        assert_eq!(next.shared_chunks(&row), 9);
        let mut behind = row.clone();
        behind.merge(&next);
        assert_eq!(behind.shared_chunks(&next), 10, "what is ahead throughout is taken over");
    }
}
