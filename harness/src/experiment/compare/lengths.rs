//! Does a headline belong to the clock, or to the length of the run? Where two
//! scenarios differ in nothing but their events, every headline of the one is
//! held against that of the other.

use super::metrics::METRICS;
use super::panel::{Panel, PanelCell, PanelClock};
use super::{CellSpec, Spec};
use crate::show::{Column, Page, Table, Unit, Value};
use crate::stats::Estimate;

/// A change below a tenth of a percentage point is none.
const NEGLIGIBLE: f64 = 0.001;

/// Pairs of cells that differ in nothing but their length, the shorter first.
fn pairs<'p>(spec: &Spec, panel: &'p Panel) -> Vec<(&'p PanelCell, &'p PanelCell)> {
    let of = |name: &str| {
        let cell = spec.cells.iter().find(|cell| cell.name == name).and_then(CellSpec::scenario)?;
        let mut alike = cell.clone();
        (alike.name, alike.description) = (String::new(), String::new());
        (alike.events, alike.seeds) = (0, 0);
        Some((cell.events, alike))
    };
    let mut pairs = Vec::new();
    for short in &panel.cells {
        let Some((events, scenario)) = of(&short.name) else { continue };
        let longer = panel.cells.iter().filter_map(|cell| {
            let (more, alike) = of(&cell.name)?;
            (more > events && alike == scenario).then_some((more, cell))
        });
        pairs.extend(longer.min_by_key(|(more, _)| *more).map(|(_, cell)| (short, cell)));
    }
    pairs
}

/// The change between independent executions, and whether it is more than
/// chance: half as much again as its 95 % interval, which one comparison in 300
/// passes.
fn change(short: Estimate, long: Estimate) -> (Estimate, bool) {
    let half = short.half_width.unwrap_or(0.0).hypot(long.half_width.unwrap_or(0.0));
    let mean = long.mean - short.mean;
    let seeds = short.seeds.min(long.seeds);
    let is_change = mean.abs() > 1.5 * half && mean.abs() > NEGLIGIBLE;
    (Estimate { seeds, mean, half_width: Some(half) }, is_change)
}

/// Adds the tables, where there are such scenarios.
pub(super) fn add(page: &mut Page, spec: &Spec, panel: &Panel) {
    let columns = || {
        [
            Column::text("cell", "scenario"),
            Column::text("longer", "longer"),
            Column::text("clock", "clock"),
            Column::text("headline", "headline"),
            Column::estimate("short", "short", Unit::Share),
            Column::estimate("long", "long", Unit::Share),
            Column::estimate("change", "change", Unit::Points),
            Column::text("converges", "converges"),
        ]
    };
    let mut all = Table::new("lengths", "Every headline at two lengths", columns());
    all.shown = false;
    let mut changes = Table::new("changes", "What follows the length of the run", columns());
    changes.by_first = true;
    let (mut compared, mut changed) = (0_u32, 0_u32);
    for (short, long) in pairs(spec, panel) {
        for clock in &short.clocks {
            let Some(other) = long.clock(&clock.name) else { continue };
            for (metric, headline) in METRICS.iter().enumerate().filter(|(_, m)| m.is_by_lag()) {
                let both = |clock: &PanelClock| clock.estimate(metric);
                let (Some(a), Some(b)) = (both(clock), both(other)) else { continue };
                let (difference, is_change) = change(a, b);
                let row: [Value; 8] = [
                    short.name.as_str().into(),
                    long.name.as_str().into(),
                    clock.name.as_str().into(),
                    headline.key().into(),
                    a.into(),
                    b.into(),
                    difference.into(),
                    if is_change { "no" } else { "yes" }.into(),
                ];
                compared += 1;
                if is_change {
                    changed += 1;
                    changes.push(row.clone());
                }
                all.push(row);
            }
        }
    }
    if compared == 0 {
        return;
    }
    page.table(changes.note(format!(
        "Of {compared} headlines at two lengths of the same scenario, {changed} change by more than \
         chance: more than half as much again as the 95 % interval of the change, and more than a \
         tenth of a percentage point. They are no property of the clock there, and are listed \
         here. All are in derived/lengths.csv."
    )));
    page.table(all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_from_chance() {
        let estimate = |mean: f64| Estimate { seeds: 9, mean, half_width: Some(0.03) };
        let (difference, is_change) = change(estimate(0.2), estimate(0.3));
        assert!(is_change && (difference.half_width.unwrap() - 0.042).abs() < 0.001);
        assert!(!change(estimate(0.2), estimate(0.25)).1);
        let exact = Estimate { half_width: Some(0.0), ..estimate(1.0) };
        assert!(!change(exact, exact).1);
    }
}
