//! `DvvSet` against traces of the reference module run by Erlang (the file is
//! read from `DVVSET_VECTORS` where that is set), and by hand.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bounded_vc::{DvvSet, MAX_COUNTER, UpdateError, VersionVector};
use causal_clock::{CounterOverflow, NodeId};

/// A node is one or two letters; its name's bytes are its id.
fn node(name: &str) -> NodeId {
    NodeId::new(name.bytes().fold(0, |id, byte| id << 8 | u64::from(byte)))
}

/// Reads `{r1:1,r2:3}`.
fn context(text: &str) -> VersionVector {
    let inner = text.trim_start_matches('{').trim_end_matches('}');
    let entries = inner.split(',').filter(|entry| !entry.is_empty()).map(|entry| {
        let (id, counter) = entry.split_once(':').expect("id:counter");
        (node(id), counter.parse().expect("a counter"))
    });
    VersionVector::from_entries(entries).expect("valid entries")
}

/// Writes `{r1:2[v3,v2]},[]`.
fn written(set: &DvvSet<String>) -> String {
    let list = |values: Vec<&String>| -> String {
        values.into_iter().map(String::as_str).collect::<Vec<_>>().join(",")
    };
    let entries: Vec<String> = set
        .entries()
        .map(|(id, counter, values)| {
            let name: Vec<u8> = id.get().to_be_bytes().into_iter().filter(|b| *b > 0).collect();
            let name = String::from_utf8(name).expect("a name");
            format!("{name}:{counter}[{}]", list(values.collect()))
        })
        .collect();
    format!("{{{}}},[{}]", entries.join(","), list(set.anonymous().iter().collect()))
}

#[test]
fn does_what_the_vectors_say() {
    let given = std::env::var_os("DVVSET_VECTORS").map(PathBuf::from);
    let text = common::reference("dvvset_trace.tsv", given);
    let mut replicas: BTreeMap<(String, String), DvvSet<String>> = BTreeMap::new();
    let mut steps = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[trace, _, op, expected] = columns.as_slice() else { panic!("`{line}`: 4 columns") };
        let key = |replica: &str| (trace.to_string(), replica.to_string());
        let (verb, rest) = op.split_once('(').expect("op(…)");
        let (arguments, _) = rest.rsplit_once(')').expect("op(…)");
        let said = match verb {
            "put" => {
                let mut parts = arguments.splitn(3, ',');
                let mut part = || parts.next().expect("replica,value,ctx={…}");
                let (replica, value, read) = (part(), part(), part());
                let read = context(read.trim_start_matches("ctx="));
                let set = replicas.entry(key(replica)).or_default();
                set.update(&read, value.to_string(), node(replica)).expect("a context read here");
                written(set)
            }
            "sync" => {
                let (to, from) = arguments.split_once("<-").expect("to<-from");
                let other = replicas.get(&key(from)).cloned().unwrap_or_default();
                let set = replicas.entry(key(to)).or_default();
                set.sync(&other);
                written(set)
            }
            "read" => {
                let set = replicas.entry(key(arguments)).or_default();
                let read: Vec<String> = set
                    .entries()
                    .map(|(id, counter, _)| {
                        let [.., r, digit] = id.get().to_be_bytes();
                        format!("{}{}:{counter}", char::from(r), char::from(digit))
                    })
                    .collect();
                let mut values: Vec<&str> = set.values().map(String::as_str).collect();
                values.sort_unstable();
                format!("ctx={{{}}} values=[{}]", read.join(","), values.join(","))
            }
            other => panic!("`{other}` is no operation"),
        };
        assert_eq!(said, expected, "{line}");
        steps += 1;
    }
    assert!(steps > 0, "no step in the file");
}

fn put(set: &mut DvvSet<String>, value: &str, read: &str, server: &str) {
    set.update(&context(read), value.to_string(), node(server)).expect("a context read here");
}

#[test]
fn by_hand() {
    let mut set = DvvSet::new();
    put(&mut set, "v1", "{}", "a");
    let first = set.clone();
    assert_eq!(written(&set), "{a:1[v1]},[]");
    put(&mut set, "v2", "{a:1}", "a");
    assert_eq!(written(&set), "{a:2[v2]},[]");

    let mut set = first.clone();
    put(&mut set, "v2", "{}", "a");
    let two = set.clone();
    assert_eq!(written(&set), "{a:2[v2,v1]},[]");
    put(&mut set, "v3", "{a:1}", "a");
    assert_eq!(written(&set), "{a:3[v3,v2]},[]");

    let mut left = DvvSet::with_context(&context("{a:1}"), []);
    left.sync(&two);
    assert_eq!(written(&left), "{a:2[v2]},[]");

    let mut left = DvvSet::with_context(&context("{a:2}"), []);
    put(&mut left, "v3", "{}", "b");
    left.sync(&DvvSet::with_context(&context("{a:2}"), []));
    let mut right = DvvSet::with_context(&context("{a:2}"), []);
    put(&mut right, "v3", "{}", "c");
    left.sync(&right);
    assert_eq!(written(&left), "{a:2[],b:1[v3],c:1[v3]},[]");
}

#[test]
fn values_without_a_dot_go_when_all_that_was_known_with_them_is_overtaken() {
    let client =
        |read: &str, value: &str| DvvSet::with_context(&context(read), [value.to_string()]);
    let mut set = client("{a:1}", "x");
    set.sync(&client("{b:1}", "x"));
    set.sync(&client("{b:1}", "y"));
    assert_eq!(written(&set), "{a:1[],b:1[]},[x]", "the second is behind by then");
    set.sync(&client("{a:1,b:1}", "y"));
    assert_eq!(written(&set), "{a:1[],b:1[]},[x,y]");
    set.sync(&client("{a:2,b:1}", "z"));
    assert_eq!(written(&set), "{a:2[],b:1[]},[z]");
    set.discard(&context("{a:2,b:1}"));
    assert_eq!(set.len(), 1, "a context that is the same has not read them");
    set.discard(&context("{a:2,b:2}"));
    assert!(set.is_empty());
}

