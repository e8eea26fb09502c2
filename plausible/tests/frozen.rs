//! Stamps and clocks in bytes as they are and will stay, and bytes that are
//! refused.

use std::num::NonZeroU16;

use causal_clock::{CausalOrder, CausalStamp, DecodeError, NodeId, Verdict, Wire};
use plausible::{Error, LamportClock, LamportStamp, RevClock, RevStamp};

fn check<T: Wire + PartialEq + std::fmt::Debug>(value: &T, bytes: &[u8]) {
    assert_eq!(value.to_bytes(), bytes, "{value:?}");
    assert_eq!(value.encoded_len(), bytes.len(), "{value:?}");
    assert_eq!(T::decode(bytes).as_ref(), Ok(value));
}

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

#[test]
fn lamport() {
    let mut clock = LamportClock::new(NodeId::new(0x0102));
    check(&clock, &[0, 0, 0, 0, 0, 0, 1, 2, 0]);
    clock.merge(&LamportStamp::new(NodeId::new(9), 299)).unwrap();
    clock.event().unwrap();
    check(&clock, &[0, 0, 0, 0, 0, 0, 1, 2, 0xac, 2]);
    check(&clock.stamp(), &[0, 0, 0, 0, 0, 0, 1, 2, 0xac, 2]);
    assert_eq!(LamportStamp::decode(&[0; 8]), Err(DecodeError::UnexpectedEnd { at: 8 }));
}

#[test]
fn lamport_at_the_end_of_its_counter() {
    let mut clock = LamportClock::new(NodeId::new(1));
    clock.merge(&LamportStamp::new(NodeId::new(9), u64::MAX)).unwrap();
    let before = clock.clone();
    assert_eq!(clock.event().unwrap_err().counter, u64::MAX);
    assert_eq!(clock, before);
}

#[test]
fn rev() {
    let mut a = RevClock::new(NodeId::new(6), n(3));
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0]);
    a.event().unwrap();
    a.event().unwrap();
    let mut b = a.fork(NodeId::new(2));
    b.event().unwrap();
    assert_eq!(b.stamp().counters(), [2, 0, 1]);
    // Differences 2, 0, 1 of mean 1: 110, 0, 10.
    check(&b, &[0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0b01_0011]);
    check(&b.stamp(), &[0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0b01_0011]);
}

#[test]
fn rev_at_the_end_of_a_counter() {
    let full = [0, 0, 0, 0, 0, 0, 0, 2, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0];
    let stamp = RevStamp::decode(&full).unwrap();
    let mut clock = RevClock::new(NodeId::new(6), n(1));
    clock.merge(&stamp).unwrap();
    let before = clock.clone();
    assert!(matches!(clock.event(), Err(Error::CounterOverflow(_))));
    assert_eq!(clock, before);
}

#[test]
fn rev_of_different_sizes() {
    let mut two = RevClock::new(NodeId::new(6), n(2));
    let mut three = RevClock::new(NodeId::new(6), n(3));
    two.event().unwrap();
    three.event().unwrap();
    let error = Error::DifferentSize { ours: 2, theirs: 3 };
    assert_eq!(two.stamp().try_compare(&three.stamp()), Err(error));
    let verdict = two.stamp().compare(&three.stamp());
    assert_eq!(verdict, Verdict::guessed(CausalOrder::Concurrent));
    let before = two.clone();
    assert_eq!(two.merge(&three.stamp()), Err(error));
    assert_eq!(two.join(&three), Err(error));
    assert_eq!(two, before);
}

#[test]
fn verdicts_of_rev_by_hand() {
    // Sites 0 and 2 share entry 0, site 1 has entry 1.
    let mut a = RevClock::new(NodeId::new(0), n(2));
    let mut b = a.fork(NodeId::new(1));
    let mut c = a.fork(NodeId::new(2));
    a.event().unwrap();
    b.event().unwrap();
    c.event().unwrap();
    let (a1, b1, c1) = (a.stamp(), b.stamp(), c.stamp());
    // The same vectors at two sites.
    assert_eq!(a1.counters(), c1.counters());
    assert_eq!(a1.compare(&c1), Verdict::proven(CausalOrder::Concurrent));
    assert_eq!(a1.compare(&b1), Verdict::proven(CausalOrder::Concurrent));
    assert_eq!(a1.compare(&a1), Verdict::proven(CausalOrder::Equal));
    a.event().unwrap();
    assert_eq!(a1.compare(&a.stamp()), Verdict::proven(CausalOrder::Before));
    // A wrong guess: c knows nothing of a, but counts in the same entry.
    assert_eq!(a.stamp().compare(&c1), Verdict::guessed(CausalOrder::After));
    b.merge(&a1).unwrap();
    b.event().unwrap();
    assert_eq!(b.stamp().compare(&a1), Verdict::guessed(CausalOrder::After));
    assert_eq!(b.stamp().compare(&a.stamp()), Verdict::proven(CausalOrder::Concurrent));
}
