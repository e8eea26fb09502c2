//! Every scheme against the laws, in executions crowded enough that what it
//! does not declare is seen to fail.

use std::num::NonZeroU16;

use plausible::{LamportClocks, Rev};

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

causal_clock::law_tests!(lamport => LamportClocks {});
causal_clock::law_tests!(rev_1 => Rev { r: n(1) });
causal_clock::law_tests!(rev_2 => Rev { r: n(2) });
causal_clock::law_tests!(rev_5 => Rev { r: n(5) });
