//! The flat form that ids and event trees share: a function on the unit
//! interval that is constant on dyadic pieces.
//!
//! The trees of "Interval Tree Clocks" (Almeida, Baquero, Fonte, OPODIS 2008,
//! section 4) split the unit interval in halves, again and again. Instead of
//! nodes, this keeps the *leaves*, from left to right, with absolute values,
//! and between two leaves the **level** of the boundary that parts them: the
//! depth at which the tree splits there, 1 for the middle of the whole
//! interval, 2 for its quarters, and so on, like the marks of a ruler. The
//! end of the interval has level 0.
//!
//! ```text
//! (1, 2, (0, (1, 0, 2), 0))     values  3    2    4    1
//!                               levels     1    3    2    0
//! ```
//!
//! The levels alone give the tree back: the root splits at the lowest level,
//! and each side likewise. So three local rules replace all recursion:
//!
//! * a leaf's depth is the higher of the two levels beside it;
//! * two neighbours are siblings where the level between them is higher than
//!   both levels around them;
//! * of the next boundaries of two functions, seen from a point that both
//!   have passed, the one of the higher level is the nearer, and equal levels
//!   are the same boundary.
//!
//! The last rule makes every pointwise operation (join, meet, sum, order) one
//! linear merge of two runs.

use smallvec::{SmallVec, smallvec};

/// The depth at which a boundary splits the interval; 0 is its end.
pub(crate) type Level = u16;

/// The deepest that an id or an event tree can be. A clock that owns one part
/// gets there after 65,535 forks in its line of descent, its own and its
/// ancestors', with no retirement that reunites parts: one clock that only ever
/// forks does, too. What is forked from it then owns nothing (see
/// [`Itc::try_fork`](crate::Itc::try_fork)).
pub const MAX_DEPTH: u16 = Level::MAX;

/// As many leaves fit without allocation.
const INLINE: usize = 8;

/// A function of the unit interval, constant on dyadic pieces, in normal form:
/// no two siblings have the same value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Steps<T> {
    values: SmallVec<[T; INLINE]>,
    /// `levels[k]` is that of the boundary at the end of leaf `k`.
    levels: SmallVec<[Level; INLINE]>,
}

impl<T: Copy + Eq> Steps<T> {
    pub(crate) fn constant(value: T) -> Self {
        Self { values: smallvec![value], levels: smallvec![0] }
    }

    /// No leaves yet, and not a function before the last [`push`](Self::push).
    pub(crate) fn with_capacity(leaves: usize) -> Self {
        Self { values: SmallVec::with_capacity(leaves), levels: SmallVec::with_capacity(leaves) }
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The level at the end of each leaf; the last one is 0.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The level at the start of a leaf.
    pub(crate) fn level_before(&self, leaf: usize) -> Level {
        leaf.checked_sub(1).map_or(0, |before| self.levels[before])
    }

    pub(crate) fn depth(&self, leaf: usize) -> Level {
        self.level_before(leaf).max(self.levels[leaf])
    }

    /// Whether the whole interval has one value.
    pub(crate) fn as_constant(&self) -> Option<T> {
        match *self.values {
            [value] => Some(value),
            _ => None,
        }
    }

    /// The leaves, each with the level at its end.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (T, Level)> + ExactSizeIterator {
        self.values.iter().copied().zip(self.levels.iter().copied())
    }

    pub(crate) fn max_depth(&self) -> Level {
        self.levels.iter().copied().max().unwrap_or(0)
    }

    /// The leaf, of `first..last`, at whose end the tree splits first.
    pub(crate) fn lowest_boundary(&self, first: usize, last: usize) -> usize {
        (first..last).min_by_key(|leaf| self.levels[*leaf]).unwrap_or(first)
    }

    /// Appends a leaf that ends at a boundary of this level, and unites
    /// siblings that turn out to be equal.
    pub(crate) fn push(&mut self, value: T, level: Level) {
        let keep = united(&self.values, &self.levels, value, level);
        if keep < self.values.len() {
            self.values.truncate(keep);
            self.levels.truncate(keep);
        }
        self.push_distinct(value, level);
    }

    /// Whether a leaf would unite with the one before.
    #[inline]
    pub(crate) fn ends_with_sibling(&self, value: T, level: Level) -> bool {
        united(&self.values, &self.levels, value, level) < self.len()
    }

    /// Appends a leaf that is known not to equal its sibling.
    #[inline]
    pub(crate) fn push_distinct(&mut self, value: T, level: Level) {
        self.values.push(value);
        self.levels.push(level);
    }

