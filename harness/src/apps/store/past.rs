//! Sets of the writes of one key: what the truth is made of.

use std::sync::Arc;

const WORDS: usize = 8;
const BITS: usize = WORDS * 64;

/// A set of writes of one key, each by its number. Parts that two sets have in
/// common are shared, so that a past takes memory for what is new in it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    chunks: Vec<Arc<[u64; WORDS]>>,
}

impl Past {
    /// Adds a write.
    pub fn insert(&mut self, write: u32) {
        let (chunk, bit) = (write as usize / BITS, write as usize % BITS);
        if self.chunks.len() <= chunk {
            self.chunks.resize_with(chunk + 1, Arc::default);
        }
        Arc::make_mut(&mut self.chunks[chunk])[bit / 64] |= 1 << (bit % 64);
    }

    /// Whether a write is in it.
    #[must_use]
    pub fn contains(&self, write: u32) -> bool {
        let (chunk, bit) = (write as usize / BITS, write as usize % BITS);
        self.chunks.get(chunk).is_some_and(|words| words[bit / 64] >> (bit % 64) & 1 == 1)
    }

    /// Adds all writes of another set.
    pub fn union(&mut self, other: &Self) {
        for (mine, theirs) in self.chunks.iter_mut().zip(&other.chunks) {
            if !is_within(theirs, mine) {
                let words = Arc::make_mut(mine);
                words.iter_mut().zip(theirs.iter()).for_each(|(word, more)| *word |= more);
            }
        }
        let known = self.chunks.len();
        self.chunks.extend(other.chunks.iter().skip(known).cloned());
    }

    /// Whether all of another set is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let none = [0; WORDS];
        other.chunks.iter().enumerate().all(|(at, theirs)| match self.chunks.get(at) {
            Some(mine) => is_within(theirs, mine),
            None => **theirs == none,
        })
    }

    /// How many writes are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        let words = self.chunks.iter().flat_map(|words| words.iter());
        words.map(|word| u64::from(word.count_ones())).sum()
    }
}

fn is_within(part: &Arc<[u64; WORDS]>, whole: &Arc<[u64; WORDS]>) -> bool {
    Arc::ptr_eq(part, whole) || part.iter().zip(whole.iter()).all(|(p, w)| p & !w == 0)
}
