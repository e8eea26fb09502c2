//! Causal graphs: from files to steps.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may fail")]

mod trace_support;

use std::io::Write as _;

use bitvec::vec::BitVec;
use causal_clock::PhysicalTime;
use harness::step::{Step, TimedStep};
use harness::trace::dag::{Dag, DagBuilder};
use harness::trace::{Options, Origin, Trace, TraceError, dag_file, open};
use proptest::prelude::*;
use trace_support::pasts;

const HEADER: &str = r#"{"format":"causal-dag-jsonl/0"}"#;

fn read(lines: &str) -> Result<Dag, String> {
    dag_file::read(format!("{HEADER}\n{lines}").as_bytes()).map_err(|e| e.to_string())
}

fn steps(lines: &str) -> Vec<Step> {
    read(lines).unwrap().steps().into_iter().map(|s| s.step).collect()
}

fn event(node: u32) -> Step {
    Step::Event { node }
}

fn fork(node: u32, child: u32) -> Step {
    Step::Fork { node, child }
}

fn retire(node: u32, into: u32) -> Step {
    Step::Retire { node, into }
}

#[test]
fn a_chain_is_one_participant() {
    assert_eq!(steps("{\"a\":0,\"p\":[]}\n{\"a\":7,\"p\":[0]}"), [event(0), event(0)]);
}

#[test]
fn a_diamond_forks_and_joins() {
    let diamond =
        "{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[0]}\n{\"a\":0,\"p\":[0]}\n{\"a\":0,\"p\":[2,1,2]}";
    assert_eq!(
        steps(diamond),
        // The last event's first parent is event 2, at the newborn.
        [event(0), fork(0, 1), event(0), event(1), retire(0, 1), event(1)]
    );
    let facts = read(diamond).unwrap().facts();
    assert_eq!((facts.events, facts.actors, facts.forks, facts.joins), (4, 1, 1, 1));
    assert_eq!((facts.roots, facts.heads, facts.timed_edges), (1, 1, 0));
}

#[test]
fn every_root_begins_with_an_empty_past() {
    let roots = "{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[0]}\n{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[]}";
    assert_eq!(steps(roots), [fork(0, 1), event(1), event(1), fork(0, 2), event(2), event(0)]);
}

#[test]
fn times_are_the_files_and_backward_ones_are_counted() {
    let lines =
        "{\"a\":0,\"p\":[],\"t\":9}\n{\"a\":0,\"p\":[0],\"t\":2}\n{\"a\":0,\"p\":[0],\"t\":9}";
    let dag = read(lines).unwrap();
    let facts = dag.facts();
    assert_eq!((facts.timed_edges, facts.backward_times), (2, 1));
    assert_eq!(facts.most_backward.as_secs(), 7);
    let at = |seconds, step| TimedStep { time: PhysicalTime::from_secs(seconds), step };
    assert_eq!(dag.steps(), [at(9, event(0)), at(9, fork(0, 1)), at(2, event(0)), at(9, event(1))]);
    let untimed = read("{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[0]}").unwrap();
    assert_eq!(untimed.steps(), [at(0, event(0)), at(1, event(0))]);
}

#[test]
fn lines_out_of_order_are_put_in_order() {
    let dag = read("{\"a\":0,\"p\":[2]}\n{\"a\":1,\"p\":[]}\n{\"a\":2,\"p\":[1]}").unwrap();
    assert_eq!((dag.parents(0), dag.parents(1), dag.parents(2)), (&[][..], &[0][..], &[1][..]));
    let jumps = dag_file::read(
        format!("{HEADER}\n{{\"a\":0,\"p\":[1],\"t\":20}}\n{{\"a\":1,\"p\":[],\"t\":10}}")
            .as_bytes(),
    );
    let times: Vec<_> = jumps.unwrap().steps().iter().map(|s| s.time.as_nanos()).collect();
    assert_eq!(times, [10_000_000_000, 20_000_000_000]);
}

