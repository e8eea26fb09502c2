//! The keeper over a network that loses, repeats and reorders what it carries,
//! and that is restarted from its store.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causal_clock::{Store, Stored, Wire};
use itc::keeper::Ticket;
use itc::keeper::remote::{
    Accepted, Answer, KeeperService, Newborn, Operation, Refusal, RemoteError, RemoteMember, Reply,
    Request, ServeError, StoredKeeper,
};
use itc::{EventTree, Stamp};
use proptest::prelude::*;

fn ask(keeper: &mut KeeperService, request: &Request) -> Reply {
    let reply = keeper.handle(&Request::decode(&request.to_bytes()).unwrap());
    Reply::decode(&reply.to_bytes()).unwrap()
}

fn first(keeper: &mut KeeperService) -> RemoteMember {
    let request = RemoteMember::seed(7, 42);
    RemoteMember::seeded(&request, &ask(keeper, &request)).unwrap()
}

fn publish(member: &mut RemoteMember, keeper: &mut KeeperService) -> Stamp {
    member.event().unwrap();
    let request = member.publish().unwrap();
    match member.accept(&ask(keeper, &request)) {
        Ok(Accepted::Published(stamp)) => stamp,
        other => panic!("{other:?}"),
    }
}

fn fork(member: &mut RemoteMember, keeper: &mut KeeperService) -> RemoteMember {
    let request = member.fork().unwrap();
    match member.accept(&ask(keeper, &request)) {
        Ok(Accepted::Forked(newborn)) => Newborn::decode(&newborn.to_bytes()).unwrap().live(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_repeated_is_done_once() {
    let mut keeper = KeeperService::new(7);
    let hello = RemoteMember::seed(7, 42);
    let welcome = ask(&mut keeper, &hello);
    assert_eq!(ask(&mut keeper, &hello), welcome);
    let mut alice = RemoteMember::seeded(&hello, &welcome).unwrap();
    let other = ask(&mut keeper, &RemoteMember::seed(7, 43)).result;
    assert_eq!(other, Err(Refusal::Seeded));

    // To fork: the same newborn, however often it is asked.
    let request = alice.fork().unwrap();
    assert_eq!(alice.event(), Err(RemoteError::Busy), "its id is about to change");
    assert_eq!(alice.publish().unwrap_err(), RemoteError::Busy);
    assert_eq!(alice.pending(), Some(&request));
    let reply = ask(&mut keeper, &request);
    let state = keeper.to_bytes();
    assert_eq!(ask(&mut keeper, &request), reply);
    assert_eq!(ask(&mut keeper, &hello), welcome, "late, and harmless");
    assert_eq!(keeper.to_bytes(), state);
    let Ok(Accepted::Forked(newborn)) = alice.accept(&reply) else { panic!() };
    assert_eq!(alice.accept(&reply), Ok(Accepted::Unasked));
    let mut bob = newborn.live();

    let stamp = publish(&mut alice, &mut keeper);
    assert_eq!(ask(&mut keeper, &request).result, Err(Refusal::Old { latest: 2 }));
    let seen = publish(&mut bob, &mut keeper);
    assert_eq!(stamp.partial_cmp(&seen), None);

    // To reclaim: once, and all that comes from the dead one is refused.
    bob.event().unwrap();
    let late = bob.publish().unwrap();
    let request = alice.reclaim(bob.ticket()).unwrap();
    alice.merge(&seen); // while it is under way
    let reply = ask(&mut keeper, &request);
    assert_eq!(ask(&mut keeper, &request), reply);
    assert_eq!(alice.accept(&reply), Ok(Accepted::Reclaimed));
    assert_eq!(alice.clock().id().to_string(), "1");
    let reply = ask(&mut keeper, &late);
    assert_eq!(reply.result, Err(Refusal::Fenced(bob.ticket())));
    assert!(matches!(bob.accept(&reply), Err(RemoteError::Refused(Refusal::Fenced(_)))));
    assert!(bob.has_ended());
    assert_eq!(bob.event(), Err(RemoteError::Ended));
    assert_eq!(keeper.keeper().tickets().count(), 1);
}

#[test]
fn events_go_on_while_some_are_published() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    alice.event().unwrap();
    let request = alice.publish().unwrap();
    alice.event().unwrap();
    let accepted = alice.accept(&ask(&mut keeper, &request)).unwrap();
    let Accepted::Published(stamp) = accepted else { panic!() };
    assert_eq!(stamp.to_string(), "(0,1)");
    assert_eq!(alice.clock().to_string(), "(1,2)");
}

#[test]
fn misuse_is_told() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    let ticket = alice.ticket();
    publish(&mut alice, &mut keeper);
    let ask_for = |number, operation| Request { ticket, number, operation };
    let events: EventTree = "9".parse().unwrap();

    // A second process with the same ticket, and a keeper that went back.
    let reused = ask_for(1, Operation::Publish { events: events.clone() });
    assert_eq!(ask(&mut keeper, &reused).result, Err(Refusal::Reused));
    let ahead = ask_for(3, Operation::Publish { events });
    assert_eq!(ask(&mut keeper, &ahead).result, Err(Refusal::WentBack { latest: 1 }));
    // One that asks for the first time, and another keeper's.
    let bob = fork(&mut alice, &mut keeper);
    let early = Request { ticket: bob.ticket(), ..ahead };
    assert_eq!(ask(&mut keeper, &early).result, Err(Refusal::WentBack { latest: 0 }));
    let foreign = ask(&mut KeeperService::new(8), &reused).result;
    assert_eq!(foreign, Err(Refusal::Foreign(ticket)));
    // A refusal that is not for good.
    let request = alice.reclaim(ticket).unwrap();
    let refused = alice.accept(&ask(&mut keeper, &request));
    assert_eq!(refused, Err(RemoteError::Refused(Refusal::OwnId(ticket))));
    publish(&mut alice, &mut keeper);
    // A reply of the wrong kind.
    let request = alice.publish().unwrap();
    let wrong = Reply { ticket, number: request.number, result: Ok(Answer::Seeded) };
    assert_eq!(alice.accept(&wrong), Err(RemoteError::Mismatch));
    assert_eq!(alice.pending(), Some(&request));
}

#[test]
fn a_leak_is_reported_once_and_asking_again_succeeds() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    let mut bob = fork(&mut alice, &mut keeper);
    bob.event().unwrap();
    alice.merge(&bob.clock().peek()); // not published
    alice.event().unwrap();
    let request = alice.publish().unwrap();
    let reply = ask(&mut keeper, &request);
    assert!(matches!(reply.result, Err(Refusal::Leaked { .. })));
    assert_eq!(ask(&mut keeper, &request), reply, "the same request, the same reply");
    assert!(alice.accept(&reply).is_err());
    publish(&mut alice, &mut keeper);
}

