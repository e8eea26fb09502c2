//! Members that leave, by Akka's rule; and entries that are dropped because
//! they were not seen to change.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use bounded_vc::{
    AgedVectorClocks, AkkaClock, AkkaStamp, AkkaVectorClocks, CappedVectorClocks, DropOrder, Loss,
};
use causal_clock::CausalOrder::{Before, Concurrent};
use causal_clock::wire::put_varint;
use causal_clock::{
    CausalClock, CausalStamp, DecodeError, ManualEnvironment, NodeId, PhysicalTime, Scheme,
    Verdict, Wire,
};

fn ids(clock: &AkkaClock) -> Vec<u64> {
    clock.vector().entries().iter().map(|entry| entry.id.get()).collect()
}

/// Three members, numbered from 1, each with an event that all know of.
fn cluster(env: &mut ManualEnvironment) -> Vec<AkkaClock> {
    let scheme = AkkaVectorClocks { keep: Duration::from_secs(60) };
    env.set_now(PhysicalTime::from_secs(1));
    let mut clocks = vec![scheme.seed(env)];
    for _ in 0..2 {
        let member = clocks[0].fork(env);
        clocks.push(member);
    }
    let stamps: Vec<_> = clocks.iter_mut().map(|clock| clock.send(env).expect("room")).collect();
    for clock in &mut clocks {
        stamps.iter().for_each(|stamp| clock.merge(stamp, env).expect("room"));
    }
    clocks
}

#[test]
fn a_removal_travels_and_what_is_late_stays_out() {
    let env = &mut ManualEnvironment::default();
    let mut clocks = cluster(env);
    let mut leaving = clocks.pop().expect("three");
    let known = leaving.send(env).expect("room");
    clocks[0].merge(&known, env).expect("room");
    let late = leaving.send(env).expect("room");
    clocks[0].join(leaving, env).expect("room");
    assert_eq!((ids(&clocks[0]), clocks[0].vector().loss()), (vec![1, 2], Loss::Others));
    assert_eq!(clocks[0].vector().entries()[0].counter, 2, "a step of its own");
    let announcement = clocks[0].send(env).expect("room");
    clocks[1].merge(&announcement, env).expect("room");
    assert_eq!(ids(&clocks[1]), [1, 2]);
    clocks[1].receive(&late, env).expect("room");
    assert_eq!(ids(&clocks[1]), [1, 2]);
    // What is lost: both happened before, and neither is known to have.
    let now = clocks[1].stamp();
    assert_eq!(late.compare(&now), Verdict::guessed(Concurrent));
    assert_eq!(known.compare(&now), Verdict::guessed(Concurrent));
    assert_eq!(announcement.compare(&now), Verdict::proven(Before));
}

/// The harm of tombstones that are not kept for ever.
#[test]
fn once_the_removal_is_forgotten_the_entry_comes_back_to_stay() {
    let env = &mut ManualEnvironment::default();
    let mut clocks = cluster(env);
    let mut leaving = clocks.pop().expect("three");
    let late = leaving.send(env).expect("room");
    clocks[0].join(leaving, env).expect("room");
    assert_eq!(clocks[0].removals().count(), 1);
    env.set_now(PhysicalTime::from_secs(62));
    clocks[0].event(env).expect("room");
    assert_eq!(clocks[0].removals().count(), 0);
    clocks[0].merge(&late, env).expect("room");
    assert_eq!(ids(&clocks[0]), [1, 2, 3]);
    let again = clocks[0].send(env).expect("room");
    clocks[1].merge(&again, env).expect("room");
    assert_eq!(ids(&clocks[1]), [1, 2, 3]);
    assert_eq!(late.compare(&again), Verdict::proven(Before), "and is right, for once");
}

/// One that is said to have left and has not goes on under its name.
#[test]
fn the_own_entry_stays() {
    let env = &mut ManualEnvironment::default();
    let mut clocks = cluster(env);
    let retired = clocks[2].clone();
    clocks[0].join(retired, env).expect("room");
    let announcement = clocks[0].send(env).expect("room");
    clocks[2].receive(&announcement, env).expect("room");
    assert_eq!(ids(&clocks[2]), [1, 2, 3]);
    assert_eq!(announcement.compare(&clocks[2].stamp()), Verdict::proven(Before));
}

