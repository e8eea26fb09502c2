//! The clocks that read the time themselves, alone and shared.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{
    Hlc, HlcError, HybridLogicalClock, HybridStamp, HybridTime, PackedTimestamp, SharedHlc,
    SystemClock, Timestamp, WideTimestamp,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const HERE: NodeId = NodeId::new(1);
const THERE: NodeId = NodeId::new(2);

fn stamp(seconds: u64, counter: u64) -> HybridStamp {
    HybridStamp::new(Timestamp::from_parts(seconds << 16, counter).unwrap(), THERE)
}

#[test]
fn the_system_clock_is_near_to_timestamps() {
    let before = std::time::SystemTime::now();
    let mut clock = Hlc::new(HERE, SystemClock);
    let nanos = clock.now().unwrap().timestamp().physical_time().as_nanos();
    let given = std::time::UNIX_EPOCH + Duration::from_nanos(nanos);
    // A timestamp is rounded up by less than 16 µs.
    assert!(given >= before);
    assert!(given <= std::time::SystemTime::now() + Duration::from_micros(16));
}

#[test]
fn receive_counts_on_from_the_message_and_not_from_one() {
    let seven = || PhysicalTime::from_secs(7);
    let expected = HybridStamp::new(stamp(9, 42).timestamp(), HERE);
    assert_eq!(Hlc::new(HERE, seven).receive(&stamp(9, 41)), Ok(expected));
    assert_eq!(SharedHlc::new(HERE, seven).receive(&stamp(9, 41)), Ok(expected));
}

#[test]
fn receive_keeps_the_own_counter_where_the_own_clock_leads() {
    let seven = || PhysicalTime::from_secs(7);
    let mut state = HybridLogicalClock::new(HERE);
    state.observe(&stamp(9, 41), PhysicalTime::from_secs(9)).unwrap();
    let shared = SharedHlc::from_clock(&state, seven);
    let mut single = Hlc::from_clock(state, seven);
    let expected = HybridStamp::new(stamp(9, 42).timestamp(), HERE);
    assert_eq!(single.receive(&stamp(8, 99)), Ok(expected));
    assert_eq!(shared.receive(&stamp(8, 99)), Ok(expected));
}

#[test]
fn both_refuse_what_is_too_far_ahead_and_do_not_change() {
    let bound = Duration::from_millis(500);
    let seven = || PhysicalTime::from_secs(7);
    let error = HlcError::TooFarAhead { ahead_nanos: 1_000_000_000, bound_nanos: 500_000_000 };
    let mut single = Hlc::new(HERE, seven).with_drift(bound);
    let shared = SharedHlc::new(HERE, seven).with_drift(bound);
    assert_eq!(single.receive(&stamp(8, 0)), Err(error));
    assert_eq!(single.close(stamp(8, 0).timestamp()), Err(error));
    assert_eq!(shared.receive(&stamp(8, 0)), Err(error));
    assert_eq!(shared.observe(&stamp(8, 0)), Err(error));
    assert_eq!(single.clock().latest().timestamp(), Timestamp::ZERO);
    assert_eq!(&shared.clock(), single.clock());
}

#[test]
fn both_refuse_readings_after_2106_and_stamps_at_the_end() {
    let reading = PhysicalTime::from_secs(1 << 32);
    let error = HlcError::ReadingOutOfRange { reading };
    let (mut single, shared) = (Hlc::new(HERE, || reading), SharedHlc::new(HERE, || reading));
    assert_eq!((single.now(), shared.now()), (Err(error), Err(error)));
    assert_eq!((single.peek(), shared.peek()), (Err(error), Err(error)));

    let shared = SharedHlc::new(HERE, || PhysicalTime::ZERO);
    let last = HybridStamp::new(Timestamp::MAX, THERE);
    assert_eq!(shared.receive(&last), Err(HlcError::Exhausted));
    assert_eq!(shared.clock().latest().timestamp(), Timestamp::ZERO);
    shared.observe(&last).unwrap();
    assert_eq!(shared.now(), Err(HlcError::Exhausted), "and it does not wrap");
    assert_eq!(shared.clock().latest().timestamp(), Timestamp::MAX);
}

#[test]
fn peek_is_a_cut_even_if_the_clock_is_set_back() {
    let seconds = Cell::new(7);
    let source = || PhysicalTime::from_secs(seconds.get());
    let (mut single, shared) = (Hlc::new(HERE, source), SharedHlc::new(HERE, source));
    let given = single.now().unwrap().timestamp().max(shared.now().unwrap().timestamp());
    seconds.set(9);
    let cut = single.peek().unwrap();
    assert_eq!(shared.peek(), Ok(cut));
    assert!(given <= cut);
    seconds.set(8);
    assert!(single.now().unwrap().timestamp() > cut);
    assert!(shared.now().unwrap().timestamp() > cut);
}

