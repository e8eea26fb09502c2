//! The shared clock under every interleaving of threads that the memory model
//! allows: the file with its atomic word is compiled once more, with loom's
//! atomics in place of the processor's.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::{Acquire, Release};
use loom::thread;

pub(crate) use hlc::PackedTimestamp;

pub(crate) mod atomic {
    pub(crate) use loom::sync::atomic::AtomicU64;
}

#[path = "../../src/cell.rs"]
mod cell;

type Time = PackedTimestamp<3>;

fn t(time: u64, counter: u64) -> Time {
    Time::from_parts(time, counter).unwrap()
}

fn shared() -> Arc<cell::TimestampCell<3>> {
    Arc::new(cell::TimestampCell::new(t(10, 6)))
}

/// Two threads, three stamps each, with readings behind, at and ahead of the
/// clock; the counter overflows on the way.
#[test]
fn no_stamp_is_given_twice_and_each_threads_increase() {
    loom::model(|| {
        let cell = shared();
        let ticks = |cell: &cell::TimestampCell<3>, readings: [u64; 2]| {
            let stamps = readings.map(|r| cell.tick(t(r, 0)).unwrap());
            assert!(stamps[0] < stamps[1]);
            assert!(stamps.iter().zip(readings).all(|(stamp, r)| *stamp >= t(r, 0)));
            stamps
        };
        let other = thread::spawn({
            let cell = Arc::clone(&cell);
            move || ticks(&cell, [9, 11])
        });
        let mine = ticks(&cell, [10, 12]);
        let theirs = other.join().unwrap();
        assert!(mine.iter().all(|stamp| !theirs.contains(stamp)));
        assert!(cell.latest() >= *mine.iter().chain(&theirs).max().unwrap());
    });
}

#[test]
fn three_threads_get_distinct_stamps() {
    loom::model(|| {
        let cell = shared();
        let tick =
            |cell: Arc<cell::TimestampCell<3>>, reading| move || cell.tick(t(reading, 0)).unwrap();
        let others = [9, 12].map(|reading| thread::spawn(tick(Arc::clone(&cell), reading)));
        let mine = tick(cell, 11)();
        let [a, b] = others.map(|other| other.join().unwrap());
        assert!(mine != a && mine != b && a != b);
    });
}

/// What is heard is never lost, whichever way the threads meet.
#[test]
fn a_receipt_is_later_than_its_message_while_others_tick() {
    loom::model(|| {
        let cell = shared();
        let heard = t(11, 3);
        let other = thread::spawn({
            let cell = Arc::clone(&cell);
            move || cell.tick(t(11, 0)).unwrap()
        });
        let observer = thread::spawn({
            let cell = Arc::clone(&cell);
            move || cell.observe(t(11, 5))
        });
        let received = cell.tick(heard.next(t(9, 0)).unwrap()).unwrap();
        assert!(received > heard);
        assert_ne!(other.join().unwrap(), received);
        observer.join().unwrap();
        assert!(cell.latest() >= t(11, 5));
        assert!(cell.tick(t(9, 0)).unwrap() > t(11, 5));
    });
}

/// A stamp is handed from thread to thread by other means, which are
/// synchronised; the clock itself is relaxed.
#[test]
fn a_stamp_that_was_handed_over_is_smaller_than_the_next() {
    loom::model(|| {
        let cell = shared();
        let handed = Arc::new(AtomicUsize::new(0));
        let other = thread::spawn({
            let (cell, handed) = (Arc::clone(&cell), Arc::clone(&handed));
            move || {
                let stamp = cell.tick(t(12, 0)).unwrap();
                handed.store(usize::try_from(stamp.to_bits()).unwrap(), Release);
            }
        });
        let seen = handed.load(Acquire) as u64;
        let next = cell.tick(t(9, 0)).unwrap();
        assert!(next.to_bits() > seen);
        other.join().unwrap();
    });
}

/// The defect of an implementation in the field, which gave 172 of 400,000
/// stamps twice: the check of this file must find it.
#[test]
#[should_panic(expected = "given twice")]
fn a_send_that_loads_and_then_stores_is_found() {
    use loom::sync::atomic::{AtomicU64, Ordering::SeqCst};
    loom::model(|| {
        let cell = Arc::new(AtomicU64::new(7));
        let tick = |cell: &AtomicU64| {
            let next = cell.load(SeqCst) + 1;
            cell.store(next, SeqCst);
            next
        };
        let other = thread::spawn({
            let cell = Arc::clone(&cell);
            move || tick(&cell)
        });
        let mine = tick(&cell);
        assert_ne!(mine, other.join().unwrap(), "given twice");
    });
}
