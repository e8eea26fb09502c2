//! Vectors, dots, stamps and clocks as text, in one form each, for logs and for
//! formats that people read.
//!
//! | value | text |
//! |---|---|
//! | a dot | `1a:3`, the id in hexadecimal |
//! | a version vector | `{1a:3,2b:7}`, ids ascending |
//! | a stamp, a clock | `1a{1a:3,2b:7}`: whose, and what is known |
//! | what is known by paths | `{0:3,0.1:7}`, paths in preorder |
//! | a path clock | `0.1+2{0:3,0.1:7}`: its path, how many it forked, what it knows |
//! | any other stamp or clock | its bytes in hexadecimal |

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use causal_clock::NodeId;

use crate::paths::{Known, PathClock, PathStamp};
use crate::{
    AkkaClock, AkkaStamp, Dot, HorizonClock, HorizonStamp, MAX_COUNTER, PrunedClock, PrunedStamp,
    PruningRule, StampDiff, TreeClock, TreeStamp, VectorClock, VectorStamp, VersionVector,
};

causal_clock::hex_by_form!(TreeStamp, TreeClock, PrunedStamp, AkkaStamp, AkkaClock);
causal_clock::hex_by_form!(HorizonStamp, HorizonClock, StampDiff);
causal_clock::hex_by_form!(where R: PruningRule => PrunedClock<R>);

/// Why a text is no value of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: expected {expected}")]
#[non_exhaustive]
pub struct ParseError {
    /// The text, its first 80 characters.
    pub text: String,
    /// What it was to be.
    pub what: &'static str,
    /// What such a text is like.
    pub expected: &'static str,
}

/// Reads a value that must write itself in the very same way: so whatever is
/// over-long, out of order or in capitals is refused, too.
fn strict<T: ToString>(
    text: &str,
    [what, expected]: [&'static str; 2],
    read: impl FnOnce() -> Option<T>,
) -> Result<T, ParseError> {
    let value = read().filter(|value| value.to_string() == text);
    value.ok_or_else(|| ParseError { text: text.chars().take(80).collect(), what, expected })
}

fn id(text: &str) -> Option<NodeId> {
    u64::from_str_radix(text, 16).ok().map(NodeId::new)
}

impl fmt::Display for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.origin, self.counter)
    }
}

impl FromStr for Dot {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        strict(text, ["dot", "an id in hexadecimal and a counter, such as `1a:3`"], || {
            let (origin, counter) = text.split_once(':')?;
            let counter = counter.parse().ok().filter(|counter| *counter <= MAX_COUNTER)?;
            Some(Self { origin: id(origin)?, counter })
        })
    }
}

/// What stands in braces, part by part.
fn parts(text: &str) -> Option<impl Iterator<Item = &str>> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    Some(inside.split(',').filter(|part| !part.is_empty()))
}

fn list(f: &mut fmt::Formatter<'_>, parts: impl Iterator<Item = impl fmt::Display>) -> fmt::Result {
    f.write_str("{")?;
    for (number, part) in parts.enumerate() {
        let between = if number == 0 { "" } else { "," };
        write!(f, "{between}{part}")?;
    }
    f.write_str("}")
}

impl fmt::Display for VersionVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, self.iter().map(|(origin, counter)| Dot { origin, counter }))
    }
}

impl FromStr for VersionVector {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        strict(text, ["version vector", "dots in braces, such as `{1a:3,2b:7}`"], || {
            let dots = parts(text)?.map(|part| part.parse::<Dot>().ok());
            let entries: Vec<_> =
                dots.map(|dot| dot.map(|d| (d.origin, d.counter))).collect::<Option<_>>()?;
            Self::from_entries(entries).ok()
        })
    }
}

/// An owner and a vector.
fn owned(text: &str) -> Option<(NodeId, VersionVector)> {
    let at = text.find('{')?;
    Some((id(&text[..at])?, text[at..].parse().ok()?))
}

const OWNED: &str = "an id in hexadecimal and a vector, such as `1a{1a:3,2b:7}`";

impl fmt::Display for VectorStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.dot().origin, self.vector())
    }
}

impl FromStr for VectorStamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        strict(text, ["stamp", OWNED], || owned(text).map(|(id, vector)| Self::of(id, vector)))
    }
}

impl fmt::Display for VectorClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id(), self.vector())
    }
}

impl FromStr for VectorClock {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        strict(text, ["clock", OWNED], || {
            owned(text).map(|(id, vector)| Self::with_past(id, vector))
        })
    }
}

/// A path of births: `0.1.4`.
struct Path<'p>(&'p [u64]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(level, number)| {
            let between = if level == 0 { "" } else { "." };
            write!(f, "{between}{number}")
        })
    }
}

fn path(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|number| number.parse().ok()).collect()
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |(path, events): (Vec<u64>, u64)| alloc::format!("{}:{events}", Path(&path));
        list(f, self.iter().map(part))
    }
}

impl FromStr for Known {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let expected = "paths and numbers in braces, such as `{0:3,0.1:7}`";
        strict(text, ["set of events by path", expected], || {
            let part = |part: &str| {
                let (own, events) = part.split_once(':')?;
                let events = events.parse().ok().filter(|n| (1..=MAX_COUNTER).contains(n))?;
                Some((path(own)?, events))
            };
            Self::from_preorder(parts(text)?.map(part).collect::<Option<Vec<_>>>()?)
        })
    }
}

impl fmt::Display for PathStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.known().fmt(f)
    }
}

impl FromStr for PathStamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse().map(|known| Self { known })
    }
}

impl fmt::Display for PathClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}{}", Path(self.path()), self.forks(), self.known())
    }
}

impl FromStr for PathClock {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let expected = "a path, forks and what is known, such as `0.1+2{0:3,0.1:7}`";
        strict(text, ["path clock", expected], || {
            let at = text.find('{')?;
            let (own, forks) = text[..at].split_once('+')?;
            Self::from_parts(path(own)?, forks.parse().ok()?, text[at..].parse().ok()?)
        })
    }
}
