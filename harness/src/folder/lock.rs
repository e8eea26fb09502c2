//! One process at a time: locks of the operating system, which die with the
//! process that holds them.

use std::fs::{File, TryLockError};

use super::{Folder, FolderError, Shard};

/// The right to work on a folder, for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    /// Closing the files gives the locks back.
    _files: Vec<File>,
}

impl Lock {
    /// For a shard: others may do other shards meanwhile, but none may seal.
    /// For the whole: nobody else may do anything.
    ///
    /// # Errors
    /// Where another process holds it, or it cannot be made.
    pub fn take(folder: &Folder, shard: Shard) -> Result<Self, FolderError> {
        let whole = open(folder, ".lock")?;
        if shard == Shard::WHOLE {
            held(folder, whole.try_lock())?;
            return Ok(Self { _files: vec![whole] });
        }
        held(folder, whole.try_lock_shared())?;
        let own = open(folder, &format!(".lock-{}-of-{}", shard.index, shard.of))?;
        held(folder, own.try_lock())?;
        Ok(Self { _files: vec![whole, own] })
    }
}

fn open(folder: &Folder, name: &str) -> Result<File, FolderError> {
    let path = folder.path().join(name);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| FolderError::written(&path, error))
}

fn held(folder: &Folder, result: Result<(), TryLockError>) -> Result<(), FolderError> {
    result.map_err(|error| match error {
        TryLockError::WouldBlock => FolderError::Busy(folder.path().to_owned()),
        TryLockError::Error(error) => FolderError::written(folder.path(), error),
    })
}
