//! The timetable: what each fault does, when, and to whom.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::laws::simulation;
use crate::execution::Validator;

/// Steps with the true second at which they happen.
fn steps(text: &str) -> Vec<(f64, Step)> {
    let mut simulation = simulation(text);
    let mut validator = Validator::default();
    let mut steps = Vec::new();
    while let Some(timed) = simulation.next() {
        assert_eq!(validator.check(timed.step), Ok(()));
        steps.push((simulation.now as f64 * 1e-9, timed.step));
    }
    steps
}

fn at(fault: &str) -> Vec<(f64, Step)> {
    steps(&format!(
        "events = 20000\n[population]\ninitial = 40\n[traffic]\nrate = 2\n[[fault]]\n{fault}"
    ))
}

#[test]
fn many_vanish_at_once_or_retire() {
    let crashes = at("at = '10s'\nwhat = 'crash'\nwho = 0.5");
    let crashed: Vec<_> =
        crashes.iter().filter(|(_, step)| matches!(step, Step::Crash { .. })).collect();
    assert_eq!(crashed.len(), 20);
    assert!(crashed.iter().all(|(at, _)| *at == 10.0));
    let left = at("at = '10s'\nwhat = 'leave'\nwho = [3, 4, 99]");
    let left = left.iter().filter_map(|(_, step)| match step {
        Step::Retire { node, .. } => Some(*node),
        _ => None,
    });
    assert_eq!(left.collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn one_who_pauses_does_nothing_and_goes_on() {
    let steps = at("at = '10s'\nfor = '15s'\nwhat = 'pause'\nwho = [7]");
    let of = |from: f64, to: f64| {
        let mine = |(at, step): &&(f64, Step)| {
            let is_mine = matches!(
                step,
                Step::Event { node: 7 }
                    | Step::Send { node: 7, .. }
                    | Step::Receive { node: 7, .. }
            );
            is_mine && (from..to).contains(at)
        };
        steps.iter().filter(mine).count()
    };
    assert!(of(0.0, 10.0) > 10 && of(25.0, 40.0) > 10);
    assert_eq!(of(10.0, 25.0), 0);
    assert!(steps.contains(&(10.0, Step::Restart { node: 7 })));
}

#[test]
fn no_message_passes_a_partition_while_it_lasts() {
    for (one_way, crosses) in [(false, [false, false]), (true, [false, true])] {
        let steps = at(&format!(
            "at = '10s'\nfor = '20s'\nwhat = 'partition'\nwho = [0, 1, 2, 3, 4, 5]\n\
             one_way = {one_way}"
        ));
        let mut from = BTreeMap::new();
        let mut crossed = [[0, 0], [0, 0]];
        for (at, step) in steps {
            match step {
                Step::Send { node, message } => drop(from.insert(message, node)),
                Step::Receive { node, message } if (from[&message] < 6) != (node < 6) => {
                    let during = usize::from((10.0..30.0).contains(&at));
                    crossed[during][usize::from(node < 6)] += 1;
                }
                _ => {}
            }
        }
        assert!(crossed[0].iter().all(|count| *count > 20), "{crossed:?}");
        assert_eq!(crossed[1].map(|count| count > 0), crosses, "{crossed:?}");
    }
}

#[test]
fn newborns_are_on_the_side_of_their_parents() {
    let steps = steps(
        "events = 20000\n[population]\ninitial = 20\narrivals = 5\n[traffic]\nrate = 2\n\
         [[fault]]\nat = '0s'\nfor = '100s'\nwhat = 'partition'\nwho = 0.5",
    );
    let (mut sides, mut from) = (BTreeMap::new(), BTreeMap::new());
    let mut met: BTreeSet<(Participant, Participant)> = BTreeSet::new();
    for (time, step) in steps.iter().filter(|(time, _)| *time < 100.0) {
        match *step {
            Step::Fork { node, child } if *time > 0.0 => {
                let side: Participant = sides.get(&node).copied().unwrap_or(node);
                sides.insert(child, side);
            }
            Step::Send { node, message } => drop(from.insert(message, node)),
            Step::Receive { node, message } => {
                let [from, to] =
                    [from[&message], node].map(|node| sides.get(&node).copied().unwrap_or(node));
                met.insert((from.min(to), from.max(to)));
            }
            _ => {}
        }
    }
    // Two groups of first participants who never met: colour by meetings.
    let mut group: Vec<usize> = (0..20).collect();
    for (a, b) in &met {
        let (a, b) = (group[*a as usize], group[*b as usize]);
        group.iter_mut().filter(|g| **g == b).for_each(|g| *g = a);
    }
    let groups: BTreeSet<_> = group.iter().collect();
    assert_eq!(groups.len(), 2);
}

#[test]
fn a_backup_is_made_and_gone_back_to() {
    let steps = at("at = '20s'\nevery = '30s'\nwhat = 'amnesia'\nwho = 0.1\nbackup = '8s'");
    let of = |kind: fn(&Step) -> Option<Participant>| {
        let found = steps.iter().filter_map(|(at, step)| Some((*at, kind(step)?)));
        found.collect::<Vec<_>>()
    };
    let saved = of(|step| if let Step::Save { node } = step { Some(*node) } else { None });
    let restored = of(|step| if let Step::Restore { node } = step { Some(*node) } else { None });
    assert!(restored.len() >= 8 && saved.len() >= restored.len());
    for ((saved, node), (restored, again)) in saved.iter().zip(&restored) {
        assert_eq!((saved + 8.0, node), (*restored, again));
    }
}

#[test]
fn twins_are_two() {
    let steps = at("at = '20s'\nwhat = 'twin'\nwho = [5]");
    assert!(steps.contains(&(20.0, Step::Twin { node: 5, child: 40 })));
    for node in [5, 40] {
        let acts = |(at, step): &(f64, Step)| *at > 20.0 && *step == Step::Event { node };
        assert!(steps.iter().any(acts), "{node}");
    }
}

#[test]
fn a_rolling_restart_replaces_everybody_once() {
    let steps = at("at = '1s'\nevery = '1s'\nwhat = 'replace'\nwho = 0.1");
    let retired = steps.iter().filter_map(|(at, step)| match step {
        Step::Retire { node, .. } => Some((*at, *node)),
        _ => None,
    });
    let first: Vec<_> = retired.take_while(|(at, _)| *at <= 10.0).collect();
    let nodes: Vec<_> = first.iter().map(|(_, node)| *node).collect();
    assert_eq!(nodes, (0..40).collect::<Vec<_>>(), "eldest first, four a second");
}

#[test]
fn crowds_come_and_messages_are_lost_for_a_while() {
    let steps = steps(
        "events = 60000\n[population]\ninitial = 40\narrivals = 2\n\
         session = { law = 'exponential', mean = '10s' }\n\
         [[fault]]\nat = '50s'\nfor = '50s'\nwhat = 'surge'\nfactor = 10\n\
         [[fault]]\nat = '50s'\nfor = '10s'\nwhat = 'loss'\nfactor = 1",
    );
    let count = |from: f64, to: f64, of: fn(&Step) -> bool| {
        steps.iter().filter(|(at, step)| (from..to).contains(at) && of(step)).count()
    };
    let born: fn(&Step) -> bool = |step| matches!(step, Step::Fork { .. });
    let (before, during) = (count(1.0, 50.0, born), count(50.0, 100.0, born));
    assert!((60..140).contains(&before) && (850..1150).contains(&during), "{before} {during}");
    // All that was sent in the spell is lost; what was on its way arrives.
    let received: fn(&Step) -> bool = |step| matches!(step, Step::Receive { .. });
    assert!(count(50.5, 60.0, received) == 0 && count(61.0, 70.0, received) > 100);
}
