//! The upper bound of a node's stamps in a file, safe against a crash at any
//! moment.
//!
//! The file is one line of text, `hlc-bound-1 TIMESTAMP CHECKSUM`, both in
//! lower-case hexadecimal: the timestamp's bytes, and the FNV-1a hash (64 bits)
//! of all that precedes the hash. A new bound is written to a file beside it
//! (`.tmp`), synced, renamed over it, and the folder is synced: a crash leaves
//! the old line or the new one. A file that is damaged all the same is an
//! error and not a fresh start.
//!
//! A second process on the same file would give the same stamps. It is kept
//! out by a lock on a third file (`.lock`), which the operating system
//! releases when a process ends, however it ends.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::string::String;
use std::{format, fs};

use crate::{BoundStore, HybridTime, hex};

const MAGIC: &str = "hlc-bound-1";

/// Why a file holds no bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileStoreError {
    /// The operating system refuses.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another process, or another store of this one, uses the file.
    #[error("`{}` is in use: two clocks must not give the same stamps", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what a store wrote: torn, damaged, or of another form
    /// of timestamps. To go on, the node needs a new id, or a bound that is
    /// known to be above all its stamps.
    #[error("`{}` holds no bound: expected `hlc-bound-1 TIMESTAMP CHECKSUM`, found `{}`", path.display(), found.escape_debug())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Its first 80 characters.
        found: String,
    },
}

/// A [`BoundStore`] in a file. Make one for each node id.
///
/// ```no_run
/// use causal_clock::NodeId;
/// use hlc::{DurableHlc, FileStore, Hlc, SystemClock};
/// use std::time::Duration;
///
/// let store = FileStore::open("/var/lib/shop/clock")?;
/// let hlc = Hlc::new(NodeId::new(7), SystemClock);
/// let mut clock = DurableHlc::open(hlc, store, Duration::from_secs(1))?;
/// std::thread::sleep(clock.ahead());
/// println!("{}", clock.now()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    lock: File,
}

/// Without this, a child process that was forked off and has not started its
/// program yet would keep the lock.
impl Drop for FileStore {
    fn drop(&mut self) {
        // What the system does not release now, it does when the file closes.
        let _ = self.lock.unlock();
    }
}

impl FileStore {
    /// The store in the file `path`, which need not exist; its folder must.
    ///
    /// # Errors
    /// [`FileStoreError::InUse`], [`FileStoreError::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FileStoreError> {
        let path = path.into();
        let lock_path = beside(&path, ".lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, lock }),
            Err(TryLockError::WouldBlock) => Err(FileStoreError::InUse { path }),
            Err(TryLockError::Error(error)) => Err(failed("lock", &lock_path)(error)),
        }
    }
}

impl<T: HybridTime> BoundStore<T> for FileStore {
    type Error = FileStoreError;

    fn load(&mut self) -> Result<Option<T>, FileStoreError> {
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.map_err(failed("read", &self.path))?,
        };
        parse(&bytes).map(Some).ok_or_else(|| FileStoreError::Corrupt {
            path: self.path.clone(),
            found: String::from_utf8_lossy(&bytes).chars().take(80).collect(),
        })
    }

    fn save(&mut self, bound: T) -> Result<(), FileStoreError> {
        let next = beside(&self.path, ".tmp");
        File::create(&next)
            .and_then(|mut file| {
                file.write_all(line(bound).as_bytes())?;
                file.sync_all()
            })
            .map_err(failed("write", &next))?;
        fs::rename(&next, &self.path).map_err(failed("replace", &self.path))?;
        sync_folder(&self.path).map_err(failed("sync the folder of", &self.path))
    }
}

fn failed<'a>(verb: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FileStoreError + 'a {
    move |source| FileStoreError::Io { verb, path: path.into(), source }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// A rename is durable once the folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened; the file system's journal has to do.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn line<T: HybridTime>(bound: T) -> String {
    let body = format!("{MAGIC} {} ", hex::Lower(bound.to_be_bytes().as_ref()));
    let checksum = fnv1a(body.as_bytes());
    format!("{body}{checksum:016x}\n")
}

/// The inverse of [`line`], and of nothing else.
fn parse<T: HybridTime>(bytes: &[u8]) -> Option<T> {
    let text = core::str::from_utf8(bytes).ok()?;
    let digits = text.strip_prefix(MAGIC)?.strip_prefix(' ')?.split(' ').next()?;
    let bound = hex::parse_time::<T>(digits)?;
    (line(bound) == text).then_some(bound)
}

/// Every step is a bijection of the state, so a change of any one byte is
/// always noticed.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
