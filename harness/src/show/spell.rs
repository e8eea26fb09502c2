//! How numbers are spelled for people.

use super::table::{Unit, Value};
use crate::stats::Estimate;

/// A value as people read it in a column of this unit.
#[must_use]
pub fn value(value: &Value, unit: Unit) -> String {
    match value {
        Value::Missing => "–".into(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) => plain(*number as f64, unit),
        Value::Number(number) => plain(*number, unit),
        Value::Promised(estimate) if estimate.mean == 0.0 => "0".into(),
        Value::Estimate(estimate) | Value::Promised(estimate) => interval(*estimate, unit),
    }
}

fn plain(number: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => percent(number),
        Unit::Points => format!("{:+.2}", number * 100.0),
        Unit::Difference => format!("{number:+.2}"),
        Unit::Factor => format!("×{number:.2}"),
        Unit::Nanoseconds => duration(number),
        Unit::Text | Unit::Count | Unit::Bytes => digits(number),
    }
}

/// A mean with half its interval. What was never seen and is not promised
/// reads `0*`; a difference whose interval holds zero has a `~`.
fn interval(estimate: Estimate, unit: Unit) -> String {
    let Estimate { mean, half_width, .. } = estimate;
    let half = half_width.filter(|half| *half > 0.0);
    match unit {
        Unit::Points | Unit::Difference => {
            let scale = if unit == Unit::Points { 100.0 } else { 1.0 };
            match half_width {
                Some(half) if mean == 0.0 && half == 0.0 => "0".into(),
                Some(half) => {
                    let unsure = if mean.abs() <= half { "~" } else { "" };
                    format!("{unsure}{:+.2} ±{:.2}", mean * scale, half * scale)
                }
                None => format!("{:+.2}", mean * scale),
            }
        }
        Unit::Share if mean == 0.0 => "0*".into(),
        Unit::Share => half.map_or_else(
            || percent(mean),
            |half| {
                format!("{} ±{}", percent(mean).trim_end_matches(" %"), rounded(half * 100.0))
                    + " %"
            },
        ),
        _ => half.map_or_else(
            || plain(mean, unit),
            |half| match unit {
                Unit::Nanoseconds => format!("{} ± {}", duration(mean), duration(half)),
                Unit::Factor => format!("×{mean:.2} ±{half:.2}"),
                _ => format!("{} ±{}", digits(mean), rounded(half)),
            },
        ),
    }
}

/// A share in per cent. A share that is not whole never reads as 0 or 100 %.
#[must_use]
pub fn percent(share: f64) -> String {
    if share == 1.0 {
        return "100 %".into();
    }
    if share > 0.9999 && share < 1.0 {
        return ">99.99 %".into();
    }
    if share > 0.999 && share < 1.0 {
        // Rounded down: three digits would make it whole.
        return format!("{:.2} %", (share * 10_000.0).floor() / 100.0);
    }
    format!("{} %", digits(share * 100.0))
}

/// A number to three significant digits, no fewer before the point, and no
/// needless ones behind it.
#[must_use]
pub fn digits(value: f64) -> String {
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
#[must_use]
pub fn rounded(value: f64) -> String {
    let scale = 10_f64.powf(value.abs().log10().floor() - 1.0);
    // Below a thousandth the scientific form is short already.
    if value < 1e-3 { format!("{value:.1e}") } else { digits((value / scale).round() * scale) }
}

/// Nanoseconds in the unit in which people would say them.
#[must_use]
pub fn duration(nanos: f64) -> String {
    let units =
        [(86_400e9, "d"), (3_600e9, "h"), (60e9, "min"), (1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| nanos.abs() >= *unit).unwrap_or((1.0, "ns"));
    format!("{} {name}", digits(nanos / unit))
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
            (99.95, "100"),
            (12.34, "12.3"),
            (1.2, "1.2"),
            (0.01234, "0.0123"),
            (0.000_012, "1.2e-5"),
        ] {
            assert_eq!(digits(value), text, "{value}");
        }
        for (nanos, text) in [(0.0, "0 ns"), (2.5e7, "25 ms"), (86_400e9 * 365.0, "365 d")] {
            assert_eq!(duration(nanos), text);
        }
    }

    #[test]
    fn a_share_that_is_not_whole_never_reads_as_whole() {
        for (share, text) in [
            (1.0, "100 %"),
            (0.99995, ">99.99 %"),
            (0.9995, "99.95 %"),
            (0.5, "50 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn intervals_and_what_was_not_seen() {
        let estimate = |mean, half| Estimate { seeds: 30, mean, half_width: Some(half) };
        for (value, unit, text) in [
            (Value::Estimate(estimate(0.182, 0.007)), Unit::Share, "18.2 ±0.7 %"),
            (Value::Estimate(estimate(0.0, 0.0)), Unit::Share, "0*"),
            (Value::Promised(estimate(0.0, 0.0)), Unit::Share, "0"),
            (Value::Estimate(estimate(-0.01, 0.02)), Unit::Points, "~-1.00 ±2.00"),
            (Value::Estimate(estimate(2.0, 0.5)), Unit::Difference, "+2.00 ±0.50"),
            (Value::Estimate(estimate(92.04, 1.26)), Unit::Bytes, "92 ±1.3"),
            (Value::Missing, Unit::Bytes, "–"),
        ] {
            assert_eq!(super::value(&value, unit), text);
        }
    }
}
