//! Values come back through formats for people and for machines.

use std::fmt::Debug;

use itc::{EventTree, Id, IntervalTreeClocks, Itc, Stamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn round_trips<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
    assert_eq!(serde_json::to_string(value).expect("JSON"), json);
    assert_eq!(&serde_json::from_str::<T>(json).expect("JSON"), value);
    let bytes = postcard::to_stdvec(value).expect("postcard");
    assert_eq!(&postcard::from_bytes::<T>(&bytes).expect("postcard"), value);
}

#[test]
fn round_trip_in_json_and_postcard() {
    let clock: Itc = "((0,(1,0)),(2,1,(0,3,0)))".parse().expect("normal form");
    round_trips(clock.id(), r#""(0,(1,0))""#);
    round_trips(clock.event_tree(), r#""(2,1,(0,3,0))""#);
    round_trips(&clock.peek(), r#""(0,(2,1,(0,3,0)))""#);
    round_trips(&clock, r#""((0,(1,0)),(2,1,(0,3,0)))""#);
    round_trips(&IntervalTreeClocks {}, "{}");
}

#[test]
fn bad_input_is_refused() {
    let error = serde_json::from_str::<Id>(r#""(1,1)""#).expect_err("not normal");
    assert!(error.to_string().contains("not in normal form"), "{error}");
    assert!(serde_json::from_str::<EventTree>("7").is_err());
    assert!(serde_json::from_str::<IntervalTreeClocks>(r#"{"r":1}"#).is_err());
    // A length, and bytes with one too many.
    assert!(postcard::from_bytes::<Stamp>(&[1, 0b0001_0000]).is_ok());
    assert!(postcard::from_bytes::<Stamp>(&[2, 0b0001_0000, 0]).is_err());
}
