//! What hybrid logical clocks do when a physical clock is bad, with and
//! without a drift bound, as a table in Markdown:
//!
//! ```text
//! cargo run --release -p hlc --example bad_clocks
//! ```
//!
//! Eight nodes exchange messages for a minute; a message takes 1 to 5 ms. All
//! clocks are within 5 ms of true time, but that of node 0 does something
//! else. Everything is simulated and comes out the same each time.
#![allow(clippy::unwrap_used, reason = "an example may panic")]

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{BoundStore, DurableHlc, Hlc, HybridStamp, TimeSource, Timestamp};

const NODES: usize = 8;
const MILLIS: u64 = 60_000;
/// When clocks step, stop, and restart: in the middle.
const MIDDLE: u64 = MILLIS / 2;
const START: u64 = 1_780_000_000_000;
const YEAR: i64 = 365 * 86_400_000;

/// What a bad clock reads at a true time, both in microseconds since the start.
struct Trouble {
    name: &'static str,
    reading: fn(i64) -> i64,
    /// Whether node 0 is killed in the middle and comes back.
    restarts: bool,
}

const SECOND: i64 = 1_000_000;
const HALF: i64 = MIDDLE as i64 * 1_000;

const TROUBLES: [Trouble; 11] = [
    Trouble { name: "none", reading: |t| t, restarts: false },
    Trouble { name: "ahead by 400 ms", reading: |t| t + 400_000, restarts: false },
    Trouble { name: "drifts 1 % fast", reading: |t| t + t / 100, restarts: false },
    Trouble {
        name: "steps forward 10 s",
        reading: |t| if t < HALF { t } else { t + 10 * SECOND },
        restarts: false,
    },
    Trouble {
        name: "steps back 10 s",
        reading: |t| if t < HALF { t } else { t - 10 * SECOND },
        restarts: false,
    },
    Trouble { name: "rushes at double speed", reading: |t| 2 * t, restarts: false },
    Trouble { name: "is behind by 1 s", reading: |t| t - SECOND, restarts: false },
    Trouble { name: "stops", reading: |t| t.min(HALF), restarts: false },
    Trouble { name: "a year ahead", reading: |t| t + YEAR * 1_000, restarts: false },
    Trouble {
        // Half a second late at first, slowed down until it is half early.
        name: "smears a leap second",
        reading: |t| t + SECOND / 2 - SECOND * t / (2 * HALF),
        restarts: false,
    },
    Trouble {
        name: "restarts an hour back",
        reading: |t| if t < HALF { t } else { t - 3_600 * SECOND },
        restarts: true,
    },
];

/// A small generator (xorshift64*, Vigna 2016): the table is to come out the
/// same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }
}

/// A disk that outlives the clock.
#[derive(Clone, Default)]
struct Disk(std::rc::Rc<std::cell::Cell<Option<Timestamp>>>);

impl BoundStore<Timestamp> for Disk {
    type Error = std::convert::Infallible;

    fn load(&mut self) -> Result<Option<Timestamp>, Self::Error> {
        Ok(self.0.get())
    }

    fn save(&mut self, bound: &Timestamp) -> Result<(), Self::Error> {
        self.0.set(Some(*bound));
        Ok(())
    }
}

/// A clock that is set from outside.
#[derive(Clone, Default)]
struct Wall(std::rc::Rc<std::cell::Cell<u64>>);

