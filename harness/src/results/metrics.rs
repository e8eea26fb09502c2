//! The numbers that one execution gives of one scheme, by name. What results
//! say is always a mean of these over executions, or of their differences.

use crate::measure::{Measured, SizeRow, Spread};
use crate::stats::Rate;

/// A number of one scheme in one execution; `None` where there is none, as a
/// rate of nothing.
type Metric = fn(&Measured) -> Option<f64>;

/// All of them, in the order of tables.
pub(super) const ALL: [(&str, Metric); 12] = [
    ("stamp_bytes_mean", stamp_bytes_mean),
    ("stamp_bytes_p50", |m| Some(last(m)?.stamps.p50 as f64)),
    ("stamp_bytes_p99", |m| Some(last(m)?.stamps.p99 as f64)),
    ("stamp_bytes_max", |m| Some(last(m)?.stamps.max as f64)),
    ("stamp_growth", |m| Some(mean(last(m)?.stamps) / mean(m.sizes.first()?.stamps))),
    ("clock_bytes", |m| Some(mean(last(m)?.clocks))),
    ("false_concurrency", |m| Rate::FalseConcurrency.over(&m.verdicts)),
    ("false_order", |m| Rate::FalseOrder.over(&m.verdicts)),
    ("reversal", |m| Rate::Reversal.over(&m.verdicts)),
    ("false_equality", |m| Rate::FalseEquality.over(&m.verdicts)),
    ("proven", |m| Rate::Proven.over(&m.verdicts)),
    ("wrong_proof", |m| Rate::WrongProof.over(&m.verdicts)),
];

/// Mean encoded bytes of the stamps of the last tenth.
pub(super) fn stamp_bytes_mean(measured: &Measured) -> Option<f64> {
    Some(mean(last(measured)?.stamps))
}

/// The largest stamp of the last tenth, in encoded bytes.
pub(super) fn stamp_bytes_max(measured: &Measured) -> Option<u64> {
    Some(last(measured)?.stamps.max)
}

fn last(measured: &Measured) -> Option<&SizeRow> {
    measured.sizes.last()
}

fn mean(spread: Spread) -> f64 {
    spread.total as f64 / spread.count.max(1) as f64
}
