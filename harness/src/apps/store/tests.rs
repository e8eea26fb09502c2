//! Exact schemes lose nothing and keep nothing false; each of the others is
//! caught at what it cannot do.

#![allow(clippy::unwrap_used, reason = "a failure here should be loud")]

use super::*;

fn rows(preset: &str, seeds: u32) -> Vec<StoreRow> {
    let (name, toml) = PRESETS.into_iter().find(|(name, _)| *name == preset).unwrap();
    let scenario = StoreScenario::parse(toml, name).unwrap();
    let scenario = StoreScenario { operations: 6000, ..scenario };
    (0..seeds).flat_map(|seed| replicate(&scenario, 1, seed)).collect()
}

fn sum(rows: &[StoreRow], scheme: &str, of: impl Fn(&StoreRow) -> u64) -> u64 {
    rows.iter().filter(|row| row.scheme == scheme).map(of).sum()
}

#[test]
fn presets_are_valid_and_carry_their_own_names() {
    for (name, toml) in PRESETS {
        assert_eq!(StoreScenario::parse(toml, name).unwrap().name, name);
    }
}

#[test]
fn exact_schemes_lose_nothing_and_keep_nothing_false() {
    for (preset, _) in PRESETS {
        let rows = rows(preset, 2);
        for scheme in ["exact", "dvvset"] {
            for row in rows.iter().filter(|row| row.scheme == scheme) {
                let wrong = (row.lost, row.false_left, row.false_siblings, row.refused);
                assert_eq!(wrong, (0, 0, 0, 0), "{preset}: {row:?}");
                assert!(row.acknowledged > 1_000 && row.siblings_max > 1, "{preset}: {row:?}");
            }
        }
        // Two exact schemes are the same store, read by read.
        let same = |row: &StoreRow| (row.reads, row.siblings, row.stale_reads, row.versions_left);
        let of = |scheme: &'static str| rows.iter().filter(move |row| row.scheme == scheme);
        assert!(of("exact").map(same).eq(of("dvvset").map(same)), "{preset}");
    }
}

#[test]
fn accounts_add_up() {
    for (preset, _) in PRESETS {
        for row in rows(preset, 1) {
            assert!(row.lost <= row.acknowledged && row.acknowledged <= row.writes, "{row:?}");
            assert!(row.stored == row.writes && row.stale_reads <= row.reads, "{row:?}");
            assert!(row.false_siblings <= row.siblings, "{row:?}");
            assert!(row.siblings_p99 <= row.siblings_max, "{row:?}");
        }
    }
}

#[test]
fn the_last_writer_loses_what_was_concurrent() {
    let rows = rows("healthy", 1);
    for scheme in ["lww-physical", "lww-lamport", "lww-hlc"] {
        assert!(sum(&rows, scheme, |row| row.lost) > 0, "{scheme}: {rows:?}");
        assert_eq!(sum(&rows, scheme, |row| row.siblings_max), 1);
    }
}

#[test]
fn server_vectors_lose_nothing_and_keep_what_was_seen() {
    let rows = rows("healthy", 1);
    assert_eq!(sum(&rows, "vv-server", |row| row.lost), 0);
    assert!(sum(&rows, "vv-server", |row| row.false_siblings) > 0);
}

#[test]
fn client_vectors_are_exact_for_clients_who_remember_alone() {
    for preset in ["healthy", "partition"] {
        let rows = rows(preset, 1);
        assert_eq!(sum(&rows, "vv-client", |row| row.lost + row.false_siblings), 0, "{preset}");
    }
    assert!(sum(&rows("blind-writes", 1), "vv-client", |row| row.lost) > 0);
}

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let base = "name = 'x'\ndescription = 'y'\noperations = 9\nseeds = 1\n";
    for (text, words) in [
        ("[replicas]\nread_quorum = 4", "`replicas.read_quorum` is 4: expected from 1 to 3"),
        ("[clients]\nread = 2.0", "`clients.read` is 2: expected from 0 to 1"),
        ("[keys]\nzpif = 1", "x.toml:6: "),
        ("[[partition]]\nat = '1s'\nfor = '1s'\nreplicas = [7]", "expected numbers below 3"),
    ] {
        let problem = StoreScenario::parse(&[base, text].concat(), "x.toml").unwrap_err();
        assert!(problem.contains(words), "{problem}");
    }
}
