//! Every clock against one of them, execution by execution. Executions differ
//! far more than clocks do; on the same executions, a difference has a much
//! smaller interval than either rate alone.

use super::metrics::{METRICS, Metric};
use super::panel::Panel;
use crate::show::{Column, Table, Unit, Value};

/// The metrics in the order of their rank.
const SHOWN: [usize; 7] = [0, 6, 7, 8, 9, 10, 11];

fn compared() -> impl Iterator<Item = (usize, &'static Metric)> {
    METRICS.iter().enumerate().filter(|(_, metric)| !metric.is_over_all_pairs())
}

/// The differences from the clock of this name.
pub(super) fn table(panel: &Panel, baseline: &str) -> Table {
    let mut columns = vec![Column::text("cell", "scenario"), Column::text("clock", "clock")];
    for (place, metric) in compared() {
        let unit = match metric.unit {
            Unit::Share => Unit::Points,
            _ => Unit::Difference,
        };
        let rank = SHOWN.iter().position(|shown| *shown == place).map_or(9, |rank| rank as u8);
        let heading = metric.key().replacen('_', " ", 1).replace('_', "\n");
        let column = Column::estimate(metric.key(), heading, unit).better(metric.better);
        columns.push(column.rank(rank));
    }
    let mut table = Table::new("paired", format!("Differences from {baseline}"), columns).note(
        "The mean over executions of the clock's number less the baseline's on the same execution, \
         ± half the 95 % interval; rates in percentage points. ~ where the interval holds zero.",
    );
    table.by_first = true;
    for cell in &panel.cells {
        let Some(base) = cell.clock(baseline) else { continue };
        for clock in cell.clocks.iter().filter(|clock| clock.name != baseline) {
            let mut row: Vec<Value> = vec![cell.name.as_str().into(), clock.name.as_str().into()];
            row.extend(
                compared().map(|(metric, _)| Value::from(clock.difference_from(base, metric))),
            );
            table.push(row);
        }
    }
    table
}