#[test]
fn a_context_from_elsewhere_is_refused_and_changes_nothing() {
    let mut set = DvvSet::new();
    put(&mut set, "v1", "{}", "a");
    let before = set.clone();
    let refused = set.update(&context("{a:2}"), "v2".to_string(), node("a"));
    let error = UpdateError::ForeignContext { server: node("a"), context: 2, known: 1 };
    assert_eq!((refused, &set), (Err(error), &before));
    let full = VersionVector::from_entries([(node("a"), MAX_COUNTER)]).expect("valid");
    let mut set = DvvSet::with_context(&full, []);
    let before = set.clone();
    let refused = set.update(&full, "v".to_string(), node("a"));
    let error = UpdateError::Overflow(CounterOverflow { counter: MAX_COUNTER });
    assert_eq!((refused, &set), (Err(error), &before));
    // Nor does a write that cannot be named drop what its client had read.
    let entries = [(node("a"), MAX_COUNTER, vec![]), (node("b"), 1, vec!["v".to_string()])];
    let mut set = DvvSet::from_parts(entries, []).expect("valid");
    let before = set.clone();
    let refused = set.update(&context("{b:1}"), "w".to_string(), node("a"));
    assert_eq!((refused, &set), (Err(error), &before));
}

/// Without the check the entry of another server is filled up for good.
#[test]
fn what_is_ahead_of_this_replica_is_refused_on_demand() {
    let (a, b) = (node("a"), node("b"));
    let full = VersionVector::from_entries([(b, MAX_COUNTER)]).expect("valid");
    let mut set = DvvSet::new();
    put(&mut set, "v1", "{}", "a");
    let before = set.clone();
    let foreign = |server, context, known| UpdateError::ForeignContext { server, context, known };

    let refused = set.update_strict(&full, "v2".to_string(), a);
    assert_eq!(refused, Err(foreign(b, MAX_COUNTER, 0)));
    assert_eq!(set.discard_strict(&full), Err(foreign(b, MAX_COUNTER, 0)));
    assert_eq!(set, before);
    let mut lost = set.clone();
    lost.update(&full, "v2".to_string(), a).expect("as a client of another replica");
    let refused = lost.update(&full, "v3".to_string(), b);
    assert_eq!(refused, Err(CounterOverflow { counter: MAX_COUNTER }.into()));

    // At b itself it is refused, by whatever way it comes.
    assert_eq!(set.sync_strict(&lost, b), Err(foreign(b, MAX_COUNTER, 0)));
    assert_eq!(set.sync_strict(&lost, a), Err(foreign(a, 2, 1)));
    assert_eq!(set, before);

    // What was read here passes, be it of other servers or of before.
    let mut other = DvvSet::new();
    put(&mut other, "w1", "{}", "b");
    set.sync_strict(&other, a).expect("of b only");
    assert_eq!(written(&set), "{a:1[v1],b:1[w1]},[]");
    set.update_strict(&context("{a:1}"), "v2".to_string(), a).expect("read before");
    assert_eq!(written(&set), "{a:2[v2],b:1[w1]},[]");
    let read = set.context();
    set.update_strict(&read, "v3".to_string(), a).expect("read here");
    assert_eq!(written(&set), "{a:3[v3],b:1[]},[]");
    set.discard_strict(&context("{a:3}")).expect("read here");
    assert!(set.is_empty());
}

/// A context as long as a hostile client likes, of ids before, between and
/// behind those known: what comes of it is what entry after entry says. (With
/// an insertion for each, this takes most of a minute.)
#[test]
fn long_contexts_are_taken_in() {
    let entries = |first: u64, step: u64| {
        (0..80_000).map(move |i| (NodeId::new(first + i * step), 1 + i % 7)).collect::<Vec<_>>()
    };
    let vector = |entries: &[_]| VersionVector::from_entries(entries.iter().copied()).unwrap();
    let high = entries(1_000_000, 2);
    for news in [entries(1, 1), entries(999_000, 1), entries(1_000_001, 2), entries(2_000_000, 3)] {
        let mut expected: BTreeMap<NodeId, u64> = high.iter().copied().collect();
        for &(id, counter) in &news {
            let known = expected.entry(id).or_default();
            *known = counter.max(*known);
        }
        let mut discarded: DvvSet<u8> = DvvSet::with_context(&vector(&high), []);
        discarded.discard(&vector(&news));
        assert!(discarded.context().iter().eq(expected.clone()));
        let mut synced: DvvSet<u8> = DvvSet::with_context(&vector(&high), []);
        synced.sync(&DvvSet::with_context(&vector(&news), []));
        assert_eq!(synced, discarded);
    }
}

/// Two clients take turns at one server, each giving back what it read with
/// its own write before. With one counter for the server no write can be told
/// to be replaced; with dots just the other's latest is left beside one's own.
#[test]
fn siblings_explode_without_dots() {
    let server = node("a");
    let mut dotted = DvvSet::new();
    let (mut known, mut siblings) = (0_u64, Vec::new());
    let mut read = [(VersionVector::new(), 0), (VersionVector::new(), 0)];
    for round in 0..101 {
        let (context, counter) = &mut read[round % 2];
        dotted.update(context, round, server).expect("room");
        *context = dotted.context();
        if *counter >= known {
            siblings.clear();
        }
        siblings.push(round);
        known += 1;
        *counter = known;
    }
    assert_eq!((siblings.len(), dotted.len()), (101, 2));
}
