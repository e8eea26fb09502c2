//! Stamps as text.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causal_clock::{CausalClock, ManualEnvironment, NodeId, PhysicalTime, Scheme};
use hlc::{
    HybridLogicalClocks, HybridStamp, HybridTime, HybridVectorClocks, PhysicalClocks, ReplayClocks,
    Timestamp, WideTimestamp,
};
use proptest::prelude::*;

fn stamp(bits: u64, node: u64) -> HybridStamp {
    HybridStamp::new(Timestamp::from_bits(bits), NodeId::new(node))
}

proptest! {
    #[test]
    fn text_comes_back_and_sorts(a: (u64, u64), b: (u64, u64)) {
        let (a, b) = (stamp(a.0, a.1), stamp(b.0, b.1));
        prop_assert_eq!(a.to_string().parse(), Ok(a));
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
    }

    #[test]
    fn wide_text_comes_back(bytes: [u8; 12], node: u64) {
        let wide = HybridStamp::new(WideTimestamp::from_be_bytes(bytes), NodeId::new(node));
        prop_assert_eq!(wide.to_string().parse(), Ok(wide));
    }

    #[test]
    fn no_text_makes_reading_panic(text: String) {
        prop_assert!(text.parse::<HybridStamp>().is_err());
    }

    #[test]
    fn what_is_read_is_what_is_written(text in "[0-9a-fA-F -]{30,36}|[0-9a-f]{16}-[0-9a-fA-F+]{16}") {
        if let Ok(stamp) = text.parse::<HybridStamp>() {
            prop_assert_eq!(stamp.to_string(), text);
        }
    }
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        "-",
        "0000000000000000",
        "0000000000000000-",
        "0000000000000000-000000000000000",
        "0000000000000000-00000000000000000",
        "000000000000000000000000-0000000000000000",
        "000000000000000A-0000000000000000",
        "+00000000000000f-0000000000000000",
        "0000000000000000_0000000000000000",
        "0000000000000000-0000000000000000\n",
        "00000000000000é-0000000000000000",
    ] {
        let error = text.parse::<HybridStamp>().unwrap_err();
        assert!(error.to_string().contains("expected 16 digits"), "{error}");
    }
}

fn travels_as<T: serde_laws::Value>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).expect("JSON"), format!("\"{text}\""));
    serde_laws::round_trip(value);
}

#[test]
fn timestamps_and_stamps_go_through_serde() {
    let now = PhysicalTime::from_secs(1_780_000_000);
    let packed = Timestamp::of_reading(now).expect("in range");
    let text: String = packed.to_be_bytes().iter().map(|b| format!("{b:02x}")).collect();
    travels_as(&packed, &text);
    let stamp = HybridStamp::new(packed, NodeId::new(7));
    travels_as(&stamp, &stamp.to_string());
    let wide = WideTimestamp::of_reading(now).expect("in range");
    let text: String = wide.to_be_bytes().as_ref().iter().map(|b| format!("{b:02x}")).collect();
    travels_as(&wide, &text);
    let stamp = HybridStamp::new(wide, NodeId::new(7));
    travels_as(&stamp, &stamp.to_string());
    for json in ["7", "\"7\"", "\"00000001000000zz\"", "[0,1]", "\"0000000100000000 \""] {
        assert!(serde_json::from_str::<Timestamp>(json).is_err(), "{json}");
    }
    assert!(postcard::from_bytes::<Timestamp>(&[3, 1, 2, 3]).is_err());
}

/// What has no text that sorts is its bytes in hexadecimal.
#[test]
fn other_clocks_and_stamps_are_hexadecimal() {
    let damage = [(3, 0x80), (11, 0xff)];
    serde_laws::check(&HybridVectorClocks::default(), &damage, "00");
    serde_laws::check(&PhysicalClocks::default(), &damage, "00");
    serde_laws::check(&ReplayClocks::default(), &damage, "00");
    let env = &mut ManualEnvironment::default();
    let mut clock = HybridLogicalClocks::default().seed(env);
    clock.event(env).expect("room");
    serde_laws::forms(&clock);
}
