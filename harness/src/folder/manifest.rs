//! What a run was: enough to go on with it, to make it again, and to know what
//! made it. It is the first file of a folder.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::experiment::Ask;
use crate::random::RNG_NAME;

/// The version of the folder and of the columns in it. It goes up when a file
/// of a results folder changes its form.
pub const SCHEMA: u32 = 2;

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The experiment's name.
    pub experiment: String,
    /// All that decides the rows.
    pub spec: Json,
    /// SHA-256 of the spec: what parts of the same work have in common.
    pub spec_sha256: String,
    /// What is derived of the rows besides the usual.
    #[serde(default)]
    pub ask: Ask,
    /// The command line, without the name of the program's folder.
    pub command: Vec<String>,
    /// The crate's version.
    pub version: String,
    /// The revision of the sources, where they are a git checkout.
    pub git: Option<Git>,
    /// SHA-256 of `Cargo.lock`.
    pub cargo_lock_sha256: String,
    /// What built it.
    pub toolchain: Toolchain,
    /// What it was begun on; only timings depend on it.
    pub machine: Machine,
    /// The generator of random numbers.
    pub rng: String,
}

/// The revision of the sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Git {
    /// The commit.
    pub revision: String,
    /// Whether anything was changed since.
    pub dirty: bool,
}

/// What built the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// `rustc --version`.
    pub rustc: String,
    /// The target triple.
    pub target: String,
    /// The build profile.
    pub profile: String,
}

/// What a run ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The operating system.
    pub os: String,
    /// The processor, where the system says.
    pub cpu: Option<String>,
    /// How many threads it can run at once.
    pub cores: usize,
    /// The memory in MiB, where the system says.
    pub memory_mib: Option<u64>,
}

impl Manifest {
    /// Of this command, here and now. To be made before a long run: what is
    /// changed meanwhile is not what ran.
    #[must_use]
    pub fn new(experiment: &str, spec: Json, ask: Ask) -> Self {
        Self {
            schema: SCHEMA,
            experiment: experiment.to_owned(),
            spec_sha256: spec_sha256(&spec),
            spec,
            ask,
            command: std::iter::once("clockbench".to_owned())
                .chain(std::env::args().skip(1))
                .collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            git: Git::current(),
            cargo_lock_sha256: cargo_lock_sha256(),
            toolchain: Toolchain::current(),
            machine: Machine::current(),
            rng: RNG_NAME.to_owned(),
        }
    }

    /// The command that made it, without the name of the program.
    #[must_use]
    pub fn arguments(&self) -> String {
        let quote = |word: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,".contains(c);
            if word.chars().all(plain) { word.clone() } else { format!("'{word}'") }
        };
        let words: Vec<String> = self.command.iter().skip(1).map(quote).collect();
        words.join(" ")
    }

    /// The revision of the sources, and whether they were changed since.
    #[must_use]
    pub fn revision(&self) -> String {
        let (revision, changes) = match &self.git {
            Some(git) => (git.revision.as_str(), if git.dirty { " with changes" } else { "" }),
            None => ("unknown", ""),
        };
        format!("{revision}{changes}")
    }

    /// For a folder's first page: the command that makes it again, and the
    /// revision.
    #[must_use]
    pub fn made_by(&self) -> String {
        format!(
            "Made by\n\n```sh\ncargo run --release -- {}\n```\n\nat revision {}.",
            self.arguments(),
            self.revision()
        )
    }

    /// The text of `manifest.json`.
    #[must_use]
    pub fn text(&self) -> String {
        // Every field can be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// SHA-256 of a spec.
#[must_use]
pub(super) fn spec_sha256(spec: &Json) -> String {
    hex(&Sha256::digest(spec.to_string()))
}

impl Toolchain {
    /// Of this build.
    #[must_use]
    pub fn current() -> Self {
        Self {
            rustc: env!("BUILD_RUSTC").to_owned(),
            target: env!("BUILD_TARGET").to_owned(),
            profile: env!("BUILD_PROFILE").to_owned(),
        }
    }
}

impl Git {
    /// Of the sources this was built from; `None` where they are no checkout
    /// any more.
    #[must_use]
    pub fn current() -> Option<Self> {
        let git = |args: &[&str]| {
            let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
            let output = Command::new("git").arg("-C").arg(sources).args(args).output().ok()?;
            output.status.success().then_some(())?;
            Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
        };
        let revision = git(&["rev-parse", "HEAD"])?;
        let dirty = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
        Some(Self { revision, dirty })
    }
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn current() -> Self {
        let field = |path: &str, name: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            let line = text.lines().find(|l| l.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let kib = |text: String| text.split_whitespace().next()?.parse::<u64>().ok();
        Self {
            os: std::env::consts::OS.to_owned(),
            cpu: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: field("/proc/meminfo", "MemTotal").and_then(kib).map(|kib| kib / 1024),
        }
    }
}

/// SHA-256 of the `Cargo.lock` this was built with.
fn cargo_lock_sha256() -> String {
    hex(&Sha256::digest(include_bytes!("../../../Cargo.lock")))
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
