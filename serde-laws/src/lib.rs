//! What the values of the clock crates are held to when they travel by serde:
//! they come back from every format, text for people is their `Display`, bytes
//! are those of the wire, and nothing else is read. For tests, so a broken law
//! panics.

#![expect(clippy::missing_panics_doc, reason = "to panic is what a law is for")]

use std::fmt::{Debug, Display};

use causal_clock::{CausalClock, ManualEnvironment, PhysicalTime, Scheme, Wire};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that travels.
pub trait Value: Serialize + DeserializeOwned + PartialEq + Debug {}

impl<T: Serialize + DeserializeOwned + PartialEq + Debug> Value for T {}

/// A value comes back from JSON, postcard, `MessagePack` and CBOR.
pub fn round_trip<T: Value>(value: &T) {
    come_back(value, |back| assert_eq!(&back, value));
}

/// A value whose text this is comes back from all four formats with its text.
pub fn round_trip_as<T: Serialize + DeserializeOwned + Display>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).expect("JSON"), format!("\"{text}\""));
    come_back(value, |back| assert_eq!(back.to_string(), value.to_string()));
}

fn come_back<T: Serialize + DeserializeOwned>(value: &T, same: impl Fn(T)) {
    same(serde_json::from_str(&serde_json::to_string(value).expect("JSON")).expect("JSON"));
    same(postcard::from_bytes(&postcard::to_stdvec(value).expect("postcard")).expect("postcard"));
    let bytes = rmp_serde::to_vec(value).expect("MessagePack");
    same(rmp_serde::from_slice(&bytes).expect("MessagePack"));
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("CBOR");
    same(ciborium::from_reader(bytes.as_slice()).expect("CBOR"));
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text for people is the bytes in hexadecimal; the bytes elsewhere are those of
/// the wire, after their number.
pub fn forms<T: Value + Wire + Display>(value: &T) {
    round_trip(value);
    let json = serde_json::to_string(value).expect("JSON");
    assert_eq!(json, format!("\"{}\"", hex(&value.to_bytes())));
    assert!(postcard::to_stdvec(value).expect("postcard").ends_with(&value.to_bytes()));
}

/// What is read from the text, if anything, writes it again.
pub fn hostile<T: Value>(text: &str) {
    let json = format!("\"{text}\"");
    if let Ok(value) = serde_json::from_str::<T>(&json) {
        assert_eq!(serde_json::to_string(&value).expect("JSON"), json);
    }
}

/// The bytes of a value, some changed, as text: near what is valid.
fn damaged<T: Value + Wire>(value: &T, damage: &[(usize, u8)]) {
    let mut bytes = value.to_bytes();
    for (at, byte) in damage {
        let at = at % bytes.len();
        bytes[at] = *byte;
    }
    hostile::<T>(&hex(&bytes));
}

/// A participant, and one that was born of it, after some events of both.
fn lived<S: Scheme>(scheme: &S) -> [S::Clock; 2] {
    let env = &mut ManualEnvironment::default();
    env.set_now(PhysicalTime::from_secs(1_780_000_000));
    let mut one = scheme.seed(env);
    let mut two = one.fork(env);
    for second in 1..20 {
        env.set_now(PhysicalTime::from_secs(1_780_000_000 + second));
        let sent = one.send(env).expect("room");
        two.receive(&sent, env).expect("room");
        two.event(env).expect("room");
        one.merge(&two.stamp(), env).expect("one scheme");
    }
    [one, two]
}

/// The clocks and stamps of a scheme whose text is hexadecimal: whole, damaged,
/// and this text in their place.
pub fn check<S: Scheme>(scheme: &S, damage: &[(usize, u8)], text: &str)
where
    S::Clock: Value + Display,
    <S::Clock as CausalClock>::Stamp: Value + Display,
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
