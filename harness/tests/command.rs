//! The command as a user meets it: what it prints, what it leaves behind, and
//! what it says when the input is wrong.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn clockbench(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clockbench")).current_dir(folder).args(args).output().unwrap()
}

fn stdout(folder: &Path, args: &[&str]) -> String {
    let output = clockbench(folder, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The command must fail with exit status 1, say all these words on standard
/// error and nothing on standard output, and leave the folder as it was.
fn refuses(folder: &Path, args: &[&str], words: &[&str]) {
    let before = listing(folder);
    let output = clockbench(folder, args);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {errors}");
    for word in words {
        assert!(errors.contains(word), "{args:?} says {errors:?}, not {word:?}");
    }
    assert_eq!(output.stdout, b"", "{args:?}");
    assert_eq!(listing(folder), before, "{args:?} left something behind");
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A raw table, whether or not it is compressed.
fn table(folder: &Path, name: &str) -> String {
    let plain = folder.join(format!("raw/{name}.csv"));
    let mut text = String::new();
    if plain.exists() {
        return fs::read_to_string(plain).unwrap();
    }
    let file = fs::File::open(folder.join(format!("raw/{name}.csv.gz"))).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

const QUICK: [&str; 6] = ["run", "smoke", "--seeds", "2", "--timing-rounds", "1"];

#[test]
fn a_run_prints_a_table_and_leaves_a_whole_folder() {
    let folder = TempDir::new().unwrap();
    let table = stdout(folder.path(), &QUICK);
    for clock in ["itc", "vc", "vc-bounded:k=10", "lamport", "rev:r=16", "hlc", "physical"] {
        let starts = |line: &str| line.trim_start().starts_with(clock);
        assert!(table.lines().any(starts), "{clock}: {table}");
    }
    let results = folder.path().join("results/scratch/smoke-1");
    let files =
        ["README.md", "SHA256SUMS", "derived", "manifest.json", "raw", "scenarios", "timings.csv"];
    assert_eq!(listing(&results), files);
    assert_eq!(listing(results.parent().unwrap()), ["smoke-1"]);
    let manifest = fs::read_to_string(results.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for key in [
        "schema",
        "experiment",
        "spec",
        "spec_sha256",
        "command",
        "version",
        "git",
        "cargo_lock_sha256",
        "toolchain",
        "machine",
        "rng",
    ] {
        assert!(manifest.get(key).is_some(), "{key}");
    }
    assert_eq!(manifest["spec"]["root_seed"], 1);
    // The next run takes the next name.
    stdout(folder.path(), &QUICK);
    assert_eq!(listing(results.parent().unwrap()), ["smoke-1", "smoke-2"]);
}

#[test]
fn a_frontier_has_its_tables_and_charts() {
    let folder = TempDir::new().unwrap();
    let clocks = "rev:r=2..8,nurev:r=2..8";
    let more = ["--clocks", clocks, "--baseline", "rev:r=4", "--frontier", "false-order"];
    let rest = ["--budgets", "16,32", "--out", "a"];
    let text = stdout(folder.path(), &[QUICK.as_slice(), &more, &rest].concat());
    assert!(text.contains("Differences from rev:r=4") && text.contains("less rev"), "{text}");
    let derived = listing(&folder.path().join("a/derived"));
    for file in ["budgets-false-order.csv", "frontier-false-order.csv", "paired.csv"] {
        assert!(derived.iter().any(|name| name == file), "{derived:?}");
    }
    assert!(derived.contains(&"smoke-false-order-mid.svg".to_owned()), "{derived:?}");
}

#[test]
fn comparisons_that_cannot_be_made_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let run = |more: &[&'static str]| [QUICK.as_slice(), &["--clocks", "itc"], more].concat();
    refuses(path, &run(&["--baseline", "rev:r=4"]), &["rev:r=4", "not part of the run"]);
    let more = [QUICK.as_slice(), &["--clocks", "rev:r=8..4"]].concat();
    refuses(path, &more, &["rev:r=8..4", "expected a larger end"]);
}

#[test]
fn papers_print_tables_and_leave_folders() {
    let folder = TempDir::new().unwrap();
    let table = |paper: &str, more: &[&str]| {
        let common = [paper, "--runs", "2", "--out", paper];
        stdout(folder.path(), &[common.as_slice(), more].concat())
    };
    assert!(table("evc-growth", &["--p-int-tenths", "1"]).contains("21457"));
    let bloom = table("bloom-clock", &["--pairs", "2000", "--base-only"]);
    assert!(bloom.contains("86.6 %") && bloom.contains("57.6 %"), "{bloom}");
    for paper in ["evc-growth", "bloom-clock"] {
        assert!(listing(&folder.path().join(paper)).contains(&"manifest.json".to_owned()));
    }
    let again = ["evc-growth", "--out", "evc-growth"];
    refuses(folder.path(), &again, &["evc-growth exists"]);
}

#[test]
fn an_exported_execution_gives_the_rows_of_its_preset() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    for (preset, more) in [("smoke", vec![]), ("churn", vec!["--clocks", "rev,hlc,vc"])] {
        let steps = stdout(path, &["trace", "export", preset, "--seed", "7"]);
        write(&folder, "steps.jsonl", &steps);
        let (out_a, out_b) = (format!("{preset}-a"), format!("{preset}-b"));
        let common = [more.as_slice(), &["--timing-rounds", "0"]].concat();
        let direct = ["run", preset, "--seed", "7", "--seeds", "1", "--out", &out_a];
        stdout(path, &[direct.as_slice(), &common].concat());
        let replayed = ["run", "--trace", "steps.jsonl", "--out", &out_b];
        stdout(path, &[replayed.as_slice(), &common].concat());
        for file in ["executions", "replays", "verdicts", "sizes"] {
            let read = |out: &str| table(&path.join(out), file);
            assert_eq!(read(&out_a), read(&out_b), "{preset} {file}");
        }
    }
}

#[test]
fn lists_are_for_people_and_for_programs() {
    let folder = TempDir::new().unwrap();
    let clocks = stdout(folder.path(), &["clocks"]);
    assert!(clocks.contains("misses no order") && clocks.contains("r=16"), "{clocks}");
    let clocks: serde_json::Value =
        serde_json::from_str(&stdout(folder.path(), &["clocks", "--json"])).unwrap();
    let rev = clocks.as_array().unwrap().iter().find(|c| c["name"] == "rev").unwrap();
    assert_eq!(rev["parameters"][0]["default"], 16);
    assert_eq!(rev["guarantees"], serde_json::json!(["complete", "consistent", "distinct"]));

    let scenarios = stdout(folder.path(), &["scenarios"]);
    assert!(scenarios.lines().next().unwrap().starts_with("churn "), "{scenarios}");
    let scenarios: serde_json::Value =
        serde_json::from_str(&stdout(folder.path(), &["scenarios", "--json"])).unwrap();
    assert_eq!(scenarios.as_array().unwrap().len(), harness::scenario::PRESETS.len());
    // A preset that is printed can be run.
    write(&folder, "mine.toml", &stdout(folder.path(), &["scenarios", "smoke"]));
    stdout(folder.path(), &["run", "mine.toml", "--seeds", "1", "--clocks", "lamport"]);
}

#[test]
fn json_has_every_table() {
    let folder = TempDir::new().unwrap();
    let args = ["--json", "--clocks", "itc,rev:r=2", "--baseline", "rev"];
    let page = stdout(folder.path(), &[QUICK.as_slice(), &args].concat());
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    let table = |name: &str| {
        let tables = page["tables"].as_array().unwrap();
        tables.iter().find(|table| table["name"] == name).unwrap()["rows"].clone()
    };
    assert_eq!(table("summary")[0]["proven_within"]["mean"], 1.0);
    assert!(table("errors")[1]["false_order_near"]["mean"].as_f64().unwrap() > 0.0);
    assert!(table("paired")[0]["false_order_near"]["mean"].as_f64().unwrap() < 0.0);
    assert!(!table("by-lag").as_array().unwrap().is_empty());
    let wide = ["show", "results/scratch/smoke-1"];
    let text = stdout(folder.path(), &wide);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let markdown = stdout(folder.path(), &[wide.as_slice(), &["--markdown"]].concat());
    assert!(markdown.contains("| clock"), "{markdown}");
}

#[test]
fn shells_and_man_know_every_verb() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(folder.path(), &["completions", shell]);
        assert!(script.contains("lost-ids") && script.contains("timing-rounds"), "{shell}");
    }
    assert!(stdout(folder.path(), &["man"]).contains(".TH clockbench 1"));
    stdout(folder.path(), &["man", "."]);
    assert!(folder.path().join("clockbench-run.1").exists());
}

#[test]
fn a_quiet_run_says_nothing_but_its_tables() {
    let folder = TempDir::new().unwrap();
    let run = [QUICK.as_slice(), &["--quiet", "--clocks", "lamport"]].concat();
    let output = clockbench(folder.path(), &run);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    // Tables have no colours, wherever they go.
    assert!(!output.stdout.contains(&0x1b));
}

/// A pilot tells how many seeds narrow the figures down, and they do.
#[test]
fn a_run_takes_as_many_seeds_as_it_needs() {
    let folder = TempDir::new().unwrap();
    let until = ["run", "smoke", "--until", "40%", "--clocks", "rev", "--timing-rounds", "0"];
    stdout(folder.path(), &until);
    let run = folder.path().join("results/scratch/smoke-1");
    let manifest = fs::read_to_string(run.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let seeds = manifest["spec"]["cells"][0]["replicates"].as_u64().unwrap();
    assert!((10..200).contains(&seeds), "{seeds}");
    let errors = fs::read_to_string(run.join("derived/errors.csv")).unwrap();
    let mut lines = errors.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (head, row) = (lines.next().unwrap(), lines.next().unwrap());
    let value = |key: &str| {
        let at = head.iter().position(|column| *column == key).unwrap();
        row[at].parse::<f64>().unwrap()
    };
    // The pilot is an estimate itself: the promise holds on average.
    let width = value("false_order_near_half_width_95") / value("false_order_near");
    assert!(width < 0.6, "{width}");
}

#[test]
fn wrong_clocks_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    for (clocks, words) in [
        ("itk", vec!["`itk`", "expected one of", "itc"]),
        ("rev:s=3", vec!["rev:s=3", "unknown field `s`", "`rev` takes r"]),
        ("rev:r=0", vec!["rev:r=0"]),
        ("rev:r=-1", vec!["rev:r=-1"]),
        ("rev:r", vec!["`r`", "key=value"]),
        ("rev:r=2,r=3", vec!["twice"]),
        ("vc:k=3", vec!["takes no parameters"]),
        ("hlc:drift=soon", vec!["`soon` is no duration"]),
        (",", vec!["names no clock"]),
    ] {
        refuses(path, &["run", "smoke", "--clocks", clocks], &words);
    }
}

#[test]
fn wrong_scenarios_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    refuses(path, &["run", "chrun"], &["`chrun` is no scenario", "churn", "TOML"]);
    write(&folder, "bad.toml", "name = 'x'\n[population]\ninitail = 3\n");
    refuses(path, &["run", "bad.toml"], &["bad.toml:3", "`initail`", "expected"]);
    write(&folder, "bad.toml", "name = 'x'\n[traffic]\nrate = -2\n");
    refuses(path, &["run", "bad.toml"], &["bad.toml:3", "`traffic.rate` is -2", "not negative"]);
    write(&folder, "bad.toml", "name = 'x'\n[population]\ninitial = 5\nmin = 9\n");
    refuses(path, &["run", "bad.toml"], &["bad.toml:4", "population.min", "from 1 to"]);
    refuses(path, &["run", "smoke", "smoke"], &["`smoke` is there twice"]);
}

#[test]
fn wrong_needs_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    refuses(path, &["advise", "needs.toml"], &["needs.toml cannot be read"]);
    write(&folder, "bad.toml", "[participants]\nlvie = 3\n");
    refuses(path, &["advise", "bad.toml"], &["bad.toml:2", "`lvie`", "`live`"]);
    write(&folder, "bad.toml", "[errors]\nfalse_order = 2.0\n");
    refuses(path, &["advise", "bad.toml", "--json"], &["bad.toml:2", "from 0 to 1"]);
    write(&folder, "good.toml", "");
    let two = ["advise", "good.toml", "good.toml", "--html", "page.html"];
    refuses(path, &two, &["--html", "one file of needs"]);
}

