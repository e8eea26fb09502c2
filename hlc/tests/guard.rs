//! Forward jumps of the own physical clock: noticed, refused or taken, counted;
//! and the way back for a node that was poisoned.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::recovery::RebornError;
use hlc::{
    BoundStore, ClockJump, DurableError, DurableHlc, Guarded, Hlc, HlcError, HybridLogicalClock,
    HybridStamp, JumpPolicy, SharedHlc, TimeSource, Timestamp,
};
use proptest::prelude::*;

const HERE: NodeId = NodeId::new(1);
const THERE: NodeId = NodeId::new(2);
const TOLERANCE: Duration = Duration::from_millis(250);
const DRIFT: Duration = Duration::from_millis(500);
const YEAR: Duration = Duration::from_secs(31_536_000);
const T0: u64 = 1_780_000_000_000_000_000;

/// A machine: its physical clock and the time that passes, in nanoseconds.
struct Machine {
    wall: Cell<u64>,
    passed: Cell<u64>,
    asked: Cell<u64>,
}

impl Machine {
    fn new() -> Self {
        Self { wall: Cell::new(T0), passed: Cell::new(7), asked: Cell::new(0) }
    }

    fn pass(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap();
        self.wall.set(self.wall.get() + nanos);
        self.passed.set(self.passed.get() + nanos);
    }

    fn step_forward(&self, step: Duration) {
        self.wall.set(self.wall.get() + u64::try_from(step.as_nanos()).unwrap());
    }

    fn step_back(&self, step: Duration) {
        self.wall.set(self.wall.get() - u64::try_from(step.as_nanos()).unwrap());
    }

    fn guarded(&self) -> Guarded<impl TimeSource, impl hlc::MonotonicSource> {
        Guarded::new(
            || PhysicalTime::from_nanos(self.wall.get()),
            || {
                self.asked.set(self.asked.get() + 1);
                Duration::from_nanos(self.passed.get())
            },
            TOLERANCE,
        )
    }

    fn reading(&self) -> PhysicalTime {
        PhysicalTime::from_nanos(self.wall.get())
    }
}

/// Field case 5: the clock jumps a year ahead and is mended. The node's stamps
/// are never ahead, and a peer with a drift bound takes them all.
#[test]
fn a_year_ahead_and_mended_poisons_nobody() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded()).with_drift(DRIFT);
    let shared = SharedHlc::new(THERE, machine.guarded()).with_drift(DRIFT);
    let first = node.now().unwrap();
    shared.now().unwrap();

    machine.pass(Duration::from_millis(10));
    machine.step_forward(YEAR);
    let error = HlcError::ForwardJump {
        ahead_nanos: u64::try_from(YEAR.as_nanos()).unwrap(),
        tolerance_nanos: 250_000_000,
    };
    for _ in 0..3 {
        assert_eq!(node.now(), Err(error));
        assert_eq!(node.receive(&first), Err(error));
        assert_eq!(node.peek(), Err(error));
        assert_eq!(node.close(first.timestamp()), Err(error));
        assert_eq!(shared.now(), Err(error));
        assert_eq!(shared.receive(&first), Err(error));
        assert_eq!(shared.observe(&first), Err(error));
        assert_eq!(shared.peek(), Err(error));
    }
    assert_eq!(node.clock().latest(), first);

    machine.step_back(YEAR);
    machine.pass(Duration::from_millis(10));
    let after = node.now().unwrap();
    assert!(first < after);
    assert!(node.ahead() < Duration::from_micros(16), "rounded up to a unit");
    let mut peer = Hlc::new(THERE, || machine.reading()).with_drift(DRIFT);
    peer.receive(&after).unwrap();
    peer.receive(&shared.now().unwrap()).unwrap();

    let stats = node.stats();
    assert_eq!((stats.stamps, stats.refused.forward_jump, stats.refused.total()), (2, 12, 12));
    assert_eq!((stats.source.forward_jumps, stats.source.largest_forward), (1, YEAR));
    assert_eq!(stats.source.backward_steps, 0, "a jump that was refused is no step back");
    assert_eq!(shared.stats().refused.forward_jump, 12);
}

