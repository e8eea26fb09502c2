//! `DvvSet` against a plain map, made of its parts, and as bytes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::string::FromUtf8Error;

use bounded_vc::{
    DvvSet, DvvSetDecodeError, DvvSetError, MAX_COUNTER, VersionVector, VersionVectorError,
};
use causal_clock::CausalOrder::{self, After, Before};
use causal_clock::{DecodeError, NodeId};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// The specification: of each server, how many writes it made, and those of
/// its values that are left, the newest first; then the values without a dot.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    entries: BTreeMap<u64, (u64, Vec<u8>)>,
    anonymous: Vec<u8>,
}

impl Model {
    fn counter(&self, id: u64) -> u64 {
        self.entries.get(&id).map_or(0, |(counter, _)| *counter)
    }

    fn leq(&self, other: &Self) -> bool {
        self.entries.iter().all(|(id, (counter, _))| *counter <= other.counter(*id))
    }

    fn compare(&self, other: &Self) -> CausalOrder {
        CausalOrder::from_leq(self.leq(other), other.leq(self))
    }

    /// Of two entries of one server, as `merge/4` of the reference module.
    fn merged(left: &(u64, Vec<u8>), right: &(u64, Vec<u8>)) -> (u64, Vec<u8>) {
        let ((more, values), (fewer, others)) =
            if left.0 >= right.0 { (left, right) } else { (right, left) };
        let keep = more - fewer + others.len() as u64;
        (*more, values.iter().copied().take(usize::try_from(keep).expect("few")).collect())
    }

    fn sync(&mut self, other: &Self) {
        match self.compare(other) {
            Before => self.anonymous.clone_from(&other.anonymous),
            After => {}
            _ => {
                let all = std::mem::take(&mut self.anonymous);
                for value in all.iter().chain(&other.anonymous) {
                    if !self.anonymous.contains(value) {
                        self.anonymous.push(*value);
                    }
                }
            }
        }
        for (id, theirs) in &other.entries {
            let mine = self.entries.get(id).cloned().unwrap_or_default();
            self.entries.insert(*id, Self::merged(&mine, theirs));
        }
    }

    /// What is read is known without its values.
    fn discard(&mut self, read: &Self) {
        let (counters, before) = (read.entries.iter(), self.compare(read) == Before);
        let entries = counters.map(|(id, (counter, _))| (*id, (*counter, Vec::new()))).collect();
        if before {
            self.anonymous.clear();
        }
        let anonymous = self.anonymous.clone();
        self.sync(&Self { entries, anonymous: anonymous.clone() });
        self.anonymous = anonymous;
    }

    fn event(&mut self, server: u64, value: u8) {
        let (counter, values) = self.entries.entry(server).or_default();
        *counter += 1;
        values.insert(0, value);
    }
}

fn model() -> impl Strategy<Value = Model> {
    let ids = prop_oneof![4 => 0..6_u64, 1 => any::<u64>()];
    let counters = prop_oneof![4 => 1..5_u64, 1 => 1..MAX_COUNTER];
    let entry = (counters, vec(any::<u8>(), 0..4)).prop_map(|(counter, mut values)| {
        values.truncate(usize::try_from(counter).unwrap_or(usize::MAX));
        (counter, values)
    });
    (btree_map(ids, entry, 0..6), vec(0..4_u8, 0..3))
        .prop_map(|(entries, anonymous)| Model { entries, anonymous })
}

fn set(model: &Model) -> DvvSet<u8> {
    let entries = model.entries.iter().rev();
    let entries = entries.map(|(id, (n, values))| (NodeId::new(*id), *n, values.clone()));
    DvvSet::from_parts(entries, model.anonymous.clone()).expect("valid parts")
}

fn parts(set: &DvvSet<u8>) -> Model {
    let entries = set.entries().map(|(id, n, values)| (id.get(), (n, values.copied().collect())));
    Model { entries: entries.collect(), anonymous: set.anonymous().to_vec() }
}

