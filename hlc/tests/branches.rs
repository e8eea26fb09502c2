//! The step of a hybrid logical clock, branch by branch, on the abstract pair
//! `(l, c)`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use hlc::Timestamp;

fn t((time, counter): (u64, u64)) -> Timestamp {
    Timestamp::from_parts(time, counter).unwrap()
}

fn receive(state: (u64, u64), message: (u64, u64), reading: u64) -> (u64, u64) {
    let next = t(state).max(t(message)).next(t((reading, 0))).unwrap();
    (next.time(), next.counter())
}

fn local(state: (u64, u64), reading: u64) -> (u64, u64) {
    let next = t(state).next(t((reading, 0))).unwrap();
    (next.time(), next.counter())
}

/// The pseudocode of the paper's figure 5, case by case.
fn receive_by_the_paper((l, c): (u64, u64), (l_m, c_m): (u64, u64), pt: u64) -> (u64, u64) {
    let new = l.max(l_m).max(pt);
    let counter = if new == l && new == l_m {
        c.max(c_m) + 1
    } else if new == l {
        c + 1
    } else if new == l_m {
        c_m + 1
    } else {
        0
    };
    (new, counter)
}

#[test]
fn receive_takes_every_branch() {
    let table = [
        // All three tie, or the two clocks do.
        ((10, 3), (10, 5), 7, (10, 6)),
        ((10, 5), (10, 3), 10, (10, 6)),
        // Only the own time is the largest.
        ((10, 3), (9, 50), 10, (10, 4)),
        // Only the message's is: its counter counts, not the own one.
        ((10, 3), (12, 5), 11, (12, 6)),
        ((10, 3), (12, 5), 12, (12, 6)),
        // The reading is larger than both.
        ((10, 3), (12, 5), 13, (13, 0)),
    ];
    for (state, message, reading, expected) in table {
        assert_eq!(receive(state, message, reading), expected, "{state:?} {message:?} {reading}");
    }
}

#[test]
fn a_local_event_takes_every_branch() {
    for (state, reading, expected) in
        [((0, 0), 0, (0, 1)), ((10, 3), 9, (10, 4)), ((10, 3), 10, (10, 4)), ((10, 3), 11, (11, 0))]
    {
        assert_eq!(local(state, reading), expected, "{state:?} {reading}");
    }
}

#[test]
fn two_nodes_exchange_two_messages() {
    let a = local((0, 0), 10);
    assert_eq!(a, (10, 0));
    let sent_by_a = local(a, 10);
    assert_eq!(sent_by_a, (10, 1));
    let b = receive((0, 0), sent_by_a, 9);
    assert_eq!(b, (10, 2));
    let sent_by_b = local(b, 11);
    assert_eq!(sent_by_b, (11, 0));
    assert_eq!(receive(sent_by_a, sent_by_b, 10), (11, 1));
}

#[test]
fn the_packed_step_is_the_papers_on_every_small_case() {
    let pairs = || (0..4).flat_map(|l| (0..4).map(move |c| (l, c)));
    for state in pairs() {
        for message in pairs() {
            for reading in 0..6 {
                let expected = receive_by_the_paper(state, message, reading);
                assert_eq!(receive(state, message, reading), expected);
            }
        }
        for reading in 0..6 {
            // A local event is a receipt of what is known already.
            assert_eq!(local(state, reading), receive_by_the_paper(state, (0, 0), reading));
        }
    }
}
