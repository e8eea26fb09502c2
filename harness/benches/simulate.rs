//! How many events a second are generated, on one thread and with nothing
//! listening: static participants, churn without memory, and churn with.
//!
//! `cargo bench -p harness --bench simulate`

#![allow(clippy::unwrap_used, missing_docs, reason = "a failure here should be loud")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use harness::scenario::Scenario;
use harness::simulate::Simulation;

const EVENTS: u32 = 1_000_000;

fn scenario(nodes: u32, sessions: &str) -> Scenario {
    let text = format!(
        "name = 'bench'\nevents = {EVENTS}\n[network]\nloss = 0.01\n\
         [population]\ninitial = {nodes}\n{sessions}"
    );
    Scenario::parse(&text, "bench").unwrap()
}

fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulate");
    group.throughput(Throughput::Elements(u64::from(EVENTS))).sample_size(10);
    for nodes in [100, 10_000, 100_000, 1_000_000] {
        // As many arrivals as departures, one in 60 s for each participant.
        let arrivals = f64::from(nodes) / 60.0;
        let weibull = "session = { law = 'weibull', shape = 0.5, scale = '30s' }";
        let exponential = "session = { law = 'exponential', mean = '60s' }";
        for (name, sessions) in [
            ("static", String::new()),
            ("exponential", format!("arrivals = {arrivals}\n{exponential}")),
            ("weibull", format!("arrivals = {arrivals}\n{weibull}")),
        ] {
            let scenario = scenario(nodes, &sessions);
            group.bench_function(format!("{name}/{nodes}"), |b| {
                b.iter_batched_ref(
                    || {
                        // The forks of the first participants are no events.
                        let mut simulation = Simulation::new(&scenario, 1, 0);
                        simulation.by_ref().take(nodes as usize - 1).for_each(drop);
                        simulation
                    },
                    |simulation| simulation.count(),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, simulate);
criterion_main!(benches);
