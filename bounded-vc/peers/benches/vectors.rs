//! Version vectors under test, ours and the peers', and pairs of them.

use bounded_vc::VersionVector;
use causal_clock::NodeId;
use crdts::CvRDT;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use yrs::StateVector;
use yrs::block::ClientID;

/// A vector under test, made of entries.
pub(crate) trait Vector: Clone + PartialOrd {
    const NAME: &'static str;
    fn new(entries: &[(u64, u32)]) -> Self;
    /// Takes the other whole where that is how the crate has it.
    fn union(&mut self, other: &mut Option<Self>);
    /// Gives two vectors with the same ids one past, where that matters.
    fn relate(_left: &mut Self, _right: &mut Self) {}
    /// What a merge is measured on.
    fn fresh(entries: &[(u64, u32)], _original: &Self) -> Self {
        Self::new(entries)
    }
}

impl Vector for VersionVector {
    const NAME: &'static str = "ours";

    fn new(entries: &[(u64, u32)]) -> Self {
        let entries = entries.iter().map(|(id, n)| (NodeId::new(*id), u64::from(*n)));
        Self::from_entries(entries).expect("valid entries")
    }

    fn union(&mut self, other: &mut Option<Self>) {
        self.merge(other.as_ref().expect("another"));
    }
}

/// A vector with a past in common with the other, and a clone of another.
#[derive(Clone, PartialEq, PartialOrd)]
pub(crate) struct Shared(VersionVector);

impl Vector for Shared {
    const NAME: &'static str = "ours-shared";

    fn new(entries: &[(u64, u32)]) -> Self {
        Self(Vector::new(entries))
    }

    fn union(&mut self, other: &mut Option<Self>) {
        self.0.merge(&other.as_ref().expect("another").0);
    }

    fn relate(left: &mut Self, right: &mut Self) {
        if left.0.ids().eq(right.0.ids()) {
            let first_events = left.0.ids().map(|id| (id, 1));
            let past = VersionVector::from_entries(first_events).expect("valid entries");
            left.0.merge(&past);
            right.0.merge(&past);
        }
    }

    fn fresh(_: &[(u64, u32)], original: &Self) -> Self {
        original.clone()
    }
}

impl Vector for crdts::VClock<u64> {
    const NAME: &'static str = "crdts";

    fn new(entries: &[(u64, u32)]) -> Self {
        entries.iter().map(|(id, n)| crdts::Dot::new(*id, u64::from(*n))).collect()
    }

    fn union(&mut self, other: &mut Option<Self>) {
        self.merge(other.take().expect("another"));
    }
}

impl Vector for vclock::VClock<u64, u64> {
    const NAME: &'static str = "vclock";

    fn new(entries: &[(u64, u32)]) -> Self {
        let map: std::collections::HashMap<u64, u64> =
            entries.iter().map(|(id, n)| (*id, u64::from(*n))).collect();
        Self::from(map)
    }

    fn union(&mut self, other: &mut Option<Self>) {
        self.merge(other.as_ref().expect("another"));
    }
}

impl Vector for StateVector {
    const NAME: &'static str = "yrs";

    fn new(entries: &[(u64, u32)]) -> Self {
        entries.iter().map(|(id, n)| (ClientID::new(*id), *n)).collect()
    }

    fn union(&mut self, other: &mut Option<Self>) {
        self.merge(other.take().expect("another"));
    }
}

/// Entries of `left` and `right`, which stand to each other in one way.
pub(crate) struct Pair {
    pub(crate) left: Vec<(u64, u32)>,
    pub(crate) right: Vec<(u64, u32)>,
}

/// Pairs whose ids and counters stand to each other in the way that the name
/// says.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) pairs: Vec<Pair>,
}

/// How many entries the left vectors of all pairs of a case have together. A
/// processor learns how tens of thousands of branches go where they go the
/// same way each time; that is no merge that a product ever sees. Fewer show
/// what that makes of it: `PEERS_ENTRIES=1`.
fn entries_of_a_case() -> usize {
    let given = std::env::var("PEERS_ENTRIES").ok();
    given.map_or(1 << 16, |entries| entries.parse().expect("a number of entries"))
}

/// How the ids stand to each other, with counters at random (the vectors are
/// concurrent) or with `left` below `right`. Of *all but few* one side has one
/// in a hundred that the other has not; *one new* and *eight known* are short
/// messages to one who knows much. Vectors differ in length, but for the same
/// ids and disjoint ones.
pub(crate) fn cases(n: usize) -> Vec<Case> {
    let mut random = Pcg64::seed_from_u64(n as u64);
    let names = [
        "same-ids/concurrent",
        "same-ids/less",
        "all-but-few/concurrent",
        "all-but-few/less",
        "half-shared/concurrent",
        "half-shared/less",
        "disjoint/concurrent",
        "one-new/concurrent",
        "eight-known/concurrent",
    ];
    let mut cases = names.map(|name| Case { name, pairs: Vec::new() });
    for _ in 0..(entries_of_a_case() / n).max(1) {
        for (case, pair) in cases.iter_mut().zip(pairs(n, &mut random)) {
            case.pairs.push(pair);
        }
    }
    cases.into()
}

fn pairs(n: usize, random: &mut Pcg64) -> [Pair; 9] {
    let ids: Vec<u64> = (0..2 * n).map(|_| random.next_u64() >> 11).collect();
    let mut entries = |ids: &[u64]| -> Vec<(u64, u32)> {
        ids.iter().map(|id| (*id, 1 + random.next_u32() % 1000)).collect()
    };
    let ahead = |entries: &[(u64, u32)]| -> Vec<(u64, u32)> {
        // Some counters are the same, but not all.
        let ahead = |(at, (id, n)): (usize, &(u64, u32))| (*id, n + *n % 3 + u32::from(at == 0));
        entries.iter().enumerate().map(ahead).collect()
    };
    let base = entries(&ids[..n]);
    let few = n.div_ceil(100);
    [
        Pair { left: base.clone(), right: entries(&ids[..n]) },
        Pair { left: base.clone(), right: ahead(&base) },
        Pair { left: base.clone(), right: entries(&ids[few..n + 2 * few]) },
        Pair { left: base[few..].to_vec(), right: ahead(&base) },
        Pair { left: base.clone(), right: entries(&ids[n / 2..n / 2 + n - 1]) },
        Pair { left: base[..n / 2].to_vec(), right: ahead(&base) },
        Pair { left: base.clone(), right: entries(&ids[n..]) },
        Pair { left: base.clone(), right: entries(&ids[n..=n]) },
        Pair { right: ahead(&base[..8]), left: base },
    ]
}
