//! The exact vector clock by example, and against a plain map.

use std::collections::BTreeMap;

use bounded_vc::{
    Dot, MAX_COUNTER, VectorClock, VectorClocks, VectorStamp, VersionVector, VersionVectorError,
};
use causal_clock::CausalOrder::{After, Before, Concurrent, Equal};
use causal_clock::{
    CausalOrder, CausalStamp, CounterOverflow, DecodeError, ManualEnvironment, NodeId, Scheme,
    Verdict, Wire,
};
use proptest::prelude::*;

fn vector(entries: &[(u64, u64)]) -> VersionVector {
    VersionVector::from_entries(entries.iter().map(|(id, n)| (NodeId::new(*id), *n)))
        .expect("valid entries")
}

#[test]
fn sets_of_events_compare_by_inclusion() {
    let cases = [
        (vector(&[]), vector(&[]), Equal),
        (vector(&[]), vector(&[(1, 1)]), Before),
        (vector(&[(1, 2)]), vector(&[(1, 1)]), After),
        (vector(&[(1, 1)]), vector(&[(2, 1)]), Concurrent),
        (vector(&[(1, 1), (3, 1)]), vector(&[(1, 1), (2, 1), (3, 1)]), Before),
        (vector(&[(1, 2), (3, 1)]), vector(&[(1, 1), (2, 1), (3, 1)]), Concurrent),
        (vector(&[(2, 9)]), vector(&[(1, 1), (2, 8)]), Concurrent),
    ];
    for (left, right, order) in cases {
        assert_eq!(left.compare(&right), order, "{left:?} and {right:?}");
        assert_eq!(right.compare(&left), order.reverse(), "{right:?} and {left:?}");
    }
}

/// The merge seen in the wild that never advances where the right id is the
/// smaller one.
#[test]
fn merging_takes_in_smaller_ids() {
    let mut left = vector(&[(5, 1), (7, 2)]);
    left.merge(&vector(&[(1, 1), (2, 1), (6, 1), (9, 1)]));
    assert_eq!(left, vector(&[(1, 1), (2, 1), (5, 1), (6, 1), (7, 2), (9, 1)]));
}

/// The increment seen in the wild that hits the first id not below the one
/// that is meant.
#[test]
fn incrementing_an_absent_id_inserts_it() {
    let mut v = vector(&[(1, 1), (5, 1)]);
    let dot = v.increment(NodeId::new(3));
    assert_eq!(dot, Ok(Dot { origin: NodeId::new(3), counter: 1 }));
    assert_eq!(v, vector(&[(1, 1), (3, 1), (5, 1)]));
}

/// Two events that are concurrent may know sets of events of which, once an
/// entry is dropped, one includes the other. Their dots are not misled.
#[test]
fn events_compare_by_their_dots() {
    let (x, y) = (NodeId::new(1), NodeId::new(2));
    let mut old = VectorClock::new(x);
    old.event().expect("room");
    let mut a = VectorClock::new(y);
    a.merge(&old.stamp());
    let mut b = VectorClock::new(NodeId::new(3));
    a.event().expect("room");
    b.event().expect("room");
    assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(Concurrent));
    // A's event is known to the next one, even where x's was dropped from it.
    let mut pruned = VectorClock::with_past(NodeId::new(3), vector(&[(2, 1)]));
    pruned.event().expect("room");
    assert_eq!(a.stamp().compare(&pruned.stamp()), Verdict::proven(Before));
    assert_eq!(a.vector().compare(pruned.vector()), Concurrent);
    // The known sets after a merge without an event are no events' stamps.
    let (left, right) = (vector(&[(1, 1), (2, 1)]), vector(&[(2, 2)]));
    assert_eq!(left.compare(&right), Concurrent);
    assert_eq!(vector(&[(2, 1)]).compare(&right), Before);
}

#[test]
fn entries_are_checked() {
    let from = |entries: &[(u64, u64)]| {
        VersionVector::from_entries(entries.iter().map(|(id, n)| (NodeId::new(*id), *n)))
    };
    let id = NodeId::new(1);
    assert_eq!(from(&[(1, 1), (2, 1), (1, 3)]), Err(VersionVectorError::RepeatedId(id)));
    assert_eq!(from(&[(1, 0)]), Err(VersionVectorError::ZeroCounter(id)));
    let counter = MAX_COUNTER + 1;
    assert_eq!(from(&[(1, counter)]), Err(VersionVectorError::CounterTooLarge { id, counter }));
}

#[test]
fn a_full_counter_is_an_error_and_changes_nothing() {
    let mut v = vector(&[(1, MAX_COUNTER)]);
    let error = CounterOverflow { counter: MAX_COUNTER };
    assert_eq!(v.increment(NodeId::new(1)), Err(error));
    assert_eq!(v, vector(&[(1, MAX_COUNTER)]));
}

