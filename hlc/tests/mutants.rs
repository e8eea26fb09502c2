//! Defects seen in other implementations, and some that suggest themselves,
//! each built in on purpose: the examination that this crate's clock passes
//! must fail every one of them. (A send that loads and then stores is in
//! `interleavings/`: it takes two threads to fail.)
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{Hlc, HybridStamp, Timestamp};

/// `(l, c)`, l in units of 2⁻¹⁶ s.
type Pair = (u64, u64);

const UNITS_PER_SEC: u64 = 1 << 16;
const BOUND: Duration = Duration::from_millis(500);

/// What an implementation can be asked. Times are readings in nanoseconds.
trait Implementation {
    fn now(&mut self, reading: u64) -> Option<Pair>;
    fn receive(&mut self, message: Pair, reading: u64) -> Option<Pair>;
}

/// This crate's.
struct Ours {
    clock: Hlc<Box<dyn Fn() -> PhysicalTime>>,
    reading: Rc<Cell<u64>>,
}

impl Ours {
    fn new() -> Self {
        let reading = Rc::new(Cell::new(0));
        let source = Rc::clone(&reading);
        let source: Box<dyn Fn() -> PhysicalTime> =
            Box::new(move || PhysicalTime::from_nanos(source.get()));
        Self { clock: Hlc::new(NodeId::new(1), source).with_drift(BOUND), reading }
    }
}

fn pair(stamp: HybridStamp) -> Pair {
    (stamp.timestamp().time(), stamp.timestamp().counter())
}

impl Implementation for Ours {
    fn now(&mut self, reading: u64) -> Option<Pair> {
        self.reading.set(reading);
        self.clock.now().ok().map(pair)
    }

    fn receive(&mut self, (time, counter): Pair, reading: u64) -> Option<Pair> {
        self.reading.set(reading);
        let timestamp = Timestamp::from_parts(time, counter).unwrap();
        self.clock.receive(&HybridStamp::new(timestamp, NodeId::new(2))).ok().map(pair)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    None,
    /// A receipt from a node that is ahead starts the counter at one.
    ForgetsTheirCounter,
    /// A receipt starts the counter anew where the own clock leads.
    ForgetsOwnCounter,
    /// A receipt where both lead counts on from the own counter alone.
    IgnoresTheirCounterInATie,
    CounterWraps,
    NoStampWhenFull,
    RoundsDown,
    /// `|l_m − pt| > Δ`.
    RefusesLateStamps,
    /// The drift is tested when the state has changed.
    ChangesThenRefuses,
    /// The drift is measured from the own timestamp.
    ComparesWithOwnTimestamp,
    NeverRefuses,
    /// The physical clock's steps back are followed.
    FollowsTheClockBack,
    /// `l = max(l + 1, pt)`.
    Naive,
}

const DEFECTS: [Defect; 12] = [
    Defect::ForgetsTheirCounter,
    Defect::ForgetsOwnCounter,
    Defect::IgnoresTheirCounterInATie,
    Defect::CounterWraps,
    Defect::NoStampWhenFull,
    Defect::RoundsDown,
    Defect::RefusesLateStamps,
    Defect::ChangesThenRefuses,
    Defect::ComparesWithOwnTimestamp,
    Defect::NeverRefuses,
    Defect::FollowsTheClockBack,
    Defect::Naive,
];

/// The paper's pseudocode, with one defect.
struct Mutant {
    state: Pair,
    defect: Defect,
}

impl Mutant {
    fn units(&self, nanos: u64) -> u64 {
        let exact = u128::from(nanos) << 16;
        let units = match self.defect {
            Defect::RoundsDown => exact / 1_000_000_000,
            _ => exact.div_ceil(1_000_000_000),
        };
        units.try_into().unwrap()
    }

    fn count(&mut self, time: u64, counter: u64) -> Option<Pair> {
        self.state = match (counter <= 0xffff, self.defect) {
            (true, _) => (time, counter),
            (false, Defect::CounterWraps) => (time, 0),
            (false, Defect::NoStampWhenFull) => return None,
            (false, _) => (time + 1, 0),
        };
        Some(self.state)
    }
}

impl Implementation for Mutant {
    fn now(&mut self, reading: u64) -> Option<Pair> {
        let (pt, (l, c)) = (self.units(reading), self.state);
        match self.defect {
            Defect::FollowsTheClockBack if pt != l => self.count(pt, 0),
            Defect::Naive => self.count((l + 1).max(pt), 0),
            _ if pt > l => self.count(pt, 0),
            _ => self.count(l, c + 1),
        }
    }

