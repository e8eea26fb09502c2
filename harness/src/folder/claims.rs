//! `claims.toml`: what a page states about a folder, as predicates over its
//! derived tables.
//!
//! ```toml
//! [[claim]]
//! id = "best-of-4"
//! says = "Best of 4 at both ends leaves 18.2 % of the bytes."
//! table = "placement"
//! row = { fork = "4", retire = "4" }
//! column = "clock_ratio"
//! value = 0.182
//! within = 0.001
//! ```
//!
//! In place of `value` and `within`: `above`, `below`, `excludes_zero = true`
//! (the interval does not hold zero), or `less_than = { another = "row" }` (the
//! same column there, and the intervals do not overlap).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Folder, FolderError};
use crate::show::{Page, Table, Unit, Value, spell};

/// Why claims do not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The file does not read.
    #[error("claims.toml: {0}")]
    Malformed(String),
    /// What a claim is about is not there.
    #[error("claim `{id}`: there is no {what}")]
    NoSuch {
        /// The claim.
        id: String,
        /// What is missing.
        what: String,
    },
    /// It does not hold.
    #[error("claim `{id}` does not hold: the table has {found}, claimed is {claimed}")]
    Fails {
        /// The claim.
        id: String,
        /// The figure of the table.
        found: String,
        /// What is claimed.
        claimed: String,
    },
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its name within the folder.
    pub id: String,
    /// The sentence, for people.
    pub says: String,
    /// The table.
    pub table: String,
    /// Values of columns that name one row.
    pub row: BTreeMap<String, String>,
    /// The column.
    pub column: String,
    /// What the number is …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// … give or take this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
    /// What it is more than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// What it is less than.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// Whether its interval does not hold zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excludes_zero: Option<bool>,
    /// A row of the same table whose number is larger, intervals apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<BTreeMap<String, String>>,
}

/// All claims of a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// In the order of the file.
    #[serde(default, rename = "claim")]
    pub claims: Vec<Claim>,
    #[serde(skip)]
    text: String,
}

impl Claims {
    /// Reads them.
    ///
    /// # Errors
    /// Where the text is none, or two have one name.
    pub fn parse(text: &str) -> Result<Self, ClaimError> {
        let malformed = |problem: String| ClaimError::Malformed(problem);
        let mut claims: Self = toml::from_str(text).map_err(|e| malformed(e.to_string()))?;
        for (n, claim) in claims.claims.iter().enumerate() {
            if claims.claims[..n].iter().any(|other| other.id == claim.id) {
                return Err(malformed(format!("`{}` is there twice", claim.id)));
            }
            if claim.value.is_some() != claim.within.is_some() {
                return Err(malformed(format!("`{}`: `value` needs `within`", claim.id)));
            }
            let states = claim.value.is_some()
                || claim.above.is_some()
                || claim.below.is_some()
                || claim.excludes_zero == Some(true)
                || claim.less_than.is_some();
            if !states {
                return Err(malformed(format!("`{}` states nothing", claim.id)));
            }
        }
        text.clone_into(&mut claims.text);
        Ok(claims)
    }

    /// Those of a folder, if it has any.
    ///
    /// # Errors
    /// Where they do not read.
    pub fn of(folder: &Folder) -> Result<Option<Self>, FolderError> {
        if !folder.path().join("claims.toml").is_file() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&folder.get("claims.toml")?).into_owned();
        Ok(Some(Self::parse(&text)?))
    }

    /// The text they were read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Checks all of them.
    ///
    /// # Errors
    /// The first that does not hold, with both figures.
    pub fn check(&self, page: &Page) -> Result<(), ClaimError> {
        self.claims.iter().try_for_each(|claim| claim.check(page))
    }

    /// Each claim with its figure as tables print it, and whether it holds.
    ///
    /// # Errors
    /// Where what one is about is not there.
    pub fn judged(&self, page: &Page) -> Result<Vec<(&Claim, String, bool)>, ClaimError> {
        let figures = self.figures(page)?;
        let judged = self.claims.iter().zip(figures);
        Ok(judged.map(|(claim, (_, figure))| (claim, figure, claim.check(page).is_ok())).collect())
    }

    /// Each claim's figure as tables print it.
    ///
    /// # Errors
    /// Where what one is about is not there.
    pub fn figures(&self, page: &Page) -> Result<Vec<(String, String)>, ClaimError> {
        let figure = |claim: &Claim| {
            let (value, unit) = claim.cell(page, &claim.row)?;
            Ok((claim.id.clone(), spell::value(&value, unit)))
        };
        self.claims.iter().map(figure).collect()
    }
}

impl Claim {
    fn no_such(&self, what: impl Into<String>) -> ClaimError {
        ClaimError::NoSuch { id: self.id.clone(), what: what.into() }
    }

