//! The tables in the README are those of the published runs that they name.
//!
//! `UPDATE_README=1 cargo test -p harness --test readme` puts them there.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use std::fs;
use std::path::Path;

const OPEN: &str = "<!-- table: ";
const CLOSE: &str = "<!-- end of table -->";

/// The lines of the first table of a folder's own first page.
fn table_of(folder: &Path) -> String {
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let lines = page.lines().skip_while(|line| !line.starts_with('|'));
    lines.take_while(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_are_those_of_the_published_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut parts = readme.split(OPEN);
    let mut expected = parts.next().unwrap().to_owned();
    let mut tables = 0;
    for part in parts {
        let (folder, rest) = part.split_once(" -->").unwrap();
        let (_, after) = rest.split_once(CLOSE).unwrap();
        let table = table_of(&root.join(folder));
        expected.push_str(&format!("{OPEN}{folder} -->\n\n{table}\n\n{CLOSE}{after}"));
        tables += 1;
    }
    assert!(tables > 0, "the README starts with a table");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(root.join("README.md"), expected).unwrap();
    } else {
        assert!(readme == expected, "README.md: run with UPDATE_README=1 to renew its tables");
    }
}
