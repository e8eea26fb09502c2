//! Is a sealed folder what it says? Its sums, what is derived of its rows, its
//! claims, and some or all of its tasks run again.

use std::fmt;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::seal::{page, readme, sums};
use super::{Claims, Folder, FolderError};
use crate::experiment::{Experiment, Rows, Task};

/// How many tasks are run again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Rerun {
    /// None: sums, derived files and claims alone.
    None,
    /// One in twenty, and at least one.
    #[default]
    Sample,
    /// All.
    All,
}

/// What was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files whose sums are right.
    pub files: usize,
    /// Files that were derived again.
    pub derived: usize,
    /// Claims that hold.
    pub claims: usize,
    /// Tasks that were run again.
    pub rerun: usize,
    /// All tasks.
    pub tasks: usize,
}

/// The first thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// The line, from 1, or the task and its row.
    pub row: String,
    /// The column, where it has a name.
    pub column: String,
    /// What the folder holds.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, row, column, found, expected } = self;
        write!(f, "{file}, {row}")?;
        if !column.is_empty() {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": the folder has `{found}`, expected `{expected}`")
    }
}

/// Checks a sealed folder; `progress` is told of each task run again.
///
/// # Errors
/// Where it is not sealed or cannot be read. A difference is no error.
pub fn verify(
    folder: &Folder,
    experiment: &dyn Experiment,
    rerun: Rerun,
    progress: &(dyn Fn() + Sync),
) -> Result<Result<Verified, Difference>, FolderError> {
    if !folder.is_sealed() {
        return Err(FolderError::NotSealed(folder.path().to_owned()));
    }
    let mut verified = Verified::default();
    let written = String::from_utf8_lossy(&folder.get("SHA256SUMS")?).into_owned();
    let now = sums(folder)?;
    if written != now {
        return Ok(Err(first_sum(&written, &now)));
    }
    verified.files = now.lines().count();

    let page = page(folder, experiment, &folder.manifest().ask)?;
    let mut expected = page.files();
    expected.push(("README.md".to_owned(), readme(folder, &page)));
    for (name, text) in &expected {
        let found = String::from_utf8_lossy(&folder.get(name)?).into_owned();
        if let Some(difference) = first_line(name, &found, text) {
            return Ok(Err(difference));
        }
    }
    let is_extra = |name: &&String| {
        name.starts_with("derived/") && expected.iter().all(|(known, _)| known != *name)
    };
    if let Some(extra) = folder.files()?.iter().find(is_extra) {
        return Ok(Err(whole_file(extra, "a file", "no such file")));
    }
    verified.derived = expected.len();

    if let Some(claims) = Claims::of(folder)? {
        claims.check(&page)?;
        verified.claims = claims.claims.len();
    }

    let tasks = experiment.tasks();
    verified.tasks = tasks.len();
    if rerun == Rerun::None {
        return Ok(Ok(verified));
    }
    let chosen = |number: usize| match rerun {
        Rerun::All => true,
        // By the spec, so that each time the same are run.
        Rerun::None | Rerun::Sample => sampled(&folder.manifest().spec_sha256, number, tasks.len()),
    };
    let mut due = Vec::new();
    let mut difference = None;
    // In portions, so that memory does not grow with the number of tasks.
    let mut rows = folder.rows(&tasks)?.enumerate().peekable();
    while let Some((number, stored)) = rows.next() {
        let stored = stored?;
        if chosen(number) {
            due.push(stored);
        }
        if due.len() == 64 || rows.peek().is_none() {
            verified.rerun += due.len();
            let found: Vec<Option<Difference>> = std::mem::take(&mut due)
                .into_par_iter()
                .map(|stored| {
                    let again = experiment.run(stored.task())?;
                    progress();
                    Ok(first_row(&stored, &again))
                })
                .collect::<Result<_, FolderError>>()?;
            difference = found.into_iter().flatten().next();
            if difference.is_some() {
                break;
            }
        }
    }
    Ok(difference.map_or(Ok(verified), Err))
}

fn sampled(spec: &str, number: usize, tasks: usize) -> bool {
    let drawn = |number: usize| {
        let digest = Sha256::digest(format!("{spec} {number}"));
        u16::from_be_bytes([digest[0], digest[1]])
    };
    // The smallest draw is in even where none is among the one in twenty.
    drawn(number) < u16::MAX / 20
        || tasks <= 20 && (0..tasks).min_by_key(|n| (drawn(*n), *n)) == Some(number)
}

fn whole_file(file: &str, found: &str, expected: &str) -> Difference {
    let (row, column) = ("the whole file".to_owned(), String::new());
    Difference { file: file.into(), row, column, found: found.into(), expected: expected.into() }
}

/// The first file whose sum is another.
fn first_sum(written: &str, now: &str) -> Difference {
    let of = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.split_once("  ").is_some_and(|l| l.1 == name));
        line.map_or("no such file".to_owned(), |line| line[..12.min(line.len())].to_owned())
    };
    let names = written.lines().chain(now.lines()).filter_map(|line| line.split_once("  "));
    let differs = |name: &&str| of(written, name) != of(now, name);
    let name = names.map(|(_, name)| name).find(differs).unwrap_or("SHA256SUMS");
    whole_file(name, &of(now, name), &of(written, name))
}

/// The first line of a file that differs.
fn first_line(file: &str, found: &str, expected: &str) -> Option<Difference> {
    if found == expected {
        return None;
    }
    let lines = found.lines().map(Some).chain(std::iter::repeat(None));
    let others = expected.lines().map(Some).chain(std::iter::repeat(None));
    let (number, (ours, theirs)) = lines.zip(others).enumerate().find(|(_, (a, b))| a != b)?;
    let header = if file.ends_with(".csv") { found.lines().next() } else { None };
    let row = format!("line {}", number + 1);
    Some(difference(file, row, header, ours.unwrap_or("no line"), theirs.unwrap_or("no line")))
}

/// The first row of a task that differs.
fn first_row(stored: &Rows, again: &Rows) -> Option<Difference> {
    let mut names: Vec<&str> =
        stored.tables().iter().chain(again.tables()).map(|table| table.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of = |rows: &Rows| rows.csv(name).unwrap_or_default();
        let (found, expected) = (of(stored), of(again));
        if let Some(difference) = first_line(&format!("raw/{name}.csv"), &found, &expected) {
            let Task { cell, replicate } = stored.task();
            let row = format!("{cell}, replicate {replicate}, {}", difference.row);
            return Some(Difference { row, ..difference });
        }
    }
    None
}

/// Two lines that differ, down to the column where they are of a table.
fn difference(
    file: &str,
    row: String,
    header: Option<&str>,
    found: &str,
    expected: &str,
) -> Difference {
    let fields = |line: &str| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().and_then(Result::ok);
        record.map_or_else(Vec::new, |record| record.iter().map(str::to_owned).collect())
    };
    let whole = |text: &str| text.to_owned();
    let (mut column, mut ours, mut theirs) = (String::new(), whole(found), whole(expected));
    if let Some(header) = header {
        let (a, b) = (fields(found), fields(expected));
        if a.len() == b.len()
            && let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b)
        {
            column = fields(header).get(at).cloned().unwrap_or_default();
            (ours, theirs) = (a[at].clone(), b[at].clone());
        }
    }
    Difference { file: file.to_owned(), row, column, found: ours, expected: theirs }
}
