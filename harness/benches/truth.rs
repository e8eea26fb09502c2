//! How many events a second the truth keeps up with, on one thread, generation
//! excluded: 10,000 nodes; 512 and 4,096 source events.
//!
//! `cargo bench -p harness --bench truth`

#![allow(clippy::unwrap_used, missing_docs, reason = "a failure here should be loud")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use harness::execution::Cell;
use harness::measure::Truth;
use harness::scenario::Scenario;
use harness::step::{Step, TimedStep};

const NODES: u32 = 10_000;
const EVENTS: u32 = 400_000;

fn steps() -> Vec<TimedStep> {
    let text = format!("name = 'bench'\nevents = {EVENTS}\n[population]\ninitial = {NODES}");
    let scenario = Scenario::parse(&text, "bench").unwrap();
    Cell::of(scenario).steps(1, 0).collect()
}

/// Keeps the rows through all the steps; a participant's slot is its number.
fn keep(truth: &mut Truth, steps: &[TimedStep], sources: u32) {
    let every = EVENTS / sources;
    let (mut until_source, mut bit) = (every, 0);
    let mut event = |truth: &mut Truth, node: u32| {
        until_source -= 1;
        if until_source == 0 {
            truth.mark(node, bit);
            bit += 1;
            until_source = every;
        }
    };
    for timed in steps {
        match timed.step {
            Step::Event { node } => event(truth, node),
            Step::Send { node, message } => {
                event(truth, node);
                truth.send(node, message);
            }
            Step::Receive { node, message } => {
                truth.receive(node, message);
                event(truth, node);
            }
            Step::Merge { node, message } => truth.receive(node, message),
            Step::Fork { node, child } => truth.fork(node, child),
            Step::Retire { node, into } => truth.join(into, node),
            Step::Lose { .. }
            | Step::Crash { .. }
            | Step::Restart { .. }
            | Step::Candidate { .. }
            | Step::Save { .. }
            | Step::Restore { .. }
            | Step::Twin { .. } => {}
        }
    }
}

fn truth(c: &mut Criterion) {
    let steps = steps();
    let mut group = c.benchmark_group("truth");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS.into()));
    for sources in [512, 4_096] {
        group.bench_function(format!("{NODES} nodes, K={sources}"), |b| {
            b.iter_batched_ref(
                || Truth::new(sources as usize + 1, NODES as usize),
                |truth| keep(truth, &steps, sources),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, truth);
criterion_main!(benches);
