//! Logs with vector clocks.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod trace_support;

use bitvec::vec::BitVec;
use causal_clock::CausalOrder;
use harness::step::Step;
use harness::trace::shiviz::{
    self, DEFAULT_DELIMITER, DEFAULT_REGEX, Execution, ShivizError, ShivizFacts, Times,
};
use harness::trace::{Options, Origin, open};
use proptest::prelude::*;
use trace_support::pasts;

/// A log in the default form, from hosts and clocks.
fn log(events: &[(&str, &str)]) -> String {
    events.iter().map(|(host, clock)| format!("text\n{host} {{{clock}}}\n")).collect()
}

fn one(text: &str, regex: &str) -> Execution {
    let mut executions =
        shiviz::read(text, regex, DEFAULT_DELIMITER).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(executions.len(), 1);
    executions.remove(0)
}

fn steps(events: &[(&str, &str)]) -> Vec<Step> {
    one(&log(events), DEFAULT_REGEX).steps.into_iter().map(|s| s.step).collect()
}

fn facts(events: &[(&str, &str)]) -> ShivizFacts {
    one(&log(events), DEFAULT_REGEX).facts
}

fn error(events: &[(&str, &str)]) -> String {
    shiviz::read(&log(events), DEFAULT_REGEX, DEFAULT_DELIMITER).unwrap_err().to_string()
}

const fn event(node: u32) -> Step {
    Step::Event { node }
}

const fn send(node: u32, message: u32) -> Step {
    Step::Send { node, message }
}

const fn receive(node: u32, message: u32) -> Step {
    Step::Receive { node, message }
}

const fn merge(node: u32, message: u32) -> Step {
    Step::Merge { node, message }
}

const fn fork(node: u32, child: u32) -> Step {
    Step::Fork { node, child }
}

