//! The product clocks beside other crates for hybrid logical clocks, in one
//! run: real clock and fixed clock, one thread and two.
//!
//! `receive` is each crate's own operation for a message from another node.
//! Ours also gives the stamp of the receipt; `uhlc` and `hybrid-clocks` do not,
//! and are measured again with a stamp taken after it.
//! On two threads a figure is the time of one operation on one thread while
//! the other does the same.
#![allow(missing_docs, reason = "criterion's macros make an undocumented main")]
#![allow(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant, SystemTime};

use causal_clock::{NodeId, PhysicalTime};
use criterion::{Criterion, criterion_group, criterion_main};
use hlc::{Hlc, HybridStamp, SharedHlc, SystemClock, TimeSource, Timestamp};

const NODE: NodeId = NodeId::new(1);
/// The reading of all fixed clocks, and of the messages they receive.
const SECONDS: u64 = 1_780_000_000;
const DRIFT: Duration = Duration::from_millis(500);

/// A clock that stands still, where the compiler cannot see it.
struct Fixed(PhysicalTime);

impl TimeSource for Fixed {
    #[inline]
    fn read(&self) -> PhysicalTime {
        *black_box(&self.0)
    }
}

const FIXED: Fixed = Fixed(PhysicalTime::from_secs(SECONDS));

fn uhlc_fixed() -> uhlc::NTP64 {
    black_box(uhlc::NTP64(SECONDS << 32))
}

fn uhlc_with(clock: fn() -> uhlc::NTP64) -> uhlc::HLC {
    uhlc::HLCBuilder::new().with_clock(clock).with_max_delta(DRIFT).build()
}

fn uhlc_real() -> uhlc::HLC {
    uhlc_with(uhlc::system_time_clock)
}

/// A millisecond on, where the counter of a fixed `hlc-gen` is full: it gives
/// no stamp then.
fn hlc_gen_fixed() -> impl FnMut() -> hlc_gen::HlcTimestamp {
    let generator = hlc_gen::HlcGenerator::manual(1_000);
    let mut millis = i64::try_from(SECONDS * 1_000).unwrap();
    generator.set_current_timestamp(millis);
    move || loop {
        if let Some(stamp) = generator.next_timestamp() {
            return stamp;
        }
        millis += 1;
        generator.set_current_timestamp(millis);
    }
}

/// What one operation takes while another thread does the same.
fn on_two_threads<R>(iterations: u64, operation: impl Fn() -> R + Sync) -> Duration {
    let start = Barrier::new(2);
    let run = || {
        start.wait();
        let began = Instant::now();
        for _ in 0..iterations {
            black_box(operation());
        }
        began.elapsed()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(run);
        run().max(other.join().unwrap())
    })
}

fn now(c: &mut Criterion) {
    let mut group = c.benchmark_group("now, real clock");
    group.bench_function("the clock alone", |b| b.iter(SystemTime::now));
    let mut clock = Hlc::new(NODE, SystemClock);
    group.bench_function("Hlc", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, SystemClock);
    group.bench_function("SharedHlc", |b| b.iter(|| clock.now()));
    let clock = uhlc_real();
    group.bench_function("uhlc", |b| b.iter(|| clock.new_timestamp()));
    let clock = hlc_gen::HlcGenerator::<hlc_gen::source::UtcClock>::new(1_000);
    group.bench_function("hlc-gen", |b| b.iter(|| clock.next_timestamp()));
    let mut clock = hybrid_clocks::Clock::wall_ns().unwrap();
    group.bench_function("hybrid-clocks", |b| b.iter(|| clock.now()));
    group.finish();

    let mut group = c.benchmark_group("now, fixed clock");
    let mut clock = Hlc::new(NODE, FIXED);
    group.bench_function("Hlc", |b| b.iter(|| clock.now()));
    let clock = SharedHlc::new(NODE, FIXED);
    group.bench_function("SharedHlc", |b| b.iter(|| clock.now()));
    let clock = uhlc_with(uhlc_fixed);
    group.bench_function("uhlc", |b| b.iter(|| clock.new_timestamp()));
    let mut next = hlc_gen_fixed();
    group.bench_function("hlc-gen", |b| b.iter(&mut next));
    let mut clock = hybrid_clocks::Clock::manual(SECONDS).unwrap();
    group.bench_function("hybrid-clocks", |b| b.iter(|| clock.now()));
    group.finish();
}

