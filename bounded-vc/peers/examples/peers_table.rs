//! The table of what `benches/peers.rs` measured last, in Markdown:
//!
//! ```text
//! cd bounded-vc/peers && cargo bench && cargo run --example peers_table
//! ```
//!
//! Criterion's medians, in nanoseconds an operation, and how often ours goes
//! into the best peer's.
#![allow(clippy::unwrap_used, reason = "an example may panic")]

use std::path::PathBuf;

use serde_json::Value;

const CASES: [&str; 9] = [
    "same-ids_less",
    "same-ids_concurrent",
    "all-but-few_less",
    "all-but-few_concurrent",
    "half-shared_less",
    "half-shared_concurrent",
    "disjoint_concurrent",
    "one-new_concurrent",
    "eight-known_concurrent",
];
const SUBJECTS: [&str; 5] = ["ours", "ours-shared", "crdts", "vclock", "yrs"];
const ENTRIES: [usize; 4] = [8, 64, 1024, 16_384];

/// The median of a case, from where criterion leaves its results.
fn median(operation: &str, case: &str, subject: &str, entries: usize) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target")),
        PathBuf::from,
    );
    let case = target.join("criterion").join(format!("{operation}_{case}"));
    let file = case.join(subject).join(entries.to_string()).join("new/estimates.json");
    let estimates: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn row(operation: &str, case: &str, entries: usize) -> Option<String> {
    let figures = SUBJECTS.map(|subject| median(operation, case, subject, entries));
    let [ours, shared, peers @ ..] = figures;
    let best = peers.into_iter().collect::<Option<Vec<_>>>()?.into_iter().reduce(f64::min)?;
    let cells = figures.map(|figure| figure.map_or_else(|| "–".into(), |f| format!("{f:.0}")));
    let ratios = [best / ours?, best / shared?]
        .map(|ratio| if ratio < 1.0 { format!("{ratio:.2}") } else { format!("{ratio:.1}") });
    let case = case.replace('_', ", ");
    Some(format!(
        "| {operation} | {case} | {entries} | {} | {} |",
        cells.join(" | "),
        ratios.join(" | ")
    ))
}

fn main() {
    println!(
        "| operation | ids, order | entries | {} | best peer ÷ ours | ÷ shared |",
        SUBJECTS.join(" | ")
    );
    println!("|---|---|{}", "--:|".repeat(SUBJECTS.len() + 3));
    for operation in ["merge", "compare"] {
        for case in CASES {
            ENTRIES
                .iter()
                .filter_map(|n| row(operation, case, *n))
                .for_each(|row| println!("{row}"));
        }
    }
    println!("\n| stamps of events | {} |", ENTRIES.map(|n| n.to_string()).join(" | "));
    println!("|---|{}", "--:|".repeat(ENTRIES.len()));
    for case in CASES {
        let cells = ENTRIES.map(|n| median("stamps", case, "ours", n));
        let cells = cells.map(|figure| figure.map_or_else(|| "–".into(), |f| format!("{f:.1}")));
        println!("| {} | {} |", case.replace('_', ", "), cells.join(" | "));
    }
}
