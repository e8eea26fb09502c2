//! What `clockbench advise` prints as code: a section a family. The parameters
//! here are examples; take those of the advice.
//!
//! `cargo run -p harness --example advised_clocks` runs each once.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::time::Duration;

use causal_clock::{CausalClock, CausalOrder, CausalStamp, NodeId, Scheme, SystemEnvironment};

type Tried = Result<(), Box<dyn std::error::Error>>;

fn interval_tree_clocks() -> Tried {
    // [itc]
    let mut alice = itc::Itc::seed(); // once, for the first participant
    let mut bob = alice.fork(); // a participant is born: no id is asked for
    let message = alice.send()?; // an event, and its stamp: goes with the data
    bob.receive(&message)?;
    assert!(message < bob.peek());
    alice.join(bob)?; // a participant retires: its part of the interval is used again
    // [end]
    Ok(())
}

fn vector_clocks() -> Tried {
    // [vc]
    use bounded_vc::VectorClock;
    let mut alice = VectorClock::new(NodeId::new(1));
    let mut bob = VectorClock::new(NodeId::new(2));
    alice.event()?;
    let message = alice.stamp(); // goes with the data
    bob.merge(&message);
    bob.event()?;
    assert_eq!(message.compare(&bob.stamp()).order, CausalOrder::Before);
    // [end]
    Ok(())
}

fn path_clocks() -> Tried {
    // [vc-paths]
    use bounded_vc::PathClock;
    let mut alice = PathClock::root(0); // once, for the first participant
    let mut bob = alice.fork(); // a participant is born, and named by its parent
    alice.event()?;
    let message = alice.stamp(); // goes with the data
    bob.merge(&message);
    bob.event()?;
    assert_eq!(message.compare(&bob.stamp()).order, CausalOrder::Before);
    // [end]
    Ok(())
}

fn siblings() -> Tried {
    // [siblings]
    use bounded_vc::DvvSet;
    let server = NodeId::new(1);
    let mut object = DvvSet::new();
    let context = object.context(); // what a client has read …
    object.update(&context, "mine", server)?;
    object.update(&context, "yours", server)?; // … and another, at the same time
    assert_eq!(object.len(), 2); // both are kept: siblings
    let both = object.context(); // a client reads both,
    object.update(&both, "ours", server)?; // and resolves them
    assert_eq!(object.len(), 1);
    // [end]
    Ok(())
}

fn tree_clocks() -> Tried {
    // [tree]
    use bounded_vc::TreeClock;
    let mut thread = TreeClock::new(NodeId::new(1));
    let mut other = TreeClock::new(NodeId::new(2));
    thread.event()?;
    let mut lock = thread.stamp(); // a lock is released: it carries the stamp on
    other.merge(&lock)?; // and acquired
    other.event()?;
    lock.update(&other); // released again: brought up to date in place
    // [end]
    Ok(())
}