/// The encoding, byte by byte. These bytes are frozen: stored stamps must
/// stay readable.
#[test]
fn wire_frozen() {
    let env = &mut ManualEnvironment::default();
    env.set_now(PhysicalTime::from_nanos(300));
    let mut first = AkkaVectorClocks { keep: Duration::from_nanos(5) }.seed(env);
    let second = first.fork(env);
    first.join(second, env).expect("room");
    let id = |n| [0, 0, 0, 0, 0, 0, 0, n];
    // One entry that is not timed, nothing lost, of the first; one removal at
    // 300.
    let frozen = [&[6][..], &id(1), &[1, 1, 1, 0xac, 2], &id(2), &[0]].concat();
    assert_eq!(first.stamp().to_bytes(), frozen);
    assert_eq!(AkkaStamp::decode(&frozen), Ok(first.stamp()));
    let clock = [&[5], &frozen[..]].concat();
    assert_eq!(first.to_bytes(), clock);
    assert_eq!(AkkaClock::decode(&clock), Ok(first));
}

#[test]
fn wire_refuses_what_is_not_canonical() {
    const EMPTY: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let stamp = |rest: &[u8]| AkkaStamp::decode(&[&EMPTY, rest].concat());
    let removal = |id: u8, behind: u8| [0, 0, 0, 0, 0, 0, 0, id, behind];
    assert!(stamp(&[0]).is_ok());
    assert!(stamp(&[&[1, 9][..], &removal(1, 0)].concat()).is_ok());
    let not_canonical = |at, rule| DecodeError::NotCanonical { at, rule };
    let latest = "the latest time is that of a removal";
    let overlong = [&[1, 9][..], &removal(1, 0x80), &[0]].concat();
    let cases = [
        (vec![], DecodeError::UnexpectedEnd { at: 10 }),
        (vec![5], DecodeError::CountTooLarge { at: 10, count: 5, room: 0 }),
        (
            [&[0xff, 0xff, 0x7f, 9][..], &removal(1, 0)].concat(),
            DecodeError::CountTooLarge { at: 10, count: 0x1f_ffff, room: 10 },
        ),
        (vec![0, 0], DecodeError::TrailingBytes { count: 1 }),
        ([&[1, 9][..], &removal(1, 0)[..8]].concat(), DecodeError::UnexpectedEnd { at: 20 }),
        ([&[1, 9][..], &removal(1, 1)].concat(), not_canonical(11, latest)),
        ([&[1, 9][..], &removal(1, 10)].concat(), DecodeError::NumberTooLarge { at: 20 }),
        (overlong, DecodeError::Overlong { at: 20 }),
        ([&[2, 9][..], &removal(2, 0), &removal(1, 0)].concat(), not_canonical(21, "ids ascend")),
        ([&[2, 9][..], &removal(1, 0), &removal(1, 0)].concat(), not_canonical(21, "ids ascend")),
    ];
    for (bytes, error) in cases {
        assert_eq!(stamp(&bytes), Err(error), "{bytes:02x?}");
    }
}

/// Neither a clock that is ahead nor a lie makes a removal last: it is
/// forgotten `keep` after it was heard of, by all who hear of it from others.
#[test]
fn removals_from_the_future_are_forgotten_too() {
    let env = &mut ManualEnvironment::default();
    let mut clocks = cluster(env);
    let mut lie = vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1];
    put_varint(&mut lie, u64::MAX);
    lie.extend([0, 0, 0, 0, 0, 0, 0, 9, 0]);
    let lie = AkkaStamp::decode(&lie).expect("canonical");
    env.set_now(PhysicalTime::from_secs(10));
    clocks[0].merge(&lie, env).expect("room");
    let removal = (NodeId::new(9), PhysicalTime::from_secs(10));
    assert!(clocks[0].removals().eq([removal]));
    // Whoever is behind dates it later once it hears of it again, and so all
    // come to agree; nobody dates it after the first.
    for second in [5, 40, 60] {
        env.set_now(PhysicalTime::from_secs(second));
        let heard = clocks[0].stamp();
        clocks[1].merge(&heard, env).expect("room");
        let heard = clocks[1].stamp();
        clocks[0].merge(&heard, env).expect("room");
        assert!(clocks[0].removals().eq([removal]));
        let mine = PhysicalTime::from_secs(second.min(10));
        assert!(clocks[1].removals().eq([(removal.0, mine)]));
    }
    env.set_now(PhysicalTime::from_secs(71));
    for clock in &mut clocks[..2] {
        clock.event(env).expect("room");
        assert_eq!(clock.removals().count(), 0);
    }
}