#[test]
fn news_of_another_host_is_a_message() {
    let log = [("a", r#""a":1"#), ("b", r#""b":1"#), ("b", r#""a":1,"b":2"#), ("a", r#""a":2"#)];
    assert_eq!(steps(&log), [fork(0, 1), send(0, 0), event(1), receive(1, 0), event(0)]);
    let facts = facts(&log);
    assert_eq!((facts.events, facts.hosts, facts.receives, facts.messages), (4, 2, 1, 1));
    let check = facts.check.unwrap();
    assert_eq!((check.pairs, check.disagreements), (6, 0));
}

#[test]
fn slots_are_read_by_all_who_hear_and_then_used_again() {
    let log = [
        ("a", r#""a":1"#),
        ("b", r#""a":1,"b":1"#),
        ("c", r#""a":1,"c":1"#),
        ("a", r#""a":2"#),
        ("b", r#""a":2,"b":2"#),
    ];
    assert_eq!(
        steps(&log),
        [
            fork(0, 1),
            fork(0, 2),
            send(0, 0),
            receive(1, 0),
            receive(2, 0),
            send(0, 0),
            receive(1, 0)
        ]
    );
}

#[test]
fn only_the_latest_news_are_received() {
    // c hears of b:1, which knew a:1, and of d:1.
    let log = [
        ("a", r#""a":1"#),
        ("b", r#""a":1,"b":1"#),
        ("d", r#""d":1"#),
        ("c", r#""a":1,"b":1,"c":1,"d":1"#),
    ];
    let found = steps(&log);
    // b:1 receives and is heard from: a merge, and then a send.
    assert_eq!(
        found[3..],
        [send(0, 0), merge(1, 0), send(1, 0), send(2, 1), merge(3, 0), receive(3, 1)]
    );
    let facts = facts(&log);
    assert_eq!((facts.receives, facts.messages), (2, 3));
}

#[test]
fn many_hosts_are_forked_as_a_balanced_tree() {
    let hosts = ["a", "b", "c", "d", "e", "f"];
    let clocks = hosts.map(|h| format!("\"{h}\":1"));
    let log: Vec<_> = hosts.iter().zip(&clocks).map(|(h, c)| (*h, c.as_str())).collect();
    assert_eq!(steps(&log)[..5], [fork(0, 1), fork(0, 2), fork(1, 3), fork(0, 4), fork(1, 5)]);
}

#[test]
fn events_out_of_order_are_put_in_order() {
    let log = [("b", r#""a":1,"b":2"#), ("b", r#""b":1"#), ("a", r#""a":1"#)];
    assert_eq!(steps(&log), [fork(0, 1), event(0), send(1, 0), receive(0, 0)]);
}

#[test]
fn missing_events_are_stood_for_by_those_before() {
    let log = [
        ("a", r#""a":1"#),
        ("a", r#""a":4"#),
        // a:3 and x:1 are not logged; of a, no news is left for b's second.
        ("b", r#""a":2,"b":1"#),
        ("b", r#""a":3,"b":2,"x":1"#),
        ("b", r#""a":9,"b":3,"x":1"#),
    ];
    assert_eq!(
        steps(&log),
        [fork(0, 1), send(0, 0), send(0, 1), receive(1, 0), event(1), receive(1, 1)]
    );
    let facts = facts(&log);
    assert_eq!((facts.hosts, facts.missing_events, facts.missing_causes), (2, 2, 4));
    assert_eq!(facts.check.unwrap().disagreements, 0);
}

#[test]
fn clocks_that_the_steps_do_not_bear_out_are_counted() {
    // b:2 forgets a:1, which b:1 had heard of.
    let log = [("a", r#""a":1"#), ("b", r#""a":1,"b":1"#), ("b", r#""b":2"#)];
    let check = facts(&log).check.unwrap();
    assert_eq!((check.pairs, check.disagreements), (3, 2));
    let first = check.first.unwrap();
    assert_eq!((first.earlier.to_string(), first.later.to_string()), ("a:1".into(), "b:2".into()));
    assert_eq!(first.steps_say, CausalOrder::Before);
    assert_eq!(first.clocks_say, CausalOrder::Concurrent);
}

#[test]
fn clocks_that_count_nothing_are_equal_and_after_nothing() {
    let check = facts(&[("a", r#""a":0"#), ("b", r#""b":0"#)]).check.unwrap();
    assert_eq!((check.disagreements, check.first.unwrap().clocks_say), (1, CausalOrder::Equal));
    let check = facts(&[("a", r#""a":1"#), ("b", r#""b":0"#)]).check.unwrap();
    assert_eq!((check.disagreements, check.first.unwrap().clocks_say), (1, CausalOrder::After));
}

#[test]
fn clocks_that_contradict_each_other_are_an_error() {
    let log = [("a", r#""a":1"#), ("a", r#""a":2,"b":1"#), ("b", r#""a":2,"b":1"#)];
    assert_eq!(
        error(&log),
        "line 4: by the clocks the event a:2 comes before itself, by a cycle of 2 events: \
         expected causes to come before their effects"
    );
}

#[test]
fn clocks_that_are_none_are_errors() {
    for (clock, expected) in [
        (
            r#""a":-1"#,
            r#"line 2: the clock `{"a":-1}` cannot be read: the counter of `a` is -1: expected an object"#,
        ),
        (r#""a":1.5"#, "line 2: the clock `{\"a\":1.5}` cannot be read: the counter of `a` is 1.5"),
        (
            r#""a":"1""#,
            "line 2: the clock `{\"a\":\"1\"}` cannot be read: the counter of `a` is \"1\"",
        ),
        ("a:1", "line 2: the clock `{a:1}` cannot be read: key must be a string (column 2)"),
        ("", "line 2: the host `a` is not in its own clock: expected a counter for it"),
        (r#""b":1"#, "line 2: the host `a` is not in its own clock"),
    ] {
        let error = error(&[("a", clock)]);
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    let twice = [("a", r#""a":1"#), ("b", r#""b":1"#), ("a", r#""a":1"#)];
    assert_eq!(
        error(&twice),
        "line 6: the event a:1 was there before, in line 2: expected each event to count one \
         more on its own host"
    );
    let host_first = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";
    let second = shiviz::read("a {\"a\":1}\nx\na {\"b\":1}\ny\n", host_first, DEFAULT_DELIMITER)
        .unwrap_err()
        .to_string();
    assert!(second.starts_with("line 3: the host `a` is not in its own clock"), "{second}");
    let array = shiviz::read("a [1]", r"(?<host>\S*) (?<clock>.*)", DEFAULT_DELIMITER)
        .unwrap_err()
        .to_string();
    assert!(
        array.contains("the clock `[1]` cannot be read: invalid type: sequence, expected a map"),
        "{array}"
    );
}

/// TLA+'s model checker writes clocks as strings with escaped quotes.
#[test]
fn clocks_may_be_escaped_strings() {
    let regex = r#"(?<event>.*)\n/\\ Host = (?<host>\S*)\n/\\ Clock = "(?<clock>.*)""#;
    let state =
        |host: &str, clock: &str| format!("x\n/\\ Host = {host}\n/\\ Clock = \"{clock}\"\n");
    let text = state("n1", r#"{\"n1\":1,\"n2\":0}"#) + &state("n2", r#"{\"n1\":1,\"n2\":1}"#);
    let execution = one(&text, regex);
    assert_eq!((execution.facts.events, execution.facts.receives), (2, 1));

    let halfway = shiviz::read(&state("n1", r#"{\"n1\":1,n2}"#), regex, DEFAULT_DELIMITER)
        .unwrap_err()
        .to_string();
    assert!(
        halfway.starts_with("line 3: the clock `{\\\"n1\\\":1,n2}` cannot be read"),
        "{halfway}"
    );
}

#[test]
fn a_log_without_a_match_shows_the_expression_and_its_beginning() {
    let error =
        shiviz::read("\nfirst\n\nsecond\x1b\nthird\nfourth", DEFAULT_REGEX, DEFAULT_DELIMITER)
            .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "line 1: nothing from here on matches the regular expression `{DEFAULT_REGEX}`: \
             expected a log that it describes, or another expression; the text begins\n    \
             first\n    second\u{fffd}\n    third"
        )
    );
    let invalid = shiviz::read("", "(?<host>[", DEFAULT_DELIMITER).unwrap_err().to_string();
    assert!(invalid.starts_with("the regular expression `(?<host>[` is not valid"), "{invalid}");
    let group = shiviz::read("", "(?<host>.)", DEFAULT_DELIMITER).unwrap_err().to_string();
    assert!(group.contains("has no group `clock`: expected groups `(?<host>…)`"), "{group}");
}

#[test]
fn times_are_read_where_every_event_has_one() {
    const TIMED: &str = r"(?<timestamp>\S*) (?<host>\S*) (?<clock>{.*})";
    let times = |text: &str| {
        let Execution { steps, facts, .. } = one(text, TIMED);
        (steps.iter().map(|s| s.time.as_nanos()).collect::<Vec<_>>(), facts.times)
    };
    let log = "1456966522870 a {\"a\":1}\n1456966522869 b {\"b\":1}\n";
    let ms = 1_456_966_522_870_000_000;
    // The fork comes first, with the time of the first event.
    assert_eq!(times(log), (vec![ms, ms, ms - 1_000_000], Times::Milliseconds));
    let log = log.replace("869", "869.5");
    assert_eq!(times(&log), (vec![0, 0, 1_000_000], Times::Index));
}

#[test]
fn executions_are_split_and_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.log");
    let events = log(&[("a", r#""a":1"#)]).replace('\n', "\r\n");
    let text = format!("preface\r\n=== run 1 ===\r\n{events}=== run 1 ===\r\n{events}{events}");
    std::fs::write(
        &path,
        text.replacen("{\"a\":1}\r\ntext\r\na {\"a\":1}", "{\"a\":1}\r\nx\r\na {\"a\":2}", 1),
    )
    .unwrap();
    let traces = open(path.to_str().unwrap(), &Options::default()).unwrap();
    let names: Vec<_> = traces.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["two-run-1", "two-run-1-2"]);
    let events = |nth: usize| match &traces[nth].origin {
        Origin::Shiviz(facts) => facts.events,
        other => panic!("{other:?}"),
    };
    assert_eq!((events(0), events(1)), (1, 2));

    let empty = "=== a ===\ntext\na {\"a\":1}\n=== b ===\nnothing\n";
    let error = shiviz::read(empty, DEFAULT_REGEX, DEFAULT_DELIMITER).unwrap_err().to_string();
    assert!(error.starts_with("line 4: nothing from here on matches"), "{error}");
    let labels = |text| {
        shiviz::read(text, DEFAULT_REGEX, DEFAULT_DELIMITER)
            .unwrap()
            .into_iter()
            .map(|e| e.label)
            .collect::<Vec<_>>()
    };
    let first = "x\na {\"a\":1}\n=== b ===\nx\na {\"a\":1}\n";
    assert_eq!(labels(first), [None, Some("b".to_owned())]);
}

#[test]
fn executions_are_cut_at_a_delimiter_of_ones_own() {
    let text = "x\na {\"a\":1}\n--- b\nx\na {\"a\":1}\n--- c\nx\na {\"a\":1}\n";
    let labels = |delimiter| -> Result<Vec<Option<String>>, String> {
        let read = shiviz::read(text, DEFAULT_REGEX, delimiter).map_err(|e| e.to_string())?;
        Ok(read.into_iter().map(|execution| execution.label).collect())
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(labels("^--- (?<trace>.*)$"), Ok(vec![None, named("b"), named("c")]));
    assert_eq!(labels("^---.*$"), Ok(vec![None, named(""), named("")]));
    assert!(labels("^---(").unwrap_err().contains("^---("));
}

#[test]
fn lines_that_are_passed_over_are_counted() {
    let text = "noise\n\nnoise\ntext\na {\"a\":1} \nnoise\nnoise\ntext\na {\"a\":2} tail\nnoise";
    // The rest of a line counts as well.
    assert_eq!(one(text, DEFAULT_REGEX).facts.unmatched_lines, 6);
}

/// An execution of four hosts, as events: who acts, and whom it has heard from
/// (places of earlier events).
type Told = Vec<(usize, Vec<usize>)>;

fn executions() -> impl Strategy<Value = Told> {
    let event = |n: usize| (0..4_usize, proptest::collection::vec(0..n.max(1), 0..3));
    (1..80_usize).prop_flat_map(move |n| (0..n).map(event).collect::<Vec<_>>())
}

/// An event's host and its clock.
type Clocks = Vec<(usize, [u64; 4])>;

/// Exact vector clocks, as the processes would have kept them.
fn exact_clocks(execution: &Told) -> Clocks {
    let mut now = [[0_u64; 4]; 4];
    let mut clocks = Clocks::new();
    for (host, heard) in execution {
        let mut clock = now[*host];
        for from in heard.iter().filter(|from| **from < clocks.len()) {
            clock.iter_mut().zip(clocks[*from].1).for_each(|(c, o)| *c = (*c).max(o));
        }
        clock[*host] += 1;
        now[*host] = clock;
        clocks.push((*host, clock));
    }
    clocks
}

/// The log, and its hosts in order of appearance.
fn written<'c>(clocks: impl IntoIterator<Item = &'c (usize, [u64; 4])>) -> (String, Vec<usize>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    for (host, clock) in clocks {
        if !names.contains(host) {
            names.push(*host);
        }
        let known = (0..4).filter(|h| clock[*h] > 0);
        let entries: Vec<_> = known.map(|h| format!("\"h{h}\":{}", clock[h])).collect();
        text.push_str(&format!("t\nh{host} {{{}}}\n", entries.join(",")));
    }
    (text, names)
}

/// The clocks of the steps' events, in order: a host's events keep theirs.
fn clocks_of(events: &[(u32, BitVec)], names: &[usize], clocks: &Clocks) -> Clocks {
    let mut left = clocks.clone();
    left.sort_by_key(|(host, clock)| std::cmp::Reverse(clock[*host]));
    let mut next = |host| left.iter().rposition(|(h, _)| *h == host).map(|at| left.remove(at));
    events.iter().map(|(node, _)| next(names[*node as usize]).unwrap()).collect()
}

/// How many pairs of events the clocks order otherwise than the steps: compared
/// in the plainest way.
fn disagreements(events: &[(u32, BitVec)], clocks: &Clocks) -> u64 {
    let at_most = |a: &[u64; 4], b: &[u64; 4]| a.iter().zip(b).all(|(a, b)| a <= b);
    let mut count = 0;
    for (later, (_, before)) in events.iter().enumerate() {
        for earlier in 0..later {
            let (a, b) = (&clocks[earlier].1, &clocks[later].1);
            let by_clocks = (at_most(a, b), at_most(b, a));
            count += u64::from(by_clocks != (before[earlier], false));
        }
    }
    count
}

proptest! {
    #[test]
    fn logs_of_exact_clocks_come_back_with_the_same_order(
        execution in executions(),
        shuffle in any::<u64>(),
    ) {
        let clocks = exact_clocks(&execution);
        let mut lines: Vec<_> = clocks.iter().enumerate().collect();
        lines.sort_by_key(|(place, _)| (*place as u64).wrapping_mul(shuffle | 1) >> 7);
        let (text, names) = written(lines.into_iter().map(|(_, line)| line));
        let Execution { steps, facts, .. } = one(&text, DEFAULT_REGEX);
        prop_assert_eq!(facts.check.unwrap().disagreements, 0);
        prop_assert_eq!(facts.missing_events, 0);
        let events = pasts(&steps);
        let clocks = clocks_of(&events, &names, &clocks);
        prop_assert_eq!(disagreements(&events, &clocks), 0);
    }

    #[test]
    fn disagreements_of_wrong_clocks_are_counted(
        execution in executions(),
        wrong in proptest::collection::vec((0..80_usize, 0..4_usize, 0..20_u64), 1..4),
    ) {
        let mut clocks = exact_clocks(&execution);
        for (place, host, number) in wrong {
            if let Some((own, clock)) = clocks.get_mut(place).filter(|(own, _)| *own != host) {
                clock[host] = number.min(clock[*own] + 2);
            }
        }
        let (text, names) = written(&clocks);
        match shiviz::read(&text, DEFAULT_REGEX, DEFAULT_DELIMITER) {
            Ok(mut executions) => {
                let Execution { steps, facts, .. } = executions.remove(0);
                let events = pasts(&steps);
                let clocks = clocks_of(&events, &names, &clocks);
                prop_assert_eq!(facts.check.unwrap().disagreements, disagreements(&events, &clocks));
            }
            Err(error) => prop_assert!(matches!(error, ShivizError::Cycle { .. }), "{}", error),
        }
    }
}

#[test]
fn long_logs_are_compared_in_full() {
    let hears =
        |n: usize| if n.is_multiple_of(3) { vec![n.saturating_sub(n % 37 + 1)] } else { vec![] };
    let execution: Told = (0..2_500).map(|n| ((n * n / 7) % 4, hears(n))).collect();
    let mut clocks = exact_clocks(&execution);
    for (place, forgotten) in [(900, 1), (1_100, 2), (2_300, 0)] {
        let (own, clock) = &mut clocks[place];
        clock[if *own == forgotten { 3 } else { forgotten }] = 0;
    }
    let (text, names) = written(&clocks);
    let Execution { steps, facts, .. } = one(&text, DEFAULT_REGEX);
    let events = pasts(&steps);
    let clocks = clocks_of(&events, &names, &clocks);
    let check = facts.check.unwrap();
    assert_eq!(check.disagreements, disagreements(&events, &clocks));
    assert!(check.disagreements > 1_000, "{check:?}");
}

/// What is exported reads back to the same order: the log's clocks are the truth,
/// and the messages that are found in them say the same.
#[test]
fn an_exported_execution_reads_back_to_the_same_order() {
    use std::collections::BTreeMap;

    use harness::execution::Cell;
    use harness::scenario::Scenario;

    for faults in [
        "",
        "[[fault]]\nat = '3s'\nevery = '4s'\nwhat = 'twin'\nwho = 0.1\n",
        "[[fault]]\nat = '6s'\nevery = '4s'\nwhat = 'amnesia'\nwho = 0.3\nbackup = '3s'\n",
        "[network]\nloss = 0.2\nduplicates = 0.2\n",
    ] {
        let text = format!(
            "name = 'x'\nevents = 600\n[population]\ninitial = 6\narrivals = 0.6\ngraceful = 0.6\n\
             session = {{ law = 'exponential', mean = '8s' }}\n{faults}"
        );
        let cell = Cell::of(Scenario::parse(&text, "x").unwrap());
        let steps: Vec<_> = cell.steps(3, 0).collect();
        let mut log = Vec::new();
        shiviz::write(&mut log, steps.iter().copied()).unwrap();
        let log = String::from_utf8(log).unwrap();

        // By hand: an event is in the past of another if its host's count is.
        let events: Vec<(String, BTreeMap<String, u64>)> = log
            .lines()
            .skip(1)
            .step_by(2)
            .map(|line| {
                let (host, clock) = line.split_once(' ').unwrap();
                (host.to_owned(), serde_json::from_str(clock).unwrap())
            })
            .collect();
        let truth = pasts(&steps);
        assert_eq!(events.len(), truth.len());
        for (later, (_, past)) in truth.iter().enumerate() {
            for (earlier, (host, clock)) in events[..later].iter().enumerate() {
                let known = events[later].1.get(host).copied().unwrap_or(0) >= clock[host];
                assert_eq!(known, past[earlier], "{earlier} and {later} {faults}");
            }
        }

        let back = one(&log, DEFAULT_REGEX);
        assert_eq!(u64::from(back.facts.events), events.len() as u64);
        assert_eq!((back.facts.missing_events, back.facts.unmatched_lines), (0, 0));
        let check = back.facts.check.unwrap();
        assert_eq!(check.disagreements, 0, "{faults}: {:?}", check.first);
        assert_eq!(check.pairs, (events.len() * (events.len() - 1) / 2) as u64);
    }
}
