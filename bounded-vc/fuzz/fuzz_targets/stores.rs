//! Objects and channels between hostile hands: a `DvvSet` is read from
//! whatever bytes come and takes in whatever contexts and other sets do, and a
//! differential channel whatever messages do. Nothing panics; a set is written
//! as the very bytes that it was read from; what it takes in, it knows; what is
//! refused changes nothing.
//!
//! `cargo +nightly fuzz run stores`, in the crate's folder.
#![no_main]

use bounded_vc::{DvvSet, FifoReceiver, StampDiff, VersionVector};
use causal_clock::{CausalOrder, NodeId, Wire};
use libfuzzer_sys::fuzz_target;

const SERVER: NodeId = NodeId::new(2);

fn at_most(left: &VersionVector, right: &VersionVector) -> bool {
    matches!(left.compare(right), CausalOrder::Before | CausalOrder::Equal)
}

fn written(set: &DvvSet<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.encode_with(&mut bytes, |value, out| out.push(*value));
    bytes
}

fn read(bytes: &[u8]) -> Option<DvvSet<u8>> {
    let value = |bytes: &[u8]| <[u8; 1]>::try_from(bytes).map(|[value]| value);
    DvvSet::decode_with(bytes, value).ok()
}

/// It comes back from its bytes, and from its parts.
fn comes_back(set: &DvvSet<u8>) {
    assert_eq!(read(&written(set)).as_ref(), Some(set));
    let parts = set.entries().map(|(id, n, values)| (id, n, values.copied().collect::<Vec<_>>()));
    let again = DvvSet::from_parts(parts, set.anonymous().iter().copied());
    assert_eq!(again.as_ref(), Ok(set));
}

/// One operation on the first of two replicas.
fn step(sets: &mut [DvvSet<u8>; 2], operation: u8, context: &VersionVector) {
    let [set, other] = sets;
    let before = set.clone();
    let done = match operation % 8 {
        0 => set.update(context, operation, SERVER).map(|_| ()),
        1 => set.update_strict(context, operation, SERVER).map(|_| ()),
        2 => set.discard_strict(context),
        3 => set.sync_strict(other, SERVER),
        4 => set.event(SERVER, operation).map(|_| ()).map_err(Into::into),
        5 => {
            set.sync(&DvvSet::with_context(context, [operation]));
            Ok(())
        }
        6 => {
            set.sync(other);
            Ok(())
        }
        _ => {
            set.discard(context);
            Ok(())
        }
    };
    let (was, is) = (before.context(), set.context());
    match (done, operation % 8) {
        (Err(_), _) => assert_eq!(*set, before),
        (Ok(()), 1 | 2) => assert!(at_most(context, &was) && at_most(&was, &is)),
        (Ok(()), 3 | 6) => assert!(at_most(&other.context(), &is) && at_most(&was, &is)),
        (Ok(()), 4) => assert!(at_most(&was, &is) && set.len() == before.len() + 1),
        (Ok(()), _) => assert!(at_most(context, &is) && at_most(&was, &is)),
    }
    sets.swap(0, usize::from(operation >> 7));
}

fuzz_target!(|bytes: &[u8]| {
    let mut sets = [DvvSet::new(), DvvSet::new()];
    let mut receiver = FifoReceiver::new();
    let (mut due, mut closed) = (0, false);
    let mut rest = bytes;
    while let Some((&operation, tail)) = rest.split_first() {
        let Some((&len, tail)) = tail.split_first() else { break };
        let (part, tail) = tail.split_at(usize::from(len).min(tail.len()));
        rest = tail;
        if let Ok(context) = VersionVector::decode(part) {
            step(&mut sets, operation, &context);
        }
        if let Some(hostile) = read(part) {
            assert_eq!(written(&hostile), part);
            sets[1] = hostile;
            step(&mut sets, operation, &VersionVector::new());
        }
        if let Ok(message) = StampDiff::decode(part) {
            closed |= message.number() != due;
            due += 1;
            match receiver.unpack(&message) {
                Ok(stamp) => assert!(!closed && at_most(message.news(), stamp.vector())),
                Err(_) => assert!(closed),
            }
        }
    }
    sets.iter().for_each(comes_back);
});
