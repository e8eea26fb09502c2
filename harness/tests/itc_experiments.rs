//! The verbs about interval tree clocks: `itc2008`, `placement` and
//! `lost-ids`.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const EXPERIMENTS: [(&[&str], &str, &[&str]); 3] = [
    (
        &["itc2008", "--runs", "2", "--replicas", "4"],
        "raw/sizes.csv",
        &["data", "process-a", "process-b", "14.5", "ours"],
    ),
    (
        &["placement", "smoke", "--seeds", "2", "--best-of", "1,2,all"],
        "raw/pairs.csv",
        &["fork best of", "all", "of 1"],
    ),
    (&["lost-ids", "smoke", "--seeds", "2"], "raw/tenths.csv", &["none", "any-heir", "best-heir"]),
];

fn clockbench(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clockbench")).current_dir(folder).args(args).output().unwrap()
}

#[test]
fn each_prints_a_table_and_leaves_the_same_folder_on_any_number_of_threads() {
    for (args, raw, words) in EXPERIMENTS {
        let folder = TempDir::new().unwrap();
        let run = |out: &str, threads: &str| {
            let args = [args, &["--out", out, "--threads", threads]].concat();
            let output = clockbench(folder.path(), &args);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{args:?}: {errors}");
            String::from_utf8(output.stdout).unwrap()
        };
        let (a, b) = (run("a", "1"), run("b", "2"));
        assert_eq!(a, b);
        for word in words {
            assert!(a.contains(word), "{word}: {a}");
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read(&format!("a/{raw}")), read(&format!("b/{raw}")));
        let command = format!("cargo run --release -- {} --out a", args.join(" "));
        assert!(read("a/README.md").contains(&command), "{}", read("a/README.md"));
        assert!(read("a/SHA256SUMS").contains(raw));
        serde_json::from_str::<serde_json::Value>(&read("a/manifest.json")).unwrap();
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_run() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    for (args, status, words) in [
        (&["itc2008", "--out", "there"][..], 1, "there exists"),
        (&["itc2008", "--replicas", "1"], 1, "expected from 2"),
        (&["placement", "--out", "there"], 1, "there exists"),
        (&["placement", "nowhere"], 1, "`nowhere` is no scenario"),
        (&["placement", "--of", "itk"], 1, "`itk`"),
        (&["placement", "--best-of", "0"], 2, "expected a number from 1, or \"all\""),
        (&["lost-ids", "--out", "there"], 1, "there exists"),
        (&["lost-ids", "--events", "3"], 1, "expected at least 10"),
    ] {
        let output = clockbench(folder.path(), args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {errors}");
        assert!(errors.contains(words), "{args:?}: {errors}");
        assert_eq!(output.stdout, b"", "{args:?}");
    }
}
