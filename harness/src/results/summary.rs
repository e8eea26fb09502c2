//! From raw counts to the table: one line a (cell, scheme), with intervals
//! over seeds.

use std::collections::BTreeMap;

use causal_clock::Guarantee;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use serde::Serialize;

use crate::measure::{Measured, Status};
use crate::registry::BoxedScheme;
use crate::run::{Replicate, TimingRow};
use crate::stats::{Estimate, Rate};

/// What is said of one scheme in one cell.
#[derive(Clone, Debug)]
pub struct Line {
    /// The cell's name.
    pub cell: String,
    /// The scheme's name.
    pub scheme: String,
    /// In how many replicates the scheme did not come to the end.
    pub stopped: usize,
    /// Merges and joins that it refused, over all replicates.
    pub refused: u64,
    /// Stamp bytes in the last tenth: median, 99th percentile, largest.
    pub bytes: [Option<Estimate>; 3],
    /// Mean stamp bytes in the last tenth, by those in the first.
    pub growth: Option<Estimate>,
    /// Mean clock bytes at the end.
    pub clock_bytes: Option<Estimate>,
    /// The rates, as in [`Rate::ALL`].
    pub rates: [Option<Estimate>; 6],
    /// Which rates are zero by the scheme's guarantees.
    promised: [bool; 6],
    /// Nanoseconds an operation, medians over rounds.
    pub nanoseconds: Option<f64>,
}

/// All lines of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// In the order of cells and schemes.
    pub lines: Vec<Line>,
}

/// One number of `derived/summary.csv`.
#[derive(Serialize)]
struct Record<'a> {
    cell: &'a str,
    scheme: &'a str,
    metric: &'a str,
    seeds: usize,
    mean: f64,
    half_width_95: Option<f64>,
    zero_bound_95: Option<f64>,
}

impl Summary {
    /// Derives the lines.
    #[must_use]
    pub fn new(replicates: &[Replicate], timings: &[TimingRow], schemes: &[BoxedScheme]) -> Self {
        let mut cells: Vec<&str> = replicates.iter().map(|r| r.cell.as_str()).collect();
        cells.dedup();
        let mut lines = Vec::new();
        for cell in cells {
            for (index, scheme) in schemes.iter().enumerate() {
                let of_cell = replicates.iter().filter(|r| r.cell == cell);
                let measured: Vec<&Measured> =
                    of_cell.filter_map(|r| Some(&r.schemes.get(index)?.1)).collect();
                let mut line = Line::new(cell, scheme, &measured);
                line.nanoseconds = median_nanoseconds(timings, cell, &line.scheme);
                lines.push(line);
            }
        }
        Self { lines }
    }

    /// `derived/summary.csv`: every estimate in full, without timings.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for line in &self.lines {
            for (metric, estimate) in line.metrics() {
                let record = Record {
                    cell: &line.cell,
                    scheme: &line.scheme,
                    metric,
                    seeds: estimate.seeds,
                    mean: estimate.mean,
                    half_width_95: estimate.half_width,
                    zero_bound_95: estimate.zero_bound(),
                };
                let written = writer.serialize(record);
                debug_assert!(written.is_ok(), "{written:?}");
            }
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// All of it, for programs.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let line = |line: &Line| {
            let metrics: serde_json::Map<_, _> = line
                .metrics()
                .map(|(name, e)| {
                    let value = serde_json::json!({
                        "seeds": e.seeds, "mean": e.mean, "half_width_95": e.half_width,
                        "zero_bound_95": e.zero_bound(),
                    });
                    (name.to_owned(), value)
                })
                .collect();
            serde_json::json!({
                "cell": line.cell, "scheme": line.scheme, "stopped": line.stopped,
                "refused": line.refused, "metrics": metrics,
                "nanoseconds_an_operation": line.nanoseconds,
            })
        };
        self.lines.iter().map(line).collect()
    }

    /// The tables for a terminal, one a cell.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
        self.tables(lines, "", "")
    }

    /// The tables in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.tables(presets::ASCII_MARKDOWN, "### ", "\n")
    }

    fn tables(&self, style: TableStyle, heading: &str, gap: &str) -> String {
        let mut text = String::new();
        let mut rest = self.lines.as_slice();
        while let Some(first) = rest.first() {
            let len = rest.iter().take_while(|l| l.cell == first.cell).count();
            let (lines, others) = rest.split_at(len);
            rest = others;
            text.push_str(&format!("{heading}{}\n{gap}", first.cell));
            text.push_str(&table(lines, style).to_string());
            text.push_str("\n\n");
        }
        for note in self.notes() {
            text.push_str(&note);
            text.push_str(&format!("\n{gap}"));
        }
        text
    }

    /// What has to be said below the tables, and what went wrong.
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "Bytes: encoded stamps of the events in the last tenth. Growth: their mean over that \
             of the first tenth. Rates over all pairs of an earlier and a later event; ± is half \
             the 95 % interval over seeds."
                .to_owned(),
        ];
        let rates = || self.lines.iter().flat_map(Line::unpromised_rates).flatten();
        if let Some(bound) = rates().filter_map(|e| e.zero_bound()).reduce(f64::max) {
            notes.push(format!(
                "0 is guaranteed by the scheme, and none was seen; 0* is not guaranteed, and none \
                 was seen: at 95 % confidence at most {} of such executions show any among the pairs that \
                 are judged.",
                percent(bound)
            ));
        }
        if self.lines.iter().any(|l| l.bytes[0].is_some_and(|e| e.seeds == 1)) {
            notes.push("One seed gives no interval.".to_owned());
        }
        for line in &self.lines {
            if line.stopped > 0 {
                notes.push(format!(
                    "{} in {}: {} of its executions were not finished (raw/replays.csv says why).",
                    line.scheme, line.cell, line.stopped
                ));
            }
            if line.refused > 0 {
                notes.push(format!(
                    "{} in {}: {} merges or joins were refused, and their past lost.",
                    line.scheme, line.cell, line.refused
                ));
            }
        }
        notes.extend(self.broken_promises());
        notes
    }

    /// Guarantees that did not hold and proofs that were wrong: none, unless
    /// an assumption was broken, or a clock is.
    #[must_use]
    pub fn broken_promises(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for line in &self.lines {
            for (i, rate) in Rate::ALL.into_iter().enumerate() {
                if line.promised[i] && line.rates[i].is_some_and(|e| e.mean > 0.0) {
                    broken.push(format!(
                        "WARNING: {} in {}: {} is not 0 as the scheme promises: either its \
                         assumptions do not hold there, or the clock is wrong.",
                        line.scheme,
                        line.cell,
                        rate.as_str()
                    ));
                }
            }
        }
        broken
    }
}

