//! The raw counts in less room, for results that are to be published: one row
//! a (cell, replicate, scheme), with counts by lag bin as lists of integers.
//! Every rate and interval follows from it; what is given up is which pairs
//! were of one node, and sizes in the middle of executions.

use crate::measure::{Status, VerdictRow};
use crate::run::Replicate;
use crate::stats::Rate;

/// `raw/bins.csv`: how many pairs each lag bin of each execution holds, and how
/// many of those judged are truly ordered. The rest of them are concurrent.
#[must_use]
pub fn bins_csv(replicates: &[Replicate]) -> String {
    let header = ["cell", "replicate", "bin", "lag_from", "lag_to", "pairs", "judged", "ordered"];
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(header);
    for r in replicates {
        let complete = r.schemes.iter().find(|(_, m)| m.status == Status::Complete);
        let rows = complete.map_or(&[][..], |(_, m)| m.verdicts.as_slice());
        for bin in rows.chunk_by(|a, b| a.bin == b.bin) {
            let (first, ordered) = (bin[0], about(Rate::FalseConcurrency, bin));
            let numbers = [
                first.bin as u64,
                first.lag_from.into(),
                first.lag_to.into(),
                first.bin_pairs,
                first.bin_judged,
                ordered,
            ];
            let mut row = vec![r.cell.clone(), r.number.to_string()];
            row.extend(numbers.map(|n| n.to_string()));
            let _ = writer.write_record(row);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// `raw/schemes.csv`: how each scheme came through each execution, what its
/// stamps took, and its counts by lag bin: as many numbers as there are bins,
/// with a space between; `0` alone where all are 0.
#[must_use]
pub fn schemes_csv(replicates: &[Replicate]) -> String {
    let mut header: Vec<&str> = vec!["cell", "replicate", "scheme", "status", "refused"];
    header.extend(["first_stamps", "first_bytes", "last_stamps", "last_bytes"]);
    header.extend(["last_p50", "last_p99", "last_max", "clocks", "clock_bytes"]);
    header.extend(Rate::ALL.map(Rate::as_str));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let _ = writer.write_record(header);
    for r in replicates {
        for (scheme, m) in &r.schemes {
            let status = match &m.status {
                Status::Complete => "complete".to_owned(),
                Status::Stopped(why) => format!("stopped: {why}"),
            };
            let first = m.sizes.first().map(|s| s.stamps).unwrap_or_default();
            let (last, clocks) = m.sizes.last().map(|s| (s.stamps, s.clocks)).unwrap_or_default();
            let numbers = [
                m.usage.refused_merges + m.usage.refused_joins,
                first.count,
                first.total,
                last.count,
                last.total,
                last.p50,
                last.p99,
                last.max,
                clocks.count,
                clocks.total,
            ];
            let mut row = vec![r.cell.clone(), r.number.to_string(), scheme.clone(), status];
            row.extend(numbers.map(|n| n.to_string()));
            row.extend(Rate::ALL.map(|rate| list(rate, &m.verdicts)));
            let _ = writer.write_record(row);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn about(rate: Rate, rows: &[VerdictRow]) -> u64 {
    rows.iter().map(|row| rate.counts(&row.verdicts).0).sum()
}

fn list(rate: Rate, rows: &[VerdictRow]) -> String {
    let counts: Vec<u64> = rows
        .chunk_by(|a, b| a.bin == b.bin)
        .map(|bin| bin.iter().map(|row| rate.counts(&row.verdicts).1).sum())
        .collect();
    if counts.iter().all(|n| *n == 0) {
        return "0".into();
    }
    counts.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}

/// The rows by ε-causality without the strata of nodes, and of lags where every
/// pair was judged. `same_node` and `source_alive` are then 0 throughout.
#[must_use]
pub fn compact(mut replicates: Vec<Replicate>) -> Vec<Replicate> {
    for replicate in &mut replicates {
        let whole = replicate.exhaustive;
        for (_, measured) in &mut replicate.schemes {
            measured.epsilon_verdicts = merged(&measured.epsilon_verdicts, whole);
        }
    }
    replicates
}

fn merged(rows: &[VerdictRow], whole: bool) -> Vec<VerdictRow> {
    let mut merged: Vec<VerdictRow> = Vec::new();
    for row in rows {
        let row = VerdictRow { same_node: false, source_alive: false, ..*row };
        match merged.last_mut() {
            Some(last) if last.bin == row.bin => last.verdicts.extend(&row.verdicts),
            Some(last) if whole => {
                last.verdicts.extend(&row.verdicts);
                last.bin = row.bin;
                last.lag_to = row.lag_to;
                last.bin_pairs += row.bin_pairs;
                last.bin_judged += row.bin_judged;
            }
            _ => merged.push(row),
        }
    }
    if let (true, Some(last)) = (whole, merged.last_mut()) {
        last.bin = 0;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Cell;
    use crate::registry::Registry;
    use crate::run::{Options, run};
    use crate::scenario::Scenario;

    #[test]
    fn rates_follow_from_the_rows() {
        let text = "name = \"c\"\nevents = 1000";
        let cell = Cell::of(Scenario::parse(text, "c").unwrap());
        let schemes = Registry::builtin().schemes("rev:r=4").unwrap();
        let replicates = run(&[(cell, 1)], &schemes, &Options::default(), &|| ());
        let numbers = |csv: &str, column: &str| -> Vec<Vec<u64>> {
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            let at = reader.headers().unwrap().iter().position(|h| h == column).unwrap();
            let records = reader.records().map(|r| r.unwrap()[at].to_owned());
            records.map(|r| r.split(' ').map(|n| n.parse().unwrap()).collect()).collect()
        };
        let sum = |rows: Vec<Vec<u64>>| rows.concat().into_iter().sum::<u64>();
        let (bins, rows) = (bins_csv(&replicates), schemes_csv(&replicates));
        // Every pair is judged, so that weights do not matter.
        assert_eq!(sum(numbers(&bins, "judged")), 1_000 * 999 / 2);
        let concurrent = sum(numbers(&bins, "judged")) - sum(numbers(&bins, "ordered"));
        let rate = sum(numbers(&rows, "false_order")) as f64 / concurrent as f64;
        let expected = Rate::FalseOrder.over(&replicates[0].schemes[0].1.verdicts).unwrap();
        assert!((rate - expected).abs() < 1e-12 && rate > 0.0, "{rate} {expected}");
        assert_eq!(sum(numbers(&rows, "false_concurrency")), 0);
    }
}
