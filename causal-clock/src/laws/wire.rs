//! Decoding whatever bytes come: damaged encodings and noise.

use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::{Execution, Shape, executions, replay};
use crate::{CausalClock, Scheme, Wire};

/// A way to damage an encoding.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Truncate(Index),
    Append(Vec<u8>),
    Replace(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => any::<(Index, u8)>().prop_map(|(at, byte)| Damage::Insert(at, byte)),
        2 => any::<Index>().prop_map(Damage::Remove),
        1 => any::<Index>().prop_map(Damage::Truncate),
        1 => vec(any::<u8>(), 1..8).prop_map(Damage::Append),
        2 => vec(any::<u8>(), 0..64).prop_map(Damage::Replace),
    ]
}

fn apply(damage: &Damage, bytes: &mut Vec<u8>) {
    let len = bytes.len();
    match damage {
        Damage::Append(tail) => bytes.extend_from_slice(tail),
        Damage::Replace(noise) => bytes.clone_from(noise),
        Damage::Insert(at, byte) => bytes.insert(at.index(len + 1), *byte),
        _ if len == 0 => {}
        Damage::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
        Damage::Remove(at) => {
            bytes.remove(at.index(len));
        }
        Damage::Truncate(at) => bytes.truncate(at.index(len)),
    }
}

/// What decodes must encode to the very bytes it was decoded from.
fn check_strict<T: Wire>(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(value) = T::decode(bytes) {
        let again = value.to_bytes();
        prop_assert!(again == bytes, "{bytes:02x?} is read as what is written {again:02x?}");
        prop_assert_eq!(value.encoded_len(), bytes.len());
    }
    Ok(())
}

pub(super) fn assert_decode_is_strict<S: Scheme>(scheme: &S, shape: &Shape) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let inputs = (executions(shape), vec(vec(damage(), 1..4), 16), any::<Index>());
    let outcome = runner.run(&inputs, |(execution, damages, which): (Execution, _, _)| {
        let history = replay(scheme, &execution)?;
        for damages in damages {
            if !history.events.is_empty() {
                let mut bytes = history.events[which.index(history.events.len())].stamp.to_bytes();
                damages.iter().for_each(|d| apply(d, &mut bytes));
                check_strict::<<S::Clock as CausalClock>::Stamp>(&bytes)?;
            }
            let mut bytes = history.survivors[which.index(history.survivors.len())].to_bytes();
            damages.iter().for_each(|d| apply(d, &mut bytes));
            check_strict::<S::Clock>(&bytes)?;
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
