//! Bad clocks, and the second truth: what observers of physical time see.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::time::Duration;

use harness::execution::Cell;
use harness::measure::{Measured, Status, TimeRow, VerdictRow};
use harness::registry::Registry;
use harness::run::{self, Options, Replicate};
use harness::scenario::Scenario;
use harness::stats::Rate;

fn run(text: &str, clocks: &str, epsilon: Option<Duration>) -> Vec<Replicate> {
    let text = format!("name = 'test'\nevents = 1200\n[population]\ninitial = 6\n{text}");
    let cell = Cell::of(Scenario::parse(&text, "test").unwrap());
    let schemes = Registry::builtin().schemes(clocks).unwrap();
    let options = Options { epsilon, settle: 0, ..Options::default() };
    (0..2).map(|number| run::replicate(&cell, number, &schemes, &options)).collect()
}

fn measured<'a>(replicate: &'a Replicate, scheme: &str) -> &'a Measured {
    &replicate.schemes.iter().find(|(name, _)| name == scheme).unwrap().1
}

/// At good clocks, and at the bad one.
fn times(replicate: &Replicate, scheme: &str) -> [TimeRow; 2] {
    measured(replicate, scheme).times.unwrap()
}

const FAULTS: [&str; 7] = [
    "kind = 'ahead'\nby = '10s'\nfrom = '10s'\nuntil = '30s'",
    "kind = 'behind'\nby = '10s'\nfrom = '10s'\nuntil = '30s'",
    "kind = 'rate'\nrate = 2.0\nuntil = '30s'",
    "kind = 'frozen'\nfrom = '10s'",
    "kind = 'ahead'\nby = '365d'\nfrom = '20s'",
    "kind = 'smear'\nby = '1s'\nfrom = '10s'\nuntil = '30s'",
    "kind = 'restart'\nby = '1h'\nfrom = '20s'",
];

fn fault(keys: &str) -> String {
    format!("[[clocks.fault]]\n{keys}\nparticipants = [2]\n")
}

#[test]
fn whatever_the_clocks_do_no_hybrid_stamp_goes_back_or_is_given_twice() {
    let clocks = "hlc,hlc:drift=500ms,hlc96,pwc,hvc:epsilon=100ms,physical";
    let (mut back, mut twice) = (0, 0);
    for keys in FAULTS {
        for replicate in run(&fault(keys), clocks, None) {
            for (scheme, measured) in &replicate.schemes {
                let [good, bad] = measured.times.unwrap();
                assert_eq!(good.events + bad.events, 1200);
                assert!(bad.events > 0);
                assert_eq!(good.before_reading + bad.before_reading, 0, "{keys} {scheme}");
                assert_eq!(good.went_back + good.given_twice, 0, "{keys} {scheme}");
                if scheme == "physical" {
                    back += bad.went_back;
                    twice += bad.given_twice;
                } else {
                    assert_eq!(bad.went_back + bad.given_twice, 0, "{keys} {scheme}");
                }
            }
        }
    }
    assert!(back > 0 && twice > 0, "the observer sees what physical clocks do: {back} {twice}");
}

#[test]
fn a_restart_loses_nothing_but_physical_time() {
    // Every clock goes on from its bytes: what it says is what it would have
    // said without the restart, if it did not look at the wall.
    let set_back = fault("kind = 'restart'\nby = '1h'\nfrom = '20s'");
    let clocks = "itc,vc,rev:r=4,recency,hlc,hvc:epsilon=100ms,repcl";
    for (sound, bad) in run("", clocks, None).iter().zip(run(&set_back, clocks, None)) {
        assert_eq!((sound.survey.restarts, bad.survey.restarts), (0, 1));
        for ((scheme, sound), (_, bad)) in sound.schemes.iter().zip(&bad.schemes) {
            assert_eq!(bad.status, Status::Complete, "{scheme}");
            let wrong = |rate: Rate| rate.over(&bad.verdicts);
            assert_eq!(wrong(Rate::WrongProof), Some(0.0), "{scheme}");
            let family = scheme.split(':').next().unwrap();
            if ["itc", "vc", "rev", "recency"].contains(&family) {
                assert_eq!(sound.verdicts, bad.verdicts, "{scheme}");
            } else {
                assert_eq!(wrong(Rate::Reversal), Some(0.0), "{scheme}");
                assert_eq!(wrong(Rate::FalseConcurrency), Some(0.0), "{scheme}");
                assert_eq!(wrong(Rate::FalseEquality), Some(0.0), "{scheme}");
            }
        }
        // Nobody else is dragged along: a late stamp is no offence.
        let [good, restarted] = times(&bad, "hlc");
        assert!(good.ahead_ns_max < 1_000_000_000, "{good:?}");
        assert!(restarted.ahead_ns_max > 3_590 * 1_000_000_000, "{restarted:?}");
    }
}

