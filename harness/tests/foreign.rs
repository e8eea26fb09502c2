//! Clocks in other processes: the same rows as the same clock in this one, and
//! children that die, hang, lie or talk nonsense. Without Python 3 these tests
//! say so and pass.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use harness::execution::Cell;
use harness::foreign::{ForeignScheme, check};
use harness::measure::{Measured, Status};
use harness::registry::{BoxedScheme, Registry};
use harness::run::{Options, replicate};
use harness::scenario::Scenario;

const PATIENCE: Duration = Duration::from_secs(30);

fn python_is_missing() -> bool {
    let missing = Command::new("python3").arg("--version").output().is_err();
    if missing {
        eprintln!("skipped: there is no python3");
    }
    missing
}

fn adapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/python/vector.py")
}

fn vector() -> ForeignScheme {
    ForeignScheme::parse(&format!("py=python3 '{}'", adapter().display()), PATIENCE).unwrap()
}

/// Churn with faults of every kind but those of clocks.
fn cell(events: u32) -> Cell {
    let fault = |at: u32, what: &str, more: &str| {
        format!("[[fault]]\nat = '{at}s'\nwhat = '{what}'\nwho = 0.3\n{more}\n")
    };
    let faults = [
        fault(3, "pause", "for = '3s'"),
        fault(8, "replace", ""),
        fault(12, "amnesia", "backup = '2s'"),
        fault(16, "twin", ""),
    ]
    .concat();
    let text = format!(
        "name = 'c'\nevents = {events}\n[population]\ninitial = 8\narrivals = 0.5\n\
         graceful = 0.5\nsession = {{ law = 'exponential', mean = '20s' }}\n\
         [network]\nduplicates = 0.1\n\
         {faults}"
    );
    Cell::of(Scenario::parse(&text, "c").unwrap())
}

#[test]
fn the_same_clock_gives_the_same_rows() {
    if python_is_missing() {
        return;
    }
    // Judged whole, and by a sample.
    for events in [700, 7_000] {
        let schemes: Vec<BoxedScheme> =
            vec![Registry::builtin().scheme("vc").unwrap(), Box::new(vector())];
        let epsilon = Some(Duration::from_millis(5));
        let options = Options { epsilon, ..Options::default() };
        let cell = cell(events);
        // One child serves both, and the schemes may go beside each other.
        for beside in [false, true] {
            let found = replicate(&cell, 1, &schemes, &Options { beside, ..options });
            let [(_, ours), (_, theirs)] = &found.schemes[..] else { panic!("two schemes") };
            assert_eq!(theirs.status, Status::Complete);
            assert!(ours.verdicts.len() > 3 && ours.sizes.len() == 10);
            assert_eq!(theirs, ours, "{events} events");
        }
    }
}

