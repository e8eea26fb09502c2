//! Whatever bytes come: a value is refused, or encodes to the very same bytes.
//!
//! `cargo +nightly fuzz run decode`, in the crate's folder.
#![no_main]

use causal_clock::{CausalClock, Wire};
use libfuzzer_sys::fuzz_target;
use plausible::{
    BloomClock, CombClock, ElasticClock, EncodedClock, KLamportClock, LamportClock, NurevClock,
    RecencyClock, RevClock, RkClock,
};

fn strict<T: Wire>(bytes: &[u8]) {
    if let Ok(value) = T::decode(bytes) {
        assert_eq!(value.to_bytes(), bytes);
        assert_eq!(value.encoded_len(), bytes.len());
    }
}

fn both<C: CausalClock>(bytes: &[u8]) {
    strict::<C::Stamp>(bytes);
    strict::<C>(bytes);
}

fuzz_target!(|bytes: &[u8]| {
    both::<LamportClock>(bytes);
    both::<KLamportClock>(bytes);
    both::<RevClock>(bytes);
    both::<CombClock<RevClock, KLamportClock>>(bytes);
    both::<RkClock>(bytes);
    both::<NurevClock>(bytes);
    both::<RecencyClock>(bytes);
    both::<ElasticClock>(bytes);
    both::<BloomClock>(bytes);
    both::<EncodedClock>(bytes);
});
