//! Whatever is parsed prints to the same text, but for spaces.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use itc::{EventTree, Id, Itc, Stamp};
use libfuzzer_sys::fuzz_target;

fn check<T: Display + FromStr>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let without: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        assert_eq!(value.to_string(), without);
    }
}

fuzz_target!(|text: &str| {
    check::<Id>(text);
    check::<EventTree>(text);
    check::<Itc>(text);
    check::<Stamp>(text);
});
