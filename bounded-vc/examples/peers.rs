//! Version vectors beside those of `crdts`, `vclock` and `yrs`: nanoseconds
//! for a union and a comparison, as a table.
//!
//! ```text
//! cargo run --release -p bounded-vc --example peers
//! ```
//!
//! The same cases as in the bench `peers`, see there; but each figure is the
//! fastest of 80 batches of 12, which says the same on a busy machine as on an
//! idle one, where a median does not.

use std::hint::black_box;
use std::time::Instant;

use bounded_vc::VersionVector;
use yrs::StateVector;

use vectors::{Case, Shared, Vector, cases};

#[path = "../benches/support/vectors.rs"]
mod vectors;

const BATCHES: usize = 80;
const BATCH: usize = 12;

/// Nanoseconds for one call, without what `setup` takes.
fn fastest<T, U>(mut setup: impl FnMut() -> T, mut call: impl FnMut(T) -> U) -> f64 {
    let batch = |_| {
        let inputs: Vec<T> = (0..BATCH).map(|_| setup()).collect();
        let mut outputs = Vec::with_capacity(BATCH);
        let start = Instant::now();
        outputs.extend(inputs.into_iter().map(&mut call));
        let nanos = start.elapsed().as_nanos();
        drop(black_box(outputs));
        nanos
    };
    (0..BATCHES).map(batch).min().unwrap_or(0) as f64 / BATCH as f64
}

/// Nanoseconds to merge and to compare.
fn measure<V: Vector>(case: &Case) -> [f64; 2] {
    let (mut left, mut right) = (V::new(&case.left), V::new(&case.right));
    V::relate(&mut left, &mut right);
    let merge = fastest(
        || (V::fresh(&case.left, &left), right.clone()),
        |(mut left, right)| {
            let right = left.union(right);
            (left, right)
        },
    );
    let compare = fastest(|| (), |()| black_box(&left).partial_cmp(black_box(&right)));
    [merge, compare]
}

fn main() {
    println!(
        "| operation | ids | entries | {} | {} | {} | {} | {} | best peer ÷ ours | ÷ shared |",
        VersionVector::NAME,
        Shared::NAME,
        crdts::VClock::<u64>::NAME,
        vclock::VClock::<u64, u64>::NAME,
        StateVector::NAME,
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut rows = [Vec::new(), Vec::new()];
    for n in [8, 64, 1024, 16_384] {
        for case in cases(n) {
            let all = [
                measure::<VersionVector>(&case),
                measure::<Shared>(&case),
                measure::<crdts::VClock<u64>>(&case),
                measure::<vclock::VClock<u64, u64>>(&case),
                measure::<StateVector>(&case),
            ];
            for (operation, rows) in rows.iter_mut().enumerate() {
                rows.push((case.name, n, all.map(|figures| figures[operation])));
            }
        }
    }
    for (operation, mut rows) in ["merge", "compare"].into_iter().zip(rows) {
        rows.sort_by_key(|(name, ..)| *name);
        for (name, n, [ours, shared, crdts, vclock, yrs]) in rows {
            let best = crdts.min(vclock).min(yrs);
            println!(
                "| {operation} | {name} | {n} | {ours:.0} | {shared:.0} | {crdts:.0} | {vclock:.0} | {yrs:.0} | {:.1} | {:.1} |",
                best / ours,
                best / shared,
            );
        }
    }
}
