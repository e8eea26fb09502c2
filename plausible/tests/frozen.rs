//! Stamps and clocks in bytes as they are and will stay, and bytes that are
//! refused.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use causal_clock::{CausalClock, CausalOrder, CausalStamp, DecodeError, NodeId, Verdict, Wire};
use plausible::{
    Bloom, BloomClock, BloomStamp, CombClock, Elastic, ElasticClock, ElasticStamp, EncodedClock,
    EncodedStamp, Error, KLamportClock, KLamportStamp, LamportClock, LamportStamp, Nurev,
    NurevClock, NurevStamp, Recency, RecencyClock, RecencyStamp, RevClock, RevStamp, Rk, RkClock,
    RkStamp,
};

fn check<T: Wire + PartialEq + std::fmt::Debug>(value: &T, bytes: &[u8]) {
    assert_eq!(value.to_bytes(), bytes, "{value:?}");
    assert_eq!(value.encoded_len(), bytes.len(), "{value:?}");
    assert_eq!(T::decode(bytes).as_ref(), Ok(value));
}

const fn k(number: u8) -> NonZeroU8 {
    NonZeroU8::new(number).expect("tests ask for no zero")
}

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

#[test]
fn lamport() {
    let mut clock = LamportClock::new(NodeId::new(0x0102));
    check(&clock, &[0, 0, 0, 0, 0, 0, 1, 2, 0]);
    clock.merge(&LamportStamp::new(NodeId::new(9), 299)).unwrap();
    clock.event().unwrap();
    check(&clock, &[0, 0, 0, 0, 0, 0, 1, 2, 0xac, 2]);
    check(&clock.stamp(), &[0, 0, 0, 0, 0, 0, 1, 2, 0xac, 2]);
    assert_eq!(LamportStamp::decode(&[0; 8]), Err(DecodeError::UnexpectedEnd { at: 8 }));
}

#[test]
fn lamport_at_the_end_of_its_counter() {
    let mut clock = LamportClock::new(NodeId::new(1));
    clock.merge(&LamportStamp::new(NodeId::new(9), u64::MAX)).unwrap();
    let before = clock.clone();
    assert_eq!(clock.event().unwrap_err().counter, u64::MAX);
    assert_eq!(clock, before);
}

#[test]
fn rev() {
    let mut a = RevClock::new(NodeId::new(6), n(3));
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0]);
    a.event().unwrap();
    a.event().unwrap();
    let mut b = a.fork(NodeId::new(2));
    b.event().unwrap();
    assert_eq!(b.stamp().counters(), [2, 0, 1]);
    // Differences 2, 0, 1 of mean 1: 110, 0, 10.
    check(&b, &[0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0b01_0011]);
    check(&b.stamp(), &[0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0b01_0011]);
}

#[test]
fn rev_at_the_end_of_a_counter() {
    let full = [0, 0, 0, 0, 0, 0, 0, 2, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0];
    let stamp = RevStamp::decode(&full).unwrap();
    let mut clock = RevClock::new(NodeId::new(6), n(1));
    clock.merge(&stamp).unwrap();
    let before = clock.clone();
    assert!(matches!(clock.event(), Err(Error::CounterOverflow(_))));
    assert_eq!(clock, before);
}

#[test]
fn rev_of_different_sizes() {
    let mut two = RevClock::new(NodeId::new(6), n(2));
    let mut three = RevClock::new(NodeId::new(6), n(3));
    two.event().unwrap();
    three.event().unwrap();
    let error = Error::DifferentSize { ours: 2, theirs: 3 };
    assert_eq!(two.stamp().try_compare(&three.stamp()), Err(error));
    let verdict = two.stamp().compare(&three.stamp());
    assert_eq!(verdict, Verdict::guessed(CausalOrder::Concurrent));
    let before = two.clone();
    assert_eq!(two.merge(&three.stamp()), Err(error));
    assert_eq!(two.join(&three), Err(error));
    assert_eq!(two, before);
}

#[test]
fn verdicts_of_rev_by_hand() {
    // Sites 0 and 2 share entry 0, site 1 has entry 1.
    let mut a = RevClock::new(NodeId::new(0), n(2));
    let mut b = a.fork(NodeId::new(1));
    let mut c = a.fork(NodeId::new(2));
    a.event().unwrap();
    b.event().unwrap();
    c.event().unwrap();
    let (a1, b1, c1) = (a.stamp(), b.stamp(), c.stamp());
    // The same vectors at two sites.
    assert_eq!(a1.counters(), c1.counters());
    assert_eq!(a1.compare(&c1), Verdict::proven(CausalOrder::Concurrent));
    assert_eq!(a1.compare(&b1), Verdict::proven(CausalOrder::Concurrent));
    assert_eq!(a1.compare(&a1), Verdict::proven(CausalOrder::Equal));
    a.event().unwrap();
    assert_eq!(a1.compare(&a.stamp()), Verdict::proven(CausalOrder::Before));
    // A wrong guess: c knows nothing of a, but counts in the same entry.
    assert_eq!(a.stamp().compare(&c1), Verdict::guessed(CausalOrder::After));
    b.merge(&a1).unwrap();
    b.event().unwrap();
    assert_eq!(b.stamp().compare(&a1), Verdict::guessed(CausalOrder::After));
    assert_eq!(b.stamp().compare(&a.stamp()), Verdict::proven(CausalOrder::Concurrent));
}

