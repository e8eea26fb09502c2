//! No two lives have the same epoch: whatever fails, whatever is killed when,
//! and where a store went back, if somebody else has seen more.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use causal_clock::{
    DecodeError, Epoch, FileStore, FileStoreError, Identity, IdentityError, NodeId, Saved, Store,
    Wire,
};

/// A disk that can fail before or after it has taken the value.
#[derive(Clone, Debug, Default)]
struct Disk {
    epoch: Option<Epoch>,
    fail: Option<When>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the disk failed")]
struct Failed;

impl Store<Epoch> for Disk {
    type Error = Failed;

    fn load(&mut self) -> Result<Option<Epoch>, Failed> {
        Ok(self.epoch)
    }

    fn save(&mut self, epoch: &Epoch) -> Result<(), Failed> {
        let fail = self.fail.take();
        if fail != Some(When::Before) {
            self.epoch = Some(*epoch);
        }
        fail.map_or(Ok(()), |_| Err(Failed))
    }
}

fn epoch(number: u32) -> Epoch {
    Epoch::new(7, number).unwrap()
}

#[test]
fn lives_are_numbered_and_have_ids() {
    let mut disk = Disk::default();
    assert_eq!(Identity::begin(&mut disk, None).unwrap_err(), IdentityError::Empty);
    let life = Identity::found(7, &mut disk).unwrap();
    assert_eq!((life.epoch(), life.node_id()), (epoch(1), NodeId::new(7 << 32 | 1)));
    let error = Identity::found(7, &mut disk).unwrap_err();
    assert_eq!(error, IdentityError::Founded(epoch(1)));
    assert_eq!(Identity::begin(&mut disk, None).unwrap().epoch(), epoch(2));
    assert_eq!(Epoch::of(epoch(2).node_id()), Some(epoch(2)));
    assert_eq!(Epoch::of(NodeId::new(7 << 32)), None);
    assert_eq!(epoch(2).to_string(), "7.2");
}

#[test]
fn no_number_is_given_twice_whenever_the_disk_fails() {
    for fail in [When::Before, When::After] {
        let (mut disk, mut witness) = (Disk::default(), Disk::default());
        let mut given = vec![Identity::found(7, &mut disk).unwrap().epoch()];
        for round in 0..12 {
            if round % 3 == 1 {
                disk.fail = Some(fail);
            }
            if round % 3 == 2 {
                witness.fail = Some(fail);
            }
            let life = Identity::begin_witnessed(&mut disk, &mut witness);
            assert_eq!(life.is_ok(), round % 3 == 0);
            given.extend(life.ok().map(|life| life.epoch()));
        }
        assert_eq!(given.len(), 5);
        assert!(given.is_sorted_by(|a, b| a < b), "{given:?}");
    }
}

#[test]
fn a_store_that_went_back_is_refused() {
    let mut disk = Disk::default();
    let mut witness = Disk::default();
    let _ = Identity::found(7, &mut disk).unwrap();
    let backup = disk.clone();
    let second = Identity::begin_witnessed(&mut disk, &mut witness).unwrap().node_id();

    // By what peers have seen, and by a witness.
    disk = backup.clone();
    let other = NodeId::new(8 << 32 | 99);
    let seen = Epoch::latest(7, [other, second, epoch(1).node_id()]);
    let went_back = IdentityError::WentBack { stored: epoch(1), seen: epoch(2) };
    assert_eq!(Identity::begin(&mut disk, seen).unwrap_err(), went_back);
    assert_eq!(Identity::begin_witnessed(&mut disk, &mut witness).unwrap_err(), went_back);
    assert_eq!(disk.epoch, Some(epoch(1)), "nothing was stored");
    // The limit: without either, it is not noticed.
    assert_eq!(Identity::begin(&mut disk, None).unwrap().node_id(), second);

    // Somebody decides to go on, even with an empty store.
    for mut disk in [backup, Disk::default()] {
        let life = Identity::recover(&mut disk, epoch(2)).unwrap();
        assert_eq!(life.epoch(), epoch(3));
    }
    // What was seen is behind, where the latest life was not seen yet.
    let mut disk = Disk { epoch: Some(epoch(9)), fail: None };
    assert_eq!(Identity::recover(&mut disk, epoch(2)).unwrap().epoch(), epoch(10));
}

#[test]
fn a_copy_that_is_in_use_comes_to_light() {
    let mut disk = Disk { epoch: Some(epoch(4)), fail: None };
    let mut copy = disk.clone();
    let _ = Identity::begin(&mut copy, None).unwrap();
    let second = Identity::begin(&mut copy, None).unwrap();
    let first = Identity::begin(&mut disk, None).unwrap();
    first.check(epoch(5)).unwrap();
    let superseded = IdentityError::Superseded { own: epoch(5), seen: second.epoch() };
    assert_eq!(first.check(second.epoch()), Err(superseded));
    second.check(first.epoch()).unwrap();
    let other = Epoch::new(8, 1).unwrap();
    assert!(matches!(first.check(other), Err(IdentityError::OtherName { .. })));
}

#[test]
fn numbers_end() {
    let mut disk = Disk { epoch: Some(epoch(u32::MAX)), fail: None };
    let error = Identity::begin(&mut disk, None).unwrap_err();
    assert_eq!(error, IdentityError::Exhausted(epoch(u32::MAX)));
}

/// A clock for the tests: it counts.
#[derive(Debug, PartialEq)]
struct Counter(u8);

impl Wire for Counter {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }
    fn encoded_len(&self) -> usize {
        1
    }
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        bytes.first().map(|byte| Self(*byte)).ok_or(DecodeError::UnexpectedEnd { at: 0 })
    }
}

