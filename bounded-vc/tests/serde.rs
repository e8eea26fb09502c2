//! Stamps and clocks through serde: four formats, and hostile JSON.

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, DvvSet,
    HorizonClocks, RiakVectorClocks, TreeClocks,
};
use causal_clock::NodeId;
use proptest::prelude::*;
use serde_laws::{check, round_trip};

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
