//! Whatever is decoded from the compact form encodes to the same bytes.
#![no_main]

use itc::{Itc, Stamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(clock) = Itc::from_compact(bytes) {
        assert_eq!(clock.to_compact(), bytes);
    }
    if let Ok(stamp) = Stamp::from_compact(bytes) {
        assert_eq!(stamp.to_compact(), bytes);
    }
});
