//! How fast the two wire forms of this crate are written and read: megabytes
//! of appendix A a second, so that both forms are measured by the same work.

use std::hint::black_box;

use causal_clock::Wire;
use criterion::Criterion;
use itc::{Itc, Stamp};

use crate::Population;
use crate::medians::Medians;

const NAMES: [&str; 4] = ["encode", "decode", "encode compact", "decode compact"];

/// The sizes of what was measured.
pub(crate) struct Measured {
    participants: usize,
    plain: usize,
    compact: usize,
}

fn group(participants: usize) -> String {
    format!("wire {participants}")
}

/// Measures the largest stamp of so many participants.
pub(crate) fn measure(criterion: &mut Criterion, participants: usize) -> Measured {
    let usual = Population::<Itc>::usual(participants);
    let stamps = usual.live.iter().flatten().map(Itc::peek);
    let stamp = stamps.max_by_key(Wire::encoded_len).expect("a participant");
    let (plain, compact) = (stamp.to_bytes(), stamp.to_compact());
    let mut out = Vec::new();
    let mut group = criterion.benchmark_group(group(participants));
    group.bench_function(NAMES[0], |b| {
        b.iter(|| {
            out.clear();
            black_box(&stamp).encode(&mut out);
        });
    });
    group.bench_function(NAMES[1], |b| b.iter(|| Stamp::decode(black_box(&plain))));
    group.bench_function(NAMES[2], |b| b.iter(|| black_box(&stamp).to_compact()));
    group.bench_function(NAMES[3], |b| b.iter(|| Stamp::from_compact(black_box(&compact))));
    Measured { participants, plain: plain.len(), compact: compact.len() }
}

/// Prints a table of what was timed.
pub(crate) fn print(all: &[Measured], medians: &Medians) {
    println!();
    println!(
        "| participants | appendix A bytes | encode MB/s | decode | compact bytes | encode | decode |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for Measured { participants, plain, compact } in all {
        let rate = |name| {
            let nanos = medians.nanos(&group(*participants), name)?;
            Some(*plain as f64 * 1000.0 / nanos)
        };
        if let [Some(encode), Some(decode), Some(to_compact), Some(from_compact)] = NAMES.map(rate)
        {
            println!(
                "| {participants} | {plain} | {encode:.0} | {decode:.0} | {compact} | \
                 {to_compact:.0} | {from_compact:.0} |"
            );
        }
    }
}
