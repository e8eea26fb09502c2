//! What guarding the own clock and counting cost, next to reading the clock:
//! `cargo run --release -p hlc --all-features --example guard_cost`.
//!
//! The criterion bench `guard` measures one after the other, which a machine
//! that is shared spoils. Here short batches of each take turns, and the
//! fastest tenth and the median of the batches are shown, in nanoseconds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use causal_clock::NodeId;
use hlc::{Guarded, Hlc, SharedHlc, SystemClock, TimeSource};

const BATCH: u32 = 2_000;
const TOLERANCE: Duration = Duration::from_millis(250);

type Case<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// A batch of an operation, as one call.
fn case<'a, R>(name: &'static str, mut operation: impl FnMut() -> R + 'a) -> Case<'a> {
    let batch = move || {
        for _ in 0..BATCH {
            black_box(operation());
        }
    };
    (name, Box::new(batch))
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let node = NodeId::new(1);
    let guarded = Guarded::system(TOLERANCE);
    let mut single = Hlc::new(node, SystemClock);
    let mut single_guarded = Hlc::new(node, Guarded::system(TOLERANCE));
    let shared = SharedHlc::new(node, SystemClock);
    let shared_guarded = SharedHlc::new(node, Guarded::system(TOLERANCE));
    let mut cases = [
        case("the clock alone", || SystemClock.read()),
        case("the clock alone, guarded", || guarded.checked_read()),
        case("Hlc::now", || single.now()),
        case("Hlc::now, guarded", || single_guarded.now()),
        case("SharedHlc::now", || shared.now()),
        case("SharedHlc::now, guarded", || shared_guarded.now()),
    ];
    let mut times: Vec<Vec<f64>> = cases.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for ((_, batch), times) in cases.iter_mut().zip(&mut times) {
            let start = Instant::now();
            batch();
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH));
        }
    }
    times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    println!("| | fastest tenth | median | × the clock alone |\n|---|--:|--:|--:|");
    for ((name, _), own) in cases.iter().zip(&times) {
        let at = |times: &[f64], part: usize| times.get(times.len() / part).copied();
        let (Some(tenth), Some(median), Some(alone)) = (at(own, 10), at(own, 2), at(&times[0], 2))
        else {
            return;
        };
        println!("| {name} | {tenth:.1} | {median:.1} | {:.2} |", median / alone);
    }
}
