//! Choosing among candidates costs no exactness, whatever their number, and
//! costs are what they are said to be.

use causal_clock::CausalOrder;
use itc::{Id, Itc, Stamp, placement};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Event(usize),
    Receive(usize, usize),
    Fork(usize),
    Retire(usize, usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = 0..usize::MAX;
    let pair = (at.clone(), at.clone());
    let op = prop_oneof![
        4 => at.clone().prop_map(Op::Event),
        4 => pair.clone().prop_map(|(a, b)| Op::Receive(a, b)),
        3 => at.prop_map(Op::Fork),
        2 => pair.prop_map(|(a, b)| Op::Retire(a, b)),
    ];
    prop::collection::vec(op, 0..120)
}

/// A participant with the numbers of the events that it knows of.
struct Tracked {
    clock: Itc,
    past: Vec<usize>,
}

fn learn(past: &mut Vec<usize>, more: &[usize]) {
    past.extend_from_slice(more);
    past.sort_unstable();
    past.dedup();
}

/// The best of `d` candidates from `start` on.
fn choose(
    live: &[Tracked],
    start: usize,
    d: usize,
    best: impl Fn(&mut dyn Iterator<Item = &Itc>) -> Option<usize>,
) -> usize {
    let at = |k: usize| (start % live.len() + k) % live.len();
    let mut candidates = (0..d.min(live.len())).map(|k| &live[at(k)].clock);
    at(best(&mut candidates).expect("all have something to give"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn is_exact_for_every_d(ops in ops(), d in prop_oneof![Just(1_usize), Just(2), Just(4), Just(8), Just(64)]) {
        let mut live = vec![Tracked { clock: Itc::seed(), past: vec![] }];
        let mut events: Vec<(Stamp, Vec<usize>)> = Vec::new();
        for op in ops {
            let n = live.len();
            let number = events.len();
            let happens = match op {
                Op::Event(a) => Some(a % n),
                Op::Receive(a, b) if number > 0 => {
                    let (stamp, past) = &events[b % number];
                    live[a % n].clock.merge(stamp);
                    learn(&mut live[a % n].past, past);
                    Some(a % n)
                }
                Op::Fork(a) if n < 16 => {
                    let parent = choose(&live, a, d, |c| placement::best_parent(c));
                    let clock = live[parent].clock.fork();
                    let past = live[parent].past.clone();
                    live.push(Tracked { clock, past });
                    None
                }
                Op::Retire(a, b) if n > 1 => {
                    let retiring = live.remove(a % n);
                    let heir = choose(&live, b, d, |c| placement::best_heir(&retiring.clock, c));
                    learn(&mut live[heir].past, &retiring.past);
                    live[heir].clock.join(retiring.clock).expect("disjoint ids");
                    None
                }
                _ => None,
            };
            if let Some(at) = happens {
                live[at].clock.event().expect("an event");
                live[at].past.push(number);
                events.push((live[at].clock.peek(), live[at].past.clone()));
            }
        }
        for (i, (left, before)) in events.iter().enumerate() {
            for (j, (right, after)) in events.iter().enumerate() {
                let truth = CausalOrder::from_leq(after.contains(&i), before.contains(&j));
                prop_assert_eq!(left.compare(right), truth);
            }
        }
    }
}

#[test]
fn costs_are_in_bits() {
    let id = |text: &str| text.parse::<Id>().expect("normal form");
    // `1` has 3 bits, `(1,0)` and `(0,1)` have 5 each.
    assert_eq!(id("1").split_cost(), Some(7));
    // `((1,0),(0,1))` has 12, and splits into two of 7.
    assert_eq!(id("((1,0),(0,1))").split_cost(), Some(2));
    assert_eq!(Id::anonymous().split_cost(), None);
    assert_eq!(id("(1,0)").sum_cost(&id("(0,1)")), Ok(-2));
    assert_eq!(id("(1,0)").sum_cost(&id("(0,(1,0))")), Ok(5));
    assert!(id("(1,0)").sum_cost(&id("((1,0),0)")).is_err());
    let clock = |text: &str| Itc::from_parts(id(text), itc::EventTree::zero());
    assert_eq!(placement::best_parent([&clock("0")]), None);
    assert_eq!(placement::best_heir(&clock("1"), [&clock("(1,0)"), &clock("0")]), Some(1));
}
