//! The crown bound. In the standard example `S_n` (Dushnik and Miller 1941),
//! sender *i* reaches every receiver but the *i*th: of 2n events, n pairs are
//! concurrent and in critical position. A stamp that misses no order, and is
//! compared componentwise in R components, keeps at most R of these pairs
//! concurrent.
//!
//! Compared componentwise means: of a stamp follow two vectors f and g, each of
//! R components, such that *a* is said to come before *b* only if f(a) ≤ g(b),
//! and to be concurrent with it only if not.
//!
//! Proof: let the pairs i ≠ j be kept, both at component r:
//! `f(aᵢ) > g(bᵢ)` and `f(aⱼ) > g(bⱼ)` there. Since aⱼ came before bᵢ, and aᵢ
//! before bⱼ, `f(aᵢ) > g(bᵢ) ≥ f(aⱼ) > g(bⱼ) ≥ f(aᵢ)`: a contradiction. So no
//! two are kept at one component.
//!
//! That the rules of the clocks are of this kind (for two sites, which these
//! events all have) is [`Componentwise`], and asserted for every pair here. In
//! most, f is the vector and g is the vector less one in the event's own
//! entries: there *b* has to be larger.

use std::num::{NonZeroU8, NonZeroU16};

use causal_clock::{CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Scheme};
use plausible::{
    Bloom, BloomStamp, Comb, CombPart, CombStamp, Encoded, KLamport, KLamportStamp, Nurev,
    NurevStamp, Recency, RecencyStamp, Rev, RevStamp, Rk, RkStamp,
};

/// A stamp compared componentwise.
trait Componentwise: CausalStamp {
    /// What an event needs of those after it.
    fn f(&self) -> Vec<u64>;
    /// What an event has for those before it.
    fn g(&self) -> Vec<u64>;
}

/// The vector less one at some places, each of which the event has raised.
fn less_one(vector: &[u64], at: impl Fn(usize) -> bool) -> Vec<u64> {
    vector.iter().enumerate().map(|(i, counter)| counter - u64::from(at(i))).collect()
}

impl Componentwise for RevStamp {
    fn f(&self) -> Vec<u64> {
        self.counters().to_vec()
    }
    fn g(&self) -> Vec<u64> {
        less_one(self.counters(), |i| i == self.entry())
    }
}

impl Componentwise for NurevStamp {
    fn f(&self) -> Vec<u64> {
        self.counters().to_vec()
    }
    fn g(&self) -> Vec<u64> {
        less_one(self.counters(), |i| i == self.entry())
    }
}

impl Componentwise for RkStamp {
    fn f(&self) -> Vec<u64> {
        self.counters().to_vec()
    }
    fn g(&self) -> Vec<u64> {
        less_one(self.counters(), |i| self.entries().contains(&i))
    }
}

/// Equal stamps are said to be equal, so that the vector alone will do.
impl Componentwise for BloomStamp {
    fn f(&self) -> Vec<u64> {
        self.counters().to_vec()
    }
    fn g(&self) -> Vec<u64> {
        self.counters().to_vec()
    }
}

/// The time has to be larger: so are then the entries of the largest time.
impl Componentwise for RecencyStamp {
    fn f(&self) -> Vec<u64> {
        self.entries().to_vec()
    }
    fn g(&self) -> Vec<u64> {
        less_one(self.entries(), |i| self.entries()[i] == self.time())
    }
}

/// Level 0 has to be larger, and each level comes to the next.
impl Componentwise for KLamportStamp {
    fn f(&self) -> Vec<u64> {
        let levels = self.levels();
        [&levels[..1], &levels[..levels.len() - 1]].concat()
    }
    fn g(&self) -> Vec<u64> {
        less_one(self.levels(), |i| i == 0)
    }
}

/// Ordered only where both parts say so: the components of both.
impl<A: Componentwise + CombPart, B: Componentwise + CombPart> Componentwise for CombStamp<A, B> {
    fn f(&self) -> Vec<u64> {
        [self.first().f(), self.second().f()].concat()
    }
    fn g(&self) -> Vec<u64> {
        [self.first().g(), self.second().g()].concat()
    }
}

const N: usize = 40;

