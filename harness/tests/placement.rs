//! A clock that chooses its parent or heir is as exact as one that does not,
//! and one that does not care is not changed by being asked.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a failure here should be loud"
)]

use std::collections::BTreeSet;

use bounded_vc::VectorClocks;
use causal_clock::{CausalClock, CausalOrder, Scheme};
use harness::execution::{Cell, Survey, Validator};
use harness::measure::{LagBins, Measured, Plan, Replay, Sampling, Stage, World};
use harness::random::Random;
use harness::scenario::{Ids, Scenario};
use harness::step::{Step, TimedStep};
use itc::{IntervalTreeClocks, Stamp};
use proptest::prelude::*;

fn scenario(fork: &str, retire: &str, graceful: f64, events: u32) -> Scenario {
    let text = format!(
        "name = 'random'\nevents = {events}\n[population]\ninitial = 6\narrivals = 3.0\n\
         session = {{ law = 'exponential', mean = '2s' }}\ngraceful = {graceful}\n\
         fork_best_of = {fork}\nretire_best_of = {retire}\n[network]\nloss = 0.1"
    );
    Scenario::parse(&text, "random").unwrap()
}

fn world() -> World {
    World::new(Ids::Random, &mut Random::new(7, "test", 0, "ids"))
}

fn measured<S: Scheme>(scheme: &S, steps: &[TimedStep]) -> Measured {
    let survey = Survey::of(steps.iter().copied());
    let bins = LagBins::new(survey.mean_live, survey.events);
    let random = &mut Random::new(7, "test", 0, "plan");
    let plan = Plan::new(bins, Sampling::default(), random);
    let mut replay = Replay::new(scheme, world(), &plan, survey, u64::MAX);
    replay.play(steps);
    replay.finish()
}

/// Plays the steps, and gives the stamp of each event with its past, kept as a
/// plain set along the picks that the clocks made.
fn stamps_and_pasts(steps: &[TimedStep]) -> (Vec<(Stamp, BTreeSet<u32>)>, Vec<Step>) {
    let mut stage = Stage::new(&IntervalTreeClocks {}, world());
    let mut known = vec![BTreeSet::new()];
    let mut messages = vec![BTreeSet::new(); steps.len()];
    let (mut events, mut picked) = (Vec::new(), Vec::new());
    for timed in steps {
        let step = stage.place(timed.step);
        picked.push(step);
        if !matches!(step, Step::Candidate { .. }) {
            stage.play(&TimedStep { step, ..*timed }).unwrap();
        }
        let at = match step {
            Step::Receive { node, message } => {
                let arrived = messages[message as usize].clone();
                known[node as usize].extend(arrived);
                Some(node)
            }
            Step::Event { node } | Step::Send { node, .. } => Some(node),
            Step::Fork { node, .. } => {
                known.push(known[node as usize].clone());
                None
            }
            Step::Retire { node, into } => {
                let retired = std::mem::take(&mut known[node as usize]);
                known[into as usize].extend(retired);
                None
            }
            _ => None,
        };
        if let Some(node) = at {
            let past = known[node as usize].clone();
            known[node as usize].insert(events.len() as u32);
            events.push((stage.clock(node).unwrap().stamp(), past));
        }
        if let Step::Send { node, message } = step {
            messages[message as usize] = known[node as usize].clone();
        }
    }
    (events, picked)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn interval_tree_clocks_are_exact_whoever_they_choose(
        fork in prop_oneof!["1", "2", "3", "8", "'all'"],
        retire in prop_oneof!["1", "2", "3", "8", "'all'"],
        graceful in 0.0..1.0_f64,
        seed in any::<u64>(),
    ) {
        let scenario = scenario(&fork, &retire, graceful, 250);
        let steps: Vec<_> = Cell::of(scenario).steps(seed, 0).collect();
        let mut validator = Validator::default();
        steps.iter().for_each(|s| validator.check(s.step).unwrap());

        let (events, _) = stamps_and_pasts(&steps);
        let mut ordered_pairs = 0;
        for (later, (stamp, past)) in events.iter().enumerate() {
            for (earlier, (other, _)) in events[..later].iter().enumerate() {
                let ordered = past.contains(&(earlier as u32));
                ordered_pairs += u64::from(ordered);
                let truth = if ordered { CausalOrder::Before } else { CausalOrder::Concurrent };
                prop_assert_eq!(other.compare(stamp), truth);
            }
        }

        // The harness sees it the same way: its truth follows the picks.
        let measured = measured(&IntervalTreeClocks {}, &steps);
        let said = |ordered, order| -> u64 {
            measured.verdicts.iter().map(|row| row.verdicts.get(ordered, order, true)).sum()
        };
        prop_assert_eq!(said(true, CausalOrder::Before), ordered_pairs);
        let all = events.len() as u64 * (events.len() as u64 - 1) / 2;
        prop_assert_eq!(said(false, CausalOrder::Concurrent), all - ordered_pairs);
    }
}

#[test]
fn a_clock_without_preference_takes_the_first() {
    let named: Vec<_> = Cell::of(scenario("4", "'all'", 0.8, 2_000)).steps(1, 0).collect();
    let plain: Vec<_> = Cell::of(scenario("1", "1", 0.8, 2_000)).steps(1, 0).collect();
    assert!(named.len() > plain.len());
    let vc = VectorClocks::default();
    assert_eq!(measured(&vc, &named), measured(&vc, &plain));
    let itc = IntervalTreeClocks {};
    assert_ne!(measured(&itc, &named), measured(&itc, &plain));
}

#[test]
fn the_cheapest_is_taken_and_the_first_of_equals() {
    let at = |step| TimedStep { time: causal_clock::PhysicalTime::ZERO, step };
    let steps = [
        // 0 has a quarter, 1 a half, 2 a quarter: 1 is cheapest to split.
        Step::Fork { node: 0, child: 1 },
        Step::Fork { node: 0, child: 2 },
        Step::Candidate { node: 2 },
        Step::Candidate { node: 1 },
        Step::Fork { node: 0, child: 3 },
        // 1 and 3 have a quarter each, as 0 and 2: the first named is taken.
        Step::Candidate { node: 1 },
        Step::Fork { node: 2, child: 4 },
        // 2 and 4 are siblings, and so are 1 and 3.
        Step::Candidate { node: 3 },
        Step::Candidate { node: 2 },
        Step::Retire { node: 4, into: 0 },
    ]
    .map(at);
    let (_, picked) = stamps_and_pasts(&steps);
    assert_eq!(picked[4], Step::Fork { node: 1, child: 3 });
    assert_eq!(picked[6], Step::Fork { node: 2, child: 4 });
    assert_eq!(picked[9], Step::Retire { node: 4, into: 2 });
}
