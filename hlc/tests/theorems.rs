//! The paper's theorems as properties of random executions, in the clock's own
//! units of time; and the naive clock that breaks the third.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use hlc::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

const NODES: usize = 4;

fn t(time: u64, counter: u64) -> Timestamp {
    Timestamp::from_parts(time, counter).unwrap()
}

/// What happens next, at which node, and how long after the last step.
#[derive(Clone, Debug)]
struct Step {
    at: usize,
    /// A receipt of one of the messages sent so far, of all of them modulo
    /// their number; a send otherwise.
    message: Option<usize>,
    after: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..NODES, proptest::option::of(any::<usize>()), 0..4_u64)
        .prop_map(|(at, message, after)| Step { at, message, after });
    vec(step, 1..120)
}

/// An event, and which happened before it (itself included).
#[derive(Clone, Debug)]
struct Event {
    node: usize,
    reading: u64,
    stamp: Timestamp,
    sent_at: u64,
    past: Vec<usize>,
}

/// Runs the steps. `reading` says what the node's clock reads at a true time;
/// `pause` is the least time between two events of one node and between a send
/// and its receipt.
fn run(steps: &[Step], pause: u64, reading: impl Fn(usize, u64) -> u64) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut latest = [None::<usize>; NODES];
    let mut now = 100;
    for step in steps {
        now += step.after;
        let own = latest[step.at];
        let sent = step.message.filter(|_| !events.is_empty()).map(|m| m % events.len());
        for cause in [own, sent].into_iter().flatten() {
            now = now.max(events[cause].sent_at + pause);
        }
        let reading = reading(step.at, now);
        let stamp = |i: usize| events[i].stamp;
        let heard = own.map_or(Timestamp::ZERO, stamp).max(sent.map_or(Timestamp::ZERO, stamp));
        let mut past: Vec<usize> =
            [own, sent].into_iter().flatten().flat_map(|i| events[i].past.clone()).collect();
        past.push(events.len());
        past.sort_unstable();
        past.dedup();
        latest[step.at] = Some(events.len());
        let stamp = heard.next(t(reading, 0)).unwrap();
        events.push(Event { node: step.at, reading, stamp, sent_at: now, past });
    }
    events
}

proptest! {
    /// Whatever the physical clocks do: they may be set forward and back.
    #[test]
    fn theorems_1_to_3_need_nothing_of_the_clocks(
        steps in steps(),
        noise in vec(0..200_u64, 64),
    ) {
        let events = run(&steps, 0, |node, now| {
            noise[(usize::try_from(now).unwrap() * NODES + node) % noise.len()]
        });
        for (number, event) in events.iter().enumerate() {
            prop_assert!(event.stamp.time() >= event.reading, "theorem 2");
            for earlier in event.past.iter().filter(|i| **i != number) {
                prop_assert!(events[*earlier].stamp < event.stamp, "theorem 1");
            }
            let witness = event.past.iter().any(|i| events[*i].reading == event.stamp.time());
            prop_assert!(witness, "theorem 3: nobody in the past read {:?}", event.stamp);
        }
    }

    /// With clocks at most ε apart, `l − pt ≤ ε` and `c ≤ N(ε + 1)`.
    #[test]
    fn synchronised_clocks_bound_drift_and_counter(
        steps in steps(),
        epsilon in 0..20_u64,
        skews in vec(any::<u64>(), NODES),
    ) {
        let events = run(&steps, 1, |node, now| now + skews[node] % (epsilon + 1));
        for event in &events {
            prop_assert!(event.stamp.time() - event.reading <= epsilon);
            prop_assert!(event.stamp.counter() <= NODES as u64 * (epsilon + 1));
        }
    }

    /// Where a node's events and a message's ends are at least `d` apart, `c ≤
    /// ε/d + 1`.
    #[test]
    fn slow_messages_keep_the_counter_small(
        steps in steps(),
        epsilon in 0..40_u64,
        pause in 1..10_u64,
        skews in vec(any::<u64>(), NODES),
    ) {
        let events = run(&steps, pause, |node, now| now + skews[node] % (epsilon + 1));
        for event in &events {
            prop_assert!(event.stamp.counter() <= epsilon / pause + 1);
        }
    }

    /// Section 5: the events up to a time hold all of their own pasts.
    #[test]
    fn the_cut_at_a_time_is_consistent(steps in steps(), cut in 0..200_u64) {
        let events = run(&steps, 0, |node, now| now + [0, 7, 20, 3][node]);
        for event in events.iter().filter(|e| e.stamp.time() <= cut) {
            for earlier in &event.past {
                prop_assert!(events[*earlier].stamp.time() <= cut, "at node {}", event.node);
            }
        }
    }
}

/// Section 3 of the paper: the obvious algorithm, `l = max(l + 1, l_m + 1,
/// pt)`, leaves physical time behind. Three nodes with perfect clocks pass a
/// message round; each step takes less than a unit of time.
#[test]
fn the_naive_clock_leaves_physical_time_behind() {
    const EPSILON: u64 = 10;
    let naive = |own: u64, message: u64, reading: u64| (own + 1).max(message + 1).max(reading);
    let mut naive_times = [0_u64; 3];
    let mut stamps = [Timestamp::ZERO; 3];
    let mut broken_after = None;
    for step in 0..60 {
        let (from, to) = (step % 3, (step + 1) % 3);
        let reading = 100 + step as u64 / 3;
        naive_times[from] = naive(naive_times[from], 0, reading);
        naive_times[to] = naive(naive_times[to], naive_times[from], reading);
        stamps[from] = stamps[from].next(t(reading, 0)).unwrap();
        stamps[to] = stamps[to].max(stamps[from]).next(t(reading, 0)).unwrap();
        if naive_times[to] - reading > EPSILON {
            broken_after.get_or_insert(step);
        }
        assert_eq!(stamps[to].time(), reading, "a hybrid clock stays with perfect clocks");
    }
    assert!(broken_after.is_some_and(|step| step < 30), "{broken_after:?}");
    assert!(naive_times[0] - 120 > 2 * EPSILON, "and it goes on");
}
