//! What each operation costs among 8, 64 and 1,024 participants that have
//! heard of each other; merge and compare where memory is the limit; and what
//! the encoded vector clock comes to cost.

use std::hint::black_box;
use std::num::NonZeroU16;

use causal_clock::{CausalClock, CausalStamp, ManualEnvironment, Scheme, Wire};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plausible::{
    Bloom, Comb, Elastic, Encoded, EncodedClock, EncodedStamp, KLamport, LamportClocks, Nurev,
    Recency, Rev, Rk,
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
    bench_scheme(c, &Rev::default());
    bench_scheme(c, &Rev { r: NonZeroU16::new(64).expect("not zero") });
}

/// Merge and compare where memory is the limit: vectors of 1,024 counters in
/// cache, the first stamp before the second, so that all counters are looked
/// at. Throughput counts the counters of one stamp.
fn bench_memory<S: Scheme>(c: &mut Criterion, scheme: &S) {
    const COUNTERS: u64 = 1024;
    let env = &mut ManualEnvironment::default();
    let mut clock = scheme.seed(env);
    for _ in 0..COUNTERS {
        let mut other = clock.fork(env);
        let sent = other.send(env).expect("no counter is full");
        clock.receive(&sent, env).expect("stamps are of one scheme");
    }
    let early = clock.stamp();
    let late = clock.send(env).expect("no counter is full");
    let mut receiver = clock.fork(env);
    let mut group = c.benchmark_group("memory");
    group.throughput(Throughput::Bytes(8 * COUNTERS));
    group.bench_function(format!("{}/merge", scheme.name()), |b| {
        b.iter(|| black_box(&mut receiver).merge(black_box(&late), env));
    });
    group.bench_function(format!("{}/compare", scheme.name()), |b| {
        b.iter(|| black_box(&early).compare(black_box(&late)));
    });
    group.finish();
}

fn memory(c: &mut Criterion) {
    let r = NonZeroU16::new(1024).expect("not zero");
    bench_memory(c, &Rev { r });
    bench_memory(c, &Nurev { r, ids: true });
    bench_memory(c, &Nurev { r, ids: false });
    bench_memory(c, &Rk::new(1024, 2).expect("k is at most r"));
    bench_memory(c, &Bloom::new(1024, 2).expect("k is at most m"));
    bench_memory(c, &Recency::new(1024, 6).expect("a valid width"));
    bench_memory(c, &Recency::new(1024, 16).expect("a valid width"));
    bench_memory(c, &Elastic::new(1024, 1024).expect("powers of two"));
}

/// What an encoded vector clock costs once the system has had so many events,
/// at 24 processes that take turns at sending, each to the seventh next one:
/// an event; a merge of another process's latest stamp; and a comparison with
/// one of half as many events, which divides at its slowest. Last, a comparison
/// of the largest stamps there can be, which bounds what a hostile one costs.
fn encoded(c: &mut Criterion) {
    const PROCESSES: usize = 24;
    let env = &mut ManualEnvironment::default();
    let mut clocks = vec![Encoded::default().seed(env)];
    while clocks.len() < PROCESSES {
        let child = CausalClock::fork(&mut clocks[0], env);
        clocks.push(child);
    }
    let mut group = c.benchmark_group("evc");
    let (mut had, mut step, mut halfway) = (0, 0, clocks[0].stamp());
    for events in [10, 100, 1_000, 10_000] {
        while had < events {
            let (sender, receiver) = (step % PROCESSES, (step + 7) % PROCESSES);
            let sent = clocks[sender].send(env).expect("far below the limit");
            clocks[receiver].receive(&sent, env).expect("far below the limit");
            (had, step) = (had + 2, step + 1);
            if had == events / 2 {
                halfway = clocks[receiver].stamp();
            }
        }
        let last = (step + 6) % PROCESSES;
        let (clock, other) = (&clocks[last], clocks[(last + 12) % PROCESSES].stamp());
        let stamp = clock.stamp();
        println!("{events} events: {} bits", stamp.bits());
        let id = |operation| BenchmarkId::new(operation, events);
        group.bench_function(id("event"), |b| {
            let event = |clock: &mut EncodedClock| EncodedClock::event(clock);
            b.iter_batched_ref(|| clock.clone(), event, BatchSize::SmallInput);
        });
        group.bench_function(id("merge"), |b| {
            let merge = |clock: &mut EncodedClock| EncodedClock::merge(clock, black_box(&other));
            b.iter_batched_ref(|| clock.clone(), merge, BatchSize::SmallInput);
        });
        group.bench_function(id("compare"), |b| {
            b.iter(|| black_box(&halfway).compare(black_box(&stamp)));
        });
    }
    let stamp = |bytes: usize| EncodedStamp::decode(&vec![0xff; bytes]).expect("within the limit");
    let (half, largest) = (stamp(1 << 16), stamp(1 << 17));
    group.bench_function("compare/largest", |b| {
        b.iter(|| black_box(&half).compare(black_box(&largest)));
    });
    group.finish();
}

criterion_group!(benches, ops, memory, encoded);
criterion_main!(benches);