impl Line {
    fn new(cell: &str, scheme: &BoxedScheme, measured: &[&Measured]) -> Self {
        let over = |value: &dyn Fn(&Measured) -> Option<f64>| {
            // A part of an execution is no execution: its rates are others.
            let complete = measured.iter().filter(|m| m.status == Status::Complete);
            Estimate::of(&complete.filter_map(|m| value(m)).collect::<Vec<_>>())
        };
        let guarantees = scheme.guarantees();
        Self {
            cell: cell.to_owned(),
            scheme: scheme.name(),
            stopped: measured.iter().filter(|m| m.status != Status::Complete).count(),
            refused: measured.iter().map(|m| m.usage.refused_merges + m.usage.refused_joins).sum(),
            bytes: [
                over(&|m| Some(m.sizes.last()?.stamps.p50 as f64)),
                over(&|m| Some(m.sizes.last()?.stamps.p99 as f64)),
                over(&|m| Some(m.sizes.last()?.stamps.max as f64)),
            ],
            growth: over(&|m| {
                let (first, last) = (m.sizes.first()?.stamps, m.sizes.last()?.stamps);
                let mean = |s: crate::measure::Spread| s.total as f64 / s.count.max(1) as f64;
                Some(mean(last) / mean(first))
            }),
            clock_bytes: over(&|m| {
                let clocks = m.sizes.last()?.clocks;
                Some(clocks.total as f64 / clocks.count.max(1) as f64)
            }),
            rates: Rate::ALL.map(|rate| over(&|m| rate.over(&m.verdicts))),
            promised: Rate::ALL.map(|rate| match rate {
                Rate::FalseConcurrency => guarantees.has(Guarantee::Complete),
                Rate::FalseOrder => guarantees.has(Guarantee::Sound),
                Rate::Reversal => guarantees.has(Guarantee::Consistent),
                Rate::FalseEquality => guarantees.has(Guarantee::Distinct),
                Rate::WrongProof => true,
                Rate::Proven => false,
            }),
            nanoseconds: None,
        }
    }

    fn metrics(&self) -> impl Iterator<Item = (&'static str, Estimate)> {
        let sizes = [
            ("stamp_bytes_p50", self.bytes[0]),
            ("stamp_bytes_p99", self.bytes[1]),
            ("stamp_bytes_max", self.bytes[2]),
            ("stamp_growth", self.growth),
            ("clock_bytes", self.clock_bytes),
        ];
        let rates = Rate::ALL.map(Rate::as_str).into_iter().zip(self.rates);
        sizes.into_iter().chain(rates).filter_map(|(name, estimate)| Some((name, estimate?)))
    }

    fn unpromised_rates(&self) -> impl Iterator<Item = Option<Estimate>> {
        self.rates.into_iter().zip(self.promised).filter(|(_, p)| !p).map(|(rate, _)| rate)
    }

