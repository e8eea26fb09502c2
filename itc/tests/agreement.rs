//! The flat form agrees with the plain recursive definition (`spec`), on
//! arbitrary trees and in arbitrary executions.

mod spec;

use causal_clock::Wire;
use itc::{EventTree, Id, Itc, Stamp};
use proptest::prelude::*;
use spec::{E, I};

fn ids() -> impl Strategy<Value = I> {
    any::<bool>().prop_map(I::Leaf).prop_recursive(8, 48, 2, |inner| {
        // Chains and combs as well as bushes.
        let leaf = any::<bool>().prop_map(I::Leaf);
        prop_oneof![
            2 => (inner.clone(), inner.clone()),
            1 => (inner.clone(), leaf.clone()),
            1 => (leaf, inner),
        ]
        .prop_map(|(l, r)| spec::id(l, r))
    })
}

fn events() -> impl Strategy<Value = E> {
    // Mostly small, so that equal siblings and equal minima are common.
    let number = prop_oneof![16 => 0..3_u64, 2 => 0..100_000_u64, 1 => 0..u64::MAX / 64];
    number.clone().prop_map(E::Leaf).prop_recursive(8, 48, 2, move |inner| {
        let leaf = number.clone().prop_map(E::Leaf);
        let children = prop_oneof![
            2 => (inner.clone(), inner.clone()),
            1 => (inner.clone(), leaf.clone()),
            1 => (leaf, inner),
        ];
        (number.clone(), children).prop_map(|(n, (l, r))| spec::norm(n, l, r))
    })
}

fn real_id(id: &I) -> Id {
    id.to_string().parse().expect("an id in normal form")
}

fn real_events(events: &E) -> EventTree {
    events.to_string().parse().expect("an event tree in normal form")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn text_round_trips(i in ids(), e in events()) {
        prop_assert_eq!(real_id(&i).to_string(), i.to_string());
        prop_assert_eq!(real_events(&e).to_string(), e.to_string());
    }

    #[test]
    fn ids_agree(a in ids(), b in ids()) {
        let (mut left, other) = (real_id(&a), real_id(&b));
        prop_assert_eq!(
            left.sum(&other).ok().map(|s| s.to_string()),
            spec::sum(&a, &b).map(|s| s.to_string())
        );
        let (l, r) = spec::split(&a);
        let right = left.split();
        prop_assert_eq!((left.to_string(), right.to_string()), (l.to_string(), r.to_string()));
        prop_assert_eq!(left.sum(&right), Ok(real_id(&a)));
        prop_assert!(left.intersection(&right).is_anonymous());
    }

    #[test]
    fn order_and_bounds_agree(a in events(), b in events()) {
        let (x, y) = (real_events(&a), real_events(&b));
        prop_assert_eq!(x.leq(&y), spec::leq(&a, &b));
        prop_assert_eq!(y.leq(&x), spec::leq(&b, &a));
        let order = causal_clock::CausalOrder::from_leq(spec::leq(&a, &b), spec::leq(&b, &a));
        prop_assert_eq!(x.compare(&y), order);
        prop_assert_eq!(x.join(&y).to_string(), spec::join(&a, &b).to_string());
        prop_assert_eq!(x.meet(&y).to_string(), spec::meet(&a, &b).to_string());
    }

    #[test]
    fn events_agree(i in ids(), e in events()) {
        prop_assume!(i != I::Leaf(false));
        let (id, mut tree) = (real_id(&i), real_events(&e));
        let before = tree.clone();
        tree.record(&id).expect("small counters");
        prop_assert_eq!(tree.to_string(), spec::event(&i, &e).to_string());
        prop_assert!(before < tree);
    }

    #[test]
    fn many_events_at_once_agree(i in ids(), e in events(), k in 0..20_u64) {
        prop_assume!(i != I::Leaf(false));
        let (id, mut at_once) = (real_id(&i), real_events(&e));
        let mut one_by_one = at_once.clone();
        for _ in 0..k {
            one_by_one.record(&id).expect("small counters");
        }
        at_once.record_many(&id, k).expect("small counters");
        prop_assert_eq!(at_once, one_by_one);
    }

    #[test]
    fn many_forks_at_once_share_the_id(i in ids(), n in 0..20_usize) {
        let mut kept = real_id(&i);
        let newborns = kept.split_many(n);
        prop_assert_eq!(newborns.len(), n);
        let sum = newborns.iter().try_fold(kept, |sum, id| sum.sum(id));
        prop_assert_eq!(sum, Ok(real_id(&i)));
    }

    #[test]
    fn encodings_agree(i in ids(), e in events()) {
        let clock = Itc::from_parts(real_id(&i), real_events(&e));
        let bits = format!("{}{}", spec::id_bits(&i), spec::event_bits(&e));
        prop_assert_eq!(clock.encoded_bits(), bits.len());
        prop_assert_eq!(clock.to_bytes(), spec::bytes(&bits));
        prop_assert_eq!(Itc::decode(&clock.to_bytes()), Ok(clock));
        prop_assert_eq!(real_id(&i).to_bytes(), spec::bytes(&spec::id_bits(&i)));
        prop_assert_eq!(real_events(&e).to_bytes(), spec::bytes(&spec::event_bits(&e)));
        prop_assert_eq!(Id::decode(&real_id(&i).to_bytes()), Ok(real_id(&i)));
        let stamp = Stamp::new(real_events(&e));
        let bits = format!("000{}", spec::event_bits(&e));
        prop_assert_eq!(stamp.to_bytes(), spec::bytes(&bits));
        prop_assert_eq!(Stamp::decode(&stamp.to_bytes()), Ok(stamp));
    }
}

