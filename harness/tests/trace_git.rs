//! Git repositories, made with the `git` program. Without it, these tests say
//! so and pass.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::path::Path;
use std::process::Command;

use harness::execution::Survey;
use harness::step::Step;
use harness::trace::dag::DagFacts;
use harness::trace::{Options, Origin, Trace, open};
use tempfile::TempDir;

fn git_is_missing() -> bool {
    let missing = Command::new("git").arg("--version").output().is_err();
    if missing {
        eprintln!("skipped: there is no program `git`");
    }
    missing
}

/// Runs git as `who` at a time, with nobody's settings.
fn git_as(dir: &Path, who: &str, time: u64, arguments: &[&str]) {
    let date = format!("@{time} +0000");
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
        .args(arguments)
        .env_remove("GIT_DIR")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_NAME", who)
        .env("GIT_AUTHOR_EMAIL", format!("{who}@example.org"))
        .env("GIT_COMMITTER_NAME", who)
        .env("GIT_COMMITTER_EMAIL", format!("{who}@example.org"))
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn git(dir: &Path, arguments: &[&str]) {
    git_as(dir, "nobody", 0, arguments);
}

fn commit(dir: &Path, who: &str, time: u64) {
    git_as(dir, who, time, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
}

/// A repository with a real merge; one commit is dated before its parent.
///
/// ```text
/// ann 100 ── ann 200 ────────── merge 300 ── ann 290
///      └── bob 150 ── bob 140 ──┘
/// ```
fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("my project");
    std::fs::create_dir(&work).unwrap();
    git(&work, &["init", "--quiet"]);
    commit(&work, "ann", 100);
    git(&work, &["checkout", "--quiet", "-b", "side"]);
    commit(&work, "bob", 150);
    commit(&work, "bob", 140);
    git(&work, &["checkout", "--quiet", "main"]);
    commit(&work, "ann", 200);
    git_as(&work, "ann", 300, &["merge", "--quiet", "--no-ff", "--message", "x", "side"]);
    commit(&work, "ann", 290);
    dir
}

fn trace(path: &Path) -> Trace {
    let mut traces = open(&format!("git:{}", path.display()), &Options::default())
        .unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(traces.len(), 1);
    traces.remove(0)
}

fn facts(trace: &Trace) -> (DagFacts, bool, u32) {
    match trace.origin {
        Origin::Git { facts, shallow, missing_parents } => (facts, shallow, missing_parents),
        ref other => panic!("{other:?}"),
    }
}

fn error(path: &Path) -> String {
    open(&format!("git:{}", path.display()), &Options::default()).unwrap_err().to_string()
}

#[test]
fn older_commits_are_left_out() {
    if git_is_missing() {
        return;
    }
    let dir = repository();
    let spec = format!("git:{}", dir.path().join("my project").display());
    let options = Options { since: Some("@120 +0000".into()), ..Options::default() };
    let (found, shallow, missing) = facts(&open(&spec, &options).unwrap()[0]);
    // Ann's first one is the parent of two.
    assert_eq!((found.events, found.roots, missing, shallow), (5, 2, 2, false));
}

#[test]
fn a_merge_is_a_fork_and_a_join() {
    if git_is_missing() {
        return;
    }
    let dir = repository();
    let trace = trace(&dir.path().join("my project"));
    assert_eq!(trace.name, "git-my-project");
    let (found, shallow, missing) = facts(&trace);
    assert_eq!((found.events, found.actors, found.forks, found.joins), (6, 2, 1, 1));
    assert_eq!((found.roots, found.heads, found.timed_edges), (1, 1, 6));
    // Bob's second commit and Ann's last.
    assert_eq!((found.backward_times, found.most_backward.as_secs()), (2, 10));
    assert!(!shallow && missing == 0);

    let survey = Survey::of(trace.steps.iter().copied());
    assert_eq!((survey.events, survey.forks, survey.retires, survey.max_live), (6, 1, 1, 2));
    let mut seconds: Vec<u64> = trace
        .steps
        .iter()
        .filter(|s| matches!(s.step, Step::Event { .. }))
        .map(|s| s.time.as_nanos() / 1_000_000_000)
        .collect();
    assert_eq!((seconds[0], seconds[4], seconds[5]), (100, 300, 290));
    seconds.sort_unstable();
    assert_eq!(seconds, [100, 140, 150, 200, 290, 300]);
}

#[test]
fn folders_in_it_bare_ones_and_detached_heads_are_read_as_well() {
    if git_is_missing() {
        return;
    }
    let dir = repository();
    let work = dir.path().join("my project");
    let inner = work.join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    assert_eq!(trace(&inner).name, "git-my-project");

    git(dir.path(), &["clone", "--quiet", "--bare", "my project", "bare.git"]);
    let bare = trace(&dir.path().join("bare.git"));
    assert_eq!((bare.name.as_str(), facts(&bare).0.events), ("git-bare", 6));

    git(&work, &["checkout", "--quiet", "--detach"]);
    commit(&work, "eve", 400);
    assert_eq!(facts(&trace(&work)).0.events, 7);
    // And so are branches that are not checked out.
    git(&work, &["branch", "other"]);
    git(&work, &["checkout", "--quiet", "main"]);
    assert_eq!(facts(&trace(&work)).0.events, 7);
}

#[test]
fn an_empty_path_is_the_current_folder() {
    if git_is_missing() {
        return;
    }
    // Whether the tests run in a repository or not.
    let read = |spec| open(spec, &Options::default()).map(|traces| traces[0].steps.len()).ok();
    assert_eq!(read("git:"), read("git:."));
}

#[test]
fn a_shallow_clone_is_taken_as_it_is() {
    if git_is_missing() {
        return;
    }
    let dir = repository();
    let url = format!("file://{}", dir.path().join("my project").display());
    git(dir.path(), &["clone", "--quiet", "--depth", "2", &url, "shallow"]);
    let (found, shallow, missing) = facts(&trace(&dir.path().join("shallow")));
    assert_eq!((found.events, found.roots, shallow, missing), (2, 1, true, 0));
}

#[test]
fn what_is_no_history_is_told_apart() {
    if git_is_missing() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let absent = error(&dir.path().join("absent"));
    assert!(
        absent.contains("absent: there is no such folder: expected a git repository"),
        "{absent}"
    );
    let none = error(dir.path());
    assert!(none.contains("this is no git repository, nor is it in one"), "{none}");
    git(dir.path(), &["init", "--quiet"]);
    let empty = error(dir.path());
    assert!(
        empty.ends_with("the repository has no commits, or none since then: expected at least one"),
        "{empty}"
    );
    std::fs::write(dir.path().join(".git/config"), "[core\n").unwrap();
    let broken = error(dir.path());
    assert!(broken.contains("`git rev-parse` failed: fatal: bad config"), "{broken}");
}

#[test]
fn settings_and_odd_addresses_do_not_disturb() {
    if git_is_missing() {
        return;
    }
    let dir = repository();
    let work = dir.path().join("my project");
    for (key, value) in
        [("log.showSignature", "true"), ("log.decorate", "full"), ("color.ui", "always")]
    {
        git(&work, &["config", key, value]);
    }
    git_as(&work, "odd\taddress ", 500, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
    let (found, ..) = facts(&trace(&work));
    assert_eq!((found.events, found.actors), (7, 3));
}
