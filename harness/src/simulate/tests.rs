mod churn;
mod faults;
mod laws;
mod network;
mod traffic;

use std::collections::HashMap;
use std::time::Duration;

use super::*;
use crate::execution::Validator;
use crate::scenario::{PRESETS, Scenario};

const START: PhysicalTime = PhysicalTime::from_nanos(START_NANOS);

fn scenario(text: &str) -> Scenario {
    Scenario::parse(&format!("name = 'test'\n{text}"), "test").unwrap()
}

#[test]
fn presets_make_valid_executions_of_the_right_length() {
    for preset in PRESETS {
        let scenario = Scenario::parse(preset.toml, preset.name).unwrap();
        let mut validator = Validator::default();
        let mut events = 0;
        for step in Simulation::new(&scenario, 1, 0) {
            validator.check(step.step).unwrap();
            events += u32::from(step.step.is_event());
        }
        assert_eq!(events, scenario.events, "{}", preset.name);
    }
}

#[test]
fn every_pattern_of_traffic_is_valid_and_goes_on_to_the_end() {
    for pattern in [
        "{ kind = 'uniform' }",
        "{ kind = 'client-server', servers = 3 }",
        "{ kind = 'ring' }",
        "{ kind = 'gossip', fanout = 2 }",
        "{ kind = 'pairs', strangers = 0.1 }",
        "{ kind = 'tree', arity = 2 }",
        "{ kind = 'broadcast' }",
        "{ kind = 'neighbours', degree = 4, rewired = 0.1 }",
        "{ kind = 'zipf', exponent = 1.0 }",
    ] {
        let scenario = scenario(&format!(
            "events = 2000\n[traffic]\npattern = {pattern}\n[population]\ninitial = 5\n\
             min = 1\narrivals = 0.5\nsession = {{ law = 'exponential', mean = '3s' }}"
        ));
        let mut validator = Validator::default();
        let steps: Vec<_> = Simulation::new(&scenario, 7, 0).collect();
        steps.iter().for_each(|s| validator.check(s.step).unwrap());
        assert_eq!(steps.iter().filter(|s| s.step.is_event()).count(), 2000, "{pattern}");
        assert!(steps.iter().any(|s| matches!(s.step, Step::Retire { .. })), "{pattern}");
    }
}

#[test]
fn channels_keep_the_order_where_they_are_asked_to() {
    let overtaken = |network: &str| {
        let scenario = scenario(&format!(
            "events = 4000\n[population]\ninitial = 2\n[traffic]\nrate = 50\n{network}"
        ));
        let (mut sent, mut last, mut overtaken) = (HashMap::new(), HashMap::new(), 0);
        for (number, step) in Simulation::new(&scenario, 7, 0).enumerate() {
            match step.step {
                Step::Send { message, .. } => drop(sent.insert(message, number)),
                Step::Receive { node, message } => {
                    let last = last.entry(node).or_insert(0);
                    overtaken += u32::from(sent[&message] < *last);
                    *last = sent[&message];
                }
                _ => {}
            }
        }
        overtaken
    };
    assert!(overtaken("") > 100);
    assert_eq!(overtaken("[network]\nfifo = true"), 0);
}

#[test]
fn servers_stay_and_answer() {
    let scenario = scenario(
        "events = 3000\n[traffic]\npattern = { kind = 'client-server', servers = 2 }\n\
         [population]\narrivals = 1\nsession = { law = 'exponential', mean = '5s' }",
    );
    let mut sends = [0, 0];
    for TimedStep { step, .. } in Simulation::new(&scenario, 7, 0) {
        match step {
            Step::Send { node, .. } => sends[usize::from(node < 2)] += 1,
            Step::Retire { node, .. } | Step::Crash { node } => assert!(node >= 2),
            Step::Event { node } => assert!(node >= 2),
            _ => {}
        }
    }
    assert!(sends[1] * 10 > sends[0] * 9, "{sends:?}");
}

#[test]
fn replicates_differ_and_seeds_repeat() {
    let scenario = scenario("events = 100");
    let run = |seed, replicate| Simulation::new(&scenario, seed, replicate).collect::<Vec<_>>();
    assert_eq!(run(1, 0), run(1, 0));
    assert_ne!(run(1, 0), run(1, 1));
    assert_ne!(run(1, 0), run(2, 0));
}

#[test]
fn clocks_are_within_their_skew_and_drift() {
    let scenario = scenario("events = 5000\n[clocks]\nskew = '2s'\ndrift_ppm = 0");
    let (mut latest, mut behind) = (PhysicalTime::ZERO, Duration::ZERO);
    for step in Simulation::new(&scenario, 1, 0) {
        behind = behind.max(latest.since(step.time));
        latest = latest.max(step.time);
    }
    assert!(behind > Duration::from_secs(1), "clocks are skewed: {behind:?}");
    assert!(behind <= Duration::from_secs(4), "and no more than asked for: {behind:?}");
}

