//! The speed and size of interval tree clocks beside the other Rust crates,
//! as a table in Markdown: `cargo run --release` in this folder.
//!
//! Every crate does the same steps on participants that were forked in
//! balance: 60 % events, 30 % syncs (join; fork) of two, 10 % a fork of one
//! and the retirement of another. The crates take turns for several rounds
//! of the same steps, and each hundred steps count with the processor time of
//! the fastest round. Sizes are the mean of a participant's whole
//! stamp, id included, in the crate's own wire form (see `peer.rs`).

mod peer;
mod wire;

use std::env;

use cpu_time::ThreadTime;
use peer::Peer;

/// 64-bit linear congruential generator, upper bits.
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

/// Steps between two looks at the clock and the sizes.
const CHUNK: usize = 100;

struct Measured {
    /// Of each chunk of steps.
    nanos: Vec<u128>,
    bytes: f64,
    other_bytes: f64,
}

fn balanced<P: Peer>(participants: usize) -> Vec<Option<P>> {
    let mut live: Vec<Option<P>> = vec![Some(P::seed())];
    while live.len() < participants {
        for parent in 0..live.len().min(participants - live.len()) {
            let newborn = live[parent].as_mut().map(P::fork);
            live.push(newborn);
        }
    }
    live
}

fn run<P: Peer>(participants: usize, steps: usize) -> Measured {
    let mut rng = Rng(participants as u64);
    let mut live: Vec<Option<P>> = balanced(participants);
    let (mut nanos, mut bytes, mut other_bytes) = (Vec::new(), 0, 0);
    // Sizes are taken between chunks, off the clock.
    for _ in 0..steps / CHUNK {
        let start = ThreadTime::now();
        for _ in 0..CHUNK {
            step(&mut live, &mut rng);
        }
        nanos.push(start.elapsed().as_nanos());
        let at = rng.below(participants);
        bytes += live[at].as_ref().map_or(0, P::size);
        other_bytes += live[at].as_ref().map_or(0, P::other_size);
    }
    let chunks = nanos.len() as f64;
    Measured { nanos, bytes: bytes as f64 / chunks, other_bytes: other_bytes as f64 / chunks }
}

fn step<P: Peer>(live: &mut [Option<P>], rng: &mut Rng) {
    let (a, b) = rng.pair(live.len());
    let kind = rng.below(10);
    let (Some(mut one), Some(other)) = (live[a].take(), live[b].take()) else { return };
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
    (live[a], live[b]) = (Some(one), Some(other));
}

/// Nanoseconds a step. Every round does the very same steps, so the fastest
/// that a chunk has been in any of them is the least disturbed.
fn nanos_a_step(rounds: &[Measured]) -> f64 {
    let chunks = rounds.iter().map(|round| round.nanos.len()).min().unwrap_or(0);
    let fastest = |chunk: usize| rounds.iter().map(|round| round.nanos[chunk]).min().unwrap_or(0);
    (0..chunks).map(fastest).sum::<u128>() as f64 / (chunks * CHUNK) as f64
}

fn main() {
    let steps = env::args().nth(1).and_then(|steps| steps.parse().ok()).unwrap_or(20_000);
    let rounds = env::args().nth(2).and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    println!("| participants | crate | ns a step | bytes | times slower than this crate |");
    println!("|--:|---|--:|--:|--:|");
    for participants in [8, 64, 256] {
        let mut all: [Vec<Measured>; 4] = Default::default();
        for _ in 0..rounds {
            all[0].push(run::<itc::Itc>(participants, steps));
            all[1].push(run::<treeclocks::ItcPair>(participants, steps));
            all[2].push(run::<lz_interval_tree_clock::Stamp>(participants, steps));
            all[3].push(run::<peer_itc::Stamp>(participants, steps));
        }
        let names = [
            itc::Itc::NAME,
            treeclocks::ItcPair::NAME,
            lz_interval_tree_clock::Stamp::NAME,
            peer_itc::Stamp::NAME,
        ];
        let ours = nanos_a_step(&all[0]);
        for (name, rounds) in names.iter().zip(&all) {
            let Some(Measured { bytes, other_bytes, .. }) = rounds.first() else { continue };
            let nanos = nanos_a_step(rounds);
            let ratio = nanos / ours;
            println!("| {participants} | {name} | {nanos:.0} | {bytes:.1} | {ratio:.1} |");
            if *other_bytes > 0.0 {
                println!("| {participants} | {name}, compact form | | {other_bytes:.1} | |");
            }
        }
    }
    println!();
    println!(
        "| participants | appendix A bytes | encode MB/s | decode | compact bytes | encode | decode |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|");
    for participants in [8, 64, 256] {
        let mut rng = Rng(participants as u64);
        let mut live = balanced(participants);
        (0..steps).for_each(|_| step(&mut live, &mut rng));
        let clocks: Vec<itc::Itc> = live.into_iter().flatten().collect();
        wire::row(participants, &clocks);
    }
}