fn hybrid_logical_clocks() -> Tried {
    let folder = std::env::temp_dir().join(format!("advised-clocks-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("clock");
    // [hlc]
    use hlc::{DurableHlc, FileStore, Guarded, Hlc};
    let bound = Duration::from_millis(100); // near the synchronisation error
    let source = Guarded::system(bound / 2); // refuses a jump of the own clock
    let clock = Hlc::new(NodeId::new(1), source).with_drift(bound);
    let window = Duration::from_secs(1); // a write of the bound a second
    let mut clock = DurableHlc::open(clock, FileStore::open(&path)?, window)?;
    let stamp = clock.now()?; // an event of one's own, or a message to send
    assert!(clock.receive(&stamp)? > stamp); // a message that arrives
    clock.stop()?; // an orderly end
    // [end]
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn wide_hybrid_logical_clocks() -> Tried {
    // [hlc96]
    use hlc::{Hlc, SystemClock, WideTimestamp}; // `DurableHlc` wraps it as any other
    let mut clock = Hlc::<_, WideTimestamp>::of_form(NodeId::new(1), SystemClock);
    let stamp = clock.now()?;
    assert!(clock.receive(&stamp)? > stamp);
    // [end]
    Ok(())
}

fn lamport_clocks() -> Tried {
    // [lamport]
    use plausible::LamportClock;
    let mut alice = LamportClock::new(NodeId::new(1));
    let mut bob = LamportClock::new(NodeId::new(2));
    alice.event()?;
    let message = alice.stamp();
    bob.merge(&message)?;
    bob.event()?;
    let key = |stamp: &plausible::LamportStamp| (stamp.counter(), stamp.site());
    assert!(key(&message) < key(&bob.stamp())); // a total order
    // [end]
    Ok(())
}

/// Every other scheme is used by way of the traits.
// [any]
fn exchange(scheme: &impl Scheme) -> Result<(), Box<dyn std::error::Error>> {
    let env = &mut SystemEnvironment; // gives time and fresh ids
    let mut alice = scheme.seed(env); // once, for the first participant
    let mut bob = alice.fork(env); // a participant is born
    let message = alice.send(env)?; // an event, and its stamp: goes with the data
    bob.receive(&message, env)?;
    let verdict = message.compare(&bob.stamp());
    println!("{:?}, proven: {}", verdict.order, verdict.proven);
    Ok(())
}
// [end]

fn pruned() -> Tried {
    let few = |k| NonZeroU32::new(k).ok_or("no entries");
    // [vc-bounded]
    let scheme = bounded_vc::BoundedVectorClocks { k: few(10)? };
    exchange(&scheme)?;
    // [end]
    // [vc-capped]
    use bounded_vc::{CappedVectorClocks, DropOrder};
    let default = CappedVectorClocks::default();
    let scheme = CappedVectorClocks { k: few(10)?, drop: DropOrder::Stalest, ..default };
    exchange(&scheme)?;
    // [end]
    // [vc-aged]
    let scheme = bounded_vc::AgedVectorClocks { age: Duration::from_secs(60) };
    exchange(&scheme)?;
    // [end]
    // [riak]
    use bounded_vc::RiakVectorClocks;
    let ages = RiakVectorClocks { young: Duration::from_secs(20), ..RiakVectorClocks::default() };
    let scheme = RiakVectorClocks { small: 10, big: 50, ..ages };
    exchange(&scheme)?;
    // [end]
    // [akka]
    let scheme = bounded_vc::AkkaVectorClocks { keep: Duration::from_secs(60) };
    exchange(&scheme)?;
    // [end]
    // [horizon]
    use bounded_vc::HorizonClocks;
    let scheme = HorizonClocks { k: few(10)?, ..HorizonClocks::default() };
    exchange(&scheme)?;
    // [end]
    Ok(())
}

fn plausible() -> Tried {
    let many = |r| NonZeroU16::new(r).ok_or("no entries");
    let levels = |k| NonZeroU8::new(k).ok_or("no levels");
    // [rev]
    exchange(&plausible::Rev { r: many(16)? })?;
    // [end]
    // [nurev]
    exchange(&plausible::Nurev { r: many(16)?, ids: true })?;
    // [end]
    // [k-lamport]
    exchange(&plausible::KLamport { k: levels(3)? })?;
    // [end]
    // [comb]
    exchange(&plausible::Comb { r: many(16)?, k: levels(2)? })?;
    // [end]
    // [rk]
    exchange(&plausible::Rk::new(16, 2)?)?;
    // [end]
    // [bloom]
    exchange(&plausible::Bloom::new(32, 2)?)?;
    // [end]
    // [elastic]
    exchange(&plausible::Elastic::new(4, 64)?)?;
    // [end]
    // [recency]
    exchange(&plausible::Recency::new(16, 6)?)?;
    // [end]
    // [evc]
    exchange(&plausible::Encoded::default())?;
    // [end]
    Ok(())
}

fn physical() -> Tried {
    // [pwc]
    exchange(&hlc::PhysicalClocksWithCausality::default())?;
    // [end]
    // [hvc]
    exchange(&hlc::HybridVectorClocks { epsilon: Duration::from_millis(100) })?;
    // [end]
    // [repcl]
    exchange(&hlc::ReplayClocks::default())?;
    // [end]
    // [physical]
    exchange(&hlc::PhysicalClocks::default())?;
    // [end]
    Ok(())
}

fn main() -> Tried {
    interval_tree_clocks()?;
    vector_clocks()?;
    path_clocks()?;
    siblings()?;
    tree_clocks()?;
    hybrid_logical_clocks()?;
    wide_hybrid_logical_clocks()?;
    lamport_clocks()?;
    pruned()?;
    plausible()?;
    physical()
}
