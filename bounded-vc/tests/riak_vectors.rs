//! What Riak's own `vclock` module says, run by Erlang: pruning with its four
//! parameters, comparing and merging. The folder is read from `VC_VECTORS`
//! where that is set.

mod common;

use std::path::PathBuf;
use std::time::Duration;

use bounded_vc::{Entry, PrunedVector, RiakVectorClocks};
use causal_clock::{NodeId, PhysicalTime};

fn rows(name: &str, columns: usize) -> Vec<Vec<String>> {
    let folder = std::env::var_os("VC_VECTORS").map(|folder| PathBuf::from(folder).join(name));
    let text = common::reference(name, folder);
    let rows: Vec<Vec<String>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::to_string).collect())
        .collect();
    assert!(!rows.is_empty(), "no row in {name}");
    assert!(rows.iter().all(|row| row.len() == columns), "a row of {name} has other columns");
    rows
}

/// Reads `a:5@869,b:4@894`, a node being one letter and a time in seconds.
fn vector(text: &str) -> PrunedVector {
    let entries = text.split(',').filter(|entry| *entry != "-" && !entry.is_empty()).map(|entry| {
        let (id, rest) = entry.split_once(':').expect("id:counter@time");
        let (counter, time) = rest.split_once('@').expect("id:counter@time");
        let &[letter] = id.as_bytes() else { panic!("`{id}` is not one letter") };
        Entry {
            id: NodeId::new(letter.into()),
            counter: counter.parse().expect("a counter"),
            time: PhysicalTime::from_secs(time.parse().expect("a time")),
        }
    });
    PrunedVector::from_entries(entries).expect("valid entries")
}

#[test]
fn prunes_as_the_vectors_say() {
    for row in rows("riak_prune.tsv", 7) {
        let number = |column: usize| row[column].parse::<u32>().expect("a number");
        let rule = RiakVectorClocks {
            small: number(1),
            big: number(2),
            young: Duration::from_secs(number(3).into()),
            old: Duration::from_secs(number(4).into()),
            keep_own: false,
        };
        let mut pruned = vector(&row[5]);
        pruned.prune(&rule, None, PhysicalTime::from_secs(number(0).into()));
        assert_eq!(pruned.entries(), vector(&row[6]).entries(), "{row:?}");
    }
}

#[test]
fn compares_and_merges_as_the_vectors_say() {
    for row in rows("riak_vclock_cmp_merge.tsv", 7) {
        let (a, b) = (vector(&row[0]), vector(&row[1]));
        let (ab, ba) = (a.descends(&b), b.descends(&a));
        let dominates = [ab && !ba, ba && !ab];
        let said: Vec<String> =
            [ab, ba].into_iter().chain(dominates).map(|b| b.to_string()).collect();
        assert_eq!(said, row[2..6], "{row:?}");
        let mut merged = a.clone();
        merged.merge(&b);
        assert_eq!(merged, vector(&row[6]), "{row:?}");
        let mut merged = b;
        merged.merge(&a);
        assert_eq!(merged, vector(&row[6]), "{row:?}");
    }
}

/// The limits themselves, which the vectors do not reach: an entry of exactly
/// the age `young` may go, one of exactly `old` need not.
#[test]
fn limits_are_where_riak_has_them() {
    let rule = |young, old| RiakVectorClocks {
        small: 1,
        big: 2,
        young: Duration::from_secs(young),
        old: Duration::from_secs(old),
        keep_own: false,
    };
    let left = |text, rule: RiakVectorClocks| {
        let mut pruned = vector(text);
        pruned.prune(&rule, None, PhysicalTime::from_secs(100));
        pruned.entries().len()
    };
    let three = "a:1@90,b:1@95,c:1@99";
    assert_eq!(left(three, rule(10, 50)), 2, "above big, and of the age young");
    assert_eq!(left(three, rule(11, 50)), 3, "younger than young");
    let two = "a:1@90,b:1@95";
    assert_eq!(left(two, rule(0, 10)), 2, "of the age old, and not above big");
    assert_eq!(left(two, rule(0, 9)), 1, "older than old");
    assert_eq!(left("a:1@90", rule(0, 0)), 1, "small is never gone below");
}

/// Of two of the same time the one with the smaller node goes, everywhere.
#[test]
fn ties_go_by_the_node() {
    let rule = RiakVectorClocks {
        small: 1,
        big: 1,
        young: Duration::ZERO,
        keep_own: false,
        ..RiakVectorClocks::default()
    };
    let mut pruned = vector("a:1@95,b:1@90,c:2@90");
    pruned.prune(&rule, None, PhysicalTime::from_secs(100));
    assert_eq!(pruned.entries(), vector("a:1@95").entries());
    let mut pruned = vector("b:2@90,c:1@90");
    pruned.prune(&rule, None, PhysicalTime::from_secs(100));
    assert_eq!(pruned.entries(), vector("c:1@90").entries());
}

/// `Now - HeadTime` is below zero then, and so less than any `young`.
#[test]
fn what_is_dated_in_the_future_stays() {
    let rule = RiakVectorClocks {
        small: 1,
        big: 1,
        young: Duration::ZERO,
        old: Duration::ZERO,
        keep_own: false,
    };
    let left = |text| {
        let mut pruned = vector(text);
        pruned.prune(&rule, None, PhysicalTime::from_secs(100));
        pruned.entries().len()
    };
    assert_eq!(left("a:1@110,b:1@120"), 2);
    assert_eq!(left("a:1@100,b:1@120"), 1, "of this very moment");
    assert_eq!(left("a:1@99,b:1@110,c:1@120"), 2);
}
