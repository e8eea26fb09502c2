//! Whatever is decoded from the compact form, which itself compares the bytes
//! with those that it would write, is in normal form; and whatever is decoded
//! from appendix A comes back from the compact form.
//!
//! The first byte says which of these, so that an input costs one coding. The
//! rest counts up to 64 bytes: longer ones, up to 32 leaves a byte, only
//! repeat the same few questions more often.
#![no_main]

use causal_clock::{DecodeError, Wire};
use itc::{Itc, Stamp};
use libfuzzer_sys::fuzz_target;

const LONGEST: usize = 64;

fn is_normal<T: Wire + PartialEq>(value: Result<T, DecodeError>) {
    if let Ok(value) = value {
        assert!(T::decode(&value.to_bytes()) == Ok(value));
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    match which % 4 {
        0 => is_normal(Itc::from_compact(bytes)),
        1 => is_normal(Stamp::from_compact(bytes)),
        2 => {
            if let Ok(clock) = Itc::decode(bytes) {
                assert_eq!(Itc::from_compact(&clock.to_compact()), Ok(clock));
            }
        }
        _ => {
            if let Ok(stamp) = Stamp::decode(bytes) {
                assert_eq!(Stamp::from_compact(&stamp.to_compact()), Ok(stamp));
            }
        }
    }
});