/// A value is written as one byte, and zero as none.
fn bytes(set: &DvvSet<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.encode_with(&mut bytes, |value, out| out.extend((*value > 0).then_some(*value)));
    bytes
}

fn read(bytes: &[u8]) -> Result<u8, &'static str> {
    match bytes {
        [] => Ok(0),
        [0] => Err("a zero is written as no byte"),
        [value] => Ok(*value),
        _ => Err("a value is a byte"),
    }
}

proptest! {
    #[test]
    fn a_set_is_a_map_of_counters_and_values(
        a in model(),
        b in model(),
        server in 0..6_u64,
        value in any::<u8>(),
    ) {
        let (left, right) = (set(&a), set(&b));
        prop_assert_eq!(&parts(&left), &a);
        let read_there: Vec<_> = b.entries.iter().map(|(id, (n, _))| (NodeId::new(*id), *n)).collect();
        let context = VersionVector::from_entries(read_there).expect("valid entries");
        prop_assert_eq!(&right.context(), &context);
        prop_assert_eq!(left.compare(&right), a.compare(&b));

        let (mut synced, mut expected) = (left.clone(), a.clone());
        synced.sync(&right);
        expected.sync(&b);
        prop_assert_eq!(&parts(&synced), &expected);
        prop_assert_eq!(synced.len(), synced.values().count());
        prop_assert_eq!(bytes(&synced), bytes(&set(&expected)));

        let (mut discarded, mut expected) = (left.clone(), a.clone());
        discarded.discard(&context);
        expected.discard(&b);
        prop_assert_eq!(&parts(&discarded), &expected);
        discarded.event(NodeId::new(server), value).expect("room");
        expected.event(server, value);
        prop_assert_eq!(&parts(&discarded), &expected);

        let mut updated = left.clone();
        match updated.update(&context, value, NodeId::new(server)) {
            Ok(_) => prop_assert_eq!(&updated, &discarded),
            Err(_) => {
                prop_assert!(b.counter(server) > a.counter(server));
                prop_assert_eq!(&updated, &left);
            }
        }
        for set in [&left, &synced, &discarded] {
            let back = DvvSet::decode_with(&bytes(set), read);
            prop_assert_eq!(back.as_ref(), Ok(set));
        }
    }

    /// Bytes that are near a set's are another's, or none's.
    #[test]
    fn no_other_bytes_make_a_set(a in model(), at in any::<usize>(), to in any::<u8>()) {
        let mut damaged = bytes(&set(&a));
        let at = at % damaged.len();
        for len in 0..damaged.len() {
            prop_assert!(DvvSet::decode_with(&damaged[..len], read).is_err());
        }
        damaged[at] = to;
        if let Ok(other) = DvvSet::decode_with(&damaged, read) {
            prop_assert_eq!(bytes(&other), damaged);
        }
    }
}

const A: NodeId = NodeId::new(1);
const B: NodeId = NodeId::new(2);

