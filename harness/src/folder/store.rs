//! A folder on disk: opening one, beginning one, and files that are whole or
//! not there.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::manifest::{SCHEMA, spec_sha256};
use super::{FolderError, Manifest};
use crate::experiment::Experiment;
use crate::registry::Registry;

/// A results folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    manifest: Manifest,
}

impl Folder {
    /// Begins a folder, which must not exist: the manifest is its first file.
    ///
    /// # Errors
    /// Where it exists or cannot be written.
    pub fn begin(path: &Path, manifest: Manifest) -> Result<Self, FolderError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| FolderError::written(path, e))?;
        }
        fs::create_dir(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => FolderError::Exists(path.to_owned()),
            _ => FolderError::written(path, error),
        })?;
        let folder = Self { path: path.to_owned(), manifest };
        folder.write_manifest()?;
        Ok(folder)
    }

    /// As [`begin`](Self::begin), in the first of `parent/name-1`,
    /// `parent/name-2`, … that does not exist.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn begin_next(parent: &Path, name: &str, manifest: &Manifest) -> Result<Self, FolderError> {
        let mut n = 1_u64;
        loop {
            match Self::begin(&parent.join(format!("{name}-{n}")), manifest.clone()) {
                // Perhaps of another run that began first.
                Err(FolderError::Exists(_)) => n = n.saturating_add(1),
                other => return other,
            }
        }
    }

    /// Opens a folder that is there.
    ///
    /// # Errors
    /// Where it is none, of another version, or its spec was changed.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let file = path.join("manifest.json");
        let text = fs::read_to_string(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                FolderError::NotAFolder(path.to_owned())
            }
            _ => FolderError::read(&file, error),
        })?;
        let wrong = |problem| FolderError::Manifest { path: file.clone(), problem };
        let json: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        let found = json["schema"].as_u64().unwrap_or(0);
        if found != u64::from(SCHEMA) {
            return Err(FolderError::Schema { path: path.to_owned(), found });
        }
        let manifest: Manifest = serde_json::from_value(json).map_err(wrong)?;
        if spec_sha256(&manifest.spec) != manifest.spec_sha256 {
            return Err(FolderError::ChangedSpec(path.to_owned()));
        }
        Ok(Self { path: path.to_owned(), manifest })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same folder, asked something else.
    pub(super) fn set_ask(&mut self, ask: crate::experiment::Ask) -> Result<(), FolderError> {
        if self.manifest.ask != ask {
            self.manifest.ask = ask;
            self.write_manifest()?;
        }
        Ok(())
    }

    fn write_manifest(&self) -> Result<(), FolderError> {
        self.put("manifest.json", self.manifest.text().as_bytes())
    }

    /// Its experiment, made of the manifest.
    ///
    /// # Errors
    /// Where this program does not have it, or the spec is none of it.
    pub fn experiment(&self, registry: &Registry) -> Result<Box<dyn Experiment>, FolderError> {
        let name = &self.manifest.experiment;
        let kind = registry.experiments().iter().find(|kind| kind.name == name);
        let kind = kind.ok_or_else(|| FolderError::Unknown {
            path: self.path.clone(),
            experiment: name.clone(),
        })?;
        Ok(kind.rebuild(self.manifest.spec.clone(), registry)?)
    }

    /// Whether it is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.path.join("SHA256SUMS").is_file()
    }

    /// Writes a file beside its place, syncs it, and renames it: it is whole or
    /// not there.
    pub(super) fn put(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        let place = self.path.join(name);
        let folder = place.parent().unwrap_or(&self.path);
        let base = place.file_name().unwrap_or_default().to_string_lossy();
        // Another process, perhaps on another machine, may write the same.
        let salt = RandomState::new().build_hasher().finish();
        let beside = folder.join(format!(".{base}.{}-{salt:x}", std::process::id()));
        let create = || File::create_new(&beside);
        let written = create()
            .or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => fs::create_dir_all(folder).and_then(|()| create()),
                _ => Err(error),
            })
            .and_then(|mut file| {
                file.write_all(content)?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&beside, &place));
        written.map_err(|error| {
            // What is left of a failed attempt would only be in the way.
            let _ = fs::remove_file(&beside);
            FolderError::written(&place, error)
        })
    }

    /// The content of a file in it.
    pub(super) fn get(&self, name: &str) -> Result<Vec<u8>, FolderError> {
        let path = self.path.join(name);
        fs::read(&path).map_err(|error| FolderError::read(&path, error))
    }

    /// Removes a file or folder in it, if it is there.
    pub(super) fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(FolderError::written(&path, error))
            }
            _ => Ok(()),
        }
    }

    /// The names of all files in it but hidden ones, below folders too, sorted.
    pub(super) fn files(&self) -> Result<Vec<String>, FolderError> {
        let mut names = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let path = self.path.join(&folder);
            let wrong = |error| FolderError::read(&path, error);
            for entry in fs::read_dir(&path).map_err(wrong)? {
                let entry = entry.map_err(wrong)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with('.') {
                    continue;
                }
                let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if entry.file_type().map_err(wrong)?.is_dir() {
                    folders.push(name);
                } else {
                    names.push(name);
                }
            }
        }
        names.sort();
        Ok(names)
    }
}
