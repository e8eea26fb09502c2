//! A small file that unpacks to gigabytes is an error that names the limit, and
//! is not read to its end.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use harness::trace::{LARGEST_TEXT, LONGEST_LINE, Options, open};

/// What is said of a compressed file: `start`, and `line` again and again up to
/// `size` bytes.
fn error(folder: &Path, start: &str, line: &[u8], size: u64) -> String {
    let path = folder.join("trace.gz");
    let mut file = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    file.write_all(start.as_bytes()).unwrap();
    let block = line.repeat((1 << 20) / line.len());
    for _ in 0..=size / block.len() as u64 {
        file.write_all(&block).unwrap();
    }
    file.finish().unwrap();
    open(path.to_str().unwrap(), &Options::default()).unwrap_err().to_string()
}

#[test]
fn what_is_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |start: &str, line: &[u8], size: u64| error(folder.path(), start, line, size);

    let zeros = error("", &[0], LONGEST_LINE);
    assert!(zeros.ends_with("line 1 is longer than 16 MiB: expected a shorter one"), "{zeros}");

    let log = error("", b"nothing\n", LARGEST_TEXT);
    assert!(log.contains("the log is larger than 64 MiB (decompressed)"), "{log}");

    for format in ["causal-dag-jsonl/0", "clockbench-steps/1"] {
        let own = r#","cell":"c","seed":1,"replicate":0,"ids":"random"}"#;
        let rest = if format.starts_with("clockbench") { own } else { "}" };
        let header = format!("{{\"format\":\"{format}\"{rest}\n");
        let line = error(&header, &[0], LONGEST_LINE);
        assert!(line.contains("line 2 is longer than 16 MiB"), "{line}");
    }
}
