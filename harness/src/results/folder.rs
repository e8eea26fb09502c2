//! Writing a results folder whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::manifest::hex;

/// Why a folder could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is there already.
    #[error("{} exists: expected a folder that is yet to be made (results are never overwritten)", .0.display())]
    Exists(PathBuf),
    /// The file system refused.
    #[error("{} cannot be written", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
}

/// Sees to it that the folder can be written, before a long run: it does not
/// exist, and where it is to be, something can be made.
///
/// # Errors
/// Where it exists already, or nothing can be made beside it.
pub fn check(folder: &Path) -> Result<(), FolderError> {
    if folder.exists() {
        return Err(FolderError::Exists(folder.to_owned()));
    }
    let probe = staging(folder);
    fs::create_dir_all(&probe)
        .and_then(|()| fs::remove_dir(&probe))
        .map_err(|source| io_error(folder, source))
}

/// As [`write()`], to the first of `parent/name-1`, `parent/name-2`, … that does
/// not exist, which it gives.
///
/// # Errors
/// Where it cannot be written.
pub fn write_next(
    parent: &Path,
    name: &str,
    files: &[(String, String)],
) -> Result<PathBuf, FolderError> {
    let mut n = 1_u64;
    loop {
        let folder = parent.join(format!("{name}-{n}"));
        match write(&folder, files) {
            Ok(()) => return Ok(folder),
            // Perhaps by another run that ended first.
            Err(FolderError::Exists(_)) => n = n.saturating_add(1),
            Err(error) => return Err(error),
        }
    }
}

/// Writes the files, with `SHA256SUMS` of all of them, into a new folder. They
/// are written beside it first and moved there in one step, so that the folder
/// is complete as soon as it is there.
///
/// # Errors
/// Where the folder exists or cannot be written.
pub fn write(folder: &Path, files: &[(String, String)]) -> Result<(), FolderError> {
    if folder.exists() {
        return Err(FolderError::Exists(folder.to_owned()));
    }
    let staging = staging(folder);
    let written = stage(&staging, files).and_then(|()| {
        // Refused where the folder came to be meanwhile: it is not empty.
        fs::rename(&staging, folder).map_err(|source| match folder.exists() {
            true => FolderError::Exists(folder.to_owned()),
            false => io_error(folder, source),
        })
    });
    if written.is_err() {
        // What is left of a failed attempt would only be in the way; that it
        // failed is what matters, not whether the rest could be removed.
        let _ = fs::remove_dir_all(&staging);
    }
    written
}

/// Beside the folder, where it is put together.
fn staging(folder: &Path) -> PathBuf {
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    parent.join(format!(".{name}.incomplete-{}", std::process::id()))
}

fn stage(staging: &Path, files: &[(String, String)]) -> Result<(), FolderError> {
    let mut sums = String::new();
    for (name, content) in files {
        put(&staging.join(name), content)?;
        sums.push_str(&format!("{}  {name}\n", hex(&Sha256::digest(content))));
    }
    put(&staging.join("SHA256SUMS"), &sums)
}

fn put(path: &Path, content: &str) -> Result<(), FolderError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|source| io_error(parent, source))?;
    }
    fs::write(path, content).map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> FolderError {
    FolderError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_end_at_once_get_folders_of_their_own() {
        let parent = tempfile::TempDir::new().unwrap();
        let files = [("a/b.csv".to_owned(), "1\n".to_owned())];
        let path = |n: u8| parent.path().join(format!("churn-{n}"));
        // As another run would leave it between our choice and our writing.
        write(&path(1), &files).unwrap();
        assert_eq!(write_next(parent.path(), "churn", &files).unwrap(), path(2));
        assert!(matches!(write(&path(2), &files), Err(FolderError::Exists(_))));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
        assert!(path(2).join("SHA256SUMS").is_file() && path(2).join("a/b.csv").is_file());
    }
}
