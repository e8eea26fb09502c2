//! Stamps from a hostile hand: two of each kind are compared both ways, and a
//! clock takes them in and goes on. Nothing panics, comparing is
//! antisymmetric, and what the clock says afterwards can be read back.
//!
//! `cargo +nightly fuzz run hostile_stamps`, in the crate's folder.
#![no_main]

use std::num::NonZeroU16;
use std::time::Duration;

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, HorizonClocks,
    HorizonDrop, IdWidth, PathClocks, RiakVectorClocks, TreeClocks, VectorClocks,
};
use causal_clock::{CausalClock, CausalStamp, ManualEnvironment, Scheme, Wire};
use libfuzzer_sys::fuzz_target;

fn survive<S: Scheme>(scheme: &S, left: &[u8], right: &[u8]) {
    type Stamp<S> = <<S as Scheme>::Clock as CausalClock>::Stamp;
    let (Ok(left), Ok(right)) = (Stamp::<S>::decode(left), Stamp::<S>::decode(right)) else {
        return;
    };
    assert_eq!(left.compare(&right), right.compare(&left).reverse());
    let env = &mut ManualEnvironment::default();
    let mut clock = scheme.seed(env);
    // An error is an answer, too.
    let _ = clock.receive(&left, env);
    let _ = clock.receive(&right, env);
    let child = clock.fork(env);
    let _ = clock.event(env);
    let _ = clock.join(child, env);
    let bytes = clock.to_bytes();
    assert!(S::Clock::decode(&bytes).is_ok_and(|back| back.to_bytes() == bytes));
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&split, rest)) = bytes.split_first() else { return };
    let (left, right) = rest.split_at(usize::from(split).min(rest.len()));
    survive(&VectorClocks {}, left, right);
    survive(&TreeClocks {}, left, right);
    survive(&PathClocks {}, left, right);
    survive(&BoundedVectorClocks::default(), left, right);
    survive(&CappedVectorClocks { keep_own: false, ..CappedVectorClocks::default() }, left, right);
    survive(&AgedVectorClocks { age: Duration::from_nanos(5) }, left, right);
    survive(&RiakVectorClocks::default(), left, right);
    survive(&AkkaVectorClocks::default(), left, right);
    for bytes in [1, 2, 8] {
        let Ok(ids) = IdWidth::try_from(bytes) else { continue };
        for drop in [HorizonDrop::Oldest, HorizonDrop::Smallest, HorizonDrop::Random] {
            for horizons in [NonZeroU16::MIN, NonZeroU16::MIN.saturating_add(2)] {
                let scheme = HorizonClocks { ids, drop, horizons, ..HorizonClocks::default() };
                survive(&scheme, left, right);
            }
        }
    }
});
