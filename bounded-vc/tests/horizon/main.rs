//! The horizon clock: by example, by its proofs, and byte by byte.

mod laws;
mod wire;

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use bounded_vc::{
    HorizonBits, HorizonClock, HorizonClocks, HorizonDrop, HorizonError, HorizonStamp, IdWidth,
};
use causal_clock::CausalOrder::{Before, Concurrent};
use causal_clock::{
    CausalClock, CausalStamp, CounterOverflow, ManualEnvironment, NodeId, PhysicalTime, Scheme,
    Verdict, Wire,
};

fn scheme(k: u32, ids: u8) -> HorizonClocks {
    HorizonClocks {
        k: NonZeroU32::new(k).expect("not zero"),
        tick: Duration::from_secs(1),
        ids: IdWidth::try_from(ids).expect("a width"),
        ..HorizonClocks::default()
    }
}

/// The same with so many horizons of so many bits.
fn parted(k: u32, ids: u8, horizons: u16, bits: u8) -> HorizonClocks {
    HorizonClocks {
        horizons: NonZeroU16::new(horizons).expect("not zero"),
        bits: HorizonBits::try_from(bits).expect("a width"),
        ..scheme(k, ids)
    }
}

/// Participants 1 to `n`, with an event each at second 10, 20 and so on.
fn family(scheme: HorizonClocks, n: u64) -> Vec<HorizonClock> {
    let mut family: Vec<HorizonClock> =
        (1..=n).map(|id| HorizonClock::new(scheme, NodeId::new(id))).collect();
    for (second, clock) in (10..).step_by(10).zip(&mut family) {
        clock.event(PhysicalTime::from_secs(second)).expect("room");
    }
    family
}

fn receive(clock: &mut HorizonClock, from: &HorizonStamp, second: u64) {
    clock.merge(from).expect("one scheme");
    clock.event(PhysicalTime::from_secs(second)).expect("room");
}

/// What is kept is proven, what is later than the horizon too; below it the
/// answer is a guess.
#[test]
fn it_knows_when_it_knows() {
    let clocks = family(scheme(2, 8), 5);
    let stamps: Vec<_> = clocks.iter().map(HorizonClock::stamp).collect();
    let mut last = clocks[4].clone();
    assert_eq!(stamps[0].compare(&last.stamp()), Verdict::proven(Concurrent));
    receive(&mut last, &stamps[1], 60);
    receive(&mut last, &stamps[2], 70);
    let stamp = last.stamp();
    assert_eq!(stamp.horizons(), [20], "the entry of the second was dropped");
    let verdicts: Vec<_> = stamps[..4].iter().map(|earlier| earlier.compare(&stamp)).collect();
    let expected = [
        Verdict::guessed(Before), // wrong: it was never heard of
        Verdict::guessed(Before), // right: it was dropped
        Verdict::proven(Before),
        Verdict::proven(Concurrent),
    ];
    assert_eq!(verdicts, expected);
}

/// However wrong the physical clock, what comes later has the later time.
#[test]
fn time_grows_along_every_path() {
    let clocks = family(scheme(2, 8), 3);
    let mut behind = clocks[0].clone();
    receive(&mut behind, &clocks[2].stamp(), 5);
    assert_eq!(behind.stamp().time(), 31, "one tick after the latest time that it knows");
    let mut forgetful = clocks[1].clone();
    receive(&mut forgetful, &behind.stamp(), 6);
    assert_eq!(forgetful.stamp().time(), 32);
    let mut lonely = HorizonClock::new(scheme(1, 8), NodeId::new(9));
    receive(&mut lonely, &clocks[2].stamp(), 6);
    assert_eq!((lonely.stamp().time(), lonely.stamp().horizons()), (31, &[30][..]));
}

