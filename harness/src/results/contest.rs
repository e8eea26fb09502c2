//! Which family errs least where every stamp must fit in so many bytes.
//!
//! A family may bring many parameters, and the best of many looks better than
//! it is on the executions it was chosen by. So one half of the executions
//! chooses, and the other half judges.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use serde::Serialize;

use super::lines::family;
use super::metrics::stamp_bytes_max;
use crate::run::Replicate;
use crate::stats::{Estimate, Rate};

/// The best scheme of a family under one budget in one cell.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The cell's name.
    pub cell: String,
    /// How many bytes a stamp may have.
    pub budget: u64,
    /// The family.
    pub family: String,
    /// Its scheme with the best rate among those that fit.
    pub scheme: String,
    /// The largest of all stamps of the last tenths.
    pub largest: u64,
    /// The rate on the executions that judge.
    pub rate: Estimate,
    /// The rate less that of the rival's best, execution by execution; `None`
    /// for the rival itself, and where nothing of the rival fits.
    pub difference: Option<Estimate>,
}

/// The contest of one error rate.
#[derive(Clone, Debug)]
pub struct Contest {
    rate: Rate,
    rival: String,
    /// By cell, budget and rate.
    pub entries: Vec<Entry>,
}

/// A row of `derived/budgets-RATE.csv`.
#[derive(Serialize)]
struct Record<'a> {
    cell: &'a str,
    budget: u64,
    family: &'a str,
    scheme: &'a str,
    largest_stamp: u64,
    judged_by: usize,
    rate: f64,
    rate_half_width_95: Option<f64>,
    rival: &'a str,
    difference: Option<f64>,
    difference_half_width_95: Option<f64>,
}

impl Contest {
    /// Holds it. The second half of each cell's executions chooses and the
    /// first half judges; a single one does both. `rival` is the family that
    /// all others are compared with.
    #[must_use]
    pub fn new(replicates: &[Replicate], rate: Rate, budgets: &[u64], rival: &str) -> Self {
        let mut entries = Vec::new();
        for cell in replicates.chunk_by(|a, b| a.cell == b.cell) {
            let field = Field::new(cell, rate);
            for budget in budgets {
                entries.extend(field.entries(*budget, rival));
            }
        }
        Self { rate, rival: rival.to_owned(), entries }
    }

    /// The name and content of the file under `derived/`.
    #[must_use]
    pub fn file(&self) -> (String, String) {
        let csv = super::csv_of(self.entries.iter().map(|e| Record {
            cell: &e.cell,
            budget: e.budget,
            family: &e.family,
            scheme: &e.scheme,
            largest_stamp: e.largest,
            judged_by: e.rate.seeds,
            rate: e.rate.mean,
            rate_half_width_95: e.rate.half_width,
            rival: &self.rival,
            difference: e.difference.map(|d| d.mean),
            difference_half_width_95: e.difference.and_then(|d| d.half_width),
        }));
        (format!("derived/budgets-{}.csv", self.rate.as_str().replace('_', "-")), csv)
    }

    /// The table for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let style = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
        format!("{}\n{}\n", self.table(style), self.note())
    }

    /// The table in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let what = self.rate.as_str().replace('_', " ");
        let table = self.table(presets::ASCII_MARKDOWN);
        let best = if self.rate.is_good() { "Most" } else { "Least" };
        format!("## {best} {what} within so many bytes\n\n{table}\n\n{}\n\n", self.note())
    }

    fn note(&self) -> String {
        format!(
            "Every stamp of the last tenth fits. The scheme of each family was chosen on one half \
             of the executions; rates, and differences from the best {} execution by execution, \
             are of the other half, ± half the 95 % interval, in per cent and percentage points. \
             ~ where the interval holds zero.",
            self.rival
        )
    }

    fn table(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
        let against = format!("less {}", self.rival);
        let rate = self.rate.as_str().replace('_', " ");
        table.set_header(["cell", "bytes", "clock", "largest", &rate, &against]);
        for entry in &self.entries {
            table.add_row([
                entry.cell.clone(),
                entry.budget.to_string(),
                entry.scheme.clone(),
                entry.largest.to_string(),
                points(entry.rate, ""),
                entry.difference.map_or("–".into(), |d| {
                    let unsure = d.half_width.is_none_or(|half| d.mean.abs() <= half);
                    points(d, if unsure { "~" } else { "" })
                }),
            ]);
        }
        for column in [1, 3, 4, 5] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

fn points(estimate: Estimate, prefix: &str) -> String {
    let mean = estimate.mean * 100.0;
    match estimate.half_width {
        None => format!("{prefix}{mean:.3}"),
        Some(half) => format!("{prefix}{mean:.3} ±{:.3}", half * 100.0),
    }
}

/// A cell, as the contest sees it.
struct Field<'a> {
    cell: &'a str,
    schemes: Vec<&'a str>,
    /// By scheme: the largest stamp of all executions, `None` where the
    /// scheme left out any.
    largest: Vec<Option<u64>>,
    /// By scheme and execution.
    rates: Vec<Vec<Option<f64>>>,
    /// What a rate counts for: less is better.
    cost: fn(f64) -> f64,
}

