//! What each family buys at each byte: an error rate against encoded bytes, a
//! line a family over its parameters, by lag.

use super::lines::lines;
use super::metrics::{FAR, MID, Metric, NEAR, STAMP_BYTES_MEAN, Stratum};
use super::panel::{Panel, PanelCell};
use super::rows::ExecutionRow;
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit};
use crate::stats::{Estimate, Rate};

/// Where a scheme stands in one cell and stratum.
struct Place<'a> {
    line: String,
    scheme: &'a str,
    bytes: Estimate,
    rate: Estimate,
}

/// Adds the table and the charts of one rate.
pub(super) fn add(page: &mut Page, panel: &Panel, rate: Rate) {
    let name = rate.as_str().replace('_', "-");
    let what = rate.as_str().replace('_', " ");
    let better = if rate.is_good() { Better::More } else { Better::Less };
    let columns = [
        Column::text("cell", "scenario"),
        Column::text("lag", "lag"),
        Column::text("line", "line"),
        Column::text("clock", "clock"),
        Column::estimate("bytes", "bytes", Unit::Bytes).better(Better::Less),
        Column::estimate("rate", what.clone(), Unit::Share).better(better),
    ];
    let mut table =
        Table::new(format!("frontier-{name}"), format!("{what} against bytes"), columns);
    table.shown = false;
    let mut charts = Vec::new();
    for cell in &panel.cells {
        for stratum in [NEAR, MID, FAR] {
            let places = places(cell, rate, stratum);
            for place in &places {
                table.push([
                    cell.name.as_str().into(),
                    stratum.name.into(),
                    place.line.as_str().into(),
                    place.scheme.into(),
                    place.bytes.into(),
                    place.rate.into(),
                ]);
            }
            if let Some(chart) = chart(cell, rate, stratum, &places) {
                let file = format!("{}-{name}-{}", cell.name, stratum.name);
                charts.push((file, chart, stratum == MID));
            }
        }
    }
    page.table(table);
    for (file, chart, shown) in charts {
        if shown {
            page.chart(file, chart);
        } else {
            page.chart_aside(file, chart);
        }
    }
}

fn places(cell: &PanelCell, rate: Rate, stratum: Stratum) -> Vec<Place<'_>> {
    let Some(metric) = Metric::place(rate, stratum) else { return Vec::new() };
    let names: Vec<&str> = cell.clocks.iter().map(|clock| clock.name.as_str()).collect();
    let mut places = Vec::new();
    for (line, members) in lines(&names) {
        for clock in members.into_iter().map(|index| &cell.clocks[index]) {
            let estimates = clock.estimate(STAMP_BYTES_MEAN).zip(clock.estimate(metric));
            if let Some((bytes, rate)) = estimates {
                places.push(Place { line: line.clone(), scheme: &clock.name, bytes, rate });
            }
        }
    }
    places
}

fn chart(cell: &PanelCell, rate: Rate, stratum: Stratum, places: &[Place<'_>]) -> Option<Chart> {
    let mut series = Vec::new();
    for line in places.chunk_by(|a, b| a.line == b.line) {
        let point = |place: &Place<'_>| Point {
            x: place.bytes.mean,
            y: place.rate.mean,
            error: place.rate.half_width.unwrap_or(0.0),
        };
        let mut points: Vec<Point> = line.iter().map(point).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        if points.iter().any(|p| p.y > 0.0) {
            series.push(Series { name: line[0].line.clone(), points, dashed: false });
        }
    }
    let visible = || series.iter().flat_map(|s| &s.points).map(|p| p.y).filter(|y| *y > 0.0);
    let (low, high) = (visible().reduce(f64::min)?, visible().reduce(f64::max)?);
    if let Some(bytes) = lossless_bytes(&cell.executions) {
        let end = |y| Point { x: bytes, y, error: 0.0 };
        let points = vec![end(low), end(high)];
        series.push(Series { name: "least lossless bytes".into(), points, dashed: true });
    }
    let what = rate.as_str().replace('_', " ");
    Some(Chart {
        title: format!("{}: {what}, {} (zero is not shown)", cell.name, stratum.title),
        x: Axis { label: "mean encoded bytes of a stamp, last tenth".into(), log: true },
        y: Axis { label: format!("{what}, share of pairs"), log: true },
        series,
    })
}

/// What stamps of a fixed membership need to lose nothing, in bytes: the
/// leading term N·log₂(m + 1) bits of Baldoni and Melideo 2002, for N
/// participants of m events each. `None` where participants come or go.
fn lossless_bytes(executions: &[ExecutionRow]) -> Option<f64> {
    let fixed = |row: &ExecutionRow| {
        let stays = row.retires + row.crashes == 0 && row.participants == row.max_live;
        let n = f64::from(row.participants);
        let m = f64::from(row.events) / n;
        // Nobody was born but at the start: the mean over events is the whole.
        (stays && row.mean_live == row.max_live).then(|| n * (m + 1.0).log2() / 8.0)
    };
    let bytes: Option<Vec<f64>> = executions.iter().map(fixed).collect();
    Some(Estimate::of(&bytes?)?.mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_that_of_the_paper() {
        let row = ExecutionRow {
            events: 10_000,
            participants: 100,
            mean_live: 100,
            max_live: 100,
            ..ExecutionRow::default()
        };
        // N = 100, m = 100: about 666 bits.
        let bytes = lossless_bytes(std::slice::from_ref(&row)).unwrap();
        assert!((bytes - 83.2).abs() < 0.1, "{bytes}");
        assert_eq!(lossless_bytes(&[ExecutionRow { crashes: 1, ..row }]), None);
    }
}
