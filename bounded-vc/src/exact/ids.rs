//! The ids of a vector: in place where they are few, else one allocation for
//! all vectors that descend from each other.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;

use super::few::Few;

/// How far around the likely place of an id it is sought first.
pub(super) const REACH: usize = 16;

/// Strictly ascending.
#[derive(Clone)]
pub(super) enum Ids {
    Few(Few<u64>),
    Many(Arc<[u64]>),
}

impl Ids {
    /// The first so many; all after them are zero.
    #[inline]
    pub(super) fn of_padded(ids: &[u64], len: usize) -> Self {
        Few::of_padded(ids, len).map_or_else(|| Self::Many(ids[..len].into()), Self::Few)
    }

    /// With one id more, at this rank.
    pub(super) fn inserted(&self, rank: usize, id: u64) -> Self {
        let (before, behind) = self.split_at(rank);
        let ids = before.iter().copied().chain([id]).chain(behind.iter().copied());
        match self {
            Self::Few(_) => ids.collect::<Vec<_>>().into(),
            Self::Many(_) => Self::Many(ids.collect()),
        }
    }

    /// Whether both are the same memory. Equal ids need not be.
    pub(super) fn share(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Many(mine), Self::Many(theirs)) => Arc::ptr_eq(mine, theirs),
            _ => false,
        }
    }
}

impl From<&[u64]> for Ids {
    fn from(ids: &[u64]) -> Self {
        Few::new(ids).map_or_else(|| Self::Many(ids.into()), Self::Few)
    }
}

impl From<Vec<u64>> for Ids {
    fn from(ids: Vec<u64>) -> Self {
        Few::new(&ids).map_or_else(|| Self::Many(ids.into()), Self::Few)
    }
}

impl Deref for Ids {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        match self {
            Self::Few(ids) => ids,
            Self::Many(ids) => ids,
        }
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::from([].as_slice())
    }
}

/// Where `id` is among ids that ascend strictly: sought around `rank`, and ever
/// farther from it, so that it takes no longer the more ids there are, but the
/// more of them one side has and the other has not.
#[inline]
pub(super) fn rank_near(ids: &[u64], id: u64, rank: usize) -> Option<usize> {
    let mut reach = REACH;
    loop {
        let start = rank.saturating_sub(reach).min(ids.len());
        let around = &ids[start..ids.len().min(rank.saturating_add(reach))];
        let not_before = start == 0 || around.first().is_some_and(|first| *first <= id);
        let not_behind = start + around.len() == ids.len() || around.last() >= Some(&id);
        if not_before && not_behind {
            return around.binary_search(&id).ok().map(|at| start + at);
        }
        reach *= 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_is_found_from_anywhere(
            ids in proptest::collection::btree_set(0..3000_u64, 0..1500),
            id in 0..3000_u64,
            rank in 0..2000_usize,
        ) {
            let ids: Vec<u64> = ids.into_iter().collect();
            prop_assert_eq!(rank_near(&ids, id, rank), ids.binary_search(&id).ok());
        }
    }
}
