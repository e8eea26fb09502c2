//! Restarts: nothing is given twice, whatever the clock, the store and the
//! process go through.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use causal_clock::{NodeId, PhysicalTime};
use hlc::{
    BoundStore, DurableError, DurableHlc, FileStore, FileStoreError, Hlc, HlcError, HybridStamp,
    SharedDurableHlc, SharedHlc, Timestamp, WideTimestamp,
};

const NODE: NodeId = NodeId::new(1);
const WINDOW: Duration = Duration::from_millis(10);

/// A disk that can be full.
#[derive(Default)]
struct Disk {
    bound: Option<Timestamp>,
    writes: u32,
    full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk is full")]
struct Full;

impl BoundStore<Timestamp> for Disk {
    type Error = Full;

    fn load(&mut self) -> Result<Option<Timestamp>, Full> {
        Ok(self.bound)
    }

    fn save(&mut self, bound: &Timestamp) -> Result<(), Full> {
        if self.full {
            return Err(Full);
        }
        self.writes += 1;
        self.bound = Some(*bound);
        Ok(())
    }
}

#[test]
fn every_stamp_is_covered_before_it_is_given_and_few_writes_do() {
    let millis = Cell::new(1_000);
    let source = || PhysicalTime::from_nanos(millis.get() * 1_000_000);
    let mut disk = Disk::default();
    for _ in 0..100 {
        let mut clock = DurableHlc::open(Hlc::new(NODE, source), &mut disk, WINDOW).unwrap();
        let last = (0..50)
            .map(|_| {
                millis.set(millis.get() + 1);
                clock.now().unwrap()
            })
            .last();
        assert!(disk.bound >= last.map(HybridStamp::timestamp));
        // The clock is set back at each restart.
        millis.set(millis.get() - 50);
    }
    assert!(disk.writes <= 100 * 6, "{} writes for 5000 stamps", disk.writes);
}

#[test]
fn a_store_that_fails_means_no_stamp_and_no_change() {
    let mut disk = Disk { full: true, ..Disk::default() };
    let hlc = Hlc::new(NODE, || PhysicalTime::from_secs(7));
    let mut clock = DurableHlc::open(hlc, &mut disk, WINDOW).unwrap();
    assert_eq!(clock.now(), Err(DurableError::Store(Full)));
    let message = HybridStamp::new(Timestamp::from_parts(8 << 16, 0).unwrap(), NodeId::new(2));
    assert_eq!(clock.receive(&message), Err(DurableError::Store(Full)));
    assert_eq!(clock.hlc().clock().latest().timestamp(), Timestamp::ZERO);
}

#[test]
fn the_end_of_time_is_covered_too() {
    let mut disk = Disk::default();
    let hlc = Hlc::new(NODE, || PhysicalTime::from_secs((1 << 32) - 1));
    let mut clock = DurableHlc::open(hlc, &mut disk, Duration::from_secs(60)).unwrap();
    clock.now().unwrap();
    assert_eq!(disk.bound, Some(Timestamp::MAX));
    // All that is left has been reserved.
    let hlc = Hlc::new(NODE, || PhysicalTime::from_secs(7));
    let mut clock = DurableHlc::open(hlc, &mut disk, WINDOW).unwrap();
    assert_eq!(clock.now(), Err(DurableError::Clock(HlcError::Exhausted)));
}

#[test]
fn a_snapshot_stays_as_it_was_cut_over_a_restart() {
    let mut disk = Disk::default();
    let at = |seconds| Hlc::new(NODE, move || PhysicalTime::from_secs(seconds));
    let cut = DurableHlc::open(at(60), &mut disk, WINDOW).unwrap().peek().unwrap();
    let mut clock = DurableHlc::open(at(7), &mut disk, WINDOW).unwrap();
    assert!(clock.now().unwrap().timestamp() > cut, "it was set back");

    let later = Timestamp::from_parts(90 << 16, 5).unwrap();
    clock.close(later).unwrap();
    let mut clock = DurableHlc::open(at(7), &mut disk, WINDOW).unwrap();
    assert!(clock.now().unwrap().timestamp() > later);

    let shared = |seconds| SharedHlc::new(NODE, move || PhysicalTime::from_secs(seconds));
    let cut = SharedDurableHlc::open(shared(120), &mut disk, WINDOW).unwrap().peek().unwrap();
    let clock = SharedDurableHlc::open(shared(7), &mut disk, WINDOW).unwrap();
    assert!(clock.now().unwrap().timestamp() > cut);
    disk.full = true;
    let mut clock = DurableHlc::open(at(600), &mut disk, WINDOW).unwrap();
    assert_eq!(clock.peek(), Err(DurableError::Store(Full)));
}

#[test]
fn a_shared_clock_closes_cuts_and_stops_in_order() {
    let mut disk = Disk::default();
    let shared = |seconds| {
        SharedHlc::new(NODE, move || PhysicalTime::from_secs(seconds))
            .with_drift(Duration::from_secs(1))
    };
    let cut = |seconds| Timestamp::of_reading(PhysicalTime::from_secs(seconds)).unwrap();

    // A closed cut holds at once and after a restart; one too far ahead is
    // refused.
    let clock = SharedDurableHlc::open(shared(100), &mut disk, WINDOW).unwrap();
    assert!(matches!(clock.close(cut(102)), Err(DurableError::Clock(_))));
    assert!(clock.now().unwrap().timestamp() < cut(101));
    clock.close(cut(101)).unwrap();
    assert!(clock.now().unwrap().timestamp() > cut(101));
    let clock = SharedDurableHlc::open(shared(7), &mut disk, WINDOW).unwrap();
    let last = clock.now().unwrap();
    assert!(last.timestamp() > cut(101));

    // After an orderly stop the next life begins right after the last stamp.
    clock.stop().unwrap();
    assert_eq!(disk.bound, Some(last.timestamp()));
    let clock = SharedDurableHlc::open(shared(7), &mut disk, WINDOW).unwrap();
    assert!(clock.now().unwrap() > last);

    // What could not be stored was not given, and a stop does not store it.
    let bound = disk.bound;
    disk.full = true;
    let clock = SharedDurableHlc::open(shared(600), &mut disk, WINDOW).unwrap();
    assert_eq!(clock.now(), Err(DurableError::Store(Full)));
    assert_eq!(clock.close(cut(600)), Err(DurableError::Store(Full)));
    assert_eq!(clock.stop(), Err(DurableError::Store(Full)));
    assert_eq!(disk.bound, bound);
}

/// Threads share a clock and a disk that can fail; each stamp is covered when
/// it is given, and after a restart all are larger.
#[test]
fn threads_share_a_bound() {
    let mut disk = SharedDisk::default();
    let mut all = Vec::new();
    for life in 0..20_u64 {
        // Set back in every life.
        let millis = AtomicU64::new(1_000_000 - 1_000 * life);
        let source =
            || PhysicalTime::from_nanos(millis.fetch_add(1, Ordering::Relaxed) * 1_000_000);
        let clock = SharedHlc::new(NODE, source);
        let clock = SharedDurableHlc::open(clock, disk.clone(), WINDOW).unwrap();
        let given = std::thread::scope(|scope| {
            let work = || {
                let mut given = Vec::new();
                for i in 0..200 {
                    disk.0.fail.store(i % 16 == 3, Ordering::Relaxed);
                    match clock.now() {
                        Ok(stamp) => {
                            let covered = disk.0.bound.load(Ordering::Acquire);
                            assert!(stamp.timestamp().to_bits() <= covered);
                            given.push(stamp);
                        }
                        Err(error) => assert_eq!(error, DurableError::Store(Full)),
                    }
                }
                given
            };
            let threads = [scope.spawn(work), scope.spawn(work), scope.spawn(work)];
            threads.map(|thread| thread.join().unwrap()).concat()
        });
        assert!(given.iter().min() > all.iter().max());
        all.extend(given);
    }
    let given = all.len();
    assert!(given > 10_000);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), given);
    assert!(disk.load().unwrap().is_some());
}

