//! Every scheme against one of them, execution by execution. Executions differ
//! far more than schemes do; on the same executions, a difference has a much
//! smaller interval than either rate alone.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, presets};
use serde::Serialize;

use super::metrics;
use crate::measure::{Measured, Status};
use crate::run::Replicate;
use crate::stats::Estimate;

/// The mean over executions of what a scheme has more than the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The cell's name.
    pub cell: String,
    /// The scheme's name.
    pub scheme: String,
    /// What is compared: bytes, or a rate between 0 and 1.
    pub metric: &'static str,
    /// The scheme's number less the baseline's.
    pub difference: Estimate,
}

/// All differences from one baseline.
#[derive(Clone, Debug)]
pub struct Paired {
    /// The scheme that the others are compared with.
    pub baseline: String,
    /// By cell, scheme and metric.
    pub differences: Vec<Difference>,
}

/// A row of `derived/paired.csv`.
#[derive(Serialize)]
struct Record<'a> {
    cell: &'a str,
    scheme: &'a str,
    baseline: &'a str,
    metric: &'a str,
    seeds: usize,
    mean_difference: f64,
    half_width_95: Option<f64>,
}

impl Paired {
    /// Compares with the scheme of this name, which was part of the run. Where
    /// either gives no number in an execution, that execution is left out.
    #[must_use]
    pub fn new(replicates: &[Replicate], baseline: &str) -> Self {
        let mut differences = Vec::new();
        for cell in replicates.chunk_by(|a, b| a.cell == b.cell) {
            let schemes = cell.first().map_or(&[][..], |r| r.schemes.as_slice());
            let Some(base) = schemes.iter().position(|(name, _)| name == baseline) else {
                continue;
            };
            for (index, (scheme, _)) in schemes.iter().enumerate().filter(|(i, _)| *i != base) {
                for (metric, value) in metrics::ALL {
                    let complete = |m: &Measured| m.status == Status::Complete;
                    let both = cell
                        .iter()
                        .filter(|r| complete(&r.schemes[index].1) && complete(&r.schemes[base].1));
                    let pairs = both.filter_map(|r| {
                        Some(value(&r.schemes[index].1)? - value(&r.schemes[base].1)?)
                    });
                    if let Some(difference) = Estimate::of(&pairs.collect::<Vec<_>>()) {
                        let (cell, scheme) = (cell[0].cell.clone(), scheme.clone());
                        differences.push(Difference { cell, scheme, metric, difference });
                    }
                }
            }
        }
        Self { baseline: baseline.to_owned(), differences }
    }

    /// `derived/paired.csv`.
    #[must_use]
    pub fn csv(&self) -> String {
        super::csv_of(self.differences.iter().map(|d| Record {
            cell: &d.cell,
            scheme: &d.scheme,
            baseline: &self.baseline,
            metric: d.metric,
            seeds: d.difference.seeds,
            mean_difference: d.difference.mean,
            half_width_95: d.difference.half_width,
        }))
    }

    /// The table for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let style = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
        let mut text = String::new();
        for cell in self.differences.chunk_by(|a, b| a.cell == b.cell) {
            text.push_str(&format!("{}: less {}\n", cell[0].cell, self.baseline));
            let mut table = self.table(cell);
            text.push_str(&table.load_style(style).to_string());
            text.push_str("\n\n");
        }
        text.push_str(NOTE);
        text.push('\n');
        text
    }

    /// The table in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("## Differences from {}\n\n", self.baseline);
        for cell in self.differences.chunk_by(|a, b| a.cell == b.cell) {
            let mut table = self.table(cell);
            let table = table.load_style(presets::ASCII_MARKDOWN);
            text.push_str(&format!("### {}\n\n{table}\n\n", cell[0].cell));
        }
        text.push_str(NOTE);
        text.push_str("\n\n");
        text
    }

    /// Of one cell, with the columns that matter most.
    fn table(&self, cell: &[Difference]) -> Table {
        let mut table = Table::new();
        table.set_content_arrangement(ContentArrangement::Disabled);
        let columns = ["stamp_bytes_mean", "false_concurrency", "false_order", "proven"];
        table.set_header(["clock", "bytes", "false concurrency", "false order", "proven"]);
        for scheme in cell.chunk_by(|a, b| a.scheme == b.scheme) {
            let mut row = vec![scheme[0].scheme.clone()];
            row.extend(columns.map(|column| {
                let found = scheme.iter().find(|d| d.metric == column);
                found.map_or("–".into(), |d| spell(column, d.difference))
            }));
            table.add_row(row);
        }
        table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
        table
    }
}

const NOTE: &str = "The mean over executions of the clock's number less the baseline's on the \
                    same execution, ± half the 95 % interval; rates in percentage points. ~ \
                    where the interval holds zero.";

/// Bytes as they are, rates in percentage points.
fn spell(metric: &str, difference: Estimate) -> String {
    let scale = if metric == "stamp_bytes_mean" { 1.0 } else { 100.0 };
    let mean = difference.mean * scale;
    match difference.half_width {
        None => format!("{mean:+.2}"),
        Some(_) if mean == 0.0 && difference.half_width == Some(0.0) => "0".into(),
        Some(half) => {
            let half = half * scale;
            let unsure = if mean.abs() <= half { "~" } else { "" };
            format!("{unsure}{mean:+.2} ±{half:.2}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Survey;
    use crate::measure::{SizeRow, Spread, Usage};

    /// An execution in which the schemes `a` and `b` have stamps of these sizes.
    fn replicate(number: u32, bytes: [u64; 2]) -> Replicate {
        let measured = |bytes| {
            let stamps = Spread { count: 1, total: bytes, p50: bytes, p99: bytes, max: bytes };
            Measured {
                status: Status::Complete,
                events: 1,
                usage: Usage::default(),
                verdicts: Vec::new(),
                sizes: vec![SizeRow { tenth: 10, stamps, clocks: stamps }],
                epsilon_verdicts: Vec::new(),
                times: None,
            }
        };
        let [a, b] = bytes.map(measured);
        Replicate {
            cell: "c".into(),
            number,
            survey: Survey::default(),
            exhaustive: true,
            schemes: vec![("a".into(), a), ("b".into(), b)],
        }
    }

    #[test]
    fn differences_are_taken_within_an_execution() {
        // The sizes spread widely, the differences hardly.
        let replicates = [[10, 11], [100, 102], [1_000, 1_003]];
        let replicates: Vec<_> =
            replicates.into_iter().zip(0..).map(|(bytes, n)| replicate(n, bytes)).collect();
        let paired = Paired::new(&replicates, "a");
        let bytes = paired.differences.iter().find(|d| d.metric == "stamp_bytes_p50").unwrap();
        assert_eq!((bytes.scheme.as_str(), bytes.difference.mean), ("b", 2.0));
        assert!((bytes.difference.half_width.unwrap() - 2.484).abs() < 1e-3);
        // Without verdicts there are no rates to compare.
        assert!(paired.differences.iter().all(|d| d.metric != "proven"));
        assert!(paired.csv().starts_with("cell,scheme,baseline,metric,seeds,mean_difference,"));
        // The interval holds zero.
        assert!(paired.text().contains("~+2.00 ±2.48"), "{}", paired.text());
    }
}
