//! Lost ids: reclaiming them is exact as long as nothing is seen that was not
//! deposited. What happens otherwise is in `leaks.rs`.

use causal_clock::CausalOrder;
use itc::keeper::{Keeper, KeeperError, Member};
use itc::{Id, Stamp};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Event(usize),
    Publish(usize),
    Receive(usize, usize),
    Fork(usize),
    Join(usize, usize),
    /// Declared dead; the participant may yet try to go on.
    Reclaim(usize, usize),
    Zombie(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = 0..usize::MAX;
    let pair = (at.clone(), at.clone());
    let op = prop_oneof![
        5 => at.clone().prop_map(Op::Event),
        5 => at.clone().prop_map(Op::Publish),
        5 => pair.clone().prop_map(|(a, b)| Op::Receive(a, b)),
        3 => at.clone().prop_map(Op::Fork),
        1 => pair.clone().prop_map(|(a, b)| Op::Join(a, b)),
        2 => pair.prop_map(|(a, b)| Op::Reclaim(a, b)),
        2 => at.prop_map(Op::Zombie),
    ];
    prop::collection::vec(op, 0..120)
}

/// A participant, and its past: the numbers of the events that it knows of.
struct Tracked {
    member: Member,
    past: Vec<usize>,
    /// As of the last deposit.
    deposited: Vec<usize>,
}

impl Tracked {
    fn learn(&mut self, past: &[usize]) {
        self.past.extend_from_slice(past);
        self.past.sort_unstable();
        self.past.dedup();
    }
}

/// A published event, its stamp, and all in its past, itself included.
struct Seen {
    event: usize,
    stamp: Stamp,
    past: Vec<usize>,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// With crashes, false declarations of death, and reclaimed ids, the
    /// stamps of all events that are ever seen compare as the events do, and
    /// no part of the interval is lost.
    #[test]
    fn reclaiming_is_exact(ops in ops()) {
        let mut keeper = Keeper::new(0);
        let first = keeper.seed().expect("the first");
        let mut live = vec![Tracked { member: first, past: vec![], deposited: vec![] }];
        let mut zombies: Vec<Tracked> = Vec::new();
        let mut seen: Vec<Seen> = Vec::new();
        let mut events = 0;
        for op in ops {
            let n = live.len();
            match op {
                Op::Event(a) => {
                    let tracked = &mut live[a % n];
                    tracked.member.event().expect("an event");
                    tracked.past.push(events);
                    events += 1;
                }
                Op::Publish(a) => {
                    let tracked = &mut live[a % n];
                    // The stamp of an event, for one was made just before.
                    tracked.member.event().expect("an event");
                    tracked.past.push(events);
                    let stamp = tracked.member.publish(&mut keeper).expect("published");
                    tracked.deposited = tracked.past.clone();
                    seen.push(Seen { event: events, stamp, past: tracked.past.clone() });
                    events += 1;
                }
                Op::Receive(a, b) if !seen.is_empty() => {
                    let message = &seen[b % seen.len()];
                    let tracked = &mut live[a % n];
                    tracked.member.merge(&message.stamp);
                    tracked.learn(&message.past);
                }
                Op::Fork(a) if n < 12 => {
                    let tracked = &mut live[a % n];
                    let member = tracked.member.fork(&mut keeper).expect("forked");
                    let past = tracked.past.clone();
                    tracked.deposited = past.clone();
                    live.push(Tracked { member, past: past.clone(), deposited: past });
                }
                Op::Join(a, b) if a % n != b % n => {
                    let retired = live.remove(b % n);
                    let heir = &mut live[a % n - usize::from(a % n > b % n)];
                    heir.member.join(retired.member, &mut keeper).expect("joined");
                    heir.learn(&retired.past);
                    heir.deposited = heir.past.clone();
                }
                Op::Reclaim(a, b) if a % n != b % n => {
                    let dead = live.remove(b % n);
                    let heir = &mut live[a % n - usize::from(a % n > b % n)];
                    heir.member.reclaim(dead.member.ticket(), &mut keeper).expect("reclaimed");
                    heir.learn(&dead.deposited);
                    heir.deposited = heir.past.clone();
                    zombies.push(dead);
                }
                Op::Zombie(a) if !zombies.is_empty() => {
                    let at = a % zombies.len();
                    let zombie = &mut zombies[at].member;
                    zombie.event().expect("an event that nobody sees");
                    prop_assert!(matches!(zombie.publish(&mut keeper), Err(KeeperError::Fenced(_))));
                    prop_assert!(matches!(zombie.fork(&mut keeper), Err(KeeperError::Fenced(_))));
                }
                _ => {}
            }
        }
        for a in &seen {
            for b in &seen {
                let truth = CausalOrder::from_leq(b.past.contains(&a.event), a.past.contains(&b.event));
                prop_assert_eq!(a.stamp.compare(&b.stamp), truth);
            }
        }
        let whole = live.iter().try_fold(Id::anonymous(), |sum, t| sum.sum(t.member.clock().id()));
        prop_assert_eq!(whole, Ok(Id::seed()));
        let kept = keeper.tickets().try_fold(Id::anonymous(), |sum, ticket| {
            sum.sum(keeper.id(ticket).expect("in use"))
        });
        prop_assert_eq!(kept, Ok(Id::seed()));
    }
}

/// Two participants of one keeper.
fn two() -> (Keeper, Member, Member) {
    let mut keeper = Keeper::new(0);
    let mut a = keeper.seed().expect("the first");
    let b = a.fork(&mut keeper).expect("forked");
    (keeper, a, b)
}

#[test]
fn tickets_of_another_keeper_are_refused() {
    let (mut keeper, mut a, b) = two();
    let (mut other, mut c, d) = {
        let mut keeper = Keeper::new(1);
        let mut c = keeper.seed().expect("the first");
        let d = c.fork(&mut keeper).expect("forked");
        (keeper, c, d)
    };
    let foreign = |member: &Member| KeeperError::Foreign(member.ticket());
    assert_eq!(a.publish(&mut other), Err(foreign(&a)));
    assert_eq!(a.fork(&mut other).expect_err("foreign"), foreign(&a));
    assert_eq!(a.reclaim(d.ticket(), &mut keeper), Err(foreign(&d)));
    assert_eq!(a.reclaim(d.ticket(), &mut other), Err(foreign(&a)));
    let refused = *a.join(d, &mut keeper).expect_err("foreign");
    assert_eq!(refused.1, foreign(&refused.0));
    assert_eq!(other.id(b.ticket()), None);
    assert_eq!(foreign(&b).to_string(), "the ticket 0#1 is of another keeper");
    // The real owner is not disturbed.
    c.event().expect("an event");
    c.publish(&mut other).expect("published");
}

#[test]
fn each_refusal_has_its_error() {
    let (mut keeper, mut a, b) = two();
    assert!(keeper.seed().is_none());
    assert_eq!(a.reclaim(a.ticket(), &mut keeper), Err(KeeperError::OwnId(a.ticket())));
    let ticket = b.ticket();
    a.reclaim(ticket, &mut keeper).expect("reclaimed");
    assert_eq!(a.reclaim(ticket, &mut keeper), Err(KeeperError::Fenced(ticket)));
    let (b, error) = *a.join(b, &mut keeper).expect_err("b is dead");
    assert_eq!((b.ticket(), error), (ticket, KeeperError::Fenced(ticket)));
    assert_eq!(error_text(ticket), "the ticket 0#1 is fenced off: its id was given to another");
}

fn error_text(ticket: itc::keeper::Ticket) -> String {
    KeeperError::Fenced(ticket).to_string()
}
