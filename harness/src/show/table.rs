//! A table whose columns know what they hold.

use crate::stats::Estimate;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Words and names.
    Text,
    /// A plain number: how many there are.
    Count,
    /// Bytes.
    Bytes,
    /// A share between 0 and 1; people read it in per cent.
    Share,
    /// A difference of shares; people read it in percentage points.
    Points,
    /// A difference of other numbers, with its sign.
    Difference,
    /// How many times as much.
    Factor,
    /// Nanoseconds; people read them in the unit that fits.
    Nanoseconds,
}

impl Unit {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::Share => "share",
            Self::Points => "difference of shares",
            Self::Difference => "difference",
            Self::Factor => "factor",
            Self::Nanoseconds => "nanoseconds",
        }
    }
}

/// Which end of a column is the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Neither.
    Neither,
    /// The more the better.
    More,
    /// The less the better.
    Less,
}

/// What one column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in CSV, JSON and claims: lower case, `_` between words.
    pub key: String,
    /// The name for people.
    pub heading: String,
    /// What its numbers count.
    pub unit: Unit,
    /// Which end is the good one.
    pub better: Better,
    /// Whether its values have intervals over seeds.
    pub estimated: bool,
    /// How little it matters: where a table is too wide, the columns with the
    /// highest rank are left out first; those of rank 0 never are.
    pub rank: u8,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn text(key: impl Into<String>, heading: impl Into<String>) -> Self {
        Self::number(key, heading, Unit::Text)
    }

    /// A column of plain numbers.
    #[must_use]
    pub fn number(key: impl Into<String>, heading: impl Into<String>, unit: Unit) -> Self {
        let (key, heading) = (key.into(), heading.into());
        Self { key, heading, unit, better: Better::Neither, estimated: false, rank: 0 }
    }

    /// A column of estimates with intervals.
    #[must_use]
    pub fn estimate(key: impl Into<String>, heading: impl Into<String>, unit: Unit) -> Self {
        Self { estimated: true, ..Self::number(key, heading, unit) }
    }

    /// The same column, of which more or less is better.
    #[must_use]
    pub fn better(self, better: Better) -> Self {
        Self { better, ..self }
    }

    /// The same column, left out before those of lower rank.
    #[must_use]
    pub fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// What one cell of a table holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing: there is no such number.
    Missing,
    /// A word.
    Text(String),
    /// A whole number.
    Whole(u64),
    /// Any number.
    Number(f64),
    /// A mean over seeds with its interval.
    Estimate(Estimate),
    /// An estimate that a guarantee says is zero.
    Promised(Estimate),
}

impl Value {
    /// The number in it, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            Self::Estimate(estimate) | Self::Promised(estimate) => Some(estimate.mean),
            Self::Missing | Self::Text(_) => None,
        }
    }

    /// The estimate in it, if it is one.
    #[must_use]
    pub const fn estimate(&self) -> Option<Estimate> {
        match self {
            Self::Estimate(estimate) | Self::Promised(estimate) => Some(*estimate),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }
}

impl From<Estimate> for Value {
    fn from(estimate: Estimate) -> Self {
        Self::Estimate(estimate)
    }
}

impl From<Option<Estimate>> for Value {
    fn from(estimate: Option<Estimate>) -> Self {
        estimate.map_or(Self::Missing, Self::Estimate)
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names its files: `derived/NAME.csv`. Lower case, `-` between words.
    pub name: String,
    /// The heading above it.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has a value for every column.
    pub rows: Vec<Vec<Value>>,
    /// What has to be said below it.
    pub notes: Vec<String>,
    /// Whether people see one grid for each value of the first column, under
    /// that value as a heading.
    pub by_first: bool,
    /// Whether people see it; if not, it is only a file and part of the JSON.
    pub shown: bool,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        title: impl Into<String>,
        columns: impl Into<Vec<Column>>,
    ) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            columns: columns.into(),
            rows: Vec::new(),
            notes: Vec::new(),
            by_first: false,
            shown: true,
        }
    }

    /// Adds a row. A row that is too short is filled up, and what is too much
    /// is cut off.
    pub fn push(&mut self, row: impl Into<Vec<Value>>) {
        let mut row = row.into();
        debug_assert_eq!(row.len(), self.columns.len(), "{}: {row:?}", self.name);
        row.resize(self.columns.len(), Value::Missing);
        self.rows.push(row);
    }

    /// The same table with a note below it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Which column has this key.
    #[must_use]
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }
}