#[test]
fn only_the_next_life_takes_a_saved_clock_up_and_once() {
    let mut disk = Disk { epoch: Some(epoch(4)), fail: None };
    let saved = || {
        let disk = Disk { epoch: Some(epoch(4)), fail: None };
        Identity::begin(disk, None).unwrap().end(Counter(3))
    };
    let mut fifth = Identity::begin(&mut disk, None).unwrap();
    let error = saved().resume(&mut fifth).unwrap_err();
    assert_eq!((error.by, error.own, error.clock), (epoch(5), epoch(5), Counter(3)));
    let mut sixth = Identity::begin(&mut disk, None).unwrap();
    assert_eq!(saved().resume(&mut sixth), Ok(Counter(3)));
    assert!(saved().resume(&mut sixth).is_err(), "it would be a copy");
    let mut seventh = Identity::begin(&mut disk, None).unwrap();
    assert!(saved().resume(&mut seventh).is_err(), "the sixth may have made events");
}

#[test]
fn the_files_are_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let life = Identity::found(7, FileStore::open(path("epoch")).unwrap()).unwrap();
    let text = std::fs::read_to_string(path("epoch")).unwrap();
    assert_eq!(text, "epoch-1 0000000700000001 206f1c2cb5a7da96\n");
    let mut store = FileStore::open(path("clock")).unwrap();
    store.save(&life.end(Counter(3))).unwrap();
    let text = std::fs::read_to_string(path("clock")).unwrap();
    assert_eq!(text, "saved-clock-1 000000070000000103 cc637844583b0368\n");
    let saved: Saved<Counter> = store.load().unwrap().unwrap();
    assert_eq!(saved.by(), epoch(1));
    // A file of another kind, and a damaged one.
    let other: Result<Option<Epoch>, _> = store.load();
    assert!(matches!(other, Err(FileStoreError::Corrupt { .. })), "{other:?}");
    std::fs::write(path("clock"), text.replace("0103", "0104")).unwrap();
    let damaged: Result<Option<Saved<Counter>>, _> = store.load();
    assert!(damaged.unwrap_err().to_string().contains("holds no saved clock"));
}

/// Says to a child of this test where its folder is.
const CHILD: &str = "IDENTITY_KILLED_CHILD";

/// Begins lives as fast as it can, each told after it has begun.
fn begin_lives_until_killed(folder: &Path) -> ! {
    let mut out = std::io::stdout().lock();
    let open = |name: &str| FileStore::open(folder.join(name)).unwrap();
    let (mut store, mut witness) = (open("epoch"), open("witness"));
    loop {
        let life = match Identity::begin_witnessed(&mut store, &mut witness) {
            Err(IdentityError::Empty) => Identity::found(7, &mut store),
            life => life,
        };
        let line = writeln!(out, "life {}", life.unwrap().epoch().number());
        if line.and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    }
}

#[test]
fn a_participant_that_is_killed_at_any_moment_uses_no_name_twice() {
    if let Some(folder) = std::env::var_os(CHILD) {
        begin_lives_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut numbers = BTreeSet::new();
    for kill in 0..40_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_participant_that_is_killed_at_any_moment", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lives = lines.by_ref().filter_map(|line| {
            line.unwrap().strip_prefix("life ").and_then(|number| number.parse::<u32>().ok())
        });
        let first = if kill % 2 == 0 { None } else { lives.next() };
        std::thread::sleep(Duration::from_micros(kill * 7_919 % 16_000));
        child.kill().unwrap();
        for number in first.into_iter().chain(lives) {
            let latest = numbers.last().copied().unwrap_or(0);
            assert!(number > latest, "{latest}, and after a restart {number}");
            numbers.insert(number);
        }
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");
    }
    eprintln!("{} lives", numbers.len());
    assert!(numbers.len() >= 20);
}
