//! A full disk in the middle of a run: a clear error that asks for another try,
//! nothing torn, and with room again the same bytes.
//!
//! The disk is a small file system in memory, which needs Linux and the right to
//! mount (as root, or in a user namespace). Elsewhere the test says so and
//! passes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A shell in a mount namespace of its own, with root's rights in it.
fn shell(folder: &Path, script: &str) -> Output {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec", script])
        .current_dir(folder)
        .env("CLOCKBENCH", env!("CARGO_BIN_EXE_clockbench"))
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    std::fs::create_dir(path.join("disk")).unwrap();
    let may_mount = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "disk"])
        .current_dir(path)
        .output();
    if !may_mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no right to mount a small file system");
        return;
    }
    let output = shell(
        path,
        r#"
        run="$CLOCKBENCH run smoke --clocks itc,rev:r=4,hlc --seeds 24 --timing-rounds 0"
        $run --out whole >/dev/null 2>&1

        # At each size the disk is full at another moment: before the manifest,
        # between parts, while sealing.
        for size in 4k 8k 16k 40k 64k 96k 128k 160k 192k 224k 256k; do
          mount -t tmpfs -o size=$size none disk
          code=0
          $run --out disk/run >/dev/null 2>said || code=$?
          if [ $code -ne 0 ]; then
            [ $code -eq 75 ] || { cat said; echo "size $size: exit status $code"; exit 1; }
            grep -q "No space left on device" said || { cat said; exit 1; }
            echo "full $(ls disk/run/parts 2>/dev/null | wc -l)"
            mount -o remount,size=16m none disk
            if [ -e disk/run/manifest.json ]; then
              $CLOCKBENCH resume disk/run >/dev/null 2>said || { cat said; exit 1; }
            else
              rm -rf disk/run
              $run --out disk/run >/dev/null 2>said || { cat said; exit 1; }
            fi
          fi
          diff -r whole/raw disk/run/raw
          diff -r whole/derived disk/run/derived
          $CLOCKBENCH verify disk/run --rerun none >/dev/null
          umount disk
        done
        "#,
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{wrong}");
    let parts: Vec<u32> =
        said.lines().map(|line| line.trim_start_matches("full ").parse().unwrap()).collect();
    let (first, last) = (parts.first().unwrap(), parts.last().unwrap());
    assert!(*first == 0 && *last >= 20, "full before the first part, and at the end: {parts:?}");
}
