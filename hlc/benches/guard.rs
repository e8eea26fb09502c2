//! What guarding and counting cost, next to reading the clock alone.
//!
//! `cargo bench -p hlc --all-features --bench guard`
#![allow(clippy::unwrap_used, reason = "a bench may panic")]
#![allow(missing_docs, reason = "criterion's macros make an undocumented main")]

use std::hint::black_box;
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use criterion::{Criterion, criterion_group, criterion_main};
use hlc::{Guarded, Hlc, MonotonicSource, SharedHlc, SystemClock, SystemMonotonic, TimeSource};

const NODE: NodeId = NodeId::new(1);
const TOLERANCE: Duration = Duration::from_millis(250);

/// A clock that stands still, where the compiler cannot see it.
struct Fixed(PhysicalTime);

impl TimeSource for Fixed {
    #[inline]
    fn read(&self) -> PhysicalTime {
        *black_box(&self.0)
    }
}

const fn fixed() -> Fixed {
    Fixed(PhysicalTime::from_secs(1_780_000_000))
}

fn guard(c: &mut Criterion) {
    let mut group = c.benchmark_group("real clock");
    group.bench_function("reading it", |b| b.iter(|| SystemClock.read()));
    let monotonic = SystemMonotonic::new();
    group.bench_function("reading the monotonic source", |b| b.iter(|| monotonic.elapsed()));
    let guarded = Guarded::system(TOLERANCE);
    group.bench_function("reading it, guarded", |b| b.iter(|| guarded.checked_read()));
    let mut clock = Hlc::new(NODE, SystemClock);
    group.bench_function("Hlc::now", |b| b.iter(|| clock.now()));
    let mut clock = Hlc::new(NODE, Guarded::system(TOLERANCE));
    group.bench_function("Hlc::now, guarded", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, SystemClock);
    group.bench_function("SharedHlc::now", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, Guarded::system(TOLERANCE));
    group.bench_function("SharedHlc::now, guarded", |b| b.iter(|| clock.now()));
    // Once more, for a machine that is not always as fast.
    group.bench_function("reading it, again", |b| b.iter(|| SystemClock.read()));
    group.finish();

    let mut group = c.benchmark_group("fixed clock");
    let mut clock = Hlc::new(NODE, fixed());
    group.bench_function("Hlc::now", |b| b.iter(|| clock.now()));
    let mut clock = Hlc::new(NODE, Guarded::new(fixed(), || Duration::ZERO, TOLERANCE));
    group.bench_function("Hlc::now, guarded", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, fixed());
    group.bench_function("SharedHlc::now", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, Guarded::new(fixed(), || Duration::ZERO, TOLERANCE));
    group.bench_function("SharedHlc::now, guarded", |b| b.iter(|| clock.now()));
    group.finish();
}

criterion_group!(benches, guard);
criterion_main!(benches);