/// A disk that can fail before or after it has taken the state.
#[derive(Debug, Default)]
struct Disk {
    state: Option<Vec<u8>>,
    fail: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk failed")]
struct Failed;

impl Store<KeeperService> for Disk {
    type Error = Failed;

    fn load(&mut self) -> Result<Option<KeeperService>, Failed> {
        self.state.as_ref().map(|bytes| KeeperService::from_stored(bytes).ok_or(Failed)).transpose()
    }

    fn save(&mut self, state: &KeeperService) -> Result<(), Failed> {
        let fail = self.fail.take();
        if fail != Some(false) {
            self.state = Some(state.to_stored());
        }
        fail.map_or(Ok(()), |_| Err(Failed))
    }
}

#[test]
fn nothing_is_replied_that_is_not_stored() {
    for stored in [false, true] {
        let mut disk = Disk::default();
        assert_eq!(StoredKeeper::open(&mut disk).unwrap_err(), ServeError::Empty);
        let mut keeper = StoredKeeper::found(7, &mut disk).unwrap();
        let hello = RemoteMember::seed(7, 42);
        let reply = keeper.handle(&hello).unwrap();
        let mut alice = RemoteMember::seeded(&hello, &reply).unwrap();
        drop(keeper);
        assert_eq!(StoredKeeper::found(7, &mut disk).unwrap_err(), ServeError::Founded);

        disk.fail = Some(stored);
        let mut keeper = StoredKeeper::open(&mut disk).unwrap();
        let request = alice.fork().unwrap();
        assert_eq!(keeper.handle(&request).unwrap_err(), ServeError::Store(Failed));
        let reply = keeper.handle(&request).unwrap();
        let Ok(Accepted::Forked(bob)) = alice.accept(&reply) else { panic!() };
        assert_eq!(bob.ticket().to_string(), "7#1");
        assert_eq!(keeper.service().keeper().tickets().count(), 2);
        drop(keeper);
        let mut keeper = StoredKeeper::open(&mut disk).unwrap();
        assert_eq!(keeper.handle(&request).unwrap(), reply, "after a restart, too");
    }
}

#[derive(Clone, Debug)]
enum Op {
    Event(usize),
    Publish(usize),
    Receive(usize, usize),
    Fork(usize),
    Reclaim(usize, usize),
    /// A request of the network arrives, and may stay there for another time.
    Deliver(usize, bool),
    /// So does a reply.
    Return(usize, bool),
    /// What waits for a reply is sent again.
    Retry,
    Restart,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let at = 0..usize::MAX;
    let op = prop_oneof![
        4 => at.clone().prop_map(Op::Event),
        4 => at.clone().prop_map(Op::Publish),
        4 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Receive(a, b)),
        2 => at.clone().prop_map(Op::Fork),
        2 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Reclaim(a, b)),
        12 => (at.clone(), any::<bool>()).prop_map(|(a, b)| Op::Deliver(a, b)),
        12 => (at, any::<bool>()).prop_map(|(a, b)| Op::Return(a, b)),
        4 => Just(Op::Retry),
        1 => Just(Op::Restart),
    ];
    prop::collection::vec(op, 0..250)
}

