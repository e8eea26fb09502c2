//! Replay clocks: the wire form, parameters, and what is proven.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroU64;
use std::time::Duration;

use causal_clock::{
    CausalOrder, CausalStamp, CounterOverflow, DecodeError, NodeId, PhysicalTime, Scheme, Verdict,
    Wire,
};
use hlc::{ReplayClock, ReplayClocks, ReplayStamp};

/// Epochs of a millisecond, remembered for five.
fn node(id: u64) -> ReplayClock {
    let (interval, epsilon) = (NonZeroU64::new(1_000_000), NonZeroU64::new(5));
    ReplayClock::new(NodeId::new(id), interval.unwrap(), epsilon.unwrap())
}

fn at_millis(millis: u64) -> PhysicalTime {
    PhysicalTime::from_nanos(millis * 1_000_000)
}

#[test]
fn what_a_comparison_proves() {
    let (mut a, mut b) = (node(1), node(2));
    let first = a.tick(at_millis(100)).unwrap().clone();
    let second = a.tick(at_millis(100)).unwrap().clone();
    let third = a.tick(at_millis(101)).unwrap().clone();
    assert_eq!(first.compare(&second), Verdict::proven(CausalOrder::Before));
    b.observe(&third);
    let heard = b.tick(at_millis(101)).unwrap().clone();
    // It knows of an event of a later epoch, and so of the first; the third
    // may be of the same epoch as what it knows.
    assert_eq!(first.compare(&heard), Verdict::proven(CausalOrder::Before));
    assert_eq!(heard.compare(&third), Verdict::guessed(CausalOrder::After));
    let fourth = a.tick(at_millis(101)).unwrap().clone();
    assert_eq!(fourth.compare(&heard), Verdict::guessed(CausalOrder::Before), "an invented order");
    let alone = node(3).tick(at_millis(101)).unwrap().clone();
    assert_eq!(alone.compare(&third), Verdict::proven(CausalOrder::Concurrent));
    let long_after = node(3).tick(at_millis(200)).unwrap().clone();
    assert_eq!(third.compare(&long_after), Verdict::guessed(CausalOrder::Before));
}

#[test]
fn equal_stamps_of_two_nodes_are_concurrent() {
    let mut parent = node(1);
    // The clock is set back for both: neither is listed as itself.
    parent.tick(at_millis(100)).unwrap();
    let mut children = [parent.fork_as(NodeId::new(2)), parent.fork_as(NodeId::new(3))];
    let [a, b] = children.each_mut().map(|child| child.tick(at_millis(10)).unwrap().clone());
    assert_eq!(a.compare(&b), Verdict::proven(CausalOrder::Concurrent));
    assert_eq!(a.compare(&a), Verdict::proven(CausalOrder::Equal));
}

#[test]
fn what_is_epsilon_old_is_dropped() {
    let (mut a, mut b) = (node(1), node(2));
    b.observe(a.tick(at_millis(100)).unwrap());
    assert_eq!(b.tick(at_millis(104)).unwrap().entries(), 2);
    assert_eq!(b.tick(at_millis(105)).unwrap().entries(), 1);
    assert_eq!(b.latest().latest_epoch(), 105);
}

#[test]
fn a_full_counter_is_an_error_and_changes_nothing() {
    let mut clock = node(1);
    clock.tick(at_millis(100)).unwrap();
    let mut bytes = clock.latest().to_bytes();
    // The counter is the byte after ε and mx.
    bytes.splice(10..11, [vec![0xff; 9], vec![1]].concat());
    clock.observe(&ReplayStamp::decode(&bytes).unwrap());
    let before = clock.clone();
    let full = CounterOverflow { counter: u64::MAX };
    assert_eq!(clock.tick(at_millis(100)), Err(full));
    assert_eq!(clock, before);
    clock.tick(at_millis(101)).unwrap();
}

/// Node 2 in epoch 1000, which heard of node 1 three epochs before; the second
/// event like that.
const FROZEN: [u8; 31] = [
    0, 0, 0, 0, 0, 0, 0, 2, // node
    5, // ε
    0xe8, 0x07, // mx
    1,    // counter
    2,    // entries
    0, 0, 0, 0, 0, 0, 0, 1, 3, // node 1
    0, 0, 0, 0, 0, 0, 0, 2, 0, // node 2
];

#[test]
fn the_wire_form_is_frozen_and_strict() {
    let mut heard = node(1);
    let mut clock = node(2);
    clock.observe(heard.tick(at_millis(997)).unwrap());
    clock.tick(at_millis(1_000)).unwrap();
    clock.tick(at_millis(1_000)).unwrap();
    assert_eq!(clock.latest().to_bytes(), FROZEN);
    assert_eq!(clock.to_bytes(), [&[0xc0, 0x84, 0x3d], FROZEN.as_slice()].concat());
    assert_eq!(&ReplayStamp::decode(&FROZEN).unwrap(), clock.latest());

    let changed = |at: usize, to: u8| {
        let mut bytes = FROZEN;
        bytes[at] = to;
        ReplayStamp::decode(&bytes).unwrap_err()
    };
    let offset = "an offset less than ε and up to mx";
    assert_eq!(
        changed(8, 0),
        DecodeError::Invalid { at: 8, expected: "an ε of at least one epoch" }
    );
    assert_eq!(changed(21, 5), DecodeError::Invalid { at: 13, expected: offset });
    assert_eq!(changed(29, 1), DecodeError::NotCanonical { at: 22, rule: "node ids ascend" });
    assert_eq!(changed(12, 1), DecodeError::TrailingBytes { count: 9 });
    assert_eq!(changed(12, 3), DecodeError::CountTooLarge { at: 12, count: 3, room: 18 });
    let no_interval = ReplayClock::decode(&[&[0], FROZEN.as_slice()].concat()).unwrap_err();
    assert!(matches!(no_interval, DecodeError::Invalid { at: 0, .. }));
}

#[test]
fn parameters_that_make_no_sense_say_what_was_expected() {
    let new = |interval, epsilon| {
        ReplayClocks::new(Duration::from_millis(interval), Duration::from_millis(epsilon))
    };
    assert_eq!(new(10, 100), Ok(ReplayClocks::default()));
    assert_eq!(ReplayClocks::default().name(), "repcl:interval=10ms,epsilon=100ms");
    let error = |interval, epsilon| new(interval, epsilon).unwrap_err().to_string();
    assert!(error(0, 100).starts_with("the interval is 0ns: expected at least a nanosecond"));
    let expected = "epsilon is 15ms: expected a positive multiple of the interval, 10ms";
    assert_eq!(error(10, 15), expected);
    assert!(error(10, 0).starts_with("epsilon is 0ns"));
}

#[cfg(feature = "serde")]
#[test]
fn parameters_are_read_and_written() {
    let read = serde_json::from_str::<ReplayClocks>;
    assert_eq!(read("{}").unwrap(), ReplayClocks::default());
    let scheme = read(r#"{"interval":"1ms","epsilon":"20ms"}"#).unwrap();
    assert_eq!(scheme.name(), "repcl:interval=1ms,epsilon=20ms");
    assert_eq!(serde_json::to_string(&scheme).unwrap(), r#"{"interval":"1ms","epsilon":"20ms"}"#);
    assert!(read(r#"{"interval":"0s"}"#).unwrap_err().to_string().contains("at least a nano"));
    assert!(read(r#"{"k":1}"#).is_err());
}
