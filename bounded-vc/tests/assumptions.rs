//! What the assumptions are worth: counters never restart, and ids are unique.
//! Where they hold, the laws in `laws.rs` do, with restarts from the latest
//! state among them. Here they do not hold: which guarantees are lost is found,
//! and that no others are.

use std::num::NonZeroU32;
use std::time::Duration;

use bounded_vc::{
    AkkaVectorClocks, BoundedVectorClocks, HorizonClocks, PrunedClock, PrunedStamp,
    RiakVectorClocks, TreeClocks, VectorClock, VectorClocks,
};
use causal_clock::CausalOrder::{After, Before, Concurrent, Equal};
use causal_clock::laws::{
    Shape, assert_guarantees, assert_lacks_the_rest, check_guarantees, check_proofs,
    find_counterexample, replay,
};
use causal_clock::{
    CausalClock, CausalStamp, DecodeError, Environment, Guarantee, Guarantees, ManualEnvironment,
    NodeId, PhysicalTime, Rejected, Scheme, Verdict, Wire,
};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The latest event and what was merged since are not on disk, and a
    /// restart goes on without them. (The participant is the same one: its
    /// earlier events are in the past of its later ones.)
    LosesItsLatest,
    /// Every other participant has the same id.
    SharesIds,
}

/// A scheme whose participants do that, and the guarantees it has even so.
#[derive(Clone, Debug)]
struct Faulty<S>(S, Fault, Guarantees);

#[derive(Clone, Debug)]
struct FaultyClock<C> {
    now: C,
    disk: C,
    fault: Fault,
}

impl<C: CausalClock + Clone> FaultyClock<C> {
    fn saved(now: C, fault: Fault) -> Self {
        Self { disk: now.clone(), now, fault }
    }
}

/// Half of the ids are one.
struct Namesakes<'a, E>(&'a mut E);

impl<E: Environment> Environment for Namesakes<'_, E> {
    fn now(&mut self) -> PhysicalTime {
        self.0.now()
    }

    fn fresh_id(&mut self) -> NodeId {
        let id = self.0.fresh_id().get();
        NodeId::new(if id.is_multiple_of(2) { id } else { 1 })
    }
}

impl<S: Scheme<Clock: Clone>> Scheme for Faulty<S> {
    type Clock = FaultyClock<S::Clock>;

    fn name(&self) -> String {
        format!("{} where {:?}", self.0.name(), self.1)
    }

    fn guarantees(&self) -> Guarantees {
        self.2
    }

    fn seed(&self, env: &mut impl Environment) -> Self::Clock {
        FaultyClock::saved(self.0.seed(env), self.1)
    }
}

impl<C: CausalClock + Clone> CausalClock for FaultyClock<C> {
    type Stamp = C::Stamp;
    type Error = C::Error;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        let child = match self.fault {
            Fault::SharesIds => self.now.fork(&mut Namesakes(env)),
            Fault::LosesItsLatest => self.now.fork(env),
        };
        Self::saved(child, self.fault)
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), C::Error> {
        self.disk = self.now.clone();
        self.now.event(env)
    }

    fn stamp(&self) -> C::Stamp {
        self.now.stamp()
    }

    fn merge(&mut self, stamp: &C::Stamp, env: &mut impl Environment) -> Result<(), C::Error> {
        self.now.merge(stamp, env)
    }

    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>> {
        let (disk, fault) = (retired.disk, self.fault);
        self.now.join(retired.now, env).map_err(|refused| {
            let now = *refused.retired;
            Rejected::new(Self { now, disk, fault }, refused.error)
        })
    }
}

impl<C> FaultyClock<C> {
    /// What a restart goes on from.
    const fn state(&self) -> &C {
        match self.fault {
            Fault::SharesIds => &self.now,
            Fault::LosesItsLatest => &self.disk,
        }
    }
}

impl<C: CausalClock + Clone> Wire for FaultyClock<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.fault == Fault::SharesIds));
        self.state().encode(out);
    }

    fn encoded_len(&self) -> usize {
        1 + self.state().encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (fault, state) = bytes.split_first().ok_or(DecodeError::UnexpectedEnd { at: 0 })?;
        let fault = if *fault == 1 { Fault::SharesIds } else { Fault::LosesItsLatest };
        Ok(Self::saved(C::decode(state)?, fault))
    }
}

/// Of all guarantees just those of `kept` are left where there is the fault,
/// and for each lost one something wrong is called proven in an execution that
/// is harmless without the fault.
fn leaves<S: Scheme<Clock: Clone>>(scheme: &S, fault: Fault, kept: &[Guarantee]) {
    let shape = Shape::default();
    let faulty = Faulty(scheme.clone(), fault, Guarantees::of(kept));
    assert_guarantees(&faulty, &shape);
    assert_lacks_the_rest(&faulty, &shape);
    for lost in scheme.guarantees().held().filter(|guarantee| !kept.contains(guarantee)) {
        let execution = find_counterexample(&faulty, lost, &shape).expect("there is one");
        let wrong = check_proofs(&replay(&faulty, &execution).expect("no counter is full"));
        assert!(wrong.is_err(), "{}: only guesses are wrong without `{lost}`", faulty.name());
        let honest = replay(scheme, &execution).expect("no counter is full");
        check_guarantees(scheme, &honest).expect("as declared");
        check_proofs(&honest).expect("as declared");
    }
}