#[test]
fn a_place_where_nothing_can_be_written_is_refused_before_any_work() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let args = ["run", "--out", "file/results", "--seeds", "1000000"];
    refuses(folder.path(), &args, &["file/results cannot be written"]);
}

#[test]
fn an_output_folder_that_exists_is_refused_before_any_work() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    refuses(folder.path(), &["run", "--out", "there"], &["there exists", "never overwritten"]);
    write(&folder, "steps.jsonl", "");
    let export = ["trace", "export", "smoke", "--out", "steps.jsonl"];
    refuses(folder.path(), &export, &["steps.jsonl exists"]);
}

#[test]
fn an_output_folder_that_cannot_be_made_is_an_error() {
    let folder = TempDir::new().unwrap();
    write(&folder, "file", "");
    let args = ["run", "smoke", "--seeds", "1", "--clocks", "lamport", "--out", "file/below"];
    refuses(folder.path(), &args, &["cannot be"]);
}

#[test]
fn wrong_faults_of_clocks_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let start = "name = 'x'\n[[clocks.fault]]\nkind = 'frozen'\nshare = 0.5\n";
    for (fault, words) in [
        ("kind = 'behnd'\nshare = 1", ["bad.toml:6", "`behnd`", "`behind`"]),
        ("kind = 'ahead'\nshare = 1", ["bad.toml:6", "needs `by`", "expected a duration"]),
        ("kind = 'rate'\nrate = -2.0\nshare = 1", ["bad.toml:7", "is -2", "expected from 0"]),
        ("kind = 'frozen'\nsince = '3s'", ["bad.toml:7", "`since`", "expected"]),
    ] {
        write(&folder, "bad.toml", &format!("{start}[[clocks.fault]]\n{fault}\n"));
        refuses(path, &["run", "bad.toml"], &words);
    }
}

