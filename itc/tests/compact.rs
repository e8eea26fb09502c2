//! The compact form: it comes back, is the only one, is bounded, and frozen.

mod spec;

use causal_clock::{DecodeError, Wire};
use itc::{Itc, Stamp};
use proptest::prelude::*;
use spec::{E, I};

fn ids() -> impl Strategy<Value = I> {
    any::<bool>()
        .prop_map(I::Leaf)
        .prop_recursive(8, 48, 2, |inner| (inner.clone(), inner).prop_map(|(l, r)| spec::id(l, r)))
}

fn events() -> impl Strategy<Value = E> {
    let number = prop_oneof![8 => 0..3_u64, 2 => 0..100_000_u64, 1 => 0..u64::MAX / 64];
    number.clone().prop_map(E::Leaf).prop_recursive(8, 64, 2, move |inner| {
        (number.clone(), inner.clone(), inner).prop_map(|(n, l, r)| spec::norm(n, l, r))
    })
}

fn check(clock: &Itc) {
    let compact = clock.to_compact();
    assert!(compact.len() <= clock.encoded_len() + 1);
    assert_eq!(Itc::from_compact(&compact).as_ref(), Ok(clock));
    let stamp = clock.peek();
    let compact = stamp.to_compact();
    assert!(compact.len() <= stamp.encoded_len());
    assert_eq!(Stamp::from_compact(&compact), Ok(stamp));
}

