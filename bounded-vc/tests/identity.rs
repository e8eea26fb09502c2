//! Vector clocks, version vectors and DVV sets of a participant that is killed,
//! restarted and restored: no event has another's name.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bounded_vc::{DvvSet, VectorClock, VersionVector};
use causal_clock::{
    CausalOrder, CausalStamp, Epoch, FileStore, Identity, IdentityError, NodeId, Saved, Store,
};

/// Says to a child of this test where its folder is.
const CHILD: &str = "BOUNDED_VC_KILLED_CHILD";

/// One life after another, each with some events; every third ends in good
/// order, and leaves its vector clock to the next. Each event is told.
fn live_until_killed(folder: &Path) -> ! {
    let mut out = std::io::stdout().lock();
    let open = |name: &str| FileStore::open(folder.join(name)).unwrap();
    let mut clocks = open("clock");
    loop {
        let mut life = match Identity::begin(open("epoch"), None) {
            Err(IdentityError::Empty) => Identity::found(7, open("epoch")).unwrap(),
            life => life.unwrap(),
        };
        let number = life.epoch().number();
        let saved: Option<Saved<VectorClock>> = clocks.load().unwrap();
        let mut clock = match saved.map(|saved| saved.resume(&mut life)) {
            Some(Ok(clock)) => clock,
            // What it knows is good; its id is not.
            Some(Err(refused)) => refused.clock.fork(life.node_id()),
            None => VectorClock::new(life.node_id()),
        };
        let (mut vector, mut object) = (VersionVector::new(), DvvSet::new());
        for event in 0..5_u64 {
            clock.event().unwrap();
            let dot = vector.increment(life.node_id()).unwrap();
            let written = object.event(life.node_id(), event).unwrap();
            assert_eq!(dot, written);
            let (id, count) = own_latest(&clock);
            let told = writeln!(
                out,
                "told {number} {event} {} {} {id} {count}",
                dot.origin.get(),
                dot.counter
            );
            if told.and_then(|()| out.flush()).is_err() {
                std::process::exit(1);
            }
        }
        if number % 3 == 0 {
            clocks.save(&life.end(clock)).unwrap();
        }
    }
}

/// The name of a clock's latest event: its id and how many it has counted.
fn own_latest(clock: &VectorClock) -> (u64, u64) {
    let id = clock.id();
    (id.get(), clock.stamp().vector().get(id))
}

#[test]
fn no_dot_is_given_twice_by_a_participant_that_is_killed() {
    if let Some(folder) = std::env::var_os(CHILD) {
        live_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut dots, mut events, mut lives) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for kill in 0..30_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["no_dot_is_given_twice_by_a_participant", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().filter_map(|line| {
            let line = line.unwrap();
            let numbers = line.strip_prefix("told ")?.split(' ');
            <[u64; 6]>::try_from(numbers.map(|n| n.parse().unwrap()).collect::<Vec<_>>()).ok()
        });
        let first = if kill % 2 == 0 { None } else { lines.next() };
        // Every fifth has time for some lives, on a slow disk, too.
        let longer = if kill % 5 == 4 { 200_000 } else { 0 };
        std::thread::sleep(Duration::from_micros(longer + kill * 7_919 % 32_000));
        child.kill().unwrap();
        for [life, event, origin, counter, id, count] in first.into_iter().chain(lines) {
            assert_eq!(dots.insert((origin, counter), (life, event)), None, "a dot, twice");
            assert_eq!(events.insert((id, count), (life, event)), None, "an event, twice");
            lives.insert(life, id);
        }
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");
    }
    let resumed = lives.iter().filter(|(life, id)| {
        Epoch::of(NodeId::new(**id)).is_some_and(|epoch| u64::from(epoch.number()) != **life)
    });
    let (lives, resumed) = (lives.len(), resumed.count());
    eprintln!("{lives} lives, {resumed} of them went on with the clock of the one before");
    assert!(lives >= 15 && resumed > 0);
}

/// A server is restored from a backup. Its peers hold what it wrote after that,
/// so it is refused; under the next epoch its writes replace nobody's.
#[test]
fn a_restored_server_replaces_no_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("epoch");
    let open = || FileStore::open(&path).unwrap();
    let first = Identity::found(7, open()).unwrap().node_id();
    let backup = std::fs::read(&path).unwrap();

    let second = Identity::begin(open(), None).unwrap().node_id();
    assert_ne!(first, second);
    let mut here = DvvSet::new();
    here.update(&VersionVector::new(), "told to the peer", second).unwrap();
    let mut peer = DvvSet::new();
    peer.sync(&here);

    std::fs::write(&path, backup).unwrap();
    let seen = Epoch::latest(7, peer.context().iter().map(|(id, _)| id));
    let refused = Identity::begin(open(), seen);
    assert!(matches!(refused, Err(IdentityError::WentBack { .. })), "{refused:?}");
    let third = Identity::recover(open(), seen.unwrap()).unwrap().node_id();
    let mut restored = DvvSet::new();
    restored.update(&VersionVector::new(), "after the restore", third).unwrap();
    peer.sync(&restored);
    assert_eq!(peer.len(), 2, "both are there, as siblings");

    // Under the second id once more, one of the two would be gone.
    let mut old_name = DvvSet::new();
    old_name.update(&VersionVector::new(), "after the restore", second).unwrap();
    let mut peer = here.clone();
    peer.sync(&old_name);
    assert_eq!(peer.len(), 1);
}

/// A new life merges what it knew, and its events come after that.
#[test]
fn a_new_life_comes_after_what_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let open = || FileStore::open(folder.path().join("epoch")).unwrap();
    let first = Identity::found(7, open()).unwrap();
    let mut clock = VectorClock::new(first.node_id());
    clock.event().unwrap();
    let seen = clock.stamp();
    drop(first);
    let second = Identity::begin(open(), None).unwrap();
    let mut clock = VectorClock::new(second.node_id());
    clock.merge(&seen);
    clock.event().unwrap();
    assert_eq!(seen.compare(&clock.stamp()).order, CausalOrder::Before);
}