#[test]
fn jumps_are_refused_taken_or_told_by_policy() {
    static TOLD: AtomicU64 = AtomicU64::new(0);
    fn observe(jump: ClockJump) {
        assert!(jump.reading > jump.expected);
        TOLD.fetch_add(if jump.taken { 100 } else { 1 }, Ordering::Relaxed);
    }
    let told = || TOLD.swap(0, Ordering::Relaxed);
    for (policy, expected) in
        [(JumpPolicy::Refuse, 1), (JumpPolicy::Warn, 100), (JumpPolicy::Take, 0)]
    {
        let machine = Machine::new();
        let source = machine.guarded().with_policy(policy).with_observer(observe);
        let mut node = Hlc::new(HERE, source);
        machine.step_forward(YEAR);
        let given = [node.now(), node.now(), node.now()];
        assert!(given.iter().all(|given| given.is_ok() == (policy != JumpPolicy::Refuse)));
        assert_eq!(told(), expected, "{policy:?}, once for all three readings");
        assert_eq!(node.stats().source.forward_jumps, 1);
        // A second jump, after the first was mended, is told again.
        machine.step_back(YEAR);
        machine.pass(Duration::from_millis(1));
        node.now().unwrap();
        machine.step_forward(2 * YEAR);
        assert_eq!(node.now().is_ok(), policy != JumpPolicy::Refuse);
        assert_eq!(told(), expected);
        assert_eq!(node.stats().source.forward_jumps, 2);
    }
}

#[test]
fn whoever_knows_better_trusts_a_jump() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded());
    machine.step_forward(Duration::from_secs(3600)); // a paused virtual machine
    assert!(node.now().is_err());
    node.source().trust();
    assert_eq!(node.now().unwrap().timestamp().physical_time(), machine.reading());
    machine.step_forward(Duration::from_secs(1));
    assert!(node.now().is_err(), "and the next jump is one");
}

/// Field case 2: a laptop sleeps for eight hours, and the monotonic source goes
/// on meanwhile.
#[test]
fn sleep_is_no_jump() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded());
    machine.pass(Duration::from_secs(8 * 3600));
    node.now().unwrap();
    assert_eq!(node.stats().source.forward_jumps, 0);
}

#[test]
fn the_monotonic_source_is_asked_once_a_tolerance() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded());
    for _ in 0..100_000 {
        machine.pass(Duration::from_micros(100)); // ten seconds
        node.now().unwrap();
    }
    let checks = node.stats().source.checks;
    assert_eq!(machine.asked.get(), checks + 1, "and once at the start");
    assert!((39..=40).contains(&checks), "{checks}");
}

#[test]
fn small_steps_are_tolerated_and_do_not_add_up() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded());
    // One of 200 ms is fine. A second one within a second is not.
    machine.step_forward(Duration::from_millis(200));
    node.now().unwrap();
    machine.pass(Duration::from_millis(100));
    node.now().unwrap();
    machine.step_forward(Duration::from_millis(200));
    assert!(node.now().is_err());
    machine.step_back(Duration::from_millis(200));
    // After some time, the first is forgiven.
    for _ in 0..2_000 {
        machine.pass(Duration::from_millis(100));
        node.now().unwrap();
    }
    machine.step_forward(Duration::from_millis(200));
    node.now().unwrap();
}

#[test]
fn a_clock_at_double_speed_is_found_out_and_a_slewed_one_is_not() {
    for (millionths, fine) in [(1_000_000, false), (10_000, false), (500, true)] {
        let machine = Machine::new();
        let mut node = Hlc::new(HERE, machine.guarded());
        let refused = (0..3_600_000).position(|_| {
            machine.pass(Duration::from_millis(1));
            machine.step_forward(Duration::from_nanos(millionths));
            node.now().is_err()
        });
        assert_eq!(refused.is_none(), fine, "{millionths} ppm: {refused:?}");
    }
}

#[test]
fn steps_back_are_counted_and_going_forward_again_is_no_jump() {
    let machine = Machine::new();
    let mut node = Hlc::new(HERE, machine.guarded());
    let first = node.now().unwrap();
    machine.step_back(Duration::from_secs(10));
    for _ in 0..1_000 {
        machine.pass(Duration::from_micros(10));
        assert!(node.now().unwrap() > first);
    }
    let source = node.stats().source;
    assert_eq!((source.backward_steps, source.largest_backward.as_millis()), (1, 9_999));
    assert_eq!(source.checks, 1, "a clock that was set back costs no more than another");
    machine.step_forward(Duration::from_secs(10));
    machine.pass(Duration::from_secs(1));
    node.now().unwrap();
    assert_eq!(node.stats().source.forward_jumps, 0);
    // Ten seconds behind, all stamps had this lead.
    assert_eq!(node.stats().largest_lead.as_secs(), 9);
}

