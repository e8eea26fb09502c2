//! Counts the initial chances. Not a test of anything:
//! `cargo test -p itc --release initial_chances -- --ignored --nocapture`
//! prints the table of `priors.rs`, and the same with `training::sizes` compares
//! the sizes of the two forms.

extern crate std;

use std::vec::Vec;
use std::{print, println};

use super::coder::{Chance, Coder};
use super::model::{CHANCES, EventModel};
use super::{code_events, encode};
use crate::Itc;

/// A generator of its own, so that the corpus is always the same.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

/// Counts ones and bits in place of learning.
struct Counter;

impl Coder for Counter {
    fn code(&mut self, chance: &mut Chance, bit: bool) -> bool {
        chance.count(bit);
        bit
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Scenario {
    /// The paper's: fork, event, join, each on random replicas.
    Data,
    /// The paper's: events and messages among fixed replicas.
    Process,
    /// Mostly events and messages, some forks and retirements.
    Mixed,
}

fn run(scenario: Scenario, n: usize, seed: u64, steps: usize, mut sample: impl FnMut(&Itc)) {
    let mut rng = Rng(seed);
    let mut seed = Itc::seed();
    let mut live = seed.fork_many(n - 1);
    live.push(seed);
    for step in 0..steps {
        let (a, b) = (rng.below(n), rng.below(n));
        let churn = match scenario {
            Scenario::Data => true,
            Scenario::Process => false,
            Scenario::Mixed => rng.below(10) == 0,
        };
        if churn {
            let newborn = live[a].fork();
            live.push(newborn);
            live[b].event().expect("an event");
            let retired = live.swap_remove(rng.below(n + 1));
            let into = rng.below(n);
            live[into].join(retired).expect("disjoint ids");
        } else {
            live[a].event().expect("an event");
            let message = live[a].peek();
            live[b].merge(&message);
            if rng.below(2) == 0 {
                live[b].event().expect("an event");
            }
        }
        if step > steps / 4 && rng.below(steps) < 60 {
            sample(&live[a]);
        }
    }
}

fn corpus(seed: u64, mut sample: impl FnMut(Scenario, usize, &Itc)) {
    for scenario in [Scenario::Data, Scenario::Process, Scenario::Mixed] {
        for n in [4, 8, 16, 32, 64, 128] {
            for round in 0..4 {
                run(scenario, n, seed + round, 12_000, |clock| sample(scenario, n, clock));
            }
        }
    }
}

#[test]
#[ignore = "prints the table of initial chances; takes a minute"]
fn initial_chances() {
    let mut ones = [0.0; CHANCES];
    let mut bits = [0.0; CHANCES];
    corpus(1, |_, _, clock| {
        let mut model = EventModel::new();
        model.chances = [Chance::ZERO; CHANCES];
        code_events(&mut Counter, &mut model, clock.event_tree());
        for (at, chance) in model.chances.iter().enumerate() {
            let (one, all) = chance.counted();
            // A long stamp soon learns by itself.
            let weight = all.min(30.0) / all.max(1.0);
            ones[at] += weight * one;
            bits[at] += weight * all;
        }
    });
    println!("[");
    for (at, (one, all)) in ones.iter().zip(&bits).enumerate() {
        let chance = ((one + 0.4) / (all + 0.8) * 256.0).clamp(4.0, 250.0);
        print!("{chance:.0}, ");
        if at % 16 == 15 {
            println!();
        }
    }
    println!("\n]");
}

#[test]
#[ignore = "prints sizes; takes a minute"]
fn sizes() {
    let mut cells: Vec<(Scenario, usize, usize, usize, usize)> = Vec::new();
    corpus(1000, |scenario, n, clock| {
        let compact = encode(None, clock.event_tree()).len();
        let plain = clock.event_tree().encoded_bits().div_ceil(8);
        match cells.last_mut() {
            Some(cell) if cell.0 == scenario && cell.1 == n => {
                (cell.2, cell.3, cell.4) = (cell.2 + 1, cell.3 + plain, cell.4 + compact);
            }
            _ => cells.push((scenario, n, 1, plain, compact)),
        }
    });
    for (scenario, n, count, plain, compact) in cells {
        let (plain, compact) = (plain as f64 / count as f64, compact as f64 / count as f64);
        println!("{} {n:4} {plain:8.1} {compact:8.1} {:.3}", scenario as u8, compact / plain);
    }
}
