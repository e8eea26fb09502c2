//! Where the reference vectors are.

use std::path::{Path, PathBuf};

/// The text of a reference file: of `given`, where that is set; else the one
/// shared beside the repository; else the first lines of it, which are kept
/// with this crate.
pub(crate) fn reference(name: &str, given: Option<PathBuf>) -> String {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = given.unwrap_or_else(|| {
        let shared = crate_root.join("../../shared/vectors").join(name);
        if shared.exists() {
            return shared;
        }
        eprintln!("{} is absent: only the first lines of it are tested", shared.display());
        crate_root.join("tests/data").join(name)
    });
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
