//! No operation panics on two decoded clocks, and their bounds are bounds.
//! 128 bytes hold a few dozen leaves of each, enough for every way in which
//! two runs of leaves can lie. The results are in normal form, which decoding
//! appendix A checks; what the compact form makes of such trees is for the
//! target `compact`.
#![no_main]

use causal_clock::Wire;
use itc::Itc;
use libfuzzer_sys::fuzz_target;

const LONGEST: usize = 128;

fuzz_target!(|bytes: &[u8]| {
    let Some((&at, bytes)) = bytes.split_first() else { return };
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let (left, right) = bytes.split_at(bytes.len().min(at.into()));
    let (Ok(mut a), Ok(mut b)) = (Itc::decode(left), Itc::decode(right)) else { return };
    let (x, y) = (a.peek(), b.peek());
    let (join, meet) = (x.join(&y), x.meet(&y));
    assert!(x.leq(&join) && y.leq(&join) && meet.leq(&x) && meet.leq(&y));
    assert_eq!(x.compare(&y), y.compare(&x).reverse());
    if a.event().is_ok() {
        assert!(x < a.peek());
    }
    let _ = a.events(3);
    let c = b.fork();
    assert!(c.id().is_anonymous() || c.id().sum(b.id()).is_ok());
    if a.sync(&mut b).is_ok() {
        assert_eq!(a.peek(), b.peek());
    }
    if let Err(refused) = a.join(c) {
        assert_eq!(refused.retired.peek(), y);
    }
    for clock in [a, b] {
        assert_eq!(Itc::decode(&clock.to_bytes()).as_ref(), Ok(&clock));
    }
});
