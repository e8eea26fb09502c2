//! Hybrid time as civil time and back, by the crate `jiff`.

use causal_clock::PhysicalTime;

use crate::HybridTime;

/// The civil time of a timestamp, without its counter. It is rounded down to a
/// nanosecond, and never before the reading that the timestamp was taken at.
///
/// ```
/// use causal_clock::PhysicalTime;
/// use hlc::{Timestamp, civil};
///
/// let timestamp = Timestamp::of_reading(PhysicalTime::from_secs(1_780_000_000)).unwrap();
/// assert_eq!(civil::to_civil(timestamp).to_string(), "2026-05-28T20:26:40Z");
/// ```
#[must_use]
pub fn to_civil<T: HybridTime>(timestamp: T) -> jiff::Timestamp {
    // 64 bits of nanoseconds end in the year 2554, which jiff has room for.
    jiff::Timestamp::from_nanosecond(timestamp.physical_time().as_nanos().into())
        .unwrap_or(jiff::Timestamp::MAX)
}

/// The first timestamp that is not before a civil time, for example to cut a
/// snapshot at it. `None` before 1970, and where the form of timestamps has
/// ended (for 64 bits in 2106).
///
/// ```
/// use hlc::{HybridTime, Timestamp, civil};
///
/// let noon = "2026-05-28T12:00:00Z".parse()?;
/// let cut: Timestamp = civil::of_civil(noon).unwrap();
/// assert_eq!(civil::to_civil(cut), noon);
/// assert!(civil::of_civil::<Timestamp>("1969-12-31T23:59:59Z".parse()?).is_none());
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn of_civil<T: HybridTime>(time: jiff::Timestamp) -> Option<T> {
    let nanos = u64::try_from(time.as_nanosecond()).ok()?;
    T::of_reading(PhysicalTime::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, WideTimestamp};
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn the_ends_of_time_are_civil() {
        assert_eq!(to_civil(Timestamp::MAX).to_string(), "2106-02-07T06:28:15.999984741Z");
        assert!(to_civil(WideTimestamp::MAX).to_string().starts_with("2554-07-21T"));
        assert_eq!(of_civil::<Timestamp>(jiff::Timestamp::MAX), None);
        assert_eq!(of_civil::<WideTimestamp>(jiff::Timestamp::MAX), None);
    }

    proptest! {
        #[test]
        fn civil_time_comes_back(bits: u64) {
            let timestamp = Timestamp::from_parts(bits >> 16, 0).unwrap();
            prop_assert_eq!(of_civil(to_civil(timestamp)), Some(timestamp));
        }
    }
}
