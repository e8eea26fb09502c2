//! The crown bound. In the standard example `S_n` (Dushnik and Miller 1941),
//! sender *i* reaches every receiver but the *i*th: of 2n events, n pairs are
//! concurrent and in critical position. Any stamps of R components that are
//! compared componentwise and miss no order can keep at most R of these pairs
//! concurrent.
//!
//! Proof: breaking ties gives R linear extensions of the execution, of which
//! each concurrent pair (aᵢ, bᵢ) needs one that has aᵢ above bᵢ. None can have
//! two: aᵢ > bᵢ > aⱼ > bⱼ > aᵢ would be a cycle.

use std::num::NonZeroU16;

use causal_clock::{CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Scheme};
use plausible::{Bloom, Encoded, Nurev, Recency, Rev, Rk};

const N: usize = 40;

/// How many of the N critical pairs the scheme calls concurrent. All 2N sites
/// are born before anything happens, senders first, and every receipt is an
/// event.
fn kept<S: Scheme>(scheme: &S) -> usize {
    let env = &mut ManualEnvironment::default();
    let mut clocks = vec![scheme.seed(env)];
    while clocks.len() < 2 * N {
        let child = clocks[0].fork(env);
        clocks.push(child);
    }
    let (senders, receivers) = clocks.split_at_mut(N);
    let sent: Vec<_> =
        senders.iter_mut().map(|s| s.send(env).expect("no counter is full")).collect();
    for (j, receiver) in receivers.iter_mut().enumerate() {
        for (_, stamp) in sent.iter().enumerate().filter(|(i, _)| *i != j) {
            receiver.receive(stamp, env).expect("stamps are of one scheme");
        }
    }
    let order = |i: usize, j: usize| sent[i].compare(&receivers[j].stamp()).order;
    for (i, j) in (0..N).flat_map(|i| (0..N).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        assert_eq!(order(i, j), CausalOrder::Before, "{}: a{i} and b{j}", scheme.name());
    }
    (0..N).filter(|i| order(*i, *i) == CausalOrder::Concurrent).count()
}

fn rev(r: u16) -> Rev {
    Rev { r: NonZeroU16::new(r).expect("not zero") }
}

#[test]
fn no_vector_keeps_more_than_its_components() {
    for r in (1..=44_u16).chain([80]) {
        let bound = usize::from(r);
        let ids = |ids| Nurev { r: rev(r).r, ids };
        assert!(kept(&rev(r)) <= bound);
        assert!(kept(&ids(true)) <= bound);
        assert!(kept(&ids(false)) <= bound);
        for k in 1..=r.min(3) {
            assert!(kept(&Rk::new(r, k).expect("k is at most r")) <= bound);
            assert!(kept(&Bloom::new(r, k).expect("k is at most m")) <= bound);
        }
        for bits in [2, 6] {
            assert!(kept(&Recency::new(r, bits).expect("a valid width")) <= bound);
        }
    }
}

/// Sequential ids: two senders of one entry hide each other, and where N is a
/// multiple of R, so does each receiver its own sender.
#[test]
fn rev_keeps_what_does_not_collide() {
    assert_eq!([32, 40, 80].map(|r| kept(&rev(r))), [24, 0, 40]);
}

/// Bloom clocks keep far less than the bound allows: 39 others cover most
/// counters.
#[test]
fn bloom_keeps_little() {
    let kept = [40, 80].map(|m| kept(&Bloom::new(m, 2).expect("k is at most m")));
    assert!(kept[0] <= 6 && (4..=20).contains(&kept[1]), "{kept:?}");
}

#[test]
fn an_exact_clock_keeps_all() {
    assert_eq!(kept(&Encoded::default()), N);
}