    /// The function with the value `f(a, b)` wherever these have `a` and `b`.
    pub(crate) fn merge<U: Copy + Eq, V: Copy + Eq>(
        &self,
        other: &Steps<U>,
        mut f: impl FnMut(T, U) -> V,
    ) -> Steps<V> {
        let mut out = Steps::with_capacity(self.len().max(other.len()));
        let (mut i, mut j) = (0, 0);
        loop {
            let (left, right) = (self.levels[i], other.levels[j]);
            let nearer = left.max(right);
            out.push(f(self.values[i], other.values[j]), nearer);
            if nearer == 0 {
                return out;
            }
            i += usize::from(left == nearer);
            j += usize::from(right == nearer);
        }
    }

    /// Visits the values of the two functions from left to right until `stop`,
    /// which is told where they differ whether this one is above. Whether it stopped.
    pub(crate) fn differs(&self, other: &Self, mut stop: impl FnMut(bool) -> bool) -> bool
    where
        T: Ord,
    {
        let (mut i, mut j) = (0, 0);
        loop {
            let (left, right) = (self.levels[i], other.levels[j]);
            let (a, b) = (self.values[i], other.values[j]);
            if a != b && stop(a > b) {
                return true;
            }
            let nearer = left.max(right);
            if nearer == 0 {
                return false;
            }
            i += usize::from(left == nearer);
            j += usize::from(right == nearer);
        }
    }

    /// The leaf, from `from` on, that ends at or reaches over the next
    /// boundary of at most this level.
    pub(crate) fn leaf_at_boundary(&self, from: usize, level: Level) -> usize {
        const LANES: usize = 16;
        let mut leaf = from;
        // A whole chunk at a time, without a branch inside, is what compilers
        // turn into vector instructions.
        for chunk in self.levels[from..].chunks_exact(LANES) {
            if chunk.iter().fold(false, |found, l| found | (*l <= level)) {
                break;
            }
            leaf += LANES;
        }
        leaf + self.levels[leaf..].iter().take_while(|l| **l > level).count()
    }

    /// Splits a leaf: `levels` are those of the new boundaries inside it.
    pub(crate) fn split_leaf(&mut self, leaf: usize, levels: &[Level]) {
        let value = self.values[leaf];
        self.values.insert_many(leaf, core::iter::repeat_n(value, levels.len()));
        self.levels.insert_from_slice(leaf, levels);
    }

    /// The levels of the boundaries that cut the part inside which this leaf
    /// lies out of a leaf of depth `from`, in order from left to right, and
    /// how many of them are to the left.
    ///
    /// Seen from a leaf, the boundaries on its path are the ones of the lowest
    /// level so far, on either side.
    pub(crate) fn path_below(&self, leaf: usize, from: Level) -> (SmallVec<[Level; 16]>, usize) {
        let mut path = SmallVec::new();
        lowest_so_far(self.levels[..leaf].iter().rev(), from, &mut path);
        path.reverse();
        let left = path.len();
        lowest_so_far(self.levels[leaf..].iter(), from, &mut path);
        (path, left)
    }

    /// Unites equal siblings, where only the leaves `first..=last` have been
    /// given other values since this was in normal form.
    pub(crate) fn normalise(&mut self, first: usize, last: usize) {
        let mut kept = first;
        for leaf in first..self.len() {
            let (value, level) = (self.values[leaf], self.levels[leaf]);
            let keep = united(&self.values[..kept], &self.levels[..kept], value, level);
            let united_any = keep < kept;
            self.values[keep] = value;
            self.levels[keep] = level;
            kept = keep + 1;
            if leaf > last && !united_any {
                // From here on, no sibling of a changed leaf is a leaf.
                self.values.copy_within(leaf + 1.., kept);
                self.levels.copy_within(leaf + 1.., kept);
                kept += self.len() - (leaf + 1);
                break;
            }
        }
        self.values.truncate(kept);
        self.levels.truncate(kept);
    }
}

/// How many of these leaves stay, when one more is appended that unites with
/// its equal sibling, and what that makes with its own, and so on.
#[inline]
fn united<T: Copy + Eq>(values: &[T], levels: &[Level], value: T, level: Level) -> usize {
    let mut keep = values.len();
    while let Some(last) = keep.checked_sub(1)
        && values[last] == value
        && levels[last] > level
        && (last == 0 || levels[last - 1] < levels[last])
    {
        keep = last;
    }
    keep
}

fn lowest_so_far<'a>(
    levels: impl Iterator<Item = &'a Level>,
    above: Level,
    out: &mut SmallVec<[Level; 16]>,
) {
    let mut lowest = None;
    for &level in levels {
        if level <= above {
            return;
        }
        if lowest.is_none_or(|l| level < l) {
            out.push(level);
            lowest = Some(level);
        }
    }
}
