//! Schemes read from maps of parameters, and values as text and through serde.

use bounded_vc::{
    AgedVectorClocks, BoundedVectorClocks, CappedVectorClocks, Dot, HorizonClocks, PathClock,
    PathStamp, RiakVectorClocks, VectorClock, VectorClocks, VersionVector,
};
use causal_clock::{NodeId, Scheme};
use serde_laws::round_trip_as;

#[test]
fn parameters_are_read_with_defaults() {
    let read = serde_json::from_str::<BoundedVectorClocks>;
    assert_eq!(read("{}").expect("defaults").name(), "vc-bounded:k=10");
    assert_eq!(read(r#"{"k": 8}"#).expect("valid").name(), "vc-bounded:k=8");
    assert_eq!(serde_json::from_str::<VectorClocks>("{}").expect("valid").name(), "vc");
}

#[test]
fn every_parameter_can_be_named() {
    let capped = r#"{"k": 4, "drop": "random", "seed": 9, "keep_own": false}"#;
    let capped: CappedVectorClocks = serde_json::from_str(capped).expect("valid");
    assert_eq!(capped.name(), "vc-capped:k=4,drop=random,seed=9,keep_own=false");
    let riak = r#"{"small": 10, "big": 50, "young": "20s", "old": "1d"}"#;
    let riak: RiakVectorClocks = serde_json::from_str(riak).expect("valid");
    assert_eq!(riak.name(), "riak:small=10,big=50,young=20s,old=1d");
    let aged: AgedVectorClocks = serde_json::from_str(r#"{"age": "90s"}"#).expect("valid");
    assert_eq!(aged.name(), "vc-aged:age=90s");
    let horizon =
        r#"{"k": 4, "tick": "1h", "ids": 2, "drop": "smallest", "horizons": 9, "bits": 5}"#;
    let horizon: HorizonClocks = serde_json::from_str(horizon).expect("valid");
    assert_eq!(horizon.name(), "horizon:k=4,tick=1h,ids=2,drop=smallest,horizons=9,bits=5");
}

#[test]
fn what_is_no_parameter_is_refused_with_what_was_expected() {
    let refusal = |text| serde_json::from_str::<BoundedVectorClocks>(text).unwrap_err().to_string();
    assert!(refusal(r#"{"k": 0}"#).contains("nonzero"), "{}", refusal(r#"{"k": 0}"#));
    assert!(refusal(r#"{"size": 8}"#).contains("expected `k`"));
    assert!(serde_json::from_str::<VectorClocks>(r#"{"k": 8}"#).is_err());
    let refusal = |text| serde_json::from_str::<HorizonClocks>(text).unwrap_err().to_string();
    assert!(refusal(r#"{"horizons": 0}"#).contains("nonzero"), "{}", refusal(r#"{"horizons": 0}"#));
    assert!(refusal(r#"{"bits": 17}"#).contains("expected 1 to 16"));
    assert!(refusal(r#"{"ids": 0}"#).contains("expected 1 to 8"));
}

#[test]
fn values_round_trip_in_every_format() {
    // Ids and counters beyond 2^53 are text, so that no reader rounds them.
    let big = NodeId::new(u64::MAX - 1);
    round_trip_as(&big, "fffffffffffffffe");
    assert!(serde_json::from_str::<NodeId>("26").is_err(), "a number may have lost digits");
    assert!("01a".parse::<NodeId>().is_err() && "1A".parse::<NodeId>().is_err());
    let dot = Dot { origin: big, counter: (1 << 53) + 1 };
    round_trip_as(&dot, "fffffffffffffffe:9007199254740993");
    let entries = [(NodeId::new(0x1a), 3), (big, (1 << 53) + 1)];
    let vector = VersionVector::from_entries(entries).expect("a vector");
    round_trip_as(&vector, "{1a:3,fffffffffffffffe:9007199254740993}");
    round_trip_as(&VersionVector::new(), "{}");
    let mut clock = VectorClock::with_past(NodeId::new(0x1a), vector);
    clock.event().expect("room");
    round_trip_as(&clock, "1a{1a:4,fffffffffffffffe:9007199254740993}");
    round_trip_as(&clock.stamp(), "1a{1a:4,fffffffffffffffe:9007199254740993}");
    let mut root = PathClock::root(0);
    let mut child = root.fork();
    child.event().expect("room");
    root.merge(&child.stamp());
    round_trip_as(&root, "0+1{0.0:1}");
    root.event().expect("room");
    round_trip_as(&root.stamp(), "{0:1,0.0:1}");
}

#[test]
fn texts_that_are_not_canonical_are_refused() {
    let vector = |text: &str| text.parse::<VersionVector>().is_err();
    for text in [
        "",
        "{",
        "{1a:3",
        "{2b:1,1a:3}",
        "{1a:0}",
        "{1A:3}",
        "{1a:03}",
        "{1a:3,}",
        "{1a:9223372036854775808}",
        "{1a:3} ",
        "{1a:1,1a:2}",
    ] {
        assert!(vector(text), "{text}");
    }
    for text in ["{0.1:1,0:1}", "{0:1,0:2}", "{0:0}", "{:1}", "{0..1:1}"] {
        assert!(text.parse::<PathStamp>().is_err(), "{text}");
    }
    for text in ["{0:1}", "+0{}", "0{0:1}", "0+18446744073709551615{}"] {
        assert!(text.parse::<PathClock>().is_err(), "{text}");
    }
    let error = "{1a:0}".parse::<VersionVector>().expect_err("a zero").to_string();
    assert!(error.contains("`{1a:0}`") && error.contains("such as"), "{error}");
    assert!(serde_json::from_str::<Dot>("[26, 3]").is_err(), "not as numbers in JSON");
}

proptest::proptest! {
    /// Whatever text comes, it is refused or written back the same.
    #[test]
    fn hostile_texts_are_refused_or_come_back(text in "[{}:,.+0-9a-f]{0,24}") {
        fn check<T: std::str::FromStr + ToString>(text: &str) {
            if let Ok(value) = text.parse::<T>() {
                assert_eq!(value.to_string(), text);
            }
        }
        check::<Dot>(&text);
        check::<VersionVector>(&text);
        check::<VectorClock>(&text);
        check::<PathStamp>(&text);
        check::<PathClock>(&text);
    }
}
