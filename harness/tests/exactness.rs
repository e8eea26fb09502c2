//! What the clocks promise, in every preset and on recorded executions: exact
//! clocks make no error and prove everything, and no clock breaks what it
//! declares.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use causal_clock::Guarantee;
use harness::execution::{Cell, Source};
use harness::registry::Registry;
use harness::results::Summary;
use harness::run::{self, Options};
use harness::scenario::{Ids, PRESETS, Scenario};
use harness::stats::Rate;

fn preset(name: &str, events: u32) -> Cell {
    let preset = PRESETS.iter().find(|p| p.name == name).unwrap();
    let scenario = Scenario::parse(preset.toml, preset.name).unwrap();
    Cell::of(Scenario { events, ..scenario })
}

#[test]
fn clocks_keep_their_promises_in_every_preset() {
    let registry = Registry::builtin();
    let schemes = registry.presets().unwrap();
    let cells: Vec<_> = PRESETS.iter().map(|p| (preset(p.name, 6_000), 2)).collect();
    let replicates = run::run(&cells, &schemes, &Options::default(), &|| ());
    let summary = Summary::new(&replicates, &[], &schemes);
    assert_eq!(summary.broken_promises(), Vec::<String>::new());
    for line in &summary.lines {
        assert_eq!(line.stopped, 0, "{} in {}", line.scheme, line.cell);
        let scheme = registry.scheme(&line.scheme).unwrap();
        let exact = Guarantee::ALL.iter().all(|g| scheme.guarantees().has(*g));
        let proven = Rate::ALL.iter().position(|r| *r == Rate::Proven).unwrap();
        let share = line.rates[proven].unwrap().mean;
        // A pruned clock proves everything too, until it drops something: it
        // does under churn.
        let all = share == 1.0;
        assert!(all || !exact, "{} in {}: {share}", line.scheme, line.cell);
        assert!(exact || !all || line.cell != "churn", "{}: {share}", line.scheme);
    }
}

#[test]
fn there_is_an_exact_clock_and_each_way_to_err() {
    let registry = Registry::builtin();
    let has = |wanted: &dyn Fn(causal_clock::Guarantees) -> bool| {
        registry.presets().unwrap().iter().any(|s| wanted(s.guarantees()))
    };
    assert!(has(&|g| g.lacking().next().is_none()));
    for guarantee in Guarantee::ALL {
        assert!(has(&|g| !g.has(guarantee)), "{guarantee}");
    }
}

/// Real executions beside the checkout; skipped with a notice where there are
/// none.
#[test]
fn clocks_keep_their_promises_on_recorded_executions() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/traces");
    let schemes =
        Registry::builtin().schemes("itc,vc,vc-bounded:k=10,rev:r=16,lamport,hlc").unwrap();
    for file in [
        "git-makefile-raw.dag.jsonl.gz",
        "git-tokio-rs_tokio.dag.jsonl.gz",
        "shiviz/simpledb.log.gz",
        "shiviz/voldemort-simple-threadnames.log.gz",
    ] {
        let path = folder.join(file);
        if !path.exists() {
            eprintln!("skipped: {} is not there", path.display());
            continue;
        }
        for trace in harness::trace::open(path.to_str().unwrap(), None).unwrap() {
            let cell = Cell {
                name: trace.name,
                source: Source::Recorded(trace.steps.into()),
                ids: Ids::Random,
                recorded: None,
            };
            let replicates = run::run(&[(cell, 1)], &schemes, &Options::default(), &|| ());
            let summary = Summary::new(&replicates, &[], &schemes);
            assert_eq!(summary.broken_promises(), Vec::<String>::new(), "{file}");
            for line in &summary.lines[..2] {
                let proven = Rate::ALL.iter().position(|r| *r == Rate::Proven).unwrap();
                assert_eq!(line.rates[proven].unwrap().mean, 1.0, "{file}: {}", line.scheme);
            }
        }
    }
}