/// Lifted so far that the greatest number is near, `k` events at once do what
/// `k` single ones do, or fail as the first of them that fails, and then change
/// nothing.
fn agree_near_the_greatest_number(i: &I, e: &E, room: u64) {
    let lift = u64::MAX - room - e.max();
    let text = match e {
        E::Leaf(n) => (n + lift).to_string(),
        E::Node(n, l, r) => format!("({},{l},{r})", n + lift),
    };
    let (id, tree) = (real_id(i), text.parse::<EventTree>().expect("normal form"));
    let mut one_by_one = Ok(tree.clone());
    for k in 0..room + 20 {
        let mut at_once = tree.clone();
        let result = at_once.record_many(&id, k);
        match &one_by_one {
            Ok(tree) => assert_eq!((result, &at_once), (Ok(()), tree), "{i} {k}"),
            Err(error) => assert_eq!((result.as_ref(), &at_once), (Err(error), &tree), "{i} {k}"),
        }
        one_by_one = one_by_one.and_then(|mut tree| tree.record(&id).map(|()| tree));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn many_events_agree_near_the_greatest_number(i in ids(), e in events(), room in 0..20_u64) {
        prop_assume!(i != I::Leaf(false));
        agree_near_the_greatest_number(&i, &e, room);
    }
}

/// Of an id of several parts, too, and in no time.
#[test]
fn the_number_of_events_at_once_is_free() {
    for id in ["1", "(1,0)", "((1,0),(0,1))", "((0,(1,0)),(1,(0,1)))"] {
        for events in ["0", "(0,3,0)", "(1,(0,0,7),(2,(0,1,0),0))"] {
            let mut clock: Itc = format!("({id},{events})").parse().expect("normal form");
            clock.events(u64::MAX - 100).expect("room enough");
            let before = clock.to_string();
            assert!(matches!(
                clock.events(200),
                Err(itc::EventError::Overflow(full)) if full.counter == u64::MAX
            ));
            assert_eq!(clock.to_string(), before);
        }
    }
}

/// Every owned part has the rest of the comb as its sibling, as in a clock that
/// was made up to make events slow.
#[test]
fn events_of_deep_combs_agree() {
    let comb = |depth: usize, left: bool, rising: bool| {
        let mut tree = (I::Leaf(false), E::Leaf(if rising { 1 } else { 0 }));
        for level in 0..depth {
            let owned = I::Leaf(level % 2 == 0);
            let number = E::Leaf(if rising { level as u64 * 7 % 5 } else { 3 + level as u64 % 3 });
            let (i, e) = tree;
            tree = if left {
                (spec::id(i, owned), spec::norm(1, e, number))
            } else {
                (spec::id(owned, i), spec::norm(1, number, e))
            };
        }
        tree
    };
    for (left, rising) in [(false, false), (false, true), (true, false), (true, true)] {
        for depth in [1, 2, 3, 17, 64, 301] {
            let (i, mut e) = comb(depth, left, rising);
            if i == I::Leaf(false) {
                continue;
            }
            let (id, mut tree) = (real_id(&i), real_events(&e));
            for _ in 0..4 {
                e = spec::event(&i, &e);
                tree.record(&id).expect("small counters");
                assert_eq!(tree.to_string(), e.to_string(), "{left} {rising} {depth}");
            }
        }
    }
}

/// About as deep as a decoded clock may be; nothing recurses, and no level
/// looks at all the leaves below it.
#[test]
fn an_event_of_the_deepest_comb_ends() {
    for left in [false, true] {
        let depth = 60_000;
        let owned = |level: usize| u8::from(level.is_multiple_of(2));
        let mut id = String::new();
        let mut events = String::new();
        for level in 0..depth {
            if left {
                id.push('(');
                events.push_str("(1,");
            } else {
                id.push_str(&format!("({},", owned(level)));
                events.push_str("(1,0,");
            }
        }
        id.push('1');
        events.push('1');
        for level in (0..depth).rev() {
            if left {
                id.push_str(&format!(",{})", owned(level)));
                events.push_str(",0)");
            } else {
                id.push(')');
                events.push(')');
            }
        }
        let id: Id = id.parse().expect("normal form");
        let mut tree: EventTree = events.parse().expect("normal form");
        for _ in 0..10 {
            let before = tree.clone();
            tree.record(&id).expect("small counters");
            assert!(before < tree);
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Fork(usize),
    Event(usize),
    Merge(usize, usize),
    Join(usize, usize),
    Sync(usize, usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = 0..usize::MAX;
    let op = prop_oneof![
        3 => at.clone().prop_map(Op::Fork),
        6 => at.clone().prop_map(Op::Event),
        3 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Merge(a, b)),
        2 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Join(a, b)),
        1 => (at.clone(), at).prop_map(|(a, b)| Op::Sync(a, b)),
    ];
    prop::collection::vec(op, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn executions_agree(ops in ops()) {
        let mut clocks = vec![(Itc::seed(), (I::Leaf(true), E::Leaf(0)))];
        for op in ops {
            let live = clocks.len();
            let pair = |a: usize, b: usize| (a % live, b % live);
            match op {
                Op::Fork(a) if live < 16 => {
                    let (clock, (id, events)) = &mut clocks[a % live];
                    let (left, right) = spec::split(id);
                    *id = left;
                    let newborn = (clock.fork(), (right, events.clone()));
                    clocks.push(newborn);
                }
                Op::Fork(_) => {}
                Op::Event(a) => {
                    let (clock, (id, events)) = &mut clocks[a % live];
                    clock.event().expect("small counters");
                    *events = spec::event(id, events);
                }
                Op::Merge(a, b) => {
                    let (a, b) = pair(a, b);
                    let (stamp, known) = (clocks[b].0.peek(), clocks[b].1.1.clone());
                    clocks[a].0.merge(&stamp);
                    clocks[a].1.1 = spec::join(&clocks[a].1.1, &known);
                }
                Op::Join(a, b) | Op::Sync(a, b) if a % live == b % live => {}
                Op::Join(a, b) => {
                    let (a, b) = pair(a, b);
                    let (retired, (id, events)) = clocks.remove(b);
                    let (clock, plain) = &mut clocks[a - usize::from(a > b)];
                    clock.join(retired).expect("disjoint ids");
                    *plain = (spec::sum(&plain.0, &id).expect("disjoint"), spec::join(&plain.1, &events));
                }
                Op::Sync(a, b) => {
                    let (a, b) = pair(a, b);
                    let (mut other, (id, events)) = clocks.remove(b);
                    let (clock, plain) = &mut clocks[a - usize::from(a > b)];
                    clock.sync(&mut other).expect("disjoint ids");
                    let (left, right) = spec::split(&spec::sum(&plain.0, &id).expect("disjoint"));
                    *plain = (left, spec::join(&plain.1, &events));
                    let synced = (right, plain.1.clone());
                    clocks.insert(b, (other, synced));
                }
            }
            for (clock, (id, events)) in &clocks {
                prop_assert_eq!(clock.to_string(), format!("({id},{events})"));
            }
        }
    }
}
