//! What one task leaves: rows of named tables, as lines of CSV.
//!
//! Every line begins with the task's cell and replicate, and a field never
//! holds a line break. So the rows of many tasks are put together, and taken
//! apart again, line by line, and nothing has to be parsed to do so.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Task;

/// Why rows cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowsError {
    /// A row is no flat record.
    #[error("table `{table}`: {problem}")]
    Record {
        /// The table.
        table: String,
        /// What is wrong with a row of it.
        problem: csv::Error,
    },
    /// A field holds a line break.
    #[error("table `{table}`: a field holds a line break")]
    LineBreak {
        /// The table.
        table: String,
    },
    /// A line does not belong to the task whose turn it is.
    #[error("{file}:{line}: no row of a task of this experiment, or not in its place: `{text}`")]
    Misplaced {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// How the line begins.
        text: String,
    },
    /// A file cannot be read.
    #[error("{file} cannot be read: {problem}")]
    Io {
        /// The file.
        file: String,
        /// Why not.
        problem: std::io::Error,
    },
}

/// The rows of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    task: Task,
    tables: Vec<RowTable>,
}

/// The rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowTable {
    pub(crate) name: String,
    /// The columns, with a line break.
    pub(crate) header: String,
    /// The lines, with their line breaks.
    pub(crate) lines: String,
}

impl Rows {
    /// No rows yet.
    #[must_use]
    pub const fn new(task: Task) -> Self {
        Self { task, tables: Vec::new() }
    }

    /// Whose they are.
    #[must_use]
    pub const fn task(&self) -> &Task {
        &self.task
    }

    /// Adds rows to a table. Its columns are the fields of `R`, which must be
    /// flat; `cell` and `replicate` stand before them without being named.
    ///
    /// # Errors
    /// Where a row is not flat, or a text in it holds a line break.
    pub fn add<R: Serialize>(
        &mut self,
        table: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), RowsError> {
        let wrong = |problem| RowsError::Record { table: table.to_owned(), problem };
        let mut header = None;
        let mut writer =
            csv::WriterBuilder::new().has_headers(false).from_writer(Vec::with_capacity(4096));
        let mut count = 0;
        for row in rows {
            if header.is_none() {
                header = Some(header_of(&row).map_err(wrong)?);
            }
            let Task { cell, replicate } = &self.task;
            writer.serialize((cell, replicate, row)).map_err(wrong)?;
            count += 1;
        }
        let Some(header) = header else { return Ok(()) };
        let bytes = writer.into_inner().map_err(|error| wrong(error.into_error().into()))?;
        let lines = String::from_utf8_lossy(&bytes).into_owned();
        if lines.lines().count() != count {
            return Err(RowsError::LineBreak { table: table.to_owned() });
        }
        match self.tables.iter_mut().find(|known| known.name == table) {
            Some(known) => known.lines.push_str(&lines),
            None => self.tables.push(RowTable { name: table.to_owned(), header, lines }),
        }
        Ok(())
    }

    /// The rows of a table; none where there is no such table.
    ///
    /// # Errors
    /// Where a row does not read as `R`.
    pub fn read<R: DeserializeOwned>(&self, table: &str) -> Result<Vec<R>, RowsError> {
        let Some(found) = self.tables.iter().find(|known| known.name == table) else {
            return Ok(Vec::new());
        };
        let wrong = |problem| RowsError::Record { table: table.to_owned(), problem };
        let text = std::io::Read::chain(found.header.as_bytes(), found.lines.as_bytes());
        let mut reader = csv::Reader::from_reader(text);
        let header = reader.byte_headers().map_err(wrong)?.clone();
        let mut rows = Vec::new();
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(wrong)? {
            rows.push(record.deserialize(Some(&header)).map_err(wrong)?);
        }
        Ok(rows)
    }

    /// A table as CSV with its header; `None` where there is no such table.
    #[must_use]
    pub fn csv(&self, table: &str) -> Option<String> {
        let found = self.tables.iter().find(|known| known.name == table)?;
        Some([found.header.as_str(), &found.lines].concat())
    }

    /// Its tables.
    pub(crate) fn tables(&self) -> &[RowTable] {
        &self.tables
    }

    /// Takes lines as they are.
    pub(crate) fn push_lines(&mut self, name: &str, header: &str, lines: String) {
        let (name, header) = (name.to_owned(), header.to_owned());
        self.tables.push(RowTable { name, header, lines });
    }
}

/// The names of the fields, after `cell` and `replicate`.
fn header_of<R: Serialize>(row: &R) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(row)?;
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(format!("cell,replicate,{}\n", text.lines().next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        name: String,
        count: u64,
        perhaps: Option<u32>,
    }

    fn row(name: &str, count: u64) -> Row {
        Row { name: name.into(), count, perhaps: (count > 1).then_some(7) }
    }

    fn rows() -> Rows {
        Rows::new(Task { cell: "churn".into(), replicate: 3 })
    }

    #[test]
    fn rows_read_back_as_they_were_written() {
        let mut rows = rows();
        rows.add("a", [row("x, \"y\"", 1), row("z", 2)]).unwrap();
        rows.add("a", [row("later", 3)]).unwrap();
        rows.add("none", std::iter::empty::<Row>()).unwrap();
        let all = [row("x, \"y\"", 1), row("z", 2), row("later", 3)];
        assert_eq!(rows.read::<Row>("a").unwrap(), all);
        assert_eq!(rows.read::<Row>("none").unwrap(), []);
        let table = &rows.tables()[0];
        assert_eq!(table.header, "cell,replicate,name,count,perhaps\n");
        assert!(table.lines.lines().all(|line| line.starts_with("churn,3,")), "{table:?}");
        assert_eq!(rows.tables().len(), 1, "a table without rows is no table");
    }

    #[test]
    fn what_cannot_be_a_line_is_refused() {
        let broken = rows().add("a", [row("two\nlines", 1)]).unwrap_err();
        assert!(matches!(broken, RowsError::LineBreak { .. }), "{broken}");
        let mut other = rows();
        other.push_lines("a", "cell,replicate,name,count,perhaps\n", "churn,3,x,many,\n".into());
        let error = other.read::<Row>("a").unwrap_err().to_string();
        assert!(error.contains("table `a`") && error.contains("field 3"), "{error}");
    }
}
