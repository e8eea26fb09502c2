//! The tables of what `benches/peers.rs` and `benches/vectors.rs` measured last,
//! in Markdown:
//!
//! ```text
//! cd hlc/peers && cargo bench && cargo run --example peers_table
//! ```
//!
//! Median and, in brackets, the lowest of criterion's samples, in nanoseconds
//! an operation.
#![allow(clippy::unwrap_used, reason = "an example may panic")]

use std::path::PathBuf;

use serde_json::Value;

const GROUPS: [&str; 7] = [
    "now, real clock",
    "now, fixed clock",
    "receive, real clock",
    "receive, fixed clock",
    "receive and its stamp, fixed clock",
    "now, real clock, two threads",
    "now, fixed clock, two threads",
];
const SUBJECTS: [&str; 6] =
    ["the clock alone", "Hlc", "SharedHlc", "uhlc", "hlc-gen", "hybrid-clocks"];

const VECTOR_GROUPS: [&str; 2] = ["vector merge", "vector compare"];
const VECTOR_SUBJECTS: [&str; 6] = [
    "VectorClocks/8",
    "HybridVectorClocks/8",
    "VectorClocks/64",
    "HybridVectorClocks/64",
    "VectorClocks/1024",
    "HybridVectorClocks/1024",
];

/// Where criterion leaves its results.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target")),
        PathBuf::from,
    );
    target.join("criterion")
}

fn read(group: &str, subject: &str, file: &str) -> Option<Value> {
    let path = folder().join(group).join(subject).join("new").join(file);
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn cell(group: &str, subject: &str) -> Option<String> {
    let estimates = read(group, subject, "estimates.json")?;
    let sample = read(group, subject, "sample.json")?;
    let median = estimates["median"]["point_estimate"].as_f64()?;
    let numbers = |key: &str| sample[key].as_array().cloned().unwrap_or_default();
    let (times, iterations) = (numbers("times"), numbers("iters"));
    let each = times.iter().zip(&iterations).filter_map(|(t, n)| Some(t.as_f64()? / n.as_f64()?));
    Some(format!("{median:.1} ({:.1})", each.fold(f64::INFINITY, f64::min)))
}

/// A row for each group.
fn table(groups: &[&str], subjects: &[&str]) {
    println!("| | {} |", subjects.join(" | "));
    println!("|---|{}", "--:|".repeat(subjects.len()));
    for group in groups {
        let cell = |subject: &&str| cell(group, subject).unwrap_or_else(|| "–".into());
        let cells: Vec<String> = subjects.iter().map(cell).collect();
        println!("| {group} | {} |", cells.join(" | "));
    }
}

fn main() {
    table(&GROUPS, &SUBJECTS);
    println!();
    table(&VECTOR_GROUPS, &VECTOR_SUBJECTS);
}