#[test]
fn clocks_are_held_against_physical_time_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let run = |out: &str, more: &[&str]| {
        let clocks = ["--clocks", "hvc,hlc,lamport", "--out", out];
        stdout(path, &[QUICK.as_slice(), &clocks, more].concat())
    };
    assert!(!run("plain", &[]).contains("physical time"));
    let tables = run("epsilon", &["--epsilon", "1s"]);
    assert!(tables.contains("physical time") && tables.contains("by ε"), "{tables}");
    let raw = |out: &str| listing(&path.join(out).join("raw"));
    assert_eq!(raw("plain").len() + 2, raw("epsilon").len());
    let times = table(&path.join("epsilon"), "times");
    assert!(times.contains("hvc") && times.contains("hlc") && !times.contains("lamport"));
    // Nothing else is changed by it.
    let summary = |out: &str| fs::read(path.join(format!("{out}/derived/errors.csv"))).unwrap();
    assert_eq!(summary("plain"), summary("epsilon"));
}

#[test]
fn rates_are_drawn_across_a_number_of_the_scenarios() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    for skew in ["0s", "1s"] {
        let start = format!("name = 's{skew}'\nevents = 400\n[population]\ninitial = 4\n");
        let text = format!("{start}[clocks]\nskew = '{skew}'\n");
        write(&folder, &format!("{skew}.toml"), &text);
    }
    let common = ["--seeds", "2", "--timing-rounds", "0", "--clocks", "hlc,vc", "--across"];
    let run = |more: &[&'static str]| [&["run"], more].concat();
    let rows = |out: &str| {
        let text = fs::read_to_string(path.join(out).join("derived/across.csv")).unwrap();
        text.lines().skip(1).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let across = [common.as_slice(), &["clocks.skew", "--out", "two"]].concat();
    stdout(path, &run(&[&["0s.toml", "1s.toml"], across.as_slice()].concat()));
    let two = rows("two");
    for start in ["s0s,0,hlc,false_order,", "s1s,1,hlc,false_order,", "s1s,1,vc,proven,"] {
        assert!(two.iter().any(|row| row.starts_with(start)), "{start}: {two:?}");
    }
    let charts = listing(&path.join("two/derived"));
    assert!(charts.contains(&"across-false-order.svg".to_owned()), "{charts:?}");

    // One scenario is one point, and a whole number is a number too.
    let across = [common.as_slice(), &["population.initial", "--out", "one"]].concat();
    stdout(path, &run(&[&["1s.toml"], across.as_slice()].concat()));
    assert!(rows("one").iter().all(|row| row.starts_with("s1s,4,")), "{:?}", rows("one"));

    for (key, words) in [
        ("clocks.skw", ["--across", "`s1s` has no `clocks.skw`", "expected a number"]),
        ("clocks", ["--across", "`s1s` has no `clocks`", "such as `clocks.skew`"]),
        ("name", ["--across", "`s1s` has no `name`", "expected a number"]),
        ("", ["--across", "`s1s` has no ``", "expected a number"]),
    ] {
        refuses(path, &["run", "1s.toml", "--across", key], &words);
    }
    // A trace has no such number.
    let steps = stdout(path, &["trace", "export", "1s.toml"]);
    write(&folder, "steps.jsonl", &steps);
    let trace = ["run", "--trace", "steps.jsonl", "--across", "clocks.skew"];
    refuses(path, &trace, &["--across", "a trace has no `clocks.skew`", "scenarios alone"]);
}

#[test]
fn a_paper_is_reproduced_the_same_on_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let run = |out: &str, threads: &str| {
        let args = ["--runs", "1", "--out", out, "--threads", threads];
        stdout(path, &[&["hlc2014"], args.as_slice()].concat())
    };
    let table = run("a", "1");
    for words in ["16-nodes", "83.9 %", "straggler", "half at ε"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert_eq!(table, run("b", "2"));
    for file in ["raw/deployments.csv", "raw/hybrid_vectors.csv", "derived/counters.svg"] {
        let read = |out: &str| fs::read(path.join(out).join(file)).unwrap();
        assert_eq!(read("a"), read("b"), "{file}");
    }
    refuses(path, &["hlc2014", "--out", "a"], &["a exists"]);
}

#[test]
fn wrong_traces_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    refuses(path, &["run", "--trace", "nowhere.jsonl"], &["nowhere.jsonl"]);
    refuses(path, &["run", "--trace", "git:nowhere"], &["nowhere"]);
    refuses(path, &["run", "--trace", "git:."], &["no git repository"]);
    let dag = r#"{"format":"causal-dag-jsonl/0","events":2,"agents":1}"#;
    write(&folder, "t", &format!("{dag}\n{{\"a\":0,\"p\":[1]}}\n{{\"a\":0,\"p\":[0]}}\n"));
    refuses(path, &["run", "--trace", "t"], &["t", "cycle"]);
    write(&folder, "t", &format!("{dag}\n{{\"a\":0,\"p\":[]}}\n{{\"a\":0,\"p\":[7]}}\n"));
    refuses(path, &["run", "--trace", "t"], &["t", "7"]);
    let steps =
        r#"{"format":"clockbench-steps/1","cell":"x","seed":1,"replicate":0,"ids":"random"}"#;
    write(
        &folder,
        "t",
        &format!("{steps}\n{{\"t\":0,\"step\":\"receive\",\"node\":0,\"message\":0}}"),
    );
    refuses(path, &["run", "--trace", "t"], &["line 2", "received before it is sent"]);
    write(&folder, "t", "nothing\nlike\na log\n");
    refuses(path, &["run", "--trace", "t"], &["match"]);
    write(&folder, "t", "a\nh {\"h\":1}\n");
    refuses(path, &["run", "--trace", "t", "--shiviz-regex", "("], &["regular expression"]);
}
