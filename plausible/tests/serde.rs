//! Stamps and clocks through serde: four formats, and hostile JSON.
#![cfg(feature = "serde")]

use plausible::{
    Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, LamportStamp, Nurev, Recency, Rev, Rk,
};
use proptest::prelude::*;
use serde_laws::check;

fn damage() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn stamps_and_clocks_come_back_and_nothing_else(damage in damage(), text in "[0-9a-fA-F]{0,40}") {
        check(&LamportClocks {}, &damage, &text);
        check(&KLamport::default(), &damage, &text);
        check(&Rev::default(), &damage, &text);
        check(&Comb::default(), &damage, &text);
        check(&Nurev::default(), &damage, &text);
        check(&Recency::default(), &damage, &text);
        check(&Elastic::default(), &damage, &text);
        check(&Rk::default(), &damage, &text);
        check(&Bloom::default(), &damage, &text);
        check(&Encoded::default(), &damage, &text);
    }
}

#[test]
fn texts_are_refused_with_the_place() {
    let refusal = |text: &str| text.parse::<LamportStamp>().expect_err(text).to_string();
    assert!(
        refusal("00000000000000010A").contains("character 16"),
        "{}",
        refusal("00000000000000010A")
    );
    assert!(refusal("000").contains("character 2"), "{}", refusal("000"));
    assert!(refusal("00é").contains("character 2"), "{}", refusal("00é"));
    assert!(refusal("00").contains("ends at byte 1"), "{}", refusal("00"));
}
