//! Two stamps and two clocks from anyone's bytes: compared, merged, joined and
//! gone on from, without a panic; what is refused changes nothing.
//!
//! The first byte picks the clock; the rest is cut into four at the lengths
//! that the next three bytes say.
//!
//! `cargo +nightly fuzz run hostile_stamps`, in the crate's folder.
#![no_main]

use causal_clock::{CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Wire};
use libfuzzer_sys::fuzz_target;
use plausible::{
    BloomClock, BloomStamp, CombClock, ElasticClock, EncodedClock, KLamportClock, LamportClock,
    NurevClock, RecencyClock, RevClock, RkClock,
};

fn check<C: CausalClock>([left, right, ours, theirs]: [&[u8]; 4]) {
    let env = &mut ManualEnvironment::default();
    let (left, right) = (C::Stamp::decode(left).ok(), C::Stamp::decode(right).ok());
    if let (Some(left), Some(right)) = (&left, &right) {
        assert_eq!(left.compare(right), right.compare(left).reverse());
        assert_eq!(left.compare(left).order, CausalOrder::Equal);
    }
    let Ok(mut clock) = C::decode(ours) else { return };
    for stamp in [left, right].into_iter().flatten() {
        let before = clock.to_bytes();
        if clock.merge(&stamp, env).is_err() {
            assert_eq!(clock.to_bytes(), before);
        }
        let before = clock.to_bytes();
        if clock.event(env).is_err() {
            assert_eq!(clock.to_bytes(), before);
        }
    }
    if let Ok(retired) = C::decode(theirs) {
        let before = clock.to_bytes();
        if let Err(refusal) = clock.join(retired, env) {
            assert_eq!(clock.to_bytes(), before);
            assert_eq!(refusal.retired.to_bytes(), theirs);
        }
    }
    let child = clock.fork(env);
    for clock in [clock, child] {
        assert_eq!(C::decode(&clock.to_bytes()).map(|c| c.to_bytes()), Ok(clock.to_bytes()));
    }
}

/// The confidence of a Bloom stamp in another is made of probabilities.
fn check_confidence([left, right, ..]: [&[u8]; 4]) {
    if let (Ok(left), Ok(right)) = (BloomStamp::decode(left), BloomStamp::decode(right))
        && let Ok(confidence) = left.confidence(&right)
    {
        assert!((0.0..=1.0).contains(&confidence.pr_p));
        assert!((0.0..=1.0).contains(&confidence.pr_fp));
    }
}

fn cut<'a>(lengths: &[u8; 3], mut bytes: &'a [u8]) -> [&'a [u8]; 4] {
    let [first, second, third] = lengths.map(|len| {
        let (part, rest) = bytes.split_at(bytes.len().min(len.into()));
        bytes = rest;
        part
    });
    [first, second, third, bytes]
}

fuzz_target!(|bytes: &[u8]| {
    let Some(([which, lengths @ ..], rest)) = bytes.split_first_chunk::<4>() else { return };
    let parts = cut(lengths, rest);
    match which % 10 {
        0 => check::<LamportClock>(parts),
        1 => check::<KLamportClock>(parts),
        2 => check::<RevClock>(parts),
        3 => check::<CombClock<RevClock, KLamportClock>>(parts),
        4 => check::<RkClock>(parts),
        5 => check::<NurevClock>(parts),
        6 => check::<RecencyClock>(parts),
        7 => check::<ElasticClock>(parts),
        8 => {
            check::<BloomClock>(parts);
            check_confidence(parts);
        }
        _ => check::<EncodedClock>(parts),
    }
});
