//! Bytes of a stamp in the two wire forms, in the scenarios of the paper's
//! section 6: `cargo run --release -p itc --example sizes`.
//!
//! * *Data causality, dynamic*: 100,000 iterations; each is a fork, an event
//!   and a join, each on random replicas.
//! * *Process causality, static*: 25,000 iterations; each is an internal
//!   event, a send (event; peek) and a receive (join; event) on random
//!   replicas.
//!
//! The replicas are forked in balance first. The means are of the event trees
//! of all replicas in the end (anonymous stamps, without the paper's three
//! bits for the id 0), over ten runs.

use itc::Itc;

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

fn data(live: &mut Vec<Itc>, rng: &mut Rng) {
    let n = live.len();
    let parent = rng.below(n);
    let newborn = live[parent].fork();
    live.push(newborn);
    live[rng.below(n + 1)].event().expect("an event");
    let retired = live.swap_remove(rng.below(n + 1));
    live[rng.below(n)].join(retired).expect("disjoint ids");
}

#[expect(clippy::ptr_arg, reason = "a scenario has this type")]
fn process(live: &mut Vec<Itc>, rng: &mut Rng) {
    let n = live.len();
    live[rng.below(n)].event().expect("an event");
    let message = live[rng.below(n)].send().expect("an event");
    live[rng.below(n)].receive(&message).expect("an event");
}

fn main() {
    let runs = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10);
    println!("| scenario | replicas | appendix A | compact | ratio |");
    println!("|---|--:|--:|--:|--:|");
    type Step = fn(&mut Vec<Itc>, &mut Rng);
    let scenarios: [(&str, usize, Step); 2] =
        [("data", 100_000, data), ("process", 25_000, process)];
    for (name, iterations, step) in scenarios {
        for n in [4, 8, 16, 32, 64, 128] {
            let (mut plain, mut compact) = (0, 0);
            for run in 0..runs {
                let mut rng = Rng(run);
                let mut seed = Itc::seed();
                let mut live = seed.fork_many(n - 1);
                live.push(seed);
                (0..iterations).for_each(|_| step(&mut live, &mut rng));
                for clock in &live {
                    plain += clock.event_tree().encoded_bits().div_ceil(8);
                    compact += clock.peek().to_compact().len();
                }
            }
            let mean = |bytes: usize| bytes as f64 / (n as u64 * runs) as f64;
            let ratio = compact as f64 / plain as f64;
            println!("| {name} | {n} | {:.1} | {:.1} | {ratio:.3} |", mean(plain), mean(compact));
        }
    }
}