#[test]
fn counters_that_restart_break_everything() {
    let fault = Fault::LosesItsLatest;
    leaves(&VectorClocks {}, fault, &[]);
    leaves(&TreeClocks {}, fault, &[]);
    leaves(&BoundedVectorClocks::default(), fault, &[]);
    leaves(&RiakVectorClocks::default(), fault, &[]);
    leaves(&AkkaVectorClocks::default(), fault, &[]);
    // All events within one tick: else the time tells old events from new.
    let tick = Duration::from_secs(86_400);
    leaves(&HorizonClocks { tick, ..HorizonClocks::default() }, fault, &[]);
}

/// Namesakes count on from whatever they hear of each other: an order is still
/// seen, where there is one.
#[test]
fn ids_that_are_shared_break_half() {
    let (fault, kept) = (Fault::SharesIds, [Guarantee::Complete, Guarantee::Consistent]);
    leaves(&VectorClocks {}, fault, &kept);
    leaves(&HorizonClocks::default(), fault, &kept);
    // These lose the rest, too. A tree is only looked into where it is news.
    leaves(&TreeClocks {}, fault, &[]);
    // What is dropped on the way is not counted on from.
    let k = NonZeroU32::new(3).expect("not zero");
    leaves(&BoundedVectorClocks { k }, fault, &[]);
    leaves(&AkkaVectorClocks::default(), fault, &[]);
}

/// The smallest case: an event was sent and not saved.
#[test]
fn an_event_that_is_not_saved_is_taken_for_the_next() {
    let mut alice = VectorClock::new(NodeId::new(1));
    let mut bob = alice.fork(NodeId::new(2));
    let before = alice.to_bytes();
    alice.event().expect("room");
    let after = alice.to_bytes();
    let sent = alice.stamp();
    bob.merge(&sent);
    bob.event().expect("room");
    let told = bob.stamp();

    let next = |saved: &[u8]| {
        let mut alice = VectorClock::decode(saved).expect("her bytes");
        alice.event().expect("room");
        alice.stamp()
    };
    let again = next(&before);
    assert_eq!(sent.compare(&again), Verdict::proven(Equal), "they are two");
    assert_eq!(again.compare(&told), Verdict::proven(Before), "Bob has not heard of it");
    let second = next(&after);
    assert_eq!(sent.compare(&second), Verdict::proven(Before));
    assert_eq!(second.compare(&told), Verdict::proven(Concurrent));
}

/// Riak's rule at work on a participant's own entry: its clock starts anew and
/// counts up to, and past, the name of an event that is in its past.
#[test]
fn an_own_entry_that_is_dropped_is_counted_again() {
    let stamps = |keep_own| {
        let young = Duration::from_secs(3);
        let riak = RiakVectorClocks { small: 1, big: 1, young, keep_own, ..Default::default() };
        let env = &mut ManualEnvironment::default();
        let mut clock = riak.seed(env);
        let mut other = clock.fork(env);
        let mut events = |clock: &mut PrunedClock<_>, seconds: std::ops::RangeInclusive<u64>| {
            let each = seconds.map(|second| {
                env.set_now(PhysicalTime::from_secs(second));
                clock.send(env).expect("room")
            });
            each.collect::<Vec<_>>()
        };
        let old = events(&mut clock, 1..=3).pop().expect("three");
        let heard = events(&mut other, 5..=5).pop().expect("one");
        let env = &mut ManualEnvironment::default();
        env.set_now(PhysicalTime::from_secs(6));
        clock.merge(&heard, env).expect("room");
        (old, events(&mut clock, 7..=10))
    };
    let (old, new) = stamps(false);
    let dominates = |new: &PrunedStamp| {
        (old.vector().descends(new.vector()), new.vector().descends(old.vector()))
    };
    // All are later. Riak compares what is known: in conflict; below; the same;
    // at last above. Ours compare names, and do not vouch for it.
    let known: Vec<_> = new.iter().map(dominates).collect();
    assert_eq!(known, [(false, false), (true, false), (true, true), (false, true)]);
    let said: Vec<_> = new.iter().map(|new| old.compare(new)).collect();
    assert_eq!(said, [After, After, Equal, Before].map(Verdict::guessed));

    let (old, new) = stamps(true);
    for new in new {
        assert!(new.vector().descends(old.vector()));
        assert_eq!(old.compare(&new), Verdict::proven(Before));
    }
}
