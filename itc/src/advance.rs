//! How an event changes an event tree: `fill`, or `grow` where there is
//! nothing to fill ("Interval Tree Clocks", section 5.3).
//!
//! In the flat form, both are about the *owned leaves* of the id.
//!
//! **Fill** lifts what is owned as far as it costs nothing: where an owned
//! leaf and its sibling are both inside an inner node of the event tree, it
//! becomes one leaf of height `max(own maximum, sibling's minimum)`, siblings
//! first. Nothing happens where a leaf of the event tree covers both, so fill
//! only changes heights and splits nothing.
//!
//! **Grow** counts an event up in one owned leaf: in the one that splits the
//! event tree the least, among those in the shallowest, among those in the
//! last. (The paper's cost is `N` for every split and 1 for every level, with
//! `N` larger than any depth; ties go right.) After a fill that changed
//! nothing, every owned leaf lies inside a single leaf of the event tree.

use core::cmp::Reverse;
use core::ops::RangeInclusive;

use causal_clock::CounterOverflow;
use smallvec::SmallVec;

use crate::steps::Level;
use crate::{EventError, EventTree, Id};

/// A subtree of the id: the leaves of the event tree that it reaches.
struct Subtree {
    leaves: RangeInclusive<usize>,
    /// Whether it is a single leaf, and owned.
    owned: bool,
    seen: Seen,
}

/// Leaves whose minimum is known: most often a few decide, and the others are
/// not looked at. Of two subtrees, the longer run is kept; so a leaf that is
/// looked at again is in a run at least twice as long, and one event looks at
/// each leaf at most as often as their number has bits.
#[derive(Clone, Copy)]
struct Seen {
    /// The first leaf, and the one after the last.
    start: usize,
    end: usize,
    min: u64,
}

impl Seen {
    const fn none(at: usize) -> Self {
        Self { start: at, end: at, min: u64::MAX }
    }

    const fn len(self) -> usize {
        self.end - self.start
    }

    /// The minimum of these leaves, of which the ones seen are a part, or
    /// whatever is at most `enough`.
    fn lowest(&mut self, heights: &[u64], leaves: &RangeInclusive<usize>, enough: u64) -> u64 {
        while self.min > enough && self.end <= *leaves.end() {
            self.min = self.min.min(heights[self.end]);
            self.end += 1;
        }
        while self.min > enough && self.start > *leaves.start() {
            self.start -= 1;
            self.min = self.min.min(heights[self.start]);
        }
        self.min
    }
}

/// A subtree that waits for its right sibling.
struct Left {
    subtree: Subtree,
    /// The level of the boundary that parts them.
    level: Level,
    /// Whether the event tree splits there, too.
    shared: bool,
}

/// Where grow would count up; the smallest is chosen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    splits: Level,
    depth: Level,
    id_leaf: Reverse<usize>,
    event_leaf: usize,
}

impl EventTree {
    /// Records an event of the participant with this id: afterwards the tree
    /// is strictly larger, and no tree that another participant can have
    /// reaches as far.
    ///
    /// # Errors
    /// Where the id owns nothing, or the counter to be increased is full; the
    /// tree is then unchanged.
    pub fn record(&mut self, id: &Id) -> Result<(), EventError> {
        self.advance(id).map(|_| ())
    }

    /// Records `k` events: the tree is as after `k` times
    /// [`record`](Self::record), and the time does not depend on `k`.
    ///
    /// # Errors
    /// As [`record`](Self::record); the tree is then unchanged.
    pub fn record_many(&mut self, id: &Id, k: u64) -> Result<(), EventError> {
        let mut after = self.clone();
        for left in (0..k).rev() {
            // From here on, every event counts in this same leaf: the choice of
            // it depends on the trees' shapes alone, and nothing comes to be
            // filled, since after a fill a leaf that is owned is as high as the
            // minimum of its sibling. So no subtree's minimum rises with it.
            if let Some(leaf) = after.advance(id)? {
                let counter = after.0.values()[leaf];
                let full = CounterOverflow { counter: u64::MAX };
                after.0.values_mut()[leaf] = counter.checked_add(left).ok_or(full)?;
                break;
            }
        }
        *self = after;
        Ok(())
    }

