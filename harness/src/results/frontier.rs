//! What each family buys at each byte: an error rate against encoded bytes, a
//! line a family over its parameters, over all pairs and by lag.

use serde::Serialize;

use super::lines::lines;
use super::metrics::stamp_bytes_mean;
use crate::measure::VerdictRow;
use crate::plot::{Axis, Chart, Point, Series};
use crate::run::Replicate;
use crate::stats::{Estimate, Rate};

/// Pairs of events, by how far apart they are in multiples of the mean number
/// N of live participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// The name in results.
    pub name: &'static str,
    /// The first lag bin, see [`LagBins`](crate::measure::LagBins).
    first_bin: usize,
    /// The last one.
    last_bin: usize,
    /// What it means, for titles.
    title: &'static str,
}

/// All pairs first, then by lag.
pub const STRATA: [Stratum; 6] = [
    Stratum { name: "all", first_bin: 0, last_bin: usize::MAX, title: "all pairs" },
    Stratum { name: "lag-below-1n", first_bin: 0, last_bin: 0, title: "lag below N" },
    Stratum { name: "lag-1n-to-2n", first_bin: 1, last_bin: 1, title: "lag N to 2N" },
    Stratum { name: "lag-2n-to-4n", first_bin: 2, last_bin: 2, title: "lag 2N to 4N" },
    Stratum { name: "lag-4n-to-8n", first_bin: 3, last_bin: 3, title: "lag 4N to 8N" },
    Stratum { name: "lag-from-8n", first_bin: 4, last_bin: usize::MAX, title: "lag 8N and more" },
];

impl Stratum {
    fn rate(self, rate: Rate, rows: &[VerdictRow]) -> Option<f64> {
        let within = |row: &&VerdictRow| (self.first_bin..=self.last_bin).contains(&row.bin);
        rate.over(&rows.iter().filter(within).copied().collect::<Vec<_>>())
    }
}

/// Where a scheme stands in one cell and stratum.
#[derive(Clone, Debug)]
pub struct Place {
    /// The cell's name.
    pub cell: String,
    /// The line it is on.
    pub line: String,
    /// The scheme's name.
    pub scheme: String,
    /// Which pairs.
    pub stratum: Stratum,
    /// Mean encoded bytes of the stamps of the last tenth.
    pub bytes: Estimate,
    /// The rate.
    pub rate: Estimate,
}

/// An error rate against bytes, over all cells of a run.
#[derive(Clone, Debug)]
pub struct Frontier {
    rate: Rate,
    places: Vec<Place>,
    /// For cells of fixed membership, the bytes that lossless stamps need.
    bounds: Vec<(String, f64)>,
}

/// A row of `derived/frontier-RATE.csv`.
#[derive(Serialize)]
struct Record<'a> {
    cell: &'a str,
    stratum: &'a str,
    line: &'a str,
    scheme: &'a str,
    bytes: f64,
    bytes_half_width_95: Option<f64>,
    rate: f64,
    rate_half_width_95: Option<f64>,
    seeds: usize,
}

impl Frontier {
    /// Derives it. Schemes that did not come through somewhere are judged as
    /// far as they came.
    #[must_use]
    pub fn new(replicates: &[Replicate], rate: Rate) -> Self {
        let (mut places, mut bounds) = (Vec::new(), Vec::new());
        for cell in replicates.chunk_by(|a, b| a.cell == b.cell) {
            let name = &cell[0].cell;
            bounds.extend(lossless_bytes(cell).map(|bytes| (name.clone(), bytes)));
            let schemes: Vec<&str> = cell[0].schemes.iter().map(|(s, _)| s.as_str()).collect();
            for (line, members) in lines(&schemes) {
                for index in members {
                    let measured = || cell.iter().map(|r| &r.schemes[index].1);
                    let bytes: Vec<f64> = measured().filter_map(stamp_bytes_mean).collect();
                    let Some(bytes) = Estimate::of(&bytes) else { continue };
                    for stratum in STRATA {
                        let rates = measured().filter_map(|m| stratum.rate(rate, &m.verdicts));
                        if let Some(rate) = Estimate::of(&rates.collect::<Vec<_>>()) {
                            let (cell, line) = (name.clone(), line.clone());
                            let scheme = schemes[index].to_owned();
                            places.push(Place { cell, line, scheme, stratum, bytes, rate });
                        }
                    }
                }
            }
        }
        Self { rate, places, bounds }
    }

    /// Every place.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The files under `derived/`: a table, and a chart for each cell and
    /// stratum in which the rate is not zero throughout.
    #[must_use]
    pub fn files(&self) -> Vec<(String, String)> {
        let name = self.rate.as_str().replace('_', "-");
        let mut files = vec![(format!("derived/frontier-{name}.csv"), self.csv())];
        for cell in self.places.chunk_by(|a, b| a.cell == b.cell) {
            for stratum in STRATA {
                if let Some(chart) = self.chart(cell, stratum) {
                    let file = format!("{}-{name}-{}.svg", cell[0].cell, stratum.name);
                    files.push((format!("derived/{file}"), chart.svg()));
                }
            }
        }
        files
    }

