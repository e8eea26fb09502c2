//! A part: the rows of one task as a file of its own, which tells whether it is
//! whole.
//!
//! ```text
//! clockbench-part/1 SPEC-SHA256 NUMBER CELL REPLICATE
//! table executions 1
//! cell,replicate,…
//! churn,3,…
//! end SHA256-OF-ALL-ABOVE
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::manifest::hex;
use super::{Folder, FolderError};
use crate::experiment::{Rows, Task};

const FORMAT: &str = "clockbench-part/1";

impl Folder {
    fn part_name(number: usize) -> String {
        format!("parts/{number:06}.csv")
    }

    /// The numbers of the tasks of which a part is there.
    pub(super) fn parts(&self) -> Result<BTreeSet<usize>, FolderError> {
        let path = self.path().join("parts");
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            other => other.map_err(|error| FolderError::read(&path, error))?,
        };
        let mut numbers = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(|error| FolderError::read(&path, error))?.file_name();
            let name = name.to_string_lossy();
            numbers.extend(name.strip_suffix(".csv").and_then(|n| n.parse::<usize>().ok()));
        }
        Ok(numbers)
    }

    /// Writes the part of a task.
    pub(super) fn write_part(&self, number: usize, rows: &Rows) -> Result<(), FolderError> {
        let Task { cell, replicate } = rows.task();
        let spec = &self.manifest().spec_sha256;
        let mut text = format!("{FORMAT} {spec} {number} {cell} {replicate}\n");
        for table in rows.tables() {
            text.push_str(&format!("table {} {}\n", table.name, table.lines.lines().count()));
            text.push_str(&table.header);
            text.push_str(&table.lines);
        }
        let sum = hex(&Sha256::digest(&text));
        text.push_str(&format!("end {sum}\n"));
        self.put(&Self::part_name(number), text.as_bytes())
    }

    /// Reads the part of a task, and checks that it is whole and this task's.
    pub(super) fn read_part(&self, number: usize, task: &Task) -> Result<Rows, FolderError> {
        let path: PathBuf = self.path().join(Self::part_name(number));
        let bytes = fs::read(&path).map_err(|error| FolderError::read(&path, error))?;
        let wrong =
            |problem: &str| FolderError::Part { path: path.clone(), problem: problem.into() };
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is no text"))?;
        let end = text.trim_end_matches('\n').rfind('\n').ok_or_else(|| wrong("it is cut off"))?;
        let (body, last) = text.split_at(end + 1);
        let sum = last.strip_prefix("end ").ok_or_else(|| wrong("it is cut off"))?;
        if sum.trim_end() != hex(&Sha256::digest(body)) {
            return Err(wrong("its sum is another"));
        }
        let mut lines = body.split_inclusive('\n');
        let head: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        let Task { cell, replicate } = task;
        let expected = [
            FORMAT,
            &self.manifest().spec_sha256,
            &number.to_string(),
            cell,
            &replicate.to_string(),
        ];
        if head != expected {
            return Err(wrong("it is of another task or spec"));
        }
        let mut rows = Rows::new(task.clone());
        while let Some(line) = lines.next() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let ["table", name, count] = words[..] else {
                return Err(wrong("a table is expected"));
            };
            let count: usize = count.parse().map_err(|_| wrong("a count is expected"))?;
            let header = lines.next().ok_or_else(|| wrong("a header is expected"))?;
            rows.push_lines(name, header, lines.by_ref().take(count).collect());
        }
        Ok(rows)
    }
}
