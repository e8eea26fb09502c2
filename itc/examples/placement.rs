//! What it saves to choose among `d` candidates whom to fork from and into
//! whom to retire: `cargo run --release -p itc --example placement`.
//!
//! The scenario is the paper's *data causality, dynamic* (section 6): each
//! iteration forks a replica, makes an event and retires a replica, with one
//! gossip besides, all at random; 64 replicas, 10,000 iterations. Every `d`
//! sees the same random numbers, so the runs of one seed are paired. The mean
//! bytes of a replica's whole clock at the end, over the seeds, with 95 %
//! intervals of the mean.

use causal_clock::Wire;
use itc::{Itc, placement};

const REPLICAS: usize = 64;

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

/// The best of `d` candidates that start at a random one; of all, where `d` is
/// as large as that.
fn choose(
    from: usize,
    d: usize,
    live: &[Itc],
    best: impl Fn(&mut dyn Iterator<Item = &Itc>) -> Option<usize>,
) -> usize {
    // Neighbours in `live` are no neighbours in the interval: replicas are
    // replaced at random places.
    let at = |k: usize| (from + k) % live.len();
    let mut candidates = (0..d.min(live.len())).map(|k| &live[at(k)]);
    at(best(&mut candidates).unwrap_or(0))
}

fn mean_bytes(fork_best_of: usize, retire_best_of: usize, seed: u64, iterations: usize) -> f64 {
    let mut rng = Rng(seed);
    let mut first = Itc::seed();
    let mut live = first.fork_many(REPLICAS - 1);
    live.push(first);
    for _ in 0..iterations {
        let [parent, newborn_at, event, retiring, heir, a, b] =
            [(); 7].map(|()| rng.below(1 << 30));
        let parent = choose(parent % REPLICAS, fork_best_of, &live, |c| placement::best_parent(c));
        let newborn = live[parent].fork();
        live.insert(newborn_at % REPLICAS, newborn);
        live[event % REPLICAS].event().expect("an event");
        let retiring = live.remove(retiring % (REPLICAS + 1));
        let heir =
            choose(heir % REPLICAS, retire_best_of, &live, |c| placement::best_heir(&retiring, c));
        live[heir].join(retiring).expect("disjoint ids");
        let message = live[a % REPLICAS].peek();
        live[b % REPLICAS].merge(&message);
    }
    live.iter().map(Wire::encoded_len).sum::<usize>() as f64 / REPLICAS as f64
}

fn main() {
    let argument = |at, default| {
        std::env::args().nth(at).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (seeds, iterations) = (argument(1, 30), argument(2, 10_000));
    println!("| fork best of | retire best of | mean bytes | 95 % interval |");
    println!("|--:|--:|--:|--:|");
    for (fork, retire) in [(1, 1), (1, 4), (4, 1), (2, 2), (4, 4), (8, 8), (REPLICAS, REPLICAS)] {
        let bytes: Vec<f64> =
            (0..seeds as u64).map(|seed| mean_bytes(fork, retire, seed, iterations)).collect();
        let n = bytes.len() as f64;
        let mean = bytes.iter().sum::<f64>() / n;
        let variance = bytes.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Student's t for 29 degrees of freedom; close for more.
        let half = 2.045 * (variance / n).sqrt();
        println!("| {fork} | {retire} | {mean:.1} | ±{half:.1} |");
    }
}