#[test]
fn k_lamport() {
    let mut a = KLamportClock::new(NodeId::new(6), k(3));
    a.event().unwrap();
    a.event().unwrap();
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 3, 2, 2, 0]);
    let mut b = a.fork(NodeId::new(7));
    assert_eq!(b.stamp().levels(), [2, 2, 0]);
    b.event().unwrap();
    check(&b.stamp(), &[0, 0, 0, 0, 0, 0, 0, 7, 3, 3, 1, 2]);
    let too_low = [0, 0, 0, 0, 0, 0, 0, 7, 3, 3, 1, 3];
    assert_eq!(KLamportStamp::decode(&too_low), Err(DecodeError::NumberTooLarge { at: 11 }));
    let none = [0, 0, 0, 0, 0, 0, 0, 7, 0];
    assert!(matches!(KLamportStamp::decode(&none), Err(DecodeError::Invalid { at: 8, .. })));
}

#[test]
fn comb() {
    let site = NodeId::new(6);
    let clock = CombClock::new(RevClock::new(site, n(2)), KLamportClock::new(site, k(2))).unwrap();
    let id = [0, 0, 0, 0, 0, 0, 0, 6];
    let (rev, k_lamport) = ([2, 0, 0, 0], [2, 0, 0]);
    check(&clock.stamp(), &[&id[..], &rev, &k_lamport].concat());
    check(&clock, &[&[12][..], &id, &rev, &id, &k_lamport].concat());
    let other = NodeId::new(7);
    let error = Error::DifferentSites { first: site, second: other };
    let refused = CombClock::new(RevClock::new(site, n(2)), KLamportClock::new(other, k(2)));
    assert_eq!(refused, Err(error));
    let other = [0, 0, 0, 0, 0, 0, 0, 7];
    let bytes = [&[12][..], &id, &rev, &other, &k_lamport].concat();
    let error = DecodeError::Invalid { at: 13, expected: "a clock of the same id" };
    assert_eq!(CombClock::<RevClock, KLamportClock>::decode(&bytes), Err(error));
}

#[test]
fn rk() {
    let mut a = RkClock::new(NodeId::new(6), Rk::new(4, 2).unwrap());
    a.event().unwrap();
    assert_eq!(a.stamp().entries(), [2, 0]);
    assert_eq!(a.stamp().counters(), [1, 0, 1, 0]);
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 2, 4, 0, 0, 0b00_1001]);
    let none = [0, 0, 0, 0, 0, 0, 0, 6, 0, 1, 0, 0, 0];
    assert!(matches!(RkStamp::decode(&none), Err(DecodeError::Invalid { at: 8, .. })));
}

#[test]
fn bloom() {
    let mut a = BloomClock::new(NodeId::new(6), Bloom::new(4, 2).unwrap());
    a.event().unwrap();
    a.event().unwrap();
    assert_eq!(a.stamp().counters(), [0, 2, 0, 2]);
    check(&a.stamp(), &[2, 4, 0, 0, 0b0110_0110]);
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 2, 2, 4, 0, 0, 0b0110_0110]);
}

#[test]
fn nurev() {
    let mut a = NurevClock::new(NodeId::new(6), Nurev { r: n(4), ids: true });
    a.event().unwrap();
    check(&a.stamp(), &[9, 0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0b1000]);
    check(&a, &[9, 0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0b1000, 1]);
    let mut b = NurevClock::new(NodeId::new(6), Nurev { r: n(4), ids: false });
    b.event().unwrap();
    check(&b.stamp(), &[8, 3, 0, 0, 0b1000]);
    check(&b, &[8, 3, 0, 0, 0b1000, 0, 0, 0, 0, 0, 0, 0, 6, 1]);
    assert!(matches!(
        NurevStamp::decode(&[8, 4, 0, 0, 0]),
        Err(DecodeError::Invalid { at: 1, .. })
    ));
}