fn receive(c: &mut Criterion) {
    let timestamp = Timestamp::of_reading(PhysicalTime::from_secs(SECONDS)).unwrap();
    let message = HybridStamp::new(timestamp, NodeId::new(2));
    let mut group = c.benchmark_group("receive, real clock");
    let mut clock = Hlc::new(NODE, SystemClock).with_drift(DRIFT);
    group.bench_function("Hlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = SharedHlc::new(NODE, SystemClock).with_drift(DRIFT);
    group.bench_function("SharedHlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = uhlc_real();
    let theirs = uhlc_real().new_timestamp();
    group.bench_function("uhlc", |b| {
        b.iter(|| clock.update_with_timestamp(black_box(&theirs)));
    });
    let clock = hlc_gen::HlcGenerator::<hlc_gen::source::UtcClock>::new(1_000);
    let theirs = clock.next_timestamp().unwrap();
    group.bench_function("hlc-gen", |b| b.iter(|| clock.update(black_box(&theirs))));
    let mut clock = hybrid_clocks::Clock::wall_ns().unwrap();
    let theirs = clock.now().unwrap();
    group.bench_function("hybrid-clocks", |b| b.iter(|| clock.observe(black_box(&theirs))));
    group.finish();

    let mut group = c.benchmark_group("receive, fixed clock");
    let mut clock = Hlc::new(NODE, FIXED).with_drift(DRIFT);
    group.bench_function("Hlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = SharedHlc::new(NODE, FIXED).with_drift(DRIFT);
    group.bench_function("SharedHlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = uhlc_with(uhlc_fixed);
    let theirs = uhlc_with(uhlc_fixed).new_timestamp();
    group.bench_function("uhlc", |b| {
        b.iter(|| clock.update_with_timestamp(black_box(&theirs)));
    });
    let mut clock = hybrid_clocks::Clock::manual(SECONDS).unwrap();
    let theirs = clock.now().unwrap();
    group.bench_function("hybrid-clocks", |b| b.iter(|| clock.observe(black_box(&theirs))));
    group.finish();

    let mut group = c.benchmark_group("receive and its stamp, fixed clock");
    let mut clock = Hlc::new(NODE, FIXED).with_drift(DRIFT);
    group.bench_function("Hlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = SharedHlc::new(NODE, FIXED).with_drift(DRIFT);
    group.bench_function("SharedHlc", |b| b.iter(|| clock.receive(black_box(&message))));
    let clock = uhlc_with(uhlc_fixed);
    let theirs = uhlc_with(uhlc_fixed).new_timestamp();
    group.bench_function("uhlc", |b| {
        b.iter(|| {
            clock.update_with_timestamp(black_box(&theirs)).unwrap();
            clock.new_timestamp()
        });
    });
    let mut clock = hybrid_clocks::Clock::manual(SECONDS).unwrap();
    let theirs = clock.now().unwrap();
    group.bench_function("hybrid-clocks", |b| {
        b.iter(|| {
            clock.observe(black_box(&theirs));
            clock.now()
        });
    });
    group.finish();
}

fn two_threads(c: &mut Criterion) {
    let mut group = c.benchmark_group("now, real clock, two threads");
    let clock = SharedHlc::new(NODE, SystemClock);
    group.bench_function("SharedHlc", |b| b.iter_custom(|n| on_two_threads(n, || clock.now())));
    let clock = uhlc_real();
    group.bench_function("uhlc", |b| {
        b.iter_custom(|n| on_two_threads(n, || clock.new_timestamp()));
    });
    let clock = hlc_gen::HlcGenerator::<hlc_gen::source::UtcClock>::new(1_000);
    group.bench_function("hlc-gen", |b| {
        b.iter_custom(|n| on_two_threads(n, || clock.next_timestamp()));
    });
    let clock = Mutex::new(hybrid_clocks::Clock::wall_ns().unwrap());
    group.bench_function("hybrid-clocks", |b| {
        b.iter_custom(|n| on_two_threads(n, || clock.lock().unwrap().now()));
    });
    group.finish();

    let mut group = c.benchmark_group("now, fixed clock, two threads");
    let clock = SharedHlc::new(NODE, FIXED);
    group.bench_function("SharedHlc", |b| b.iter_custom(|n| on_two_threads(n, || clock.now())));
    let clock = uhlc_with(uhlc_fixed);
    group.bench_function("uhlc", |b| {
        b.iter_custom(|n| on_two_threads(n, || clock.new_timestamp()));
    });
    let clock = Mutex::new(hybrid_clocks::Clock::manual(SECONDS).unwrap());
    group.bench_function("hybrid-clocks", |b| {
        b.iter_custom(|n| on_two_threads(n, || clock.lock().unwrap().now()));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    // Short, so that all are measured within a minute and in the same weather.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50);
    targets = now, receive, two_threads
}
criterion_main!(benches);
