//! Tree clocks beside vector clocks as the running clocks of participants who
//! stay: the time from one event to another by way of a message, by who talks
//! to whom, among how many, and how many entries there are of others who left.
//!
//! A stamp is `passed` where it is dropped on receipt, and `kept` where it
//! stays until its sender's next, as where events are stored with their stamps:
//! then the clock that goes on copies what the two share.

#[path = "support/talk.rs"]
mod talk;

use std::time::Duration;

use bounded_vc::{TreeClocks, VectorClocks};
use causal_clock::{CausalClock, Environment, NodeId, PhysicalTime, Scheme};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use talk::Pattern;

/// Participants, and ids that are known: theirs and those of the departed.
const SIZES: [(usize, usize); 4] = [(64, 64), (64, 1024), (64, 16_384), (1024, 1024)];

/// Ids in no order, as many as were given.
struct Ids(u64);

impl Environment for Ids {
    fn now(&mut self) -> PhysicalTime {
        PhysicalTime::ZERO
    }

    fn fresh_id(&mut self) -> NodeId {
        self.0 += 1;
        NodeId::new(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32))
    }
}

struct Talk<C: CausalClock> {
    clocks: Vec<C>,
    messages: Vec<(usize, usize)>,
    next: usize,
    /// Of each participant, the latest stamp, where they are kept.
    stamps: Option<Vec<C::Stamp>>,
    ids: Ids,
}

impl<C: CausalClock> Talk<C> {
    /// After as many messages as it takes for knowledge to have come round.
    fn new(scheme: &impl Scheme<Clock = C>, sizes: (usize, usize), pattern: Pattern) -> Self {
        let (live, known) = sizes;
        let mut ids = Ids(0);
        let env = &mut ids;
        let mut first = scheme.seed(env);
        let mut clocks: Vec<C> = (1..known).map(|_| first.fork(env)).collect();
        for clock in &mut clocks {
            let stamp = clock.send(env).expect("room");
            first.merge(&stamp, env).expect("room");
        }
        let all = first.send(env).expect("room");
        clocks.truncate(live - 1);
        clocks.iter_mut().for_each(|clock| clock.receive(&all, env).expect("room"));
        clocks.push(first);
        let messages = pattern.messages(live, 64 * live);
        let mut talk = Self { clocks, messages, next: 0, stamps: None, ids };
        (0..64 * live).for_each(|_| talk.step());
        talk
    }

    fn keeping(mut self) -> Self {
        self.stamps = Some(self.clocks.iter().map(C::stamp).collect());
        self
    }

    /// A message is sent and received.
    fn step(&mut self) {
        let (from, to) = self.messages[self.next % self.messages.len()];
        self.next += 1;
        let stamp = self.clocks[from].send(&mut self.ids).expect("room");
        self.clocks[to].receive(&stamp, &mut self.ids).expect("room");
        if let Some(stamps) = &mut self.stamps {
            stamps[from] = stamp;
            stamps[to] = self.clocks[to].stamp();
        }
    }
}

fn scheme<S: Scheme>(c: &mut Criterion, scheme: &S) {
    for sizes in SIZES {
        for (pattern, name) in Pattern::ALL {
            for how in ["passed", "kept"] {
                let talk = || {
                    let talk = Talk::new(scheme, sizes, pattern);
                    if how == "kept" { talk.keeping() } else { talk }
                };
                let mut settled = None;
                let id = BenchmarkId::new(scheme.name(), format!("{}-of-{}", sizes.0, sizes.1));
                c.benchmark_group(format!("{how}/{name}")).bench_function(id, |bench| {
                    let talk = settled.get_or_insert_with(talk);
                    bench.iter(|| talk.step());
                });
            }
        }
    }
}

fn running(c: &mut Criterion) {
    scheme(c, &VectorClocks {});
    scheme(c, &TreeClocks {});
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = running
}
criterion_main!(benches);