impl TimeSource for Wall {
    fn read(&self) -> PhysicalTime {
        PhysicalTime::from_nanos(self.0.get())
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    /// The largest `l − pt` at any node.
    ahead_of_reading: Duration,
    max_counter: u64,
    refused: u64,
    /// Stamps that a node gave twice, or that went back.
    wrong: u64,
    /// How far the timestamps of the *good* nodes were ahead of true time.
    dragged: Duration,
    /// Refused messages between good nodes: one that is fast accepts what is
    /// just within its bound, and what it then sends is beyond that of one that
    /// is slow.
    good_refused: u64,
}

fn nanos(micros_since_start: i64) -> u64 {
    ((START * 1_000).cast_signed() + micros_since_start).cast_unsigned() * 1_000
}

fn node(id: usize, wall: &Wall, disk: &Disk, bound: Option<Duration>) -> DurableHlc<Wall, Disk> {
    let hlc = Hlc::new(NodeId::new(id as u64), wall.clone());
    let hlc = match bound {
        Some(bound) => hlc.with_drift(bound),
        None => hlc,
    };
    DurableHlc::open(hlc, disk.clone(), Duration::from_millis(100)).unwrap()
}

fn run(trouble: &Trouble, bound: Option<Duration>) -> Outcome {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let walls: Vec<Wall> = (0..NODES).map(|_| Wall::default()).collect();
    let disks: Vec<Disk> = (0..NODES).map(|_| Disk::default()).collect();
    let mut nodes: Vec<_> = (0..NODES).map(|id| node(id, &walls[id], &disks[id], bound)).collect();
    // From −5 to +5 ms.
    let offset = |id: usize| (id as i64 * 10_000) / (NODES as i64 - 1) - 5_000;
    let mut outcome = Outcome::default();
    let mut given = HashSet::new();
    let mut last = [Timestamp::ZERO; NODES];
    let mut in_flight: BTreeMap<(i64, usize), (usize, HybridStamp)> = BTreeMap::new();
    let mut sent = 0;

    for millis in 0..MILLIS {
        let now = millis.cast_signed() * 1_000;
        for (id, wall) in walls.iter().enumerate() {
            let reading = if id == 0 { (trouble.reading)(now) } else { now + offset(id) };
            wall.0.set(nanos(reading));
        }
        if trouble.restarts && millis == MIDDLE {
            nodes[0] = node(0, &walls[0], &disks[0], bound);
        }
        let mut observe = |id: usize, stamp: HybridStamp, outcome: &mut Outcome| {
            let timestamp = stamp.timestamp();
            outcome.wrong += u64::from(!given.insert(stamp) || timestamp <= last[id]);
            last[id] = timestamp;
            let time = timestamp.physical_time();
            let ahead = time.since(PhysicalTime::from_nanos(walls[id].0.get()));
            outcome.ahead_of_reading = outcome.ahead_of_reading.max(ahead);
            outcome.max_counter = outcome.max_counter.max(timestamp.counter());
            if id != 0 {
                let dragged = time.since(PhysicalTime::from_nanos(nanos(now)));
                outcome.dragged = outcome.dragged.max(dragged);
            }
        };
        // Two messages a millisecond.
        for _ in 0..2 {
            let from = usize::try_from(random.below(NODES as u64)).unwrap();
            let to = usize::try_from(random.below(NODES as u64)).unwrap();
            let stamp = nodes[from].now().unwrap();
            observe(from, stamp, &mut outcome);
            let arrival = now + (1 + random.below(5)).cast_signed() * 1_000;
            in_flight.insert((arrival, sent), (to, stamp));
            sent += 1;
        }
        while let Some(message) = in_flight.first_entry().filter(|m| m.key().0 <= now) {
            let (to, stamp) = message.remove();
            match nodes[to].receive(&stamp) {
                Ok(received) => {
                    assert!(received.timestamp() > stamp.timestamp(), "theorem 1");
                    observe(to, received, &mut outcome);
                }
                Err(_) => {
                    outcome.refused += 1;
                    let good = to != 0 && stamp.node().get() != 0;
                    outcome.good_refused += u64::from(good);
                }
            }
        }
    }
    outcome
}

const BOUNDS: [Option<Duration>; 3] =
    [None, Some(Duration::from_millis(500)), Some(Duration::from_millis(20))];

fn show(duration: Duration) -> String {
    match duration.as_millis() {
        0 => format!("{} µs", duration.as_micros()),
        millis @ 1..10_000 => format!("{millis} ms"),
        millis @ 10_000..10_000_000 => format!("{} s", millis / 1_000),
        millis => format!("{} d", millis / 86_400_000),
    }
}

fn main() {
    println!(
        "| node 0's clock | drift bound | max `l − pt` | max `c` | others ahead of true time \
         | refused | of them between good nodes | back or twice |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for trouble in &TROUBLES {
        for bound in BOUNDS {
            let Outcome { ahead_of_reading, max_counter, refused, wrong, dragged, good_refused } =
                run(trouble, bound);
            println!(
                "| {} | {} | {} | {max_counter} | {} | {refused} | {good_refused} | {wrong} |",
                trouble.name,
                bound.map_or("none".into(), show),
                show(ahead_of_reading),
                show(dragged),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stamp_goes_back_or_is_given_twice_whatever_the_clocks_do() {
        for trouble in &TROUBLES {
            for bound in BOUNDS {
                assert_eq!(run(trouble, bound).wrong, 0, "{}, {bound:?}", trouble.name);
            }
        }
    }

    #[test]
    fn a_tight_bound_keeps_the_good_nodes_together() {
        let bound = Duration::from_millis(20);
        for trouble in &TROUBLES {
            let outcome = run(trouble, Some(bound));
            assert!(outcome.good_refused < 10, "{}: {}", trouble.name, outcome.good_refused);
            assert!(outcome.dragged <= Duration::from_millis(5) + bound, "{}", trouble.name);
        }
    }
}
