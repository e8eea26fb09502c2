//! The memory budget counts encoded bytes; what a scheme takes from the
//! allocator is within a stated factor of them.
//!
//! `cargo test -p harness --test memory -- --nocapture` prints the factors.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use allocation_counter::measure;
use harness::execution::{Cell, Survey};
use harness::measure::{LagBins, Plan, Sampling, Status, Stopped, World};
use harness::random::Random;
use harness::registry::Registry;
use harness::run::{self, Options};
use harness::scenario::{Ids, Scenario};

/// Many at once, who come and go: whatever grows, grows here.
const SCENARIO: &str = "name = 'many'\nevents = 60_000\n[population]\ninitial = 1_000\n\
    arrivals = 100\nsession = { law = 'exponential', mean = '10s' }";

/// Encoded bytes that a scheme may keep here.
const BUDGET: u64 = 2 << 20;

/// How many bytes are allocated, at most, for each that is counted. The help
/// of `--memory-budget` and `DESIGN.md` state it.
const FACTOR: f64 = 40.0;

fn cell() -> Cell {
    Cell::of(Scenario::parse(SCENARIO, "many").unwrap())
}

#[test]
fn what_a_scheme_allocates_is_within_a_factor_of_its_budget() {
    let steps: Vec<_> = cell().steps(1, 0).collect();
    let survey = Survey::of(steps.iter().copied());
    let world = || World::new(Ids::Random, &mut Random::new(1, "many", 0, "ids"));
    let bins = LagBins::new(survey.mean_live, survey.events);
    let plan = Plan::new(bins, Sampling::default(), &mut Random::new(1, "many", 0, "plan"));
    let registry = Registry::builtin();

    // The peak of the bytes allocated in a replay, and what the scheme needed
    // where it was stopped for that.
    let peak = |name: &str| {
        let scheme = registry.scheme(name).unwrap();
        let mut status = Status::Complete;
        let allocated = measure(|| {
            let mut replay = scheme.replay(world(), &plan, survey, BUDGET);
            replay.play(&steps);
            status = replay.finish().status;
        });
        match status {
            Status::Stopped(Stopped::Memory { needed, .. }) => (allocated.bytes_max, Some(needed)),
            _ => (allocated.bytes_max, None),
        }
    };

    // Its stamps are nothing: what is left is the truth.
    let (truth, needed) = peak("lamport");
    assert_eq!(needed, None);
    let mut stopped = 0;
    for scheme in registry.presets().unwrap() {
        let name = scheme.name();
        let (peak, Some(needed)) = peak(&name) else { continue };
        stopped += 1;
        let factor = peak.saturating_sub(truth) as f64 / needed as f64;
        println!("{name}: {factor:.1} bytes allocated for each that is counted");
        assert!(factor <= FACTOR, "{name}: {factor}");
    }
    assert!(stopped >= 5, "only {stopped} passed the budget");
}

#[test]
fn timing_keeps_within_the_budget_as_well() {
    let registry = Registry::builtin();
    let schemes = ["lamport", "vc", "akka"].map(|name| registry.scheme(name).unwrap());
    let options = Options { memory_budget: BUDGET, ..Options::default() };
    let rows = run::time(&cell(), 0, &schemes, &options, 1, &|| {});
    for row in rows {
        let is_stopped = matches!(row.timing, Err(Stopped::Memory { .. }));
        assert_eq!(is_stopped, row.scheme != "lamport", "{}", row.scheme);
    }
}
