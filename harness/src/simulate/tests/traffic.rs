//! Who writes to whom, pattern by pattern.

use std::collections::{BTreeMap, BTreeSet};

use super::laws::{is_share, simulation};
use crate::step::{Participant, Step};

/// Who wrote to whom, and how often, where messages do not wait.
fn letters(text: &str) -> BTreeMap<(Participant, Participant), usize> {
    let (mut from, mut letters) = (BTreeMap::new(), BTreeMap::new());
    for timed in simulation(text) {
        match timed.step {
            Step::Send { node, message } => drop(from.insert(message, node)),
            Step::Receive { node, message } => {
                *letters.entry((from[&message], node)).or_default() += 1;
            }
            _ => {}
        }
    }
    letters
}

#[test]
fn letters_go_up_and_down_a_tree() {
    let letters = letters(
        "events = 40000\n[population]\ninitial = 13\n\
         [traffic]\npattern = { kind = 'tree', arity = 3 }",
    );
    for (from, to) in letters.keys() {
        let (above, below) = (from.min(to), from.max(to));
        assert_eq!((below - 1) / 3, *above, "{from} to {to}");
    }
    // The root writes to its three children alike, and every edge is used.
    assert_eq!(letters.len(), 24);
    let root: usize = (1..4).map(|child| letters[&(0, child)]).sum();
    assert!(is_share(letters[&(0, 1)], root, 1.0 / 3.0), "{letters:?}");
}

#[test]
fn a_broadcast_is_one_event_that_everyone_else_receives() {
    let (mut sends, mut receipts) = (0, 0);
    for timed in simulation(
        "events = 30000\n[population]\ninitial = 10\n\
         [traffic]\npattern = { kind = 'broadcast' }\ninternal_per_send = 0",
    ) {
        sends += u32::from(matches!(timed.step, Step::Send { .. }));
        receipts += u32::from(matches!(timed.step, Step::Receive { .. }));
    }
    // All but those still on their way.
    assert!(receipts > sends * 9 - 90 && receipts <= sends * 9, "{sends} {receipts}");
}

#[test]
fn neighbours_stay_the_same() {
    let of = |rewired: f64| {
        letters(&format!(
            "events = 60000\n[population]\ninitial = 40\n[traffic]\n\
             pattern = {{ kind = 'neighbours', degree = 4, rewired = {rewired} }}"
        ))
    };
    let ring = of(0.0);
    for (from, to) in ring.keys() {
        let apart = (from + 40 - to) % 40;
        assert!([1, 2, 38, 39].contains(&apart), "{from} to {to}");
    }
    assert_eq!(ring.len(), 160, "all four of each");
    let random = of(1.0);
    let far = random.keys().filter(|(from, to)| ![1, 2, 38, 39].contains(&((from + 40 - to) % 40)));
    assert!(far.count() > 120 && random.len() <= 160, "{}", random.len());
}

#[test]
fn the_popular_get_more() {
    let letters = letters(
        "events = 200000\n[population]\ninitial = 20\n\
         [traffic]\npattern = { kind = 'zipf', exponent = 1.0 }",
    );
    // The last one writes to the others by rank.
    let mine: Vec<_> = (0..19).map(|to| letters.get(&(19, to)).copied().unwrap_or(0)).collect();
    let all: usize = mine.iter().sum();
    let harmonic: f64 = (1..20).map(|k| 1.0 / f64::from(k)).sum();
    for (rank, count) in (1_u32..).zip(&mine) {
        assert!(is_share(*count, all, 1.0 / f64::from(rank) / harmonic), "{mine:?}");
    }
}

#[test]
fn bursts_leave_silence_between_and_as_many_actions() {
    let mut simulation = simulation(
        "events = 60000\n[population]\ninitial = 10\n\
         [traffic]\nrate = 3\ninternal_per_send = 1e9\nbursts = { on = '1s', off = '4s' }",
    );
    let mut busy: BTreeMap<Participant, BTreeSet<u64>> = BTreeMap::new();
    let mut events = 0_u32;
    while let Some(timed) = simulation.next() {
        if let Step::Event { node } = timed.step {
            events += 1;
            busy.entry(node).or_default().insert(simulation.now % 5_000_000_000 / 100_000_000);
        }
    }
    // Of the fifty tenths of a turn, each is active in ten or eleven.
    assert!(busy.values().all(|tenths| (10..=11).contains(&tenths.len())), "{busy:?}");
    let expected = 30.0 * simulation.now as f64 * 1e-9;
    assert!((f64::from(events) - expected).abs() < 5.0 * expected.sqrt() + 60.0, "{expected}");
}

#[test]
fn whoever_is_asked_answers() {
    let letters = letters("events = 20000\n[traffic]\nanswers = true\n[population]\ninitial = 2");
    let (there, back) = (letters[&(0, 1)], letters[&(1, 0)]);
    assert!(is_share(there, there + back, 0.5));
    let kinds = simulation("events = 20000\n[traffic]\nanswers = true")
        .filter(|timed| matches!(timed.step, Step::Event { .. }))
        .count();
    // One internal event for each letter that is no answer: a fifth of all, with
    // the two sends and the two receipts.
    assert!((kinds as f64 / 20_000.0 - 0.2).abs() < 0.02, "{kinds}");
}