    fn receive(&mut self, (l_m, c_m): Pair, reading: u64) -> Option<Pair> {
        let (pt, (l, c)) = (self.units(reading), self.state);
        let bound = self.units(500_000_000);
        let refused = match self.defect {
            Defect::RefusesLateStamps => l_m.abs_diff(pt) > bound,
            Defect::ComparesWithOwnTimestamp => l_m.saturating_sub(l.max(pt)) > bound,
            Defect::NeverRefuses => false,
            _ => l_m.saturating_sub(pt) > bound,
        };
        if refused {
            if self.defect == Defect::ChangesThenRefuses {
                self.state = self.state.max((l_m, c_m));
            }
            return None;
        }
        let new = l.max(l_m).max(pt);
        let counter = match self.defect {
            Defect::Naive => return self.count((l + 1).max(l_m + 1).max(pt), 0),
            Defect::IgnoresTheirCounterInATie if new == l && new == l_m => c + 1,
            _ if new == l && new == l_m => c.max(c_m) + 1,
            Defect::ForgetsOwnCounter if new == l => 0,
            _ if new == l => c + 1,
            Defect::ForgetsTheirCounter if new == l_m => 1,
            _ if new == l_m => c_m + 1,
            _ => 0,
        };
        self.count(new, counter)
    }
}

/// What is wrong with an implementation, if anything is found.
fn examine<I: Implementation>(new: impl Fn() -> I) -> Result<(), &'static str> {
    const SECOND: u64 = 1_000_000_000;
    let check = |holds: bool, what: &'static str| if holds { Ok(()) } else { Err(what) };
    let units = |seconds: u64| seconds * UNITS_PER_SEC;

    let mut clock = new();
    let first = clock.now(10 * SECOND).ok_or("no stamp")?;
    let received = clock.receive((units(10) + 9, 41), 10 * SECOND);
    check(received == Some((units(10) + 9, 42)), "the message leads")?;
    let received = clock.receive((units(10) + 9, 77), 10 * SECOND);
    check(received == Some((units(10) + 9, 78)), "both lead")?;
    let received = clock.receive((units(10), 99), 10 * SECOND);
    check(received == Some((units(10) + 9, 79)), "the own clock leads")?;
    let back = clock.now(9 * SECOND);
    check(back == Some((units(10) + 9, 80)) && back > Some(first), "set back")?;
    check(clock.now(11 * SECOND) == Some((units(11), 0)), "the reading leads")?;

    let mut clock = new();
    // Refused: half a second and some after the reading, whatever the own
    // timestamp is. Accepted: late by any time.
    clock.now(20 * SECOND).ok_or("no stamp")?;
    check(clock.receive((units(20), 0), 19 * SECOND).is_none(), "drift")?;
    let next = clock.now(20 * SECOND);
    check(next == Some((units(20), 1)), "a refusal changes nothing")?;
    check(clock.receive((units(21), 0), 20 * SECOND).is_none(), "drift")?;
    check(clock.now(20 * SECOND) == Some((units(20), 2)), "a refusal changes nothing")?;
    check(clock.receive((0, 1), 20 * SECOND) == Some((units(20), 3)), "a late stamp")?;

    let mut clock = new();
    let nanos = SECOND + 1;
    let (time, _) = clock.now(nanos).ok_or("no stamp")?;
    check((u128::from(time) * 1_000_000_000) >> 16 >= nanos.into(), "before physical time")?;

    let mut clock = new();
    let mut last = clock.now(SECOND);
    for _ in 0..0x1_0010 {
        let next = clock.now(SECOND);
        check(next.is_some() && next > last, "a full counter")?;
        last = next;
    }
    check(last == Some((units(1) + 1, 0x10)), "a full counter carries into the time")
}

#[test]
fn ours_passes() {
    assert_eq!(examine(Ours::new), Ok(()));
}

#[test]
fn the_pseudocode_without_a_defect_passes() {
    assert_eq!(examine(|| Mutant { state: (0, 0), defect: Defect::None }), Ok(()));
}

#[test]
fn every_defect_is_found() {
    for defect in DEFECTS {
        let found = examine(|| Mutant { state: (0, 0), defect });
        assert!(found.is_err(), "{defect:?} passes");
    }
}
