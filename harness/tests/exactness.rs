//! What the clocks promise, in every preset and on recorded executions: exact
//! clocks make no error and prove everything, and no clock breaks what it
//! declares.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use causal_clock::{Guarantee, Guarantees};
use harness::execution::{Cell, Source};
use harness::measure::{Measured, Status};
use harness::registry::Registry;
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
    for preset in PRESETS {
        let name = preset.name;
        // Long enough to be judged by a sample: that takes a fraction of the time.
        let cell = self::preset(name, 7_000);
        let mut proven = vec![1.0_f64; schemes.len()];
        for number in 0..2 {
            let replicate = run::replicate(&cell, number, &schemes, &Options::default());
            for (at, (clock, measured)) in replicate.schemes.iter().enumerate() {
                assert_eq!(measured.status, Status::Complete, "{clock} in {name}");
                assert_eq!(broken(schemes[at].guarantees(), measured), [], "{clock} in {name}");
                proven[at] = proven[at].min(Rate::Proven.over(&measured.verdicts).unwrap());
            }
        }
        for (scheme, share) in schemes.iter().zip(proven) {
            let exact = Guarantee::ALL.iter().all(|g| scheme.guarantees().has(*g));
            // A pruned clock proves everything too, until it drops something: it
            // does under churn.
            let all = share == 1.0;
            assert!(all || !exact, "{} in {name}: {share}", scheme.name());
            assert!(exact || !all || name != "churn", "{}: {share}", scheme.name());
        }
    }
}

/// The rates that a clock promises to be zero and are not.
fn broken(guarantees: Guarantees, measured: &Measured) -> Vec<Rate> {
    let promised = |rate: &Rate| match rate {
        Rate::FalseConcurrency => guarantees.has(Guarantee::Complete),
        Rate::FalseOrder => guarantees.has(Guarantee::Sound),
        Rate::Reversal => guarantees.has(Guarantee::Consistent),
        Rate::FalseEquality => guarantees.has(Guarantee::Distinct),
        Rate::WrongProof => true,
        Rate::Proven => false,
    };
    let seen = |rate: &Rate| rate.over(&measured.verdicts).is_some_and(|share| share > 0.0);
    Rate::ALL.into_iter().filter(|rate| promised(rate) && seen(rate)).collect()
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
        for trace in
            harness::trace::open(path.to_str().unwrap(), &harness::trace::Options::default())
                .unwrap()
        {
            let cell = Cell {
                name: trace.name,
                source: Source::Recorded(trace.steps.into()),
                ids: Ids::Random,
                recorded: None,
            };
            let replicate = run::replicate(&cell, 0, &schemes, &Options::default());
            for (scheme, (clock, measured)) in schemes.iter().zip(&replicate.schemes) {
                assert_eq!(broken(scheme.guarantees(), measured), [], "{file}: {clock}");
            }
            for (clock, measured) in &replicate.schemes[..2] {
                assert_eq!(Rate::Proven.over(&measured.verdicts), Some(1.0), "{file}: {clock}");
            }
        }
    }
}

/// An id that is used twice breaks what every clock that relies on it promises:
/// the harness sees it. Faults that use none twice break nothing.
#[test]
fn promises_end_where_an_id_is_used_twice() {
    let registry = Registry::builtin();
    let schemes = registry.schemes("vc,itc,rev:r=16").unwrap();
    let broken_by = |fault: &str| {
        let text = format!(
            "name = 'chaos'\nevents = 6000\n[population]\narrivals = 0.3\n\
             session = {{ law = 'exponential', mean = '60s' }}\n[[fault]]\nat = '20s'\n{fault}"
        );
        let cell = Cell::of(Scenario::parse(&text, "chaos").unwrap());
        let replicate = run::replicate(&cell, 0, &schemes, &Options::default());
        let broken = schemes.iter().zip(&replicate.schemes).map(|(scheme, (_, measured))| {
            assert_eq!(measured.status, Status::Complete);
            !broken(scheme.guarantees(), measured).is_empty()
        });
        broken.collect::<Vec<_>>()
    };
    for fault in [
        "every = '5s'\nwhat = 'amnesia'\nwho = 0.2\nbackup = '10s'",
        "every = '5s'\nwhat = 'twin'\nwho = 0.1",
    ] {
        assert_eq!(broken_by(fault)[..2], [true, true], "{fault}");
    }
    for fault in [
        "what = 'crash'\nwho = 0.5",
        "for = '9s'\nwhat = 'pause'\nwho = 0.5",
        "for = '9s'\nwhat = 'partition'\nwho = 0.5",
        "every = '5s'\nwhat = 'replace'\nwho = 0.1",
    ] {
        assert_eq!(broken_by(fault), [false, false, false], "{fault}");
    }
}