#[test]
fn errors_say_where_what_and_what_was_expected() {
    for (lines, expected) in [
        ("", "there is no event in it: expected at least one line after the header"),
        (
            "{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[9]}",
            "line 3: event 1 has the parent 9, but there are only 2 events: expected a number below 2",
        ),
        (
            "{\"a\":0,\"p\":[0]}",
            "line 2: event 0 is its own ancestor, by a cycle of 1 event(s): expected causes to \
             come before their effects",
        ),
        (
            "{\"a\":0,\"p\":[]}\n{\"a\":0,\"p\":[0,3]}\n{\"a\":0,\"p\":[1]}\n{\"a\":0,\"p\":[2]}\n{\"a\":0,\"p\":[3]}",
            "line 3: event 1 is its own ancestor, by a cycle of 3 event(s)",
        ),
        (
            "{\"a\":0,\"p\":[],\"t\":1}\n{\"a\":0,\"p\":[0]}",
            "line 3: event 1 differs from those before it in whether it has a time",
        ),
        (
            "{\"a\":0,\"p\":[]}\n{\"a\":0}",
            "line 3: missing field `p` (column 7): expected an event",
        ),
        ("{\"a\":0,\"p\":[-1]}", "line 2: invalid value: integer `-1`, expected u32 (column 14)"),
        ("{\"a\":0,\"p\":[],\"x\":1}", "line 2: unknown field `x`"),
        ("{\"a\":0,\"p\":[", "line 2: EOF while parsing"),
        ("\n{\"a\":0,\"p\":[]}", "line 2: EOF while parsing"),
    ] {
        let error = read(lines).unwrap_err();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    let with = |header: &str| {
        let file = format!("{header}\n{{\"a\":3,\"p\":[]}}\n");
        dag_file::read(file.as_bytes()).map(|_| ()).map_err(|e| e.to_string())
    };
    for (header, expected) in [
        (
            r#"{"format":"causal-dag-jsonl/0","events":2}"#,
            "the header promises 2 events, but the file has 1",
        ),
        (
            r#"{"format":"causal-dag-jsonl/0","agents":3}"#,
            "line 2: the actor is number 3, but the header promises 3",
        ),
        (
            r#"{"format":"causal-dag-jsonl/9"}"#,
            "line 1: the format is \"causal-dag-jsonl/9\": expected a header",
        ),
        ("{}", "line 1: missing field `format` (column 2): expected a header"),
    ] {
        let error = with(header).unwrap_err();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    assert_eq!(with(r#"{"format":"causal-dag-jsonl/0","events":1,"agents":4,"note":"x"}"#), Ok(()));
}

/// A file in a folder that is gone when the guard is.
fn open_file(name: &str, content: &[u8]) -> Result<Vec<Trace>, TraceError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    open(path.to_str().unwrap(), &Options::default())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_files_content_decides_what_it_is() {
    let content = format!("{HEADER}\r\n{{\"a\":0,\"p\":[]}}\r\n");
    for (file, content, name) in [
        ("a b.dag.jsonl.gz", gzip(content.as_bytes()), "a-b"),
        ("x.log", content.clone().into_bytes(), "x"),
        (".gz", content.clone().into_bytes(), ".gz"),
    ] {
        let traces = open_file(file, &content).unwrap();
        assert_eq!((traces.len(), traces[0].name.as_str()), (1, name));
        assert!(matches!(traces[0].origin, Origin::Dag(facts) if facts.events == 1));
    }
}

#[test]
fn files_that_are_no_traces_are_told_apart() {
    let error = |content: &[u8]| open_file("t", content).unwrap_err().to_string();
    assert!(error(b"").ends_with("t: the file is empty: expected a trace"));
    assert!(error(&gzip(b"")).ends_with("the file is empty: expected a trace"));
    assert!(
        error(b"{\"format\":\"other/1\"}")
            .contains("t: line 1: the format is \"other/1\": expected \"clockbench-steps/1\"")
    );
    let damaged = error(b"{\"format\":\"causal-dag-jsonl/0\"\n{\"a\":0,\"p\":[]}\n");
    assert!(damaged.contains("t: line 1: EOF while parsing an object"), "{damaged}");
    let whole = gzip(format!("{HEADER}\n{{\"a\":0,\"p\":[]}}\n").as_bytes());
    let cut = error(&whole[..whole.len() - 12]);
    assert!(cut.contains("cannot be read") || cut.contains("reading stopped"), "{cut}");
    let absent = open("/no/such/file", &Options::default()).unwrap_err().to_string();
    assert!(absent.starts_with("/no/such/file: cannot be read: No such file"), "{absent}");
    let folder = open(".", &Options::default()).unwrap_err().to_string();
    assert!(folder.contains("expected spans as OTLP's or Jaeger's JSON"), "{folder}");
}

/// Random graphs: the parents of each event, all earlier.
fn graphs() -> impl Strategy<Value = Vec<Vec<u32>>> {
    let parents =
        |event: u32| proptest::collection::vec(0..event.max(1), 0..if event == 0 { 1 } else { 4 });
    (1..60_u32).prop_flat_map(move |n| (0..n).map(parents).collect::<Vec<_>>())
}

fn built(graph: &[Vec<u32>]) -> Dag {
    let mut events = DagBuilder::default();
    graph.iter().for_each(|parents| events.push(0, parents, None));
    events.finish().unwrap()
}

proptest! {
    #[test]
    fn steps_give_each_event_the_past_that_the_graph_does(graph in graphs()) {
        let dag = built(&graph);
        let steps = dag.steps();
        let mut reaches: Vec<BitVec> = Vec::new();
        for parents in &graph {
            let mut before = BitVec::repeat(false, graph.len());
            for parent in parents {
                before |= &reaches[*parent as usize];
                before.set(*parent as usize, true);
            }
            reaches.push(before);
        }
        let found: Vec<BitVec> = pasts(&steps).into_iter().map(|(_, before)| before).collect();
        prop_assert_eq!(found, reaches);
        let facts = dag.facts();
        let forks = steps.iter().filter(|s| matches!(s.step, Step::Fork { .. })).count();
        let retires = steps.iter().filter(|s| matches!(s.step, Step::Retire { .. })).count();
        prop_assert_eq!(forks as u32, facts.forks + facts.roots - 1);
        prop_assert_eq!(retires as u32, facts.joins);
        // Those who neither retired nor were left to act on are the heads.
        prop_assert_eq!(1 + forks - retires, facts.heads as usize);
    }

    #[test]
    fn shuffled_lines_make_the_same_graph(graph in graphs(), seed in any::<u64>()) {
        let n = graph.len();
        let mut place: Vec<u32> = (0..n as u32).collect();
        let mut state = seed | 1;
        for at in (1..n).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            place.swap(at, (state >> 33) as usize % (at + 1));
        }
        let mut shuffled = vec![(0, Vec::new()); n];
        for (event, parents) in graph.iter().enumerate() {
            let parents = parents.iter().map(|p| place[*p as usize]).collect();
            shuffled[place[event] as usize] = (event as u32, parents);
        }
        let mut events = DagBuilder::default();
        shuffled.iter().for_each(|(actor, parents)| events.push(*actor, parents, None));
        let sorted = events.finish().unwrap();
        let (sorted, straight) = (sorted.facts(), built(&graph).facts());
        prop_assert_eq!((sorted.forks, sorted.joins), (straight.forks, straight.joins));
        prop_assert_eq!((sorted.roots, sorted.heads), (straight.roots, straight.heads));
    }
}
