//! Tables of what processes did.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod trace_support;

use harness::step::Step;
use harness::trace::csv::{self, HEADER};
use harness::trace::{Options, open};
use proptest::prelude::*;
use trace_support::pasts;

fn steps(rows: &str) -> Vec<Step> {
    let (steps, _) = csv::read(format!("{HEADER}\n{rows}").as_bytes()).unwrap();
    pasts(&steps);
    steps.into_iter().map(|s| s.step).collect()
}

fn error(rows: &str) -> String {
    csv::read(format!("{HEADER}\n{rows}").as_bytes()).unwrap_err().to_string()
}

#[test]
fn rows_become_steps() {
    use Step::{Crash, Event, Fork, Lose, Receive, Retire, Send};
    let (node, child, message) = (0, 1, 0);
    assert_eq!(
        steps("2,b,receive,m\n1,a,send,m\n3,b,event,\n"),
        [
            Send { node, message },
            Fork { node, child },
            Receive { node: 1, message },
            Event { node: 1 }
        ],
        "a process is born of the message that is its first event"
    );
    assert_eq!(
        steps("1,a,fork,b\n2,b,event,\n3,a,join,b\n4,a,send,m\n5,a,leave,\n"),
        [
            Fork { node, child },
            Event { node: 1 },
            Retire { node: 1, into: 0 },
            Send { node, message },
            Lose { message }
        ],
        "the last one stays"
    );
    assert_eq!(
        steps("1,a,event,\n1,b,event,\n2,a,leave,\n3,c,event,\n"),
        [
            Fork { node, child },
            Fork { node, child: 2 },
            Event { node: 0 },
            Event { node: 1 },
            Crash { node: 0 },
            Event { node: 2 }
        ],
        "who comes late knows nothing: participant 2 had no event before"
    );
}

#[test]
fn a_file_is_known_by_its_header_and_quotes_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.csv");
    std::fs::write(&path, format!("{HEADER}\r\n,\"a,\"\"b\",event,\r\n\r\n,c,event,\r\n")).unwrap();
    let traces = open(path.to_str().unwrap(), &Options::default()).unwrap();
    assert_eq!((traces[0].name.as_str(), traces[0].steps.len()), ("t", 3));
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    for (rows, expected) in [
        ("", "there is no event"),
        ("1,a,leave,\n", "there is no event"),
        ("1,a,event\n", "line 2: it has 3 fields and not 4"),
        ("x,a,event,\n", "line 2: the time is \"x\" and no number"),
        ("1,,event,\n", "line 2: the process has no name"),
        ("1,a,event,m\n", "line 2: a row of kind \"event\" has no message"),
        ("1,a,send,\n", "line 2: a row of kind \"send\" needs a message"),
        ("1,a,sned,m\n", "line 2: the kind is \"sned\" and none of"),
        ("1,\"a,event,\n", "line 2: a quote is not closed"),
        ("1,a,event,\n,a,event,\n", "line 3: rows differ in whether they have a time"),
        ("1,a,receive,m\n", "line 2: the message is never sent"),
        ("1,a,send,m\n\n1,a,send,m\n", "line 4: the message was sent before, in line 2"),
        ("1,a,receive,m\n2,a,send,m\n", "line 2: what happens here comes before itself"),
        ("1,a,event,\n1,a,join,a\n", "line 3: what happens here comes before itself"),
        ("1,a,leave,\n1,a,event,\n", "line 3: the process left before, in line 2"),
        ("1,a,fork,b\n1,a,fork,b\n", "line 3: the newborn was born before"),
        ("1,a,fork,a\n1,a,event,\n", "line 2: what happens here comes before itself"),
        ("1,a,join,b\n", "line 2: nothing is known of who retires"),
        ("1,b,event,\n1,a,join,b\n1,c,join,b\n", "line 4: the process was gone before, in line 3"),
    ] {
        let error = error(rows);
        assert!(error.starts_with(expected), "{rows:?}: {error}");
    }
}

proptest! {
    /// Events know exactly what messages tell, whoever is born of whom.
    #[test]
    fn order_is_that_of_rows_and_messages(
        rows in proptest::collection::vec((0..5_usize, proptest::option::of(0..40_usize)), 1..40),
    ) {
        let mut table = format!("{HEADER}\n");
        let (mut known, mut past) = (vec![0_u64; 5], Vec::new());
        for (at, (process, from)) in rows.iter().enumerate() {
            // Every second event sends; of these some are heard.
            let from = from.filter(|from| from % 2 == 0 && *from < at);
            match from {
                Some(from) if at % 2 == 1 => {
                    table += &format!("{at},p{process},receive,m{from}\n");
                    known[*process] |= past[from] | 1 << from;
                }
                _ if at % 2 == 0 => table += &format!("{at},p{process},send,m{at}\n"),
                _ => table += &format!("{at},p{process},event,\n"),
            }
            past.push(known[*process]);
            known[*process] |= 1 << at;
        }
        let (steps, _) = csv::read(table.as_bytes()).unwrap();
        let found = pasts(&steps);
        prop_assert_eq!(found.len(), rows.len());
        for (at, (_, before)) in found.iter().enumerate() {
            let bits: u64 = before.iter_ones().map(|bit| 1 << bit).sum();
            prop_assert_eq!(bits, past[at]);
        }
    }
}
