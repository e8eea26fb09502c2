//! What dropping entries costs: bytes a stamp against guesses and wrong
//! guesses, over all pairs of events of one execution with churn.
//!
//! ```text
//! cargo run --release -p bounded-vc --example frontier [SEED [SKEW_MS]]
//! ```
//!
//! The execution: 16 participants to begin with, 8 to 32 later; of 100 steps
//! two are births and two departures, of which half are crashes, half of the
//! rest messages that arrive up to 16 steps later; a step a millisecond; each
//! physical clock is ahead by up to `SKEW_MS`. It is a small model to compare
//! rules by. The harness has the real ones, and who is best within so many bytes.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, DropOrder,
    HorizonClocks, HorizonDrop, RiakVectorClocks, VectorClocks,
};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, Environment, NodeId, PhysicalTime, Scheme, Wire,
};
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

const EVENTS: usize = 2_500;

/// What happens, participants numbered in order of birth.
#[derive(Clone, Copy)]
enum Step {
    Event(usize),
    /// The next message.
    Send(usize),
    /// The message with this number.
    Receive(usize, usize),
    Fork(usize),
    Retire(usize, usize),
    Crash(usize),
}

fn execution(seed: u64) -> Vec<Step> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut below = |n: usize| random.next_u32() as usize % n;
    let mut steps: Vec<Step> = (0..15).map(|_| Step::Fork(0)).collect();
    let (mut live, mut born): (Vec<usize>, usize) = ((0..16).collect(), 16);
    let (mut pending, mut messages, mut events) = (Vec::new(), 0, 0);
    while events < EVENTS {
        let at = live[below(live.len())];
        match below(100) {
            0 | 1 if live.len() < 32 => {
                steps.push(Step::Fork(at));
                live.push(born);
                born += 1;
            }
            kind @ (2 | 3) if live.len() > 8 => {
                live.retain(|other| *other != at);
                let into = live[below(live.len())];
                steps.push(if kind == 2 { Step::Crash(at) } else { Step::Retire(at, into) });
            }
            4..52 => {
                steps.push(Step::Send(at));
                pending.push((steps.len() + below(16), messages));
                messages += 1;
                events += 1;
            }
            _ => {
                steps.push(Step::Event(at));
                events += 1;
            }
        }
        if let Some(due) = pending.iter().position(|(due, _)| *due <= steps.len()) {
            let to = live[below(live.len())];
            steps.push(Step::Receive(to, pending.remove(due).1));
            events += 1;
        }
    }
    steps
}

/// The world as one participant sees it.
struct World {
    ids: Pcg64,
    step: u64,
    acting: usize,
    skew_ms: u64,
}

impl Environment for World {
    fn now(&mut self) -> PhysicalTime {
        let mut skews = Pcg64::seed_from_u64(self.acting as u64);
        let ahead = Duration::from_millis(skews.next_u64() % (self.skew_ms + 1));
        PhysicalTime::from_secs(1_780_000_000)
            .saturating_add(Duration::from_millis(self.step))
            .saturating_add(ahead)
    }

    fn fresh_id(&mut self) -> NodeId {
        NodeId::new(self.ids.next_u64())
    }
}

/// The stamps of all events of a scheme.
fn replay<S: Scheme>(
    scheme: &S,
    steps: &[Step],
    skew_ms: u64,
) -> Vec<<S::Clock as CausalClock>::Stamp> {
    let env = &mut World { ids: Pcg64::seed_from_u64(1), step: 0, acting: 0, skew_ms };
    let mut clocks = vec![Some(scheme.seed(env))];
    let (mut stamps, mut messages) = (Vec::new(), Vec::new());
    for step in steps {
        env.step += 1;
        let (Step::Event(at)
        | Step::Send(at)
        | Step::Receive(at, _)
        | Step::Fork(at)
        | Step::Retire(at, _)
        | Step::Crash(at)) = *step;
        env.acting = at;
        let Some(mut clock) = clocks[at].take() else { unreachable!("the dead do nothing") };
        match *step {
            Step::Event(_) | Step::Send(_) => clock.event(env).expect("room"),
            Step::Receive(_, message) => clock.receive(&messages[message], env).expect("room"),
            Step::Fork(_) => clocks.push(Some(clock.fork(env))),
            Step::Retire(_, into) => {
                let target = clocks[into].as_mut().expect("alive");
                target.join(clock, env).expect("no join is refused");
                continue;
            }
            Step::Crash(_) => continue,
        }
        if let Step::Send(_) = step {
            messages.push(clock.stamp());
        }
        if let Step::Event(_) | Step::Send(_) | Step::Receive(..) = step {
            stamps.push(clock.stamp());
        }
        clocks[at] = Some(clock);
    }
    stamps
}

