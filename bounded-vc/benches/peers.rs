//! Version vectors beside those of `crdts`, `vclock` and `yrs`, in one run:
//! union and comparison of two vectors of `n` entries whose ids are the same,
//! shared by half, or disjoint, and the comparison of two event stamps.
//!
//! All get the same random ids of 53 bits, which is what `yrs` takes, and the
//! same counters. `ours` is a vector that came out of bytes and shares no
//! memory; `ours-shared` has, where the ids are the same, a past in common
//! with the other, and is a clone whose memory the original keeps, so that a
//! merge copies what it changes, which peers do when they clone.

use std::cmp::Ordering;
use std::hint::black_box;
use std::time::Duration;

use bounded_vc::{VectorClock, VersionVector};
use causal_clock::{CausalStamp, NodeId};
use crdts::CvRDT;
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use yrs::StateVector;
use yrs::block::ClientID;

/// A vector under test, made of entries.
trait Vector: Clone + PartialOrd {
    const NAME: &'static str;
    fn new(entries: &[(u64, u32)]) -> Self;
    fn union(&mut self, other: Self);
    /// Gives two vectors with the same ids one past, where that matters.
    fn relate(_left: &mut Self, _right: &mut Self) {}
    /// What a merge is measured on.
    fn fresh(entries: &[(u64, u32)], _original: &Self) -> Self {
        Self::new(entries)
    }
}

impl Vector for VersionVector {
    const NAME: &'static str = "ours";

    fn new(entries: &[(u64, u32)]) -> Self {
        let entries = entries.iter().map(|(id, n)| (NodeId::new(*id), u64::from(*n)));
        Self::from_entries(entries).expect("valid entries")
    }

    fn union(&mut self, other: Self) {
        self.merge(&other);
    }
}

#[derive(Clone, PartialEq, PartialOrd)]
struct Shared(VersionVector);

impl Vector for Shared {
    const NAME: &'static str = "ours-shared";

    fn new(entries: &[(u64, u32)]) -> Self {
        Self(Vector::new(entries))
    }

    fn union(&mut self, other: Self) {
        self.0.merge(&other.0);
    }

    fn relate(left: &mut Self, right: &mut Self) {
        if left.0.ids() == right.0.ids() {
            let first_events = left.0.ids().iter().map(|id| (*id, 1));
            let past = VersionVector::from_entries(first_events).expect("valid entries");
            left.0.merge(&past);
            right.0.merge(&past);
        }
    }

    fn fresh(_: &[(u64, u32)], original: &Self) -> Self {
        original.clone()
    }
}

impl Vector for crdts::VClock<u64> {
    const NAME: &'static str = "crdts";

    fn new(entries: &[(u64, u32)]) -> Self {
        entries.iter().map(|(id, n)| crdts::Dot::new(*id, u64::from(*n))).collect()
    }

    fn union(&mut self, other: Self) {
        self.merge(other);
    }
}

impl Vector for vclock::VClock<u64, u64> {
    const NAME: &'static str = "vclock";

    fn new(entries: &[(u64, u32)]) -> Self {
        let map: std::collections::HashMap<u64, u64> =
            entries.iter().map(|(id, n)| (*id, u64::from(*n))).collect();
        Self::from(map)
    }

    fn union(&mut self, other: Self) {
        self.merge(&other);
    }
}

impl Vector for StateVector {
    const NAME: &'static str = "yrs";

    fn new(entries: &[(u64, u32)]) -> Self {
        entries.iter().map(|(id, n)| (ClientID::new(*id), *n)).collect()
    }

    fn union(&mut self, other: Self) {
        self.merge(other);
    }
}

/// Entries of `left` and `right`, by name of the relation of their ids.
struct Case {
    name: &'static str,
    left: Vec<(u64, u32)>,
    right: Vec<(u64, u32)>,
}

/// Three relations of the ids, each with counters at random (the vectors are
/// concurrent) and, but for disjoint ids, with `left` below `right`.
fn cases(n: usize) -> Vec<Case> {
    let mut random = Pcg64::seed_from_u64(n as u64);
    let ids: Vec<u64> = (0..2 * n).map(|_| random.next_u64() >> 11).collect();
    let mut entries = |ids: &[u64]| -> Vec<(u64, u32)> {
        ids.iter().map(|id| (*id, 1 + random.next_u32() % 1000)).collect()
    };
    let ahead = |entries: &[(u64, u32)]| -> Vec<(u64, u32)> {
        entries.iter().map(|(id, n)| (*id, n + *n % 3)).collect()
    };
    let base = entries(&ids[..n]);
    vec![
        Case { name: "same-ids/concurrent", left: base.clone(), right: entries(&ids[..n]) },
        Case { name: "same-ids/less", left: base.clone(), right: ahead(&base) },
        Case {
            name: "half-shared/concurrent",
            left: base.clone(),
            right: entries(&ids[n / 2..n / 2 + n]),
        },
        Case { name: "half-shared/less", left: base[..n / 2].to_vec(), right: ahead(&base) },
        Case { name: "disjoint/concurrent", left: base, right: entries(&ids[n..]) },
    ]
}

fn vector<V: Vector>(c: &mut Criterion, case: &Case, n: usize) {
    let (mut left, mut right) = (V::new(&case.left), V::new(&case.right));
    V::relate(&mut left, &mut right);
    let expected = if case.name.ends_with("less") { Some(Ordering::Less) } else { None };
    if n > 8 || expected.is_some() {
        assert_eq!(left.partial_cmp(&right), expected, "{} of {}", case.name, V::NAME);
    }
    c.benchmark_group(format!("merge/{}", case.name)).bench_function(
        BenchmarkId::new(V::NAME, n),
        |bench| {
            bench.iter_batched(
                || (V::fresh(&case.left, &left), right.clone()),
                |(mut left, right)| {
                    left.union(right);
                    left
                },
                BatchSize::LargeInput,
            );
        },
    );
    c.benchmark_group(format!("compare/{}", case.name)).bench_function(
        BenchmarkId::new(V::NAME, n),
        |bench| {
            bench.iter(|| black_box(&left).partial_cmp(black_box(&right)));
        },
    );
}

fn vectors(c: &mut Criterion) {
    for n in [8, 64, 1024, 16_384] {
        for case in cases(n) {
            vector::<VersionVector>(c, &case, n);
            vector::<Shared>(c, &case, n);
            vector::<crdts::VClock<u64>>(c, &case, n);
            vector::<vclock::VClock<u64, u64>>(c, &case, n);
            vector::<StateVector>(c, &case, n);
        }
    }
}

/// Stamps of events, as they come out of bytes: they share no memory.
fn stamps(c: &mut Criterion) {
    for n in [8, 64, 1024, 16_384] {
        for case in cases(n) {
            let (left, right) = (stamp(&case.left), stamp(&case.right));
            c.benchmark_group(format!("compare-stamps/{}", case.name)).bench_function(
                BenchmarkId::new("ours", n),
                |bench| {
                    bench.iter(|| black_box(&left).compare(black_box(&right)));
                },
            );
        }
    }
}

/// The stamp of an event at the participant in the middle.
fn stamp(entries: &[(u64, u32)]) -> bounded_vc::VectorStamp {
    let mut clock =
        VectorClock::with_past(NodeId::new(entries[entries.len() / 2].0), Vector::new(entries));
    clock.event().expect("no counter is full");
    clock.stamp()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .sample_size(20);
    targets = vectors, stamps
}
criterion_main!(benches);
