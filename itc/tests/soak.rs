//! Ten million damaged inputs for each decoder and the parser, without the
//! tools that the fuzz targets need:
//! `cargo test --release -p itc --test soak -- --ignored --nocapture`.

use causal_clock::Wire;
use itc::{Itc, Stamp};

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize * n) >> 31
    }
}

/// How many inputs: `SOAK` of the environment, or ten million.
fn inputs() -> usize {
    std::env::var("SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000)
}

/// Clocks of a run with churn, small and not so small.
fn clocks(rng: &mut Rng) -> Vec<Itc> {
    let mut seed = Itc::seed();
    let mut live = seed.fork_many(15);
    live.push(seed);
    let mut kept = Vec::new();
    for step in 0..400 {
        let (a, b) = (rng.below(16), rng.below(16));
        live[a].event().expect("an event");
        let message = live[a].peek();
        live[b].merge(&message);
        let newborn = live[a].fork();
        let retired = live.swap_remove(b);
        live.push(newborn);
        live[rng.below(15)].join(retired).expect("disjoint ids");
        if step % 7 == 0 {
            let (id, events) = (live[a].id().clone(), live[a].event_tree().clone());
            kept.push(Itc::from_parts(id, events));
        }
    }
    kept
}

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng, alphabet: &[u8]) {
    for _ in 0..=rng.below(3) {
        let byte = alphabet[rng.below(alphabet.len())];
        let at = rng.below(bytes.len() + 1);
        match rng.below(4) {
            0 => bytes.insert(at, byte),
            1 => bytes.truncate(at),
            _ if at == bytes.len() => bytes.push(byte),
            2 => bytes[at] = byte,
            _ => bytes[at] ^= 1 << rng.below(8),
        }
    }
}

/// Checks all inputs, and prints how many were good in spite of the damage.
fn soak(
    name: &str,
    encode: impl Fn(&Itc) -> Vec<u8>,
    alphabet: &[u8],
    check: impl Fn(&[u8]) -> bool,
) {
    let mut rng = Rng(7);
    let corpus: Vec<Vec<u8>> = clocks(&mut rng).iter().map(encode).collect();
    let (mut good, inputs) = (0, inputs());
    let mut bytes = Vec::new();
    for _ in 0..inputs {
        bytes.clone_from(&corpus[rng.below(corpus.len())]);
        // Short prefixes are where most kinds of errors are.
        if rng.below(2) == 0 {
            bytes.truncate(rng.below(12));
        }
        damage(&mut bytes, &mut rng, alphabet);
        good += usize::from(check(&bytes));
    }
    println!("{name}: {inputs} inputs, {good} of them good");
}

fn any_byte() -> Vec<u8> {
    (0..=255).collect()
}

#[test]
#[ignore = "takes a minute"]
fn appendix_a() {
    soak("appendix A, clocks", Wire::to_bytes, &any_byte(), |bytes| {
        Itc::decode(bytes).inspect(|clock| assert_eq!(clock.to_bytes(), bytes)).is_ok()
    });
    soak(
        "appendix A, stamps",
        |c| c.peek().to_bytes(),
        &any_byte(),
        |bytes| Stamp::decode(bytes).inspect(|stamp| assert_eq!(stamp.to_bytes(), bytes)).is_ok(),
    );
}

#[test]
#[ignore = "takes a minute"]
fn compact() {
    soak("compact, clocks", Itc::to_compact, &any_byte(), |bytes| {
        Itc::from_compact(bytes).inspect(|clock| assert_eq!(clock.to_compact(), bytes)).is_ok()
    });
    soak(
        "compact, stamps",
        |c| c.peek().to_compact(),
        &any_byte(),
        |bytes| {
            Stamp::from_compact(bytes)
                .inspect(|stamp| assert_eq!(stamp.to_compact(), bytes))
                .is_ok()
        },
    );
}

#[test]
#[ignore = "takes a minute"]
fn text() {
    soak(
        "text",
        |c| c.to_string().into_bytes(),
        b"(,)0123456789 18446744073709551615",
        |bytes| {
            let Ok(text) = std::str::from_utf8(bytes) else { return false };
            let parsed = text.parse::<Itc>();
            parsed
                .inspect(|clock| {
                    let without: String =
                        text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                    assert_eq!(clock.to_string(), without);
                })
                .is_ok()
        },
    );
}