#[test]
fn one_bad_clock_drags_the_others_unless_there_is_a_bound() {
    const SECOND: u64 = 1_000_000_000;
    for replicate in
        run(&fault("kind = 'ahead'\nby = '1h'\nfrom = '10s'"), "hlc,hlc:drift=500ms", None)
    {
        let [good, bad] = times(&replicate, "hlc");
        assert!(good.ahead_of_truth_ns_max > 3_590 * SECOND, "{good:?}");
        assert!(good.ahead_ns_max > 3_590 * SECOND && good.counter_max > 0, "{good:?}");
        assert_eq!(good.refused_from_faulty + bad.refused_from_good, 0);

        let [good, bad] = times(&replicate, "hlc:drift=500ms");
        assert!(good.ahead_of_truth_ns_max < SECOND, "{good:?}");
        assert!(bad.ahead_of_truth_ns_max > 3_590 * SECOND, "{bad:?}");
        assert!(good.refused_from_faulty > 0 && good.refused_from_good == 0, "{good:?}");
        assert_eq!(bad.refused_from_good + bad.refused_from_faulty, 0, "{bad:?}");
    }
}

#[test]
fn nothing_is_watched_unless_asked_for() {
    let replicate = &run("", "hlc,vc", None)[0];
    assert!(replicate.schemes.iter().all(|(_, m)| m.times.is_none()));
    assert!(replicate.schemes.iter().all(|(_, m)| m.epsilon_verdicts.is_empty()));
    let replicate = &run(&fault(FAULTS[0]), "hlc,vc", None)[0];
    assert!(measured(replicate, "vc").times.is_none(), "it tells no time");
}

/// How many pairs are ordered, and how many of them the clock misses.
fn ordered(rows: &[VerdictRow]) -> (u64, u64) {
    let counts = rows.iter().map(|row| Rate::FalseConcurrency.counts(&row.verdicts));
    counts.fold((0, 0), |(n, k), (m, l)| (n + m, k + l))
}

#[test]
fn the_second_truth_is_the_first_for_ever_and_total_at_once() {
    let pairs = 1200 * 1199 / 2;
    let long = Some(Duration::from_secs(1 << 30));
    for replicate in run("", "vc,hvc:epsilon=100ms", long) {
        for (_, measured) in &replicate.schemes {
            assert_eq!(measured.verdicts, measured.epsilon_verdicts);
        }
    }
    for replicate in run("", "vc", Some(Duration::ZERO)) {
        let vc = measured(&replicate, "vc");
        let (causal, missed) = ordered(&vc.verdicts);
        assert_eq!(missed, 0);
        // What happened at all happened in an order.
        assert_eq!(ordered(&vc.epsilon_verdicts), (pairs, pairs - causal));
    }
}

#[test]
fn a_hybrid_vector_clock_tells_the_second_truth() {
    let clocks = "[clocks]\nskew = '0s'\ndrift_ppm = 0.0\n";
    let epsilon = Some(Duration::from_millis(200));
    for replicate in run(clocks, "hvc:epsilon=200ms,vc", epsilon) {
        let of = |scheme: &str, rate: Rate, epsilon: bool| {
            let m = measured(&replicate, scheme);
            rate.over(if epsilon { &m.epsilon_verdicts } else { &m.verdicts }).unwrap()
        };
        let hvc = "hvc:epsilon=200ms";
        assert!(of(hvc, Rate::FalseOrder, false) > 0.5, "by the first truth it invents order");
        // By the second only within a unit of 15 µs.
        assert!(of(hvc, Rate::FalseOrder, true) < 0.01, "{}", of(hvc, Rate::FalseOrder, true));
        // A vector clock misses what only physical time orders.
        let misses = |scheme| of(scheme, Rate::FalseConcurrency, true);
        assert!(misses("vc") > 10.0 * misses(hvc), "{} {}", misses("vc"), misses(hvc));
        assert_eq!(of("vc", Rate::FalseConcurrency, false), 0.0);
    }
}

#[test]
fn a_scenario_without_faults_is_as_it_was() {
    // Whom a share hits comes from a stream of its own.
    let fault = "[[clocks.fault]]\nkind = 'frozen'\nshare = 0.5\nfrom = '1h'\n";
    let (plain, faulty) = (run("", "hlc,vc", None), run(fault, "hlc,vc", None));
    for (a, b) in plain.iter().zip(&faulty) {
        for ((_, a), (_, b)) in a.schemes.iter().zip(&b.schemes) {
            assert_eq!(a.verdicts, b.verdicts);
        }
    }
}
