//! Same seed, same bytes, in any profile and on any machine. Threads, shards and
//! interruptions are in `folders.rs`.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::fs;
use std::path::Path;

use harness::execution::Cell;
use harness::experiment::compare::rows;
use harness::experiment::{Rows, Task};
use harness::registry::Registry;
use harness::run::{self, Options};
use harness::scenario::{PRESETS, Scenario};

/// Everything of two replicates that must not change, in one text.
fn rows(preset: &str, clocks: &str, options: &Options) -> String {
    let preset = PRESETS.iter().find(|p| p.name == preset).unwrap();
    let cell = Cell::of(Scenario::parse(preset.toml, preset.name).unwrap());
    let schemes = Registry::builtin().schemes(clocks).unwrap();
    let mut text = String::new();
    for replicate in 0..2 {
        let measured = run::replicate(&cell, replicate, &schemes, options);
        let mut rows = Rows::new(Task { cell: cell.name.clone(), replicate });
        rows::write(&measured, &mut rows).unwrap();
        for table in ["executions", "replays", "verdicts", "sizes"] {
            text.push_str(&rows.csv(table).unwrap());
        }
    }
    text
}

#[test]
fn another_seed_gives_other_rows() {
    let other = Options { root_seed: 2, ..Options::default() };
    assert_ne!(rows("smoke", "rev", &Options::default()), rows("smoke", "rev", &other));
}

#[test]
fn schemes_beside_each_other_give_the_same_rows() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let clocks = "itc,vc,rev:r=4,hlc:drift=5ms";
    let beside = Options { beside: true, ..Options::default() };
    assert_eq!(
        pool.install(|| rows("smoke", clocks, &beside)),
        rows("smoke", clocks, &Options::default())
    );
}

/// The file was written by one machine in one profile; every other must agree.
/// After a change that is meant to change results, write it anew with
/// `UPDATE_GOLDEN=1 cargo test -p harness --test determinism`, and say so.
#[test]
fn rows_are_the_same_in_every_profile_and_on_every_machine() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/smoke.txt");
    let clocks = "itc,vc,vc-bounded:k=4,rev:r=4,lamport,hlc,hlc:drift=5ms,physical";
    let rows = rows("smoke", clocks, &Options::default());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, &rows).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap();
    for (number, (got, want)) in rows.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, want, "line {}", number + 1);
    }
    assert_eq!(rows.len(), expected.len());
}

/// Every preset's steps, so that whatever a scenario may say is the same on every
/// machine; a preset that changes gets a line anew in the same way.
#[test]
fn steps_are_the_same_in_every_profile_and_on_every_machine() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/steps.txt");
    let mut text = String::new();
    for preset in PRESETS {
        let cell = Cell::of(Scenario::parse(preset.toml, preset.name).unwrap());
        // FNV-1a over the steps as text.
        let (mut sum, mut steps) = (0xcbf2_9ce4_8422_2325_u64, 0);
        for step in cell.steps(1, 0) {
            for byte in format!("{step:?}").bytes() {
                sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            steps += 1;
        }
        text.push_str(&format!("{} {steps} {sum:016x}\n", preset.name));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&golden).unwrap());
}

#[test]
fn a_scheme_over_its_budget_stops_with_a_row_and_the_others_go_on() {
    let options = Options { memory_budget: 20_000, ..Options::default() };
    let rows = rows("smoke", "vc,lamport", &options);
    assert!(rows.contains("vc,\"stopped: over the memory budget"), "{rows}");
    assert!(rows.contains("lamport,complete,1500"), "{rows}");
}
