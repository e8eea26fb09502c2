//! Whatever bytes and text come: what is read is what would be written.
#![no_main]

use causal_clock::{CausalStamp, Wire};
use hlc::{
    HybridLogicalClock, HybridStamp, HybridVectorClock, HybridVectorStamp, PhysicalStamp,
    ReplayClock, ReplayStamp, Timestamp, WideTimestamp,
};
use libfuzzer_sys::fuzz_target;

fn check<T: Wire>(bytes: &[u8]) -> Option<T> {
    let value = T::decode(bytes).ok()?;
    assert_eq!(value.to_bytes(), bytes);
    assert_eq!(value.encoded_len(), bytes.len());
    Some(value)
}

/// Both halves as stamps, compared.
fn check_stamps<S: CausalStamp>(bytes: &[u8]) {
    check::<S>(bytes);
    let (left, right) = bytes.split_at(bytes.len() / 2);
    if let (Some(left), Some(right)) = (check::<S>(left), check::<S>(right)) {
        assert_eq!(left.compare(&right), right.compare(&left).reverse());
    }
}

fuzz_target!(|bytes: &[u8]| {
    check_stamps::<PhysicalStamp>(bytes);
    check_stamps::<HybridStamp>(bytes);
    check_stamps::<HybridStamp<WideTimestamp>>(bytes);
    check_stamps::<HybridVectorStamp>(bytes);
    check_stamps::<ReplayStamp>(bytes);
    check::<HybridLogicalClock<Timestamp>>(bytes);
    check::<HybridVectorClock>(bytes);
    check::<ReplayClock>(bytes);
    if let Ok(text) = core::str::from_utf8(bytes)
        && let Ok(stamp) = text.parse::<HybridStamp>()
    {
        assert_eq!(stamp.to_string(), text);
    }
});
