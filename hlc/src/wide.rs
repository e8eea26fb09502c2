//! The 96-bit form: nanoseconds and a counter of 32 bits, as in `CockroachDB`.
//!
//! Half as long again as [`Timestamp`](crate::Timestamp), it keeps physical
//! time as it was read, lasts as long as [`PhysicalTime`] does (until the year
//! 2554), and has room for four billion events in a nanosecond.

use core::fmt;

use causal_clock::wire::Reader;
use causal_clock::{DecodeError, PhysicalTime};

use crate::HybridTime;

/// A hybrid timestamp of 64 bits of nanoseconds and 32 bits of counter.
///
/// ```
/// use causal_clock::PhysicalTime;
/// use hlc::{HybridTime, WideTimestamp};
///
/// let reading = WideTimestamp::new(PhysicalTime::from_nanos(7), 0);
/// assert_eq!(reading.next(reading), Some(WideTimestamp::new(PhysicalTime::from_nanos(7), 1)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WideTimestamp {
    time: PhysicalTime,
    counter: u32,
}

impl WideTimestamp {
    /// The timestamp of this time and counter.
    #[must_use]
    pub const fn new(time: PhysicalTime, counter: u32) -> Self {
        Self { time, counter }
    }
}

impl HybridTime for WideTimestamp {
    type Bytes = [u8; 12];

    const ZERO: Self = Self::new(PhysicalTime::ZERO, 0);
    const MAX: Self = Self::new(PhysicalTime::MAX, u32::MAX);

    fn of_reading(reading: PhysicalTime) -> Option<Self> {
        Some(Self::new(reading, 0))
    }

    fn physical_time(self) -> PhysicalTime {
        self.time
    }

    fn counter(self) -> u64 {
        self.counter.into()
    }

    fn next(self, reading: Self) -> Option<Self> {
        let successor = match self.counter.checked_add(1) {
            Some(counter) => Self { counter, ..self },
            None => {
                let nanos = self.time.as_nanos().checked_add(1)?;
                Self::new(PhysicalTime::from_nanos(nanos), 0)
            }
        };
        Some(successor.max(reading))
    }

    fn last_of_unit(self) -> Self {
        Self { counter: u32::MAX, ..self }
    }

    fn to_be_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        let (time, counter) = bytes.split_at_mut(8);
        time.copy_from_slice(&self.time.as_nanos().to_be_bytes());
        counter.copy_from_slice(&self.counter.to_be_bytes());
        bytes
    }

    fn from_be_bytes(bytes: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, counter @ ..] = bytes;
        let nanos = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        Self::new(PhysicalTime::from_nanos(nanos), u32::from_be_bytes(counter))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(Self::from_be_bytes)
    }
}

/// Written `seconds.nanoseconds+counter`.
impl fmt::Display for WideTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.time, self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(nanos: u64, counter: u32) -> WideTimestamp {
        WideTimestamp::new(PhysicalTime::from_nanos(nanos), counter)
    }

    #[test]
    fn a_full_counter_carries_into_the_time() {
        assert_eq!(wide(7, u32::MAX).next(wide(3, 0)), Some(wide(8, 0)));
        assert_eq!(WideTimestamp::MAX.next(WideTimestamp::MAX), None);
        assert_eq!(wide(u64::MAX, 4).next(wide(0, 0)), Some(wide(u64::MAX, 5)));
    }

    proptest! {
        #[test]
        fn next_is_larger_than_both_and_bytes_sort(
            a in (0..u64::MAX, any::<u32>()),
            b: (u64, u32),
        ) {
            let (a, b) = (wide(a.0, a.1), wide(b.0, b.1));
            let next = a.next(b).unwrap();
            prop_assert!(next > a && next >= b);
            prop_assert_eq!(a.cmp(&b), a.to_be_bytes().cmp(&b.to_be_bytes()));
            prop_assert_eq!(WideTimestamp::from_be_bytes(a.to_be_bytes()), a);
        }
    }
}
