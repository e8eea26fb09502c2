//! The truth by rows against exact histories, and the verdict counts against a
//! count by hand.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "a failure here should be loud"
)]

use std::collections::BTreeMap;

use bitvec::vec::BitVec;
use causal_clock::{CausalClock, CausalOrder, CausalStamp, Scheme, Verdict};
use harness::execution::{Cell, Survey};
use harness::measure::{LagBins, Measured, Plan, Replay, Sampling, Stage, Truth, World};
use harness::random::Random;
use harness::scenario::{Ids, Scenario};
use harness::step::{Step, TimedStep};
use plausible::{LamportClocks, Rev};
use proptest::prelude::*;

/// Small executions of every kind of traffic, with much churn.
fn executions() -> impl Strategy<Value = Vec<TimedStep>> {
    let pattern = prop_oneof![
        Just("{ kind = 'uniform' }"),
        Just("{ kind = 'ring' }"),
        Just("{ kind = 'client-server', servers = 2 }"),
        Just("{ kind = 'gossip', fanout = 2 }"),
        Just("{ kind = 'broadcast' }"),
        Just("{ kind = 'neighbours', degree = 2, rewired = 0.3 }"),
    ];
    // What uses an id twice, what delivers twice and what stops messages.
    let faults = prop_oneof![
        Just(""),
        Just("[[fault]]\nat = '3s'\nevery = '2s'\nwhat = 'amnesia'\nwho = 0.3\nbackup = '1s'\n"),
        Just("[[fault]]\nat = '1s'\nevery = '1s'\nwhat = 'twin'\nwho = [0, 1]\n"),
        Just("[[fault]]\nat = '1s'\nfor = '2s'\nwhat = 'partition'\nwho = 0.5\n"),
        Just("[[fault]]\nat = '1s'\nfor = '1s'\nevery = '3s'\nwhat = 'pause'\nwho = 0.5\n"),
    ];
    let odds = (0.0..1.0_f64, 0.0..0.4_f64, 0.0..0.4_f64);
    (pattern, faults, 3..9_u32, odds, any::<u64>(), 2..400_u32).prop_map(
        |(pattern, faults, initial, (graceful, loss, duplicates), seed, events)| {
            let scenario = format!(
                "name = 'random'\nevents = {events}\n[population]\ninitial = {initial}\n\
                 arrivals = 3.0\nsession = {{ law = 'exponential', mean = '2s' }}\n\
                 graceful = {graceful}\n[traffic]\npattern = {pattern}\n[network]\n\
                 loss = {loss}\nduplicates = {duplicates}\nmean_extra_delay = '200ms'\n{faults}"
            );
            let scenario = Scenario::parse(&scenario, "random").unwrap();
            Cell::of(scenario).steps(seed, 0).collect()
        },
    )
}

/// Exact pasts of all events, walked step by step: bit i of entry e says that
/// event i happened before event e.
fn exact_pasts(steps: &[TimedStep], mut at_event: impl FnMut(usize, u32)) -> Vec<BitVec> {
    let mut live: Vec<Option<BitVec>> = vec![Some(BitVec::new())];
    let mut messages: Vec<BitVec> = Vec::new();
    let mut pasts: Vec<BitVec> = Vec::new();
    let mut saved = BTreeMap::new();
    let unite = |into: &mut BitVec, from: &BitVec| {
        if into.len() < from.len() {
            into.resize(from.len(), false);
        }
        from.iter_ones().for_each(|i| into.set(i, true));
    };
    for timed in steps {
        let mut event = |known: &mut BitVec, node: u32| {
            at_event(pasts.len(), node);
            let mut past = known.clone();
            past.resize(pasts.len(), false);
            known.resize(pasts.len() + 1, false);
            known.set(pasts.len(), true);
            pasts.push(past);
        };
        match timed.step {
            Step::Event { node } => event(live[node as usize].as_mut().unwrap(), node),
            Step::Send { node, message } => {
                let known = live[node as usize].as_mut().unwrap();
                event(known, node);
                let slot = message as usize;
                messages.resize(messages.len().max(slot + 1), BitVec::new());
                messages[slot] = known.clone();
            }
            Step::Receive { node, message } => {
                let known = live[node as usize].as_mut().unwrap();
                unite(known, &messages[message as usize]);
                event(known, node);
            }
            Step::Merge { node, message } => {
                unite(live[node as usize].as_mut().unwrap(), &messages[message as usize]);
            }
            Step::Lose { .. } | Step::Candidate { .. } | Step::Restart { .. } => {}
            Step::Save { node } => drop(saved.insert(node, live[node as usize].clone())),
            Step::Restore { node } => live[node as usize] = saved[&node].clone(),
            Step::Fork { node, .. } | Step::Twin { node, .. } => {
                live.push(live[node as usize].clone());
            }
            Step::Retire { node, into } => {
                let retired = live[node as usize].take().unwrap();
                unite(live[into as usize].as_mut().unwrap(), &retired);
            }
            Step::Crash { node } => live[node as usize] = None,
        }
    }
    pasts
}