/// A member, the events that it knows of, and those at its pending request.
struct Tracked {
    member: RemoteMember,
    past: Vec<usize>,
    asked: Vec<usize>,
}

fn learn(past: &mut Vec<usize>, more: &[usize]) {
    past.extend_from_slice(more);
    past.sort_unstable();
    past.dedup();
}

/// An event that is seen, its stamp, and all in its past, itself included.
struct Seen {
    stamp: Stamp,
    past: Vec<usize>,
}

struct World {
    keeper: KeeperService,
    members: Vec<Tracked>,
    /// What the dead have published, by the number of their tickets.
    deposited: std::collections::BTreeMap<Ticket, Vec<usize>>,
    requests: Vec<Request>,
    replies: Vec<Reply>,
    seen: Vec<Seen>,
}

impl World {
    /// The keeper has taken a request in: if it has changed something, what was
    /// deposited has, too.
    fn deliver(&mut self, request: &Request) {
        let before = self.keeper.to_bytes();
        let reply = ask(&mut self.keeper, request);
        let changed = self.keeper.to_bytes() != before;
        if changed && reply.result.is_ok() {
            let asker = self.members.iter_mut().find(|t| t.member.ticket() == request.ticket);
            let asker = asker.unwrap();
            let mut known = asker.asked.clone();
            if let Operation::Reclaim { dead, .. } = &request.operation {
                learn(&mut known, &self.deposited.remove(dead).unwrap());
                asker.asked = known.clone();
            }
            if let Ok(Answer::Forked { newborn, .. }) = &reply.result {
                self.deposited.insert(*newborn, known.clone());
            }
            self.deposited.insert(request.ticket, known);
        }
        self.replies.push(reply);
    }

