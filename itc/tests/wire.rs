//! Frozen encodings, and what is refused: every kind of bad input has its own
//! error, and no input is too deep.

use causal_clock::{DecodeError, Wire};
use itc::{EventError, EventTree, Id, Itc, MAX_DEPTH, ParseError, Stamp};

/// Bits as bytes, filled up with zeros; spaces are for the reader.
fn bytes(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
    let byte = |bits: &[u8]| bits.iter().enumerate().map(|(i, bit)| bit << (7 - i)).sum();
    bits.chunks(8).map(byte).collect()
}

fn refused(bits: &str) -> DecodeError {
    Itc::decode(&bytes(bits)).expect_err("must be refused")
}

#[test]
fn encodings_are_frozen() {
    for (text, bits) in [
        ("(0,0)", "000 1000"),
        ("(1,0)", "001 1000"),
        ("((1,0),3)", "10001 1011"),
        ("((0,1),4)", "01001 110000"),
        ("((1,(0,1)),12)", "11 001 01001 11100000"),
        ("(1,(0,0,1))", "001 000 1001"),
        ("(1,(0,1,0))", "001 001 1001"),
        ("(1,(0,(0,0,1),2))", "001 010 000 1001 1010"),
        ("(1,(5,0,1))", "001 01100 110001 1001"),
        ("(1,(5,1,0))", "001 01101 110001 1001"),
        ("(1,(5,(0,1,0),2))", "001 0111 110001 001 1001 1010"),
    ] {
        let clock: Itc = text.parse().expect("normal form");
        assert_eq!(clock.to_bytes(), bytes(bits), "{text}");
        assert_eq!(Itc::decode(&bytes(bits)), Ok(clock), "{text}");
    }
    let largest = Stamp::new(EventTree::constant(u64::MAX));
    let ones = "1".repeat(62);
    let rest = format!("{:064b}", 3);
    assert_eq!(largest.to_bytes(), bytes(&format!("000 1 {ones} 0 {rest}")));
    assert_eq!(Stamp::decode(&largest.to_bytes()), Ok(largest));
}

#[test]
fn each_bad_encoding_has_its_error() {
    use DecodeError::{
        Invalid, NotCanonical, NumberTooLarge, SumTooLarge, TrailingBytes, UnexpectedEnd,
    };
    let rule_of = |bits| match refused(bits) {
        NotCanonical { rule, .. } => rule,
        other => panic!("{bits}: {other}"),
    };
    assert_eq!(rule_of("11 001 001 1000"), "two leaves of one node differ");
    assert_eq!(rule_of("11 000 001 1000"), "a leaf 0 inside a node is left out");
    assert_eq!(rule_of("01 000 1000"), "a leaf 0 inside a node is left out");
    assert_eq!(rule_of("001 010 1001 1001"), "two leaves of one node differ");
    assert_eq!(rule_of("001 010 1001 1010"), "the minimum of a node's children is 0");
    assert_eq!(rule_of("001 010 1000 1010"), "a leaf 0 inside a node is left out");
    assert_eq!(rule_of("001 01100 1000 1001"), "a node's number 0 is left out");
    assert_eq!(rule_of("001 1000 1"), "the last byte is filled up with zeros");
    assert!(matches!(refused("001 01100 0000 1001"), Invalid { .. }));
    assert_eq!(refused("001 1000 0 00000000"), TrailingBytes { count: 1 });
    assert_eq!(refused("001"), UnexpectedEnd { at: 1 });
    assert_eq!(refused(""), UnexpectedEnd { at: 0 });
    // 2⁶⁴, and a sum of 2⁶⁴ along a path.
    let ones = "1".repeat(62);
    let one_too_many = format!("001 1 {ones} 0 {:064b}", 4);
    assert_eq!(refused(&one_too_many), NumberTooLarge { at: 0 });
    let many_ones = format!("001 {}", "1".repeat(1000));
    assert_eq!(refused(&many_ones), NumberTooLarge { at: 0 });
    let largest = format!("1 {ones} 0 {:064b}", 3);
    let sum = format!("001 01100 {largest} 1001");
    assert_eq!(refused(&sum), SumTooLarge { at: 17 });
    // A stamp has the id 0.
    assert!(matches!(Stamp::decode(&bytes("001 1000")), Err(Invalid { at: 0, .. })));
}

