//! What a run was: enough to make it again, and to know what made it.

use std::path::Path;
use std::process::Command;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::random::RNG_NAME;

/// The version of the columns and their meaning. It goes up when a file of a
/// results folder changes its form.
pub const SCHEMA: u32 = 1;

/// `manifest.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The command line, without the name of the program's folder.
    pub command: Vec<String>,
    /// The crate's version.
    pub version: &'static str,
    /// The revision of the sources, where they are a git checkout.
    pub git: Option<Git>,
    /// SHA-256 of `Cargo.lock`.
    pub cargo_lock_sha256: String,
    /// What built it.
    pub toolchain: Toolchain,
    /// What it ran on; only timings depend on it.
    pub machine: Machine,
    /// The root seed.
    pub root_seed: u64,
    /// The generator of random numbers.
    pub rng: &'static str,
    /// The sample size in executions that are not judged whole.
    pub sampling: Sampling,
    /// The schemes.
    pub schemes: Vec<String>,
    /// The cells, and how many replicates of each.
    pub cells: Vec<CellNote>,
}

/// A cell in the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct CellNote {
    /// The cell's name.
    pub name: String,
    /// How many replicates.
    pub replicates: u32,
    /// Where it is from: a scenario, or facts about the trace.
    pub source: serde_json::Value,
}

/// The revision of the sources.
#[derive(Clone, Debug, Serialize)]
pub struct Git {
    /// The commit.
    pub revision: String,
    /// Whether anything was changed since.
    pub dirty: bool,
}

/// What built the command.
#[derive(Clone, Debug, Serialize)]
pub struct Toolchain {
    /// `rustc --version`.
    pub rustc: &'static str,
    /// The target triple.
    pub target: &'static str,
    /// The build profile.
    pub profile: &'static str,
}

/// What a run ran on.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The operating system.
    pub os: &'static str,
    /// The processor, where the system says.
    pub cpu: Option<String>,
    /// How many threads it can run at once.
    pub cores: usize,
    /// The memory in MiB, where the system says.
    pub memory_mib: Option<u64>,
}

/// The sample size.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sampling {
    /// Source events an execution.
    pub sources: u32,
    /// Pairs a source and lag bin.
    pub pairs: u32,
}

impl Manifest {
    /// Of this command, here and now. To be made before a long run: what is
    /// changed meanwhile is not what ran.
    #[must_use]
    pub fn new(
        root_seed: u64,
        sampling: Sampling,
        schemes: Vec<String>,
        cells: Vec<CellNote>,
    ) -> Self {
        Self {
            schema: SCHEMA,
            command: std::iter::once("clockbench".to_owned())
                .chain(std::env::args().skip(1))
                .collect(),
            version: env!("CARGO_PKG_VERSION"),
            git: Git::current(),
            cargo_lock_sha256: cargo_lock_sha256(),
            toolchain: Toolchain::current(),
            machine: Machine::current(),
            root_seed,
            rng: RNG_NAME,
            sampling,
            schemes,
            cells,
        }
    }

    /// For a folder's first page: the command that makes it again, the
    /// revision, and the root seed.
    #[must_use]
    pub fn made_by(&self) -> String {
        let quote = |word: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,".contains(c);
            if word.chars().all(plain) { word.clone() } else { format!("'{word}'") }
        };
        let words: Vec<String> = self.command.iter().skip(1).map(quote).collect();
        let (revision, changes) = match &self.git {
            Some(git) => (git.revision.as_str(), if git.dirty { " with changes" } else { "" }),
            None => ("unknown", ""),
        };
        format!(
            "Made by\n\n```sh\ncargo run --release -- {}\n```\n\nat revision {revision}{changes}, \
             root seed {}.",
            words.join(" "),
            self.root_seed
        )
    }

    /// The file `manifest.json`.
    ///
    /// # Errors
    /// None that is known: every field can be written.
    pub fn file(&self) -> Result<(String, String), serde_json::Error> {
        Ok(("manifest.json".to_owned(), serde_json::to_string_pretty(self)? + "\n"))
    }
}

impl Sampling {
    /// Of runs that judge no pairs.
    pub const NONE: Self = Self { sources: 0, pairs: 0 };
}

impl Toolchain {
    /// Of this build.
    #[must_use]
    pub const fn current() -> Self {
        Self {
            rustc: env!("BUILD_RUSTC"),
            target: env!("BUILD_TARGET"),
            profile: env!("BUILD_PROFILE"),
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
            os: std::env::consts::OS,
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
