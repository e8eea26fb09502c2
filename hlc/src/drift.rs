//! How far ahead of the own physical clock a stamp may be.
//!
//! One node whose clock is a year ahead would drag every clock it talks to
//! along. Section 5 of the paper ("self-stabilization") has a node ignore a
//! message that would push `l − pt` past a bound that is well over the
//! synchronisation error of the clocks; 500 ms is common in deployed systems. A
//! stamp from the past is no offence, however old.

use alloc::vec::Vec;
use core::time::Duration;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, PhysicalTime};

use crate::{HlcError, HybridTime};

/// The largest accepted `l − pt`, or none.
///
/// On the wire: `00` for none, or `01` and a varint of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DriftBound(Option<u64>);

impl DriftBound {
    pub(crate) const NONE: Self = Self(None);

    /// A bound of `limit`; anything over 584 years is 584 years.
    pub(crate) fn of(limit: Duration) -> Self {
        Self(Some(u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX)))
    }

    pub(crate) fn get(self) -> Option<Duration> {
        self.0.map(Duration::from_nanos)
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0.is_none()
    }

    /// Whether a clock that reads `reading` accepts `timestamp`.
    ///
    /// The limit is rounded up to a timestamp's unit as the sender's reading
    /// was, so that a reading within the bound is never refused for rounding.
    ///
    /// Only for stamps that are ahead of the reading at all: hence out of line.
    #[inline(never)]
    pub(crate) fn check<T: HybridTime>(
        self,
        timestamp: T,
        reading: PhysicalTime,
    ) -> Result<(), HlcError> {
        let Some(bound_nanos) = self.0 else { return Ok(()) };
        let last = PhysicalTime::from_nanos(reading.as_nanos().saturating_add(bound_nanos));
        match T::of_reading(last) {
            Some(limit) if timestamp > limit.last_of_unit() => {
                let ahead_nanos =
                    timestamp.physical_time().as_nanos().saturating_sub(reading.as_nanos());
                Err(HlcError::TooFarAhead { ahead_nanos, bound_nanos })
            }
            // Past the last timestamp's time, everything is within the bound.
            _ => Ok(()),
        }
    }

    pub(crate) fn encode(self, out: &mut Vec<u8>) {
        match self.0 {
            None => out.push(0),
            Some(nanos) => {
                out.push(1);
                put_varint(out, nanos);
            }
        }
    }

    pub(crate) fn encoded_len(self) -> usize {
        1 + self.0.map_or(0, varint_len)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        match reader.byte()? {
            0 => Ok(Self::NONE),
            1 => Ok(Self(Some(reader.varint()?))),
            _ => Err(DecodeError::Invalid { at, expected: "00 (no drift bound) or 01 (a bound)" }),
        }
    }
}
