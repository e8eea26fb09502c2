//! The tree clock against a plain map, over executions with churn; and by
//! example.

#![expect(clippy::cast_possible_truncation, reason = "ranks and times here are tiny")]

use std::collections::BTreeMap;

use bounded_vc::{MAX_COUNTER, TreeClock, TreeClockError, TreeStamp, VersionVector};
use causal_clock::CausalOrder::{Before, Concurrent};
use causal_clock::{CausalOrder, CausalStamp, CounterOverflow, DecodeError, NodeId, Verdict, Wire};
use proptest::prelude::*;
use proptest::sample::Index;

/// The specification: who is known how far. A merge that brings news and
/// birth with a past count, as events do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Plain {
    id: u64,
    known: BTreeMap<u64, u64>,
}

impl Plain {
    fn event(&mut self) {
        *self.known.entry(self.id).or_default() += 1;
    }

    fn merge(&mut self, other: &BTreeMap<u64, u64>) {
        let mine = |id: &u64| self.known.get(id).copied().unwrap_or(0);
        if other.iter().any(|(id, time)| mine(id) < *time) {
            for (id, time) in other {
                let known = self.known.entry(*id).or_default();
                *known = (*known).max(*time);
            }
            self.event();
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Event(Index),
    Fork(Index),
    /// A message, sent or left lying around for some time.
    Send(Index),
    Receive(Index, Index),
    /// A merge of a state that is no event's.
    Peek(Index, Index),
    Retire(Index, Index),
    Crash(Index),
    /// Through bytes and back.
    Restart(Index),
    /// A participant takes a lock's clock in and writes its own there.
    Lock(Index, Index),
}

fn op() -> impl Strategy<Value = Op> {
    let i = any::<Index>;
    prop_oneof![
        3 => i().prop_map(Op::Event),
        2 => i().prop_map(Op::Fork),
        4 => i().prop_map(Op::Send),
        6 => (i(), i()).prop_map(|(at, message)| Op::Receive(at, message)),
        2 => (i(), i()).prop_map(|(at, from)| Op::Peek(at, from)),
        1 => (i(), i()).prop_map(|(from, to)| Op::Retire(from, to)),
        1 => i().prop_map(Op::Crash),
        1 => i().prop_map(Op::Restart),
        4 => (i(), i()).prop_map(|(at, lock)| Op::Lock(at, lock)),
    ]
}

fn map(vector: &VersionVector) -> BTreeMap<u64, u64> {
    vector.iter().map(|(id, counter)| (id.get(), counter)).collect()
}

struct World {
    live: Vec<(TreeClock, Plain)>,
    messages: Vec<(TreeStamp, BTreeMap<u64, u64>)>,
    locks: Vec<(TreeStamp, BTreeMap<u64, u64>)>,
    born: u64,
}

impl World {
    fn new() -> Self {
        let seed = TreeClock::new(NodeId::new(Self::id(0)));
        let empty = (seed.stamp(), BTreeMap::new());
        Self {
            live: vec![(seed, Plain { id: Self::id(0), ..Plain::default() })],
            messages: Vec::new(),
            locks: vec![empty.clone(), empty],
            born: 1,
        }
    }

    /// Ids in no order of birth.
    const fn id(number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Event(at) => {
                let (clock, plain) = at.get_mut(&mut self.live);
                clock.event().expect("room");
                plain.event();
            }
            Op::Fork(at) => {
                let (clock, plain) = at.get(&self.live);
                let id = Self::id(self.born);
                self.born += 1;
                let mut child = Plain { id, ..Plain::default() };
                child.merge(&plain.known);
                self.live.push((clock.fork(NodeId::new(id)), child));
            }
            Op::Send(at) => {
                let (clock, plain) = at.get_mut(&mut self.live);
                clock.event().expect("room");
                plain.event();
                self.messages.push((clock.stamp(), plain.known.clone()));
            }
            Op::Receive(at, message) if !self.messages.is_empty() => {
                let (clock, plain) = at.get_mut(&mut self.live);
                let (stamp, known) = message.get(&self.messages);
                let news = known
                    .iter()
                    .filter(|(id, time)| plain.known.get(id).is_none_or(|mine| mine < time));
                let news = news.count();
                let visited = clock.merge(stamp).expect("room");
                assert!(visited >= news && visited <= known.len());
                plain.merge(known);
            }
            Op::Peek(at, from) => {
                let (stamp, known) = from.get(&self.live).clone();
                let (clock, plain) = at.get_mut(&mut self.live);
                if clock.id() != stamp.id() {
                    clock.merge(&stamp.stamp()).expect("room");
                    plain.merge(&known.known);
                }
            }
            Op::Retire(from, to) if self.live.len() > 1 => {
                let (retired, past) = self.live.swap_remove(from.index(self.live.len()));
                let (clock, plain) = to.get_mut(&mut self.live);
                clock.join(retired).expect("room");
                plain.merge(&past.known);
            }
            Op::Crash(at) if self.live.len() > 1 => {
                self.live.swap_remove(at.index(self.live.len()));
            }
            Op::Restart(at) => {
                let (clock, _) = at.get_mut(&mut self.live);
                let back = TreeClock::decode(&clock.to_bytes()).expect("canonical");
                assert_eq!(back, *clock);
                assert_eq!(back.to_bytes().len(), clock.encoded_len());
                *clock = back;
            }
            Op::Lock(at, lock) => {
                let (clock, plain) = at.get_mut(&mut self.live);
                let (stamp, known) = lock.get_mut(&mut self.locks);
                clock.merge(stamp).expect("room");
                plain.merge(known);
                clock.event().expect("room");
                plain.event();
                stamp.update(clock);
                *known = plain.known.clone();
            }
            _ => {}
        }
    }

    fn check(&self) {
        for (clock, plain) in &self.live {
            assert_eq!(map(&clock.to_vector()), plain.known);
        }
        for (stamp, known) in self.messages.iter().chain(&self.locks) {
            assert_eq!(map(stamp.to_vector_stamp().vector()), *known);
            let bytes = stamp.to_bytes();
            assert_eq!(bytes.len(), stamp.encoded_len());
            assert!(TreeStamp::decode(&bytes).is_ok_and(|back| back.to_bytes() == bytes));
        }
        for (left, _) in &self.messages {
            for (right, _) in &self.messages {
                let exact = left.to_vector_stamp().compare(&right.to_vector_stamp());
                assert_eq!(left.compare(right), exact);
            }
        }
    }
}

proptest! {
    #[test]
    fn it_is_the_vector_clock(ops in proptest::collection::vec(op(), 0..120)) {
        let mut world = World::new();
        for op in &ops {
            world.step(op);
        }
        world.check();
    }

    /// Trees that lie: whatever decodes is taken in or refused, and what comes
    /// of it can be read back.
    #[test]
    fn trees_that_lie_break_no_form(
        entries in proptest::collection::btree_map(0_u64..12, 1_u64..9, 1..8),
        links in proptest::collection::vec((any::<Index>(), any::<Index>()), 8),
        root in any::<Index>(),
        ops in proptest::collection::vec(op(), 0..40),
    ) {
        let ids = entries.iter().map(|(id, time)| (NodeId::new(World::id(*id)), *time));
        let vector = VersionVector::from_entries(ids).expect("distinct");
        let mut bytes = vector.to_bytes();
        let root = root.index(vector.len());
        bytes.push(root as u8 + 1);
        let times: Vec<u64> = vector.iter().map(|(_, time)| time).collect();
        for rank in (0..times.len()).filter(|rank| *rank != root) {
            // From the root towards the first or the last: never in a circle.
            let inwards = if rank < root { rank + 1..=root } else { root..=rank - 1 };
            let parent = inwards.clone().nth(links[rank].0.index(inwards.count())).unwrap_or(root);
            bytes.extend([parent as u8, links[rank].1.index(times[parent] as usize) as u8]);
        }
        // But for siblings of one time, it is a tree.
        let Ok(stamp) = TreeStamp::decode(&bytes) else { return Ok(()) };
        prop_assert_eq!(stamp.to_bytes(), bytes);
        let mut world = World::new();
        for (count, op) in ops.iter().enumerate() {
            if count == 20 {
                for (clock, _) in &mut world.live {
                    // An error is an answer, too.
                    let _ = clock.merge(&stamp);
                }
                world.locks.push((stamp.clone(), BTreeMap::new()));
            }
            match op {
                // The plain map cannot follow a lie.
                Op::Fork(at) => {
                    let clock = at.get(&world.live).0.fork(NodeId::new(World::id(world.born)));
                    world.born += 1;
                    world.live.push((clock, Plain::default()));
                }
                Op::Receive(at, from) | Op::Peek(at, from) => {
                    let other = from.get(&world.live).0.stamp();
                    let _ = at.get_mut(&mut world.live).0.merge(&other);
                }
                Op::Lock(at, lock) => {
                    let clock = &mut at.get_mut(&mut world.live).0;
                    let stamp = &mut lock.get_mut(&mut world.locks).0;
                    let _ = clock.merge(stamp);
                    clock.event().expect("room");
                    stamp.update(clock);
                    let back = TreeStamp::decode(&stamp.to_bytes());
                    prop_assert_eq!(back.as_ref(), Ok(&*stamp));
                }
                Op::Event(at) | Op::Send(at) | Op::Crash(at) | Op::Restart(at) | Op::Retire(at, _) => {
                    at.get_mut(&mut world.live).0.event().expect("room");
                }
            }
            for (clock, _) in &world.live {
                let back = TreeClock::decode(&clock.to_bytes());
                prop_assert_eq!(back.as_ref(), Ok(clock));
            }
        }
    }
}

fn family(n: u64) -> Vec<TreeClock> {
    let mut clocks: Vec<_> = (1..=n).map(|id| TreeClock::new(NodeId::new(id))).collect();
    for clock in &mut clocks {
        clock.event().expect("room");
    }
    clocks
}

/// A hub hears from all; who then hears from the hub again looks only at what
/// the hub has learnt since.
#[test]
fn what_is_not_news_is_not_looked_at() {
    let mut clocks = family(100);
    let (hub, rest) = clocks.split_first_mut().expect("a hundred");
    for clock in &*rest {
        assert_eq!(hub.merge(&clock.stamp()), Ok(1));
    }
    assert_eq!(rest[0].merge(&hub.stamp()), Ok(100));
    rest[1].event().expect("room");
    assert_eq!(hub.merge(&rest[1].stamp()), Ok(1));
    // The hub, the one piece of news, and the first child that is none.
    assert_eq!(rest[0].merge(&hub.stamp()), Ok(3));
    assert_eq!(rest[0].merge(&hub.stamp()), Ok(1));
}

#[test]
fn a_lock_is_brought_up_to_date_in_place() {
    let mut clocks = family(50);
    let mut lock = TreeClock::new(NodeId::new(1)).stamp();
    for round in 0..3 {
        for clock in &mut clocks {
            clock.merge(&lock).expect("room");
            clock.event().expect("room");
            let visited = lock.update(clock);
            assert!(round == 0 || visited <= 4, "{visited} entries in round {round}");
            assert_eq!(lock.to_vector_stamp().vector(), &clock.to_vector());
        }
    }
    // Someone who never saw the lock's state overwrites it whole.
    let stranger = &mut TreeClock::new(NodeId::new(99));
    stranger.event().expect("room");
    assert_eq!(lock.update(stranger), 1);
    assert_eq!(lock, stranger.stamp());
}

#[test]
fn a_merge_without_an_event_is_passed_on() {
    let mut clocks = family(3);
    let (first, news) = (clocks[0].stamp(), clocks[1].stamp());
    clocks[2].merge(&first).expect("room");
    clocks[0].merge(&news).expect("room");
    let passed_on = clocks[0].stamp();
    clocks[2].merge(&passed_on).expect("room");
    clocks[2].event().expect("room");
    assert_eq!(news.compare(&clocks[2].stamp()), Verdict::proven(Before));
    assert_eq!(first.compare(&news), Verdict::proven(Concurrent));
}

/// Of entry 7 at `time`, with nothing else.
fn lone(time: u64) -> TreeClock {
    let vector = VersionVector::from_entries([(NodeId::new(7), time)]).expect("valid");
    TreeClock::decode(&[&vector.to_bytes()[..], &[1]].concat()).expect("canonical")
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let full = TreeClockError::Overflow(CounterOverflow { counter: MAX_COUNTER });
    let mut clock = lone(MAX_COUNTER);
    let before = clock.clone();
    assert_eq!(clock.event(), Err(full));
    assert_eq!(clock.merge(&family(1)[0].stamp()), Err(full));
    assert_eq!(clock, before);
    let mut behind = lone(3);
    let future = TreeClockError::OwnFuture { id: NodeId::new(7), own: 3, claimed: MAX_COUNTER };
    assert_eq!(behind.merge(&clock.stamp()), Err(future));
    assert_eq!(behind, lone(3));
}

/// The encoding, byte by byte. These bytes are frozen: stored stamps must
/// stay readable.
#[test]
fn wire_frozen() {
    let mut clocks = family(3);
    let news = clocks[1].stamp();
    clocks[2].merge(&news).expect("room");
    let news = clocks[2].stamp();
    clocks[0].merge(&news).expect("room");
    clocks[0].event().expect("room");
    // Three entries, gaps of one bit (1, 1, 1), counters less one of two (2, 0,
    // 1); of the first. The second hangs from the third since its time 2 of 2,
    // the third from the first since its time 2 of 3.
    let bytes = clocks[0].stamp().to_bytes();
    assert_eq!(bytes, [3, 1, 2, 0b1001_0111, 0, 1, 2, 0, 0, 1]);
    assert_eq!(bytes, clocks[0].to_bytes());
    assert_eq!(TreeStamp::decode(&bytes), Ok(clocks[0].stamp()));
    assert_eq!(clocks[0].stamp().compare(&news).order, CausalOrder::After);
}

#[test]
fn wire_refuses_what_is_no_tree() {
    let vector =
        VersionVector::from_entries((1..=3).map(|id| (NodeId::new(id), 4))).expect("valid");
    let tree = |rest: &[u8]| TreeStamp::decode(&[&vector.to_bytes()[..], rest].concat());
    assert!(tree(&[1, 0, 0, 0, 1]).is_ok(), "two children of the first");
    assert!(tree(&[1, 2, 0, 0, 1]).is_ok(), "a chain");
    let invalid = |rest: &[u8]| matches!(tree(rest), Err(DecodeError::Invalid { .. }));
    assert!(invalid(&[1, 2, 0, 1, 0]), "a cycle beside the root");
    assert!(invalid(&[1, 1, 0, 0, 0]), "its own parent");
    assert!(invalid(&[1, 0, 0, 0, 0]), "siblings of one time");
    assert!(invalid(&[1, 0, 4, 0, 0]), "attached before the parent's first time");
    assert!(invalid(&[1, 3, 0, 0, 0]), "a parent that is not there");
    assert!(invalid(&[0, 0, 0, 0, 0, 0, 0, 0, 9]), "whose tree is it?");
    assert!(tree(&[1, 0, 0, 0]).is_err(), "cut short");
    assert!(tree(&[1, 0, 0, 0, 1, 0]).is_err(), "left over");
}