    fn returned(&mut self, reply: &Reply) {
        let asker = self.members.iter_mut().find(|t| t.member.ticket() == reply.ticket);
        let tracked = asker.unwrap();
        match tracked.member.accept(reply) {
            Ok(Accepted::Published(stamp)) => {
                self.seen.push(Seen { stamp, past: tracked.asked.clone() });
            }
            Ok(Accepted::Forked(newborn)) => {
                let past = tracked.asked.clone();
                self.members.push(Tracked { member: newborn.live(), past, asked: vec![] });
            }
            Ok(Accepted::Reclaimed) => {
                let asked = tracked.asked.clone();
                learn(&mut tracked.past, &asked);
            }
            Ok(Accepted::Unasked) => {}
            Ok(other) => panic!("{other:?}"),
            Err(RemoteError::Refused(Refusal::Fenced(_))) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn take<T: Clone>(from: &mut Vec<T>, at: usize, keep: bool) -> Option<T> {
    if from.is_empty() {
        return None;
    }
    let at = at % from.len();
    Some(if keep { from[at].clone() } else { from.swap_remove(at) })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// With requests and replies that are lost for a while, repeated and out
    /// of order, members that are declared dead, and a keeper that is restarted
    /// from its bytes: the stamps of all events that are ever seen compare as
    /// the events do.
    #[test]
    fn stamps_compare_as_events_do_over_any_network(ops in ops()) {
        let mut keeper = KeeperService::new(7);
        let member = first(&mut keeper);
        let deposited = [(member.ticket(), vec![])].into();
        let members = vec![Tracked { member, past: vec![], asked: vec![] }];
        let mut world =
            World { keeper, members, deposited, requests: vec![], replies: vec![], seen: vec![] };
        let mut events = 0;
        for op in ops {
            let n = world.members.len();
            let request = match op {
                Op::Event(a) => {
                    let tracked = &mut world.members[a % n];
                    if tracked.member.event().is_ok() {
                        tracked.past.push(events);
                        events += 1;
                    }
                    continue;
                }
                Op::Publish(a) => (a, world.members[a % n].member.publish()),
                Op::Fork(a) => (a, world.members[a % n].member.fork()),
                Op::Reclaim(a, b) => {
                    let dead = world.members[b % n].member.ticket();
                    if a % n == b % n {
                        continue;
                    }
                    (a, world.members[a % n].member.reclaim(dead))
                }
                Op::Receive(a, s) => {
                    if !world.seen.is_empty() {
                        let seen = &world.seen[s % world.seen.len()];
                        let tracked = &mut world.members[a % n];
                        tracked.member.merge(&seen.stamp);
                        learn(&mut tracked.past, &seen.past);
                    }
                    continue;
                }
                Op::Deliver(at, keep) => {
                    if let Some(request) = take(&mut world.requests, at, keep) {
                        world.deliver(&request);
                    }
                    continue;
                }
                Op::Return(at, keep) => {
                    if let Some(reply) = take(&mut world.replies, at, keep) {
                        world.returned(&reply);
                    }
                    continue;
                }
                Op::Retry => {
                    let pending = world.members.iter().filter_map(|t| t.member.pending().cloned());
                    world.requests.extend(pending);
                    continue;
                }
                Op::Restart => {
                    world.keeper = KeeperService::decode(&world.keeper.to_bytes()).unwrap();
                    continue;
                }
            };
            if let (a, Ok(request)) = request {
                let tracked = &mut world.members[a % n];
                tracked.asked = tracked.past.clone();
                world.requests.push(request);
            }
        }
        for a in &world.seen {
            for b in &world.seen {
                let subset = a.past.iter().all(|event| b.past.binary_search(event).is_ok());
                prop_assert_eq!(a.stamp.leq(&b.stamp), subset, "{} {}", &a.stamp, &b.stamp);
            }
        }
    }

    /// Whatever bytes come, they are a value in its one form, or an error.
    #[test]
    fn bytes_are_canonical_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(request) = Request::decode(&bytes) {
            prop_assert_eq!(request.encoded_len(), bytes.len());
            prop_assert_eq!(request.to_bytes(), bytes.clone());
            let _ = KeeperService::new(7).handle(&request);
        }
        if let Ok(reply) = Reply::decode(&bytes) {
            prop_assert_eq!(reply.to_bytes(), bytes.clone());
        }
        if let Ok(service) = KeeperService::decode(&bytes) {
            prop_assert_eq!(service.encoded_len(), bytes.len());
            prop_assert_eq!(service.to_bytes(), bytes);
        }
    }
}

fn hex(value: &impl Wire) -> String {
    assert_eq!(value.encoded_len(), value.to_bytes().len());
    value.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All requests and replies, and the state of a keeper.
#[test]
fn the_wire_forms_are_frozen() {
    let mut keeper = KeeperService::new(300);
    let hello = RemoteMember::seed(300, 1000);
    let reply = ask(&mut keeper, &hello);
    assert_eq!((hex(&hello), hex(&reply)), ("ac02000000e807".into(), "ac02000000".into()));
    let mut alice = RemoteMember::seeded(&hello, &reply).unwrap();
    alice.event().unwrap();
    let request = alice.publish().unwrap();
    let reply = ask(&mut keeper, &request);
    let _ = alice.accept(&reply).unwrap();
    assert_eq!((hex(&request), hex(&reply)), ("ac020001010190".into(), "ac02000101".into()));
    let request = alice.fork().unwrap();
    let reply = ask(&mut keeper, &request);
    let Ok(Accepted::Forked(bob)) = alice.accept(&reply) else { panic!() };
    assert_eq!(hex(&request), "ac020002020190");
    assert_eq!(hex(&reply), "ac020002020188ac02010148");
    assert_eq!(hex(&bob), "ac02014c80");
    let request = alice.reclaim(bob.ticket()).unwrap();
    let reply = ask(&mut keeper, &request);
    assert_eq!(hex(&request), "ac020003030190ac0201");
    assert_eq!(hex(&reply), "ac0200030301200190");
    assert_eq!(hex(&keeper), "ac020201e8070190010001200190018001039976c3f90e3856370301200190");

    let ticket = bob.ticket();
    let id: itc::Id = "(0,1)".parse().unwrap();
    for (refusal, bytes) in [
        (Refusal::Fenced(ticket), "80ac0201"),
        (Refusal::Foreign(ticket), "81ac0201"),
        (Refusal::Leaked { part: id.clone() }, "820148"),
        (Refusal::OwnId(ticket), "83ac0201"),
        (Refusal::Stale(ticket), "84ac0201"),
        (Refusal::Overlap { common: id }, "850148"),
        (Refusal::Full, "86"),
        (Refusal::NothingToSplit, "87"),
        (Refusal::Seeded, "88"),
        (Refusal::Old { latest: 300 }, "89ac02"),
        (Refusal::Reused, "8a"),
        (Refusal::WentBack { latest: 300 }, "8bac02"),
    ] {
        let reply = Reply { ticket, number: 5, result: Err(refusal) };
        assert_eq!(hex(&reply), format!("ac020105{bytes}"));
        assert_eq!(Reply::decode(&reply.to_bytes()), Ok(reply));
    }
}

/// A state with any bit flipped or any byte cut off is another state, in its
/// one form, or an error.
#[test]
fn damaged_states_are_refused_or_canonical() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    let mut bob = fork(&mut alice, &mut keeper);
    publish(&mut alice, &mut keeper);
    publish(&mut bob, &mut keeper);
    fork(&mut bob, &mut keeper);
    let mut bytes = keeper.to_bytes();
    assert_eq!(KeeperService::decode(&bytes).unwrap(), keeper);
    for cut in 0..bytes.len() {
        assert!(KeeperService::decode(&bytes[..cut]).is_err());
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            if let Ok(other) = KeeperService::decode(&bytes) {
                assert_eq!(other.to_bytes(), bytes);
            }
            bytes[at] ^= 1 << bit;
        }
    }
}

/// With serde, requests and replies go through JSON and postcard.
#[cfg(feature = "serde")]
#[test]
fn requests_and_replies_round_trip_in_serde() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    alice.event().unwrap();
    let mut turns = vec![(RemoteMember::seed(7, 42), keeper.handle(&RemoteMember::seed(7, 42)))];
    for turn in 0..3 {
        let request = match turn {
            0 => alice.publish(),
            1 => alice.fork(),
            _ => alice.reclaim(keeper.keeper().tickets().last().unwrap()),
        };
        let request = request.unwrap();
        let reply = keeper.handle(&request);
        let _ = alice.accept(&reply).unwrap();
        turns.push((request, reply));
    }
    let ticket = alice.ticket();
    let result = Err(Refusal::Leaked { part: alice.clock().id().clone() });
    turns.push((RemoteMember::seed(7, 42), Reply { ticket, number: 1, result }));
    for (request, reply) in turns {
        let json = serde_json::to_string(&(&request, &reply)).unwrap();
        assert_eq!(
            serde_json::from_str::<(Request, Reply)>(&json).unwrap(),
            (request.clone(), reply.clone())
        );
        let bytes = postcard::to_stdvec(&(&request, &reply)).unwrap();
        assert_eq!(postcard::from_bytes::<(Request, Reply)>(&bytes).unwrap(), (request, reply));
    }
}

