//! Path clocks against a plain map of paths, hostile bytes, and frozen forms.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::collections::BTreeMap;

use bounded_vc::{PathClock, PathStamp};
use causal_clock::{CausalOrder, CausalStamp, DecodeError, Wire};
use proptest::prelude::*;

/// The specification: events by path.
#[derive(Clone, Default)]
struct Plain(BTreeMap<Vec<u64>, u64>);

impl Plain {
    fn merge(&mut self, other: &Self) {
        for (path, events) in &other.0 {
            let known = self.0.entry(path.clone()).or_default();
            *known = (*known).max(*events);
        }
    }

    fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|(path, events)| self.0.get(path).is_some_and(|known| known >= events))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_tree_does_what_a_map_does(ops in proptest::collection::vec((0..4_u8, any::<u16>(), any::<u16>()), 1..120)) {
        let mut clocks = vec![(PathClock::root(0), Plain::default())];
        let mut stamps: Vec<(PathStamp, Plain)> = Vec::new();
        for (op, a, b) in ops {
            let (a, b) = (usize::from(a), usize::from(b));
            let at = a % clocks.len();
            match op {
                0 => {
                    let (clock, plain) = &mut clocks[at];
                    clock.event().unwrap();
                    *plain.0.entry(clock.path().to_vec()).or_default() += 1;
                    stamps.push((clock.stamp(), plain.clone()));
                }
                1 if clocks.len() < 30 => {
                    let (clock, plain) = &mut clocks[at];
                    let child = (clock.fork(), plain.clone());
                    clocks.push(child);
                }
                2 if !stamps.is_empty() => {
                    let (stamp, past) = stamps[b % stamps.len()].clone();
                    let (clock, plain) = &mut clocks[at];
                    clock.merge(&stamp);
                    plain.merge(&past);
                }
                3 if clocks.len() > 1 => {
                    let (retired, past) = clocks.swap_remove(at);
                    let into = b % clocks.len();
                    clocks[into].0.join(retired);
                    clocks[into].1.merge(&past);
                }
                _ => {}
            }
        }
        for (clock, plain) in &clocks {
            let known: BTreeMap<_, _> = clock.known().iter().collect();
            prop_assert_eq!(&known, &plain.0);
            for (path, events) in &plain.0 {
                prop_assert_eq!(clock.known().get(path), *events);
            }
            let bytes = clock.to_bytes();
            prop_assert_eq!(bytes.len(), clock.encoded_len());
            prop_assert_eq!(&PathClock::decode(&bytes).unwrap(), clock);
        }
        for (left, l) in &stamps {
            prop_assert_eq!(&PathStamp::decode(&left.to_bytes()).unwrap(), left);
            for (right, r) in &stamps {
                let order = CausalOrder::from_leq(r.includes(l), l.includes(r));
                prop_assert_eq!(left.compare(right).order, order);
            }
        }
    }

    #[test]
    fn other_bytes_are_refused_or_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        if let Ok(stamp) = PathStamp::decode(&bytes) {
            prop_assert_eq!(stamp.to_bytes(), &bytes[..]);
        }
        if let Ok(clock) = PathClock::decode(&bytes) {
            prop_assert_eq!(clock.to_bytes(), &bytes[..]);
        }
    }

    #[test]
    fn changed_bytes_are_refused_or_come_back(at in any::<u16>(), to in any::<u8>()) {
        let mut bytes = family().to_bytes();
        let at = usize::from(at) % bytes.len();
        bytes[at] = to;
        if let Ok(clock) = PathClock::decode(&bytes) {
            prop_assert_eq!(clock.to_bytes(), bytes);
        }
    }
}

/// A child that knows of its parent, a sibling and a niece.
fn family() -> PathClock {
    let mut root = PathClock::root(0);
    let (mut first, mut second) = (root.fork(), root.fork());
    let mut niece = first.fork();
    for clock in [&mut root, &mut first, &mut niece] {
        clock.event().unwrap();
    }
    niece.event().unwrap();
    for stamp in [root.stamp(), first.stamp(), niece.stamp()] {
        second.merge(&stamp);
    }
    second.event().unwrap();
    second
}

#[test]
fn forms_are_frozen() {
    // Four entries, two bits of events; each a child of the one before or two up.
    let clock = family();
    assert_eq!(clock.path(), [0, 1]);
    assert_eq!(clock.stamp().to_bytes(), [4, 2, 0b0111_0111, 0b1110_1011, 0b0000_0001]);
    assert_eq!(clock.to_bytes()[..4], [2, 0, 1, 0]);
    assert_eq!(PathClock::root(0).to_bytes(), [1, 0, 0, 0]);
    assert_eq!(PathClock::root(0).stamp().to_bytes(), [0]);
}

#[test]
fn what_is_not_canonical_is_refused() {
    let refuses = |bytes: &[u8]| PathStamp::decode(bytes).unwrap_err();
    assert!(matches!(refuses(&[200, 1, 1, 0]), DecodeError::CountTooLarge { count: 200, .. }));
    assert!(matches!(refuses(&[1, 0, 7]), DecodeError::Invalid { at: 1, .. }));
    // A leaf without events; more bits than the events need; a bit left over.
    assert!(matches!(refuses(&[1, 1, 0b011]), DecodeError::NotCanonical { .. }));
    assert!(matches!(refuses(&[1, 2, 0b0111]), DecodeError::NotCanonical { at: 1, .. }));
    assert!(matches!(refuses(&[1, 1, 0b1111]), DecodeError::NotCanonical { .. }));
    assert!(matches!(refuses(&[1, 1, 7, 0]), DecodeError::TrailingBytes { count: 1 }));
    // One level up from the first, where there is none.
    assert!(matches!(refuses(&[1, 1, 0b11010]), DecodeError::Invalid { .. }));
    assert!(PathStamp::decode(&[1, 1, 7]).is_ok());
    assert!(matches!(PathClock::decode(&[0, 0, 0]), Err(DecodeError::Invalid { at: 0, .. })));
}

/// Ids of one family take a byte or two where random ones take eight.
#[test]
fn a_crowd_takes_little_more_than_a_byte_each() {
    let mut root = PathClock::root(0);
    let mut all = vec![];
    for _ in 0..200 {
        let mut child = root.fork();
        child.event().unwrap();
        all.push(child.stamp());
    }
    all.iter().for_each(|stamp| root.merge(stamp));
    root.event().unwrap();
    assert!(root.stamp().encoded_len() < 200, "{}", root.stamp().encoded_len());
}
