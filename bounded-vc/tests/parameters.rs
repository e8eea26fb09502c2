//! Schemes read from maps of parameters.

use bounded_vc::{
    AgedVectorClocks, BoundedVectorClocks, CappedVectorClocks, HorizonClocks, RiakVectorClocks,
    VectorClocks,
};
use causal_clock::Scheme;

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
