//! The raw rows, as CSV: integers and names only.

use crate::measure::{Measured, Status, VerdictRow};
use crate::run::{Replicate, TimingRow};

/// A CSV text; the header is always there.
pub(super) struct Table {
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    pub(super) fn new<I, T>(header: I) -> Self
    where
        I: IntoIterator<Item = T>,
        T: AsRef<[u8]>,
    {
        let mut table = Self { writer: csv::Writer::from_writer(Vec::new()) };
        table.row(header);
        table
    }

    pub(super) fn row<I, T>(&mut self, fields: I)
    where
        I: IntoIterator<Item = T>,
        T: AsRef<[u8]>,
    {
        // Writing to memory cannot fail, and rows of unequal length would be
        // a defect here.
        let written = self.writer.write_record(fields);
        debug_assert!(written.is_ok(), "{written:?}");
    }

    pub(super) fn finish(self) -> String {
        let bytes = self.writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// `raw/executions.csv`: what each execution was like.
#[must_use]
pub fn executions_csv(replicates: &[Replicate]) -> String {
    let mut table = Table::new([
        "cell",
        "replicate",
        "judged",
        "events",
        "participants",
        "mean_live",
        "max_live",
        "forks",
        "retires",
        "crashes",
        "sends",
        "receives",
    ]);
    for r in replicates {
        let s = r.survey;
        let judged = if r.exhaustive { "every pair" } else { "sample" };
        let numbers = [
            s.events,
            s.participants,
            s.mean_live,
            s.max_live,
            s.forks,
            s.retires,
            s.crashes,
            s.sends,
            s.receives,
        ];
        let mut row = vec![r.cell.clone(), r.number.to_string(), judged.into()];
        row.extend(numbers.map(|n| n.to_string()));
        table.row(row);
    }
    table.finish()
}

/// `raw/replays.csv`: how each scheme came through each execution.
#[must_use]
pub fn replays_csv(replicates: &[Replicate]) -> String {
    let mut table = Table::new([
        "cell",
        "replicate",
        "scheme",
        "status",
        "events",
        "now_calls",
        "fresh_ids",
        "refused_merges",
        "refused_joins",
    ]);
    for r in replicates {
        for (scheme, measured) in &r.schemes {
            let status = match &measured.status {
                Status::Complete => "complete".to_owned(),
                Status::Stopped(why) => format!("stopped: {why}"),
            };
            let usage = measured.usage;
            let numbers = [
                u64::from(measured.events),
                usage.now_calls,
                usage.fresh_ids,
                usage.refused_merges,
                usage.refused_joins,
            ];
            let mut row = vec![r.cell.clone(), r.number.to_string(), scheme.clone(), status];
            row.extend(numbers.map(|n| n.to_string()));
            table.row(row);
        }
    }
    table.finish()
}

/// `raw/verdicts.csv`: what was said of which pairs, a row a stratum.
#[must_use]
pub fn verdicts_csv(replicates: &[Replicate]) -> String {
    verdict_rows(replicates, |measured| &measured.verdicts)
}

/// `raw/epsilon_verdicts.csv`: the same held against ε-causality. `None` where
/// nothing was.
#[must_use]
pub fn epsilon_verdicts_csv(replicates: &[Replicate]) -> Option<String> {
    let mut measured = replicates.iter().flat_map(|r| &r.schemes);
    let any = measured.any(|(_, measured)| !measured.epsilon_verdicts.is_empty());
    any.then(|| verdict_rows(replicates, |measured| &measured.epsilon_verdicts))
}

fn verdict_rows(replicates: &[Replicate], rows: fn(&Measured) -> &[VerdictRow]) -> String {
    let strata = [
        "cell",
        "replicate",
        "scheme",
        "lag_bin",
        "lag_from",
        "lag_to",
        "bin_pairs",
        "bin_judged",
        "same_node",
        "source_alive",
    ];
    let counts = crate::measure::Verdicts::default();
    let header = strata.map(str::to_owned).into_iter().chain(counts.cells().map(|(name, _)| name));
    let mut table = Table::new(header);
    for r in replicates {
        for (scheme, measured) in &r.schemes {
            for v in rows(measured) {
                let mut row = vec![r.cell.clone(), r.number.to_string(), scheme.clone()];
                row.extend(
                    [v.bin as u64, v.lag_from.into(), v.lag_to.into()].map(|n| n.to_string()),
                );
                row.extend([v.bin_pairs, v.bin_judged].map(|n| n.to_string()));
                row.extend([v.same_node, v.source_alive].map(|b| u8::from(b).to_string()));
                row.extend(v.verdicts.cells().map(|(_, n)| n.to_string()));
                table.row(row);
            }
        }
    }
    table.finish()
}

/// `raw/sizes.csv`: encoded bytes of stamps and clocks, a row a tenth.
#[must_use]
pub fn sizes_csv(replicates: &[Replicate]) -> String {
    let mut header: Vec<String> =
        ["cell", "replicate", "scheme", "tenth"].map(str::to_owned).into();
    for what in ["stamp", "clock"] {
        header.push(format!("{what}s"));
        for statistic in ["total", "p50", "p99", "max"] {
            header.push(format!("{what}_bytes_{statistic}"));
        }
    }
    let mut table = Table::new(header);
    for r in replicates {
        for (scheme, measured) in &r.schemes {
            for size in &measured.sizes {
                let mut row = vec![r.cell.clone(), r.number.to_string(), scheme.clone()];
                row.push(size.tenth.to_string());
                for s in [size.stamps, size.clocks] {
                    row.extend([s.count, s.total, s.p50, s.p99, s.max].map(|n| n.to_string()));
                }
                table.row(row);
            }
        }
    }
    table.finish()
}

/// `timings.csv`: nanoseconds, which differ from run to run.
#[must_use]
pub fn timings_csv(timings: &[TimingRow]) -> String {
    let mut table =
        Table::new(["cell", "replicate", "scheme", "round", "part", "operations", "nanoseconds"]);
    for row in timings {
        for (part, timing) in row.timing.iter().flatten().enumerate() {
            table.row([
                row.cell.clone(),
                row.replicate.to_string(),
                row.scheme.clone(),
                row.round.to_string(),
                part.to_string(),
                timing.operations.to_string(),
                timing.elapsed.as_nanos().to_string(),
            ]);
        }
    }
    table.finish()
}
