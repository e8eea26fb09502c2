//! Spans, made by hand.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod trace_support;

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use harness::step::Step;
use harness::trace::otel::OtelFacts;
use harness::trace::{Options, Origin, open};
use trace_support::pasts;

fn resource(service: &str, spans: &str) -> String {
    format!(
        "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\
         \"value\":{{\"stringValue\":\"{service}\"}}}},{{\"key\":\"process.pid\",\
         \"value\":{{\"intValue\":\"7\"}}}}]}},\"scopeSpans\":[{{\"spans\":[{spans}]}}]}}]}}\n"
    )
}

fn span(id: &str, parent: &str, kind: u32, start: u64, end: u64, more: &str) -> String {
    format!(
        "{{\"traceId\":\"ab\",\"spanId\":\"{id}\",\"parentSpanId\":\"{parent}\",\"kind\":{kind},\
         \"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{end}\"{more}}}"
    )
}

fn read(path: &Path, process: &[&str]) -> (Vec<Step>, OtelFacts) {
    let process = process.iter().map(|p| (*p).to_owned()).collect();
    let options = Options { process, ..Options::default() };
    let mut traces = open(path.to_str().unwrap(), &options).unwrap_or_else(|e| panic!("{e}"));
    let trace = traces.remove(0);
    pasts(&trace.steps);
    let Origin::Otel(facts) = trace.origin else { panic!("{:?}", trace.origin) };
    (trace.steps.into_iter().map(|s| s.step).collect(), *facts)
}

fn of_text(text: &str) -> (Vec<Step>, OtelFacts) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.jsonl");
    std::fs::write(&path, text).unwrap();
    read(&path, &[])
}

/// A call: b's clock is behind, and the answer comes back.
fn call() -> String {
    // Lines are in no order.
    resource("b", &span("2", "1", 2, 50, 60, "")) + &resource("a", &span("1", "", 3, 100, 120, ""))
}

#[test]
fn a_call_is_a_message_and_its_answer_another() {
    let (steps, facts) = of_text(&call());
    let (node, message) = (0, 0);
    assert_eq!(
        steps,
        [
            Step::Send { node, message },
            Step::Fork { node, child: 1 },
            Step::Receive { node: 1, message },
            Step::Send { node: 1, message },
            Step::Crash { node: 1 },
            Step::Receive { node, message },
        ]
    );
    assert_eq!((facts.spans, facts.processes, facts.calls, facts.answers), (2, 2, 1, 1));
    assert_eq!((facts.backward_times, facts.most_backward.as_nanos()), (1, 50));
}

#[test]
fn several_files_are_one_execution_and_may_be_compressed() {
    let dir = tempfile::tempdir().unwrap();
    let text = call();
    let (b, a) = text.split_at(text.find('\n').unwrap() + 1);
    std::fs::write(dir.path().join("1.json"), b).unwrap();
    let file = std::fs::File::create(dir.path().join("2.gz")).unwrap();
    let mut file = GzEncoder::new(file, Compression::fast());
    file.write_all(a.as_bytes()).unwrap();
    file.finish().unwrap();
    let (steps, facts) = read(dir.path(), &[]);
    assert_eq!((steps, facts.files), (of_text(&text).0, 2));
    assert_eq!(read(dir.path(), &["process.pid"]).1.processes, 1);
    assert_eq!(read(dir.path(), &["k8s.pod.name"]).1.without_process, 2);
}

#[test]
fn what_is_missing_is_counted() {
    let links = ",\"links\":[{\"traceId\":\"ab\",\"spanId\":\"1\"},\
                 {\"traceId\":\"x\",\"spanId\":\"9\"}]";
    let spans = [
        span("1", "0000", 0, 10, 40, ""),
        span("1", "", 0, 10, 40, ""),
        span("3", "99", 0, 20, 0, ""),
        span("4", "", 0, 0, 5, ""),
        span("5", "", 0, 30, 25, ""),
    ];
    let text = resource("a", &spans.join(","))
        + &resource("b", &(span("6", "1", 2, 10, 90, links)))
        + "{\"resourceMetrics\":[]}\n";
    let (_, facts) = of_text(&text);
    assert_eq!((facts.spans, facts.missing_parents, facts.missing_links), (4, 1, 1));
    assert_eq!((facts.repeated, facts.without_end, facts.without_start), (1, 1, 1));
    assert_eq!((facts.ends_before_start, facts.outlive_parent, facts.links), (1, 1, 1));
    assert_eq!((facts.other_lines, facts.answers), (1, 0));
}

/// Each of two processes calls the other, and by its clock was called first.
#[test]
fn messages_that_clocks_make_impossible_are_left_out() {
    let text =
        resource("a", &[span("1", "", 5, 100, 0, ""), span("2", "3", 5, 50, 0, "")].join(","))
            + &resource(
                "b",
                &[span("3", "", 5, 100, 0, ""), span("4", "1", 5, 50, 0, "")].join(","),
            );
    let (steps, facts) = of_text(&text);
    assert_eq!((facts.calls, facts.impossible), (2, 1));
    assert_eq!(steps.iter().filter(|s| s.is_event()).count(), 4);
}

#[test]
fn jaeger_is_read_as_well() {
    let text = "{\n \"data\": [{\"traceID\":\"t\",\"spans\":[\
        {\"traceID\":\"t\",\"spanID\":\"1\",\"startTime\":1,\"duration\":9,\"processID\":\"p1\"},\
        {\"traceID\":\"t\",\"spanID\":\"2\",\"startTime\":2,\"duration\":3,\"processID\":\"p2\",\
         \"references\":[{\"refType\":\"CHILD_OF\",\"traceID\":\"t\",\"spanID\":\"1\"}],\
         \"tags\":[{\"key\":\"span.kind\",\"value\":\"server\"}]}],\
        \"processes\":{\"p1\":{\"serviceName\":\"a\"},\"p2\":{\"serviceName\":\"b\"}}}]}";
    for text in [text.to_owned(), text.replace('\n', "")] {
        let (_, facts) = of_text(&text);
        assert_eq!((facts.spans, facts.processes, facts.calls, facts.answers), (2, 2, 1, 1));
    }
}

#[test]
fn what_is_wrong_is_said_with_its_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.jsonl");
    let error = |text: &str| {
        std::fs::write(&path, text).unwrap();
        open(path.to_str().unwrap(), &Options::default()).unwrap_err().to_string()
    };
    let cut = error(&(call() + "{\"resourceSpans\":[{\n"));
    assert!(cut.contains("t.jsonl: line 3: EOF"), "{cut}");
    let time = error(&call().replace("\"50\"", "\"5x\""));
    assert!(time.contains("line 1: a time is \"5x\" and no number"), "{time}");
    let deep = error(&call().replacen("{\"intValue\":\"7\"}", &"[".repeat(500), 1));
    assert!(deep.contains("line 1: it is nested deeper than 128 levels"), "{deep}");
    assert!(error("{\"resourceMetrics\":[]}").contains("there is no span in it"));
}
