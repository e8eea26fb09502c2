//! The tables and charts beside the published figures.

use super::{DEPLOYMENTS, Deployment, EPSILONS_MS, HVC_SETTINGS, HvcRow, RATES, Row};
use crate::show::{Axis, Chart, Column, Page, Point, Series, Table, Unit, Value, spell};
use crate::stats::Estimate;

pub(super) fn page(rows: &[Row], vectors: &[HvcRow]) -> Page {
    let mut page = Page::new(
        "Logical Physical Clocks (OPODIS 2014), done again",
        "The paper's deployments in simulation, and the size of hybrid vector clocks against ε.",
    );
    page.table(deployments_table(rows));
    page.table(vectors_table(vectors));
    page.table(entries_table(vectors));
    page.chart("counters", counters_chart(rows));
    let by_nodes: Vec<_> = HVC_SETTINGS.into_iter().filter(|(_, rate)| *rate == 10).collect();
    let mut by_rate: Vec<_> = HVC_SETTINGS.into_iter().filter(|(nodes, _)| *nodes == 32).collect();
    by_rate.sort_unstable();
    let title = "Hybrid vector clocks: share of nodes in a stamp";
    let of_nodes = format!("{title}, 10 messages a second and node");
    page.chart("sizes-by-nodes", sizes_chart(&of_nodes, vectors, &by_nodes));
    page.chart("sizes-by-rate", sizes_chart(&format!("{title}, 32 nodes"), vectors, &by_rate));
    page
}

fn estimate(
    rows: &[Row],
    deployment: &Deployment,
    rate: u32,
    bad: bool,
    value: fn(&Row) -> f64,
) -> Option<Estimate> {
    let mine = rows.iter().filter(|row| {
        (row.deployment.as_str(), row.rate, row.bad_clock) == (deployment.name, rate, u8::from(bad))
    });
    Estimate::of(&mine.map(value).collect::<Vec<_>>())
}

fn zero_share(row: &Row) -> f64 {
    row.counter_zero as f64 / row.events as f64
}

fn zero_published(deployment: &Deployment) -> Option<f64> {
    deployment.published.and_then(|published| published.zero_percent)
}

fn deployments_table(rows: &[Row]) -> Table {
    let columns = [
        Column::text("deployment", "deployment"),
        Column::number("offset_ms", "offset,\nms", Unit::Count).rank(3),
        Column::number("rate", "rate,\n1/s", Unit::Count),
        Column::estimate("zero", "c = 0", Unit::Share),
        Column::number("zero_published", "published", Unit::Share),
        Column::estimate("counter_max", "max c", Unit::Count),
        Column::number("counter_published", "published", Unit::Count),
        Column::estimate("ahead_ns", "max l − pt", Unit::Nanoseconds),
        Column::number("ahead_published_ns", "published", Unit::Nanoseconds),
        Column::estimate("bad_counter_max", "bad clock:\nmax c", Unit::Count).rank(1),
        Column::number("bad_counter_published", "published", Unit::Count).rank(2),
        Column::estimate("bad_ahead_ns", "max l − pt", Unit::Nanoseconds).rank(2),
    ];
    let mut table = Table::new("deployments", "c and l − pt by deployment", columns).note(
        "Means over runs ± half the 95 % interval; c and l − pt are the largest of a run of 10,000 \
         events. The published figures are indicative only: a second source differs, and the \
         paper's rates and delays are not known here. The paper's l − pt exceeds its offset; in \
         simulation the offset is a bound, which by theorem 3 l − pt keeps to, but for one unit of \
         15 µs (and for what the bad clock adds, where there is one). Straggler and rusher: one of \
         four clocks is 25 ms, five times the offset, behind or ahead.",
    );
    for (deployment, rate) in DEPLOYMENTS.iter().flat_map(|d| RATES.map(|rate| (d, rate))) {
        let of = |bad, value| Value::from(estimate(rows, deployment, rate, bad, value));
        // The paper's largest c of the straggler is that of the bad clock itself.
        let of_bad = zero_published(deployment).is_none();
        let theirs = deployment.published.map(|published| published.counter_max as f64);
        let ahead = deployment.published.and_then(|published| published.ahead_ms_max);
        table.push([
            deployment.name.into(),
            deployment.offset_ms.into(),
            rate.into(),
            of(false, zero_share),
            zero_published(deployment).map(|percent| percent / 100.0).into(),
            of(false, |row| row.counter_max as f64),
            theirs.filter(|_| !of_bad).into(),
            of(false, |row| row.ahead_ns_max as f64),
            ahead.map(|ms| ms * 1e6).into(),
            of(true, |row| row.counter_max as f64),
            theirs.filter(|_| of_bad).into(),
            of(true, |row| row.ahead_ns_max as f64),
        ]);
    }
    table
}

