//! Stamps as text that sorts as they do: `TIMESTAMP-NODE`, each the
//! hexadecimal digits of its bytes.
//!
//! For keys and logs. [`Display`](core::fmt::Display) of a bare timestamp is
//! for people, and does not sort.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use causal_clock::NodeId;
use causal_clock::hex_form::Lower;

use crate::{
    HybridLogicalClock, HybridStamp, HybridTime, HybridVectorClock, HybridVectorStamp,
    PhysicalClock, PhysicalStamp, ReplayClock, ReplayStamp, hex,
};

// The others do not sort by their text: it is their bytes in hexadecimal.
causal_clock::hex_by_form!(where T: HybridTime => HybridLogicalClock<T>);
causal_clock::hex_by_form!(HybridVectorStamp, HybridVectorClock, PhysicalStamp, PhysicalClock);
causal_clock::hex_by_form!(ReplayStamp, ReplayClock);

/// ```
/// use causal_clock::{NodeId, PhysicalTime};
/// use hlc::{HybridStamp, Timestamp};
///
/// let second = Timestamp::of_reading(PhysicalTime::from_secs(1)).unwrap();
/// let stamp = HybridStamp::new(second, NodeId::new(7));
/// assert_eq!(stamp.to_string(), "0000000100000000-0000000000000007");
/// assert_eq!(stamp.to_string().parse(), Ok(stamp));
/// ```
impl<T: HybridTime> fmt::Display for HybridStamp<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = self.timestamp().to_be_bytes();
        write!(f, "{}-{:016x}", Lower(timestamp.as_ref()), self.node().get())
    }
}

/// Why a text is no stamp.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no stamp: expected {digits} digits of 0-9a-f, `-`, and 16 digits of the node id"
)]
pub struct ParseStampError {
    /// The text, its first 80 characters.
    pub text: String,
    /// How many digits such a timestamp has.
    pub digits: usize,
}

/// Reads only what [`Display`](fmt::Display) writes: no capitals, no other
/// widths.
impl<T: HybridTime> FromStr for HybridStamp<T> {
    type Err = ParseStampError;

    fn from_str(text: &str) -> Result<Self, ParseStampError> {
        let parts = || {
            let (timestamp, node) = text.split_once('-')?;
            let mut id = [0; 8];
            hex::parse(node, &mut id)?;
            let node = NodeId::new(u64::from_be_bytes(id));
            Some(Self::new(hex::parse_time(timestamp)?, node))
        };
        parts().ok_or_else(|| ParseStampError {
            text: text.chars().take(80).collect(),
            digits: 2 * size_of::<T::Bytes>(),
        })
    }
}
