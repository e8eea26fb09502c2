//! The results folder as database: whatever happens to a run, nothing is torn,
//! and the sealed folder has the same bytes.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clockbench"));
    command.current_dir(folder).args(args);
    command
}

fn clockbench(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

/// The command must end with this status; gives what it said.
fn ends(folder: &Path, args: &[&str], status: i32) -> String {
    let output = clockbench(folder, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {said}");
    said
}

const RUN: [&str; 9] = [
    "run",
    "smoke",
    "--clocks",
    "itc,rev:r=4,hlc",
    "--seeds",
    "12",
    "--timing-rounds",
    "0",
    "--out",
];

fn run(folder: &Path, out: &str, more: &[&str]) {
    ends(folder, &[RUN.as_slice(), &[out], more].concat(), 0);
}

/// All files below `raw` and `derived`, with their bytes.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["raw", "derived"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = PathBuf::from(part).join(path.file_name().unwrap());
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

fn same(folder: &Path, a: &str, b: &str) {
    let (a, b) = (bytes(&folder.join(a)), bytes(&folder.join(b)));
    assert_eq!(
        a.iter().map(|f| &f.0).collect::<Vec<_>>(),
        b.iter().map(|f| &f.0).collect::<Vec<_>>()
    );
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{} differs", name.display());
    }
}

#[test]
fn threads_and_shards_do_not_change_a_byte() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "one", &["--threads", "1"]);
    run(path, "many", &["--threads", "3"]);
    same(path, "one", "many");
    for shard in ["0/3", "1/3", "2/3"] {
        run(path, &format!("s{}", &shard[..1]), &["--shard", shard]);
    }
    // One that is missing is named, and what is there stays.
    let said = ends(path, &["merge", "merged", "s0", "s2"], 75);
    assert!(said.contains("lacks 4 of 12 tasks: 1, 4, 7, 10"), "{said}");
    ends(path, &["merge", "merged", "s1"], 0);
    same(path, "one", "merged");
    // Shards in one folder, as on a cluster.
    run(path, "planned", &["--plan"]);
    for index in ["0", "1"] {
        let done = command(path, &["resume", "planned", "--shard", "auto"])
            .env("SLURM_ARRAY_TASK_ID", index)
            .env("SLURM_ARRAY_TASK_COUNT", "2")
            .status();
        assert!(done.unwrap().success());
    }
    ends(path, &["merge", "planned"], 0);
    same(path, "one", "planned");
    ends(path, &["verify", "planned", "--rerun", "all"], 0);
}

/// Starts a run, and kills it after a while, again and again until it is done.
fn killed(folder: &Path, out: &str, kills: u32) -> u32 {
    let spawn = |args: &[&str]| -> Child {
        command(folder, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut child = spawn(&[RUN.as_slice(), &[out]].concat());
    let mut count = 0;
    loop {
        // From before the manifest to after the seal.
        let wait = Duration::from_micros(u64::from(count) * 1_777 % 60_000);
        std::thread::sleep(wait);
        if count >= kills || child.try_wait().unwrap().is_some() {
            child.wait().unwrap();
            return count;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        count += 1;
        let begun = folder.join(out).join("manifest.json").exists();
        if begun {
            child = spawn(&["resume", out]);
        } else {
            // It was killed before it had begun anything.
            let _ = fs::remove_dir_all(folder.join(out));
            child = spawn(&[RUN.as_slice(), &[out]].concat());
        }
    }
}

/// `KILLS=1000 cargo test --release -p harness --test folders killed` is the
/// soak.
#[test]
fn killed_at_any_moment_it_goes_on_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "whole", &[]);
    let wanted: u32 = std::env::var("KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let (mut kills, mut runs) = (0, 0);
    while kills < wanted {
        let out = format!("killed-{runs}");
        kills += killed(path, &out, wanted - kills);
        ends(path, &["resume", &out], 0);
        same(path, "whole", &out);
        ends(path, &["verify", &out, "--rerun", "none"], 0);
        runs += 1;
    }
}

#[test]
fn told_to_stop_it_says_how_to_go_on() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let more = ["run", "smoke", "--clocks", "vc", "--seeds", "100000", "--out", "long"];
    let child = command(path, &more).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    while !path.join("long/parts").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(75), "{said}");
    assert!(said.contains("`clockbench resume long` goes on"), "{said}");
}

