//! What happens where something is seen that was not deposited: the damage, how
//! it shows, and that what was reported before a reclaim does none.

use causal_clock::CausalOrder;
use itc::Stamp;
use itc::keeper::{Keeper, KeeperError, Member};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Publish(usize),
    Receive(usize, usize),
    /// The second sees an event of the first that was not deposited.
    Leak(usize, usize),
    Fork(usize),
    Join(usize, usize),
    Reclaim(usize, usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = 0..usize::MAX;
    let pair = (at.clone(), at.clone());
    let op = prop_oneof![
        4 => at.clone().prop_map(Op::Publish),
        4 => pair.clone().prop_map(|(a, b)| Op::Receive(a, b)),
        4 => pair.clone().prop_map(|(a, b)| Op::Leak(a, b)),
        2 => at.prop_map(Op::Fork),
        1 => pair.clone().prop_map(|(a, b)| Op::Join(a, b)),
        3 => pair.prop_map(|(a, b)| Op::Reclaim(a, b)),
    ];
    prop::collection::vec(op, 0..100)
}

/// A participant in a world with leaks.
struct Participant {
    member: Member,
    past: Vec<usize>,
    /// As of the last deposit.
    deposited: Vec<usize>,
    /// What was known to those who reported leaks in its part.
    reported: Vec<usize>,
    /// Leaks that it has seen and not reported.
    unreported: Vec<Seen>,
}

/// An event that was published, or leaked and reported; its stamp, and all in
/// its past, itself included.
#[derive(Clone)]
struct Seen {
    event: usize,
    stamp: Stamp,
    past: Vec<usize>,
}

fn unite(past: &mut Vec<usize>, more: &[usize]) {
    past.extend_from_slice(more);
    past.sort_unstable();
    past.dedup();
}

struct World {
    keeper: Keeper,
    live: Vec<Participant>,
    /// What was published, or leaked and reported.
    seen: Vec<Seen>,
    events: usize,
}

impl World {
    /// The `i`th reports what leaks it has seen, and is then published.
    fn publish(&mut self, i: usize) -> Stamp {
        let mut published = self.live[i].member.publish(&mut self.keeper);
        if let Err(KeeperError::Leaked { part }) = &published {
            let past = self.live[i].past.clone();
            for other in &mut self.live {
                if !other.member.clock().id().intersection(part).is_anonymous() {
                    unite(&mut other.reported, &past);
                }
            }
            published = self.live[i].member.publish(&mut self.keeper);
        }
        let own = &mut self.live[i];
        own.deposited = own.past.clone();
        self.seen.append(&mut own.unreported);
        published.expect("published, at the second try at the latest")
    }

    fn event(&mut self, i: usize) {
        self.live[i].member.event().expect("an event");
        self.live[i].past.push(self.events);
        self.events += 1;
    }