#[test]
fn refusals_are_counted_by_reason() {
    let reading = Cell::new(PhysicalTime::from_secs(7));
    let source = || reading.get();
    let mut single = Hlc::new(HERE, source).with_drift(DRIFT);
    let shared = SharedHlc::new(HERE, source).with_drift(DRIFT);
    let ahead = Timestamp::of_reading(PhysicalTime::from_secs(8)).unwrap();
    let ahead = HybridStamp::new(ahead, THERE);
    let last = HybridStamp::new(Timestamp::MAX, THERE);
    assert_eq!(single.receive(&ahead).is_err(), shared.receive(&ahead).is_err());
    assert_eq!(single.close(ahead.timestamp()), shared.observe(&ahead));
    reading.set(PhysicalTime::from_secs(1 << 40));
    assert_eq!(single.now(), shared.now());
    assert_eq!(single.peek(), shared.peek());
    reading.set(PhysicalTime::from_secs((1 << 32) - 1).saturating_add(Duration::from_millis(900)));
    assert_eq!(single.receive(&last), shared.receive(&last));
    let stats = single.stats();
    let refused = stats.refused;
    assert_eq!((refused.too_far_ahead, refused.out_of_range, refused.exhausted), (2, 2, 1));
    assert_eq!((refused.total(), stats.stamps), (5, 0));
    assert_eq!(shared.stats(), stats);
}

/// A disk that can be full.
#[derive(Default)]
struct Disk(Option<Timestamp>, bool);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk is full")]
struct Full;

impl BoundStore<Timestamp> for Disk {
    type Error = Full;
    fn load(&mut self) -> Result<Option<Timestamp>, Full> {
        Ok(self.0)
    }
    fn save(&mut self, bound: &Timestamp) -> Result<(), Full> {
        if self.1 {
            return Err(Full);
        }
        self.0 = Some(*bound);
        Ok(())
    }
}

#[test]
fn a_durable_clock_is_guarded_and_counts_too() {
    let machine = Machine::new();
    let mut disk = Disk::default();
    let window = Duration::from_secs(1);
    let hlc = Hlc::new(HERE, machine.guarded());
    let mut clock = DurableHlc::open(hlc, &mut disk, window).unwrap();
    clock.now().unwrap();
    machine.step_forward(YEAR);
    assert!(matches!(clock.now(), Err(DurableError::Clock(HlcError::ForwardJump { .. }))));
    let stats = clock.stats();
    assert_eq!((stats.stamps, stats.refused.forward_jump), (1, 1));
    assert!(disk.0.unwrap().physical_time() < machine.reading(), "the bound is not poisoned");

    let mut full = Disk(None, true);
    let mut clock =
        DurableHlc::open(Hlc::new(HERE, || machine.reading()), &mut full, window).unwrap();
    assert_eq!(clock.now(), Err(DurableError::Store(Full)));
    assert_eq!((clock.stats().stamps, clock.stats().refused.store), (0, 1));
}

/// A node without a guard takes a bad reading, and is mended: under the old id
/// peers refuse it even after a restart, under a new one they take everything,
/// and what it held keeps its order.
#[test]
fn a_poisoned_node_comes_back_under_a_new_id() {
    let machine = Machine::new();
    let source = || machine.reading();
    let mut disk = Disk::default();
    let window = Duration::from_secs(1);
    let mut peer = Hlc::new(THERE, source).with_drift(DRIFT);
    let hlc = || Hlc::new(HERE, source).with_drift(DRIFT);

    let mut node = DurableHlc::open(hlc(), &mut disk, window).unwrap();
    let mut held = vec![node.now().unwrap()];
    held.push(node.receive(&peer.now().unwrap()).unwrap());
    let sound = held.len();
    machine.step_forward(YEAR);
    held.push(node.now().unwrap());
    machine.step_back(YEAR);
    held.push(node.now().unwrap());
    // What a peer may send that is as far ahead as is accepted.
    machine.pass(Duration::from_millis(1));
    held.push(node.receive(&peer.now().unwrap()).unwrap());
    assert!(node.ahead() > YEAR - window);
    assert!(peer.receive(&held[4]).is_err());
    node.stop().unwrap();

    let mut same = DurableHlc::open(hlc(), &mut disk, window).unwrap();
    assert!(peer.receive(&same.now().unwrap()).is_err(), "a restart alone does not help");
    let old = same.hlc().clock().clone();

    let refused = old.clone().reborn_as(HERE, machine.reading());
    assert_eq!(refused, Err(RebornError::SameNode(HERE)));
    let reborn = old.reborn_as(NodeId::new(3), machine.reading()).unwrap();
    assert!(reborn.lead > YEAR - window);
    let again: Vec<_> = held.iter().filter(|stamp| reborn.is_after_cut(stamp)).collect();
    assert_eq!(again, held[sound..].iter().collect::<Vec<_>>());
    let count = again.len();

    let mut new_disk = Disk::default();
    let hlc = Hlc::from_clock(reborn.clock, source);
    let mut node = DurableHlc::open(hlc, &mut new_disk, window).unwrap();
    machine.pass(node.ahead());
    let mut last = held[sound - 1];
    for _ in 0..count {
        let stamp = node.now().unwrap();
        assert!(stamp > last && !held.contains(&stamp));
        peer.receive(&stamp).unwrap();
        last = stamp;
    }
}