#[test]
fn two_processes_do_not_work_on_one_folder() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let more = ["run", "smoke", "--clocks", "vc", "--seeds", "100000", "--out", "long"];
    let mut child =
        command(path, &more).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while !path.join("long/parts").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let said = ends(path, &["resume", "long"], 75);
    assert!(said.contains("long is being worked on by another process"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    // The lock dies with its process.
    let said = ends(path, &["resume", "long", "--shard", "0/100000"], 0);
    assert!(said.contains("shard 0/100000"), "{said}");
}

#[test]
fn a_folder_that_is_not_what_it_was_is_told_apart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "a", &["--plan"]);
    ends(path, &["resume", "a", "--shard", "0/1"], 0);
    let part = path.join("a/parts/000003.csv");
    let text = fs::read_to_string(&part).unwrap();
    fs::write(&part, text.replacen("itc,", "itd,", 1)).unwrap();
    let said = ends(path, &["merge", "a"], 42);
    assert!(said.contains("000003.csv is not whole: its sum is another"), "{said}");
    fs::write(&part, &text[..text.len() / 2]).unwrap();
    assert!(ends(path, &["merge", "a"], 42).contains("it is cut off"));
    fs::remove_file(&part).unwrap();
    assert!(ends(path, &["merge", "a"], 75).contains("lacks 1 of 12 tasks: 3"));
    ends(path, &["resume", "a"], 0);

    // Another spec, another version, no folder at all.
    ends(path, &["run", "smoke", "--clocks", "itc", "--plan", "--out", "b"], 0);
    let said = ends(path, &["merge", "b", "a"], 42);
    assert!(said.contains("a has another spec than b"), "{said}");
    let manifest = path.join("b/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"root_seed\": 1", "\"root_seed\": 2")).unwrap();
    assert!(ends(path, &["resume", "b"], 1).contains("is not the one that the folder was begun"));
    fs::write(&manifest, text.replace("\"schema\": 2", "\"schema\": 1")).unwrap();
    assert!(ends(path, &["resume", "b"], 1).contains("b is of schema 1"));
    fs::write(&manifest, "{").unwrap();
    assert!(ends(path, &["resume", "b"], 1).contains("b/manifest.json does not read"));
    assert!(ends(path, &["resume", "c"], 1).contains("c is no results folder"));
}

#[test]
fn what_does_not_verify_is_named_by_file_row_and_column() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "a", &[]);
    ends(path, &["verify", "a", "--rerun", "all"], 0);
    let file = path.join("a/raw/replays.csv");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("complete,1500", "complete,1501", 1)).unwrap();
    let said = ends(path, &["verify", "a"], 1);
    assert!(said.contains("a: raw/replays.csv, the whole file"), "{said}");
    // Whoever makes the sums fit is found by running it again.
    let sums = Command::new("sh")
        .current_dir(path.join("a"))
        .args(["-c", "find . -type f ! -name SHA256SUMS | sed 's,^\\./,,' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS"])
        .status();
    assert!(sums.unwrap().success());
    let said = ends(path, &["verify", "a", "--rerun", "all"], 1);
    assert!(
        said.contains("raw/replays.csv, smoke, replicate 0, line 2, column `events`"),
        "{said}"
    );
    assert!(said.contains("the folder has `1501`, expected `1500`"), "{said}");
}

#[test]
fn a_sealed_folder_can_be_asked_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let ask = ["--baseline", "rev", "--frontier", "false-order", "--budgets", "16,32"];
    run(path, "asked", &ask);
    run(path, "later", &[]);
    let said = ends(path, &["derive", "later", "--baseline", "lamport"], 1);
    assert!(said.contains("not part of the run"), "{said}");
    ends(path, &[["derive", "later"].as_slice(), &ask].concat(), 0);
    same(path, "asked", "later");
    ends(path, &["verify", "later", "--rerun", "none"], 0);
    let said = ends(path, &["placement", "smoke", "--seeds", "1", "--out", "p"], 0);
    assert!(said.contains("results in p"), "{said}");
    assert!(ends(path, &["derive", "p", "--baseline", "itc"], 1).contains("--baseline"));
}

#[test]
fn claims_are_held_against_their_folder() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "a", &[]);
    let claims = |value: &str| {
        let text = format!(
            "[[claim]]\nid = 'exact'\nsays = 'Interval tree clocks prove everything.'\n\
             table = 'summary'\nrow = {{ cell = 'smoke', clock = 'itc' }}\n\
             column = 'proven_within'\nvalue = {value}\nwithin = 0.0\n"
        );
        fs::write(path.join("claims.toml"), text).unwrap();
    };
    claims("0.9");
    let said = ends(path, &["derive", "a", "--claims", "claims.toml"], 1);
    assert!(said.contains("claim `exact` does not hold: the table has 1"), "{said}");
    claims("1.0");
    ends(path, &["derive", "a", "--claims", "claims.toml"], 0);
    let verified = clockbench(path, &["verify", "a", "--rerun", "none"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(said.contains("1 claims and 0 of 12 tasks are right"), "{said}");
}

#[test]
fn jobs_of_clusters_are_written_out() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    run(path, "big", &["--plan"]);
    let slurm = clockbench(path, &["submit", "slurm", "big", "--shards", "4", "--dry-run"]);
    let text = String::from_utf8_lossy(&slurm.stdout).into_owned();
    for words in ["--array=0-3", "--shard auto", "CLOCKBENCH_SHARDS=4", "merge '"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let jobs = clockbench(path, &["submit", "kubernetes", "big", "--shards", "4"]);
    let jobs: serde_json::Value = serde_json::from_slice(&jobs.stdout).unwrap();
    let spec = &jobs["items"][0]["spec"];
    assert_eq!(spec["completions"], 4);
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!(spec["backoffLimitPerIndex"], 3);
}