#[test]
fn parts_are_checked() {
    let from = |entries: &[(NodeId, u64, &'static [u8])]| {
        DvvSet::from_parts(entries.iter().map(|(id, n, v)| (*id, *n, v.to_vec())), [])
    };
    let error = |error| Err(DvvSetError::Context(error));
    assert_eq!(
        from(&[(A, 1, &[]), (B, 1, &[]), (A, 2, &[1])]),
        error(VersionVectorError::RepeatedId(A))
    );
    assert_eq!(from(&[(A, 0, &[])]), error(VersionVectorError::ZeroCounter(A)));
    assert_eq!(from(&[(A, 0, &[1])]), error(VersionVectorError::ZeroCounter(A)));
    let counter = MAX_COUNTER + 1;
    let too_large = VersionVectorError::CounterTooLarge { id: A, counter };
    assert_eq!(from(&[(A, counter, &[1])]), error(too_large));
    let too_many = DvvSetError::TooManyValues { server: B, values: 3, writes: 2 };
    assert_eq!(from(&[(A, 1, &[1]), (B, 2, &[3, 2, 1])]), Err(too_many));
    assert!(from(&[(B, 2, &[2, 1]), (A, MAX_COUNTER, &[1])]).is_ok());
    assert_eq!(from(&[]), Ok(DvvSet::new()));
}

/// The encoding, byte by byte. These bytes are frozen: stored objects must
/// stay readable.
#[test]
fn wire_frozen() {
    let text = |entries: Vec<(u64, u64, Vec<&str>)>, anonymous: &[&str]| {
        let owned = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        let entries = entries.iter().map(|(id, n, v)| (NodeId::new(*id), *n, owned(v)));
        DvvSet::from_parts(entries, owned(anonymous)).expect("valid parts")
    };
    // Three ids with gaps of two bits and counters, each less one, of two.
    let context = [3, 2, 2, 0b10_10_01_01, 0b00_11];
    let frozen: [(DvvSet<String>, Vec<u8>); 5] = [
        (text(vec![], &[]), vec![0, 0, 0]),
        (text(vec![], &["tea", ""]), [&[0, 0, 2, 3, 0][..], b"tea"].concat()),
        (
            text(vec![(1, 3, vec![]), (2, 4, vec![]), (4, 1, vec![])], &[]),
            [&context[..], &[0, 0]].concat(),
        ),
        (
            // Ranks 0, 0, 2.
            text(vec![(1, 3, vec!["new", "ol"]), (2, 4, vec![]), (4, 1, vec!["d"])], &[]),
            [&context[..], &[3, 0, 3, 0, 2, 2, 1, 0], b"newold"].concat(),
        ),
        (
            // Ranks 1, 2.
            text(vec![(1, 3, vec![]), (2, 4, vec!["b"]), (4, 1, vec![""])], &["x"]),
            [&context[..], &[2, 1, 1, 1, 0, 1, 1], b"bx"].concat(),
        ),
    ];
    for (set, expected) in frozen {
        let mut bytes = Vec::new();
        set.encode_with(&mut bytes, |value, out| out.extend(value.as_bytes()));
        assert_eq!(bytes, expected, "{set:?}");
        assert_eq!(DvvSet::decode_with(&bytes, |v| String::from_utf8(v.to_vec())), Ok(set));
    }
}

#[test]
fn wire_refuses_what_is_not_canonical() {
    use DecodeError::{
        CountTooLarge, Invalid, NotCanonical, NumberTooLarge, Overlong, TrailingBytes,
        UnexpectedEnd,
    };
    let rank = "the rank of one of the context's ids";
    let writes = "no more values of a server than it made writes";
    let ascending = "no two ids are the same";
    // Ids 1 and 2 with counters 1 and 2.
    let two = |rest: &[u8]| [&[2, 1, 1, 0b10_11], rest].concat();
    let overflowing = [&[2, 0, 0][..], &[0xff; 9], &[1, 0, 0]].concat();
    let cases = [
        (vec![], UnexpectedEnd { at: 0 }),
        (vec![0, 0], UnexpectedEnd { at: 2 }),
        // Of the context.
        (vec![2, 1, 0, 0b01, 0, 0], NotCanonical { at: 3, rule: ascending }),
        (vec![99, 64, 0, 0, 0], CountTooLarge { at: 0, count: 99, room: 2 }),
        // A counter of 2^63.
        ([&[1, 1, 63][..], &[0xff; 8], &[0, 0]].concat(), NumberTooLarge { at: 3 }),
        // Counts and lengths that promise more than there is.
        (two(&[3, 0, 0, 1, 0]), CountTooLarge { at: 4, count: 3, room: 4 }),
        (two(&[0, 2, 0]), CountTooLarge { at: 5, count: 2, room: 1 }),
        (two(&[1, 0, 2, 0, 7]), CountTooLarge { at: 6, count: 2, room: 1 }),
        (two(&[1, 0, 1, 1, 1, 7]), CountTooLarge { at: 8, count: 1, room: 0 }),
        (two(&[0, 1, 0xff, 0xff, 0x7f]), CountTooLarge { at: 6, count: 0x1f_ffff, room: 0 }),
        // A server that has no entry.
        (vec![0, 1, 0, 0, 0], Invalid { at: 1 + 1, expected: rank }),
        (two(&[1, 2, 0, 0]), Invalid { at: 5, expected: rank }),
        (two(&[2, 1, 0, 1, 0, 0]), Invalid { at: 7, expected: rank }),
        (
            two(&[&[2, 1, 0][..], &[0xff; 9], &[1, 0, 0]].concat()),
            Invalid { at: 7, expected: rank },
        ),
        (two(&overflowing), Invalid { at: 7, expected: rank }),
        // A second of the one write, a third of the two.
        (two(&[2, 0, 0, 0, 0, 0]), Invalid { at: 7, expected: writes }),
        (two(&[3, 1, 0, 0, 0, 0, 0, 0]), Invalid { at: 9, expected: writes }),
        // Numbers that are longer than they need to be, and bytes left over.
        (two(&[0x80, 0, 0]), Overlong { at: 4 }),
        (two(&[1, 0, 0x80, 0, 0]), Overlong { at: 6 }),
        (two(&[0, 0, 9]), TrailingBytes { count: 1 }),
        (two(&[1, 0, 1, 0, 7, 7]), TrailingBytes { count: 1 }),
    ];
    for (bytes, error) in cases {
        let refused = DvvSet::decode_with(&bytes, |value| Ok::<_, Infallible>(value.to_vec()));
        assert_eq!(refused, Err(DvvSetDecodeError::Form(error)), "{bytes:02x?}");
    }
}

#[test]
fn a_value_that_is_refused_is_named() {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
    let bytes = [&[1, 1, 0, 1, 1, 0, 3, 1, 1][..], b"tea", &[0xff]].concat();
    let refused: DvvSetDecodeError<FromUtf8Error> = DvvSet::decode_with(&bytes, text).unwrap_err();
    let source = String::from_utf8(vec![0xff]).unwrap_err();
    assert_eq!(refused, DvvSetDecodeError::Value { at: 12, source });
    // The form is seen to be wrong before any value is read.
    let never = |_: &[u8]| -> Result<u8, Infallible> { panic!("a value was read") };
    assert!(DvvSet::decode_with(&[&bytes[..], &[0]].concat(), never).is_err());
}

/// As many values as a hostile hand likes, all of no bytes.
#[test]
fn many_values_are_read() {
    let count = 300_000_u64;
    let mut bytes = Vec::new();
    let values = vec![0_u8; usize::try_from(count).expect("few")];
    let set = DvvSet::from_parts([(A, count, values.clone())], values).expect("valid parts");
    set.encode_with(&mut bytes, |_, _| ());
    assert!(bytes.len() as u64 > 3 * count);
    assert_eq!(DvvSet::decode_with(&bytes, read), Ok(set));
}

#[test]
fn values_without_dots_come_together_where_one_side_repeats_them() {
    let context = DvvSet::<u8>::new().context();
    let twice = DvvSet::with_context(&context, [7, 7, 8]);
    let once = DvvSet::with_context(&context, [9, 7]);
    let merged = |left: &DvvSet<u8>, right: &DvvSet<u8>| {
        let mut merged = left.clone();
        merged.sync(right);
        let mut values: Vec<u8> = merged.anonymous().to_vec();
        values.sort_unstable();
        values
    };
    assert_eq!(merged(&twice, &once), [7, 8, 9]);
    assert_eq!(merged(&once, &twice), [7, 8, 9]);
    assert_eq!(merged(&twice, &twice), [7, 8]);
}
