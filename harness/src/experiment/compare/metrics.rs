//! The numbers that one execution gives of one clock, by name. What results
//! say is a mean of these over executions, or of their differences.

use super::growth;
use super::rows::Observed;
use crate::measure::{Fate, SizeRow, Spread, VerdictRow};
use crate::show::{Better, Unit};
use crate::stats::Rate;

/// Pairs of events by how far apart they are, in units of the mean number N of
/// live participants, and by what became of the participant of the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// The name in results.
    pub name: &'static str,
    /// What it means, for titles.
    pub title: &'static str,
    /// The first lag bin, see [`LagBins`](crate::measure::LagBins).
    pub first: usize,
    /// The last one.
    pub last: usize,
    /// What became of the earlier participant.
    pub fates: &'static [Fate],
}

const LIVE: &[Fate] = &[Fate::Live];
const EVERY: &[Fate] = &Fate::ALL;

const fn live(name: &'static str, title: &'static str, first: usize, last: usize) -> Stratum {
    Stratum { name, title, first, last, fates: LIVE }
}

/// Lag below 2 N, the earlier participant lives: what most products compare.
pub const NEAR: Stratum = live("near", "lag below 2N", 0, 1);
/// Lag from 2 N to 8 N, the earlier participant lives.
pub const MID: Stratum = live("mid", "lag 2N to 8N", 2, 3);
/// Lag from 8 N to 32 N, the earlier participant lives.
pub const FAR: Stratum = live("far", "lag 8N to 32N", 4, 5);
/// Any lag below 32 N, the earlier participant lives.
pub const WITHIN: Stratum = live("within", "lag below 32N", 0, 5);
/// Every pair, whoever is gone: a property of the run's length as much as of
/// the clock. For raw comparisons with papers only.
pub const ALL_PAIRS: Stratum =
    Stratum { name: "all", title: "all pairs", first: 0, last: usize::MAX, fates: EVERY };

/// A rate of fewer judged pairs is none.
const FEWEST: u64 = 20;

impl Stratum {
    /// The rate over its pairs in one execution; `None` where there are too
    /// few to say anything.
    #[must_use]
    pub fn rate(&self, rate: Rate, rows: &[VerdictRow]) -> Option<f64> {
        let mine = || {
            rows.iter().filter(|row| {
                (self.first..=self.last).contains(&row.bin) && self.fates.contains(&row.fate)
            })
        };
        let about: u64 = mine().map(|row| rate.counts(&row.verdicts).0).sum();
        rate.over_rows(mine()).filter(|_| about >= FEWEST)
    }
}

/// How a number is found.
#[derive(Clone, Copy, Debug)]
enum Of {
    Size(fn(&Observed) -> Option<f64>),
    Rate(Rate, Stratum),
}

/// A number of one clock in one execution.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// What it is, without the stratum.
    stem: &'static str,
    of: Of,
    /// What it counts.
    pub unit: Unit,
    /// Which end is good.
    pub better: Better,
}

const fn size(stem: &'static str, unit: Unit, of: fn(&Observed) -> Option<f64>) -> Metric {
    Metric { stem, of: Of::Size(of), unit, better: Better::Less }
}

const fn rate(rate: Rate, stratum: Stratum) -> Metric {
    let better = if rate.is_good() { Better::More } else { Better::Less };
    Metric { stem: rate.as_str(), of: Of::Rate(rate, stratum), unit: Unit::Share, better }
}

