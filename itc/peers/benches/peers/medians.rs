//! What criterion has measured in this run, read from the files that it
//! leaves.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Medians {
    folder: PathBuf,
}

impl Medians {
    /// A folder without the medians of other runs: ratios are of one run.
    pub(crate) fn empty() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
        // It may not be there yet.
        let _ = fs::remove_dir_all(&folder);
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The median time of an iteration, if it was measured.
    pub(crate) fn nanos(&self, group: &str, name: &str) -> Option<f64> {
        // As criterion names its folders.
        let name = name.replace(['/', '\\', '?', '"', '*', '<', '>', ':', '|', '^'], "_");
        let file = self.folder.join(group).join(name).join("new/estimates.json");
        let estimates: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    }
}
