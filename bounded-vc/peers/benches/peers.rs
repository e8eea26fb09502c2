//! Version vectors beside those of `crdts`, `vclock` and `yrs`, in one run:
//! union and comparison of two vectors of about `n` entries whose ids are the
//! same, the same but for a few, shared by half, or disjoint, of `n` entries and
//! a few, and of two event stamps.
//!
//! All get the same random ids of 53 bits, which is what `yrs` takes, and the
//! same counters, and each operation is on another pair of vectors than the one
//! before. `ours` is a vector that came out of bytes and shares no memory;
//! `ours-shared` has, where the ids are the same, a past in common with the
//! other, and is a clone whose memory the original keeps, so that a merge copies
//! what it changes, which peers do when they clone.

use std::cmp::Ordering;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bounded_vc::{VectorClock, VectorStamp, VersionVector};
use causal_clock::{CausalStamp, NodeId};
use criterion::{BatchSize, Bencher, BenchmarkId, Criterion, criterion_group, criterion_main};
use yrs::StateVector;

use vectors::{Case, Pair, Shared, Vector, cases};

mod vectors;

fn vector<V: Vector>(c: &mut Criterion, case: &Case, n: usize) {
    let made = |pair: &Pair| {
        let (mut left, mut right) = (V::new(&pair.left), V::new(&pair.right));
        V::relate(&mut left, &mut right);
        (left, right)
    };
    let vectors: Vec<(V, V)> = case.pairs.iter().map(made).collect();
    let expected = if case.name.ends_with("less") { Some(Ordering::Less) } else { None };
    if n > 8 || expected.is_some() {
        let all = vectors.iter().all(|(left, right)| left.partial_cmp(right) == expected);
        assert!(all, "{} of {} entries of {}", case.name, n, V::NAME);
    }
    c.benchmark_group(format!("merge/{}", case.name)).bench_function(
        BenchmarkId::new(V::NAME, n),
        |bench| {
            let mut next = case.pairs.iter().zip(&vectors).cycle();
            bench.iter_batched_ref(
                || {
                    let (pair, (left, right)) = next.next().expect("a cycle has no end");
                    (V::fresh(&pair.left, left), Some(right.clone()))
                },
                |(left, right)| left.union(right),
                // A batch of any size takes about as much memory, and stays
                // near the processor.
                BatchSize::NumIterations((16_384 / n as u64).clamp(4, 1024)),
            );
        },
    );
    c.benchmark_group(format!("compare/{}", case.name)).bench_function(
        BenchmarkId::new(V::NAME, n),
        |bench| {
            each(bench, &vectors, V::partial_cmp);
        },
    );
}

/// Measures an operation on one pair after the other.
fn each<T, R>(bench: &mut Bencher<'_>, pairs: &[(T, T)], operation: impl Fn(&T, &T) -> R) {
    bench.iter_custom(|times| {
        let times = usize::try_from(times).expect("less than there is memory");
        let start = Instant::now();
        for (left, right) in pairs.iter().cycle().take(times) {
            black_box(operation(left, right));
        }
        start.elapsed()
    });
}

fn peers(c: &mut Criterion) {
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
            let made = |pair: &Pair| (stamp(&pair.left), stamp(&pair.right));
            let stamps: Vec<_> = case.pairs.iter().map(made).collect();
            c.benchmark_group(format!("stamps/{}", case.name)).bench_function(
                BenchmarkId::new("ours", n),
                |bench| {
                    each(bench, &stamps, VectorStamp::compare);
                },
            );
        }
    }
}

/// The stamp of an event at the participant in the middle.
fn stamp(entries: &[(u64, u32)]) -> VectorStamp {
    let mut clock =
        VectorClock::with_past(NodeId::new(entries[entries.len() / 2].0), Vector::new(entries));
    clock.event().expect("no counter is full");
    clock.stamp()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(40))
        .measurement_time(Duration::from_millis(150))
        .sample_size(20);
    targets = peers, stamps
}
criterion_main!(benches);
