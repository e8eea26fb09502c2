//! What each operation costs among 8, 64 and 1,024 participants that have
//! heard of each other; and merge and compare where memory is the limit.

use std::hint::black_box;
use std::num::NonZeroU16;

use causal_clock::{CausalClock, CausalStamp, ManualEnvironment, NodeId, Scheme, Wire};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plausible::{
    Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, Nurev, Recency, Rev, RevClock, Rk,
};

type Stamp<S> = <<S as Scheme>::Clock as CausalClock>::Stamp;

/// Two clocks and their stamps, after every participant has sent to the next
/// one, 16 times round. The second clock has heard of the first's neighbour.
fn world<S: Scheme>(scheme: &S, participants: usize) -> ([S::Clock; 2], [Stamp<S>; 2]) {
    let env = &mut ManualEnvironment::default();
    let mut clocks = vec![scheme.seed(env)];
    while clocks.len() < participants {
        let parent = clocks.len() / 2;
        let child = clocks[parent].fork(env);
        clocks.push(child);
    }
    for _ in 0..16 {
        for sender in 0..participants {
            let sent = clocks[sender].send(env).expect("no counter is full");
            let receiver = (sender + 1) % participants;
            clocks[receiver].receive(&sent, env).expect("stamps are of one scheme");
        }
    }
    let other = clocks.swap_remove(participants / 2);
    let one = clocks.swap_remove(0);
    let stamps = [one.stamp(), other.stamp()];
    ([one, other], stamps)
}

fn bench_scheme<S: Scheme>(c: &mut Criterion, scheme: &S)
where
    S::Clock: Clone,
{
    let mut group = c.benchmark_group(scheme.name());
    for participants in [8, 64, 1024] {
        let env = &mut ManualEnvironment::default();
        let ([mut clock, other], [stamp, second]) = world(scheme, participants);
        let bytes = stamp.to_bytes();
        let id = |operation| BenchmarkId::new(operation, participants);
        group.bench_function(id("event"), |b| {
            let mut clock = clock.clone();
            b.iter(|| black_box(&mut clock).event(env));
        });
        group.bench_function(id("fork"), |b| b.iter(|| black_box(&mut clock).fork(env)));
        group.bench_function(id("join"), |b| {
            b.iter_batched(
                || (clock.clone(), other.clone()),
                |(mut clock, retired)| {
                    clock.join(retired, env).expect("clocks are of one scheme");
                    clock
                },
                BatchSize::SmallInput,
            );
        });
        group.bench_function(id("merge"), |b| {
            let mut clock = clock.clone();
            b.iter(|| black_box(&mut clock).merge(black_box(&second), env));
        });
        group.bench_function(id("compare"), |b| {
            b.iter(|| black_box(&stamp).compare(black_box(&second)));
        });
        group.bench_function(id("encode"), |b| {
            let mut out = Vec::with_capacity(bytes.len());
            b.iter(|| {
                out.clear();
                black_box(&stamp).encode(&mut out);
            });
        });
        group.bench_function(id("decode"), |b| {
            b.iter(|| Stamp::<S>::decode(black_box(&bytes)).expect("these bytes are a stamp"));
        });
    }
    group.finish();
}

fn ops(c: &mut Criterion) {
    bench_scheme(c, &LamportClocks {});
    bench_scheme(c, &KLamport::default());
    bench_scheme(c, &Comb::default());
    bench_scheme(c, &Rk::default());
    bench_scheme(c, &Nurev::default());
    bench_scheme(c, &Recency::default());
    bench_scheme(c, &Elastic::default());
    bench_scheme(c, &Bloom::default());
    bench_scheme(c, &Encoded::default());
    bench_scheme(c, &Rev::default());
    bench_scheme(c, &Rev { r: NonZeroU16::new(64).expect("not zero") });
}

/// Merge and compare where memory is the limit: vectors of 1,024 counters in
/// cache, the first at most the second, so that all counters are looked at.
/// Throughput counts the counters of one stamp.
fn memory(c: &mut Criterion) {
    let r = NonZeroU16::new(1024).expect("not zero");
    let mut clock = RevClock::new(NodeId::new(1), r);
    for id in 0..1024 {
        let mut other = RevClock::new(NodeId::new(id), r);
        other.event().expect("no counter is full");
        clock.merge(&other.stamp()).expect("stamps are of one scheme");
    }
    let early = clock.stamp();
    let mut late = clock.fork(NodeId::new(2));
    late.event().expect("no counter is full");
    let late = late.stamp();
    let mut group = c.benchmark_group("memory");
    group.throughput(Throughput::Bytes(8 * 1024));
    group.bench_function("merge/1024", |b| {
        b.iter(|| black_box(&mut clock).merge(black_box(&late)));
    });
    group.bench_function("compare/1024", |b| {
        b.iter(|| black_box(&early).try_compare(black_box(&late)));
    });
    group.finish();
}

criterion_group!(benches, ops, memory);
criterion_main!(benches);
