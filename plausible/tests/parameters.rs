//! Names and parameters, as the command line and scenario files spell them.
#![cfg(feature = "serde")]

use causal_clock::Scheme;
use plausible::{LamportClocks, Rev};
use serde::de::DeserializeOwned;

fn read<S: DeserializeOwned>(parameters: &str) -> Result<S, String> {
    serde_json::from_str(parameters).map_err(|e| e.to_string())
}

#[test]
fn names() {
    assert_eq!(LamportClocks {}.name(), "lamport");
    assert_eq!(Rev::default().name(), "rev:r=16");
}

#[test]
fn parameters_are_read_with_defaults() {
    assert_eq!(read("{}"), Ok(LamportClocks {}));
    assert_eq!(read("{}"), Ok(Rev::default()));
    assert_eq!(read::<Rev>(r#"{"r": 4}"#).unwrap().name(), "rev:r=4");
}

#[test]
fn bad_parameters_say_what_was_expected() {
    let expected = |error: String, what: &str| assert!(error.contains(what), "{error}");
    expected(read::<LamportClocks>(r#"{"r": 4}"#).unwrap_err(), "unknown field `r`");
    expected(read::<Rev>(r#"{"r": 0}"#).unwrap_err(), "expected a nonzero u16");
    expected(read::<Rev>(r#"{"r": 65536}"#).unwrap_err(), "expected a nonzero u16");
    expected(read::<Rev>(r#"{"size": 4}"#).unwrap_err(), "unknown field `size`, expected `r`");
}
