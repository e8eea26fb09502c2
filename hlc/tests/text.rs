//! Stamps as text.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causal_clock::NodeId;
use hlc::{HybridStamp, HybridTime, Timestamp, WideTimestamp};
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
