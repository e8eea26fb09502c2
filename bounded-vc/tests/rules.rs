//! The bytes of the clocks that differ in their rule only. They are frozen:
//! stored clocks must stay readable.

use std::num::NonZeroU32;
use std::time::Duration;

use bounded_vc::{
    AgedVectorClocks, CappedVectorClocks, DropOrder, PrunedClock, PruningRule, RiakVectorClocks,
};
use causal_clock::{CausalClock, DecodeError, ManualEnvironment, PhysicalTime, Scheme, Wire};

/// The id of the first participant, and its only event.
const ENTRY: [u8; 9] = [0, 0, 0, 0, 0, 0, 0, 1, 1];

/// A clock with one event at 300 ns is written as its rule, one entry, which
/// is the latest where it is timed, and its rank.
fn frozen<R: PruningRule + Scheme<Clock = PrunedClock<R>>>(scheme: &R, rule: &[u8], timed: bool) {
    let env = &mut ManualEnvironment::default();
    env.set_now(PhysicalTime::from_nanos(300));
    let mut clock = scheme.seed(env);
    clock.event(env).expect("room");
    let (head, behind): (&[u8], &[u8]) = if timed { (&[9, 0xac, 2], &[0]) } else { (&[6], &[]) };
    let bytes = [rule, head, &ENTRY, behind, &[1]].concat();
    assert_eq!(clock.to_bytes(), bytes, "{}", scheme.name());
    let back = PrunedClock::<R>::decode(&bytes).expect("canonical");
    assert_eq!((&back, back.encoded_len()), (&clock, bytes.len()));
    for len in 0..bytes.len() {
        assert!(PrunedClock::<R>::decode(&bytes[..len]).is_err(), "{len} bytes");
    }
}

#[test]
fn capped_clocks_are_frozen() {
    let capped = |drop, seed, keep_own| CappedVectorClocks {
        k: NonZeroU32::new(200).expect("not zero"),
        drop,
        seed,
        keep_own,
    };
    frozen(&capped(DropOrder::Oldest, 0, false), &[0xc8, 1, 0, 0], true);
    frozen(&capped(DropOrder::Oldest, 0, true), &[0xc8, 1, 1, 0], true);
    frozen(&capped(DropOrder::Stalest, 5, true), &[0xc8, 1, 3, 5], true);
    frozen(&capped(DropOrder::Smallest, 0, true), &[0xc8, 1, 5, 0], false);
    frozen(&capped(DropOrder::Random, 300, false), &[0xc8, 1, 6, 0xac, 2], false);
    let room = "room for 1 to 2^32 - 1 entries";
    for (wrong, at, expected) in [([0, 1, 0], 0, room), ([3, 8, 0], 1, "one of four drop orders")] {
        let bytes = [&wrong[..], &[6], &ENTRY, &[1]].concat();
        let error = DecodeError::Invalid { at, expected };
        assert_eq!(PrunedClock::<CappedVectorClocks>::decode(&bytes), Err(error));
    }
}

#[test]
fn aged_clocks_are_frozen() {
    let aged = |nanos| AgedVectorClocks { age: Duration::from_nanos(nanos) };
    frozen(&aged(0), &[0], true);
    frozen(&aged(300), &[0xac, 2], true);
}

#[test]
fn riak_clocks_are_frozen() {
    let riak = |keep_own| RiakVectorClocks {
        small: 3,
        big: 200,
        young: Duration::from_nanos(20),
        old: Duration::from_nanos(300),
        keep_own,
    };
    frozen(&riak(false), &[3, 0xc8, 1, 20, 0xac, 2, 0], true);
    frozen(&riak(true), &[3, 0xc8, 1, 20, 0xac, 2, 1], true);
    let decode =
        |rule: &[u8]| PrunedClock::<RiakVectorClocks>::decode(&[rule, &[6], &ENTRY, &[1]].concat());
    let switch = DecodeError::Invalid { at: 4, expected: "a switch: 0 or 1" };
    assert_eq!(decode(&[3, 4, 5, 6, 2]), Err(switch));
    // 2^32 entries.
    let too_many = DecodeError::NumberTooLarge { at: 1 };
    assert_eq!(decode(&[3, 0x80, 0x80, 0x80, 0x80, 0x10, 5, 6, 1]), Err(too_many));
}
