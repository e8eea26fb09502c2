//! How much of an id and of a horizon is kept.

use core::fmt;

use causal_clock::NodeId;

use crate::pruned::scramble;

/// How many bytes of an id are kept: 1 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u8", into = "u8")
)]
pub struct IdWidth(u8);

/// A number of bytes that an id cannot be cut to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bytes is no width for an id: expected 1 to 8")]
pub struct InvalidIdWidth(pub u8);

impl IdWidth {
    /// All eight bytes.
    pub const WHOLE: Self = Self(8);

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0 as usize
    }

    /// The width that three bits of a header name: one byte less.
    pub(super) const fn from_header(less_one: u8) -> Self {
        Self(less_one % 8 + 1)
    }

    const fn missing_bits(self) -> u32 {
        64 - 8 * self.0 as u32
    }

    /// So many bytes of a number that ids are scattered to evenly, or the
    /// whole id.
    pub(super) const fn cut(self, id: NodeId) -> NodeId {
        if self.0 == 8 {
            return id;
        }
        NodeId::new(scramble(id.get()) >> self.missing_bits())
    }

    /// Which of so many classes an id is in that is cut to this width. Ids are
    /// scattered over the classes evenly.
    pub(super) fn class(self, cut: NodeId, classes: usize) -> usize {
        let scattered =
            if self.0 == 8 { scramble(cut.get()) } else { cut.get() << self.missing_bits() };
        let class = (u128::from(scattered) * classes as u128) >> 64;
        // It is below the number of classes, so it always fits.
        usize::try_from(class).unwrap_or(0)
    }
}

impl TryFrom<u8> for IdWidth {
    type Error = InvalidIdWidth;

    fn try_from(bytes: u8) -> Result<Self, InvalidIdWidth> {
        if (1..=8).contains(&bytes) { Ok(Self(bytes)) } else { Err(InvalidIdWidth(bytes)) }
    }
}

impl From<IdWidth> for u8 {
    fn from(width: IdWidth) -> Self {
        width.0
    }
}

impl fmt::Display for IdWidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many bits a packed horizon takes: 1 to 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u8", into = "u8")
)]
pub struct HorizonBits(u8);

/// A number of bits that a horizon cannot be packed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} bits are none to pack a horizon into: expected 1 to 16")]
pub struct InvalidHorizonBits(pub u8);

impl HorizonBits {
    /// The width that four bits of a stamp name: one bit less.
    pub(super) const fn from_wire(less_one: u8) -> Self {
        Self(less_one % 16 + 1)
    }

    /// The number of bits.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How far behind the latest time a horizon can be, in ticks.
    #[must_use]
    pub const fn window(self) -> u64 {
        (1 << self.0) - 1
    }
}

impl Default for HorizonBits {
    /// Six bits: a window of 63 ticks.
    fn default() -> Self {
        Self(6)
    }
}

impl TryFrom<u8> for HorizonBits {
    type Error = InvalidHorizonBits;

    fn try_from(bits: u8) -> Result<Self, InvalidHorizonBits> {
        if (1..=16).contains(&bits) { Ok(Self(bits)) } else { Err(InvalidHorizonBits(bits)) }
    }
}

impl From<HorizonBits> for u8 {
    fn from(bits: HorizonBits) -> Self {
        bits.0
    }
}

impl fmt::Display for HorizonBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
