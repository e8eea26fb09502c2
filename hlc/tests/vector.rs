//! Hybrid vector clocks: what is remembered, what is proven, and ε-causality.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use causal_clock::laws::{Op, Shape, executions, replay};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, DecodeError, ManualEnvironment, NodeId, PhysicalTime,
    Scheme, Verdict, Wire,
};
use hlc::{HlcError, HybridVectorClock, HybridVectorClocks, HybridVectorStamp, epsilon_order};
use proptest::prelude::*;

const EPSILON: Duration = Duration::from_millis(10);

fn node(id: u64) -> HybridVectorClock {
    HybridVectorClock::new(NodeId::new(id), EPSILON)
}

fn at_millis(millis: u64) -> PhysicalTime {
    PhysicalTime::from_nanos(millis * 1_000_000)
}

/// The stamp of an event of a node that has heard of nobody.
fn alone(id: u64, millis: u64) -> HybridVectorStamp {
    node(id).tick(at_millis(millis)).unwrap().clone()
}

#[test]
fn what_is_epsilon_old_is_forgotten_at_the_next_event() {
    let mut clock = node(1);
    clock.observe(&alone(2, 1_000));
    clock.observe(&alone(3, 1_005));
    assert_eq!(clock.latest().entries(), 3);
    // A unit less than ε later (15.26 µs), both are remembered.
    let reading = PhysicalTime::from_nanos(1_010_000_000 - 16_000);
    assert_eq!(clock.tick(reading).unwrap().entries(), 3);
    // ε in units is rounded up: a little more than 10 ms.
    assert_eq!(clock.tick(PhysicalTime::from_nanos(1_010_016_000)).unwrap().entries(), 2);
    assert_eq!(clock.latest().entry(NodeId::new(2)), None);
    assert_eq!(clock.latest().entry(NodeId::new(3)), Some(alone(3, 1_005).timestamp()));
    assert_eq!(clock.tick(at_millis(1_016)).unwrap().entries(), 1);
}

#[test]
fn a_message_from_ahead_makes_nothing_forgotten() {
    let mut clock = node(1);
    clock.observe(&alone(2, 1_000));
    clock.observe(&alone(3, 5_000));
    // ε counts from the physical clock, and not from the own timestamp.
    assert_eq!(clock.tick(at_millis(1_001)).unwrap().entries(), 3);
}

#[test]
fn what_a_comparison_proves() {
    let sent = alone(1, 1_000);
    let mut receiver = node(2);
    receiver.observe(&sent);
    let received = receiver.tick(at_millis(1_001)).unwrap().clone();
    assert_eq!(sent.compare(&received), Verdict::proven(CausalOrder::Before));
    assert_eq!(received.compare(&sent), Verdict::proven(CausalOrder::After));
    // Another event of the receiver's that is younger than the message.
    let near = alone(3, 1_002);
    assert_eq!(received.compare(&near), Verdict::proven(CausalOrder::Concurrent));
    let far = alone(3, 1_012);
    assert_eq!(received.compare(&far), Verdict::guessed(CausalOrder::Before));
    assert_eq!(far.compare(&received), Verdict::guessed(CausalOrder::After));
    // It was forgotten that the message came before; it still did.
    let later = receiver.tick(at_millis(2_000)).unwrap();
    assert_eq!(later.entries(), 1);
    assert_eq!(sent.compare(later), Verdict::guessed(CausalOrder::Before));
}

#[test]
fn a_newborn_remembers_its_parent() {
    let env = &mut ManualEnvironment::default();
    env.set_now(at_millis(1_000));
    let mut parent = HybridVectorClocks::default().seed(env);
    parent.event(env).unwrap();
    let before_the_birth = parent.stamp();
    let mut child = parent.fork(env);
    parent.event(env).unwrap();
    child.event(env).unwrap();
    let (parent, child) = (parent.stamp(), child.stamp());
    assert_eq!(before_the_birth.compare(&child), Verdict::proven(CausalOrder::Before));
    assert_eq!(parent.compare(&child), Verdict::proven(CausalOrder::Concurrent));
}

#[test]
fn the_end_of_time_is_an_error_and_changes_nothing() {
    let mut clock = node(1);
    clock.observe(&alone(2, 1_000));
    let before = clock.clone();
    let reading = PhysicalTime::MAX;
    assert_eq!(clock.tick(reading), Err(HlcError::ReadingOutOfRange { reading }));
    assert_eq!(clock, before);
    let mut bytes = alone(2, 1_000).to_bytes();
    bytes[..8].fill(0xff);
    clock.observe(&HybridVectorStamp::decode(&bytes).unwrap());
    let before = clock.clone();
    assert_eq!(clock.tick(at_millis(1)), Err(HlcError::Exhausted));
    assert_eq!(clock, before);
}

#[test]
fn stamps_that_know_each_other_are_forged_and_harmless() {
    let know = |own: u64, other: u64| {
        let mut clock = node(own);
        clock.observe(&alone(other, 1_000));
        clock.latest().clone()
    };
    let (a, b) = (know(1, 2), know(2, 1));
    assert_eq!(a.compare(&b), Verdict::guessed(CausalOrder::Concurrent));
    assert_eq!(b.compare(&a), Verdict::guessed(CausalOrder::Concurrent));
}