#[test]
fn each_bad_text_has_its_error() {
    use ParseError::{NotNormal, NumberTooLarge, SumTooLarge, TooDeep, Unexpected};
    let id = |text: &str| text.parse::<Id>().expect_err("must be refused");
    let events = |text: &str| text.parse::<EventTree>().expect_err("must be refused");
    assert!(matches!(id(""), Unexpected { at: 0, found: None, .. }));
    assert!(matches!(id("2"), Unexpected { at: 0, found: Some('2'), .. }));
    assert!(matches!(id("(1,0"), Unexpected { at: 4, expected: "a closing parenthesis", .. }));
    assert!(matches!(id("(1 0)"), Unexpected { at: 3, expected: "a comma", .. }));
    assert!(matches!(id("1 1"), Unexpected { at: 2, expected: "nothing more", .. }));
    assert!(matches!(id("(1,1)"), NotNormal { rule: "two leaves of one node differ", .. }));
    assert!(matches!(events("(0,1,1)"), NotNormal { rule: "two leaves of one node differ", .. }));
    assert!(matches!(events("(0,1,2)"), NotNormal { .. }));
    assert!(matches!(events("(1,(0,1,0),01)"), NotNormal { .. }));
    assert!(matches!(events("18446744073709551616"), NumberTooLarge { at: 0 }));
    assert!(matches!(events("(18446744073709551615,0,1)"), SumTooLarge { at: 24 }));
    assert!(matches!(events("(1,0,(18446744073709551615,0,1))"), SumTooLarge { at: 5 }));
    assert!(matches!(events("-1"), Unexpected { at: 0, .. }));
    assert!(matches!("(1,0)".parse::<Stamp>(), Err(NotNormal { .. })));
    assert!(matches!(id(&"(".repeat(1_000_000)), TooDeep { at: 65_535 }));
    assert_eq!(
        " ( (1 , 0),( 0 ,1, 0) ) ".parse::<Itc>().map(|c| c.to_string()),
        Ok("((1,0),(0,1,0))".into())
    );
}

/// A million levels are an error, and the deepest allowed are no trouble.
#[test]
fn depth_does_not_overflow_the_stack() {
    for bits in ["01", "10", "11"] {
        let deep = bits.repeat(1_000_000);
        assert!(matches!(refused(&deep), DecodeError::Invalid { .. }), "{bits}");
        let complete = format!("{deep}001 1000");
        assert!(matches!(refused(&complete), DecodeError::Invalid { .. }), "{bits}");
    }
    for bits in ["000", "001", "010", "01100 1001", "0111 1001"] {
        let deep = format!("001 {}", bits.repeat(1_000_000));
        assert!(matches!(refused(&deep), DecodeError::Invalid { .. }), "{bits}");
    }

    let depth = usize::from(MAX_DEPTH);
    let id = format!("{}001", "01".repeat(depth));
    let mut clock = Itc::decode(&bytes(&format!("{id} 1000"))).expect("as deep as allowed");
    assert_eq!(clock.id().depth(), MAX_DEPTH);
    clock.event().expect("an event");
    assert_eq!(clock.event_tree().depth(), MAX_DEPTH);
    assert_eq!(Itc::decode(&clock.to_bytes()).as_ref(), Ok(&clock));
    assert_eq!(clock.to_string().parse().as_ref(), Ok(&clock));
    assert_eq!(clock.try_fork(), None);
    let mut newborn = clock.fork();
    assert!(newborn.id().is_anonymous());
    assert_eq!(newborn.event(), Err(EventError::Anonymous));
    clock.join(newborn).expect("nothing owned, nothing in common");
    assert_eq!(clock.id().depth(), MAX_DEPTH);
}

/// Without a retirement, a clock has so many forks to give as levels are left.
#[test]
fn a_clock_can_fork_down_to_the_greatest_depth() {
    let depth = usize::from(MAX_DEPTH) - 3;
    let id = format!("{}001", "10".repeat(depth));
    let mut clock = Itc::decode(&bytes(&format!("{id} 1000"))).expect("normal form");
    for depth in MAX_DEPTH - 2..=MAX_DEPTH {
        let newborn = clock.try_fork().expect("not at the greatest depth");
        assert_eq!((clock.id().depth(), newborn.id().depth()), (depth, depth));
    }
    let before = clock.to_bytes();
    assert_eq!(clock.try_fork(), None);
    assert_eq!(clock.to_bytes(), before);
}

#[test]
fn a_full_counter_is_an_error() {
    let text = "((1,0),(18446744073709551610,5,0))";
    let mut clock: Itc = text.parse().expect("normal form");
    let error = clock.event().expect_err("the counter is full");
    assert!(matches!(error, EventError::Overflow(e) if e.counter == u64::MAX));
    assert_eq!(clock.to_string(), text);
    let mut seed: Itc = "(1,18446744073709551615)".parse().expect("normal form");
    assert!(seed.event().is_err());
}

#[test]
fn overlapping_ids_are_an_error_and_the_operand_comes_back() {
    let mut a: Itc = "((1,0),(0,3,0))".parse().expect("normal form");
    let b: Itc = "(((0,1),1),7)".parse().expect("normal form");
    let rejected = a.join(b).expect_err("overlap");
    assert_eq!(rejected.retired.to_string(), "(((0,1),1),7)");
    assert_eq!(rejected.error.to_string(), "the ids overlap: both own ((0,1),0)");
    assert_eq!(a.to_string(), "((1,0),(0,3,0))");
    let mut b = *rejected.retired;
    assert!(a.sync(&mut b).is_err());
    assert_eq!((a.to_string(), b.to_string()), ("((1,0),(0,3,0))".into(), "(((0,1),1),7)".into()));
}