/// The entry of whoever did the least goes, and the horizon rises to it. How
/// much the others did is remembered across a restart, though not in stamps.
#[test]
fn the_busy_stay() {
    let scheme = HorizonClocks { drop: HorizonDrop::Smallest, ..scheme(2, 8) };
    let mut clocks = family(scheme, 3);
    for second in 11..30 {
        clocks[0].event(PhysicalTime::from_secs(second)).expect("room");
    }
    let (busy, idle) = (clocks[0].stamp(), clocks[1].stamp());
    receive(&mut clocks[2], &busy, 60);
    let mut last = HorizonClock::decode(&clocks[2].to_bytes()).expect("its own bytes");
    assert_eq!(last, clocks[2]);
    receive(&mut last, &idle, 70);
    assert_eq!(last.stamp().horizons(), [20]);
    assert_eq!(busy.compare(&last.stamp()), Verdict::proven(Before), "below the horizon");
    assert_eq!(idle.compare(&last.stamp()), Verdict::guessed(Before));
    let mut newborn = last.fork(NodeId::new(4));
    newborn.event(PhysicalTime::from_secs(80)).expect("room");
    assert_eq!(busy.compare(&newborn.stamp()), Verdict::proven(Before), "it knows who is busy");
}

/// Of seven classes, what was dropped of one says nothing of another.
#[test]
fn a_horizon_for_each_class() {
    let clocks = family(parted(1, 8, 7, 6), 9);
    let stamps: Vec<_> = clocks.iter().map(HorizonClock::stamp).collect();
    let mut last = clocks[8].clone();
    receive(&mut last, &stamps[4], 100);
    let stamp = last.stamp();
    let dropped = stamp.horizons().iter().filter(|time| **time == 50).count();
    let untouched = stamp.horizons().iter().filter(|time| **time == 100 - 63).count();
    assert_eq!((dropped, untouched), (1, 6), "raised to the end of the window");
    for (earlier, second) in stamps[..4].iter().zip([10, 20, 30, 40]) {
        let verdict = earlier.compare(&stamp);
        // That of the second 40 is of another class than that of 50.
        let expected =
            if second < 37 { Verdict::guessed(Before) } else { Verdict::proven(Concurrent) };
        assert_eq!(verdict, expected, "{second}");
    }
}

/// Where the earlier event may be known, something that it knew may not be.
#[test]
fn what_the_earlier_one_knew_shows_that_it_is_concurrent() {
    let read = |bytes: &[u8]| HorizonStamp::decode(bytes).expect("canonical");
    // Of two horizons of eight bits; ids of a byte are of the first class below 128.
    let stamp = |time: u8, id: u8, behind: [u8; 2], other: &[u8]| {
        read(&[&[64 + 16, 7, time, id, behind[0], behind[1]], other].concat())
    };
    let later = |second: u8, other: &[u8]| stamp(120, 2, [5, 120 - second], other);
    let verdict = |earlier: &HorizonStamp, later: &HorizonStamp| {
        assert_eq!(earlier.compare(later), later.compare(earlier).reverse());
        earlier.compare(later)
    };
    let knows_of_200 = stamp(100, 1, [100, 100], &[200, 10]);
    assert_eq!(verdict(&knows_of_200, &later(89, &[])), Verdict::proven(Concurrent));
    assert_eq!(verdict(&knows_of_200, &later(90, &[])), Verdict::guessed(Before));
    assert_eq!(verdict(&knows_of_200, &later(0, &[200, 31])), Verdict::proven(Concurrent));
    assert_eq!(verdict(&knows_of_200, &later(0, &[200, 30])), Verdict::guessed(Before));
    let has_dropped = stamp(100, 1, [100, 20], &[]);
    assert_eq!(verdict(&has_dropped, &later(79, &[])), Verdict::proven(Concurrent));
    assert_eq!(verdict(&has_dropped, &later(80, &[])), Verdict::guessed(Before));
    // An entry does not say what was dropped of others.
    assert_eq!(verdict(&has_dropped, &later(79, &[200, 1])), Verdict::proven(Concurrent));
}

#[test]
fn eight_bytes_hold_a_horizon_clock() {
    let tick = Duration::from_millis(64);
    let lone = HorizonClocks { tick, ..scheme(1, 1) };
    let now = PhysicalTime::from_secs(1_800_000_000);
    let mut clocks = [1, 2].map(|id| HorizonClock::new(lone, NodeId::new(id)));
    clocks[0].event(now).expect("room");
    let heard = clocks[0].stamp();
    clocks[1].merge(&heard).expect("one scheme");
    clocks[1].event(now).expect("room");
    assert_eq!(clocks[1].stamp().encoded_len(), 8);
    assert_eq!(heard.compare(&clocks[1].stamp()), Verdict::guessed(Before));
}

