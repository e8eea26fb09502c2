//! Tells the manifest what the command was built with.

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|out| String::from_utf8(out.stdout).ok())
        .unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=BUILD_RUSTC={}", version.trim());
    for (name, key) in [("BUILD_TARGET", "TARGET"), ("BUILD_PROFILE", "PROFILE")] {
        println!("cargo::rustc-env={name}={}", env::var(key).unwrap_or_default());
    }
    println!("cargo::rerun-if-changed=build.rs");
}
