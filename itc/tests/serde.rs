//! Values come back through formats for people and for machines.

use std::fmt::Debug;

use itc::keeper::Keeper;
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

#[test]
fn a_keeper_and_its_members_go_on_after_a_restart() {
    let mut keeper = Keeper::new(7);
    let mut a = keeper.seed().expect("the first");
    let mut b = a.fork(&mut keeper).expect("forked");
    b.event().expect("an event");
    a.merge(&b.unpublished());
    assert!(a.publish(&mut keeper).is_err());
    round_trips(&b.ticket(), r#"{"keeper":7,"number":1}"#);
    round_trips(&b, r#"{"ticket":{"keeper":7,"number":1},"clock":"((0,1),(0,0,1))"}"#);
    let kept = r#"{"id":7,"next":2,"deposits":{"0":{"id":"(1,0)","events":"(0,0,1)","reported":"0"},"1":{"id":"(0,1)","events":"0","reported":"(0,0,1)"}},"known":"(0,0,1)"}"#;
    round_trips(&keeper, kept);

    let mut keeper: Keeper = serde_json::from_str(kept).expect("JSON");
    a.reclaim(b.ticket(), &mut keeper).expect("reclaimed");
    assert_eq!(a.clock().to_string(), "(1,(0,0,1))");
}