/// A request with any bit flipped, or with the largest counters there are, is
/// an error, refused, or done; the state that it leaves can be stored and read.
#[test]
fn hostile_requests_leave_a_sound_state() {
    let mut keeper = KeeperService::new(7);
    let mut alice = first(&mut keeper);
    let mut bob = fork(&mut alice, &mut keeper);
    publish(&mut bob, &mut keeper);
    let before = keeper.to_bytes();
    let events: Vec<EventTree> = ["9", "18446744073709551615", "(1,0,(0,18446744073709551614,0))"]
        .map(|text| text.parse().unwrap())
        .into();
    let (ticket, dead) = (alice.ticket(), bob.ticket());
    let mut requests = vec![RemoteMember::seed(7, 42)];
    for events in events {
        let again = || events.clone();
        for operation in [
            Operation::Publish { events: again() },
            Operation::Fork { events: again() },
            Operation::Reclaim { events: again(), dead },
        ] {
            requests.push(Request { ticket, number: 2, operation });
        }
    }
    let (mut done, mut refused) = (0, 0);
    for request in requests {
        let bytes = request.to_bytes();
        for bit in 0..=8 * bytes.len() {
            let mut bytes = bytes.clone();
            if let Some(byte) = bytes.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            let Ok(request) = Request::decode(&bytes) else { continue };
            let mut keeper = KeeperService::decode(&before).unwrap();
            // A leak is recorded, and asking again succeeds.
            for number in [request.number, request.number.saturating_add(1)] {
                let reply = ask(&mut keeper, &Request { number, ..request.clone() });
                done += u32::from(reply.result.is_ok());
                refused += u32::from(reply.result.is_err());
                assert_eq!(KeeperService::decode(&keeper.to_bytes()).as_ref(), Ok(&keeper));
            }
        }
    }
    assert!(done > 20 && refused > 20, "{done} done, {refused} refused");
}
