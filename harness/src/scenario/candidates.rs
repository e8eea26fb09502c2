//! How many participants there are to choose from.

use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Of how many participants one is chosen; written as a number or as `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Candidates {
    /// Of so many, or of fewer where there are no more.
    UpTo(NonZeroU32),
    /// Of everyone.
    All,
}

impl Candidates {
    /// No choice.
    pub const ONE: Self = Self::UpTo(NonZeroU32::MIN);

    const EXPECTED: &str = "a number from 1, or \"all\"";
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UpTo(count) => count.fmt(f),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for Candidates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text
                .parse()
                .map(Self::UpTo)
                .map_err(|_| format!("`{text}`: expected {}", Self::EXPECTED)),
        }
    }
}

impl Serialize for Candidates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::UpTo(count) => serializer.serialize_u32(count.get()),
            Self::All => serializer.serialize_str("all"),
        }
    }
}

impl<'de> Deserialize<'de> for Candidates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAll;
        impl Visitor<'_> for NumberOrAll {
            type Value = Candidates;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Candidates::EXPECTED)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Candidates, E> {
                let count = u32::try_from(number).ok().and_then(NonZeroU32::new);
                count
                    .map(Candidates::UpTo)
                    .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Candidates, E> {
                let unsigned = u64::try_from(number)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))?;
                self.visit_u64(unsigned)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Candidates, E> {
                match text {
                    "all" => Ok(Candidates::All),
                    _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(NumberOrAll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn a_number_or_all() {
        let read = |value: &str| {
            let text = format!("name = 'x'\n[population]\nfork_best_of = {value}");
            Scenario::parse(&text, "x.toml")
        };
        for (text, value) in [("1", "1"), ("8", "8"), ("'all'", "all")] {
            let scenario = read(text).unwrap();
            assert_eq!(scenario.population.fork_best_of.to_string(), value);
            assert_eq!(value.parse(), Ok(scenario.population.fork_best_of));
            let written = toml::to_string(&scenario).unwrap();
            assert_eq!(Scenario::parse(&written, "x.toml").unwrap(), scenario);
        }
        for wrong in ["0", "-1", "'some'", "1.5"] {
            let error = read(wrong).unwrap_err();
            assert_eq!(error.line, 3);
            assert!(error.problem.contains("a number from 1, or \"all\""), "{error}");
        }
        assert!("0".parse::<Candidates>().unwrap_err().contains("expected a number"));
    }
}
