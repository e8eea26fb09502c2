//! Schemes read from maps of parameters.

use bounded_vc::{BoundedVectorClocks, VectorClocks};
use causal_clock::Scheme;

#[test]
fn parameters_are_read_with_defaults() {
    let read = serde_json::from_str::<BoundedVectorClocks>;
    assert_eq!(read("{}").expect("defaults").name(), "vc-bounded:k=10");
    assert_eq!(read(r#"{"k": 8}"#).expect("valid").name(), "vc-bounded:k=8");
    assert_eq!(serde_json::from_str::<VectorClocks>("{}").expect("valid").name(), "vc");
}

#[test]
fn what_is_no_parameter_is_refused_with_what_was_expected() {
    let refusal = |text| serde_json::from_str::<BoundedVectorClocks>(text).unwrap_err().to_string();
    assert!(refusal(r#"{"k": 0}"#).contains("nonzero"), "{}", refusal(r#"{"k": 0}"#));
    assert!(refusal(r#"{"size": 8}"#).contains("expected `k`"));
    assert!(serde_json::from_str::<VectorClocks>(r#"{"k": 8}"#).is_err());
}
