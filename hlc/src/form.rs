//! What a hybrid timestamp must be able to do, whatever its width.

use core::fmt::{Debug, Display};
use core::hash::Hash;

use causal_clock::wire::Reader;
use causal_clock::{DecodeError, PhysicalTime};

/// A form of hybrid timestamps: a pair `(time, counter)` whose order is
/// lexicographic, and whose successor carries a full counter into the time.
///
/// The forms of this crate: [`PackedTimestamp`](crate::PackedTimestamp) in 64
/// bits for every split, [`WideTimestamp`](crate::WideTimestamp) in 96.
///
/// The clock never goes back and never gives a timestamp twice if
/// [`next`](Self::next) is larger than the timestamp and not smaller than the
/// reading; it is never before physical time if
/// [`of_reading`](Self::of_reading) rounds up.
pub trait HybridTime: Copy + Ord + Hash + Debug + Display + Send + Sync + 'static {
    /// Its bytes.
    type Bytes: AsRef<[u8]> + AsMut<[u8]> + Copy;

    /// The first timestamp: that of a clock that has seen nothing.
    const ZERO: Self;
    /// The last timestamp.
    const MAX: Self;

    /// The earliest timestamp that is not before `reading`, its counter zero;
    /// `None` where there is none.
    fn of_reading(reading: PhysicalTime) -> Option<Self>;

    /// The time without the counter, rounded down to a nanosecond.
    fn physical_time(self) -> PhysicalTime;

    /// How many events before this one share its time.
    fn counter(self) -> u64;

    /// The larger of `reading` and the direct successor; `None` where this is
    /// the last timestamp.
    fn next(self, reading: Self) -> Option<Self>;

    /// The timestamp of the same time with a full counter.
    fn last_of_unit(self) -> Self;

    /// Its bytes, which sort as timestamps do.
    fn to_be_bytes(self) -> Self::Bytes;

    /// The timestamp of these bytes.
    fn from_be_bytes(bytes: Self::Bytes) -> Self;

    /// Reads the bytes of a timestamp.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`].
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}
