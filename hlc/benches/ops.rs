//! What the operations of the trait cost, with 8, 64 and 1,024 participants.
//! Only the vector clock should depend on how many there are: all have heard of
//! each other within its ε.
#![allow(clippy::unwrap_used, reason = "a bench may panic")]
#![allow(missing_docs, reason = "criterion's macros make an undocumented main")]

use std::hint::black_box;
use std::time::Duration;

use causal_clock::{
    CausalClock, CausalStamp, Environment, ManualEnvironment, PhysicalTime, Scheme, Wire,
};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use hlc::{
    HybridLogicalClocks, HybridVectorClocks, PhysicalClocks, PhysicalClocksWithCausality,
    ReplayClocks, WideHybridLogicalClocks,
};

/// Participants that have all heard of each other, in a ring.
fn population<S: Scheme>(scheme: &S, count: u64, env: &mut ManualEnvironment) -> Vec<S::Clock> {
    let mut clocks = vec![scheme.seed(env)];
    while (clocks.len() as u64) < count {
        let newborn = clocks[0].fork(env);
        clocks.push(newborn);
    }
    for i in (0..clocks.len()).chain(0..clocks.len()) {
        let now = env.now();
        env.set_now(now.saturating_add(Duration::from_micros(1)));
        let stamp = clocks[i].send(env).unwrap();
        let next = (i + 1) % clocks.len();
        clocks[next].receive(&stamp, env).unwrap();
    }
    clocks
}

fn bench_scheme<S: Scheme>(c: &mut Criterion, scheme: &S)
where
    S::Clock: Clone,
{
    let name = scheme.name();
    for count in [8, 64, 1024] {
        let env = &mut ManualEnvironment::default();
        env.set_now(PhysicalTime::from_secs(1_780_000_000));
        let clocks = population(scheme, count, env);
        let (one, other) = (&clocks[1], &clocks[clocks.len() / 2]);
        let (stamp, later) = (one.stamp(), other.stamp());
        let bytes = stamp.to_bytes();
        let mut group = c.benchmark_group(&name);
        let id = |op| BenchmarkId::new(op, count);
        let mut clock = one.clone();
        group.bench_function(id("event"), |b| b.iter(|| clock.event(env)));
        group.bench_function(id("fork"), |b| b.iter(|| clock.fork(env)));
        group.bench_function(id("join"), |b| {
            b.iter_batched(|| other.clone(), |c| clock.join(c, env).is_ok(), BatchSize::SmallInput);
        });
        group.bench_function(id("merge"), |b| b.iter(|| clock.merge(black_box(&later), env)));
        group.bench_function(id("compare"), |b| {
            b.iter(|| black_box(&stamp).compare(black_box(&later)));
        });
        let mut out = Vec::with_capacity(bytes.len());
        group.bench_function(id("encode"), |b| {
            b.iter(|| {
                out.clear();
                black_box(&stamp).encode(&mut out);
            });
        });
        group.bench_function(id("decode"), |b| {
            b.iter(|| <S::Clock as CausalClock>::Stamp::decode(black_box(&bytes)));
        });
        group.finish();
    }
}

fn ops(c: &mut Criterion) {
    bench_scheme(c, &PhysicalClocks {});
    bench_scheme(c, &HybridLogicalClocks::default());
    bench_scheme(c, &WideHybridLogicalClocks::default());
    bench_scheme(c, &PhysicalClocksWithCausality::default());
    bench_scheme(c, &HybridVectorClocks::default());
    bench_scheme(c, &ReplayClocks::default());
    bench_scheme(c, &HybridLogicalClocks { drift: Some(Duration::from_millis(500)) });
}

criterion_group!(benches, ops);
criterion_main!(benches);