/// As many removals as a hostile member likes, of ids before and between those
/// known, are taken in as if one by one.
#[test]
fn many_removals_are_taken_in() {
    let removals = |first: u64, step: u64| {
        let mut bytes = vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
        put_varint(&mut bytes, 60_000);
        put_varint(&mut bytes, 9);
        for i in 0..60_000 {
            bytes.extend((first + i * step).to_be_bytes());
            bytes.push(u8::try_from(i % 10).expect("a digit"));
        }
        AkkaStamp::decode(&bytes).expect("canonical")
    };
    let env = &mut ManualEnvironment::default();
    env.set_now(PhysicalTime::from_nanos(9));
    let mut clock = AkkaVectorClocks::default().seed(env);
    let mut expected = BTreeMap::new();
    for (first, step) in [(1_000_000, 2), (10, 1), (1_000_001, 1)] {
        clock.merge(&removals(first, step), env).expect("room");
        for i in 0..60_000 {
            let time = expected.entry(NodeId::new(first + i * step)).or_default();
            *time = PhysicalTime::from_nanos(9 - i % 10).max(*time);
        }
    }
    assert!(clock.removals().eq(expected));
}

/// An entry stays for as long as it is not older than the age.
#[test]
fn entries_go_by_their_age() {
    let env = &mut ManualEnvironment::default();
    let mut clock = AgedVectorClocks { age: Duration::from_secs(5) }.seed(env);
    let mut other = clock.fork(env);
    env.set_now(PhysicalTime::from_secs(10));
    let heard = other.send(env).expect("room");
    clock.receive(&heard, env).expect("room");
    let mut entries_at = |second| {
        env.set_now(PhysicalTime::from_secs(second));
        clock.event(env).expect("room");
        clock.vector().entries().len()
    };
    assert_eq!([15, 16].map(&mut entries_at), [2, 1]);
}

/// The difference between the oldest and the stalest: news of an old event.
#[test]
fn news_of_an_old_event_are_fresh_to_who_sees_them() {
    let kept = |drop| {
        let env = &mut ManualEnvironment::default();
        let k = NonZeroU32::new(2).expect("not zero");
        let mut clocks = vec![CappedVectorClocks { k, drop, ..Default::default() }.seed(env)];
        for _ in 0..2 {
            let member = clocks[0].fork(env);
            clocks.push(member);
        }
        env.set_now(PhysicalTime::from_secs(1));
        let old = clocks[1].send(env).expect("room");
        env.set_now(PhysicalTime::from_secs(2));
        let new = clocks[2].send(env).expect("room");
        for (second, stamp) in [(3, &new), (4, &old)] {
            env.set_now(PhysicalTime::from_secs(second));
            clocks[0].receive(stamp, env).expect("room");
        }
        let (stamp, clock) = (clocks[0].stamp(), clocks[0].to_bytes());
        let ids: Vec<_> = stamp.vector().entries().iter().map(|entry| entry.id.get()).collect();
        (ids, stamp.encoded_len(), clock.len())
    };
    assert_eq!(kept(DropOrder::Oldest).0, [1, 3]);
    let (ids, stamp, clock) = kept(DropOrder::Stalest);
    assert_eq!(ids, [1, 2]);
    assert_eq!(stamp, 1 + 2 * 9 + 1, "stamps carry no times");
    assert!(clock > stamp + 8, "clocks do");
}