/// A disk that threads can look at.
#[derive(Clone, Default)]
struct SharedDisk(Arc<SharedDiskState>);

#[derive(Default)]
struct SharedDiskState {
    bound: AtomicU64,
    fail: AtomicBool,
}

impl BoundStore<Timestamp> for SharedDisk {
    type Error = Full;

    fn load(&mut self) -> Result<Option<Timestamp>, Full> {
        let bits = self.0.bound.load(Ordering::Acquire);
        Ok((bits > 0).then_some(Timestamp::from_bits(bits)))
    }

    fn save(&mut self, bound: &Timestamp) -> Result<(), Full> {
        if self.0.fail.load(Ordering::Relaxed) {
            return Err(Full);
        }
        self.0.bound.store(bound.to_bits(), Ordering::Release);
        Ok(())
    }
}

#[test]
fn an_orderly_stop_gives_the_rest_of_the_window_back() {
    let mut disk = Disk::default();
    let source = || PhysicalTime::from_secs(7);
    let window = Duration::from_secs(60);
    let mut clock = DurableHlc::open(Hlc::new(NODE, source), &mut disk, window).unwrap();
    let last = clock.now().unwrap();
    clock.stop().unwrap();
    let mut clock = DurableHlc::open(Hlc::new(NODE, source), &mut disk, window).unwrap();
    assert_eq!(clock.ahead(), Duration::ZERO);
    assert!(clock.now().unwrap() > last);
    // A stop without an event keeps the bound where it was.
    let clock = DurableHlc::open(Hlc::new(NODE, source), &mut disk, window).unwrap();
    clock.stop().unwrap();
    let mut clock = DurableHlc::open(Hlc::new(NODE, source), &mut disk, window).unwrap();
    assert!(clock.ahead() > Duration::from_secs(59));
    assert!(clock.now().unwrap() > last);
}

