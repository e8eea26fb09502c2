//! Parameter sweeps in lists of schemes: `rev:r=4..64` stands for five schemes.
//!
//! | written | values |
//! |---|---|
//! | `r=4..64` | doubling: 4, 8, 16, 32, 64 |
//! | `r=4..64x4` | each four times the one before: 4, 16, 64 |
//! | `k=1..4+1` | each one more: 1, 2, 3, 4 |
//! | `age=1s..16s` | both ends in the same unit: 1s, 2s, 4s, 8s, 16s |
//!
//! A step that passes the end stops before it: `3..10` is 3 and 6. Several
//! sweeps in one scheme give every combination, the last one changing first.

use std::num::NonZeroU64;

/// The most schemes that one text may stand for.
const MOST: usize = 256;

/// What is wrong with a sweep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// An end or a step is no whole number.
    #[error("`{0}` is no whole number: expected FROM..TO, FROM..TOxFACTOR or FROM..TO+STEP")]
    Number(String),
    /// The two ends differ in their units.
    #[error("from `{0}` to `{1}`: expected both in the same unit")]
    Units(String, String),
    /// The end is below the start.
    #[error("from {from} down to {to}: expected a larger end")]
    Empty {
        /// Where it starts.
        from: u64,
        /// Where it should end.
        to: u64,
    },
    /// The step leads nowhere.
    #[error("a step of {0} never ends: expected x2 or more from 1 or more, or +1 or more")]
    Endless(String),
    /// It is too much.
    #[error("more than {MOST} schemes: expected larger steps")]
    TooMany,
}

/// How to come from one value to the next.
#[derive(Clone, Copy, Debug)]
enum Stride {
    Times(u64),
    Plus(NonZeroU64),
}

/// The schemes that `text` stands for, without sweeps.
///
/// # Errors
/// See [`SweepError`].
pub fn expand(text: &str) -> Result<Vec<String>, SweepError> {
    let Some((name, parameters)) = text.split_once(':') else {
        return Ok(vec![text.to_owned()]);
    };
    let mut heads = vec![format!("{name}:")];
    for (number, parameter) in parameters.split(',').enumerate() {
        let values = match parameter.split_once('=') {
            Some((key, range)) if range.contains("..") => {
                values(range)?.into_iter().map(|value| format!("{key}={value}")).collect()
            }
            _ => vec![parameter.to_owned()],
        };
        if heads.len() * values.len() > MOST {
            return Err(SweepError::TooMany);
        }
        let comma = if number == 0 { "" } else { "," };
        let grown = heads
            .iter()
            .flat_map(|head| values.iter().map(move |value| format!("{head}{comma}{value}")));
        heads = grown.collect();
    }
    Ok(heads)
}

/// The values of `FROM..TO`, with a stride behind it or doubling.
fn values(range: &str) -> Result<Vec<String>, SweepError> {
    let (start, rest) = range.split_once("..").unwrap_or((range, ""));
    let (end, stride) = match rest.find(['x', '+']) {
        Some(at) => (&rest[..at], Some((&rest[at..=at], &rest[at + 1..]))),
        None => (rest, None),
    };
    let (from, unit) = quantity(start)?;
    let (to, end_unit) = quantity(end)?;
    if unit != end_unit {
        return Err(SweepError::Units(start.to_owned(), end.to_owned()));
    }
    if to < from {
        return Err(SweepError::Empty { from, to });
    }
    let endless =
        || SweepError::Endless(stride.map_or("x2".into(), |(how, by)| format!("{how}{by}")));
    let stride = match stride {
        None => Stride::Times(2),
        Some((how, by)) => {
            let by: u64 = by.parse().map_err(|_| SweepError::Number(by.to_owned()))?;
            if how == "x" {
                Stride::Times(by)
            } else {
                Stride::Plus(NonZeroU64::new(by).ok_or_else(endless)?)
            }
        }
    };
    if let Stride::Times(factor) = stride
        && (factor < 2 || from == 0)
    {
        return Err(endless());
    }
    let mut values = Vec::new();
    let mut next = Some(from);
    while let Some(value) = next.filter(|value| *value <= to) {
        if values.len() == MOST {
            return Err(SweepError::TooMany);
        }
        values.push(format!("{value}{unit}"));
        next = match stride {
            Stride::Times(factor) => value.checked_mul(factor),
            Stride::Plus(step) => value.checked_add(step.get()),
        };
    }
    Ok(values)
}

/// A whole number and the unit behind it, which may be empty.
fn quantity(text: &str) -> Result<(u64, &str), SweepError> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number = number.parse().map_err(|_| SweepError::Number(text.to_owned()))?;
    if unit.chars().all(char::is_alphabetic) {
        Ok((number, unit))
    } else {
        Err(SweepError::Number(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_stand_for_their_values() {
        for (text, schemes) in [
            ("itc", vec!["itc"]),
            ("rev:r=4", vec!["rev:r=4"]),
            ("rev:r=4..64", vec!["rev:r=4", "rev:r=8", "rev:r=16", "rev:r=32", "rev:r=64"]),
            ("rev:r=4..4", vec!["rev:r=4"]),
            ("rev:r=3..10", vec!["rev:r=3", "rev:r=6"]),
            ("rev:r=4..64x4", vec!["rev:r=4", "rev:r=16", "rev:r=64"]),
            ("a:k=0..2+1", vec!["a:k=0", "a:k=1", "a:k=2"]),
            ("a:age=5s..10s", vec!["a:age=5s", "a:age=10s"]),
            (
                "a:m=8..16,drop=oldest,k=1..2",
                vec![
                    "a:m=8,drop=oldest,k=1",
                    "a:m=8,drop=oldest,k=2",
                    "a:m=16,drop=oldest,k=1",
                    "a:m=16,drop=oldest,k=2",
                ],
            ),
        ] {
            assert_eq!(expand(text).unwrap(), schemes, "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for (range, says) in [
            ("..", "`` is no whole number"),
            ("4..", "`` is no whole number"),
            ("a..b", "`a` is no whole number"),
            ("4..8..16", "`8..16` is no whole number"),
            ("-4..8", "`-4` is no whole number"),
            ("4..8x", "`` is no whole number"),
            ("4..8+1.5", "`1.5` is no whole number"),
            ("8..4", "from 8 down to 4"),
            ("0..8", "a step of x2 never ends"),
            ("4..8x1", "a step of x1 never ends"),
            ("4..8+0", "a step of +0 never ends"),
            ("4s..8m", "from `4s` to `8m`"),
            ("1..99999999999999999999", "is no whole number"),
            ("0..18446744073709551615+1", "more than 256"),
        ] {
            let error = expand(&format!("rev:r={range}")).unwrap_err().to_string();
            assert!(error.contains(says), "{range}: {error}");
        }
        assert_eq!(expand("a:x=1..100+1,y=1..100+1"), Err(SweepError::TooMany));
    }

    #[test]
    fn the_largest_numbers_end_a_sweep() {
        assert_eq!(values("9223372036854775808..18446744073709551615").unwrap().len(), 1);
    }
}