/// Walks the rows beside the exact pasts; slots are participant numbers.
fn rows_agree(steps: &[TimedStep], sources: &[u32]) {
    let pasts = exact_pasts(steps, |_, _| {});
    let mut truth = Truth::new(sources.len(), 1);
    let mut events = 0;
    let mut event = |truth: &mut Truth, node: u32| {
        for (bit, source) in sources.iter().enumerate().filter(|(_, s)| **s < events) {
            let exact = pasts[events as usize][*source as usize];
            assert_eq!(truth.knows(node, bit), exact, "source {source}, event {events}");
        }
        if let Ok(bit) = sources.binary_search(&events) {
            truth.mark(node, bit);
        }
        events += 1;
    };
    for timed in steps {
        match timed.step {
            Step::Event { node } => event(&mut truth, node),
            Step::Send { node, message } => {
                event(&mut truth, node);
                truth.send(node, message);
            }
            Step::Receive { node, message } => {
                truth.receive(node, message);
                event(&mut truth, node);
            }
            Step::Merge { node, message } => truth.receive(node, message),
            Step::Fork { node, child } | Step::Twin { node, child } => truth.fork(node, child),
            Step::Save { node } => truth.save(node, node),
            Step::Restore { node } => truth.restore(node, node),
            Step::Retire { node, into } => truth.join(into, node),
            Step::Lose { .. }
            | Step::Crash { .. }
            | Step::Restart { .. }
            | Step::Candidate { .. } => {}
        }
    }
}

fn world() -> World {
    World::new(Ids::Random, &mut Random::new(7, "test", 0, "ids"))
}

fn replay<S: Scheme>(scheme: &S, steps: &[TimedStep], plan: &Plan) -> Measured {
    let survey = Survey::of(steps.iter().copied());
    let mut replay = Replay::new(scheme, world(), plan, survey, u64::MAX);
    replay.play(steps);
    replay.finish()
}

fn plan(steps: &[TimedStep]) -> Plan {
    let survey = Survey::of(steps.iter().copied());
    let bins = LagBins::new(survey.mean_live, survey.events);
    Plan::new(bins, Sampling::default(), &mut Random::new(7, "test", 0, "plan"))
}

/// Verdicts counted from stamps and exact pasts alone.
fn count_by_hand<S: Scheme>(scheme: &S, steps: &[TimedStep]) -> Vec<(bool, Verdict)> {
    let mut nodes = Vec::new();
    let pasts = exact_pasts(steps, |_, node| nodes.push(node));
    let mut stage = Stage::new(scheme, world());
    let mut stamps = Vec::new();
    for step in steps {
        stage.play(step).unwrap();
        if step.step.is_event() {
            stamps.push(stage.clock(nodes[stamps.len()]).unwrap().stamp());
        }
    }
    let mut counted = Vec::new();
    for later in 0..stamps.len() {
        for earlier in 0..later {
            counted.push((pasts[later][earlier], stamps[earlier].compare(&stamps[later])));
        }
    }
    counted
}

fn counts_agree<S: Scheme>(scheme: &S, steps: &[TimedStep]) {
    let by_hand = count_by_hand(scheme, steps);
    let measured = replay(scheme, steps, &plan(steps));
    for ordered in [true, false] {
        for order in CausalOrder::ALL {
            for proven in [true, false] {
                let verdict = Verdict { order, proven };
                let expected = by_hand.iter().filter(|v| **v == (ordered, verdict)).count();
                let rows = measured.verdicts.iter();
                let counted: u64 = rows.map(|r| r.verdicts.get(ordered, order, proven)).sum();
                assert_eq!(counted, expected as u64, "{ordered} {verdict}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn rows_are_exact_for_all_sources(steps in executions()) {
        let events = steps.iter().filter(|s| s.step.is_event()).count() as u32;
        rows_agree(&steps, &(0..events).collect::<Vec<_>>());
    }

    #[test]
    fn rows_are_exact_for_sampled_sources(steps in executions(), every in 2..40_usize) {
        let events = steps.iter().filter(|s| s.step.is_event()).count() as u32;
        rows_agree(&steps, &(0..events).step_by(every).collect::<Vec<_>>());
    }

    #[test]
    fn exhaustive_counts_are_those_made_by_hand(steps in executions()) {
        counts_agree(&LamportClocks::default(), &steps);
        counts_agree(&Rev::default(), &steps);
    }
}

/// A sample is a sample: its weighted rates are near those over all pairs. One
/// alone may be off by a tenth, since its pairs share their sources; several are
/// off to either side.
#[test]
fn sampled_rates_estimate_the_exhaustive_ones() {
    use harness::stats::Rate;
    const SEEDS: u64 = 8;
    let scenario = Scenario::parse(
        "name = 'x'\nevents = 6000\n[population]\narrivals = 0.4\n\
         session = { law = 'exponential', mean = '40s' }",
        "x",
    )
    .unwrap();
    let mut ratios = 0.0;
    for seed in 1..=SEEDS {
        let steps: Vec<_> = Cell::of(scenario.clone()).steps(seed, 0).collect();
        let plan = plan(&steps);
        assert!(!plan.is_exhaustive());
        let measured = replay(&Rev::default(), &steps, &plan);
        let sampled = Rate::FalseOrder.over(&measured.verdicts).unwrap();

        let by_hand = count_by_hand(&Rev::default(), &steps);
        let concurrent = by_hand.iter().filter(|(ordered, _)| !ordered);
        let wrong = concurrent.clone().filter(|(_, v)| v.order.is_ordered()).count();
        let exact = wrong as f64 / concurrent.count() as f64;
        assert!((sampled / exact - 1.0).abs() < 0.25, "sampled {sampled}, exact {exact}");
        ratios += sampled / exact;
        let judged: u64 =
            measured.verdicts.iter().map(|r| r.verdicts.counts().iter().sum::<u64>()).sum();
        assert_eq!(judged, plan.judged().iter().sum::<u64>());
    }
    let mean = ratios / SEEDS as f64;
    assert!((mean - 1.0).abs() < 0.06, "{mean}");
}