    fn cell(
        &self,
        page: &Page,
        row: &BTreeMap<String, String>,
    ) -> Result<(Value, Unit), ClaimError> {
        let table: &Table = page
            .tables()
            .find(|table| table.name == self.table)
            .ok_or_else(|| self.no_such(format!("table `{}`", self.table)))?;
        let place =
            |key: &str| table.column(key).ok_or_else(|| self.no_such(format!("column `{key}`")));
        let keys: Vec<(usize, &String)> =
            row.iter().map(|(key, text)| Ok((place(key)?, text))).collect::<Result<_, _>>()?;
        let is_it = |candidate: &&Vec<Value>| {
            keys.iter().all(|(at, text)| spell::value(&candidate[*at], Unit::Text) == **text)
        };
        let mut found = table.rows.iter().filter(is_it);
        let first = found.next().ok_or_else(|| self.no_such(format!("row {row:?}")))?;
        if found.next().is_some() {
            return Err(self.no_such(format!("single row {row:?}: there are several")));
        }
        let at = place(&self.column)?;
        Ok((first[at].clone(), table.columns[at].unit))
    }

    fn check(&self, page: &Page) -> Result<(), ClaimError> {
        let (value, _) = self.cell(page, &self.row)?;
        let number = value.number().ok_or_else(|| self.no_such("number in that cell"))?;
        let half = value.estimate().and_then(|e| e.half_width).unwrap_or(0.0);
        let fails = |claimed: String| ClaimError::Fails {
            id: self.id.clone(),
            found: format!("{number} ± {half}"),
            claimed,
        };
        if let (Some(value), Some(within)) = (self.value, self.within)
            && (number - value).abs() > within
        {
            return Err(fails(format!("{value} within {within}")));
        }
        if let Some(above) = self.above
            && number <= above
        {
            return Err(fails(format!("above {above}")));
        }
        if let Some(below) = self.below
            && number >= below
        {
            return Err(fails(format!("below {below}")));
        }
        if self.excludes_zero == Some(true) && number.abs() <= half {
            return Err(fails("an interval without zero".into()));
        }
        if let Some(row) = &self.less_than {
            let (other, _) = self.cell(page, row)?;
            let more = other.number().ok_or_else(|| self.no_such("number in the other cell"))?;
            let other_half = other.estimate().and_then(|e| e.half_width).unwrap_or(0.0);
            if number + half >= more - other_half {
                return Err(fails(format!("less than {more} ± {other_half}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Column;
    use crate::stats::Estimate;

    fn page() -> Page {
        let columns = [
            Column::text("clock", "clock"),
            Column::estimate("false_order", "false order", Unit::Share),
        ];
        let mut table = Table::new("summary", "Summary", columns);
        for (clock, mean) in [("rev", 0.2), ("recency", 0.02)] {
            let estimate = Estimate { seeds: 30, mean, half_width: Some(0.01) };
            table.push([clock.into(), estimate.into()]);
        }
        let mut page = Page::new("A page", "");
        page.table(table);
        page
    }

    fn check(states: &str) -> Result<(), String> {
        let text = format!(
            "[[claim]]\nid = 'a'\nsays = 'so'\ntable = 'summary'\nrow = {{ clock = 'recency' }}\n\
             column = 'false_order'\n{states}\n"
        );
        let claims = Claims::parse(&text).map_err(|e| e.to_string())?;
        claims.check(&page()).map_err(|e| e.to_string())
    }

    #[test]
    fn a_claim_holds_or_says_both_figures() {
        for holds in [
            "value = 0.021\nwithin = 0.002",
            "above = 0.01\nbelow = 0.03",
            "excludes_zero = true",
            "less_than = { clock = 'rev' }",
        ] {
            assert_eq!(check(holds), Ok(()), "{holds}");
        }
        for (fails, words) in [
            ("value = 0.03\nwithin = 0.002", "has 0.02 ± 0.01, claimed is 0.03 within 0.002"),
            ("above = 0.02", "above 0.02"),
            ("below = 0.02", "below 0.02"),
            ("less_than = { clock = 'recency' }", "less than 0.02 ± 0.01"),
            ("less_than = { clock = 'itc' }", "no row"),
            ("value = 0.02", "`value` needs `within`"),
            ("", "states nothing"),
        ] {
            let error = check(fails).unwrap_err();
            assert!(error.contains(words), "{fails}: {error}");
        }
        let figures = Claims::parse(
            "[[claim]]\nid = 'a'\nsays = 'so'\ntable = 'summary'\nrow = { clock = 'rev' }\n\
             column = 'false_order'\nabove = 0.1\n",
        );
        let figures = figures.unwrap().figures(&page()).unwrap();
        assert_eq!(figures, [("a".to_owned(), "20 ±1 %".to_owned())]);
    }
}
