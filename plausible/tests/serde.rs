//! Stamps and clocks through serde: four formats, and hostile JSON.
#![cfg(feature = "serde")]

use std::fmt::{Debug, Display};

use causal_clock::{CausalClock, ManualEnvironment, PhysicalTime, Scheme, Wire};
use plausible::{
    Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, LamportStamp, Nurev, Recency, Rev, Rk,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Through text and through bytes, in four formats.
fn round_trip<T>(value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let json = serde_json::to_string(value).expect("JSON");
    assert_eq!(&serde_json::from_str::<T>(&json).expect("JSON"), value);
    let bytes = postcard::to_stdvec(value).expect("postcard");
    assert_eq!(&postcard::from_bytes::<T>(&bytes).expect("postcard"), value);
    let bytes = rmp_serde::to_vec(value).expect("MessagePack");
    assert_eq!(&rmp_serde::from_slice::<T>(&bytes).expect("MessagePack"), value);
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    assert_eq!(&ciborium::from_reader::<T, _>(bytes.as_slice()).expect("CBOR"), value);
}

/// Text for people is the bytes in hexadecimal; the bytes elsewhere are those of
/// the wire, after their number.
fn forms<T>(value: &T)
where
    T: Wire + Display + Serialize + DeserializeOwned + PartialEq + Debug,
{
    round_trip(value);
    let hex: String = value.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(serde_json::to_string(value).expect("JSON"), format!("\"{hex}\""));
    assert!(postcard::to_stdvec(value).expect("postcard").ends_with(&value.to_bytes()));
}

/// What is read from the text, if anything, writes it again.
fn hostile<T: Serialize + DeserializeOwned>(text: &str) {
    let json = format!("\"{text}\"");
    if let Ok(value) = serde_json::from_str::<T>(&json) {
        assert_eq!(serde_json::to_string(&value).expect("JSON"), json);
    }
}

/// The bytes of a value, some changed, as text: near what is valid.
fn damaged<T: Wire + Serialize + DeserializeOwned>(value: &T, damage: &[(usize, u8)]) {
    let mut bytes = value.to_bytes();
    for (at, byte) in damage {
        let at = at % bytes.len();
        bytes[at] = *byte;
    }
    hostile::<T>(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}

/// A participant, and one that was born of it, after some events of both.
fn lived<S: Scheme>(scheme: &S) -> [S::Clock; 2] {
    let env = &mut ManualEnvironment::default();
    let mut one = scheme.seed(env);
    let mut two = one.fork(env);
    for second in 1..20 {
        env.set_now(PhysicalTime::from_secs(second));
        let sent = one.send(env).expect("room");
        two.receive(&sent, env).expect("room");
        two.event(env).expect("room");
        one.merge(&two.stamp(), env).expect("one scheme");
    }
    [one, two]
}

fn check<S: Scheme>(scheme: &S, damage: &[(usize, u8)], text: &str)
where
    S::Clock: Display + Serialize + DeserializeOwned + PartialEq + Debug,
    <S::Clock as CausalClock>::Stamp: Display + Serialize + DeserializeOwned + PartialEq + Debug,
{
    for clock in lived(scheme) {
        let stamp = clock.stamp();
        forms(&clock);
        forms(&stamp);
        damaged(&clock, damage);
        damaged(&stamp, damage);
        assert!(serde_json::from_str::<S::Clock>(&format!("[\"{clock}\"]")).is_err());
        assert!(serde_json::from_str::<S::Clock>(&format!("\"{clock}0\"")).is_err());
    }
    hostile::<S::Clock>(text);
    hostile::<<S::Clock as CausalClock>::Stamp>(text);
}

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