#[test]
fn promises_are_kept_and_liars_shrunk() {
    if python_is_missing() {
        return;
    }
    let checked = check(&vector(), 1, 40).unwrap().unwrap();
    assert!(checked.executions == 40 && checked.verdicts > 10_000 && checked.wrong_guesses == 0);

    let dir = tempfile::tempdir().unwrap();
    let honest = std::fs::read_to_string(adapter()).unwrap();
    for (nth, (truth, lie, told)) in [
        // Forgets what it merges, if that is a process it knows already.
        ("if vector.get(name, 0) < counter:", "if name not in vector:", "e"),
        // Calls everything old concurrent.
        ("    return {(1, 1)", "    if first[x] > 3: return '|!'\n    return {(1, 1)", "proven"),
        // Reverses, but only one way round.
        ("(1, 0): \"<!\"", "(1, 0): \">\"", "reverse no order"),
        // A newborn knows nothing.
        ("numbers[2], dict(clocks[numbers[0]][1])", "numbers[2], {}", "e"),
        // Says another thing the second time.
        (
            "    clocks, stamps, saved, answer",
            "    counts = []\n    clocks, stamps, saved, answer",
            "second time",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut liar = honest.replace(truth, lie);
        assert_ne!(liar, honest, "{lie}");
        if lie.contains("counts") {
            let size = "str(size(stamps[numbers[0]]))";
            let grows = "counts.append(1) or str(len(counts))";
            liar = liar.replace(size, grows);
        }
        let path = dir.path().join(format!("liar{nth}.py"));
        std::fs::write(&path, liar).unwrap();
        let text = format!("liar=python3 {}", path.display());
        let failure =
            check(&ForeignScheme::parse(&text, PATIENCE).unwrap(), 1, 300).unwrap().expect_err(lie);
        assert!(failure.problem.contains(told), "{lie}: {failure}");
        // The fourth event and one that knows it are the longest.
        assert!(failure.steps.len() <= 9, "{lie}: {failure}");
        assert!(failure.to_string().contains("0 is there from the start"), "{failure}");
    }
}

/// A child that greets and then goes on like this.
fn child(then: &str) -> String {
    format!(
        "import os, sys, time\n\
         def answer(text):\n    sys.stdout.write(text + '\\n')\n    sys.stdout.flush()\n\
         def batch():\n    return list(iter(lambda: sys.stdin.readline().rstrip('\\n'), ''))\n\
         def honest(lines):\n    verdicts = {{'size': '1\\n', 'csize': '1\\n', 'cmp': '<\\n'}}\n    \
             return ''.join(verdicts.get(line.split(' ')[0], '') for line in lines)\n\
         batch()\nanswer('protocol 1\\nname x\\nguarantees none\\ncan restart save twin\\n')\n{then}\n"
    )
}

#[test]
fn children_that_go_wrong_stop_alone_and_leave_nobody_behind() {
    if python_is_missing() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let cell = cell(4_000);
    let run = |name: &str, script: &str| -> Measured {
        let path = dir.path().join(format!("{name}.py"));
        std::fs::write(&path, child(script)).unwrap();
        let text = format!("{name}=python3 {}", path.display());
        let patience = Duration::from_secs(if name == "hangs" { 1 } else { 30 });
        let scheme = ForeignScheme::parse(&text, patience).unwrap();
        let schemes: Vec<BoxedScheme> =
            vec![Box::new(scheme), Registry::builtin().scheme("lamport").unwrap()];
        let memory_budget = if name == "hoards" { 1 << 20 } else { 1 << 30 };
        let options = Options { settle: 0, memory_budget, ..Options::default() };
        let mut found = replicate(&cell, 0, &schemes, &options);
        // The other goes on.
        assert_eq!(found.schemes[1].1.status, Status::Complete);
        assert_eq!(found.schemes[1].1.events, 4_000);
        found.schemes.swap_remove(0).1
    };
    for (name, script, reason) in [
        ("dies", "batch(); sys.exit(3)", "it ended before it had answered (exit status: 3)"),
        (
            "complains",
            "batch(); sys.stderr.write('first\\nno room left\\n'); sys.exit(1)",
            "it said `no room left`",
        ),
        ("is-killed", "batch(); os.kill(os.getpid(), 9)", "signal: 9"),
        ("hangs", "batch(); time.sleep(600)", "it gave no answer within 1 s"),
        ("closes", "batch(); os.close(1); time.sleep(600)", "its standard output is closed"),
        ("raves", "while True: batch(); answer('DEBUG here\\n')", "it answered `DEBUG here` where"),
        (
            "strays",
            "while True: answer(honest(batch()) + 'by the way\\n')",
            "more than it was asked: `by the way`",
        ),
        ("is-short", "while True: batch(); answer('')", "its answer ended where"),
        ("floods", "while True: answer('7' * 1000000)", "without an end of its answer"),
        ("is-early", "while True: answer('1\\n1\\n1\\n')", "it answered `1` where a verdict"),
        ("refuses", "while True: batch(); answer('err 1 bad idea\\n')", "it reported `bad idea`"),
        ("is-full", "while True: batch(); answer('err 2 overflow 7\\n')", "event refused: 7"),
    ] {
        let Status::Stopped(why) = run(name, script).status else { panic!("{name} went on") };
        assert!(why.to_string().contains(reason), "{name}: {why}");
        assert!(!why.to_string().contains('\n'), "{name}: {why}");
    }
    // It holds 300 MB; a clock may take four times its budget, and 256 MiB at least.
    let greedy = "batch(); hoard = bytearray(os.urandom(1)) * 300_000_000; answer('')";
    let Status::Stopped(why) = run("hoards", greedy).status else { panic!("it went on") };
    assert!(why.to_string().ends_with("bytes of memory, 268435456 allowed"), "{why}");
    // One that has answers of the right shape is judged, however wrong they are.
    let honest = run("plays", "while True: answer(honest(batch()))");
    assert_eq!((honest.status, honest.events), (Status::Complete, 4_000));

    // Gone, all of them.
    let name = dir.path().display().to_string();
    let left = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        String::from_utf8_lossy(&line).contains(&name).then_some(line)
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_folder_knows_the_command_of_its_clocks() {
    if python_is_missing() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let clockbench = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_clockbench"))
            .args(args)
            .current_dir(dir.path())
            .output()
            .unwrap()
    };
    let clock = format!("py=python3 '{}'", adapter().display());
    let planned = clockbench(&[
        "run", "smoke", "--seeds", "2", "--clocks", "vc", "--clock", &clock, "--out", "f", "--plan",
    ]);
    assert!(planned.status.success(), "{planned:?}");
    let resumed = clockbench(&["resume", "f"]);
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    let replays = std::fs::read_to_string(dir.path().join("f/raw/replays.csv")).unwrap();
    assert_eq!(replays.matches(",py,complete,").count(), 2, "{replays}");
    let verified = clockbench(&["verify", "f", "--rerun", "all"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    for (clock, words) in [
        ("py", "`py` is no clock: expected `NAME=COMMAND ARGUMENTS`"),
        ("a b=true", "`a b` is no name"),
        ("x=./not-there", "`./not-there` could not be started"),
        ("x=cat", "it answered `hello 1` where"),
        ("x='python3", "a quote that is not closed"),
    ] {
        let refused = clockbench(&["check", "--clock", clock]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains(words), "{clock}: {said}");
    }
}
