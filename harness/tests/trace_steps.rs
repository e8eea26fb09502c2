//! Executions that are exported and read back.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::Write as _;

use causal_clock::PhysicalTime;
use harness::execution::Cell;
use harness::scenario::{Ids, PRESETS, Scenario};
use harness::step::{Step, TimedStep};
use harness::trace::steps::{self, StepsError, StepsHeader};
use harness::trace::{Options, Origin, open};
use proptest::prelude::*;

fn header() -> StepsHeader {
    StepsHeader { cell: "smoke".into(), seed: u64::MAX, replicate: 3, ids: Ids::Sequential }
}

fn written(steps: impl IntoIterator<Item = TimedStep>) -> String {
    let mut out = Vec::new();
    steps::write(&mut out, &header(), steps).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_format_is_frozen() {
    let time = PhysicalTime::from_nanos(u64::MAX);
    let steps = [
        Step::Fork { node: 0, child: 1 },
        Step::Event { node: 0 },
        Step::Send { node: 0, message: 0 },
        Step::Receive { node: 1, message: 0 },
        Step::Merge { node: 1, message: 0 },
        Step::Lose { message: 0 },
        Step::Candidate { node: 1 },
        Step::Candidate { node: 0 },
        Step::Fork { node: 0, child: 2 },
        Step::Candidate { node: 2 },
        Step::Retire { node: 0, into: 1 },
        Step::Restart { node: 2 },
        Step::Crash { node: 1 },
    ]
    .map(|step| TimedStep { time, step });
    let text = written(steps);
    assert_eq!(
        text,
        r#"{"format":"clockbench-steps/1","cell":"smoke","seed":18446744073709551615,"replicate":3,"ids":"sequential"}
{"t":18446744073709551615,"step":"fork","node":0,"child":1}
{"t":18446744073709551615,"step":"event","node":0}
{"t":18446744073709551615,"step":"send","node":0,"message":0}
{"t":18446744073709551615,"step":"receive","node":1,"message":0}
{"t":18446744073709551615,"step":"merge","node":1,"message":0}
{"t":18446744073709551615,"step":"lose","message":0}
{"t":18446744073709551615,"step":"candidate","node":1}
{"t":18446744073709551615,"step":"candidate","node":0}
{"t":18446744073709551615,"step":"fork","node":0,"child":2}
{"t":18446744073709551615,"step":"candidate","node":2}
{"t":18446744073709551615,"step":"retire","node":0,"into":1}
{"t":18446744073709551615,"step":"restart","node":2}
{"t":18446744073709551615,"step":"crash","node":1}
"#
    );
    assert_eq!(steps::read(text.as_bytes()).unwrap(), (header(), steps.to_vec()));
}

#[test]
fn errors_say_where_what_and_what_was_expected() {
    let first = written([]);
    let error =
        |steps: &str| steps::read(format!("{first}{steps}").as_bytes()).unwrap_err().to_string();
    for (lines, expected) in [
        (
            "{\"t\":0,\"step\":\"event\",\"node\":0}\n{\"t\":0,\"step\":\"receive\",\"node\":0,\"message\":0}",
            "line 3: message 0 is received before it is sent",
        ),
        ("{\"t\":0,\"step\":\"event\",\"node\":1}", "line 2: participant 1 is not born: a fork"),
        (
            "{\"t\":0,\"step\":\"candidate\",\"node\":0}\n{\"t\":0,\"step\":\"event\",\"node\":0}",
            "line 3: participant 0 is a candidate, but no fork or retirement follows",
        ),
        (
            "{\"t\":0,\"step\":\"fork\",\"node\":0,\"child\":1}\n\
             {\"t\":0,\"step\":\"candidate\",\"node\":1}\n\
             {\"t\":0,\"step\":\"retire\",\"node\":1,\"into\":0}",
            "line 4: participant 1 retires into itself",
        ),
        (
            "{\"t\":0,\"step\":\"jump\",\"node\":1}",
            "line 2: unknown variant `jump`, expected one of",
        ),
        ("{\"t\":0,\"step\":\"event\",\"node\":0,\"x\":1}", "line 2: unknown field `x`"),
        ("{\"t\":0,\"step\":\"event\"}", "line 2: missing field `node`"),
        ("{\"step\":\"event\",\"node\":0}", "line 2: missing field `t`"),
        ("{\"t\":-1,\"step\":\"event\",\"node\":0}", "line 2: invalid value: integer `-1`"),
        ("{\"t\":0,\"step\":\"event\",\"node\":4294967296}", "line 2: invalid value: integer"),
        ("{\"t\":0,\"step\":\"ev", "line 2: EOF while parsing a string (column"),
        ("[]", "line 2: invalid type: sequence"),
        ("\u{1}", "line 2: expected value (column 1): expected a step such as"),
    ] {
        let error = error(lines);
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    for (header, expected) in [
        (
            first.replace("steps/1", "steps/2"),
            "line 1: the format is \"clockbench-steps/2\": expected",
        ),
        (first.replace("\"seed\"", "\"sed\""), "line 1: unknown field `sed`"),
        (first.replace("sequential", "some"), "line 1: unknown variant `some`"),
        (String::new(), "line 1: EOF while parsing a value: expected a header"),
    ] {
        let error = steps::read(header.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
}

#[test]
fn a_compressed_export_is_opened_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.steps.jsonl.gz");
    let scenario = Scenario::parse(PRESETS[0].toml, PRESETS[0].name).unwrap();
    let executed: Vec<_> = Cell::of(scenario).steps(1, 0).take(5_000).collect();
    let mut file = flate2::write::GzEncoder::new(
        std::fs::File::create(&path).unwrap(),
        flate2::Compression::fast(),
    );
    steps::write(&mut file, &header(), executed.iter().copied()).unwrap();
    file.flush().unwrap();
    drop(file);
    let traces = open(path.to_str().unwrap(), &Options::default()).unwrap();
    assert_eq!((traces.len(), traces[0].name.as_str()), (1, "export"));
    assert_eq!(traces[0].steps, executed);
    assert!(matches!(&traces[0].origin, Origin::Steps(found) if *found == header()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn random_executions_come_back_the_same(
        preset in 0..PRESETS.len(),
        seed in any::<u64>(),
        length in 1..2_000_usize,
    ) {
        let scenario = Scenario::parse(PRESETS[preset].toml, PRESETS[preset].name).unwrap();
        let executed: Vec<_> = Cell::of(scenario).steps(seed, 0).take(length).collect();
        let text = written(executed.iter().copied());
        let found = steps::read(text.as_bytes());
        if executed.iter().any(|s| s.step.is_event()) {
            prop_assert_eq!(found.unwrap(), (header(), executed));
        } else {
            prop_assert!(matches!(found, Err(StepsError::NoEvents)));
        }
    }
}