/// That the plain reader, written from the documentation, reads the same. It
/// is recursive, so not for deep trees.
fn check_documentation(clock: &Itc) {
    let stamp = clock.peek();
    let compact = clock.to_compact();
    if compact[0] >> 6 == 0b10 {
        let (id, events) = spec::compact::decode(&compact, true);
        assert_eq!(clock.to_string(), format!("({},{events})", id.expect("an id")));
    }
    let compact = stamp.to_compact();
    if compact[0] >> 6 == 0b10 {
        let (_, events) = spec::compact::decode(&compact, false);
        assert_eq!(stamp.to_string(), format!("(0,{events})"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn comes_back(i in ids(), e in events()) {
        let clock = format!("({i},{e})").parse().expect("normal form");
        check(&clock);
        check_documentation(&clock);
    }

    #[test]
    fn is_the_only_one(
        i in ids(),
        e in events(),
        (at, flip) in (any::<prop::sample::Index>(), 1..=255_u8),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let clock: Itc = format!("({i},{e})").parse().expect("normal form");
        for mut bytes in [clock.to_compact(), clock.peek().to_compact()] {
            let damaged = at.index(bytes.len());
            bytes[damaged] ^= flip;
            bytes.extend_from_slice(&tail);
            if let Ok(other) = Itc::from_compact(&bytes) {
                prop_assert_eq!(other.to_compact(), &bytes[..]);
            }
            if let Ok(other) = Stamp::from_compact(&bytes) {
                prop_assert_eq!(other.to_compact(), &bytes[..]);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(stamp) = Stamp::from_compact(&bytes) {
            prop_assert_eq!(stamp.to_compact(), &bytes[..]);
        }
        if let Ok(clock) = Itc::from_compact(&bytes) {
            prop_assert_eq!(clock.to_compact(), &bytes[..]);
        }
    }
}

/// The clocks of a run with churn.
fn run() -> Vec<Itc> {
    let mut seed = Itc::seed();
    let mut live = seed.fork_many(15);
    live.push(seed);
    let mut random = 1_u64;
    let mut below = |n: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        ((random >> 33) as usize * n) >> 31
    };
    for _ in 0..1000 {
        let (a, b) = (below(16), below(16));
        live[a].event().expect("an event");
        let message = live[a].peek();
        live[b].merge(&message);
        if below(4) == 0 {
            let newborn = live[a].fork();
            let retired = live.swap_remove(b);
            live.push(newborn);
            live[below(15)].join(retired).expect("disjoint ids");
        }
    }
    live
}

#[test]
fn is_smaller_on_real_clocks() {
    let (mut plain, mut compact) = (0, 0);
    for clock in run() {
        check(&clock);
        check_documentation(&clock);
        plain += clock.peek().encoded_len();
        compact += clock.peek().to_compact().len();
    }
    assert!(compact * 100 < plain * 92, "{compact} against {plain} bytes");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn is_frozen() {
    let clocks = run();
    for (text, expected) in [
        ("(1,0)".to_string(), "18"),
        ("((1,0),(0,1,0))".to_string(), "44c8"),
        ("((0,(1,0)),(7,(0,0,2),(1,0,(0,9,0))))".to_string(), "9a6dbff00c"),
        ("(0,18446744073709551615)".to_string(), "8fc8265b64"),
        (
            clocks[3].to_string(),
            "bdd18cc18072910d4c61af35f3c761c2527eda339de96ad2222992fe3bf150ba679afe9f95a75adbc60fbf21e7f06b9dbe516c3c6cf58792d64f2c0b7713238e",
        ),
    ] {
        let clock: Itc = text.parse().expect("normal form");
        assert_eq!(hex(&clock.to_compact()), expected, "{text}");
        check_documentation(&clock);
    }
    for (text, expected) in [
        ("(0,0)", "40"),
        ("(0,(3,(0,1,0),(2,0,7)))", "3d996566"),
        ("(0,(0,(0,(0,1,0),0),(0,0,(0,0,2))))", "22640a"),
        ("(0,18446744073709551615)", "809ab0"),
        (
            "(0,(18446744073709551000,(0,615,0),(9,0,(4,0,1))))",
            "a78ff00000000000000000000428650a19739775d2",
        ),
        (
            "(0,(4294967296,(0,1000000,(0,70000,0)),(5,0,4294967295)))",
            "3ffffffff000000022ffffdd0910ffff08ba331fffffffe000000030",
        ),
    ] {
        let stamp: Stamp = text.parse().expect("normal form");
        assert_eq!(hex(&stamp.to_compact()), expected, "{text}");
        assert_eq!(Stamp::from_compact(&stamp.to_compact()), Ok(stamp), "{text}");
    }
}

/// FNV-1a, on 64 bits.
fn hash(into: &mut u64, bytes: &[u8]) {
    for byte in bytes {
        *into = (*into ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
}

const HASH: u64 = 0xcbf2_9ce4_8422_2325;

#[test]
fn initial_chances_are_frozen() {
    let mut all = HASH;
    hash(&mut all, &itc::compact::INITIAL_CHANCES);
    assert_eq!(all, 17_762_965_098_260_036_815);
}

/// All clocks and stamps of the paper's two scenarios, with ids in pieces, and
/// again with numbers lifted and stretched to the greatest: frozen by a hash
/// of their compact forms.
#[test]
fn executions_are_frozen() {
    let mut hashes = Vec::new();
    let mut coded = 0;
    for churn in [false, true] {
        for n in [8_usize, 16, 32, 64, 128] {
            let mut random = n as u64;
            let mut below = |n: usize| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                ((random >> 33) as usize * n) >> 31
            };
            let mut all = HASH;
            let mut seed = Itc::seed();
            let mut live = seed.fork_many(n - 1);
            live.push(seed);
            for step in 0..3000 {
                let (a, b) = (below(n), below(n));
                if churn {
                    let newborn = live[a].fork();
                    live.push(newborn);
                    live[b].event().expect("an event");
                    let retired = live.swap_remove(below(n + 1));
                    live[below(n)].join(retired).expect("disjoint ids");
                } else {
                    live[a].events(1 + (step % 97) * (step % 89)).expect("events");
                    let message = live[a].peek();
                    live[b].merge(&message);
                }
                if step % 150 == 149 {
                    let clock = &live[a];
                    check_documentation(clock);
                    coded += u32::from(clock.to_compact()[0] >> 7);
                    for bytes in [clock.to_compact(), clock.peek().to_compact()] {
                        hash(&mut all, &(bytes.len() as u64).to_be_bytes());
                        hash(&mut all, &bytes);
                    }
                    // The same tree, as high as can be: a root number is first.
                    let tree = clock.event_tree().to_string();
                    let rest = tree.trim_start_matches(|c: char| c == '(' || c.is_ascii_digit());
                    let top = u64::MAX - clock.event_tree().max() + clock.event_tree().min();
                    let lifted: Stamp = format!("(0,({top}{rest})").parse().expect("normal form");
                    hash(&mut all, &lifted.to_compact());
                }
            }
            hashes.push(all);
        }
    }
    assert!(coded > 150, "{coded} in the entropy-coded form");
    let expected: [u64; 10] = [
        6_276_784_384_511_438_319,
        12_862_112_618_945_090_060,
        9_548_332_283_380_035_624,
        5_807_911_049_824_328_298,
        466_084_100_790_362_483,
        7_834_254_962_602_603_713,
        10_548_952_222_798_627_880,
        7_717_003_367_911_580_689,
        9_458_945_982_793_986_823,
        13_546_890_527_940_637_786,
    ];
    assert_eq!(hashes, expected);
}

#[test]
fn each_bad_form_has_its_error() {
    assert_eq!(Stamp::from_compact(&[]), Err(DecodeError::UnexpectedEnd { at: 0 }));
    assert!(matches!(Stamp::from_compact(&[0xff]), Err(DecodeError::Invalid { at: 0, .. })));
    // Appendix A where the other form is shorter.
    let stamp = run()[3].peek();
    let mut bits = String::from("0");
    for byte in stamp.event_tree().to_bytes() {
        bits.push_str(&format!("{byte:08b}"));
    }
    let mut plain = spec::bytes(&bits);
    plain.truncate((1 + stamp.event_tree().encoded_bits()).div_ceil(8));
    assert!(matches!(
        Stamp::from_compact(&plain),
        Err(DecodeError::NotCanonical { rule: "the shorter of the two forms", .. })
    ));
    // The entropy-coded form where appendix A is as short: found by search.
    let longer = (0x80..0xc0)
        .flat_map(|first| (0..=255).map(move |second| [first, second]))
        .filter_map(|bytes| Stamp::from_compact(&bytes).err())
        .collect::<Vec<_>>();
    for rule in
        ["the shorter of the two forms", "the last bytes are those that end with the most zeros"]
    {
        assert!(longer.contains(&DecodeError::NotCanonical { at: 0, rule }), "{rule}");
    }
    // More bytes, after either form.
    for clock in [run()[3].to_compact(), "(1,0)".parse::<Itc>().expect("normal form").to_compact()]
    {
        for count in 1..20 {
            let mut bytes = clock.clone();
            bytes.resize(clock.len() + count, 0);
            assert_eq!(Itc::from_compact(&bytes), Err(DecodeError::TrailingBytes { count }));
        }
    }
    // All numbers fit 64 bits, but not their sum: found by search.
    let sum = [0x87, 0x16, 0xc7, 0x41, 0xe6, 0xd8, 0xe8, 0x03, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(Stamp::from_compact(&sum), Err(DecodeError::SumTooLarge { at: 12 }));
    // A form that would go on and on.
    for first in 0x80..0xc0 {
        for second in 0..=255 {
            let _ = Stamp::from_compact(&[first, second]);
            let _ = Itc::from_compact(&[first, second]);
        }
    }
    let deep = "(".repeat(60_000) + "1" + &",0)".repeat(60_000);
    let clock: Itc = format!("({deep},0)").parse().expect("normal form");
    check(&clock);
}