/// One second and a half at node 2, which heard of node 1 a second and two
/// units, and three events, before; ε is 10 ms or 656 units.
const FROZEN: [u8; 31] = [
    0, 0, 0, 1, 0x80, 0, 0, 0, // own
    0, 0, 0, 0, 0, 0, 0, 2, // node
    0x90, 0x05, // ε
    1,    // entries
    0, 0, 0, 0, 0, 0, 0, 1, // node
    0x82, 0x80, 0x04, // units before the own
    0x03, // counter
];

#[test]
fn the_wire_form_is_frozen_and_strict() {
    let mut heard = node(1);
    for _ in 0..4 {
        heard.tick(PhysicalTime::from_nanos(32_766 * 1_000_000_000 / 65_536)).unwrap();
    }
    let mut clock = node(2);
    clock.tick(at_millis(1_500)).unwrap();
    // The next event will forget it again.
    clock.observe(heard.latest());
    assert_eq!(clock.to_bytes(), FROZEN);
    assert_eq!(&HybridVectorStamp::decode(&FROZEN).unwrap(), clock.latest());

    let changed = |at: usize, to: &[u8]| {
        let mut bytes = FROZEN.to_vec();
        bytes.splice(at..at + to.len(), to.iter().copied());
        HybridVectorStamp::decode(&bytes).unwrap_err()
    };
    let own_entry = DecodeError::NotCanonical { at: 19, rule: "the own node has no entry" };
    assert_eq!(changed(26, &[2]), own_entry);
    let counter_full = DecodeError::Invalid { at: 19, expected: "a timestamp up to the own" };
    assert_eq!(changed(27, &[0x00, 0x80, 0x80, 0x04]), counter_full);
    assert_eq!(changed(27, &[0x00, 0x04, 0x00, 0x00]), counter_full, "it is above the own");
    assert_eq!(changed(27, &[0x80, 0x80, 0x08, 0x00]), counter_full, "it is before the epoch");
    assert!(matches!(
        changed(18, &[2]),
        DecodeError::UnexpectedEnd { .. } | DecodeError::CountTooLarge { .. }
    ));
    assert!(matches!(changed(18, &[0]), DecodeError::TrailingBytes { count: 12 }));
    let unsorted = [&FROZEN[..18], &[2], &FROZEN[19..], &FROZEN[19..]].concat();
    let unsorted = HybridVectorStamp::decode(&unsorted).unwrap_err();
    assert_eq!(unsorted, DecodeError::NotCanonical { at: 31, rule: "node ids ascend" });
    let long_epsilon = [&FROZEN[..16], &[0x80; 6], &[0x80, 0x01, 0x00]].concat();
    let long_epsilon = HybridVectorStamp::decode(&long_epsilon).unwrap_err();
    assert_eq!(long_epsilon, DecodeError::NumberTooLarge { at: 16 });
}

proptest! {
    /// On perfect clocks, hybrid vector clocks decide ε-causality.
    #[test]
    fn on_perfect_clocks_the_verdict_is_epsilon_causality(
        mut execution in executions(&Shape { max_skew: Duration::ZERO, ..Shape::default() }),
    ) {
        // Nothing happens at the same instant at one node, so that timestamps
        // are readings; and a restart changes nothing.
        for timed in &mut execution.ops {
            timed.after_ms = timed.after_ms.max(1);
        }
        execution.ops.retain(|timed| !matches!(timed.op, Op::Restart { .. }));
        let epsilon = Duration::from_millis(40);
        let history = replay(&HybridVectorClocks { epsilon }, &execution).unwrap();
        let events = &history.events;
        for left in 0..events.len() {
            for right in 0..events.len() {
                let (e, f) = (&events[left].stamp, &events[right].stamp);
                let (at_e, at_f) = (e.timestamp().physical_time(), f.timestamp().physical_time());
                let gap = at_e.since(at_f).max(at_f.since(at_e));
                if gap > epsilon && gap < epsilon + Duration::from_micros(32) {
                    continue; // Rounding decides.
                }
                let truth = epsilon_order(history.truth(left, right), at_e, at_f, epsilon);
                prop_assert_eq!(e.compare(f).order, truth);
            }
        }
    }
}

/// The longer the memory, the more entries: from one to all.
#[test]
fn size_grows_with_epsilon() {
    let sizes = [0, 1, 10, 100, 1_000].map(|millis| {
        let env = &mut ManualEnvironment::default();
        let scheme = HybridVectorClocks { epsilon: Duration::from_millis(millis) };
        let mut clocks = vec![scheme.seed(env)];
        while clocks.len() < 32 {
            let newborn = clocks[0].fork(env);
            clocks.push(newborn);
        }
        for step in 0..1_000_u64 {
            // A message a millisecond, from and to anyone.
            env.set_now(at_millis(1_000 + step));
            let [from, to] = [step % 32, (step * 7 + step / 32 + 3) % 32];
            let sent = clocks[usize::try_from(from).unwrap()].send(env).unwrap();
            clocks[usize::try_from(to).unwrap()].receive(&sent, env).unwrap();
        }
        clocks.iter().map(|clock| clock.latest().entries()).sum::<usize>()
    });
    assert!(sizes.is_sorted(), "{sizes:?}");
    assert_eq!((sizes[0], sizes[4]), (32, 32 * 32));
}
