//! The history of a git repository as a causal graph, by way of the `git`
//! program.
//!
//! An event is a commit that some reference or `HEAD` leads to, its causes are
//! the commit's parents, its time is the committer's clock (really skewed: a
//! child may be dated before its parent), its actor is the author's e-mail
//! address. Addresses are only told apart, never kept.
//!
//! A shallow clone is taken as it is: its oldest commits have no parents.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use hashbrown::HashMap;

use super::dag::{Dag, DagBuilder, DagError};

/// What was read from a repository.
#[derive(Clone, Debug)]
pub struct History {
    /// The folder's name, of a linked worktree that of its main repository;
    /// without `.git`.
    pub name: String,
    /// Its commits.
    pub dag: Dag,
    /// Whether it is a shallow clone, that is, lacks older commits.
    pub shallow: bool,
    /// Parents that commits name but the repository does not show; left out.
    pub missing_parents: u32,
}

/// Why a history cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// There is no program called `git`.
    #[error("the program `git` was not found: expected it to be installed and in PATH")]
    NotInstalled,
    /// `git` cannot be started.
    #[error("the program `git` cannot be started: {0}")]
    Start(io::Error),
    /// The folder is not there.
    #[error("there is no such folder: expected a git repository or a folder in one")]
    NoFolder,
    /// The folder is in no repository.
    #[error("this is no git repository, nor is it in one: expected one with commits")]
    NotARepository,
    /// There is nothing to replay.
    #[error("the repository has no commits, or none since then: expected at least one")]
    NoCommits,
    /// `git` failed for another reason.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// What was asked of it.
        command: &'static str,
        /// What it said.
        message: String,
    },
    /// `git` said something unexpected.
    #[error(
        "`git log` printed {0:?} as a commit: expected its hash, its parents, a time in seconds \
         since 1970 and an e-mail address"
    )]
    Output(String),
    /// The commits make no graph.
    #[error("the commits make no causal graph: {0}")]
    Graph(DagError),
}

/// A hash, SHA-1 or SHA-256, in binary.
type Hash = [u8; 32];

/// Reads the commits of the repository that `path` is or is in; an empty path
/// is the current folder. With `since`, a date as git reads it, only those that
/// git shows from then on; the oldest of them have no parents.
///
/// # Errors
/// [`GitError`]: no `git`, no repository, no commits.
pub fn read(path: &Path, since: Option<&str>) -> Result<History, GitError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if !path.is_dir() {
        return Err(GitError::NoFolder);
    }
    let about = ask(path, "rev-parse", &["--is-shallow-repository", "--git-common-dir"])?;
    let mut lines = about.lines();
    let shallow = lines.next() == Some("true");
    let name = repository_name(&path.join(lines.next().unwrap_or_default()));

    let mut log = git(path)
        // One's settings must not add lines to the output.
        .args(["log", "--all", "--topo-order", "--reverse", "--no-show-signature", "--no-color"])
        .arg("--format=tformat:%H%x00%P%x00%ct%x00%ae")
        .args(since.map(|date| format!("--since={date}")))
        .stdout(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    // Read at the same time: a full pipe of messages would stop the log.
    let stderr = log.stderr.take().map(|stderr| thread::spawn(|| io::read_to_string(stderr)));
    let read = log.stdout.take().map_or_else(
        || Ok((DagBuilder::default(), 0)),
        |stdout| read_log(BufReader::with_capacity(1 << 16, stdout)),
    );
    if read.is_err() {
        // What it still has to say does not matter, nor whether it is gone.
        let _ = log.kill();
    }
    let message = stderr.and_then(|reader| reader.join().ok()?.ok()).unwrap_or_default();
    let status = log.wait().map_err(GitError::Start)?;
    let (events, missing_parents) = read?;
    if !status.success() && !message.contains("does not have any commits") {
        return Err(GitError::Failed { command: "log", message: message.trim().to_owned() });
    }
    if events.is_empty() {
        return Err(GitError::NoCommits);
    }
    let dag = events.finish().map_err(GitError::Graph)?;
    Ok(History { name, dag, shallow, missing_parents })
}

fn git(path: &Path) -> Command {
    let mut command = Command::new("git");
    // Messages are looked at, so they must be in English. In a hook, GIT_DIR
    // would name another repository than the one asked for.
    command.env("LC_ALL", "C").env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
    command.arg("-C").arg(path).stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn not_started(error: io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => GitError::NotInstalled,
        _ => GitError::Start(error),
    }
}

