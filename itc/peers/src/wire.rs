//! How fast the two wire forms of this crate are written and read: megabytes
//! of appendix A a second, so that both forms are measured by the same work.

use std::hint::black_box;
use std::time::Instant;

use causal_clock::Wire;
use itc::{Itc, Stamp};

/// The fastest of many times, in nanoseconds: the least disturbed one.
fn fastest<T>(mut work: impl FnMut() -> T) -> f64 {
    let once = |work: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_nanos()
    };
    (0..2000).map(|_| once(&mut work)).min().unwrap_or(0) as f64
}

/// Prints a row for the largest stamp of these participants.
pub(crate) fn row(participants: usize, clocks: &[Itc]) {
    let largest = clocks.iter().map(Itc::peek).max_by_key(Wire::encoded_len);
    let Some(stamp) = largest else { return };
    let (plain, compact) = (stamp.to_bytes(), stamp.to_compact());
    let rate = |nanos: f64| plain.len() as f64 * 1000.0 / nanos;
    let mut out = Vec::new();
    let times = [
        fastest(|| {
            out.clear();
            stamp.encode(&mut out);
        }),
        fastest(|| Stamp::decode(&plain)),
        fastest(|| stamp.to_compact()),
        fastest(|| Stamp::from_compact(&compact)),
    ];
    let [encode, decode, to_compact, from_compact] = times.map(rate);
    println!(
        "| {participants} | {} | {encode:.0} | {decode:.0} | {} | {to_compact:.0} | \
         {from_compact:.0} |",
        plain.len(),
        compact.len(),
    );
}
