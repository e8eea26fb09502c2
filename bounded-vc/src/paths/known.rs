//! How many events are known of each participant, as a tree in preorder.

use alloc::vec::Vec;
use core::cmp::Ordering;

use causal_clock::CounterOverflow;

use crate::MAX_COUNTER;

/// What is known of one participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// How many births lead to it.
    pub(super) depth: usize,
    /// How many its parent had forked before it; of a root, its number.
    pub(super) child: u64,
    /// How many events of it are known.
    pub(super) events: u64,
}

/// A set of events that holds, with each event, all earlier ones of the same
/// participant. Participants are named by paths of births.
///
/// In preorder, children by number; one without events is there only if a
/// descendant of it has some. So a set has one form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Known {
    pub(super) entries: Vec<Entry>,
}

impl Known {
    /// No events.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many participants are in the tree, those without events included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no event is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many events of the participant at the end of a path are known.
    #[must_use]
    pub fn get(&self, path: &[u64]) -> u64 {
        self.find(path).map_or(0, |at| self.entries[at].events)
    }

    /// Where the participant of a path is; else where it belongs, and how many
    /// births of the path are there.
    fn find(&self, path: &[u64]) -> Result<usize, (usize, usize)> {
        let mut at = 0;
        for (depth, child) in path.iter().enumerate() {
            loop {
                match self.entries.get(at) {
                    Some(entry) if entry.depth > depth => at += 1,
                    Some(entry) if entry.depth == depth && entry.child < *child => at += 1,
                    Some(entry) if entry.depth == depth && entry.child == *child => break,
                    _ => return Err((at, depth)),
                }
            }
            if depth + 1 < path.len() {
                at += 1;
            }
        }
        Ok(at)
    }

    /// One more event of the participant at the end of a path, which is not
    /// empty. `near` is where it was found the last time.
    pub(super) fn increment(
        &mut self,
        path: &[u64],
        near: Option<usize>,
    ) -> Result<usize, CounterOverflow> {
        if let Some(at) = near {
            let events = &mut self.entries[at].events;
            if *events >= MAX_COUNTER {
                return Err(CounterOverflow { counter: *events });
            }
            *events += 1;
            return Ok(at);
        }
        match self.find(path) {
            Ok(at) => self.increment(path, Some(at)),
            Err((at, there)) => {
                let missing = (there..path.len()).map(|depth| Entry {
                    depth,
                    child: path[depth],
                    events: u64::from(depth + 1 == path.len()),
                });
                self.entries.splice(at..at, missing);
                Ok(at + (path.len() - there) - 1)
            }
        }
    }

    /// A set from paths in preorder, each with a number of events that is not 0;
    /// `None` where they are not in that order.
    pub(crate) fn from_preorder(all: impl IntoIterator<Item = (Vec<u64>, u64)>) -> Option<Self> {
        let (mut known, mut last) = (Self::new(), Vec::new());
        for (path, events) in all {
            // In preorder a path comes after its beginnings, and else by number.
            if path <= last {
                return None;
            }
            let same = path.iter().zip(&last).take_while(|(a, b)| a == b).count();
            known.entries.extend((same..path.len()).map(|depth| Entry {
                depth,
                child: path[depth],
                events: if depth + 1 == path.len() { events } else { 0 },
            }));
            last = path;
        }
        Some(known)
    }

    /// Where the participant of a path is, if it is there.
    pub(super) fn position(&self, path: &[u64]) -> Option<usize> {
        self.find(path).ok()
    }

    /// Every participant with events, by path, and how many of them are known.
    pub fn iter(&self) -> impl Iterator<Item = (Vec<u64>, u64)> + '_ {
        let mut path = Vec::new();
        let all = self.entries.iter().map(move |entry| {
            path.truncate(entry.depth);
            path.push(entry.child);
            (path.clone(), entry.events)
        });
        all.filter(|(_, events)| *events > 0)
    }

    /// Takes in all events of another set, in one pass over both.
    pub fn merge(&mut self, other: &Self) {
        if self.includes(other) {
            return;
        }
        let mut merged = Vec::with_capacity(self.len().max(other.len()));
        walk(&self.entries, &other.entries, |ours, theirs| {
            merged.extend(ours.or(theirs).map(|entry| Entry {
                events: ours.map_or(0, |e| e.events).max(theirs.map_or(0, |e| e.events)),
                ..*entry
            }));
            true
        });
        self.entries = merged;
    }

    /// Whether it holds all events of another set.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        walk(&self.entries, &other.entries, |ours, theirs| match (ours, theirs) {
            // A subtree that is missing has an event somewhere.
            (None, Some(_)) => false,
            (Some(ours), Some(theirs)) => ours.events >= theirs.events,
            (_, None) => true,
        })
    }
}

/// Goes through two trees at once, in preorder, with the entries of the same
/// participant beside each other, until `each` says false. Whether it never did.
fn walk(
    left: &[Entry],
    right: &[Entry],
    mut each: impl FnMut(Option<&Entry>, Option<&Entry>) -> bool,
) -> bool {
    // Both stand below the last participant that they had in common. Whoever is
    // deeper has descendants that the other lacks.
    let (mut i, mut j) = (0, 0);
    loop {
        let order = match (left.get(i), right.get(j)) {
            (None, None) => return true,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(l), Some(r)) => r.depth.cmp(&l.depth).then(l.child.cmp(&r.child)),
        };
        let goes_on = match order {
            Ordering::Equal => {
                let goes_on = each(Some(&left[i]), Some(&right[j]));
                (i, j) = (i + 1, j + 1);
                goes_on
            }
            Ordering::Less => {
                let end = subtree(left, i);
                let goes_on = left[i..end].iter().all(|entry| each(Some(entry), None));
                i = end;
                goes_on
            }
            Ordering::Greater => {
                let end = subtree(right, j);
                let goes_on = right[j..end].iter().all(|entry| each(None, Some(entry)));
                j = end;
                goes_on
            }
        };
        if !goes_on {
            return false;
        }
    }
}

/// Where the descendants of an entry end.
fn subtree(entries: &[Entry], at: usize) -> usize {
    let below = entries[at + 1..].iter().take_while(|entry| entry.depth > entries[at].depth);
    at + 1 + below.count()
}
