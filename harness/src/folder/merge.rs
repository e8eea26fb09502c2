//! Parts of the same work, done in different places, brought together.

use std::path::Path;

use super::{Folder, FolderError, Lock, Shard};
use crate::registry::Registry;

/// Brings the parts of `from` into `into`, which is begun if it is not there.
/// Parts that are there already stay.
///
/// # Errors
/// Where a folder is of another spec or sealed, or a part is not whole.
pub fn merge(into: &Path, from: &[Folder], registry: &Registry) -> Result<Folder, FolderError> {
    let folder = match (Folder::open(into), from.first()) {
        (Err(FolderError::NotAFolder(_)), Some(first)) if !into.exists() => {
            Folder::begin(into, first.manifest().clone())?
        }
        (opened, _) => opened?,
    };
    if folder.is_sealed() {
        return Err(FolderError::Sealed(into.to_owned()));
    }
    for other in from {
        if other.manifest().spec_sha256 != folder.manifest().spec_sha256 {
            let (of, other) = (into.to_owned(), other.path().to_owned());
            return Err(FolderError::OtherSpec { of, other });
        }
        if other.is_sealed() {
            return Err(FolderError::Sealed(other.path().to_owned()));
        }
    }
    let _lock = Lock::take(&folder, Shard::WHOLE)?;
    let tasks = folder.experiment(registry)?.tasks();
    let mut there = folder.parts()?;
    for other in from {
        for number in other.parts()? {
            if let Some(task) = tasks.get(number)
                && there.insert(number)
            {
                folder.write_part(number, &other.read_part(number, task)?)?;
            }
        }
    }
    Ok(folder)
}