#[test]
fn a_full_counter_is_an_error_and_changes_nothing() {
    let mut bytes = vec![14];
    bytes.extend([0xff; 9]);
    bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 7]);
    let last = HorizonStamp::decode(&bytes).expect("canonical");
    assert_eq!(last.time(), u64::MAX);
    let mut clock = HorizonClock::new(scheme(2, 8), NodeId::new(1));
    clock.merge(&last).expect("one scheme");
    let before = clock.clone();
    let error = HorizonError::Overflow(CounterOverflow { counter: u64::MAX });
    assert_eq!(clock.event(PhysicalTime::from_secs(1)), Err(error));
    assert_eq!(clock, before);
    // It spreads, as the documentation of the module says.
    let mut other = HorizonClock::new(scheme(2, 8), NodeId::new(2));
    other.merge(&clock.stamp()).expect("one scheme");
    assert_eq!(other.event(PhysicalTime::from_secs(1)), Err(error));
    // The latest time shows it, wherever in the stamp it is.
    let hidden = [64 + 32, 20, 7, 11, 8, 0];
    let hidden = HorizonStamp::decode(&hidden).expect("canonical");
    assert_eq!((hidden.time(), hidden.horizons(), hidden.latest()), (9, &[0][..], 20));
    assert_eq!((last.latest(), other.stamp().latest()), (u64::MAX, u64::MAX));
}

#[test]
fn a_stamp_from_too_far_ahead_is_refused_and_changes_nothing() {
    let (at, seconds) = (PhysicalTime::from_secs, Duration::from_secs);
    let mut good = HorizonClock::new(scheme(2, 8), NodeId::new(1));
    let mut ahead = good.fork(NodeId::new(2));
    ahead.event(at(100)).expect("room");
    let before = good.clone();
    let error = |ahead: u64, bound: u64| HorizonError::TooFarAhead {
        ahead: seconds(ahead),
        bound: seconds(bound),
    };
    let stamp = ahead.stamp();
    assert_eq!(good.merge_within(&stamp, at(90), seconds(9)), Err(error(10, 9)));
    assert_eq!(good, before);
    assert_eq!(
        error(10, 9).to_string(),
        "the stamp is 10s ahead of this node's clock: at most 9s is accepted",
    );
    // A sender within the bound read no earlier tick than this.
    let late_in_its_second = at(90).saturating_add(Duration::from_millis(999));
    good.merge_within(&stamp, late_in_its_second, seconds(10)).expect("within");
    good.merge_within(&stamp, at(900), Duration::ZERO).expect("the past is no offence");
    let mut bytes = vec![14];
    bytes.extend([0xff; 9]);
    bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 7]);
    let last = HorizonStamp::decode(&bytes).expect("canonical");
    assert_eq!(good.merge_within(&last, at(1), Duration::ZERO), Err(error(u64::MAX - 1, 0)));
    good.clone().merge_within(&last, at(1), Duration::MAX).expect("whatever comes");
    // It is refused for another reason where that comes later.
    let other = HorizonClock::new(scheme(2, 1), NodeId::new(3)).stamp();
    let before = good.clone();
    let refused = good.merge_within(&other, at(1), Duration::ZERO);
    assert!(matches!(refused, Err(HorizonError::IdWidth { .. })));
    assert_eq!(good, before);
}

#[test]
fn a_drift_bound_may_be_a_number_of_long_ticks() {
    let day = Duration::from_secs(86_400);
    let tick = 365 * day;
    let counters = HorizonClocks { tick, ..scheme(2, 8) };
    let mut ahead = HorizonClock::new(counters, NodeId::new(1));
    let mut good = ahead.fork(NodeId::new(2));
    for _ in 0..1_000 {
        ahead.event(PhysicalTime::from_secs(1)).expect("room");
    }
    let (now, latest) = (PhysicalTime::from_secs(0), ahead.stamp().latest());
    let ticks = u32::try_from(latest).expect("a thousand");
    let refused = good.merge_within(&ahead.stamp(), now, tick * (ticks - 1));
    let (ahead_by, bound) = (tick * ticks, tick * (ticks - 1));
    assert_eq!(refused, Err(HorizonError::TooFarAhead { ahead: ahead_by, bound }));
    good.merge_within(&ahead.stamp(), now, tick * ticks).expect("within");
}

