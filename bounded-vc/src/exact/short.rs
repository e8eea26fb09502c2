//! Vectors of a few entries, which are in place and have narrow counters. Most
//! clocks in use are such vectors.
//!
//! At this size a call or a branch that is guessed wrong costs as much as the
//! work. So what can be done to the whole room is done to the whole room, and
//! to take the union is one walk without a branch on which side is ahead,
//! whether or not one side has all ids of the other.

use causal_clock::CausalOrder;
use core::hint::select_unpredictable;

use super::few::Few;

/// How many entries have room in place.
const ROOM: usize = 16;

/// Ids, strictly ascending, and the counter of each.
#[derive(Clone, Copy)]
pub(super) struct Short<'a> {
    pub(super) ids: &'a Few<u64>,
    pub(super) counters: &'a Few<i32>,
}

/// How the two sets of events stand to each other.
pub(super) fn compare(left: Short<'_>, right: Short<'_>) -> CausalOrder {
    if left.ids.count() != right.ids.count() {
        return if left.ids.count() < right.ids.count() {
            CausalOrder::from_leq(covers(right, left), false)
        } else {
            CausalOrder::from_leq(false, covers(left, right))
        };
    }
    let (left_counters, right_counters) = (left.counters.room(), right.counters.room());
    let leq = at_most(left_counters, right_counters);
    let geq = at_most(right_counters, left_counters);
    // Of two sets of one size neither is a part of the other.
    if (leq || geq) && same(left.ids.room(), right.ids.room()) {
        CausalOrder::from_leq(leq, geq)
    } else {
        CausalOrder::Concurrent
    }
}

/// Whether `left ≤ right` everywhere: then no difference has a sign.
// Once both directions are in one place, the compiler takes them number by
// number; apart, four at a time.
#[inline(never)]
fn at_most(left: &[i32; ROOM], right: &[i32; ROOM]) -> bool {
    left.iter().zip(right).fold(0, |all, (l, r)| all | (r - l)) >= 0
}

#[inline(never)]
fn same(left: &[u64; ROOM], right: &[u64; ROOM]) -> bool {
    left.iter().zip(right).fold(0, |all, (l, r)| all | (l ^ r)) == 0
}

/// Whether all entries of the smaller vector are at most those of the larger.
fn covers(many: Short<'_>, few: Short<'_>) -> bool {
    let mut rest = many.ids.iter().zip(&**many.counters);
    few.ids.iter().zip(&**few.counters).all(|(id, counter)| {
        let found = rest.find(|(other, _)| *other >= id);
        found.is_some_and(|(other, known)| other == id && known >= counter)
    })
}

/// Raises each counter to the other's, if the ids are the same.
pub(super) fn raise(ids: &Few<u64>, counters: &mut Few<i32>, other: Short<'_>) -> bool {
    let same = ids.count() == other.ids.count() && self::same(ids.room(), other.ids.room());
    if same {
        for (l, r) in counters.room_mut().iter_mut().zip(other.counters.room()) {
            *l = (*l).max(*r);
        }
    }
    same
}

/// Zeros, as many as two vectors may have entries.
#[inline]
pub(super) const fn room_for_two() -> ([u64; 2 * ROOM], [i32; 2 * ROOM]) {
    ([0; 2 * ROOM], [0; 2 * ROOM])
}

/// All ids of both, each with the larger of its counters, into room that is
/// zero. Returns how many there are.
#[inline]
pub(super) fn union(
    left: Short<'_>,
    right: Short<'_>,
    ids: &mut [u64; 2 * ROOM],
    counters: &mut [i32; 2 * ROOM],
) -> usize {
    let (ids_l, ids_r) = (left.ids.room(), right.ids.room());
    let (counters_l, counters_r) = (left.counters.room(), right.counters.room());
    let (len_l, len_r) = (usize::from(left.ids.count()), usize::from(right.ids.count()));
    let (mut i, mut j, mut k) = (0, 0, 0);
    while i < len_l && j < len_r {
        let (id_l, id_r) = (ids_l[i], ids_r[j]);
        let (from_left, from_right) = (id_l <= id_r, id_r <= id_l);
        let counter_l = select_unpredictable(from_left, counters_l[i], 0);
        let counter_r = select_unpredictable(from_right, counters_r[j], 0);
        ids[k] = select_unpredictable(from_left, id_l, id_r);
        counters[k] = counter_l.max(counter_r);
        i += usize::from(from_left);
        j += usize::from(from_right);
        k += 1;
    }
    for (row, rest) in [(left, i), (right, j)] {
        for (id, counter) in row.ids[rest..].iter().zip(&row.counters[rest..]) {
            (ids[k], counters[k]) = (*id, *counter);
            k += 1;
        }
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::vec::Vec;
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    type Map = BTreeMap<u64, i32>;

    fn maps() -> impl Strategy<Value = (Map, Map)> {
        let map = |ids: u64| btree_map(0..ids, 1..4, 0..=ROOM);
        prop_oneof![(map(6), map(6)), (map(40), map(40)), (map(u64::MAX), map(u64::MAX))]
    }

    fn rows(map: &Map) -> (Few<u64>, Few<i32>) {
        let (ids, counters): (Vec<_>, Vec<_>) = map.clone().into_iter().unzip();
        (Few::new(&ids).expect("few"), Few::new(&counters).expect("few"))
    }

    fn leq(left: &Map, right: &Map) -> bool {
        left.iter().all(|(id, n)| right.get(id).is_some_and(|other| n <= other))
    }

    proptest! {
        #[test]
        fn does_what_is_done_with_maps((a, mut b) in maps(), relation in 0..3) {
            match relation {
                1 => b = a.iter().map(|(id, n)| (*id, 4 - n)).collect(),
                2 => b = a.iter().filter(|(_, n)| **n > 1).map(|(id, n)| (*id, n - 1)).collect(),
                _ => {}
            }
            let (left, right) = (rows(&a), rows(&b));
            let short = |(ids, counters)| Short { ids, counters };
            let (l, r) = (short((&left.0, &left.1)), short((&right.0, &right.1)));
            prop_assert_eq!(compare(l, r), CausalOrder::from_leq(leq(&a, &b), leq(&b, &a)));
            prop_assert_eq!(compare(r, l), CausalOrder::from_leq(leq(&b, &a), leq(&a, &b)));

            let mut max = a.clone();
            for (id, n) in &b {
                max.entry(*id).and_modify(|m| *m = (*m).max(*n)).or_insert(*n);
            }
            let (ids, counters): (Vec<_>, Vec<_>) = max.into_iter().unzip();
            let mut raised = left.1;
            if raise(&left.0, &mut raised, r) {
                prop_assert_eq!(&*raised, &*counters);
            } else {
                prop_assert!(a.keys().ne(b.keys()));
                prop_assert_eq!(&*raised, &*left.1);
            }
            let (mut all_ids, mut all_counters) = room_for_two();
            let len = union(l, r, &mut all_ids, &mut all_counters);
            prop_assert_eq!((&all_ids[..len], &all_counters[..len]), (&*ids, &*counters));
            prop_assert!(all_ids[len..].iter().all(|id| *id == 0));
            prop_assert!(all_counters[len..].iter().all(|counter| *counter == 0));
        }
    }
}
