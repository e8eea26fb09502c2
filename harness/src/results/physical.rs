//! What stamps tell of physical time, and what verdicts are worth by the
//! second truth, ε-causality: raw rows, and tables over seeds.

use comfy_table::{CellAlignment, LineStyle, Table as View, TableStyle, presets};

use super::raw::Table;
use crate::measure::{Measured, TimeRow};
use crate::run::Replicate;
use crate::stats::{Estimate, Rate};

/// `raw/times.csv`: stamps that tell time against physical time, a row for the
/// participants with good clocks and one for those that a fault hits. `None`
/// where none was watched.
#[must_use]
pub fn times_csv(replicates: &[Replicate]) -> Option<String> {
    let mut table = Table::new([
        "cell",
        "replicate",
        "scheme",
        "faulty",
        "events",
        "counter_zero",
        "counter_max",
        "ahead_ns_max",
        "before_reading",
        "ahead_of_truth_ns_max",
        "went_back",
        "given_twice",
        "refused_from_good",
        "refused_from_faulty",
    ]);
    let mut any = false;
    for r in replicates {
        for (scheme, measured) in &r.schemes {
            for (faulty, row) in measured.times.iter().flatten().enumerate() {
                if row.events == 0 {
                    continue;
                }
                any = true;
                let numbers = [
                    faulty as u64,
                    row.events,
                    row.counter_zero,
                    row.counter_max,
                    row.ahead_ns_max,
                    row.before_reading,
                    row.ahead_of_truth_ns_max,
                    row.went_back,
                    row.given_twice,
                    row.refused_from_good,
                    row.refused_from_faulty,
                ];
                let mut fields = vec![r.cell.clone(), r.number.to_string(), scheme.clone()];
                fields.extend(numbers.map(|n| n.to_string()));
                table.row(fields);
            }
        }
    }
    any.then(|| table.finish())
}

/// The tables, in order of cells and schemes; empty where there is nothing to
/// tell.
#[must_use]
pub fn physical_text(replicates: &[Replicate]) -> String {
    let lines = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
    tables(replicates, lines, "")
}

/// The tables in Markdown.
#[must_use]
pub fn physical_markdown(replicates: &[Replicate]) -> String {
    tables(replicates, presets::ASCII_MARKDOWN, "## ")
}

fn tables(replicates: &[Replicate], style: TableStyle, heading: &str) -> String {
    let mut text = String::new();
    let mut time = view(
        style,
        &[
            "scenario",
            "clock",
            "l − pt",
            "c",
            "ahead of truth",
            "… at faulty clocks",
            "refused from good",
            "from faulty",
            "at faulty",
            "back",
            "twice",
        ],
    );
    let mut second = view(
        style,
        &["scenario", "clock", "false order", "by ε", "false concurrency", "by ε", "proven"],
    );
    for (cell, scheme, measured) in groups(replicates) {
        if measured.iter().any(|m| m.times.is_some()) {
            time.add_row(time_cells(cell, scheme, &measured));
        }
        if measured.iter().any(|m| !m.epsilon_verdicts.is_empty()) {
            second.add_row(epsilon_cells(cell, scheme, &measured));
        }
    }
    if !time.is_empty() {
        text.push_str(&format!(
            "\n{heading}Stamps against physical time\n\n{time}\n\nAt participants with good \
             clocks, the largest in an execution, mean ± half the 95 % interval over seeds: l − \
             pt, the counter c, and how far l is ahead of a perfect clock; the last also where a \
             fault hits the clock. Messages refused by good participants and by faulty ones, and stamps of all \
             that went back or were given twice, are totals over seeds.\n"
        ));
    }
    if !second.is_empty() {
        text.push_str(&format!(
            "\n{heading}By happened-before, and by ε-causality\n\n{second}\n\nBy ε, events are \
             ordered also where they are ε or more of true time apart. Mean ± half the 95 % \
             interval over seeds; where none was seen, at 95 % confidence fewer than the share in \
             brackets of such executions hold any.\n"
        ));
    }
    text
}

fn view(style: TableStyle, header: &[&str]) -> View {
    let mut view = View::new();
    view.load_style(style);
    view.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    view.set_header(header);
    view.column_iter_mut().skip(2).for_each(|c| c.set_cell_alignment(CellAlignment::Right));
    view
}