    /// Records an event. Gives the leaf where it was counted, if nothing else
    /// changed.
    fn advance(&mut self, id: &Id) -> Result<Option<usize>, EventError> {
        let mut waiting: SmallVec<[Left; 16]> = SmallVec::new();
        let mut best: Option<Candidate> = None;
        let mut changed: Option<(usize, usize)> = None;
        let mut first = 0;
        for (id_leaf, (owned, level)) in id.iter().enumerate() {
            let last = self.0.leaf_at_boundary(first, level);
            let shared = self.0.levels()[last] == level;
            if owned && first == last {
                let depth = id.0.depth(id_leaf);
                let candidate = Candidate {
                    splits: depth - self.0.depth(first).min(depth),
                    depth,
                    id_leaf: Reverse(id_leaf),
                    event_leaf: first,
                };
                best = Some(best.map_or(candidate, |best| best.min(candidate)));
            }
            let mut subtree = Subtree { leaves: first..=last, owned, seen: Seen::none(first) };
            while let Some(left) = waiting.last_mut()
                && left.level > level
            {
                subtree = self.fill_siblings(left, &mut subtree, &mut changed);
                waiting.pop();
            }
            waiting.push(Left { subtree, level, shared });
            first = last + usize::from(shared);
        }
        if id.0.as_constant() == Some(true) && self.0.len() > 1 {
            *self = Self::constant(self.max());
            return Ok(None);
        }
        match (changed, best) {
            (Some((first, last)), _) => {
                self.0.normalise(first, last);
                Ok(None)
            }
            (None, Some(candidate)) => self.grow(id, &candidate),
            (None, None) => Err(EventError::Anonymous),
        }
    }

    /// Fills an owned leaf from its sibling, and gives the parent of the two.
    fn fill_siblings(
        &mut self,
        Left { subtree: left, shared, .. }: &mut Left,
        right: &mut Subtree,
        changed: &mut Option<(usize, usize)>,
    ) -> Subtree {
        let siblings = match (left.owned, right.owned) {
            (true, _) if *shared => Some((&mut *left, &mut *right)),
            (_, true) if *shared => Some((&mut *right, &mut *left)),
            _ => None,
        };
        if let Some((own, sibling)) = siblings
            && self.fill(own, sibling)
        {
            let (start, end) = (*own.leaves.start(), *own.leaves.end());
            *changed = Some(changed.map_or((start, end), |(a, b)| (a.min(start), b.max(end))));
        }
        let seen = if left.seen.len() > right.seen.len() { left.seen } else { right.seen };
        let leaves = *left.leaves.start()..=*right.leaves.end();
        Subtree { leaves, owned: false, seen }
    }

    /// Makes an owned leaf as high as its highest leaf in the event tree and
    /// the lowest of the sibling. Whether that changed any of them.
    fn fill(&mut self, own: &mut Subtree, sibling: &mut Subtree) -> bool {
        let heights = self.0.values_mut();
        let highest = heights[own.leaves.clone()].iter().copied().max().unwrap_or(0);
        let height = highest.max(sibling.seen.lowest(heights, &sibling.leaves, highest));
        let mut changed = false;
        for own in &mut heights[own.leaves.clone()] {
            changed |= *own != height;
            *own = height;
        }
        let (start, end) = (*own.leaves.start(), *own.leaves.end() + 1);
        own.seen = Seen { start, end, min: height };
        changed
    }

    fn grow(&mut self, id: &Id, at: &Candidate) -> Result<Option<usize>, EventError> {
        let mut leaf = at.event_leaf;
        let counter = self.0.values()[leaf];
        let counted = counter.checked_add(1).ok_or(CounterOverflow { counter })?;
        if at.splits > 0 {
            let (path, left) = id.0.path_below(at.id_leaf.0, at.depth - at.splits);
            self.0.split_leaf(leaf, &path);
            leaf += left;
        }
        self.0.values_mut()[leaf] = counted;
        Ok(Some(leaf).filter(|_| at.splits == 0))
    }
}