#[test]
fn clocks_of_other_numbers_of_horizons_are_refused() {
    let env = &mut ManualEnvironment::default();
    let mut clock = parted(2, 8, 3, 6).seed(env);
    let other = parted(2, 8, 4, 6).seed(env);
    let before = clock.clone();
    let error = HorizonError::Horizons { own: 3, other: 4 };
    assert_eq!(clock.merge(&other.stamp()), Err(error));
    let refusal = clock.join(other.clone(), env).expect_err("more horizons");
    assert_eq!((refusal.error, &*refusal.retired, &clock), (error, &other, &before));
    clock.event(PhysicalTime::from_secs(9)).expect("room");
    assert_eq!(clock.stamp().compare(&other.stamp()), Verdict::guessed(Before.reverse()));
    let mut later = other.clone();
    later.event(PhysicalTime::from_secs(99)).expect("room");
    assert!(!clock.stamp().compare(&later.stamp()).proven);
    assert!(HorizonBits::try_from(0).is_err() && HorizonBits::try_from(17).is_err());
}

#[test]
fn clocks_of_other_widths_are_refused() {
    let env = &mut ManualEnvironment::default();
    let mut clock = scheme(2, 8).seed(env);
    let other = scheme(2, 2).seed(env);
    let width = |bytes| IdWidth::try_from(bytes).expect("a width");
    let error = HorizonError::IdWidth { own: width(8), other: width(2) };
    assert_eq!(clock.merge(&other.stamp()), Err(error));
    let refusal = clock.join(other.clone(), env).expect_err("another width");
    assert_eq!((refusal.error, *refusal.retired), (error, other));
    assert!(IdWidth::try_from(0).is_err() && IdWidth::try_from(9).is_err());
}

/// Counts that are not encoded would be lost on the way.
#[test]
fn clocks_that_count_and_clocks_that_do_not_are_refused() {
    let env = &mut ManualEnvironment::default();
    let drops = [HorizonDrop::Oldest, HorizonDrop::Smallest, HorizonDrop::Random];
    let clocks = drops.map(|drop| {
        let mut clock = HorizonClocks { drop, ..scheme(3, 8) }.seed(env);
        CausalClock::event(&mut clock, env).expect("room");
        clock
    });
    for own in &clocks {
        for other in &clocks {
            let counts = [own, other].map(|clock| clock.stamp().to_bytes()[0] & 16 > 0);
            let error = HorizonError::Counts { own: counts[0], other: counts[1] };
            let mut clock = own.clone();
            if counts[0] == counts[1] {
                clock.merge(&other.stamp()).expect("the same in stamps");
            } else {
                assert_eq!(clock.merge(&other.stamp()), Err(error));
                let refusal = clock.join(other.clone(), env).expect_err("another order");
                assert_eq!((refusal.error, &*refusal.retired, &clock), (error, other, own));
            }
            assert_eq!(HorizonStamp::decode(&clock.stamp().to_bytes()), Ok(clock.stamp()));
        }
    }
}

/// Found by fuzzing: two schemes mixed up prove nothing, from either side.
#[test]
fn stamps_of_other_widths_prove_nothing() {
    let read = |bytes: &[u8]| HorizonStamp::decode(bytes).expect("canonical");
    let (cut, whole) = (read(&[0, 0, 0]), read(&[14, 4, 0, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!(cut.compare(&whole), Verdict::guessed(Before));
    assert_eq!(whole.compare(&cut), Verdict::guessed(Before.reverse()));
}

#[test]
fn the_scheme_is_named() {
    assert_eq!(HorizonClocks::default().name(), "horizon:k=10,tick=1ms");
    assert_eq!(scheme(4, 2).name(), "horizon:k=4,tick=1s,ids=2");
    let busy = HorizonClocks { drop: HorizonDrop::Smallest, ..HorizonClocks::default() };
    assert_eq!(busy.name(), "horizon:k=10,tick=1ms,drop=smallest");
    let all = HorizonClocks { drop: HorizonDrop::Smallest, ..parted(4, 2, 8, 6) };
    assert_eq!(all.name(), "horizon:k=4,tick=1s,ids=2,drop=smallest,horizons=8,bits=6");
}