/// A folder, and the text of the bound file after the first stamp in it.
fn folder_with_bound() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path().join("bound")).unwrap();
    let hlc = Hlc::new(NODE, || PhysicalTime::from_secs(7));
    DurableHlc::open(hlc, store, WINDOW).unwrap().now().unwrap();
    let text = std::fs::read_to_string(folder.path().join("bound")).unwrap();
    (folder, text)
}

#[test]
fn the_file_is_frozen() {
    let (_folder, text) = folder_with_bound();
    assert_eq!(text, "hlc-bound-1 000000070290ffff 1698f6a45150bb33\n");
}

#[test]
fn a_damaged_file_is_an_error_and_not_a_fresh_start() {
    let (folder, text) = folder_with_bound();
    let path = folder.path().join("bound");
    let mut store = FileStore::open(&path).unwrap();
    let mut refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let loaded: Result<Option<Timestamp>, _> = store.load();
        assert!(matches!(loaded, Err(FileStoreError::Corrupt { .. })), "{loaded:?}");
        loaded.unwrap_err().to_string()
    };
    let mut bytes = text.clone().into_bytes();
    for torn in 0..bytes.len() {
        refused(&bytes[..torn]);
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            refused(&bytes);
            bytes[at] ^= 1 << bit;
        }
    }
    refused(&[&bytes[..], b"\n"].concat());
    assert!(refused(&[0; 1 << 16]).contains("holds no bound"));
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(BoundStore::<Timestamp>::load(&mut store), Ok(Some(_))));
    // It is of another form of timestamps.
    assert!(BoundStore::<WideTimestamp>::load(&mut store).is_err());
}

#[test]
fn a_write_that_was_cut_short_leaves_the_old_bound() {
    let (folder, text) = folder_with_bound();
    let path = folder.path().join("bound");
    std::fs::write(folder.path().join("bound.tmp"), &text[..20]).unwrap();
    let mut store = FileStore::open(&path).unwrap();
    let bound: Option<Timestamp> = store.load().unwrap();
    store.save(&bound.unwrap()).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert!(!folder.path().join("bound.tmp").exists());
}

#[test]
fn two_stores_cannot_use_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bound");
    let first = FileStore::open(&path).unwrap();
    let second = FileStore::open(&path);
    assert!(matches!(second, Err(FileStoreError::InUse { .. })), "{second:?}");
    drop(first);
    FileStore::open(&path).unwrap();
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let error = FileStore::open("/does/not/exist/bound").unwrap_err().to_string();
    assert!(error.starts_with("cannot open `/does/not/exist/bound.lock`: "), "{error}");
}

/// Says to a child of this test where its bound file is.
const CHILD: &str = "HLC_KILLED_CHILD";
/// How often to kill, if not 40 times.
const KILLS: &str = "HLC_KILLS";

/// The life of a node that will be killed: it gives stamps as fast as it can,
/// with a window so small that most need a write. Its clock is off by up to an
/// hour, differently in each life.
fn give_stamps_until_killed(bound: &Path) -> ! {
    let nanos = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let nanos = || u64::try_from(nanos(SystemTime::now())).unwrap();
    let offset = nanos() % 3_600_000_000_000;
    let hlc = Hlc::new(NODE, move || PhysicalTime::from_nanos(nanos() - offset));
    let store = FileStore::open(bound).unwrap();
    let mut clock = DurableHlc::open(hlc, store, Duration::from_micros(20)).unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        let stamp = clock.now().unwrap();
        // A broken pipe is the end of the parent.
        if writeln!(out, "stamp {stamp}").and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    }
}

#[test]
fn a_node_that_is_killed_at_any_moment_gives_no_stamp_twice() {
    if let Some(bound) = std::env::var_os(CHILD) {
        give_stamps_until_killed(Path::new(&bound));
    }
    let kills = std::env::var(KILLS).map_or(40, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut last: Option<HybridStamp> = None;
    let (mut given, mut fruitless) = (0_u64, 0_u64);
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_node_that_is_killed_at_any_moment", "--nocapture"])
            .env(CHILD, folder.path().join("bound"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let before = given;
        // The last line may be cut short.
        let mut stamps = BufReader::new(child.stdout.take().unwrap()).lines().filter_map(|line| {
            line.unwrap().strip_prefix("stamp ").and_then(|stamp| stamp.parse().ok())
        });
        // Every other child is killed wherever it is by then, from its start
        // on; the others some time after their first stamp.
        let first = if kill % 2 == 0 { None } else { stamps.next() };
        std::thread::sleep(Duration::from_micros(kill * 7_919 % 16_000));
        child.kill().unwrap();
        for stamp in first.into_iter().chain(stamps) {
            assert!(last < Some(stamp), "{last:?}, and after a restart {stamp}");
            last = Some(stamp);
            given += 1;
        }
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");
        fruitless += u64::from(given == before);
    }
    eprintln!("{kills} kills, {fruitless} before the first stamp; {given} stamps, all increasing");
    assert!(fruitless <= kills.div_ceil(2), "a child was to be killed after its first stamp");
}
