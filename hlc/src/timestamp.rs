//! A hybrid timestamp packed into 64 bits, and the one step that all hybrid
//! logical clocks are made of.
//!
//! The state of a hybrid logical clock is a pair `(l, c)`: the largest
//! physical time heard of, and a counter for the events that share it (Kulkarni,
//! Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks", OPODIS 2014,
//! figure 5). Section 6 of the paper packs the pair into the 64 bits of an NTP
//! timestamp, `l` in the upper 48 and `c` in the lower 16, so that comparing
//! the words compares the pairs. Here the number of counter bits is a
//! parameter of the type.
//!
//! Packed, the paper's case analysis collapses. A local event is
//!
//! ```text
//! next = max(latest + 1, reading)
//! ```
//!
//! where `reading` has a counter of zero; a receipt first takes the maximum of
//! both timestamps. And what to do when the counter is full follows by itself:
//! `latest + 1` **carries into the time**. The timestamp then runs ahead of
//! the physical clock by one unit (15 µs) for each 65,536 events within a
//! unit; it never goes back and is never given twice.

use core::fmt;

use causal_clock::wire::Reader;
use causal_clock::{DecodeError, PhysicalTime};

use crate::HybridTime;

/// A hybrid timestamp: time since the Unix epoch as a fixed-point number of 32
/// bits of seconds and 32 bits of fraction, whose lowest `COUNTER_BITS` bits
/// hold the counter instead.
///
/// The order of timestamps is the lexicographic order of `(time, counter)`.
/// The time ends with 32 bits of seconds, **on 7 February 2106**: readings
/// past that are refused, never wrapped.
///
/// `COUNTER_BITS` is from 3 to 32. With fewer, the unit of time would be
/// shorter than the nanosecond of a [`PhysicalTime`]; with 32, it is a second.
/// The paper's form is [`Timestamp`].
///
/// ```
/// use causal_clock::PhysicalTime;
/// use hlc::Timestamp;
///
/// let noon = Timestamp::of_reading(PhysicalTime::from_secs(43_200)).unwrap();
/// let next = noon.next(noon).unwrap();
/// assert_eq!((next.time(), next.counter()), (noon.time(), 1));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackedTimestamp<const COUNTER_BITS: u32>(u64);

/// The form of the paper: 48 bits of time in units of 2⁻¹⁶ s (15.26 µs) and 16
/// bits of counter.
pub type Timestamp = PackedTimestamp<16>;

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// 2⁹³ / 10⁹, rounded down: 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "2⁹³ / 10⁹ < 2⁶⁴")]
const RECIPROCAL: u64 = ((1_u128 << 93) / NANOS_PER_SEC as u128) as u64;

impl<const COUNTER_BITS: u32> PackedTimestamp<COUNTER_BITS> {
    const VALID: () = assert!(
        COUNTER_BITS >= 3 && COUNTER_BITS <= 32,
        "a packed timestamp has from 3 to 32 counter bits"
    );
    const COUNTER_MASK: u64 = {
        let () = Self::VALID;
        (1 << COUNTER_BITS) - 1
    };

    /// The last reading, in nanoseconds, that rounds up to a timestamp.
    #[expect(clippy::cast_possible_truncation, reason = "2³² s are less than 2⁶² ns")]
    const LAST_READING: u64 = {
        let last_unit = (u64::MAX >> COUNTER_BITS) as u128;
        ((last_unit * NANOS_PER_SEC as u128) >> (32 - COUNTER_BITS)) as u64
    };

    /// The first timestamp: that of a clock that has seen nothing.
    pub const ZERO: Self = Self(0);
    /// The last timestamp.
    pub const MAX: Self = Self(u64::MAX);

    /// The timestamp of this packed word.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The packed word.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The timestamp of `time`, in units of 2^−(32 − `COUNTER_BITS`) seconds,
    /// and `counter`. `None` where either does not fit its bits.
    #[must_use]
    pub const fn from_parts(time: u64, counter: u64) -> Option<Self> {
        if counter > Self::COUNTER_MASK || time > u64::MAX >> COUNTER_BITS {
            return None;
        }
        Some(Self(time << COUNTER_BITS | counter))
    }

