//! Names and parameters, as the command line and scenario files spell them.
#![cfg(feature = "serde")]

use causal_clock::Scheme;
use plausible::{Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, Nurev, Recency, Rev, Rk};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn read<S: DeserializeOwned>(parameters: &str) -> Result<S, String> {
    serde_json::from_str(parameters).map_err(|e| e.to_string())
}

/// The scheme of these parameters has this name, is the default where it
/// should be, and comes back from what it writes.
fn check<S>(parameters: &str, name: &str)
where
    S: Scheme + DeserializeOwned + Serialize + Default + PartialEq + std::fmt::Debug,
{
    let scheme = read::<S>(parameters).expect(parameters);
    assert_eq!(scheme.name(), name);
    assert_eq!(parameters == "{}", scheme == S::default());
    let written = serde_json::to_string(&scheme).expect("parameters are plain");
    assert_eq!(read::<S>(&written), Ok(scheme));
}

fn refuse<S: DeserializeOwned + std::fmt::Debug>(parameters: &str, why: &str) {
    let error = read::<S>(parameters).expect_err(parameters);
    assert!(error.contains(why), "{error}");
}

#[test]
fn parameters_are_read_with_defaults() {
    check::<LamportClocks>("{}", "lamport");
    check::<KLamport>("{}", "k-lamport:k=3");
    check::<KLamport>(r#"{"k": 5}"#, "k-lamport:k=5");
    check::<Rev>("{}", "rev:r=16");
    check::<Rev>(r#"{"r": 4}"#, "rev:r=4");
    check::<Comb>("{}", "comb:r=16,k=3");
    check::<Comb>(r#"{"k": 2}"#, "comb:r=16,k=2");
    check::<Rk>("{}", "rk:r=16,k=2");
    check::<Rk>(r#"{"r": 40, "k": 4}"#, "rk:r=40,k=4");
    check::<Nurev>("{}", "nurev:r=16,ids=true");
    check::<Nurev>(r#"{"r": 40, "ids": false}"#, "nurev:r=40,ids=false");
    check::<Recency>("{}", "recency:r=16,bits=6");
    check::<Recency>(r#"{"r": 40}"#, "recency:r=40,bits=6");
    check::<Elastic>("{}", "elastic:min=4,max=64");
    check::<Elastic>(r#"{"max": 4}"#, "elastic:min=4,max=4");
    check::<Bloom>("{}", "bloom:m=32,k=2");
    check::<Bloom>(r#"{"m": 20, "k": 3}"#, "bloom:m=20,k=3");
    check::<Encoded>("{}", "evc:max_bits=1048576");
    check::<Encoded>(r#"{"max_bits": 100}"#, "evc:max_bits=100");
}

#[test]
fn bad_parameters_say_what_was_expected() {
    refuse::<LamportClocks>(r#"{"r": 4}"#, "unknown field `r`");
    refuse::<KLamport>(r#"{"k": 0}"#, "expected a nonzero u8");
    refuse::<KLamport>(r#"{"k": 256}"#, "expected a nonzero u8");
    refuse::<Rev>(r#"{"r": 0}"#, "expected a nonzero u16");
    refuse::<Rev>(r#"{"r": 65536}"#, "expected a nonzero u16");
    refuse::<Rev>(r#"{"size": 4}"#, "unknown field `size`, expected `r`");
    refuse::<Comb>(r#"{"r": 0}"#, "expected a nonzero u16");
    refuse::<Rk>(r#"{"r": 0}"#, "`r` is 0, expected at least 1");
    refuse::<Rk>(r#"{"k": 0}"#, "`k` is 0, expected 1 to 16");
    refuse::<Rk>(r#"{"r": 3, "k": 4}"#, "`k` is 4, expected 1 to 3");
    refuse::<Rk>(r#"{"r": -1}"#, "expected u16");
    refuse::<Nurev>(r#"{"r": 0}"#, "expected a nonzero u16");
    refuse::<Nurev>(r#"{"ids": 8}"#, "expected a boolean");
    refuse::<Recency>(r#"{"r": 0}"#, "`r` is 0, expected at least 1");
    refuse::<Recency>(r#"{"bits": 0}"#, "`bits` is 0, expected 1 to 16");
    refuse::<Recency>(r#"{"bits": 17}"#, "`bits` is 17, expected 1 to 16");
    refuse::<Elastic>(r#"{"min": 0}"#, "`min` is 0, expected a power of two");
    refuse::<Elastic>(r#"{"max": 65535}"#, "`max` is 65535, expected a power of two");
    refuse::<Elastic>(r#"{"min": 128}"#, "`min` is 128, expected 1 to 64");
    refuse::<Bloom>(r#"{"m": 0}"#, "`m` is 0, expected at least 1");
    refuse::<Bloom>(r#"{"k": 0}"#, "`k` is 0, expected 1 to 32");
    refuse::<Bloom>(r#"{"k": 33}"#, "`k` is 33, expected 1 to 32");
    refuse::<Encoded>(r#"{"max_bits": 0}"#, "expected a nonzero u32");
    let too_many = "`max_bits` is 1048577, expected 1 to 1048576";
    refuse::<Encoded>(r#"{"max_bits": 1048577}"#, too_many);
}
