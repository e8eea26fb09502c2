//! What crashes cost, with and without a keeper that gives lost ids back:
//! `cargo run --release -p itc --example lost_ids`.
//!
//! 16 replicas. Each iteration, one makes an event and sends it to another;
//! one crashes, and one of the others forks a newborn in its place. With the
//! keeper, the dead one's id is reclaimed by another replica, at random or the
//! best of all by [`placement`](itc::placement). The mean bytes of a replica's
//! whole clock, over 30 seeds, with 95 % intervals of the mean.

use causal_clock::Wire;
use itc::keeper::{Keeper, Member};
use itc::{Itc, placement};

const REPLICAS: usize = 16;
const CHECKPOINTS: [usize; 3] = [100, 1_000, 8_000];

#[derive(Clone, Copy)]
enum Remedy {
    None,
    Reclaim,
    ReclaimAndPlace,
}

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

/// The mean bytes at each checkpoint.
fn run(remedy: Remedy, seed: u64) -> [f64; CHECKPOINTS.len()] {
    let mut rng = Rng(seed);
    let mut keeper = Keeper::new(0);
    let mut live: Vec<Member> = keeper.seed().into_iter().collect();
    while live.len() < REPLICAS {
        for parent in 0..live.len() {
            let newborn = live[parent].fork(&mut keeper).expect("forked");
            live.push(newborn);
        }
    }
    let mut bytes = [0.0; CHECKPOINTS.len()];
    for iteration in 1..=CHECKPOINTS[CHECKPOINTS.len() - 1] {
        let [from, to, dead, heir, parent] = [16, 16, 16, 15, 15].map(|n: usize| rng.below(n));
        live[from].event().expect("an event");
        let message = live[from].publish(&mut keeper).expect("published");
        live[to].merge(&message);
        let dead = live.remove(dead);
        let clocks = || live.iter().map(Member::clock);
        let (heir, parent) = match remedy {
            Remedy::ReclaimAndPlace => {
                let heir = placement::best_heir(dead.clock(), clocks()).unwrap_or(heir);
                (heir, parent)
            }
            _ => (heir, parent),
        };
        if !matches!(remedy, Remedy::None) {
            live[heir].reclaim(dead.ticket(), &mut keeper).expect("reclaimed");
        }
        let parent = match remedy {
            Remedy::ReclaimAndPlace => {
                placement::best_parent(live.iter().map(Member::clock)).unwrap_or(parent)
            }
            _ => parent,
        };
        let newborn = live[parent].fork(&mut keeper).expect("forked");
        live.push(newborn);
        if let Some(at) = CHECKPOINTS.iter().position(|at| *at == iteration) {
            let total: usize = live.iter().map(|m| Itc::encoded_len(m.clock())).sum();
            bytes[at] = total as f64 / REPLICAS as f64;
        }
    }
    bytes
}

fn main() {
    let seeds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(30);
    println!("| iterations | no remedy | reclaimed at random | reclaimed and placed |");
    println!("|--:|--:|--:|--:|");
    let columns = [Remedy::None, Remedy::Reclaim, Remedy::ReclaimAndPlace]
        .map(|remedy| (0..seeds).map(|seed| run(remedy, seed)).collect::<Vec<_>>());
    for (at, iterations) in CHECKPOINTS.iter().enumerate() {
        print!("| {iterations} |");
        for column in &columns {
            let n = column.len() as f64;
            let mean = column.iter().map(|bytes| bytes[at]).sum::<f64>() / n;
            let variance = column.iter().map(|b| (b[at] - mean).powi(2)).sum::<f64>() / (n - 1.0);
            // Student's t for 29 degrees of freedom; close for more.
            print!(" {mean:.1} ± {:.1} |", 2.045 * (variance / n).sqrt());
        }
        println!();
    }
}
