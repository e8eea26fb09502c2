//! Whatever bytes come: a value is refused, or encodes to the very same bytes.
//!
//! `cargo +nightly fuzz run decode`, in the crate's folder.
#![no_main]

use bounded_vc::{
    AgedVectorClocks, AkkaClock, AkkaStamp, BoundedVectorClocks, CappedVectorClocks, HorizonClock,
    HorizonStamp, PathClock, PathStamp, PrunedClock, PrunedStamp, RiakVectorClocks, StampDiff, TreeClock, TreeStamp,
    VectorClock, VectorStamp, VersionVector,
};
use causal_clock::Wire;
use libfuzzer_sys::fuzz_target;

fn strict<T: Wire>(bytes: &[u8]) {
    if let Ok(value) = T::decode(bytes) {
        assert_eq!(value.to_bytes(), bytes);
        assert_eq!(value.encoded_len(), bytes.len());
    }
}

fuzz_target!(|bytes: &[u8]| {
    strict::<VersionVector>(bytes);
    strict::<VectorStamp>(bytes);
    strict::<VectorClock>(bytes);
    strict::<StampDiff>(bytes);
    strict::<PathStamp>(bytes);
    strict::<PathClock>(bytes);
    strict::<TreeStamp>(bytes);
    strict::<TreeClock>(bytes);
    strict::<PrunedStamp>(bytes);
    strict::<PrunedClock<BoundedVectorClocks>>(bytes);
    strict::<PrunedClock<CappedVectorClocks>>(bytes);
    strict::<PrunedClock<AgedVectorClocks>>(bytes);
    strict::<PrunedClock<RiakVectorClocks>>(bytes);
    strict::<AkkaStamp>(bytes);
    strict::<AkkaClock>(bytes);
    strict::<HorizonStamp>(bytes);
    strict::<HorizonClock>(bytes);
});