/// Readings of participant 0, less what they are without the fault, in
/// milliseconds, at the given second of true time.
fn errors(fault: &str, seconds: [u64; 4]) -> [i64; 4] {
    let clocks = "events = 40000\n[traffic]\nrate = 20\n[clocks]\nskew = '5ms'\n";
    let sound = scenario(clocks);
    let bad = scenario(&format!("{clocks}[[clocks.fault]]\n{fault}\nparticipants = [0]\n"));
    let mut bad = Simulation::new(&bad, 1, 0);
    let mut pairs = Vec::new();
    for good in Simulation::new(&sound, 1, 0) {
        let step = bad.next().unwrap();
        assert_eq!(step.step, good.step, "the rest is the same");
        let difference = step.time.as_nanos() as i64 - good.time.as_nanos() as i64;
        match step.step {
            Step::Event { node: 0 } | Step::Send { node: 0, .. } => {
                pairs.push((bad.true_time().since(START).as_secs(), difference));
            }
            Step::Event { .. } | Step::Send { .. } => assert_eq!(difference, 0),
            _ => {}
        }
    }
    assert!(bad.is_faulty(0) && !bad.is_faulty(1) && !bad.is_faulty(99));
    seconds.map(|at| pairs.iter().find(|(s, _)| *s >= at).unwrap().1 / 1_000_000)
}

#[test]
fn faults_hit_whom_and_when_they_should() {
    let window = "from = '20s'\nuntil = '40s'";
    let at = [1, 20, 35, 41];
    assert_eq!(errors(&format!("kind = 'ahead'\nby = '365d'\n{window}"), at), {
        let year = 365 * 86_400_000;
        [0, year, year, 0]
    });
    assert_eq!(errors(&format!("kind = 'behind'\nby = '2s'\n{window}"), at), [0, -2000, -2000, 0]);
    let near = |fault: &str, want: [i64; 4]| {
        let got = errors(&format!("{fault}\n{window}"), at);
        let far = got.iter().zip(want).any(|(got, want)| (got - want).abs() > 1500);
        assert!(!far, "{fault}: {got:?}, expected about {want:?}");
    };
    near("kind = 'rate'\nrate = 2.0", [0, 0, 15_000, 0]);
    near("kind = 'rate'\nrate = 0", [0, 0, -15_000, 0]);
    near("kind = 'frozen'", [0, 0, -15_000, 0]);
    near("kind = 'smear'\nby = '40s'", [0, 0, -30_000, 0]);
}

#[test]
fn a_restart_comes_once_and_its_clock_is_set_back_from_then_on() {
    let clocks = "events = 4000\n[clocks]\nskew = '5ms'\n";
    let fault = "[[clocks.fault]]\nkind = 'restart'\nby = '1h'\nfrom = '20s'\n\
                 until = '40s'\nparticipants = [3]\n";
    let (sound, bad) = (scenario(clocks), scenario(&format!("{clocks}{fault}")));
    let mut sound = Simulation::new(&sound, 1, 0);
    let (mut restarts, mut set_back) = (0, Vec::new());
    let mut bad = Simulation::new(&bad, 1, 0);
    while let Some(step) = bad.next() {
        let second = bad.true_time().since(START).as_secs();
        if step.step == (Step::Restart { node: 3 }) {
            restarts += 1;
            assert_eq!(bad.true_time().since(step.time).as_secs().next_multiple_of(60), 3600);
            assert_eq!(second, 20);
            continue;
        }
        let good = sound.next().unwrap();
        assert_eq!(step.step, good.step, "the rest is the same");
        if good.time != step.time {
            assert_eq!(good.time.since(step.time).as_secs(), 3600);
            set_back.push(second);
        }
    }
    assert_eq!(restarts, 1);
    assert!(set_back.iter().all(|s| (20..40).contains(s)) && set_back.len() > 20);
}

#[test]
fn a_share_hits_about_as_many() {
    let scenario = scenario(
        "events = 2\n[population]\ninitial = 1000\n\
         [[clocks.fault]]\nkind = 'frozen'\nshare = 0.2",
    );
    let mut simulation = Simulation::new(&scenario, 1, 0);
    while simulation.next().is_some() {}
    let hit = (0..1000).filter(|p| simulation.is_faulty(*p)).count();
    assert!((150..250).contains(&hit), "{hit}");
}