/// Counters are kept in 32 bits for as long as they fit.
#[test]
fn a_counter_may_outgrow_32_bits() {
    let (id, last) = (NodeId::new(7), (1 << 31) - 1);
    let old = vector(&[(1, 5), (7, last), (9, 2)]);
    let mut new = old.clone();
    assert_eq!(new.increment(id).map(|dot| dot.counter), Ok(1 << 31));
    assert_eq!(new, vector(&[(1, 5), (7, 1 << 31), (9, 2)]));
    assert_eq!(old.get(id), last, "the original is as it was");
    assert_eq!(old.compare(&new), Before);
    assert_eq!(new.since(&old), vector(&[(7, 1 << 31)]));
    for other in [vector(&[(1, 5), (7, 1 << 31), (9, 2)]), vector(&[(7, 1 << 31)])] {
        let mut merged = old.clone();
        merged.merge(&other);
        assert_eq!(merged, new);
        merged.merge(&old);
        assert_eq!(merged, new);
    }
}

#[test]
fn the_scheme_is_named_and_draws_an_id() {
    let scheme = VectorClocks {};
    assert_eq!(scheme.name(), "vc");
    assert_eq!(scheme.seed(&mut ManualEnvironment::default()).id(), NodeId::new(1));
}

/// The encoding, byte by byte. These bytes are frozen: stored stamps must
/// stay readable.
#[test]
fn wire_frozen() {
    let frozen: [(VersionVector, &[u8]); 5] = [
        (vector(&[]), &[0]),
        (vector(&[(0, 1)]), &[1, 1, 0, 0b0]),
        (vector(&[(1, 1), (2, 1), (3, 1)]), &[3, 1, 0, 0b111]),
        // Gaps 2, 3 in two bits each, counters 4 − 1, 8 − 1 in three.
        (vector(&[(2, 4), (5, 8)]), &[2, 2, 3, 0b1011_1110, 0b11]),
        (
            vector(&[(0xfedc_ba98_7654_3210, 300)]),
            &[1, 64, 9, 0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, 0x2b, 0x01],
        ),
    ];
    for (v, bytes) in frozen {
        assert_eq!(v.to_bytes(), bytes, "{v:?}");
        assert_eq!(v.encoded_len(), bytes.len());
        assert_eq!(VersionVector::decode(bytes), Ok(v));
    }
    let mut clock = VectorClock::new(NodeId::new(3));
    assert_eq!(clock.stamp().to_bytes(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
    clock.event().expect("room");
    assert_eq!(clock.stamp().to_bytes(), [1, 2, 0, 0b11, 1]);
    assert_eq!(clock.to_bytes(), [1, 2, 0, 0b11, 1]);
}

#[test]
fn wire_refuses_what_is_not_canonical() {
    let cases: [(&[u8], DecodeError); 9] = [
        (&[], DecodeError::UnexpectedEnd { at: 0 }),
        (&[0, 0], DecodeError::TrailingBytes { count: 1 }),
        (&[200, 1, 64, 0, 9, 9], DecodeError::CountTooLarge { at: 0, count: 200, room: 2 }),
        (
            &[1, 65, 0, 0],
            DecodeError::Invalid {
                at: 1,
                expected: "gaps of 1 to 64 bits and counters of at most 63",
            },
        ),
        (
            &[1, 2, 0, 1],
            DecodeError::NotCanonical {
                at: 1,
                rule: "gaps and counters take as few bits as they can",
            },
        ),
        (
            &[1, 1, 0, 0b11],
            DecodeError::NotCanonical { at: 3, rule: "bits left over in the last byte are zero" },
        ),
        (&[2, 1, 0, 0b01], DecodeError::NotCanonical { at: 3, rule: "no two ids are the same" }),
        (
            // Two gaps of 2^63 are past the last id.
            &[2, 64, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 128],
            DecodeError::NumberTooLarge { at: 3 },
        ),
        (
            // A counter of 2^63.
            &[1, 1, 63, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            DecodeError::NumberTooLarge { at: 3 },
        ),
    ];
    for (bytes, error) in cases {
        assert_eq!(VersionVector::decode(bytes), Err(error), "{bytes:02x?}");
    }
    let ranked = VectorStamp::decode(&[1, 1, 0, 0b1, 2]).map(|_| ());
    let expected = "the rank of one of the vector's ids";
    assert_eq!(ranked, Err(DecodeError::Invalid { at: 4, expected }));
    let spelled = VectorStamp::decode(&[1, 1, 0, 0b1, 0, 0, 0, 0, 0, 0, 0, 0, 1]).map(|_| ());
    let rule = "an owner that has an entry is written as its rank";
    assert_eq!(spelled, Err(DecodeError::NotCanonical { at: 4, rule }));
}

/// The specification: a map.
type Model = BTreeMap<u64, u64>;

fn model() -> impl Strategy<Value = Model> {
    let near = proptest::collection::btree_map(0..40_u64, 1..4_u64, 0..30);
    let far = proptest::collection::btree_map(any::<u64>(), 1..=MAX_COUNTER, 0..30);
    let many = proptest::collection::btree_map(0..300_u64, 1..3_u64, 100..250);
    prop_oneof![3 => near, 1 => far, 1 => many, 2 => at_a_boundary()]
}

/// As many entries as are in place, in a block, in a chunk, or one more or less.
fn at_a_boundary() -> impl Strategy<Value = Model> {
    let sizes = [8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257, 1025_usize];
    let counter = prop_oneof![20 => 1..4_u64, 1 => (1_u64 << 31) - 1..=1 << 31];
    proptest::sample::select(sizes.to_vec())
        .prop_flat_map(move |n| proptest::collection::vec(counter.clone(), n))
        .prop_map(|counters| (0..).map(|n| 3 * n).zip(counters).collect())
}

/// Another that has something in common with it.
fn related(model: &Model, how: u8, other: Model) -> Model {
    let entries = model.iter().map(|(id, n)| (*id, *n));
    match how {
        0 => entries.filter(|(id, _)| id % 3 != 0).collect(),
        1 => entries.filter(|(id, _)| id % 99 != 0).collect(),
        2 => entries.skip(1).chain(other.into_iter().take(2)).collect(),
        3 => entries.map(|(id, n)| (id, (n + 1).min(MAX_COUNTER))).collect(),
        4 => other.into_iter().take(3).collect(),
        _ => other,
    }
}

fn join(into: &mut Model, other: &Model) {
    for (id, n) in other {
        let entry = into.entry(*id).or_default();
        *entry = (*entry).max(*n);
    }
}

fn from_model(model: &Model) -> VersionVector {
    vector(&model.iter().map(|(id, n)| (*id, *n)).collect::<Vec<_>>())
}

fn leq(left: &Model, right: &Model) -> bool {
    left.iter().all(|(id, n)| right.get(id).is_some_and(|m| n <= m))
}

proptest! {
    #[test]
    fn a_vector_is_a_map(a in model(), b in model(), how in 0..8_u8, id in 0..50_u64) {
        let b = related(&a, how, b);
        let (left, right) = (from_model(&a), from_model(&b));
        let expected = CausalOrder::from_leq(leq(&a, &b), leq(&b, &a));
        prop_assert_eq!(left.compare(&right), expected);
        prop_assert_eq!(right.compare(&left), expected.reverse());

        let mut union = a.clone();
        join(&mut union, &b);
        let mut merged = left.clone();
        merged.merge(&right);
        prop_assert_eq!(&merged, &from_model(&union));
        let mut again = merged.clone();
        again.merge(&left);
        prop_assert_eq!(&again, &merged);
        prop_assert_eq!(&left, &from_model(&a), "a clone does not change the original");

        let counter = a.get(&id).copied().unwrap_or(0);
        prop_assert_eq!(left.get(NodeId::new(id)), counter);
        if counter < MAX_COUNTER {
            let mut next = left.clone();
            prop_assert_eq!(next.increment(NodeId::new(id)).map(|dot| dot.counter), Ok(counter + 1));
            let mut model = a.clone();
            model.insert(id, counter + 1);
            prop_assert_eq!(&next, &from_model(&model));
        }
        for earlier in [&left, &right] {
            let news = merged.since(earlier);
            prop_assert!(news.iter().all(|(id, n)| n > earlier.get(id)));
            let mut again = earlier.clone();
            again.merge(&news);
            prop_assert_eq!(&again, &merged);
        }
        let bytes = merged.to_bytes();
        prop_assert_eq!(bytes.len(), merged.encoded_len());
        prop_assert_eq!(VersionVector::decode(&bytes), Ok(merged));
    }

    /// Clones share memory; what one does must not be seen in another.
    #[test]
    fn clones_go_on_as_maps_do(
        start in model(),
        other in model(),
        how in 0..8_u8,
        steps in proptest::collection::vec((0..5_u8, 0..3_usize, 0..3_usize, 0..120_u64), 0..30),
    ) {
        let other = related(&start, how, other);
        let mut models = [start.clone(), start, other];
        let mut vectors = models.each_ref().map(from_model);
        vectors[1] = vectors[0].clone();
        for (step, who, whom, id) in steps {
            match step {
                0 => {
                    models[who] = models[whom].clone();
                    vectors[who] = vectors[whom].clone();
                }
                1 | 2 => {
                    let (model, vector) = (models[whom].clone(), vectors[whom].clone());
                    join(&mut models[who], &model);
                    vectors[who].merge(&vector);
                }
                _ => {
                    if vectors[who].increment(NodeId::new(id)).is_ok() {
                        *models[who].entry(id).or_default() += 1;
                    }
                }
            }
            for (model, vector) in models.iter().zip(&vectors) {
                prop_assert!(vector.iter().map(|(id, n)| (id.get(), n)).eq(model.clone()));
            }
            let order = CausalOrder::from_leq(
                leq(&models[who], &models[whom]),
                leq(&models[whom], &models[who]),
            );
            prop_assert_eq!(vectors[who].compare(&vectors[whom]), order);
        }
    }
}