/// The mean length past the beginning, when limits are reached.
fn mean_bytes(stamps: &[impl Wire]) -> f64 {
    let late = &stamps[stamps.len() / 2..];
    late.iter().map(Wire::encoded_len).sum::<usize>() as f64 / late.len() as f64
}

struct Study {
    steps: Vec<Step>,
    truth: Vec<CausalOrder>,
    skew_ms: u64,
}

impl Study {
    fn row<S: Scheme>(&self, scheme: &S) {
        let stamps = replay(scheme, &self.steps, self.skew_ms);
        let bytes = mean_bytes(&stamps);
        let (mut ordered, mut concurrent, mut missed, mut invented, mut other, mut proven, mut lie) =
            (0, 0, 0, 0, 0, 0, 0);
        let mut truth = self.truth.iter();
        for (i, left) in stamps.iter().enumerate() {
            for right in &stamps[i + 1..] {
                let truth = *truth.next().expect("a truth a pair");
                let said = left.compare(right);
                let (is, says) = (truth.is_ordered(), said.order.is_ordered());
                ordered += u64::from(is);
                concurrent += u64::from(!is);
                missed += u64::from(is && said.order == CausalOrder::Concurrent);
                invented += u64::from(!is && says);
                other += u64::from(is && says && said.order != truth)
                    + u64::from(said.order == CausalOrder::Equal);
                proven += u64::from(said.proven);
                lie += u64::from(said.proven && said.order != truth);
            }
        }
        let percent = |part: u64, of: u64| 100.0 * part as f64 / of as f64;
        let pairs = ordered + concurrent;
        println!(
            "| `{}` | {bytes:.1} | {:.2} | {:.2} | {:.2} | {:.1} | {:.2} |",
            scheme.name(),
            percent(missed, ordered),
            percent(invented, concurrent),
            percent(other, pairs),
            percent(proven, pairs),
            percent(missed + invented + other, pairs),
        );
        if lie > 0 {
            println!("  {lie} proven verdicts of `{}` are wrong", scheme.name());
        }
    }
}

fn k(k: u32) -> NonZeroU32 {
    NonZeroU32::new(k).expect("not zero")
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<u64>().expect("a number"));
    let seed = arguments.next().unwrap_or(1);
    let skew_ms = arguments.next().unwrap_or(0);
    let steps = execution(seed);
    let exact = replay(&VectorClocks {}, &steps, skew_ms);
    let truth: Vec<CausalOrder> = (0..exact.len())
        .flat_map(|i| (i + 1..exact.len()).map(move |j| (i, j)))
        .map(|(i, j)| exact[i].compare(&exact[j]).order)
        .collect();
    let ordered = truth.iter().filter(|order| order.is_ordered()).count();
    println!(
        "{} events, {:.1} % of pairs ordered, seed {seed}, skew up to {skew_ms} ms\n",
        exact.len(),
        100.0 * ordered as f64 / truth.len() as f64,
    );
    println!(
        "| scheme | bytes | false concurrent, % of ordered | false order, % of concurrent | reversed or equal, % | proven, % | wrong, % |"
    );
    println!("|---|---|---|---|---|---|---|");
    let study = Study { steps, truth, skew_ms };
    study.row(&VectorClocks {});
    for n in [4, 10, 24, 50] {
        study.row(&BoundedVectorClocks { k: k(n) });
    }
    for drop in [DropOrder::Stalest, DropOrder::Smallest, DropOrder::Random] {
        study.row(&CappedVectorClocks { k: k(10), drop, ..CappedVectorClocks::default() });
    }
    for drop in [DropOrder::Oldest, DropOrder::Smallest] {
        let rule = CappedVectorClocks { k: k(10), drop, keep_own: false, seed: 0 };
        study.row(&rule);
    }
    study.row(&AgedVectorClocks { age: Duration::from_millis(100) });
    let (young, old) = (Duration::from_millis(20), Duration::from_secs(1));
    study.row(&RiakVectorClocks { small: 10, big: 20, young, old, keep_own: true });
    study.row(&AkkaVectorClocks::default());
    for n in [4, 10, 24, 50] {
        study.row(&HorizonClocks { k: k(n), ..HorizonClocks::default() });
    }
    for drop in [HorizonDrop::Smallest, HorizonDrop::Random] {
        study.row(&HorizonClocks { drop, ..HorizonClocks::default() });
    }
    let horizons = NonZeroU16::MIN.saturating_add(15);
    for drop in [HorizonDrop::Oldest, HorizonDrop::Smallest] {
        let tick = Duration::from_secs(365 * 86_400);
        study.row(&HorizonClocks { drop, horizons, tick, ..HorizonClocks::default() });
    }
}
