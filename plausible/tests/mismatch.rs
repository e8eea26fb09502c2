//! Stamps of differently parameterised schemes never compare silently: where
//! an error can be given it is, the clock stays as it was, and the trait's
//! comparison, which has no error, claims nothing.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Scheme, Verdict, Wire,
};
use plausible::{Bloom, Comb, Encoded, EncodedStamp, Error, KLamport, Nurev, Recency, Rev, Rk};

fn check<S>(one: S, other: S, expected: Error)
where
    S: Scheme<Clock: CausalClock<Error = Error>> + Copy,
{
    let env = &mut ManualEnvironment::default();
    let (mut ours, mut theirs) = (one.seed(env), other.seed(env));
    ours.event(env).expect("no counter is full");
    let stamp = theirs.send(env).expect("no counter is full");
    let before = ours.to_bytes();
    assert_eq!(ours.merge(&stamp, env), Err(expected), "{}", one.name());
    let refusal = ours.join(theirs, env).expect_err("the schemes differ");
    assert_eq!(refusal.error, expected, "{}", one.name());
    assert_eq!(refusal.retired.stamp().to_bytes(), stamp.to_bytes());
    assert_eq!(ours.to_bytes(), before, "{}", one.name());
    for verdict in [ours.stamp().compare(&stamp), stamp.compare(&ours.stamp())] {
        assert_eq!(verdict, Verdict::guessed(CausalOrder::Concurrent), "{}", one.name());
    }
}

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

const fn k(number: u8) -> NonZeroU8 {
    NonZeroU8::new(number).expect("tests ask for no zero")
}

#[test]
fn sizes() {
    let size = Error::DifferentSize { ours: 2, theirs: 3 };
    check(Rev { r: n(2) }, Rev { r: n(3) }, size);
    check(KLamport { k: k(2) }, KLamport { k: k(3) }, size);
    check(Comb { r: n(2), k: k(2) }, Comb { r: n(3), k: k(3) }, size);
    // One part alone would have an answer, of which nothing may be made.
    check(Comb { r: n(2), k: k(2) }, Comb { r: n(3), k: k(2) }, size);
    check(Comb { r: n(2), k: k(2) }, Comb { r: n(2), k: k(3) }, size);
    check(Comb { r: n(1), k: k(2) }, Comb { r: n(1), k: k(3) }, size);
    check(Rk::new(2, 1).unwrap(), Rk::new(3, 1).unwrap(), size);
    check(Bloom::new(2, 1).unwrap(), Bloom::new(3, 1).unwrap(), size);
    check(Nurev { r: n(2), ids: true }, Nurev { r: n(3), ids: true }, size);
    check(Recency::new(2, 4).unwrap(), Recency::new(3, 4).unwrap(), size);
}

#[test]
fn combinations_say_why() {
    let stamp = |r, k| {
        let mut clock = Comb { r, k }.seed(&mut ManualEnvironment::default());
        clock.event(&mut ManualEnvironment::default()).expect("no counter is full");
        clock.stamp()
    };
    let ours = stamp(n(1), k(2));
    let size = |ours, theirs| Err(Error::DifferentSize { ours, theirs });
    assert_eq!(ours.try_compare(&stamp(n(4), k(2))), size(1, 4));
    assert_eq!(ours.try_compare(&stamp(n(1), k(3))), size(2, 3));
    assert_eq!(ours.try_compare(&ours), Ok(Verdict::proven(CausalOrder::Equal)));
}

#[test]
fn other_parameters() {
    let parameter = |name, ours, theirs| Error::DifferentParameter { name, ours, theirs };
    check(Rk::new(9, 1).unwrap(), Rk::new(9, 2).unwrap(), parameter("k", 1, 2));
    check(Bloom::new(9, 1).unwrap(), Bloom::new(9, 2).unwrap(), parameter("k", 1, 2));
    let (without, with) = (Nurev { r: n(2), ids: false }, Nurev { r: n(2), ids: true });
    check(without, with, parameter("ids", 0, 1));
    check(Recency::new(2, 4).unwrap(), Recency::new(2, 5).unwrap(), parameter("bits", 4, 5));
}

#[test]
fn an_encoded_clock_keeps_its_limit() {
    let env = &mut ManualEnvironment::default();
    let mut clock = Encoded { max_bits: NonZeroU32::new(10).unwrap() }.seed(env);
    // Id 1 counts in 3: the sixth power takes ten bits, the seventh twelve.
    for _ in 0..6 {
        clock.event().unwrap();
    }
    let before = clock.clone();
    assert_eq!(clock.event(), Err(Error::TooLarge { bits: 12, max: 10 }));
    assert_eq!(clock, before);
    let large = EncodedStamp::decode(&[0xff; 100]).unwrap();
    assert_eq!(clock.merge(&large), Err(Error::TooLarge { bits: 800, max: 10 }));
    // Small enough itself, but not what they come to together.
    let prime = EncodedStamp::decode(&[5]).unwrap();
    assert_eq!(clock.merge(&prime), Err(Error::TooLarge { bits: 12, max: 10 }));
    assert_eq!(clock, before);
}
