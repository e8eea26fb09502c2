//! Every scheme against the laws, in executions crowded enough that what it
//! does not declare is seen to fail.

use std::num::{NonZeroU8, NonZeroU16};

use plausible::{Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, Nurev, Recency, Rev, Rk};

const fn n(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("tests ask for no zero")
}

const fn k(number: u8) -> NonZeroU8 {
    NonZeroU8::new(number).expect("tests ask for no zero")
}

fn rk_of(r: u16, k: u16) -> Rk {
    Rk::new(r, k).expect("tests ask for what there is")
}

fn bloom_of(m: u16, k: u16) -> Bloom {
    Bloom::new(m, k).expect("tests ask for what there is")
}

fn elastic_of(min: u16, max: u16) -> Elastic {
    Elastic::new(min, max).expect("tests ask for what there is")
}

fn recency_of(r: u16, bits: u8) -> Recency {
    Recency::new(r, bits).expect("tests ask for what there is")
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
causal_clock::law_tests!(bloom_1_1 => bloom_of(1, 1));
causal_clock::law_tests!(bloom_4_2 => bloom_of(4, 2));
causal_clock::law_tests!(bloom_8_3 => bloom_of(8, 3));
causal_clock::law_tests!(encoded => Encoded::default());
causal_clock::law_tests!(nurev_1 => Nurev { r: n(1), ids: true });
causal_clock::law_tests!(nurev_4 => Nurev { r: n(4), ids: true });
causal_clock::law_tests!(nurev_without_ids_2 => Nurev { r: n(2), ids: false });
causal_clock::law_tests!(nurev_without_ids_5 => Nurev { r: n(5), ids: false });
causal_clock::law_tests!(recency_1_1 => recency_of(1, 1));
causal_clock::law_tests!(recency_3_2 => recency_of(3, 2));
causal_clock::law_tests!(recency_5_4 => recency_of(5, 4));
causal_clock::law_tests!(elastic_1_1 => elastic_of(1, 1));
causal_clock::law_tests!(elastic_1_8 => elastic_of(1, 8));
causal_clock::law_tests!(elastic_2_4 => elastic_of(2, 4));
