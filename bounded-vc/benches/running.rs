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

/// Ids in no order, and how many were given.
#[derive(Clone, Copy)]
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
    /// After so many messages that each has news of the others.
    fn new((clocks, ids): (Vec<C>, Ids), pattern: Pattern) -> Self {
        let live = clocks.len();
        let messages = pattern.messages(live, 64 * live);
        let mut talk = Self { clocks, messages, next: 0, stamps: None, ids };
        (0..16 * live).for_each(|_| talk.step());
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

/// Clocks that each know all ids, made when they are first asked for.
struct Acquainted<S: Scheme> {
    scheme: S,
    live: usize,
    known: usize,
    clocks: Option<(Vec<S::Clock>, Ids)>,
}

impl<S: Scheme<Clock: Clone>> Acquainted<S> {
    const fn new(scheme: S, (live, known): (usize, usize)) -> Self {
        Self { scheme, live, known, clocks: None }
    }

    fn clocks(&mut self) -> (Vec<S::Clock>, Ids) {
        let make = || {
            let mut ids = Ids(0);
            let env = &mut ids;
            let mut first = self.scheme.seed(env);
            let mut clocks: Vec<_> = (1..self.known).map(|_| first.fork(env)).collect();
            for clock in &mut clocks {
                let stamp = clock.send(env).expect("room");
                first.merge(&stamp, env).expect("room");
            }
            let all = first.send(env).expect("room");
            clocks.truncate(self.live - 1);
            clocks.iter_mut().for_each(|clock| clock.receive(&all, env).expect("room"));
            clocks.push(first);
            (clocks, ids)
        };
        self.clocks.get_or_insert_with(make).clone()
    }

    fn talk(&mut self, c: &mut Criterion, pattern: Pattern, kept: bool) {
        let how = if kept { "kept" } else { "passed" };
        let id = BenchmarkId::new(self.scheme.name(), format!("{}-of-{}", self.live, self.known));
        let mut settled = None;
        c.benchmark_group(format!("{how}/{}", pattern.name())).bench_function(id, |bench| {
            let talk = settled.get_or_insert_with(|| {
                let talk = Talk::new(self.clocks(), pattern);
                if kept { talk.keeping() } else { talk }
            });
            bench.iter(|| talk.step());
        });
    }
}

/// One beside the other, since the machine may be faster at one time than at
/// another.
fn running(c: &mut Criterion) {
    for sizes in SIZES {
        let mut vectors = Acquainted::new(VectorClocks {}, sizes);
        let mut trees = Acquainted::new(TreeClocks {}, sizes);
        for pattern in Pattern::ALL {
            for kept in [false, true] {
                vectors.talk(c, pattern, kept);
                trees.talk(c, pattern, kept);
            }
        }
    }
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