    fn play(&mut self, op: Op) {
        let n = self.live.len();
        match op {
            Op::Publish(a) => {
                self.event(a % n);
                let stamp = self.publish(a % n);
                let past = self.live[a % n].past.clone();
                self.seen.push(Seen { event: self.events - 1, stamp, past });
            }
            Op::Receive(a, b) if !self.seen.is_empty() => {
                let message = &self.seen[b % self.seen.len()];
                self.live[a % n].member.merge(&message.stamp);
                unite(&mut self.live[a % n].past, &message.past);
            }
            Op::Leak(a, b) if a % n != b % n => {
                self.event(a % n);
                let leaker = &self.live[a % n];
                let (stamp, past) = (leaker.member.unpublished(), leaker.past.clone());
                let mut leaks = leaker.unreported.clone();
                leaks.push(Seen {
                    event: self.events - 1,
                    stamp: stamp.clone(),
                    past: past.clone(),
                });
                let witness = &mut self.live[b % n];
                witness.member.merge(&stamp);
                unite(&mut witness.past, &past);
                witness.unreported.append(&mut leaks);
            }
            Op::Fork(a) if n < 8 => {
                self.publish(a % n);
                let parent = &mut self.live[a % n];
                let member = parent.member.fork(&mut self.keeper).expect("forked");
                let (past, reported) = (parent.past.clone(), parent.reported.clone());
                let deposited = past.clone();
                self.live.push(Participant {
                    member,
                    past,
                    deposited,
                    reported,
                    unreported: vec![],
                });
            }
            Op::Join(a, b) if a % n != b % n => {
                self.publish(a % n);
                self.publish(b % n);
                let retired = self.live.remove(b % n);
                let heir = &mut self.live[a % n - usize::from(a % n > b % n)];
                heir.member.join(retired.member, &mut self.keeper).expect("joined");
                unite(&mut heir.past, &retired.past);
                unite(&mut heir.past, &retired.reported);
                heir.deposited = heir.past.clone();
            }
            Op::Reclaim(a, b) if a % n != b % n => {
                // All leaks that anyone but the dead one knows of are reported.
                for i in (0..n).filter(|i| *i != b % n) {
                    self.publish(i);
                }
                let dead = self.live.remove(b % n);
                let heir = &mut self.live[a % n - usize::from(a % n > b % n)];
                heir.member.reclaim(dead.member.ticket(), &mut self.keeper).expect("reclaimed");
                unite(&mut heir.past, &dead.deposited);
                unite(&mut heir.past, &dead.reported);
                heir.deposited = heir.past.clone();
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// A leak that was reported before the reclaim does no damage: the stamps
    /// of all events that were published, or leaked and reported, compare as
    /// the events do, where an heir comes after the reports that it takes over.
    #[test]
    fn reported_leaks_do_no_damage(ops in ops()) {
        let mut keeper = Keeper::new(0);
        let member = keeper.seed().expect("the first");
        let (past, deposited, reported, unreported) = (vec![], vec![], vec![], vec![]);
        let live = vec![Participant { member, past, deposited, reported, unreported }];
        let mut world = World { keeper, live, seen: vec![], events: 0 };
        for op in ops {
            world.play(op);
        }
        for a in &world.seen {
            for b in &world.seen {
                let truth = CausalOrder::from_leq(b.past.contains(&a.event), a.past.contains(&b.event));
                prop_assert_eq!(a.stamp.compare(&b.stamp), truth);
            }
        }
    }
}

/// Two participants of one keeper.
fn two() -> (Keeper, Member, Member) {
    let mut keeper = Keeper::new(0);
    let mut a = keeper.seed().expect("the first");
    let b = a.fork(&mut keeper).expect("forked");
    (keeper, a, b)
}

/// The assumption is broken: `b` lets an event be seen and dies before its
/// deposit. The heir's next event counts the same again.
#[test]
fn a_leak_does_damage() {
    let (mut keeper, mut a, mut b) = two();
    a.event().expect("an event");
    b.merge(&a.publish(&mut keeper).expect("published"));
    b.event().expect("an event");
    let leaked = b.unpublished();
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    a.event().expect("an event");
    let later = a.publish(&mut keeper).expect("published");
    // In truth the two are concurrent.
    assert_ne!(leaked.compare(&later), CausalOrder::Concurrent);
}

/// Whoever has seen a leak and makes a deposit before the heir has counted past
/// it brings it to light, once.
#[test]
fn a_leak_is_detected() {
    let (mut keeper, mut a, mut b) = two();
    let mut witness = a.fork(&mut keeper).expect("forked");
    b.event().expect("an event");
    b.event().expect("an event");
    witness.merge(&b.unpublished());
    // Nor does the death of `b` hide it.
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    let refused = witness.publish(&mut keeper);
    assert_eq!(refused, Err(KeeperError::Leaked { part: b.clock().id().clone() }));
    assert_eq!(witness.publish(&mut keeper), Ok(witness.unpublished()));
}

/// What nobody reported before the heir counted past it is not detected.
#[test]
fn a_leak_is_not_detected_once_the_heir_has_counted_past_it() {
    let (mut keeper, mut a, mut b) = two();
    let mut witness = a.fork(&mut keeper).expect("forked");
    b.event().expect("an event");
    witness.merge(&b.unpublished());
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    a.event().expect("an event");
    a.event().expect("an event");
    a.publish(&mut keeper).expect("published");
    assert!(witness.publish(&mut keeper).is_ok());
}

/// Leak, report, reclaim, the heir's event: the heir is above the leak, and
/// the witness can do everything again, whichever way it reported.
#[test]
fn a_reported_leak_does_no_damage() {
    type Report = fn(&mut Member, &mut Keeper) -> Result<(), KeeperError>;
    let ways: [Report; 3] = [
        |witness, keeper| witness.publish(keeper).map(drop),
        |witness, keeper| witness.fork(keeper).map(drop),
        |witness, keeper| {
            let other = keeper.tickets().max().expect("the fourth");
            witness.reclaim(other, keeper)
        },
    ];
    for report in ways {
        let (mut keeper, mut a, mut b) = two();
        let mut witness = a.fork(&mut keeper).expect("forked");
        let other = a.fork(&mut keeper).expect("forked");
        b.event().expect("an event");
        let leaked = b.unpublished();
        witness.merge(&leaked);
        witness.event().expect("an event");
        let refused = report(&mut witness, &mut keeper);
        assert_eq!(refused, Err(KeeperError::Leaked { part: b.clock().id().clone() }));
        assert!(keeper.id(other.ticket()).is_some(), "nothing else was done");
        a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
        a.event().expect("an event");
        let later = a.publish(&mut keeper).expect("published");
        assert_eq!(leaked.compare(&later), CausalOrder::Before);
        assert_eq!(report(&mut witness, &mut keeper), Ok(()));
        assert_eq!(leaked.compare(&witness.unpublished()), CausalOrder::Before);
        assert_eq!(witness.unpublished().compare(&later), CausalOrder::Before);
    }
}

/// The heir may be the witness itself.
#[test]
fn a_witness_reclaims_at_the_second_try() {
    let (mut keeper, mut a, mut b) = two();
    b.event().expect("an event");
    let leaked = b.unpublished();
    a.merge(&leaked);
    assert!(matches!(a.reclaim(b.ticket(), &mut keeper), Err(KeeperError::Leaked { .. })));
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    a.event().expect("an event");
    assert!(leaked < a.publish(&mut keeper).expect("published"));
}

/// The part goes on to the newborn, and what was reported with it.
#[test]
fn a_report_is_inherited_by_the_newborn() {
    let (mut keeper, mut a, mut b) = two();
    let mut witness = a.fork(&mut keeper).expect("forked");
    b.event().expect("an event");
    witness.merge(&b.unpublished());
    // `a` owns the part, and does not know of the leak.
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    assert!(witness.publish(&mut keeper).is_err());
    let newborn = a.fork(&mut keeper).expect("forked");
    witness.reclaim(a.ticket(), &mut keeper).expect("reclaimed");
    witness.reclaim(newborn.ticket(), &mut keeper).expect("reclaimed");
    witness.event().expect("an event");
    assert!(b.unpublished() < witness.publish(&mut keeper).expect("published"));
}
