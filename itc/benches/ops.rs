//! The operations one by one, at 8, 64 and 1,024 participants, on the clocks
//! of a long mixed run.

use std::hint::black_box;

use causal_clock::{CausalOrder, Wire};
use criterion::{BatchSize, Criterion, Throughput};
use itc::{Itc, Stamp};

/// A small generator of its own, so that the clocks are always the same.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

/// Participants after events, messages and syncs, forks and retirements.
fn population(n: usize) -> Vec<Itc> {
    let mut rng = Rng(n as u64);
    let mut clocks = itc_population(n);
    for _ in 0..n * 50 {
        let (a, b) = (rng.below(n), rng.below(n - 1));
        let b = if b >= a { b + 1 } else { b };
        match rng.below(10) {
            0..6 => clocks[a].event().expect("an event"),
            6..9 => {
                let message = clocks[b].peek();
                clocks[a].merge(&message);
            }
            _ => {
                let newborn = clocks[a].fork();
                let retired = std::mem::replace(&mut clocks[b], newborn);
                let into = rng.below(n);
                clocks[into].join(retired).expect("disjoint ids");
            }
        }
    }
    clocks
}

fn itc_population(n: usize) -> Vec<Itc> {
    let mut clocks = vec![Itc::seed()];
    while clocks.len() < n {
        let parents = clocks.len().min(n - clocks.len());
        for parent in 0..parents {
            let newborn = clocks[parent].fork();
            clocks.push(newborn);
        }
    }
    clocks
}

fn again(clock: &Itc) -> Itc {
    Itc::from_parts(clock.id().clone(), clock.event_tree().clone())
}

fn ops(c: &mut Criterion) {
    for n in [8, 64, 1024] {
        let clocks = population(n);
        let stamps: Vec<Stamp> = clocks.iter().map(Itc::peek).collect();
        let encoded: Vec<Vec<u8>> = stamps.iter().map(Wire::to_bytes).collect();
        let mut group = c.benchmark_group(format!("{n}"));
        let mut rng = Rng(1);
        let mut at = move || rng.below(n);
        group.bench_function("event", |b| {
            b.iter_batched_ref(|| again(&clocks[at()]), Itc::event, BatchSize::SmallInput);
        });
        group.bench_function("fork", |b| {
            b.iter_batched_ref(|| again(&clocks[at()]), Itc::fork, BatchSize::SmallInput);
        });
        group.bench_function("join", |b| {
            let pair = || (again(&clocks[0]), Some(again(&clocks[n / 2])));
            b.iter_batched_ref(pair, |(a, b)| a.join(b.take()?).ok(), BatchSize::SmallInput);
        });
        group.bench_function("merge", |b| {
            b.iter_batched_ref(
                || (again(&clocks[at()]), &stamps[at()]),
                |(clock, stamp)| clock.merge(stamp),
                BatchSize::SmallInput,
            );
        });
        group.bench_function("compare", |b| {
            b.iter_batched(
                || (&stamps[at()], &stamps[at()]),
                |(a, b)| a.compare(b),
                BatchSize::SmallInput,
            );
        });
        let largest = (0..n).max_by_key(|i| encoded[*i].len()).unwrap_or(0);
        let (stamp, equal) = (&stamps[largest], stamps[largest].clone());
        group.bench_function("compare equal", |b| b.iter(|| stamp.compare(black_box(&equal))));
        // What that is to cost at most: a number and a level for each leaf.
        let leaves = stamp.event_tree().leaves();
        let memory = (vec![1_u64; leaves], vec![1_u16; leaves]);
        let copy = memory.clone();
        group.bench_function("memory compare", |b| b.iter(|| memory == *black_box(&copy)));
        let unrelated = stamps.iter().find(|s| s.compare(stamp) == CausalOrder::Concurrent);
        let unrelated = unrelated.expect("a concurrent stamp");
        group.bench_function("compare unrelated", |b| {
            b.iter(|| stamp.compare(black_box(unrelated)));
        });
        group.throughput(Throughput::Bytes(encoded[largest].len() as u64));
        let mut out = Vec::new();
        group.bench_function("encode", |b| {
            b.iter(|| {
                out.clear();
                black_box(&stamps[largest]).encode(&mut out);
            });
        });
        group.bench_function("decode", |b| {
            b.iter(|| Stamp::decode(black_box(&encoded[largest])).is_ok());
        });
        let compact = stamps[largest].to_compact();
        group.bench_function("encode compact", |b| {
            b.iter(|| black_box(&stamps[largest]).to_compact());
        });
        group.bench_function("decode compact", |b| {
            b.iter(|| Stamp::from_compact(black_box(&compact)).is_ok());
        });
        group.bench_function("encoded_len", |b| {
            b.iter(|| black_box(&stamps[largest]).encoded_len());
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    ops(&mut criterion);
    criterion.final_summary();
}