    fn csv(&self) -> String {
        super::csv_of(self.places.iter().map(|p| Record {
            cell: &p.cell,
            stratum: p.stratum.name,
            line: &p.line,
            scheme: &p.scheme,
            bytes: p.bytes.mean,
            bytes_half_width_95: p.bytes.half_width,
            rate: p.rate.mean,
            rate_half_width_95: p.rate.half_width,
            seeds: p.rate.seeds,
        }))
    }

    /// The chart of one cell and stratum.
    fn chart(&self, cell: &[Place], stratum: Stratum) -> Option<Chart> {
        let places: Vec<&Place> = cell.iter().filter(|p| p.stratum == stratum).collect();
        let mut series = Vec::new();
        for line in places.chunk_by(|a, b| a.line == b.line) {
            let mut points: Vec<Point> = line.iter().map(|p| point(p)).collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            if points.iter().any(|p| p.y > 0.0) {
                series.push(Series { name: line[0].line.clone(), points, dashed: false });
            }
        }
        let visible = || series.iter().flat_map(|s| &s.points).map(|p| p.y).filter(|y| *y > 0.0);
        let (low, high) = (visible().reduce(f64::min)?, visible().reduce(f64::max)?);
        if let Some((_, bytes)) = self.bounds.iter().find(|(name, _)| *name == cell[0].cell) {
            let end = |y| Point { x: *bytes, y, error: 0.0 };
            let points = vec![end(low), end(high)];
            series.push(Series { name: "least lossless bytes".into(), points, dashed: true });
        }
        let what = self.rate.as_str().replace('_', " ");
        Some(Chart {
            title: format!("{}: {what}, {} (zero is not shown)", cell[0].cell, stratum.title),
            x: Axis { label: "mean encoded bytes of a stamp, last tenth".into(), log: true },
            y: Axis { label: format!("{what}, share of pairs"), log: true },
            series,
        })
    }
}

fn point(place: &Place) -> Point {
    let error = place.rate.half_width.unwrap_or(0.0);
    Point { x: place.bytes.mean, y: place.rate.mean, error }
}

/// What stamps of a fixed membership need to lose nothing, in bytes: the
/// leading term N·log₂(m + 1) bits of Baldoni and Melideo 2002, for N
/// participants of m events each. `None` where participants come or go.
fn lossless_bytes(cell: &[Replicate]) -> Option<f64> {
    let fixed = |r: &Replicate| {
        let s = r.survey;
        let stays = s.retires + s.crashes == 0 && s.participants == s.max_live;
        let (n, m) = (f64::from(s.participants), f64::from(s.events) / f64::from(s.participants));
        // Nobody was born but at the start: the mean over events is the whole.
        (stays && s.mean_live == s.max_live).then(|| n * (m + 1.0).log2() / 8.0)
    };
    let bytes: Option<Vec<f64>> = cell.iter().map(fixed).collect();
    Some(Estimate::of(&bytes?)?.mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Survey;
    use crate::registry::Registry;
    use crate::run::{Options, run};
    use crate::{execution::Cell, scenario::Scenario};

    #[test]
    fn the_bound_is_that_of_the_paper() {
        let survey = Survey {
            events: 10_000,
            participants: 100,
            mean_live: 100,
            max_live: 100,
            ..Survey::default()
        };
        let replicate = |survey| Replicate {
            cell: "c".into(),
            number: 0,
            survey,
            exhaustive: true,
            schemes: Vec::new(),
        };
        // N = 100, m = 100: about 666 bits.
        let bytes = lossless_bytes(&[replicate(survey)]).unwrap();
        assert!((bytes - 83.2).abs() < 0.1, "{bytes}");
        assert_eq!(lossless_bytes(&[replicate(Survey { crashes: 1, ..survey })]), None);
    }

    #[test]
    fn strata_add_up_and_more_bytes_err_less() {
        let text = "name = \"c\"\nevents = 2000\n[population]\ninitial = 16";
        let cell = Cell::of(Scenario::parse(text, "c").unwrap());
        let schemes = Registry::builtin().schemes("rev:r=2..32x16,lamport").unwrap();
        let replicates = run(&[(cell, 3)], &schemes, &Options::default(), &|| ());
        let frontier = Frontier::new(&replicates, Rate::FalseOrder);
        let all: Vec<&Place> =
            frontier.places().iter().filter(|p| p.stratum.name == "all").collect();
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].line.as_str(), all[2].line.as_str()), ("rev", "lamport"));
        assert!(all[0].bytes.mean < all[1].bytes.mean && all[0].rate.mean > all[1].rate.mean);
        // The rate over all pairs lies between those of the strata.
        let of_rev = frontier.places().iter().filter(|p| p.scheme == "rev:r=2");
        let by_lag: Vec<f64> = of_rev.skip(1).map(|p| p.rate.mean).collect();
        assert!(by_lag.iter().any(|r| *r <= all[0].rate.mean));
        assert!(by_lag.iter().any(|r| *r >= all[0].rate.mean));
        let files = frontier.files();
        assert_eq!(files[0].0, "derived/frontier-false-order.csv");
        assert_eq!(files[1].0, "derived/c-false-order-all.svg");
        assert!(files[1].1.contains("least lossless bytes"));
    }
}