/// All that tables over seeds hold, in their order.
pub const METRICS: [Metric; 30] = [
    size("stamp_bytes_mean", Unit::Bytes, stamp_bytes_mean),
    size("stamp_bytes_p50", Unit::Bytes, |o| Some(last(o)?.stamps.p50 as f64)),
    size("stamp_bytes_p99", Unit::Bytes, |o| Some(last(o)?.stamps.p99 as f64)),
    size("stamp_bytes_max", Unit::Bytes, |o| Some(last(o)?.stamps.max as f64)),
    size("stamp_growth", Unit::Factor, |o| {
        Some(mean(last(o)?.stamps) / mean(o.sizes.first()?.stamps))
    }),
    size("clock_bytes", Unit::Bytes, |o| Some(mean(last(o)?.clocks))),
    rate(Rate::FalseOrder, NEAR),
    rate(Rate::FalseOrder, MID),
    rate(Rate::FalseOrder, FAR),
    rate(Rate::FalseConcurrency, NEAR),
    rate(Rate::FalseConcurrency, MID),
    rate(Rate::FalseConcurrency, FAR),
    rate(Rate::Reversal, NEAR),
    rate(Rate::Reversal, MID),
    rate(Rate::Reversal, FAR),
    rate(Rate::Proven, NEAR),
    rate(Rate::Proven, MID),
    rate(Rate::Proven, FAR),
    rate(Rate::Reversal, WITHIN),
    rate(Rate::FalseEquality, WITHIN),
    rate(Rate::Proven, WITHIN),
    rate(Rate::WrongProof, ALL_PAIRS),
    rate(Rate::FalseOrder, ALL_PAIRS),
    rate(Rate::FalseConcurrency, ALL_PAIRS),
    rate(Rate::Proven, ALL_PAIRS),
    size("bytes_a_departure", Unit::Difference, |o| growth::a_departure(o, o.departures)),
    size("bytes_a_crash", Unit::Difference, |o| growth::a_departure(o, o.crashes)),
    size("stamp_bytes_at_100_departures", Unit::Bytes, |o| growth::bytes_at(o, 100)),
    size("stamp_bytes_at_1000_departures", Unit::Bytes, |o| growth::bytes_at(o, 1_000)),
    size("stamp_bytes_at_10000_departures", Unit::Bytes, |o| growth::bytes_at(o, 10_000)),
];

impl Metric {
    /// The name in files: `false_order_near`.
    #[must_use]
    pub fn key(&self) -> String {
        match self.of {
            Of::Size(_) => self.stem.to_owned(),
            Of::Rate(_, stratum) => format!("{}_{}", self.stem, stratum.name),
        }
    }

    /// The rate, where it is one.
    #[must_use]
    pub const fn rate(&self) -> Option<Rate> {
        match self.of {
            Of::Size(_) => None,
            Of::Rate(rate, _) => Some(rate),
        }
    }

    /// Whether it is a rate near, mid or far.
    #[must_use]
    pub fn is_by_lag(&self) -> bool {
        matches!(self.of, Of::Rate(_, stratum) if [NEAR, MID, FAR].contains(&stratum))
    }

    /// Whether it is a rate over all pairs, which follows the length of the run
    /// and is no headline.
    #[must_use]
    pub fn is_over_all_pairs(&self) -> bool {
        matches!(self.of, Of::Rate(_, stratum) if stratum == ALL_PAIRS)
    }

    /// Its value; `None` where there is none, as a rate of nothing, and where
    /// the clock did not come to the end: a part of an execution is none.
    #[must_use]
    pub fn of(&self, observed: &Observed) -> Option<f64> {
        if !observed.complete {
            return None;
        }
        match self.of {
            Of::Size(size) => size(observed),
            Of::Rate(rate, stratum) => stratum.rate(rate, &observed.verdicts),
        }
    }

    /// The place in [`METRICS`] of a rate in a stratum.
    #[must_use]
    pub fn place(rate: Rate, stratum: Stratum) -> Option<usize> {
        METRICS
            .iter()
            .position(|metric| matches!(metric.of, Of::Rate(r, s) if r == rate && s == stratum))
    }
}

/// The place of [`stamp_bytes_mean`] in [`METRICS`].
pub(super) const STAMP_BYTES_MEAN: usize = 0;
/// The place of the growth with each departure in [`METRICS`].
pub(super) const BYTES_A_DEPARTURE: usize = 25;
/// The place of the largest stamp in [`METRICS`].
pub(super) const STAMP_BYTES_MAX: usize = 3;

/// Mean encoded bytes of the stamps of the last tenth.
fn stamp_bytes_mean(observed: &Observed) -> Option<f64> {
    Some(mean(last(observed)?.stamps))
}

fn last(observed: &Observed) -> Option<&SizeRow> {
    observed.sizes.last()
}

fn mean(spread: Spread) -> f64 {
    spread.total as f64 / spread.count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_all_different_and_places_are_right() {
        let mut keys: Vec<String> = METRICS.iter().map(Metric::key).collect();
        assert_eq!(keys[STAMP_BYTES_MEAN], "stamp_bytes_mean");
        assert_eq!(keys[STAMP_BYTES_MAX], "stamp_bytes_max");
        let place = Metric::place(Rate::FalseOrder, MID).unwrap();
        assert_eq!(keys[place], "false_order_mid");
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), METRICS.len());
    }
}
