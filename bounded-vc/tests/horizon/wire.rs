//! What is in the bytes, and what is refused.

use bounded_vc::{HorizonClock, HorizonClocks, HorizonDrop, HorizonStamp};
use causal_clock::{DecodeError, ManualEnvironment, PhysicalTime, Scheme, Wire};

use crate::{family, parted, receive, scheme};

/// The encoding, byte by byte. These bytes are frozen: stored stamps must
/// stay readable.
#[test]
fn wire_frozen() {
    let clocks = family(scheme(2, 8), 3);
    let mut last = clocks[2].clone();
    assert_eq!(last.stamp().to_bytes(), [14, 30, 0, 0, 0, 0, 0, 0, 0, 3]);
    receive(&mut last, &clocks[0].stamp(), 35);
    receive(&mut last, &clocks[1].stamp(), 300);
    let frozen = [64 + 14 + 1, 0xac, 0x02, 0, 0, 0, 0, 0, 0, 0, 3, 0xa2, 0x02]
        .into_iter()
        .chain([0, 0, 0, 0, 0, 0, 0, 2, 0x98, 0x02])
        .collect::<Vec<u8>>();
    assert_eq!(last.stamp().to_bytes(), frozen);
    assert_eq!(HorizonStamp::decode(&frozen), Ok(last.stamp()));
    let second = [0x80, 0x94, 0xeb, 0xdc, 0x03];
    assert_eq!(last.to_bytes(), [&[2], &second[..], &[0], &frozen].concat());
    let cut = family(scheme(2, 1), 1);
    assert_eq!(cut[0].stamp().to_bytes(), [0, 10, 0x56]);
}

#[test]
fn wire_frozen_where_events_are_counted() {
    let counting = HorizonClocks { drop: HorizonDrop::Smallest, ..scheme(2, 1) };
    let mut busy = counting.seed(&mut ManualEnvironment::default());
    let mut other = family(counting, 3);
    for second in 1..36 {
        busy.event(PhysicalTime::from_secs(second)).expect("room");
        other[2].event(PhysicalTime::from_secs(second)).expect("room");
    }
    let id = u8::try_from(other[2].id().get()).expect("cut");
    busy.merge(&other[2].stamp()).expect("one scheme");
    busy.merge(&other[1].stamp()).expect("one scheme");
    // Behind the largest time by 30, twice sixteen own events, one dropped at
    // 20, and the other.
    assert_eq!(busy.stamp().to_bytes(), [16 + 32 + 1, 65, 0x56, 30, 2, 45, id, 0]);
    // Three events and twice sixteen, and one other with twice sixteen.
    let second = [0x80, 0x94, 0xeb, 0xdc, 0x03];
    let clock = [&[2], &second[..], &[1, 3, 1, 2], &busy.stamp().to_bytes()].concat();
    assert_eq!(busy.to_bytes(), clock);
    assert_eq!(HorizonStamp::decode(&busy.stamp().to_bytes()), Ok(busy.stamp()));
    assert_eq!(HorizonClock::decode(&clock), Ok(busy));
}

#[test]
fn wire_frozen_with_several_horizons() {
    let clocks = family(parted(2, 8, 3, 5), 4);
    let mut last = clocks[3].clone();
    receive(&mut last, &clocks[0].stamp(), 36);
    receive(&mut last, &clocks[2].stamp(), 44);
    assert_eq!(last.stamp().horizons(), [13, 13, 13]);
    receive(&mut last, &clocks[1].stamp(), 45);
    // One of the second 20 was dropped; the rest is at the end of the window.
    assert_eq!(last.stamp().horizons(), [14, 14, 20]);
    let packed = 31 | 31 << 5 | 25 << 10_u32;
    let frozen = [64 + 16 + 14, 16 + 4, 45, 0, 0, 0, 0, 0, 0, 0, 4]
        .into_iter()
        .chain(u16::to_le_bytes(packed))
        .chain([0, 0, 0, 0, 0, 0, 0, 3, 15])
        .collect::<Vec<u8>>();
    assert_eq!(last.stamp().to_bytes(), frozen);
    assert_eq!(HorizonStamp::decode(&frozen), Ok(last.stamp()));
    let second = [0x80, 0x94, 0xeb, 0xdc, 0x03];
    assert_eq!(last.to_bytes(), [&[2], &second[..], &[0], &frozen].concat());
    assert_eq!(HorizonClock::decode(&last.to_bytes()), Ok(last));
    let counting = HorizonClocks { drop: HorizonDrop::Smallest, ..parted(1, 1, 2, 16) };
    let one = family(counting, 1);
    assert_eq!(one[0].stamp().to_bytes(), [64 + 16 + 1, 15, 10, 0x56, 0, 10, 0, 10, 0]);
    assert_eq!(HorizonStamp::decode(&one[0].stamp().to_bytes()), Ok(one[0].stamp()));
}

#[test]
fn wire_refuses_what_is_not_canonical() {
    let not_canonical = |at, rule| DecodeError::NotCanonical { at, rule };
    let zero = "a time of zero is left out";
    let order = "ids ascend, and the own is not among those of others";
    let cases = [
        (vec![0], DecodeError::UnexpectedEnd { at: 1 }),
        (vec![32, 5, 7, 1], not_canonical(1, "the largest time is one of the times")),
        (vec![32, 5, 7, 0], not_canonical(3, "an own time that is the largest is left out")),
        (vec![32, 5, 7, 6], DecodeError::NumberTooLarge { at: 3 }),
        (vec![1, 5, 7, 5], not_canonical(3, zero)),
        (vec![64, 5, 7, 8, 5], not_canonical(4, zero)),
        (vec![64, 5, 7, 7, 0], not_canonical(3, order)),
        (vec![0x80, 1, 5, 7, 9, 0, 8, 0], not_canonical(6, order)),
        (vec![0x80, 1, 5, 7, 9, 0], DecodeError::CountTooLarge { at: 0, count: 2, room: 2 }),
        (
            vec![128 + 16, 1, 5, 7, 0],
            not_canonical(0, "how many others there are follows from the length"),
        ),
        (vec![16, 5, 7], DecodeError::UnexpectedEnd { at: 3 }),
        (vec![16, 5, 7, 0, 9], DecodeError::UnexpectedEnd { at: 5 }),
        (vec![16, 5, 7, 0, 9, 0, 9, 0], not_canonical(6, order)),
        (vec![64 + 16, 5, 5, 7], DecodeError::CountTooLarge { at: 1, count: 2, room: 0 }),
        (vec![64 + 16, 5, 5, 7, 0x05, 0x10], not_canonical(6, "bits left over are zero")),
        (vec![64 + 16, 5, 5, 7, 0x06, 0x00], DecodeError::NumberTooLarge { at: 4 }),
        (
            vec![64 + 16, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 5, 7, 0],
            DecodeError::CountTooLarge { at: 1, count: (0x7f_ffff_ffff >> 4) + 2, room: 1 },
        ),
        (vec![0, 5, 7, 0], DecodeError::TrailingBytes { count: 1 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(HorizonStamp::decode(&bytes), Err(error), "{bytes:02x?}");
    }
}