fn ask(path: &Path, command: &'static str, arguments: &[&str]) -> Result<String, GitError> {
    let asked = git(path).arg(command).args(arguments).output();
    let Output { status, stdout, stderr } = asked.map_err(not_started)?;
    let message = String::from_utf8_lossy(&stderr);
    if status.success() {
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    } else if message.contains("not a git repository") {
        Err(GitError::NotARepository)
    } else {
        Err(GitError::Failed { command, message: message.trim().to_owned() })
    }
}

/// The folder that people know a repository by, from its `.git` folder.
fn repository_name(git_dir: &Path) -> String {
    let dir = git_dir.canonicalize().unwrap_or_else(|_| PathBuf::from(git_dir));
    let folder = if dir.ends_with(".git") { dir.parent() } else { Some(dir.as_path()) };
    let name = folder.and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    name.strip_suffix(".git").unwrap_or(&name).to_owned()
}

fn read_log(mut log: impl BufRead) -> Result<(DagBuilder, u32), GitError> {
    let mut events = DagBuilder::default();
    let mut commits: HashMap<Hash, u32> = HashMap::new();
    let mut authors: HashMap<Vec<u8>, u32> = HashMap::new();
    let (mut line, mut parents, mut missing) = (Vec::new(), Vec::new(), 0);
    loop {
        line.clear();
        if log.read_until(b'\n', &mut line).map_err(GitError::Start)? == 0 {
            return Ok((events, missing));
        }
        let commit = Commit::parse(line.trim_ascii_end())
            .ok_or_else(|| GitError::Output(String::from_utf8_lossy(&line).into_owned()))?;
        parents.clear();
        for parent in &commit.parents {
            match commits.get(parent) {
                Some(event) => parents.push(*event),
                None => missing += 1,
            }
        }
        let next_author = authors.len() as u32;
        let author = *authors.entry_ref(commit.author).or_insert(next_author);
        commits.insert(commit.hash, events.len());
        events.push(author, &parents, Some(commit.time));
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Commit<'l> {
    hash: Hash,
    parents: Vec<Hash>,
    time: u64,
    author: &'l [u8],
}

impl<'l> Commit<'l> {
    fn parse(line: &'l [u8]) -> Option<Self> {
        // The address comes last: it may hold anything but a line's end.
        let mut fields = line.splitn(4, |b| *b == 0);
        let hash = parse_hash(fields.next()?)?;
        let parents = fields.next()?.split(|b| *b == b' ').filter(|p| !p.is_empty());
        let parents = parents.map(parse_hash).collect::<Option<_>>()?;
        let time = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        Some(Self { hash, parents, time, author: fields.next()? })
    }
}

fn parse_hash(hex: &[u8]) -> Option<Hash> {
    if hex.len() != 40 && hex.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(hex.chunks_exact(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_commit_is_parsed_strictly() {
        let line = format!("{A}\0{A} {A}\x0012\0me@here");
        let commit = Commit::parse(line.as_bytes()).unwrap();
        assert_eq!((commit.parents.len(), commit.time, commit.author), (2, 12, &b"me@here"[..]));
        assert_eq!(commit.hash[..3], [0x01, 0x23, 0x45]);
        for wrong in [
            String::new(),
            A.into(),
            format!("{A}\0{A}\x0012"),
            format!("{A}\0{A}\0-12\0me"),
            format!("{A}\0{A}\0\0me"),
            format!("{A}\0{A} abc\x0012\0me"),
            format!("g{A}\0\x0012\0me"),
            format!("{}g\0\x0012\0me", &A[1..]),
        ] {
            assert_eq!(Commit::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_program_that_is_absent_is_told_from_one_that_fails() {
        let absent = Command::new("no-such-program-as-this").spawn().unwrap_err();
        assert!(matches!(not_started(absent), GitError::NotInstalled));
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(not_started(denied), GitError::Start(_)));
    }

    #[test]
    fn parents_that_are_not_there_are_counted() {
        let b = A.replace('0', "9");
        let log = format!("{A}\0{b}\x0012\0me\n{b}\0{A}\x0013\0me\n");
        let (events, missing) = read_log(log.as_bytes()).unwrap();
        assert_eq!((events.len(), missing), (2, 1));
    }
}