#[test]
fn a_sound_clock_is_not_reborn() {
    let reading = PhysicalTime::from_nanos(T0);
    let mut clock = HybridLogicalClock::new(HERE).with_drift(DRIFT);
    clock.tick(reading).unwrap();
    assert_eq!(clock.clone().reborn_as(THERE, reading), Err(RebornError::NotAhead));
    let earlier = reading.saturating_sub(Duration::from_millis(400));
    assert_eq!(clock.reborn_as(THERE, earlier), Err(RebornError::NotAhead));
}

proptest! {
    /// Whatever the two sources do, checking now and then refuses exactly what
    /// is further ahead than the tolerance allows: nothing that is given is
    /// ahead of what was believed by more than the tolerance and what a clock
    /// may gain, and nothing is refused that is not ahead by the tolerance.
    #[test]
    fn what_is_given_is_never_ahead_of_the_tolerance(
        steps in prop::collection::vec((0..400_u64, -600..600_i64), 1..60),
    ) {
        let machine = Machine::new();
        let guard = machine.guarded();
        let (start, mut highest) = (machine.wall.get(), machine.wall.get());
        for (pass, step) in steps {
            machine.pass(Duration::from_millis(pass));
            machine.wall.set(machine.wall.get().checked_add_signed(step * 1_000_000).unwrap());
            let passed = machine.passed.get() - 7;
            let (truth, wall) = (start + passed, machine.wall.get());
            match guard.checked_read() {
                Ok(reading) => {
                    prop_assert_eq!(reading.as_nanos(), wall);
                    prop_assert!(wall <= truth + passed / 1_000 + 250_000_000);
                    highest = highest.max(wall);
                }
                Err(_) => prop_assert!(wall > truth + 250_000_000),
            }
        }
        prop_assert!(highest >= start);
    }
}

/// Threads on one guard, and a clock that jumps and is mended under them.
#[test]
fn threads_share_a_guard() {
    let wall = AtomicU64::new(T0);
    let passed = AtomicU64::new(0);
    let source = Guarded::new(
        || PhysicalTime::from_nanos(wall.load(Ordering::Relaxed)),
        || Duration::from_nanos(passed.load(Ordering::Relaxed)),
        TOLERANCE,
    );
    let clock = SharedHlc::new(HERE, source);
    std::thread::scope(|scope| {
        let work = || {
            let mut given = 0;
            for _ in 0..100_000 {
                if let Ok(stamp) = clock.now() {
                    let ahead = stamp.timestamp().physical_time().as_nanos() - T0;
                    assert!(ahead < 1_000_000_000_000, "a year ahead: {stamp}");
                    given += 1;
                }
            }
            given
        };
        let threads = [scope.spawn(work), scope.spawn(work)];
        let year = u64::try_from(YEAR.as_nanos()).unwrap();
        for round in 0..1_000_u64 {
            passed.store(round * 100_000_000, Ordering::Relaxed);
            wall.store(T0 + round * 100_000_000, Ordering::Relaxed);
            wall.fetch_add(year, Ordering::Relaxed);
            std::thread::yield_now();
            wall.fetch_sub(year, Ordering::Relaxed);
        }
        let given: u64 = threads.map(|thread| thread.join().unwrap()).iter().sum();
        assert_eq!(clock.stats().stamps, given);
    });
}