/// All replicates of each scheme in each cell.
fn groups(replicates: &[Replicate]) -> Vec<(&str, &str, Vec<&Measured>)> {
    let mut groups = Vec::new();
    for cell in replicates.chunk_by(|a, b| a.cell == b.cell) {
        for (index, (scheme, _)) in cell[0].schemes.iter().enumerate() {
            let measured = cell.iter().map(|r| &r.schemes[index].1).collect();
            groups.push((cell[0].cell.as_str(), scheme.as_str(), measured));
        }
    }
    groups
}

fn time_cells(cell: &str, scheme: &str, measured: &[&Measured]) -> Vec<String> {
    let rows: Vec<[TimeRow; 2]> = measured.iter().filter_map(|m| m.times).collect();
    let mean = |faulty: usize, value: fn(&TimeRow) -> u64, show: fn(f64) -> String| {
        let rows = rows.iter().map(|r| &r[faulty]).filter(|r| r.events > 0);
        let values: Vec<f64> = rows.map(|r| value(r) as f64).collect();
        Estimate::of(&values).map_or("–".into(), |e| interval(e, show))
    };
    let total = |value: fn(&TimeRow) -> u64| rows.iter().flatten().map(value).sum::<u64>();
    let good = |value: fn(&TimeRow) -> u64| rows.iter().map(|r| value(&r[0])).sum::<u64>();
    let faulty = |value: fn(&TimeRow) -> u64| rows.iter().map(|r| value(&r[1])).sum::<u64>();
    vec![
        cell.to_owned(),
        scheme.to_owned(),
        mean(0, |r| r.ahead_ns_max, duration),
        mean(0, |r| r.counter_max, number),
        mean(0, |r| r.ahead_of_truth_ns_max, duration),
        mean(1, |r| r.ahead_of_truth_ns_max, duration),
        good(|r| r.refused_from_good).to_string(),
        good(|r| r.refused_from_faulty).to_string(),
        faulty(|r| r.refused_from_good + r.refused_from_faulty).to_string(),
        total(|r| r.went_back).to_string(),
        total(|r| r.given_twice).to_string(),
    ]
}

fn epsilon_cells(cell: &str, scheme: &str, measured: &[&Measured]) -> Vec<String> {
    let percent = |share: f64| match share {
        share if share > 0.9999 && share < 1.0 => ">99.99 %".to_owned(),
        share => format!("{} %", number(share * 100.0)),
    };
    let over = |rate: Rate, epsilon: bool| {
        let rows =
            |m: &Measured| rate.over(if epsilon { &m.epsilon_verdicts } else { &m.verdicts });
        let values: Vec<f64> = measured.iter().filter_map(|m| rows(m)).collect();
        Estimate::of(&values).map_or("–".into(), |e| match e.zero_bound() {
            Some(bound) => format!("0 (<{})", percent(bound)),
            None => interval(e, percent),
        })
    };
    vec![
        cell.to_owned(),
        scheme.to_owned(),
        over(Rate::FalseOrder, false),
        over(Rate::FalseOrder, true),
        over(Rate::FalseConcurrency, false),
        over(Rate::FalseConcurrency, true),
        over(Rate::Proven, false),
    ]
}

fn interval(estimate: Estimate, show: impl Fn(f64) -> String) -> String {
    let mean = show(estimate.mean);
    match estimate.half_width {
        Some(half) if half > 0.0 => format!("{mean} ± {}", show(half)),
        _ => mean,
    }
}

/// Three significant digits, or all before the point.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let places = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// Nanoseconds in a unit that suits them.
pub(crate) fn duration(nanos: f64) -> String {
    let units = [(86_400e9, "d"), (1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| nanos.abs() >= *unit).unwrap_or((1.0, "ns"));
    format!("{} {name}", number(nanos / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(0.0, "0"), (1234.5, "1234"), (20.0, "20"), (0.0123, "0.0123")] {
            assert_eq!(number(value), text);
        }
        for (value, text) in [(0.0, "0 ns"), (2.5e7, "25 ms"), (86_400e9 * 365.0, "365 d")] {
            assert_eq!(duration(value), text);
        }
    }
}