fn vectors_table(vectors: &[HvcRow]) -> Table {
    let mut columns = vec![
        Column::number("nodes", "nodes", Unit::Count),
        Column::number("rate", "rate,\n1/s", Unit::Count),
    ];
    columns.extend(EPSILONS_MS.map(|ms| {
        let heading = spell::duration(ms as f64 * 1e6);
        Column::number(format!("entries_{ms}ms"), heading, Unit::Count)
    }));
    columns.push(Column::number("half_at_ns", "half at ε", Unit::Nanoseconds));
    let mut table = Table::new("vectors", "Entries of hybrid vector clocks by ε", columns).note(
        "Mean entries of a stamp in the second half of a run, the own one included. The sigmoid \
         turns at the ε at which half of the nodes are remembered. No figure of the paper's is at \
         hand to put beside it.",
    );
    for (nodes, rate) in HVC_SETTINGS {
        let means: Vec<(u64, f64)> =
            sigmoid(vectors, nodes, rate).map(|(ms, e)| (ms, e.mean)).collect();
        let entries = EPSILONS_MS.iter().map(|ms| {
            means.iter().find(|(at, _)| at == ms).map(|(_, mean)| (mean * 10.0).round() / 10.0)
        });
        let mut row: Vec<Value> = vec![nodes.into(), rate.into()];
        row.extend(entries.map(Value::from));
        row.push(half_way(&means, nodes).map(|ms| ms * 1e6).into());
        table.push(row);
    }
    table
}

/// All means with their intervals, as a file.
fn entries_table(vectors: &[HvcRow]) -> Table {
    let columns = [
        Column::number("nodes", "nodes", Unit::Count),
        Column::number("rate", "rate", Unit::Count),
        Column::number("epsilon_ms", "ε, ms", Unit::Count),
        Column::estimate("entries", "entries", Unit::Count),
    ];
    let mut table = Table::new("entries", "Entries of hybrid vector clocks", columns);
    table.shown = false;
    for (nodes, rate) in HVC_SETTINGS {
        for (ms, estimate) in sigmoid(vectors, nodes, rate) {
            table.push([nodes.into(), rate.into(), ms.into(), estimate.into()]);
        }
    }
    table
}

/// Mean entries by ε.
fn sigmoid(rows: &[HvcRow], nodes: u32, rate: u32) -> impl Iterator<Item = (u64, Estimate)> {
    EPSILONS_MS.into_iter().filter_map(move |ms| {
        let of_setting = |row: &&HvcRow| (row.nodes, row.rate, row.epsilon_ms) == (nodes, rate, ms);
        let means: Vec<f64> = rows
            .iter()
            .filter(of_setting)
            .map(|row| row.entries as f64 / row.stamps.max(1) as f64)
            .collect();
        Some((ms, Estimate::of(&means)?))
    })
}

/// The ε, in milliseconds, at which a stamp has entries for half of the nodes
/// on average: where the sigmoid turns. Found on the straight line, over log ε,
/// between the two measured values about it.
fn half_way(points: &[(u64, f64)], nodes: u32) -> Option<f64> {
    let half = f64::from(nodes) / 2.0;
    let pair = points.windows(2).find(|pair| pair[0].1 < half && pair[1].1 >= half)?;
    let [(from, low), (to, high)] = [pair[0], pair[1]];
    let share = (half - low) / (high - low);
    let (from, to) = (libm::log(from as f64), libm::log(to as f64));
    Some(libm::exp(from + share * (to - from)))
}

fn point(x: f64, estimate: Estimate, scale: f64) -> Point {
    let error = estimate.half_width.unwrap_or(0.0) * scale;
    Point { x, y: estimate.mean * scale, error }
}

fn counters_chart(rows: &[Row]) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    let mut theirs = Vec::new();
    for deployment in DEPLOYMENTS.iter().filter(|d| zero_published(d).is_some()) {
        let points = RATES.iter().filter_map(|rate| {
            let share = estimate(rows, deployment, *rate, false, zero_share)?;
            Some(point((*rate).into(), share, 100.0))
        });
        let name = deployment.name.to_owned();
        series.push(Series { name, points: points.collect(), dashed: false });
        if let Some(y) = zero_published(deployment) {
            let ends = [RATES[0], RATES[RATES.len() - 1]];
            let points = ends.map(|x| Point { x: x.into(), y, error: 0.0 }).to_vec();
            let name = format!("{}, published", deployment.name);
            theirs.push(Series { name, points, dashed: true });
        }
    }
    series.extend(theirs);
    let axis = |label: &str, log| Axis { label: label.into(), log };
    Chart {
        title: "Events with a counter of zero, at good clocks".into(),
        x: axis("messages a second and node", true),
        y: axis("events with c = 0, %", false),
        series,
    }
}

fn sizes_chart(title: &str, rows: &[HvcRow], settings: &[(u32, u32)]) -> Chart {
    let series = settings.iter().map(|&(nodes, rate)| {
        let scale = 100.0 / f64::from(nodes);
        let points = sigmoid(rows, nodes, rate).map(|(ms, e)| point(ms as f64, e, scale));
        let name = format!("{nodes} nodes, {rate}/s");
        Series { name, points: points.collect(), dashed: false }
    });
    let axis = |label: &str, log| Axis { label: label.into(), log };
    Chart {
        title: title.into(),
        x: axis("ε, ms", true),
        y: axis("nodes with an entry, %", false),
        series: series.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_way_is_between_its_neighbours() {
        let points = [(1, 1.0), (10, 2.0), (100, 6.0), (1_000, 8.0)];
        let half = half_way(&points, 8).unwrap();
        assert!((half - 31.62).abs() < 0.01, "{half}");
        assert_eq!(half_way(&points, 20), None);
    }
}
