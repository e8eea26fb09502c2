//! A value in a file, safe against a crash at any moment.
//!
//! The file is one line of text, `MAGIC BYTES CHECKSUM`: the value's
//! [`Stored::MAGIC`], and in lower-case hexadecimal its bytes and the FNV-1a
//! hash (64 bits) of all that precedes the hash. A new value is written to a
//! file beside it (`.tmp`), synced, renamed over it, and the folder is synced: a
//! crash leaves the old line or the new one. A file that is damaged all the
//! same is an error and not a fresh start.
//!
//! A second process on the same file would go on from the same value. It is
//! kept out by a lock on a third file (`.lock`), which the operating system
//! releases when a process ends, however it ends.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{format, fs};

use crate::{Store, Stored};

/// Why a file holds no value.
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
    #[error("`{}` is in use: two participants must not go on from one file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what a store wrote: torn, damaged, or of another kind
    /// of value. What it protected from happens if the participant goes on from
    /// nothing instead: it needs a new name, or a value from elsewhere that is
    /// known to be as late as the lost one.
    #[error(
        "`{}` holds no {what}: expected `{magic} HEXADECIMAL CHECKSUM`, found `{}`",
        path.display(),
        found.escape_debug()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
        /// The word that it should begin with.
        magic: &'static str,
        /// Its first 80 characters.
        found: String,
    },
}

/// A [`Store`] in a file. Make one for each value.
///
/// ```no_run
/// use causal_clock::{Epoch, FileStore, Store};
///
/// let mut store = FileStore::open("/var/lib/shop/epoch")?;
/// let epoch: Option<Epoch> = store.load()?;
/// # Ok::<(), causal_clock::FileStoreError>(())
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

impl<T: Stored> Store<T> for FileStore {
    type Error = FileStoreError;

    fn load(&mut self) -> Result<Option<T>, FileStoreError> {
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            result => result.map_err(failed("read", &self.path))?,
        };
        parse(&bytes).map(Some).ok_or_else(|| FileStoreError::Corrupt {
            path: self.path.clone(),
            what: T::WHAT,
            magic: T::MAGIC,
            found: String::from_utf8_lossy(&bytes).chars().take(80).collect(),
        })
    }

    fn save(&mut self, value: &T) -> Result<(), FileStoreError> {
        let next = beside(&self.path, ".tmp");
        File::create(&next)
            .and_then(|mut file| {
                file.write_all(line(value).as_bytes())?;
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

fn line<T: Stored>(value: &T) -> String {
    let mut line = format!("{} ", T::MAGIC);
    for byte in value.to_stored() {
        line.extend([byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    line.push(' ');
    let checksum = fnv1a(line.as_bytes());
    format!("{line}{checksum:016x}\n")
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The inverse of [`line`], and of nothing else.
fn parse<T: Stored>(bytes: &[u8]) -> Option<T> {
    let text = core::str::from_utf8(bytes).ok()?;
    let digits = text.strip_prefix(T::MAGIC)?.strip_prefix(' ')?.split(' ').next()?;
    let digit = |digit: u8| u8::try_from(char::from(digit).to_digit(16)?).ok();
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let stored: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    let value = T::from_stored(&stored.filter(|_| rest.is_empty())?)?;
    (line(&value) == text).then_some(value)
}

/// Every step is a bijection of the state, so a change of any one byte is
/// always noticed.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
