//! Interval tree clocks of a participant that is killed and restarted: a saved
//! clock is taken up only where it is the latest; else a fresh one is asked for.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use causal_clock::{FileStore, Identity, IdentityError, Saved, Store, Stored};
use itc::{Itc, Stamp};

/// Says to a child of this test where its folder is.
const CHILD: &str = "ITC_KILLED_CHILD";
const CLOCKS: usize = 4_000;

/// What a life leaves behind: its clock, and the life that the clock is from.
struct Line {
    from: u32,
    clock: Itc,
}

impl causal_clock::Wire for Line {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.from.to_be_bytes());
        self.clock.encode(out);
    }
    fn encoded_len(&self) -> usize {
        4 + self.clock.encoded_len()
    }
    fn decode(bytes: &[u8]) -> Result<Self, causal_clock::DecodeError> {
        let from = causal_clock::wire::Reader::new(bytes).array()?;
        Ok(Self { from: u32::from_be_bytes(from), clock: Itc::decode(&bytes[4..])? })
    }
}

/// One life after another, each with some events that are told; every third
/// ends in good order. A life that cannot go on with the clock of the one
/// before asks for one that was forked for it.
fn live_until_killed(folder: &Path) -> ! {
    let mut out = std::io::stdout().lock();
    let open = |name: &str| FileStore::open(folder.join(name)).unwrap();
    let mut clocks = open("clock");
    let forked = std::fs::read_to_string(folder.join("forked")).unwrap();
    let forked: Vec<&str> = forked.lines().collect();
    loop {
        let mut life = match Identity::begin(open("epoch"), None) {
            Err(IdentityError::Empty) => Identity::found(7, open("epoch")).unwrap(),
            life => life.unwrap(),
        };
        let number = life.epoch().number();
        let saved: Option<Saved<Line>> = clocks.load().unwrap();
        let mut line = match saved.map(|saved| saved.resume(&mut life)) {
            Some(Ok(line)) => line,
            _ => Line { from: number, clock: forked[number as usize].parse().unwrap() },
        };
        for _ in 0..5 {
            let stamp = line.clock.send().unwrap();
            let told = writeln!(out, "told {number} {} {stamp}", line.from);
            if told.and_then(|()| out.flush()).is_err() {
                std::process::exit(1);
            }
        }
        if number % 3 == 0 {
            clocks.save(&life.end(line)).unwrap();
        }
    }
}

#[test]
fn no_event_is_taken_for_another_of_a_participant_that_is_killed() {
    if let Some(folder) = std::env::var_os(CHILD) {
        live_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut seed = Itc::seed();
    let forked: String = seed.fork_many(CLOCKS).iter().map(|clock| format!("{clock}\n")).collect();
    std::fs::write(folder.path().join("forked"), forked).unwrap();
    let mut told: Vec<(u32, u32, Stamp)> = Vec::new();
    for kill in 0..20_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["no_event_is_taken_for_another", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().filter_map(|line| {
            let line = line.unwrap();
            let mut words = line.strip_prefix("told ")?.split(' ');
            let mut number = || words.next()?.parse().ok();
            Some((number()?, number()?, words.next()?.parse().ok()?))
        });
        let first = if kill % 2 == 0 { None } else { lines.next() };
        // Every fifth has time for some lives, on a slow disk, too.
        let longer = if kill % 5 == 4 { 200_000 } else { 0 };
        std::thread::sleep(Duration::from_micros(longer + kill * 7_919 % 32_000));
        child.kill().unwrap();
        told.extend(first.into_iter().chain(lines));
        assert!(!child.wait().unwrap().success(), "it ended before it was killed");
    }
    let resumed = told.iter().filter(|(life, from, _)| life != from).count();
    eprintln!("{} events, {resumed} of them by a life that went on with a saved clock", told.len());
    assert!(told.len() > 50 && resumed > 0);
    for (at, (_, from, stamp)) in told.iter().enumerate() {
        for (_, later_from, later) in &told[at + 1..] {
            if from == later_from {
                assert!(stamp < later, "one line: {stamp} and then {later}");
            } else {
                assert_eq!(stamp.partial_cmp(later), None, "they know nothing of each other");
            }
        }
    }
}

/// The saved clock of an older backup is refused; what it knows is still good.
#[test]
fn an_old_copy_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| FileStore::open(folder.path().join(name)).unwrap();
    let life = Identity::found(7, open("epoch")).unwrap();
    let clock = Itc::seed();
    let saved = life.end(clock);
    let backup = saved.to_stored();
    let mut life = Identity::begin(open("epoch"), None).unwrap();
    let mut clock = saved.resume(&mut life).unwrap();
    let seen = clock.send().unwrap();
    drop(life);

    let mut life = Identity::begin(open("epoch"), None).unwrap();
    let old: Saved<Itc> = Stored::from_stored(&backup).unwrap();
    let refused = old.resume(&mut life).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the clock was saved by 7.1, and 7.3 does not follow on that, or has taken it up"
    );
    assert!(refused.clock.peek() < seen);
}
