//! All that a clock may ask of the world: the time, and a fresh id.
//!
//! A clock gets both as arguments, never from globals, so that an execution
//! can be replayed, skewed clocks can be simulated, and it can be counted how
//! much a scheme leans on either.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// The reading of one participant's physical clock: nanoseconds since the Unix
/// epoch, which in 64 bits lasts until the year 2554.
///
/// It is a *reading*: clocks are skewed, drift, and may step back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct PhysicalTime(u64);

impl PhysicalTime {
    /// The Unix epoch.
    pub const ZERO: Self = Self(0);
    /// The last representable time.
    pub const MAX: Self = Self(u64::MAX);

    /// A time of `nanos` nanoseconds since the epoch.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A time of `seconds` since the epoch; the last representable time where
    /// that would be later still.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time `after` this one, stopping at the last representable time.
    #[must_use]
    pub fn saturating_add(self, after: Duration) -> Self {
        Self(self.0.saturating_add(nanos(after)))
    }

    /// The time `before` this one, stopping at the epoch.
    #[must_use]
    pub fn saturating_sub(self, before: Duration) -> Self {
        Self(self.0.saturating_sub(nanos(before)))
    }

    /// How long after `earlier` this is; zero where it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl fmt::Display for PhysicalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}s", self.0 / 1_000_000_000, self.0 % 1_000_000_000)
    }
}

/// The name of a participant, unique as far as the [`Environment`] that gave
/// it keeps its word. 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u64);

impl NodeId {
    /// The id with this number.
    #[must_use]
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The id's number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// In hexadecimal.
impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// Why a text is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no id: expected 1 to 16 digits of 0-9a-f, the first of them not 0")]
pub struct ParseNodeIdError {
    /// The text, its first 80 characters.
    pub text: String,
}

/// Reads only what [`Display`](fmt::Display) writes.
impl FromStr for NodeId {
    type Err = ParseNodeIdError;

    fn from_str(text: &str) -> Result<Self, ParseNodeIdError> {
        let id = u64::from_str_radix(text, 16).ok().map(Self);
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| ParseNodeIdError { text: text.chars().take(80).collect() })
    }
}

/// As text in formats that people read, where readers may lose digits of numbers
/// beyond 2⁵³; as a number elsewhere.
#[cfg(feature = "serde")]
impl serde::Serialize for NodeId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_u64(self.0) }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for NodeId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = String::deserialize(from)?;
            return text.parse().map_err(serde::de::Error::custom);
        }
        u64::deserialize(from).map(Self)
    }
}

/// What one participant's clock may ask of its surroundings.
///
/// Logical clocks never call [`now`](Self::now), and interval tree clocks
/// never call [`fresh_id`](Self::fresh_id).
pub trait Environment {
    /// What the participant's physical clock reads at this moment.
    fn now(&mut self) -> PhysicalTime;

    /// An id that no participant has had before and none will have again.
    fn fresh_id(&mut self) -> NodeId;
}

impl<E: Environment + ?Sized> Environment for &mut E {
    fn now(&mut self) -> PhysicalTime {
        (**self).now()
    }

    fn fresh_id(&mut self) -> NodeId {
        (**self).fresh_id()
    }
}

/// An environment set by hand, for tests and examples: the time is what it was
/// last set to, ids count up from one.
///
/// ```
/// use causal_clock::{Environment, ManualEnvironment, NodeId, PhysicalTime};
///
/// let mut env = ManualEnvironment::default();
/// env.set_now(PhysicalTime::from_secs(7));
/// assert_eq!(env.now(), PhysicalTime::from_secs(7));
/// assert_eq!(env.fresh_id(), NodeId::new(1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualEnvironment {
    now: PhysicalTime,
    ids: u64,
}

impl ManualEnvironment {
    /// Sets what the physical clock reads from now on.
    pub const fn set_now(&mut self, now: PhysicalTime) {
        self.now = now;
    }
}

impl Environment for ManualEnvironment {
    fn now(&mut self) -> PhysicalTime {
        self.now
    }

    fn fresh_id(&mut self) -> NodeId {
        self.ids = self.ids.wrapping_add(1);
        NodeId::new(self.ids)
    }
}

/// The operating system: its real-time clock, and ids of 64 random bits.
///
/// Among a million ids, two are the same with a probability of about 3·10⁻⁸.
/// Where that is too much, write an environment that draws ids from a
/// coordinator.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEnvironment;

#[cfg(feature = "std")]
impl Environment for SystemEnvironment {
    /// The system's time; the epoch where the system's clock is set before it.
    fn now(&mut self) -> PhysicalTime {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        PhysicalTime::ZERO.saturating_add(since_epoch)
    }

    /// # Panics
    /// When the operating system has no randomness to give: an id that is
    /// not unique would corrupt every clock that trusts it.
    #[expect(clippy::expect_used, reason = "documented above; there is no honest fallback")]
    fn fresh_id(&mut self) -> NodeId {
        NodeId::new(getrandom::u64().expect("the operating system's random source failed"))
    }
}
