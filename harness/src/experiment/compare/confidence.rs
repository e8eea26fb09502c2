//! How many seeds an answer needs.
//!
//! An interval narrows with the root of the seeds, so a first sample tells how
//! many bring it to a given share of the mean: C. Stein, "A two-sample test for a
//! linear hypothesis whose power is independent of the variance" (Annals of
//! Mathematical Statistics 16(3), 1945). That sample is the first part of the
//! whole one.

use rayon::prelude::*;

use super::metrics::METRICS;
use super::panel::{Panel, PanelClock};
use super::{Clock, Compare};
use crate::experiment::{Experiment, ExperimentError, Task};
use crate::show::{Column, Table, Unit, Value};
use crate::stats::Estimate;

/// The headlines: false order and missed orders near, mid and far, and bytes.
const HEADLINES: [usize; 7] = [6, 7, 8, 9, 10, 11, 1];

/// Rates below this are not pinned down by `--until`: a share of next to nothing
/// takes any number of seeds.
const LEAST_RATE: f64 = 0.01;

/// Seeds of a pilot.
const PILOT: u32 = 10;

/// More seeds than this are not asked for.
const MOST: u32 = 10_000;

/// How many seeds bring half the interval to this share of the mean. `None`
/// where nothing was seen, or one seed gives no interval.
fn seeds_for(estimate: &Estimate, share: f64) -> Option<f64> {
    let half_width = estimate.half_width.filter(|_| estimate.mean != 0.0)?;
    let ratio = half_width / (share * estimate.mean.abs());
    Some((estimate.seeds as f64 * ratio * ratio).ceil().max(2.0))
}

/// For each headline, how many seeds reach ±10 % of itself: a file for those who
/// plan a run. And in words how many do.
pub(super) fn table(panel: &Panel, clocks: &[Clock]) -> (Table, Option<String>) {
    let mut columns = vec![Column::text("cell", "scenario"), Column::text("clock", "clock")];
    columns.extend(HEADLINES.map(|place| {
        let key = METRICS[place].key();
        Column::number(key.clone(), key.replace('_', " "), Unit::Count)
    }));
    let title = "Seeds that bring each figure to ±10 % of itself";
    let mut table = Table::new("confidence", title, columns);
    table.shown = false;
    let (mut reached, mut all) = (0_u32, 0_u32);
    for cell in &panel.cells {
        for clock in &cell.clocks {
            let needed = HEADLINES.map(|place| {
                let estimate = clock.estimate(place).filter(|_| !is_promised(clock, place, clocks));
                let seeds = estimate.as_ref().and_then(|e| seeds_for(e, 0.1));
                all += u32::from(seeds.is_some());
                let has = estimate.map_or(0.0, |e| e.seeds as f64);
                reached += u32::from(seeds.is_some_and(|seeds| seeds <= has));
                seeds
            });
            let mut row: Vec<Value> = vec![cell.name.as_str().into(), clock.name.as_str().into()];
            row.extend(needed.map(Value::from));
            table.push(row);
        }
    }
    let words = format!(
        "{reached} of {all} rates and sizes that are not zero have an interval of ±10 % of \
         themselves or less; derived/confidence.csv says how many seeds the others need."
    );
    (table, (all > 0).then_some(words))
}

fn is_promised(clock: &PanelClock, place: usize, clocks: &[Clock]) -> bool {
    clocks.iter().any(|c| c.name == clock.name && c.promises(&METRICS[place]))
}

impl Compare {
    /// By cell, how many seeds bring every headline's interval to this share of
    /// it: bytes, and the rates from 1 % on. A pilot of a few seeds tells.
    ///
    /// # Errors
    /// Where the pilot cannot be run.
    pub(super) fn seeds_until(&self, share: f64) -> Result<Vec<(String, u32)>, ExperimentError> {
        let cells = self.spec.cells.iter().map(|cell| {
            let task = |replicate| Task { cell: cell.name.clone(), replicate };
            let rows = (0..PILOT).into_par_iter().map(|number| self.run(&task(number)));
            let panel = Panel::of_rows(&rows.collect::<Result<Vec<_>, _>>()?)?;
            let clocks = panel.cells.iter().flat_map(|cell| &cell.clocks);
            let estimates = clocks.flat_map(|clock| {
                HEADLINES.into_iter().filter_map(|place| {
                    let is_rate = METRICS[place].rate().is_some();
                    clock.estimate(place).filter(|e| !is_rate || e.mean >= LEAST_RATE)
                })
            });
            let most = estimates.filter_map(|e| seeds_for(&e, share)).fold(0.0, f64::max);
            // A cast from float to integer saturates.
            Ok((cell.name.clone(), (most as u32).clamp(PILOT, MOST)))
        });
        cells.collect()
    }
}

/// Reads a share of the mean: `5%`, or `0.05`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let text = text.trim().trim_start_matches('±');
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
        None => text.parse::<f64>(),
    };
    number
        .ok()
        .filter(|share| (0.001..=1.0).contains(share))
        .ok_or_else(|| "expected a share of the figure from 0.1% to 100%, such as 5%".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_width_takes_four_times_the_seeds() {
        let estimate = Estimate { seeds: 30, mean: 0.5, half_width: Some(0.05) };
        assert_eq!(seeds_for(&estimate, 0.1), Some(30.0));
        assert_eq!(seeds_for(&estimate, 0.05), Some(120.0));
        assert_eq!(seeds_for(&Estimate { mean: 0.0, ..estimate }, 0.1), None);
        assert_eq!(seeds_for(&Estimate { half_width: None, ..estimate }, 0.1), None);
    }

    #[test]
    fn shares_are_read_as_people_write_them() {
        assert_eq!((share("5%"), share("±5 %"), share("0.05")), (Ok(0.05), Ok(0.05), Ok(0.05)));
        assert!(share("0%").is_err() && share("soon").is_err() && share("500%").is_err());
    }
}