    /// The paper's `l`: time since the epoch in units of
    /// 2^−(32 − `COUNTER_BITS`) seconds.
    #[must_use]
    pub const fn time(self) -> u64 {
        let () = Self::VALID;
        self.0 >> COUNTER_BITS
    }

    /// The paper's `c`: how many events before this one share its time.
    #[must_use]
    pub const fn counter(self) -> u64 {
        self.0 & Self::COUNTER_MASK
    }

    /// The earliest timestamp that is not before `reading`, its counter zero.
    /// `None` for a reading past the last timestamp's time (February 2106).
    ///
    /// The reading is rounded *up* to a unit. Rounded down, a timestamp's time
    /// could be before the reading that it was taken at, which breaks the
    /// paper's theorem 2.
    #[inline]
    #[must_use]
    pub const fn of_reading(reading: PhysicalTime) -> Option<Self> {
        let nanos = reading.as_nanos();
        if nanos > Self::LAST_READING {
            return None;
        }
        // Exact division by 10⁹ without a division, which would take longer
        // than all the rest of the clock: the product with a reciprocal rounded
        // down is the quotient or one less, and the remainder says which.
        let product = nanos as u128 * RECIPROCAL as u128;
        let low = (product >> 64) as u64 >> (COUNTER_BITS - 3);
        let rest = (nanos << (32 - COUNTER_BITS)).wrapping_sub(low.wrapping_mul(NANOS_PER_SEC));
        let units = low + (rest > 0) as u64 + (rest > NANOS_PER_SEC) as u64;
        Some(Self(units << COUNTER_BITS))
    }

    /// The time without the counter, rounded down to a nanosecond. It is not
    /// before any reading that [`of_reading`](Self::of_reading) rounds up to
    /// it, and that function gives the same time back.
    #[must_use]
    pub const fn physical_time(self) -> PhysicalTime {
        let fixed = self.0 & !Self::COUNTER_MASK;
        let fraction = ((fixed & u32::MAX as u64) * NANOS_PER_SEC) >> 32;
        PhysicalTime::from_nanos((fixed >> 32) * NANOS_PER_SEC + fraction)
    }

    /// The timestamp of an event that comes after this one, at a clock that
    /// reads `reading`: the larger of the reading and the direct successor.
    /// `None` where this is the last timestamp.
    #[inline]
    #[must_use]
    pub const fn next(self, reading: Self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(successor) if successor < reading.0 => Some(reading),
            Some(successor) => Some(Self(successor)),
            None => None,
        }
    }
}

impl<const COUNTER_BITS: u32> HybridTime for PackedTimestamp<COUNTER_BITS> {
    type Bytes = [u8; 8];

    const ZERO: Self = Self::ZERO;
    const MAX: Self = Self::MAX;

    fn of_reading(reading: PhysicalTime) -> Option<Self> {
        Self::of_reading(reading)
    }

    fn physical_time(self) -> PhysicalTime {
        self.physical_time()
    }

    fn counter(self) -> u64 {
        self.counter()
    }

    fn next(self, reading: Self) -> Option<Self> {
        self.next(reading)
    }

    fn last_of_unit(self) -> Self {
        Self(self.0 | Self::COUNTER_MASK)
    }

    fn to_be_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    fn from_be_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(Self::from_be_bytes)
    }
}

/// Written `seconds.nanoseconds+counter`.
impl<const COUNTER_BITS: u32> fmt::Display for PackedTimestamp<COUNTER_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.physical_time(), self.counter())
    }
}

