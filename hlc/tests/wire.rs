//! The bytes of stamps and clocks, frozen: a change here breaks whoever has
//! stored or sent them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use causal_clock::{DecodeError, NodeId, PhysicalTime, Wire};
use hlc::{
    HybridLogicalClock, HybridStamp, PackedTimestamp, PhysicalClock, PhysicalStamp, Timestamp,
    WideTimestamp,
};

const NODE: NodeId = NodeId::new(0xa1a2_a3a4_a5a6_a7a8);
const NODE_BYTES: [u8; 8] = [0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8];

/// Checks both directions.
fn freeze<T: Wire + PartialEq + std::fmt::Debug>(value: &T, bytes: &[u8]) {
    assert_eq!(value.to_bytes(), bytes);
    assert_eq!(value.encoded_len(), bytes.len());
    assert_eq!(&T::decode(bytes).unwrap(), value);
}

#[test]
fn physical() {
    let mut clock = PhysicalClock::new(NODE);
    freeze(&clock, &[[0; 8], NODE_BYTES].concat());
    let stamp = clock.tick(PhysicalTime::from_nanos(0x0102_0304_0506_0708));
    let bytes = [[1, 2, 3, 4, 5, 6, 7, 8], NODE_BYTES].concat();
    freeze(&stamp, &bytes);
    freeze(&clock, &bytes);
    assert_eq!(PhysicalStamp::decode(&bytes[1..]), Err(DecodeError::UnexpectedEnd { at: 15 }));
}

#[test]
fn hybrid_stamp() {
    let timestamp = Timestamp::from_parts(0x0102_0304_0506, 0x0708).unwrap();
    let stamp = HybridStamp::new(timestamp, NODE);
    let bytes = [[1, 2, 3, 4, 5, 6, 7, 8], NODE_BYTES].concat();
    freeze(&stamp, &bytes);
    let long = [bytes.as_slice(), &[0]].concat();
    assert_eq!(
        HybridStamp::<Timestamp>::decode(&long),
        Err(DecodeError::TrailingBytes { count: 1 })
    );
}

#[test]
fn hybrid_clock() {
    let mut clock = HybridLogicalClock::new(NODE);
    // One second and a half.
    let stamp = clock.tick(PhysicalTime::from_nanos(1_500_000_000)).unwrap();
    let stamp_bytes = [[0, 0, 0, 1, 0x80, 0, 0, 0], NODE_BYTES].concat();
    freeze(&stamp, &stamp_bytes);
    freeze(&clock, &[stamp_bytes.as_slice(), &[0]].concat());
    let bounded = clock.with_drift(Duration::from_nanos(300));
    freeze(&bounded, &[stamp_bytes.as_slice(), &[1, 0xac, 0x02]].concat());
}

#[test]
fn other_forms() {
    let reading = PhysicalTime::from_nanos(1_500_000_000);
    let wide = HybridLogicalClock::<WideTimestamp>::of_form(NODE).tick(reading).unwrap();
    freeze(
        &wide,
        &[&[0, 0, 0, 0, 0x59, 0x68, 0x2f, 0, 0, 0, 0, 0], NODE_BYTES.as_slice()].concat(),
    );
    let mut pwc = HybridLogicalClock::<PackedTimestamp<8>>::of_form(NODE);
    pwc.tick(reading).unwrap();
    let second = pwc.tick(reading).unwrap();
    freeze(&second, &[[0, 0, 0, 1, 0x80, 0, 0, 1], NODE_BYTES].concat());
}

#[test]
fn hybrid_clocks_that_are_not_canonical_are_refused() {
    let with_tail =
        |tail: &[u8]| HybridLogicalClock::<Timestamp>::decode(&[&[0; 16], tail].concat());
    assert!(matches!(with_tail(&[2]), Err(DecodeError::Invalid { at: 16, .. })));
    assert_eq!(with_tail(&[]), Err(DecodeError::UnexpectedEnd { at: 16 }));
    assert_eq!(with_tail(&[0, 0]), Err(DecodeError::TrailingBytes { count: 1 }));
    assert_eq!(with_tail(&[1, 0x80, 0]), Err(DecodeError::Overlong { at: 17 }));
}

#[test]
fn sorted_bytes_are_sorted_stamps() {
    let times = [(0, 0), (0, 1), (1, 0), (1, 0xffff), (2, 0), (0xff_ffff, 3), (0x0100_0000, 0)];
    let nodes = [0, 1, 255, 256, u64::MAX];
    let stamps: Vec<HybridStamp> = times
        .into_iter()
        .flat_map(|(time, counter)| {
            let timestamp = Timestamp::from_parts(time, counter).unwrap();
            nodes.map(|node| HybridStamp::new(timestamp, NodeId::new(node)))
        })
        .collect();
    assert!(stamps.is_sorted());
    assert!(stamps.iter().map(Wire::to_bytes).is_sorted());
}
