//! Whatever is decoded from appendix A encodes to the same bytes.
#![no_main]

use causal_clock::Wire;
use itc::{EventTree, Id, Itc, Stamp};
use libfuzzer_sys::fuzz_target;

fn check<T: Wire>(bytes: &[u8]) {
    if let Ok(value) = T::decode(bytes) {
        assert_eq!(value.to_bytes(), bytes);
        assert_eq!(value.encoded_len(), bytes.len());
    }
}

fuzz_target!(|bytes: &[u8]| {
    check::<Id>(bytes);
    check::<EventTree>(bytes);
    check::<Itc>(bytes);
    check::<Stamp>(bytes);
});
