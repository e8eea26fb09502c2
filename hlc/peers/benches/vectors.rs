//! Merge and compare of hybrid vector clocks beside those of vector clocks, in
//! one run. All nodes have heard of each other within ε, so that both have an
//! entry for each.
#![allow(clippy::unwrap_used, reason = "a bench may panic")]
#![allow(missing_docs, reason = "criterion's macros make an undocumented main")]

use std::hint::black_box;
use std::time::Duration;

use bounded_vc::VectorClocks;
use causal_clock::{
    CausalClock, CausalStamp, Environment, ManualEnvironment, PhysicalTime, Scheme, Wire,
};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hlc::HybridVectorClocks;

/// Two of `count` nodes that sent two messages each round a ring.
fn two_of<S: Scheme>(
    scheme: &S,
    count: usize,
    env: &mut ManualEnvironment,
) -> (S::Clock, S::Clock) {
    let mut clocks = vec![scheme.seed(env)];
    while clocks.len() < count {
        let newborn = clocks[0].fork(env);
        clocks.push(newborn);
    }
    for at in (0..count).chain(0..count) {
        let now = env.now();
        env.set_now(now.saturating_add(Duration::from_micros(1)));
        let stamp = clocks[at].send(env).unwrap();
        clocks[(at + 1) % count].receive(&stamp, env).unwrap();
    }
    (clocks.swap_remove(0), clocks.swap_remove(count / 2))
}

fn scheme<S: Scheme>(c: &mut Criterion, name: &str, scheme: &S) {
    for count in [8, 64, 1024] {
        let env = &mut ManualEnvironment::default();
        env.set_now(PhysicalTime::from_secs(1_780_000_000));
        let (one, other) = two_of(scheme, count, env);
        let (left, right) = (one.stamp(), other.stamp());
        let bytes = one.to_bytes();
        // By way of its bytes, so that it shares no memory with another.
        let fresh = || S::Clock::decode(&bytes).unwrap();
        c.benchmark_group("vector merge").bench_function(BenchmarkId::new(name, count), |b| {
            b.iter_batched_ref(
                fresh,
                |clock| clock.merge(black_box(&right), env),
                BatchSize::SmallInput,
            );
        });
        c.benchmark_group("vector compare").bench_function(BenchmarkId::new(name, count), |b| {
            b.iter(|| black_box(&left).compare(black_box(&right)));
        });
    }
}

fn vectors(c: &mut Criterion) {
    scheme(c, "VectorClocks", &VectorClocks {});
    scheme(c, "HybridVectorClocks", &HybridVectorClocks { epsilon: Duration::from_secs(3_600) });
}

criterion_group! {
    name = benches;
    // Short, so that all are measured within a minute and in the same weather.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50);
    targets = vectors
}
criterion_main!(benches);