    fn rate(&self, rate: Rate) -> String {
        let Some(i) = Rate::ALL.iter().position(|r| *r == rate) else { return String::new() };
        match self.rates[i] {
            None => "–".into(),
            Some(e) if e.mean == 0.0 && self.promised[i] => "0".into(),
            Some(e) if e.mean == 0.0 => "0*".into(),
            Some(e) => match e.half_width {
                Some(half) if half > 0.0 => {
                    format!("{} ±{}", percent(e.mean), rounded(half * 100.0))
                }
                _ => percent(e.mean),
            },
        }
    }
}

/// Time for all parts of the timed executions, each the median over its rounds,
/// by the number of operations.
fn median_nanoseconds(timings: &[TimingRow], cell: &str, scheme: &str) -> Option<f64> {
    let mut parts: BTreeMap<(u32, usize), (u64, Vec<u128>)> = BTreeMap::new();
    for row in timings.iter().filter(|row| row.cell == cell && row.scheme == scheme) {
        for (part, timing) in row.timing.iter().flatten().enumerate() {
            let (operations, times) = parts.entry((row.replicate, part)).or_default();
            *operations = timing.operations;
            times.push(timing.elapsed.as_nanos());
        }
    }
    let (mut operations, mut nanoseconds) = (0, 0);
    for (count, mut times) in parts.into_values() {
        times.sort_unstable();
        operations += count;
        nanoseconds += times.get(times.len() / 2)?;
    }
    (operations > 0).then(|| nanoseconds as f64 / operations as f64)
}

fn table(lines: &[Line], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "clock",
        "bytes p50",
        "p99",
        "max",
        "growth",
        "false concurrency",
        "false order",
        "reversal",
        "false equality",
        "proven",
        "ns/op",
    ]);
    for line in lines {
        let number = |e: Option<Estimate>| e.map_or("–".into(), |e| digits(e.mean));
        table.add_row([
            line.scheme.clone(),
            line.bytes[0].map_or("–".into(), |e| match e.half_width {
                Some(half) if half > 0.0 => format!("{} ±{}", digits(e.mean), rounded(half)),
                _ => digits(e.mean),
            }),
            number(line.bytes[1]),
            number(line.bytes[2]),
            line.growth.map_or("–".into(), |e| format!("×{:.2}", e.mean)),
            line.rate(Rate::FalseConcurrency),
            line.rate(Rate::FalseOrder),
            line.rate(Rate::Reversal),
            line.rate(Rate::FalseEquality),
            line.rate(Rate::Proven),
            line.nanoseconds.map_or("–".into(), digits),
        ]);
    }
    table.column_iter_mut().skip(1).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    table
}

/// A share in per cent. A share that is not whole never reads as 0 or 100 %.
fn percent(share: f64) -> String {
    if share == 1.0 {
        return "100 %".into();
    }
    if share > 0.9999 {
        return ">99.99 %".into();
    }
    if share > 0.999 {
        // Rounded down: three digits would make it whole.
        return format!("{:.2} %", (share * 10_000.0).floor() / 100.0);
    }
    format!("{} %", digits(share * 100.0))
}

/// A number to three significant digits, no fewer before the point, and no
/// needless ones behind it.
fn digits(value: f64) -> String {
    let magnitude = value.abs();
    if value.fract() == 0.0 || magnitude >= 99.95 {
        return format!("{value:.0}");
    }
    if magnitude < 1e-4 {
        return format!("{value:.1e}");
    }
    let places = match magnitude {
        m if m >= 9.995 => 1,
        m if m >= 0.9995 => 2,
        m => 2 + (-m.log10()).ceil().max(1.0) as usize,
    };
    let text = format!("{value:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An uncertainty: two significant digits are enough.
fn rounded(value: f64) -> String {
    let scale = 10_f64.powf(value.abs().log10().floor() - 1.0);
    // Below a thousandth the scientific form is short already.
    if value < 1e-3 { format!("{value:.1e}") } else { digits((value / scale).round() * scale) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (7.0, "7"),
            (1234.5, "1234"),
            (30.61, "30.6"),
            (9.999, "10"),
            (1.234, "1.23"),
            (0.1234, "0.123"),
            (0.01234, "0.0123"),
            (0.000_8, "0.0008"),
            (30.04, "30"),
            (0.000_001_2, "1.2e-6"),
        ] {
            assert_eq!(digits(value), text, "{value}");
        }
    }

    #[test]
    fn uncertainties_have_two() {
        for (value, text) in
            [(0.184_2, "0.18"), (2.74, "2.7"), (19.94, "20"), (0.000_139, "1.4e-4"), (123.0, "120")]
        {
            assert_eq!(rounded(value), text, "{value}");
        }
    }

    #[test]
    fn almost_all_is_not_all() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999_999), ">99.99 %");
        assert_eq!(percent(0.999_78), "99.97 %");
        assert_eq!(percent(0.25), "25 %");
    }
}