#[test]
fn recency() {
    let mut a = RecencyClock::new(NodeId::new(6), Recency::new(3, 2).unwrap());
    for _ in 0..5 {
        a.event().unwrap();
    }
    assert_eq!((a.stamp().time(), a.stamp().entries()), (5, &[2, 2, 5][..]));
    check(&a.stamp(), &[0x21, 5, 0b00_11_11]);
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 6, 2, 5, 0x21, 5, 0b00_11_11]);
    let refused = |bytes: &[u8]| RecencyStamp::decode(bytes).unwrap_err();
    let no_time = DecodeError::NotCanonical { at: 2, rule: "an entry has the time of the stamp" };
    assert_eq!(refused(&[0x21, 5, 0b01_11_11]), no_time);
    assert_eq!(refused(&[0x21, 2, 0b00_11_11]), DecodeError::NumberTooLarge { at: 2 });
    let padding = DecodeError::NotCanonical { at: 2, rule: "unused bits are zero" };
    assert_eq!(refused(&[0x21, 5, 0b0100_1111]), padding);
    for parts_of_entries in [&[0x31, 5, 0][..], &[0x21, 5], &[0x01, 5], &[0x81, 5, 0, 0]] {
        assert!(matches!(refused(parts_of_entries), DecodeError::Invalid { at: 0, .. }));
    }
}

/// More counters than a scheme can have make no stamp, however well formed.
#[test]
fn more_than_a_scheme_can_have() {
    let counters = [&[0x80, 0x80, 4, 0, 0][..], &[0; 1 << 13]].concat();
    let id = [0; 8];
    let refused = |at| Some(DecodeError::Invalid { at, expected: "at most 65,535 counters" });
    assert_eq!(RevStamp::decode(&[&id[..], &counters].concat()).err(), refused(8));
    assert_eq!(RkStamp::decode(&[&id[..], &[1], &counters].concat()).err(), refused(9));
    assert_eq!(BloomStamp::decode(&[&[1][..], &counters].concat()).err(), refused(1));
    // Without ids, the head is twice the number; then comes the entry.
    let nurev = [&[0x80, 0x80, 8, 0, 0, 0][..], &[0; 1 << 13]].concat();
    assert_eq!(NurevStamp::decode(&nurev).err(), refused(0));
    let recency = [&[0, 0][..], &[0; 1 << 13]].concat();
    let expected = "at most 65,535 entries";
    let error = DecodeError::Invalid { at: 0, expected };
    assert_eq!(RecencyStamp::decode(&recency), Err(error));
    let levels = [&id[..], &[0x80, 2], &[0; 256]].concat();
    let error = DecodeError::Invalid { at: 8, expected: "at most 255 levels" };
    assert_eq!(KLamportStamp::decode(&levels), Err(error));
}

#[test]
fn elastic() {
    let mut a = ElasticClock::new(NodeId::new(6), Elastic::new(2, 8).unwrap());
    a.event().unwrap();
    check(&a.stamp(), &[0, 0, 0, 0, 0, 0, 0, 6, 2, 0, 0, 1]);
    check(&a, &[1, 3, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 6, 2, 0, 0, 1]);
    let three = [0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0, 0];
    assert!(matches!(ElasticStamp::decode(&three), Err(DecodeError::Invalid { at: 8, .. })));
}

#[test]
fn encoded() {
    let mut a = EncodedClock::new(NodeId::new(3), NonZeroU32::new(300).unwrap());
    for _ in 0..4 {
        a.event().unwrap();
    }
    // 7 to the 4th power.
    check(&a.stamp(), &[0x09, 0x61]);
    check(&a, &[0, 0, 0, 0, 0, 0, 0, 3, 0xac, 2, 0x09, 0x61]);
    assert_eq!(EncodedStamp::decode(&[]), Err(DecodeError::UnexpectedEnd { at: 0 }));
    assert!(matches!(EncodedStamp::decode(&[0, 7]), Err(DecodeError::NotCanonical { at: 0, .. })));
    let largest = vec![0xff; 1 << 17];
    assert_eq!(EncodedStamp::decode(&largest).map(|stamp| stamp.bits()), Ok(1 << 20));
    let too_large = [&[1][..], &largest].concat();
    let expected = "an integer of at most 1,048,576 bits";
    assert_eq!(EncodedStamp::decode(&too_large), Err(DecodeError::Invalid { at: 0, expected }));
    let limit = [0, 0, 0, 0, 0, 0, 0, 3, 0x81, 0x80, 0x40, 1];
    let expected = "a limit from 1 to 1,048,576 bits";
    assert_eq!(EncodedClock::decode(&limit), Err(DecodeError::Invalid { at: 8, expected }));
    let beyond = EncodedClock::new(NodeId::new(3), NonZeroU32::MAX);
    assert_eq!(EncodedClock::decode(&beyond.to_bytes()), Ok(beyond));
    let over_its_limit = [0, 0, 0, 0, 0, 0, 0, 3, 8, 0x09, 0x61];
    assert!(matches!(
        EncodedClock::decode(&over_its_limit),
        Err(DecodeError::Invalid { at: 9, .. })
    ));
}