type Stamp<S> = <<S as Scheme>::Clock as CausalClock>::Stamp;

/// The stamps of senders and receivers. All 2N sites are born before anything
/// happens, senders first, and every receipt is an event.
fn crown<S: Scheme>(scheme: &S) -> (Vec<Stamp<S>>, Vec<Stamp<S>>) {
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
    (sent, receivers.iter().map(CausalClock::stamp).collect())
}

/// How many of the N critical pairs the scheme calls concurrent.
fn kept<S: Scheme>(scheme: &S) -> usize {
    let (sent, received) = crown(scheme);
    let order = |i: usize, j: usize| sent[i].compare(&received[j]).order;
    for (i, j) in (0..N).flat_map(|i| (0..N).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        assert_eq!(order(i, j), CausalOrder::Before, "{}: a{i} and b{j}", scheme.name());
    }
    (0..N).filter(|i| order(*i, *i) == CausalOrder::Concurrent).count()
}

/// Asserts that the rule of a scheme is componentwise for any two of the
/// crown's events, and that the bound holds.
fn assert_bound<S>(scheme: &S, components: u16)
where
    S: Scheme<Clock: CausalClock<Stamp: Componentwise>>,
{
    let (sent, received) = crown(scheme);
    let all: Vec<_> = sent.iter().chain(&received).collect();
    let vectors: Vec<_> = all.iter().map(|stamp| (stamp.f(), stamp.g())).collect();
    for (i, (f, g)) in vectors.iter().enumerate() {
        assert_eq!((f.len(), g.len()), (components.into(), components.into()));
        for j in (0..2 * N).filter(|j| i != *j) {
            let below = f.iter().zip(&vectors[j].1).all(|(f, g)| f <= g);
            let order = all[i].compare(all[j]).order;
            assert!(order != CausalOrder::Before || below, "{}: {i} and {j}", scheme.name());
            assert!(order != CausalOrder::Concurrent || !below, "{}: {i} and {j}", scheme.name());
        }
    }
    assert!(kept(scheme) <= components.into(), "{}", scheme.name());
}

fn rev(r: u16) -> Rev {
    Rev { r: NonZeroU16::new(r).expect("not zero") }
}

fn levels(k: u8) -> NonZeroU8 {
    NonZeroU8::new(k).expect("not zero")
}

fn comb(r: u16, k: u8) -> Comb {
    Comb { r: rev(r).r, k: levels(k) }
}

#[test]
fn no_vector_keeps_more_than_its_components() {
    for r in (1..=44_u16).chain([80]) {
        let ids = |ids| Nurev { r: rev(r).r, ids };
        assert_bound(&rev(r), r);
        assert_bound(&ids(true), r);
        assert_bound(&ids(false), r);
        for k in 1..=r.min(3) {
            assert_bound(&Rk::new(r, k).expect("k is at most r"), r);
            assert_bound(&Bloom::new(r, k).expect("k is at most m"), r);
        }
        for bits in [2, 6] {
            assert_bound(&Recency::new(r, bits).expect("a valid width"), r);
        }
        for k in 1..=3 {
            assert_bound(&comb(r, k), r + u16::from(k));
        }
    }
    for k in 1..=9 {
        assert_bound(&KLamport { k: levels(k) }, k.into());
    }
}

/// Sequential ids: two senders of one entry hide each other, and where N is a
/// multiple of R, so does each receiver its own sender.
#[test]
fn rev_keeps_what_does_not_collide() {
    assert_eq!([32, 40, 80].map(|r| kept(&rev(r))), [24, 0, 40]);
}

/// The levels of K-Lamport add nothing here.
#[test]
fn comb_keeps_what_rev_keeps() {
    assert_eq!([32, 40, 80].map(|r| kept(&comb(r, 3))), [24, 0, 40]);
}

/// Bloom clocks keep far less than the bound allows: 39 others cover most
/// counters. How many depends on the hash.
#[test]
fn bloom_keeps_little() {
    let kept = [40, 80].map(|m| kept(&Bloom::new(m, 2).expect("k is at most m")));
    assert_eq!(kept, [4, 9]);
}

#[test]
fn an_exact_clock_keeps_all() {
    assert_eq!(kept(&Encoded::default()), N);
}
