//! The shared traces, end to end, against what is known of them. They are not
//! part of the project: where they are absent, these tests say so and pass.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::path::PathBuf;

use harness::execution::{Survey, Validator};
use harness::trace::dag::DagFacts;
use harness::trace::shiviz::{ShivizFacts, Times};
use harness::trace::{Options, Origin, Trace, open};

const HOST_FIRST: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";
const TSVIZ: &str = r"(?<timestamp>(\d*)) (?<event>.*)\n(?<host>\w*) (?<clock>{.*})";
const AKKA: &str = r"\[INFO\] \[(?<date>.*?)\] \[.*?\] \[akka://Broadcast/user/(?<host>\w+)\] (?<clock>{.*?}) (?<event>.*)";

/// The trace in a shared file, checked step by step.
fn shared(file: &str, regex: Option<&str>) -> Option<Trace> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/traces").join(file);
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    let options = Options { shiviz_regex: regex.map(str::to_owned), ..Options::default() };
    let mut traces = open(&path.to_string_lossy(), &options).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(traces.len(), 1, "{file}");
    let trace = traces.remove(0);
    let mut validator = Validator::default();
    trace.steps.iter().for_each(|s| validator.check(s.step).unwrap());
    Some(trace)
}

fn dag(name: &str) -> Option<DagFacts> {
    let trace = shared(&format!("{name}.dag.jsonl.gz"), None)?;
    assert_eq!(trace.name, name);
    let Origin::Dag(facts) = trace.origin else { panic!("{name} is no graph") };
    let survey = Survey::of(trace.steps.iter().copied());
    assert_eq!(survey.events, facts.events);
    // The last root needs no fork, every other one a fork of its own.
    assert_eq!(survey.forks, facts.forks + facts.roots - 1);
    assert_eq!(survey.retires, facts.joins);
    Some(facts)
}

fn shiviz(name: &str, regex: Option<&str>) -> Option<ShivizFacts> {
    let trace = shared(&format!("shiviz/{name}.log.gz"), regex)?;
    assert_eq!(trace.name, name);
    let Origin::Shiviz(facts) = trace.origin else { panic!("{name} is no log") };
    let survey = Survey::of(trace.steps.iter().copied());
    assert_eq!(survey.events, facts.events);
    assert_eq!(survey.receives, facts.messages);
    assert_eq!(survey.forks + 1, facts.hosts);
    Some(*facts)
}

#[test]
fn graphs_have_the_events_forks_and_joins_that_are_known() {
    for (name, expected, roots, backward) in [
        ("git-git_git", (81_966, 2_669, 21_268, 21_274), 7, 3),
        ("git-tokio-rs_tokio", (4_625, 1_107, 177, 179), 3, 0),
        ("friendsforever", (26_078, 2, 2_258, 2_258), 1, 0),
        ("git-makefile-raw", (1_612, 299, 1_754, 1_758), 5, 0),
    ] {
        let Some(facts) = dag(name) else { continue };
        let found = (facts.events, facts.actors, facts.forks, facts.joins);
        assert_eq!(found, expected, "{name}");
        assert_eq!((facts.roots, facts.heads), (roots, 1), "{name}");
        assert_eq!(facts.backward_times, backward, "{name}");
        assert_eq!(facts.timed_edges > 0, name.starts_with("git-git") || name.contains("tokio"));
    }
}

#[test]
fn logs_have_the_events_and_receives_that_are_known() {
    use Times::{Index, Nanoseconds};
    // Events, hosts, events that receive, messages, lines that are no events.
    for (name, regex, expected, times) in [
        ("chord", Some(HOST_FIRST), (1_235, 8, 541, 541, 0), Index),
        ("voldemort-simple-threadnames", None, (863, 19, 34, 34, 1), Index),
        ("simpledb", None, (509, 5, 85, 95, 0), Index),
        ("tsviz_fslock_24t_4sp", Some(TSVIZ), (2_001, 30, 98, 98, 0), Nanoseconds),
        ("tsviz_shared_var_4_threads", Some(TSVIZ), (5_000, 4, 548, 548, 0), Nanoseconds),
        ("reliable-broadcast", Some(AKKA), (116, 4, 48, 48, 1), Index),
    ] {
        let Some(facts) = shiviz(name, regex) else { continue };
        let found =
            (facts.events, facts.hosts, facts.receives, facts.messages, facts.unmatched_lines);
        assert_eq!(found, expected, "{name}");
        assert_eq!((facts.missing_events, facts.missing_causes), (0, 0), "{name}");
        assert_eq!(facts.times, times, "{name}");
        let check = facts.check.unwrap();
        assert_eq!((check.disagreements, &check.first), (0, &None), "{name}");
        assert_eq!(check.pairs, u64::from(facts.events) * u64::from(facts.events - 1) / 2);
    }
}

#[test]
fn an_expression_that_nearly_fits_shows() {
    // The default takes each event's text for that of the next one's clock.
    let Some(facts) = shiviz("chord", None) else { return };
    assert_eq!((facts.events, facts.missing_events, facts.unmatched_lines), (1_234, 1, 2));
}