#[test]
fn a_closed_cut_stays_closed() {
    let mut clock = Hlc::new(HERE, || PhysicalTime::from_secs(7));
    let cut = stamp(8, 0).timestamp().last_of_unit();
    clock.close(cut).unwrap();
    assert!(clock.now().unwrap().timestamp() > cut);
}

proptest! {
    /// The shared clock does what the single one does, errors included.
    #[test]
    fn shared_and_single_agree(
        steps in vec((0..20_000_u64, option::of((0..20_u64, 0..0x1_0000_u64)), 0..4_u8), 1..50),
    ) {
        let reading = Cell::new(0);
        let source = || PhysicalTime::from_nanos(reading.get() * 1_000_000);
        let bound = Duration::from_secs(3);
        let mut single = Hlc::new(HERE, source).with_drift(bound);
        let shared = SharedHlc::new(HERE, source).with_drift(bound);
        for (millis, message, kind) in steps {
            reading.set(millis);
            match message {
                Some((seconds, counter)) => {
                    let message = stamp(seconds, counter);
                    prop_assert_eq!(single.receive(&message), shared.receive(&message));
                }
                None if kind == 0 => prop_assert_eq!(single.peek(), shared.peek()),
                None => prop_assert_eq!(single.now(), shared.now()),
            }
            prop_assert_eq!(single.clock(), &shared.clock());
        }
    }
}

#[test]
fn other_forms_work_alike() {
    let seven = || PhysicalTime::from_secs(7);
    let mut wide = Hlc::<_, WideTimestamp>::of_form(HERE, seven);
    assert_eq!(wide.now().unwrap().to_string(), "00000001a13b860000000000-0000000000000001");
    let state = HybridLogicalClock::<PackedTimestamp<4>>::of_form(HERE);
    let ntp = SharedHlc::from_clock(&state, seven);
    for _ in 0..40 {
        ntp.now().unwrap();
    }
    // Sixteen events fill the counter; the first of them has a counter of 0.
    let latest = ntp.clock().latest().timestamp();
    assert_eq!((latest.time(), latest.counter()), ((7 << 28) + 2, 7));
}

/// Whether the stamps of all threads are distinct, and each thread's increase.
/// All threads read one clock that often stands still.
fn stress<const COUNTER_BITS: u32>(threads: u64, each: usize) {
    let ticks = AtomicU64::new(1_000_000_000);
    let source = || PhysicalTime::from_nanos(ticks.load(Ordering::Relaxed));
    let state = HybridLogicalClock::<PackedTimestamp<COUNTER_BITS>>::of_form(HERE);
    let clock = SharedHlc::from_clock(&state, source);
    let mut all: Vec<u64> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|thread| {
                let (clock, ticks) = (&clock, &ticks);
                scope.spawn(move || {
                    let mut last = PackedTimestamp::ZERO;
                    (0..each)
                        .map(|i| {
                            if i % 64 == 0 {
                                ticks.fetch_add(4_000 * thread, Ordering::Relaxed);
                            }
                            let next = match i % 16 {
                                0 => clock.receive(&HybridStamp::new(last, THERE)),
                                _ => clock.now(),
                            };
                            let next = next.unwrap().timestamp();
                            assert!(next > last, "back from {last:?} to {next:?}");
                            last = next;
                            next.to_bits()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    all.sort_unstable();
    let given = all.len();
    all.dedup();
    assert_eq!(all.len(), given, "stamps given twice");
}

#[test]
fn threads_get_distinct_increasing_stamps() {
    stress::<16>(4, 200_000);
}

#[test]
fn threads_get_distinct_increasing_stamps_while_the_counter_overflows() {
    stress::<4>(4, 200_000);
}

/// Two threads, 10⁸ stamps, none twice: `cargo test --release -p hlc --test
/// production -- --ignored`.
#[test]
#[ignore = "takes seconds in release and minutes in debug"]
fn a_hundred_million_stamps_are_distinct() {
    const EACH: u64 = 50_000_000;
    let clock = SharedHlc::new(HERE, || PhysicalTime::ZERO);
    // The clock stands still: the stamps are the numbers from one on.
    let seen: Vec<AtomicU64> = (0..=2 * EACH / 64).map(|_| AtomicU64::new(0)).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                for _ in 0..EACH {
                    let next = clock.now().unwrap().timestamp().to_bits();
                    assert!(next > last);
                    last = next;
                    let word = &seen[usize::try_from(next / 64).unwrap()];
                    let before = word.fetch_or(1 << (next % 64), Ordering::Relaxed);
                    assert_eq!(before >> (next % 64) & 1, 0, "{next} was given twice");
                }
            });
        }
    });
    assert_eq!(clock.clock().latest().timestamp().to_bits(), 2 * EACH);
}
