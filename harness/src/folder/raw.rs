//! `raw/`: parts put together in the order of tasks, and taken apart again.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::{Folder, FolderError};
use crate::experiment::{Rows, RowsError, Task};

/// A larger table is compressed.
const PLAIN: u64 = 1 << 20;

impl Folder {
    /// Whether the parts have been put together.
    pub(super) fn is_gathered(&self) -> bool {
        self.path().join("raw").is_dir()
    }

    /// Puts all parts together. Memory holds one of them at a time.
    pub(super) fn gather(&self, tasks: &[Task]) -> Result<(), FolderError> {
        self.remove(".sealing")?;
        let staging = self.path().join(".sealing");
        fs::create_dir_all(&staging).map_err(|error| FolderError::written(&staging, error))?;
        let mut files: Vec<(String, BufWriter<File>)> = Vec::new();
        for (number, task) in tasks.iter().enumerate() {
            for table in self.read_part(number, task)?.tables() {
                let path = staging.join(format!("{}.csv", table.name));
                let wrong = |error| FolderError::written(&path, error);
                let at = match files.iter().position(|(name, _)| *name == table.name) {
                    Some(at) => at,
                    None => {
                        let mut file = BufWriter::new(File::create(&path).map_err(wrong)?);
                        file.write_all(table.header.as_bytes()).map_err(wrong)?;
                        files.push((table.name.clone(), file));
                        files.len() - 1
                    }
                };
                files[at].1.write_all(table.lines.as_bytes()).map_err(wrong)?;
            }
        }
        for (name, file) in files {
            let path = staging.join(format!("{name}.csv"));
            finish(&path, file).map_err(|error| FolderError::written(&path, error))?;
        }
        let raw = self.path().join("raw");
        fs::rename(&staging, &raw).map_err(|error| FolderError::written(&raw, error))
    }

    /// The rows of all tasks, one task at a time.
    pub(super) fn rows<'a>(&self, tasks: &'a [Task]) -> Result<RawRows<'a>, FolderError> {
        let names = self.files()?;
        let tables = names
            .iter()
            .filter(|name| name.starts_with("raw/"))
            .map(|name| Table::open(self.path(), name))
            .collect::<Result<Vec<_>, RowsError>>()?;
        Ok(RawRows { tasks: tasks.iter(), tables })
    }

    /// The rows of `timings.csv`, if it is there.
    pub(super) fn timings(&self) -> Result<Option<Rows>, FolderError> {
        if !self.path().join("timings.csv").is_file() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&self.get("timings.csv")?).into_owned();
        let (header, lines) = text.split_once('\n').unwrap_or((&text, ""));
        let mut rows = Rows::new(Task { cell: String::new(), replicate: 0 });
        rows.push_lines("timings", &format!("{header}\n"), lines.to_owned());
        Ok(Some(rows))
    }
}

/// Syncs a table, and compresses it where it is large.
fn finish(path: &Path, file: BufWriter<File>) -> io::Result<()> {
    let file = file.into_inner()?;
    if file.metadata()?.len() <= PLAIN {
        return file.sync_all();
    }
    drop(file);
    let small = File::create(path.with_extension("csv.gz"))?;
    let mut encoder = GzEncoder::new(BufWriter::new(small), Compression::best());
    io::copy(&mut BufReader::new(File::open(path)?), &mut encoder)?;
    encoder.finish()?.into_inner()?.sync_all()?;
    fs::remove_file(path)
}

/// A table, as far as it was read.
struct Table {
    file: String,
    name: String,
    header: String,
    lines: Box<dyn BufRead>,
    /// The line that was read last, if it is not taken yet.
    ahead: String,
    number: usize,
}

impl Table {
    fn open(folder: &Path, file: &str) -> Result<Self, RowsError> {
        let wrong = |problem| RowsError::Io { file: file.to_owned(), problem };
        let plain: Box<dyn Read> = Box::new(File::open(folder.join(file)).map_err(wrong)?);
        let lines: Box<dyn BufRead> = if file.ends_with(".gz") {
            Box::new(BufReader::new(GzDecoder::new(plain)))
        } else {
            Box::new(BufReader::new(plain))
        };
        let name = file.trim_start_matches("raw/").trim_end_matches(".gz");
        let name = name.trim_end_matches(".csv").to_owned();
        let (file, ahead) = (file.to_owned(), String::new());
        let mut table = Self { file, name, header: String::new(), lines, ahead, number: 0 };
        table.advance()?;
        table.header = std::mem::take(&mut table.ahead);
        table.advance()?;
        Ok(table)
    }

    fn advance(&mut self) -> Result<(), RowsError> {
        self.ahead.clear();
        self.number += 1;
        let read = self.lines.read_line(&mut self.ahead);
        read.map(drop).map_err(|problem| RowsError::Io { file: self.file.clone(), problem })
    }

    /// The lines of a task, which come next if there are any.
    fn take(&mut self, prefix: &str) -> Result<String, RowsError> {
        let mut lines = String::new();
        while self.ahead.starts_with(prefix) {
            lines.push_str(&self.ahead);
            self.advance()?;
        }
        Ok(lines)
    }
}

/// The rows of a sealed folder, a task at a time.
pub(super) struct RawRows<'a> {
    tasks: std::slice::Iter<'a, Task>,
    tables: Vec<Table>,
}

impl RawRows<'_> {
    fn of(&mut self, task: &Task) -> Result<Rows, RowsError> {
        let mut rows = Rows::new(task.clone());
        let prefix = format!("{},{},", task.cell, task.replicate);
        for table in &mut self.tables {
            let lines = table.take(&prefix)?;
            if !lines.is_empty() {
                rows.push_lines(&table.name, &table.header, lines);
            }
        }
        Ok(rows)
    }

    /// Nothing may be left at the end.
    fn end(&mut self) -> Option<Result<Rows, RowsError>> {
        let left = self.tables.iter_mut().find(|table| !table.ahead.is_empty())?;
        let text = left.ahead.chars().take(60).collect::<String>().trim_end().to_owned();
        left.ahead.clear();
        Some(Err(RowsError::Misplaced { file: left.file.clone(), line: left.number, text }))
    }
}

impl Iterator for RawRows<'_> {
    type Item = Result<Rows, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.tasks.next() {
            Some(task) => Some(self.of(task)),
            None => self.end(),
        }
    }
}
