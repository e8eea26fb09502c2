//! Every scheme against the laws, in executions crowded enough that what it
//! does not declare is seen to fail.

use std::num::{NonZeroU8, NonZeroU16};

use plausible::{Comb, KLamport, LamportClocks, Rev, Rk};

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

const fn k(number: u8) -> NonZeroU8 {
    NonZeroU8::new(number).expect("tests ask for no zero")
}

fn rk_of(r: u16, k: u16) -> Rk {
    Rk::new(r, k).expect("tests ask for what there is")
}

causal_clock::law_tests!(lamport => LamportClocks {});
causal_clock::law_tests!(rev_1 => Rev { r: n(1) });
causal_clock::law_tests!(rev_2 => Rev { r: n(2) });
causal_clock::law_tests!(rev_5 => Rev { r: n(5) });
causal_clock::law_tests!(k_lamport_1 => KLamport { k: k(1) });
causal_clock::law_tests!(k_lamport_2 => KLamport { k: k(2) });
causal_clock::law_tests!(k_lamport_4 => KLamport { k: k(4) });
causal_clock::law_tests!(comb_1_2 => Comb { r: n(1), k: k(2) });
causal_clock::law_tests!(comb_3_3 => Comb { r: n(3), k: k(3) });
causal_clock::law_tests!(rk_1_1 => rk_of(1, 1));
causal_clock::law_tests!(rk_4_2 => rk_of(4, 2));
causal_clock::law_tests!(rk_6_3 => rk_of(6, 3));
