//! The operations of every clock at 8, 64 and 1,024 participants, and those of
//! a stored object that so many servers have written.

use std::hint::black_box;

use bounded_vc::{BoundedVectorClocks, DvvSet, HorizonClocks, VectorClocks};
use causal_clock::{
    CausalClock, CausalStamp, Environment, ManualEnvironment, NodeId, Scheme, Wire,
};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};

/// Clocks of as many participants, after two rounds in which each hears of
/// another and makes an event.
fn clocks<S: Scheme>(scheme: &S, n: usize, env: &mut impl Environment) -> Vec<S::Clock> {
    let mut clocks = vec![scheme.seed(env)];
    while clocks.len() < n {
        let newborn = clocks[0].fork(env);
        clocks.push(newborn);
    }
    for round in 1..=2 {
        for at in 0..n {
            clocks[at].event(env).expect("no counter is full");
            let stamp = clocks[at].stamp();
            clocks[(at + round) % n].receive(&stamp, env).expect("no counter is full");
        }
    }
    clocks
}

fn scheme<S: Scheme>(c: &mut Criterion, scheme: &S) {
    let env = &mut ManualEnvironment::default();
    for n in [8, 64, 1024] {
        let clocks = clocks(scheme, n, env);
        let (a, b) = (&clocks[0], &clocks[n / 2]);
        let (left, right) = (a.stamp(), b.stamp());
        let mut group = c.benchmark_group(scheme.name());
        let id = |op: &str| BenchmarkId::new(op, n);
        group.bench_function(id("event"), |bench| {
            bench.iter_batched_ref(|| a.clone_by_bytes(), |a| a.event(env), BatchSize::SmallInput);
        });
        group.bench_function(id("fork"), |bench| {
            bench.iter_batched_ref(|| a.clone_by_bytes(), |a| a.fork(env), BatchSize::SmallInput);
        });
        group.bench_function(id("join"), |bench| {
            bench.iter_batched(
                || (a.clone_by_bytes(), b.clone_by_bytes()),
                |(mut a, b)| {
                    a.join(b, env).expect("no clock is refused");
                    a
                },
                BatchSize::SmallInput,
            );
        });
        group.bench_function(id("merge"), |bench| {
            bench.iter_batched_ref(
                || a.clone_by_bytes(),
                |a| a.merge(&right, env),
                BatchSize::SmallInput,
            );
        });
        group.bench_function(id("compare"), |bench| {
            bench.iter(|| black_box(&left).compare(black_box(&right)));
        });
        group.bench_function(id("encode"), |bench| bench.iter(|| black_box(&left).to_bytes()));
        let bytes = left.to_bytes();
        group.bench_function(id("decode"), |bench| {
            bench.iter(|| <<S::Clock as CausalClock>::Stamp>::decode(black_box(&bytes)));
        });
        group.finish();
    }
}

/// A copy that shares no memory with the original, for clocks of any type.
trait CloneByBytes: Wire {
    fn clone_by_bytes(&self) -> Self {
        Self::decode(&self.to_bytes()).expect("a clock comes back from its bytes")
    }
}

impl<T: Wire> CloneByBytes for T {}

/// An object of which there are two versions.
fn dvvset(c: &mut Criterion) {
    for n in [3, 64, 1024] {
        let mut object = DvvSet::new();
        for id in 1..=n {
            object.update(&object.context(), id, NodeId::new(id)).expect("room");
        }
        let mut group = c.benchmark_group("dvvset");
        let id = |op: &str| BenchmarkId::new(op, n);
        let mut written = object.clone();
        group.bench_function(id("read and update"), |bench| {
            bench.iter(|| written.update(&written.context(), 7, NodeId::new(n / 2)));
        });
        let mut newer = object.clone();
        let blind = object.context();
        for value in [8, 9] {
            newer.update(&blind, value, NodeId::new(1)).expect("room");
        }
        group.bench_function(id("sync"), |bench| {
            bench.iter_batched_ref(
                || object.clone(),
                |object| object.sync(black_box(&newer)),
                BatchSize::SmallInput,
            );
        });
        let put = |value: &u64, out: &mut Vec<u8>| out.extend(value.to_le_bytes());
        let mut bytes = Vec::new();
        newer.encode_with(&mut bytes, put);
        group.bench_function(id("encode"), |bench| {
            let mut bytes = Vec::new();
            bench.iter(|| {
                bytes.clear();
                black_box(&newer).encode_with(&mut bytes, put);
            });
        });
        group.bench_function(id("decode"), |bench| {
            bench.iter(|| {
                DvvSet::decode_with(black_box(&bytes), |value| {
                    <[u8; 8]>::try_from(value).map(u64::from_le_bytes)
                })
            });
        });
        group.finish();
    }
}

fn exact(c: &mut Criterion) {
    scheme(c, &VectorClocks {});
}

fn bounded(c: &mut Criterion) {
    scheme(c, &BoundedVectorClocks::default());
}

fn horizon(c: &mut Criterion) {
    scheme(c, &HorizonClocks::default());
}

criterion_group!(benches, exact, bounded, horizon, dvvset);
criterion_main!(benches);