impl<const COUNTER_BITS: u32> fmt::Debug for PackedTimestamp<COUNTER_BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.time(), self.counter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Checks what rounding owes for one reading and one width.
    fn check_rounding<const C: u32>(nanos: u64) {
        let reading = PhysicalTime::from_nanos(nanos);
        let stamp = PackedTimestamp::<C>::of_reading(reading).unwrap();
        assert_eq!(stamp.counter(), 0);
        assert!(stamp.physical_time() >= reading, "theorem 2");
        let unit = NANOS_PER_SEC.div_ceil(1 << (32 - C));
        assert!(stamp.physical_time().since(reading).as_nanos() <= u128::from(unit));
        assert_eq!(PackedTimestamp::of_reading(stamp.physical_time()), Some(stamp));
        if let Some(before) = stamp.time().checked_sub(1) {
            let before = PackedTimestamp::<C>::from_parts(before, 0).unwrap();
            assert!(before.physical_time() < reading, "the ceiling is not the next but one");
        }
    }

    /// The last nanosecond that a timestamp with 16 counter bits can round up.
    const LAST: u64 = (1 << 32) * NANOS_PER_SEC - 15_259;

    /// The definition, with divisions.
    fn units_by_definition(nanos: u64, counter_bits: u32) -> u128 {
        (u128::from(nanos) << (32 - counter_bits)).div_ceil(u128::from(NANOS_PER_SEC))
    }

    proptest! {
        #[test]
        fn a_reading_is_rounded_up_to_the_next_unit(nanos in 0..LAST) {
            check_rounding::<3>(nanos);
            check_rounding::<4>(nanos);
            check_rounding::<16>(nanos);
            check_rounding::<20>(nanos);
            let units = PackedTimestamp::<32>::of_reading(PhysicalTime::from_nanos(nanos));
            let expected = units_by_definition(nanos, 32);
            prop_assert_eq!(units.map(|t| u128::from(t.time())), Some(expected).filter(|u| *u < 1 << 32));
        }

        #[test]
        fn the_reciprocal_divides_exactly(second in 0..1_u64 << 32, near in -3..=3_i64, unit in 0..1_u64 << 16) {
            // At and around the edges of units, where an error would show.
            let edge = second * NANOS_PER_SEC + ((unit * NANOS_PER_SEC) >> 16);
            let nanos = edge.saturating_add_signed(near).min(LAST);
            let stamp = Timestamp::of_reading(PhysicalTime::from_nanos(nanos)).unwrap();
            prop_assert_eq!(u128::from(stamp.time()), units_by_definition(nanos, 16));
        }

        #[test]
        fn next_is_larger_than_both(latest in 0..u64::MAX, reading: u64) {
            let (latest, reading) = (Timestamp::from_bits(latest), Timestamp::from_bits(reading));
            let next = latest.next(reading).unwrap();
            prop_assert!(next > latest && next >= reading);
            prop_assert!(next == reading || next.to_bits() == latest.to_bits() + 1);
        }

        #[test]
        fn parts_are_packed_in_order(a: (u32, u16), b: (u32, u16)) {
            let pack = |(l, c): (u32, u16)| Timestamp::from_parts(l.into(), c.into()).unwrap();
            prop_assert_eq!(pack(a).cmp(&pack(b)), a.cmp(&b));
        }
    }

    #[test]
    fn whole_seconds_are_exact() {
        let stamp = Timestamp::of_reading(PhysicalTime::from_secs(3)).unwrap();
        assert_eq!(stamp, Timestamp::from_parts(3 << 16, 0).unwrap());
        assert_eq!(stamp.physical_time(), PhysicalTime::from_secs(3));
    }

    #[test]
    fn the_year_2106_is_refused_and_never_wraps() {
        let end = PhysicalTime::from_secs(1 << 32);
        assert_eq!(Timestamp::of_reading(end), None);
        assert_eq!(Timestamp::of_reading(PhysicalTime::MAX), None);
        // Rounding up would reach the end.
        assert_eq!(Timestamp::of_reading(PhysicalTime::from_nanos(end.as_nanos() - 1)), None);
        let last = Timestamp::of_reading(PhysicalTime::from_nanos(LAST)).unwrap();
        assert_eq!(last.time(), (1 << 48) - 1);
        assert_eq!(
            PackedTimestamp::<32>::of_reading(PhysicalTime::from_secs(u32::MAX.into()))
                .unwrap()
                .time(),
            u32::MAX.into()
        );
    }

    #[test]
    fn a_full_counter_carries_into_the_time() {
        let full = Timestamp::from_parts(10, 0xffff).unwrap();
        let reading = Timestamp::from_parts(10, 0).unwrap();
        assert_eq!(full.next(reading), Timestamp::from_parts(11, 0));
        assert_eq!(Timestamp::MAX.next(reading), None);
        assert_eq!(Timestamp::MAX.next(Timestamp::MAX), None);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert_eq!(Timestamp::from_parts(0, 1 << 16), None);
        assert_eq!(Timestamp::from_parts(1 << 48, 0), None);
        assert_eq!(Timestamp::from_parts((1 << 48) - 1, 0xffff), Some(Timestamp::MAX));
    }
}
