//! Durations as people write them in parameters and scenarios: `500ms`, `20s`,
//! `1d`.
//!
//! One number and one unit of `ns`, `us`, `ms`, `s`, `m`, `h`, `d`. With the
//! feature `serde`, `#[serde(with = "causal_clock::duration")]` reads and
//! writes a field this way.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDurationError {
    /// It is not a number followed by a unit.
    #[error("`{0}` is no duration: expected a number and a unit, such as `500ms`, `20s` or `1d`")]
    Malformed(String),
    /// It is longer than 2⁶⁴ nanoseconds, about 584 years.
    #[error("`{0}` is too long a duration: at most 584 years can be counted in nanoseconds")]
    TooLong(String),
}

/// Reads a duration such as `1.5s`. A fraction finer than a nanosecond is
/// dropped.
///
/// # Errors
/// See [`ParseDurationError`].
///
/// ```
/// use std::time::Duration;
/// assert_eq!(causal_clock::duration::parse("20ms"), Ok(Duration::from_millis(20)));
/// assert_eq!(causal_clock::duration::parse("1.5s"), Ok(Duration::from_millis(1500)));
/// assert!(causal_clock::duration::parse("-3s").is_err());
/// ```
pub fn parse(text: &str) -> Result<Duration, ParseDurationError> {
    let malformed = || ParseDurationError::Malformed(text.into());
    let too_long = || ParseDurationError::TooLong(text.into());
    let digits_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(malformed)?;
    let (number, unit) = text.split_at(digits_end);
    let &(_, scale) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(malformed)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(malformed());
    }
    let mut nanos =
        whole.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)).ok_or_else(too_long)?;
    let mut place = scale;
    for digit in fraction.bytes() {
        place /= 10;
        nanos = nanos
            .checked_add(u64::from(digit - b'0').saturating_mul(place))
            .ok_or_else(too_long)?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Writes a duration in the largest unit that divides it, so that
/// [`parse`] reads it back.
///
/// # Panics
/// Never; a duration over 584 years is written as 584 years and some.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(causal_clock::duration::format(Duration::from_secs(120)), "2m");
/// assert_eq!(causal_clock::duration::format(Duration::from_micros(1500)), "1500us");
/// ```
#[must_use]
pub fn format(duration: Duration) -> String {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if nanos == 0 {
        return "0s".into();
    }
    let (unit, scale) =
        UNITS.into_iter().find(|(_, scale)| nanos.is_multiple_of(*scale)).unwrap_or(("ns", 1));
    format!("{}{unit}", nanos / scale)
}

/// Writes a duration as text, for `#[serde(with = …)]`.
///
/// # Errors
/// Those of the serializer.
#[cfg(feature = "serde")]
pub fn serialize<S: serde::Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format(*duration))
}

/// Reads a duration from text, for `#[serde(with = …)]`.
///
/// # Errors
/// Where the text is no duration, or there is no text.
#[cfg(feature = "serde")]
pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text: String = serde::Deserialize::deserialize(from)?;
    parse(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn reads_what_it_writes() {
        for nanos in [0, 1, 999, 1_000, 1_500_000, 20_000_000_000, 86_400_000_000_000, u64::MAX] {
            let duration = Duration::from_nanos(nanos);
            assert_eq!(parse(&format(duration)), Ok(duration), "{nanos} ns");
        }
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["", "5", "s", "-1s", "1 s", "1.s", ".5s", "1.2.3s", "1w", "s1"] {
            assert_eq!(parse(text), Err(ParseDurationError::Malformed(text.to_string())));
        }
        assert_eq!(parse("999999d"), Err(ParseDurationError::TooLong("999999d".to_string())));
    }
}
