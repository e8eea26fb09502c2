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

/// The first of `parent/name-1`, `parent/name-2`, … that does not exist.
#[must_use]
pub fn free_name(parent: &Path, name: &str) -> PathBuf {
    (1_u64..).map(|n| parent.join(format!("{name}-{n}"))).find(|p| !p.exists()).unwrap_or_default()
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
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let staging = parent.join(format!(".{name}.incomplete-{}", std::process::id()));
    let written = stage(&staging, files)
        .and_then(|()| fs::rename(&staging, folder).map_err(|source| io_error(folder, source)));
    if written.is_err() {
        // What is left of a failed attempt would only be in the way; that it
        // failed is what matters, not whether the rest could be removed.
        let _ = fs::remove_dir_all(&staging);
    }
    written
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
