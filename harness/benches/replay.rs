//! What a watched replay costs beside an unwatched one, scheme by scheme: what
//! the truth, the judging and the sizes come on top of the clocks.
//!
//! `cargo bench -p harness --bench replay`

#![allow(clippy::unwrap_used, missing_docs, reason = "a failure here should be loud")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::execution::{Cell, Survey};
use harness::measure::{LagBins, Plan, Sampling, World};
use harness::random::Random;
use harness::registry::Registry;
use harness::scenario::{Ids, PRESETS, Scenario};

fn replay(c: &mut Criterion) {
    let preset = PRESETS[0];
    let scenario = Scenario::parse(preset.toml, preset.name).unwrap();
    let steps: Vec<_> = Cell::of(scenario).steps(1, 0).collect();
    let survey = Survey::of(steps.iter().copied());
    let world = || World::new(Ids::Random, &mut Random::new(1, "bench", 0, "ids"));
    let bins = LagBins::new(survey.mean_live, survey.events);
    let plan = Plan::new(bins, Sampling::default(), &mut Random::new(1, "bench", 0, "plan"));
    let mut group = c.benchmark_group(preset.name);
    group.sample_size(10).throughput(Throughput::Elements(survey.events.into()));
    for scheme in Registry::builtin().presets().unwrap() {
        group.bench_function(format!("{}, watched", scheme.name()), |b| {
            b.iter(|| {
                let mut replay = scheme.replay(world(), &plan, survey, u64::MAX);
                replay.play(&steps);
                replay.finish()
            });
        });
        group.bench_function(format!("{}, unwatched", scheme.name()), |b| {
            b.iter(|| scheme.time(world(), &steps, u64::MAX));
        });
    }
    group.finish();
}

criterion_group!(benches, replay);
criterion_main!(benches);