impl<'a> Field<'a> {
    fn new(replicates: &'a [Replicate], rate: Rate) -> Self {
        let schemes: Vec<&str> = replicates[0].schemes.iter().map(|(s, _)| s.as_str()).collect();
        let each = 0..schemes.len();
        let largest = |index: usize| {
            let sizes: Option<Vec<u64>> =
                replicates.iter().map(|r| stamp_bytes_max(&r.schemes[index].1)).collect();
            sizes?.into_iter().max()
        };
        let rates = |index: usize| {
            replicates.iter().map(|r| rate.over(&r.schemes[index].1.verdicts)).collect()
        };
        Self {
            cell: &replicates[0].cell,
            schemes,
            largest: each.clone().map(largest).collect(),
            rates: each.map(rates).collect(),
            cost: if rate.is_good() { |rate| -rate } else { |rate| rate },
        }
    }

    fn entries(&self, budget: u64, rival: &str) -> Vec<Entry> {
        let mut families: Vec<&str> = Vec::new();
        for scheme in &self.schemes {
            if !families.contains(&family(scheme)) {
                families.push(family(scheme));
            }
        }
        let best_rival = self.best(rival, budget);
        let mut entries: Vec<Entry> = families
            .into_iter()
            .filter_map(|name| {
                let index = self.best(name, budget)?;
                let judged = self.judging(index);
                let rates: Vec<f64> = judged.iter().copied().flatten().collect();
                let against = best_rival.filter(|_| name != rival).map(|other| {
                    let pairs = judged.iter().zip(self.judging(other));
                    pairs.filter_map(|(a, b)| Some((*a)? - (*b)?)).collect::<Vec<f64>>()
                });
                Some(Entry {
                    cell: self.cell.to_owned(),
                    budget,
                    family: name.to_owned(),
                    scheme: self.schemes[index].to_owned(),
                    largest: self.largest[index]?,
                    rate: Estimate::of(&rates)?,
                    difference: against.and_then(|values| Estimate::of(&values)),
                })
            })
            .collect();
        entries.sort_by(|a, b| (self.cost)(a.rate.mean).total_cmp(&(self.cost)(b.rate.mean)));
        entries
    }

    /// The scheme of a family that fits and is best where it is chosen.
    fn best(&self, name: &str, budget: u64) -> Option<usize> {
        let fits = |i: &usize| {
            family(self.schemes[*i]) == name && self.largest[*i].is_some_and(|l| l <= budget)
        };
        let rated = (0..self.schemes.len()).filter(fits).filter_map(|i| {
            let rates: Vec<f64> = self.choosing(i).iter().copied().flatten().collect();
            Some((i, (self.cost)(Estimate::of(&rates)?.mean)))
        });
        rated.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
    }

    fn choosing(&self, index: usize) -> &[Option<f64>] {
        &self.rates[index][self.rates[index].len() / 2..]
    }

    fn judging(&self, index: usize) -> &[Option<f64>] {
        let rates = &self.rates[index];
        &rates[..(rates.len() / 2).max(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> Field<'static> {
        Field {
            cell: "c",
            schemes: vec!["a:x=1", "a:x=2", "a:x=3", "b", "c"],
            largest: vec![Some(8), Some(16), Some(17), Some(10), None],
            rates: vec![
                vec![Some(0.5), Some(0.5), Some(0.5), Some(0.5)],
                // Better where it is chosen, worse where it is judged.
                vec![Some(0.7), Some(0.7), Some(0.1), Some(0.1)],
                vec![Some(0.0); 4],
                vec![Some(0.4), Some(0.5), Some(0.9), Some(0.9)],
                vec![None; 4],
            ],
            cost: |rate| rate,
        }
    }

    #[test]
    fn one_half_chooses_and_the_other_judges() {
        let entries = field().entries(16, "b");
        let names: Vec<&str> = entries.iter().map(|e| e.scheme.as_str()).collect();
        // x=3 does not fit, and what has no size does not compete.
        assert_eq!(names, ["b", "a:x=2"]);
        assert_eq!(entries[0].difference, None);
        assert!((entries[1].rate.mean - 0.7).abs() < 1e-9);
        assert!((entries[1].difference.unwrap().mean - 0.25).abs() < 1e-9);
        assert_eq!(entries[1].largest, 16);
    }

    #[test]
    fn of_what_is_good_the_most_wins() {
        let entries = Field { cost: |rate| -rate, ..field() }.entries(16, "b");
        let names: Vec<&str> = entries.iter().map(|e| e.scheme.as_str()).collect();
        assert_eq!(names, ["a:x=1", "b"]);
    }

    #[test]
    fn without_a_rival_there_is_no_difference() {
        let entries = field().entries(8, "b");
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].scheme.as_str(), entries[0].difference), ("a:x=1", None));
    }
}
