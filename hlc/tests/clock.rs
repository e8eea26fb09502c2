//! The clock of one node: drift, clocks that are set back, hostile stamps, and
//! what a comparison proves.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, Environment, ManualEnvironment, NodeId, PhysicalTime,
    Scheme, Verdict, Wire,
};
use hlc::{HlcError, HybridLogicalClock, HybridLogicalClocks, HybridStamp, HybridTime, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

const ALICE: NodeId = NodeId::new(1);
const BOB: NodeId = NodeId::new(2);

fn at_millis(millis: u64) -> PhysicalTime {
    PhysicalTime::from_nanos(millis * 1_000_000)
}

fn stamp(time: u64, counter: u64, node: NodeId) -> HybridStamp {
    HybridStamp::new(Timestamp::from_parts(time, counter).unwrap(), node)
}

/// The stamp of an event of Bob's, whose clock read `reading`.
fn from_bob(reading: PhysicalTime) -> HybridStamp {
    HybridLogicalClock::new(BOB).tick(reading).unwrap()
}

#[test]
fn a_stamp_past_the_drift_bound_is_refused_and_changes_nothing() {
    let bound = Duration::from_millis(500);
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(bound);
    clock.tick(at_millis(1_000)).unwrap();
    let before = clock.clone();
    let error = clock.receive_at(&from_bob(at_millis(2_000)), at_millis(1_000)).unwrap_err();
    let (ahead_nanos, bound_nanos) = (1_000_000_000, 500_000_000);
    assert_eq!(error, HlcError::TooFarAhead { ahead_nanos, bound_nanos });
    assert_eq!(
        error.to_string(),
        "the stamp is 1s ahead of this node's clock: at most 500ms is accepted"
    );
    assert_eq!(clock, before);
}

#[test]
fn the_drift_bound_is_inclusive_and_forgives_rounding() {
    // No multiple of 2⁻¹⁶ s is anywhere near.
    let bound = Duration::from_nanos(123_456_789);
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(bound);
    let reading = PhysicalTime::from_nanos(1_000_000_001);
    let limit = reading.saturating_add(bound);
    assert_eq!(clock.observe(&from_bob(limit), reading), Ok(()));
    // A counter is no time: it is not ahead.
    let full = HybridStamp::new(from_bob(limit).timestamp().last_of_unit(), BOB);
    assert_eq!(clock.observe(&full, reading), Ok(()));
    let a_unit_later = limit.saturating_add(Duration::from_nanos(15_259));
    assert!(clock.observe(&from_bob(a_unit_later), reading).is_err());
}

#[test]
fn a_late_stamp_is_no_offence() {
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(Duration::from_millis(1));
    let a_year_late = from_bob(PhysicalTime::from_secs(1));
    let received = clock.receive_at(&a_year_late, PhysicalTime::from_secs(31_557_600)).unwrap();
    assert_eq!(received.timestamp().physical_time(), PhysicalTime::from_secs(31_557_600));
}

#[test]
fn the_drift_bound_looks_at_the_physical_clock_and_not_at_the_own_timestamp() {
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(Duration::from_millis(500));
    clock.tick(at_millis(10_000)).unwrap();
    // The physical clock has been set back since.
    assert!(clock.observe(&from_bob(at_millis(9_000)), at_millis(1_000)).is_err());
}

#[test]
fn without_a_bound_everything_is_accepted_and_the_physical_clock_left_alone() {
    struct NoClock;
    impl Environment for NoClock {
        fn now(&mut self) -> PhysicalTime {
            panic!("a merge without a drift bound has no use for the time")
        }
        fn fresh_id(&mut self) -> NodeId {
            ALICE
        }
    }
    let mut clock = HybridLogicalClocks::default().seed(&mut NoClock);
    clock.merge(&HybridStamp::new(Timestamp::MAX, BOB), &mut NoClock).unwrap();
    assert_eq!(clock.latest().timestamp(), Timestamp::MAX);
}

#[test]
fn timestamps_go_up_while_the_physical_clock_stands_still_or_goes_back() {
    let mut clock = HybridLogicalClock::new(ALICE);
    let mut last = clock.tick(at_millis(5_000)).unwrap();
    for reading in [5_000, 5_000, 4_000, 0, 4_999, 5_000].map(at_millis) {
        let next = clock.tick(reading).unwrap();
        assert_eq!(next.timestamp().time(), last.timestamp().time());
        assert_eq!(next.timestamp().counter(), last.timestamp().counter() + 1);
        last = next;
    }
    assert_eq!(clock.tick(at_millis(6_000)).unwrap().timestamp().counter(), 0);
}

#[test]
fn a_hundred_thousand_events_in_an_instant_are_distinct() {
    let mut clock = HybridLogicalClock::new(ALICE);
    let mut last = clock.latest();
    for _ in 0..200_000 {
        let next = clock.tick(at_millis(5_000)).unwrap();
        assert!(last < next);
        last = next;
    }
    // Three counters were filled: three units of 2⁻¹⁶ s ahead.
    let ahead = last.timestamp().physical_time().since(at_millis(5_000));
    assert_eq!(ahead.as_micros(), 45);
}

#[test]
fn the_end_of_time_is_an_error_and_changes_nothing() {
    let mut clock = HybridLogicalClock::new(ALICE);
    let reading = PhysicalTime::from_secs(1 << 32);
    let before = clock.clone();
    assert_eq!(clock.tick(reading), Err(HlcError::ReadingOutOfRange { reading }));
    assert_eq!(clock, before);

    let hostile = HybridStamp::new(Timestamp::MAX, BOB);
    assert_eq!(clock.receive_at(&hostile, at_millis(1)), Err(HlcError::Exhausted));
    assert_eq!(clock, before);
    clock.observe(&hostile, at_millis(1)).unwrap();
    let before = clock.clone();
    assert_eq!(clock.tick(at_millis(1)), Err(HlcError::Exhausted));
    assert_eq!(clock, before);
}

#[test]
fn a_bound_that_reaches_past_the_end_of_time_accepts_everything() {
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(Duration::MAX);
    assert_eq!(clock.observe(&HybridStamp::new(Timestamp::MAX, BOB), PhysicalTime::MAX), Ok(()));
}

#[test]
fn a_receipt_reads_the_physical_clock_once() {
    struct Counting(u32);
    impl Environment for Counting {
        fn now(&mut self) -> PhysicalTime {
            self.0 += 1;
            at_millis(1_000)
        }
        fn fresh_id(&mut self) -> NodeId {
            ALICE
        }
    }
    let mut env = Counting(0);
    let mut clock = HybridLogicalClocks { drift: Some(Duration::from_secs(1)) }.seed(&mut env);
    clock.receive(&from_bob(at_millis(1_100)), &mut env).unwrap();
    assert_eq!(env.0, 1);
}

#[test]
fn a_join_that_is_refused_gives_the_clock_back() {
    let mut env = ManualEnvironment::default();
    let scheme = HybridLogicalClocks { drift: Some(Duration::from_millis(500)) };
    let mut stays = scheme.seed(&mut env);
    let mut goes = stays.fork(&mut env);
    goes.tick(at_millis(60_000)).unwrap();
    let (stays_before, goes_before) = (stays.clone(), goes.clone());
    let refusal = stays.join(goes, &mut env).unwrap_err();
    assert_eq!((stays.clone(), *refusal.retired), (stays_before, goes_before.clone()));
    env.set_now(at_millis(59_600));
    stays.join(goes_before, &mut env).unwrap();
    assert_eq!(stays.latest().timestamp().time(), 60 << 16);
}

#[test]
fn what_a_comparison_proves() {
    use CausalOrder::{After, Before, Concurrent, Equal};
    let (e, f) = (stamp(10, 3, ALICE), stamp(10, 4, ALICE));
    assert_eq!(e.compare(&f), Verdict::proven(Before));
    assert_eq!(f.compare(&e), Verdict::proven(After));
    assert_eq!(e.compare(&e), Verdict::proven(Equal));
    assert_eq!(e.compare(&stamp(10, 3, BOB)), Verdict::proven(Concurrent));
    assert_eq!(e.compare(&stamp(10, 4, BOB)), Verdict::guessed(Before));
    assert_eq!(e.compare(&stamp(9, 99, BOB)), Verdict::guessed(After));
}

proptest! {
    /// With clocks within ε of true time, what is said of it is true.
    #[test]
    fn the_physical_order_is_that_of_true_time(
        skews in vec(-5_000_i64..=5_000, 4),
        steps in vec((0..4_usize, option::of(any::<Index>()), 0..6_000_u64), 1..60),
    ) {
        let epsilon = Duration::from_micros(5_000);
        let mut clocks = [0, 1, 2, 3].map(|id| HybridLogicalClock::new(NodeId::new(id)));
        let mut micros = 1_000_000_u64;
        let mut events: Vec<(u64, HybridStamp)> = Vec::new();
        for (at, message, after) in steps {
            micros += after;
            let reading = micros.saturating_add_signed(skews[at]);
            let reading = PhysicalTime::from_nanos(reading * 1_000);
            let stamp = match message.filter(|_| !events.is_empty()) {
                Some(message) => clocks[at].receive_at(&message.get(&events).1, reading),
                None => clocks[at].tick(reading),
            };
            events.push((micros, stamp.unwrap()));
        }
        let mut told = 0;
        for (time, stamp) in &events {
            for (other_time, other) in &events {
                if let Some(order) = stamp.physical_order(*other, epsilon) {
                    prop_assert_eq!(order, time.cmp(other_time));
                    told += 1;
                } else {
                    // Never silent where they are certain to be far apart.
                    prop_assert!(time.abs_diff(*other_time) <= 20_000 + 32);
                }
            }
        }
        prop_assert!(told % 2 == 0);
    }
}

#[test]
fn a_restarted_clock_goes_on_where_it_was() {
    let mut clock = HybridLogicalClock::new(ALICE).with_drift(Duration::from_millis(20));
    let last = clock.tick(at_millis(5_000)).unwrap();
    let mut restarted = HybridLogicalClock::decode(&clock.to_bytes()).unwrap();
    assert_eq!(restarted, clock);
    assert!(restarted.tick(at_millis(1)).unwrap() > last);
}
