//! Which family errs least where every stamp must fit in so many bytes.
//!
//! A family may bring many parameters, and the best of many looks better than
//! it is on the executions it was chosen by. So one half of the executions
//! chooses, and the other half judges.

use super::lines::family;
use super::metrics::{FAR, MID, Metric, NEAR, STAMP_BYTES_MAX};
use super::panel::{Panel, PanelCell};
use crate::show::{Better, Column, Table, Unit, Value};
use crate::stats::{Estimate, Rate};

/// The best of each family within each budget, near, mid and far. The second
/// half of each cell's executions chooses and the first half judges; a single
/// one does both. `rival` is the family that all others are compared with.
pub(super) fn table(panel: &Panel, rate: Rate, budgets: &[u64], rival: &str) -> Table {
    let what = rate.as_str().replace('_', " ");
    let best = if rate.is_good() { "Most" } else { "Least" };
    let better = if rate.is_good() { Better::More } else { Better::Less };
    let columns = [
        Column::text("cell", "scenario"),
        Column::text("lag", "lag"),
        Column::number("budget", "bytes", Unit::Bytes),
        Column::text("family", "family"),
        Column::text("clock", "clock"),
        Column::number("largest", "largest", Unit::Bytes).rank(1),
        Column::estimate("rate", what.clone(), Unit::Share).better(better),
        Column::estimate("difference", format!("less {rival}"), Unit::Points).better(better),
    ];
    let name = format!("budgets-{}", rate.as_str().replace('_', "-"));
    let mut table =
        Table::new(name, format!("{best} {what} within so many bytes"), columns).note(format!(
            "Every stamp of the last tenth fits. The scheme of each family was chosen on one half \
             of the executions; rates, and differences from the best {rival} execution by \
             execution, are of the other half, ± half the 95 % interval, differences in percentage \
             points. ~ where the interval holds zero."
        ));
    table.by_first = true;
    for cell in &panel.cells {
        for stratum in [NEAR, MID, FAR] {
            let Some(metric) = Metric::place(rate, stratum) else { continue };
            let field = Field::new(cell, metric, rate);
            for budget in budgets {
                for entry in field.entries(*budget, rival) {
                    table.push([
                        cell.name.as_str().into(),
                        stratum.name.into(),
                        (*budget).into(),
                        entry.family.into(),
                        entry.scheme.into(),
                        entry.largest.into(),
                        entry.rate.into(),
                        Value::from(entry.difference),
                    ]);
                }
            }
        }
    }
    table
}

/// The best scheme of a family under one budget in one cell.
#[derive(Clone, Debug, PartialEq)]
struct Entry<'a> {
    family: &'a str,
    scheme: &'a str,
    /// The largest of all stamps of the last tenths.
    largest: u64,
    /// The rate on the executions that judge.
    rate: Estimate,
    /// The rate less that of the rival's best, execution by execution; `None`
    /// for the rival itself, and where nothing of the rival fits.
    difference: Option<Estimate>,
}

/// A cell, as the contest sees it.
struct Field<'a> {
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
    fn new(cell: &'a PanelCell, metric: usize, rate: Rate) -> Self {
        let largest = cell.clocks.iter().map(|clock| {
            let sizes: Option<Vec<f64>> = clock.values(STAMP_BYTES_MAX).collect();
            sizes?.into_iter().reduce(f64::max).map(|largest| largest as u64)
        });
        Self {
            schemes: cell.clocks.iter().map(|clock| clock.name.as_str()).collect(),
            largest: largest.collect(),
            rates: cell.clocks.iter().map(|clock| clock.values(metric).collect()).collect(),
            cost: if rate.is_good() { |rate| -rate } else { |rate| rate },
        }
    }

    fn entries(&self, budget: u64, rival: &str) -> Vec<Entry<'a>> {
        let mut families: Vec<&'a str> = Vec::new();
        for scheme in &self.schemes {
            if !families.contains(&family(scheme)) {
                families.push(family(scheme));
            }
        }
        let best_rival = self.best(rival, budget);
        let mut entries: Vec<Entry<'a>> = families
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
                    family: name,
                    scheme: self.schemes[index],
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
        &rates[..(rates.len() / 2).max(1).min(rates.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> Field<'static> {
        Field {
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
        let field = field();
        let entries = field.entries(16, "b");
        let names: Vec<&str> = entries.iter().map(|e| e.scheme).collect();
        // x=3 does not fit, and what has no size does not compete.
        assert_eq!(names, ["b", "a:x=2"]);
        assert_eq!(entries[0].difference, None);
        assert!((entries[1].rate.mean - 0.7).abs() < 1e-9);
        assert!((entries[1].difference.unwrap().mean - 0.25).abs() < 1e-9);
        assert_eq!(entries[1].largest, 16);
    }

    #[test]
    fn of_what_is_good_the_most_wins() {
        let field = Field { cost: |rate| -rate, ..field() };
        let names: Vec<&str> = field.entries(16, "b").iter().map(|e| e.scheme).collect();
        assert_eq!(names, ["a:x=1", "b"]);
    }

    #[test]
    fn without_a_rival_there_is_no_difference() {
        let field = field();
        let entries = field.entries(8, "b");
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].scheme, entries[0].difference), ("a:x=1", None));
    }
}
