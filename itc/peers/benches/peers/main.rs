//! Interval tree clocks beside the other Rust crates: `cargo bench` in this
//! folder. After criterion's own report, it prints its medians and their
//! ratios, and the sizes, as tables in Markdown.
//!
//! Every crate does the same steps on participants that were forked in
//! balance: 60 % events, 30 % syncs (join; fork) of two, 10 % a fork of one
//! and the retirement of another. The first 20,000 steps are not measured, so
//! that stamps have their usual size; in their second half, the sizes of all
//! participants are taken again and again: whole stamps, ids included, in the
//! crate's own wire form (see `peer.rs`). The 500 steps after them are.

mod medians;
mod peer;
mod wire;

use std::time::Duration;

use criterion::{BatchSize, Criterion};
use medians::Medians;
use peer::Peer;

/// 64-bit linear congruential generator, upper bits.
#[derive(Clone)]
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }

    /// Two different numbers.
    fn pair(&mut self, n: usize) -> (usize, usize) {
        let (a, b) = (self.below(n), self.below(n - 1));
        (a, b + usize::from(b >= a))
    }
}

const PARTICIPANTS: [usize; 3] = [8, 64, 256];

/// Steps before the measured ones; few where nothing is measured (`--test`).
fn before() -> usize {
    if std::env::args().any(|arg| arg == "--test") { 1_000 } else { 20_000 }
}

/// Steps that are measured at once, from the same beginning each time.
const STEPS: usize = 500;

/// Participants after many steps.
struct Population<P> {
    live: Vec<Option<P>>,
    rng: Rng,
    /// The mean size in each of the two wire forms.
    bytes: [f64; 2],
}

impl<P: Peer> Population<P> {
    fn balanced(participants: usize) -> Self {
        let mut live: Vec<Option<P>> = vec![Some(P::seed())];
        while live.len() < participants {
            for parent in 0..live.len().min(participants - live.len()) {
                let newborn = live[parent].as_mut().map(P::fork);
                live.push(newborn);
            }
        }
        Self { live, rng: Rng(participants as u64), bytes: [0.0; 2] }
    }

    fn usual(participants: usize) -> Self {
        let mut all = Self::balanced(participants);
        let (mut bytes, mut count, before) = ([0, 0], 0, before());
        for done in 0..before {
            all.step();
            if done > before / 2 && done % participants == 0 {
                for clock in all.live.iter().flatten() {
                    bytes[0] += clock.size();
                    bytes[1] += clock.other_size();
                    count += 1;
                }
            }
        }
        all.bytes = bytes.map(|bytes| bytes as f64 / f64::from(count));
        all
    }

    fn again(&self) -> Self {
        let live = self.live.iter().map(|clock| clock.as_ref().map(P::again)).collect();
        Self { live, rng: self.rng.clone(), bytes: self.bytes }
    }

    fn step(&mut self) {
        let (a, b) = self.rng.pair(self.live.len());
        let kind = self.rng.below(10);
        let (Some(mut one), Some(other)) = (self.live[a].take(), self.live[b].take()) else {
            return;
        };
        let other = match kind {
            0..6 => {
                one.event();
                other
            }
            6..9 => one.sync(other),
            _ => {
                let newborn = one.fork();
                one.join(other);
                newborn
            }
        };
        (self.live[a], self.live[b]) = (Some(one), Some(other));
    }
}

/// Measures one crate, and gives its sizes back.
fn measure<P: Peer>(criterion: &mut Criterion, participants: usize) -> [f64; 2] {
    let usual = Population::<P>::usual(participants);
    let mut group = criterion.benchmark_group(participants.to_string());
    group.bench_function(P::NAME, |b| {
        b.iter_batched_ref(
            || usual.again(),
            |all| (0..STEPS).for_each(|_| all.step()),
            BatchSize::PerIteration,
        );
    });
    usual.bytes
}

fn main() {
    let medians = Medians::empty();
    let mut criterion = Criterion::default()
        .output_directory(medians.folder())
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut rows = Vec::new();
    for participants in PARTICIPANTS {
        let sizes = [
            (itc::Itc::NAME, measure::<itc::Itc>(&mut criterion, participants)),
            (
                treeclocks::ItcPair::NAME,
                measure::<treeclocks::ItcPair>(&mut criterion, participants),
            ),
            (
                lz_interval_tree_clock::Stamp::NAME,
                measure::<lz_interval_tree_clock::Stamp>(&mut criterion, participants),
            ),
            (peer_itc::Stamp::NAME, measure::<peer_itc::Stamp>(&mut criterion, participants)),
        ];
        rows.push((participants, sizes));
    }
    let wire = PARTICIPANTS.map(|participants| wire::measure(&mut criterion, participants));
    criterion.final_summary();

    println!("| participants | crate | ns a step | bytes | times slower than this crate |");
    println!("|--:|---|--:|--:|--:|");
    for (participants, sizes) in rows {
        let nanos =
            |name| medians.nanos(&participants.to_string(), name).map(|nanos| nanos / STEPS as f64);
        for (name, [bytes, other_bytes]) in sizes {
            // Nothing was timed in a run with `--test`.
            if let (Some(its), Some(ours)) = (nanos(name), nanos(itc::Itc::NAME)) {
                let ratio = its / ours;
                println!("| {participants} | {name} | {its:.0} | {bytes:.1} | {ratio:.1} |");
            }
            if other_bytes > 0.0 {
                println!("| {participants} | {name}, compact form | | {other_bytes:.1} | |");
            }
        }
    }
    wire::print(&wire, &medians);
}
