//! A headline belongs to the clock and not to the length of the run: twice the
//! events change it by less than the intervals allow.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use harness::execution::Cell;
use harness::experiment::compare::metrics::{ALL_PAIRS, FAR, MID, NEAR, Stratum};
use harness::registry::Registry;
use harness::run::{self, Options};
use harness::scenario::{PRESETS, Scenario};
use harness::stats::{Estimate, Rate};

const CLOCKS: &str = "vc-bounded:k=10,vc-capped:k=10,horizon:k=10,rev:r=16,nurev:r=28,ids=false,\
                      recency:r=16,bits=6,recency:r=36,bits=6,lamport";
const SEEDS: u32 = 10;

/// By clock and headline: its value in each execution.
fn rates(events: u32, headlines: &[(Rate, Stratum)]) -> Vec<Vec<Vec<f64>>> {
    let churn = PRESETS.iter().find(|preset| preset.name == "churn").unwrap();
    let scenario = Scenario::parse(churn.toml, churn.name).unwrap();
    let cell = Cell::of(Scenario { events, ..scenario });
    let schemes = Registry::builtin().schemes(CLOCKS).unwrap();
    let mut values = vec![vec![Vec::new(); headlines.len()]; schemes.len()];
    for number in 0..SEEDS {
        let replicate = run::replicate(&cell, number, &schemes, &Options::default());
        for (clock, (_, measured)) in replicate.schemes.iter().enumerate() {
            for (place, (rate, stratum)) in headlines.iter().enumerate() {
                values[clock][place].extend(stratum.rate(*rate, &measured.verdicts));
            }
        }
    }
    values
}

fn estimate(values: &[f64]) -> (f64, f64) {
    let estimate = Estimate::of(values).unwrap();
    (estimate.mean, estimate.half_width.unwrap())
}

#[test]
fn twice_the_events_change_no_headline() {
    let rates_of = [Rate::FalseOrder, Rate::FalseConcurrency];
    let headlines: Vec<_> =
        rates_of.into_iter().flat_map(|rate| [NEAR, MID, FAR].map(|s| (rate, s))).collect();
    let (short, long) = (rates(10_000, &headlines), rates(20_000, &headlines));
    for (clock, (short, long)) in short.iter().zip(&long).enumerate() {
        for ((a, b), (rate, stratum)) in short.iter().zip(long).zip(&headlines) {
            let ((a, a_half), (b, b_half)) = (estimate(a), estimate(b));
            // Of some fifty comparisons at 95 %, a few miss by chance: half as
            // much again is allowed.
            let allowed = 1.5 * a_half.hypot(b_half) + 0.001;
            let name = stratum.name;
            assert!((a - b).abs() <= allowed, "{clock} {rate:?} {name}: {a} {b} ±{allowed}");
        }
    }
}

#[test]
fn over_all_pairs_the_length_of_the_run_decides() {
    let mean = |events| estimate(&rates(events, &[(Rate::FalseConcurrency, ALL_PAIRS)])[0][0]);
    let ((short, short_half), (long, long_half)) = (mean(5_000), mean(20_000));
    assert!(long - short > short_half + long_half, "{short} {long}");
}
