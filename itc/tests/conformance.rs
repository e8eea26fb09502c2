//! Conformance to vectors that the authors' Erlang reference made: structure,
//! bits, bytes and order, after every step.
//!
//! `ITC_VECTORS` names the file; else it is `shared/vectors/itc.txt` beside
//! the repository, else the few sequences kept in `tests/vectors/itc.txt`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use causal_clock::Wire;
use itc::Itc;

fn vectors() -> PathBuf {
    if let Some(path) = std::env::var_os("ITC_VECTORS") {
        return path.into();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = here.join("../../shared/vectors/itc.txt");
    if shared.exists() { shared } else { here.join("tests/vectors/itc.txt") }
}

/// Checks `slot=[ID EVENT BITS HEX]`, and that it comes back from its bytes
/// and its text.
fn check(clock: &Itc, expected: &str) {
    let fields: Vec<&str> = expected.trim_matches(['[', ']']).split(' ').collect();
    let [id, events, bits, hex] = fields[..] else { panic!("not a state: {expected}") };
    assert_eq!(
        (clock.id().to_string(), clock.event_tree().to_string()),
        (id.into(), events.into())
    );
    assert_eq!(clock.encoded_bits().to_string(), bits);
    let bytes = clock.to_bytes();
    let encoded: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(encoded, hex);
    assert_eq!(clock.encoded_len(), bytes.len());
    assert_eq!(Itc::decode(&bytes).as_ref(), Ok(clock));
    assert_eq!(clock.to_string().parse().as_ref(), Ok(clock));
}

#[derive(Default)]
struct Slots(HashMap<String, Itc>);

impl Slots {
    fn take(&mut self, name: &str) -> Itc {
        self.0.remove(name).expect("a live slot")
    }

    fn at(&mut self, name: &str) -> &mut Itc {
        self.0.get_mut(name).expect("a live slot")
    }

    fn step(&mut self, op: &str, args: &[&str]) {
        match (op, args) {
            ("seed", [a]) => {
                self.0.insert((*a).into(), Itc::seed());
            }
            ("event", [a]) => self.at(a).event().expect("an event"),
            ("fork", [a, b]) => {
                let newborn = self.at(a).fork();
                self.0.insert((*b).into(), newborn);
            }
            ("join", [a, b]) => {
                let retired = self.take(b);
                self.at(a).join(retired).expect("disjoint ids");
            }
            ("recv", [a, b]) => {
                let message = self.at(b).peek();
                self.at(a).merge(&message);
            }
            ("sync", [a, b]) => {
                let mut other = self.take(b);
                self.at(a).sync(&mut other).expect("disjoint ids");
                self.0.insert((*b).into(), other);
            }
            _ => panic!("unknown operation {op} {args:?}"),
        }
    }
}

#[test]
fn conforms_to_vectors() {
    let path = vectors();
    let text = std::fs::read_to_string(&path).expect("the vectors");
    let mut slots = Slots::default();
    let (mut states, mut orders) = (0, 0);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        if line.starts_with("seq ") {
            slots = Slots::default();
            continue;
        }
        let (command, result) = line.split_once(" -> ").expect("a step and its result");
        let words: Vec<&str> = command.split(' ').collect();
        if let ["leq", a, b] = words[..] {
            let (a, b) = (slots.at(a).peek(), slots.at(b).peek());
            assert_eq!(u8::from(a.leq(&b)).to_string(), result, "line {}", number + 1);
            let order = causal_clock::CausalOrder::from_leq(a.leq(&b), b.leq(&a));
            assert_eq!(a.compare(&b), order, "line {}", number + 1);
            orders += 1;
            continue;
        }
        slots.step(words[0], &words[1..]);
        for state in result.split("] ") {
            let (slot, state) = state.split_once('=').expect("a slot and its state");
            println!("line {}: {command}", number + 1);
            check(slots.at(slot), state);
            states += 1;
        }
    }
    println!("{}: {states} states and {orders} orders", path.display());
    assert!(states > 0 && orders > 0);
}
