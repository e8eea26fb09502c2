//! Stamps and clocks through serde: four formats, and hostile JSON.

use std::fmt::{Debug, Display};

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, DvvSet,
    HorizonClocks, RiakVectorClocks, TreeClocks,
};
use causal_clock::{CausalClock, ManualEnvironment, NodeId, PhysicalTime, Scheme, Wire};
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
        check(&BoundedVectorClocks::default(), &damage, &text);
        check(&CappedVectorClocks::default(), &damage, &text);
        check(&AgedVectorClocks::default(), &damage, &text);
        check(&RiakVectorClocks::default(), &damage, &text);
        check(&AkkaVectorClocks::default(), &damage, &text);
        check(&HorizonClocks::default(), &damage, &text);
        check(&TreeClocks::default(), &damage, &text);
    }

    #[test]
    fn hostile_sets_are_refused_or_come_back(
        writes in proptest::collection::vec((0..3_u64, 0..4_u64, proptest::collection::vec(any::<u8>(), 0..4)), 0..3),
        anonymous in proptest::collection::vec(any::<u8>(), 0..2),
    ) {
        let writes: Vec<_> = writes.into_iter().map(|(id, n, v)| (format!("{id:x}:{n}"), v)).collect();
        let json = serde_json::json!({"writes": writes, "anonymous": anonymous}).to_string();
        let servers: Vec<_> = writes.iter().map(|(dot, _)| &dot[..1]).collect();
        let valid = servers.is_sorted_by(|a, b| a < b)
            && writes.iter().all(|(dot, v)| !dot.ends_with(":0") && dot[2..].parse::<usize>().is_ok_and(|n| v.len() <= n));
        let read = serde_json::from_str::<DvvSet<u8>>(&json);
        prop_assert_eq!(read.is_ok(), valid, "{}", json);
        if let Ok(set) = read {
            round_trip(&set);
            let again: serde_json::Value = serde_json::to_value(&set).expect("JSON");
            prop_assert_eq!(again, serde_json::from_str::<serde_json::Value>(&json).expect("JSON"));
        }
    }
}

#[test]
fn a_set_and_its_context_travel_with_their_values() {
    let (a, b) = (NodeId::new(0x1a), NodeId::new(u64::MAX));
    let mut object = DvvSet::new();
    let unread = object.context();
    object.update(&unread, String::from("coffee"), a).expect("room");
    object.update(&unread, String::from("tea"), a).expect("room");
    object.event(b, String::from("water")).expect("room");
    let text =
        r#"{"writes":[["1a:2",["tea","coffee"]],["ffffffffffffffff:1",["water"]]],"anonymous":[]}"#;
    assert_eq!(serde_json::to_string(&object).expect("JSON"), text);
    round_trip(&object);
    round_trip(&object.context());
    for wrong in [
        r#"{"writes":[]}"#,
        r#"{"writes":[],"anonymous":[],"more":1}"#,
        r#"{"writes":[["2:1",[]],["1:1",[]]],"anonymous":[]}"#,
        r#"{"writes":[["1:1",["a","b"]]],"anonymous":[]}"#,
        r#"{"writes":[["1:0",[]]],"anonymous":[]}"#,
    ] {
        assert!(serde_json::from_str::<DvvSet<String>>(wrong).is_err(), "{wrong}");
    }
}
