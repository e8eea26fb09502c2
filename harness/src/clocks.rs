//! The clocks of this workspace, in the order of tables: exact ones, those that
//! guess concurrency, those that guess order, and those that only tell time.

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, HorizonClocks,
    PathClocks, RiakVectorClocks, TreeClocks, VectorClocks,
};
use hlc::{
    HybridLogicalClocks, HybridVectorClocks, PhysicalClocks, PhysicalClocksWithCausality,
    ReplayClocks, WideHybridLogicalClocks,
};
use itc::IntervalTreeClocks;
use plausible::{Bloom, Comb, Elastic, Encoded, KLamport, LamportClocks, Nurev, Recency, Rev, Rk};

use crate::registry::Family;

const DRIFT: &[(&str, &str)] =
    &[("drift", "refuse stamps further ahead of the own clock than this; `none` for all")];

/// All of them.
pub(crate) fn families() -> Vec<Family> {
    let mut families = exact();
    families.extend(pruned());
    families.extend(plausible());
    families.extend(physical());
    families
}

fn exact() -> Vec<Family> {
    vec![
        Family::of::<IntervalTreeClocks>(
            "itc",
            "Interval tree clock (Almeida, Baquero & Fonte 2008): exact, and without ids.",
            &[],
            &["itc"],
        ),
        Family::of::<VectorClocks>(
            "vc",
            "Vector clock (Fidge 1988, Mattern 1989) with a dot: exact; an entry for each id ever.",
            &[],
            &["vc"],
        ),
        Family::of::<PathClocks>(
            "vc-paths",
            "Vector clock whose ids are paths of births, so that nobody coordinates and an id takes \
             a bit or two: exact; an entry for each participant ever.",
            &[],
            &["vc-paths"],
        ),
        Family::of::<TreeClocks>(
            "tree",
            "Tree clock, a vector clock that takes in news without a look at the rest (Mathur et \
             al. 2022): exact; for working in memory, where `clockbench running` measures it.",
            &[],
            &[],
        ),
        Family::of::<Encoded>(
            "evc",
            "Encoded vector clock, a product of primes (Kshemkalyani et al. 2018): exact; grows \
             with every event, so it is not in the default table.",
            &[("max_bits", "how many bits the integer may have")],
            &[],
        ),
    ]
}

fn pruned() -> Vec<Family> {
    const KEEP_OWN: (&str, &str) =
        ("keep_own", "whether a participant keeps its own entry; where not, nothing is guaranteed");
    const K: (&str, &str) = ("k", "how many entries, its own included");
    vec![
        Family::of::<BoundedVectorClocks>(
            "vc-bounded",
            "Vector clock that keeps its own entry and the last updated others, as Dynamo did \
             (2007).",
            &[K],
            &["vc-bounded:k=10"],
        ),
        Family::of::<CappedVectorClocks>(
            "vc-capped",
            "The same with other orders of dropping, and with its own entry dropped as any other.",
            &[
                K,
                (
                    "drop",
                    "which entry goes first: oldest, stalest (not seen to change), smallest or random",
                ),
                ("seed", "what the random order is drawn with"),
                KEEP_OWN,
            ],
            &["vc-capped:k=10,drop=smallest"],
        ),
        Family::of::<AgedVectorClocks>(
            "vc-aged",
            "Vector clock that drops entries not updated for a while.",
            &[("age", "how long an entry is kept after its last update")],
            &["vc-aged:age=60s"],
        ),
        Family::of::<RiakVectorClocks>(
            "riak",
            "Vector clock pruned by Riak's four parameters.",
            &[
                ("small", "up to so many entries nothing is dropped"),
                ("big", "above so many even the not so old are dropped"),
                ("young", "entries younger than this are never dropped"),
                ("old", "entries older than this are dropped down to small"),
                KEEP_OWN,
            ],
            &["riak:small=10,big=50,young=20s,old=1d"],
        ),
        Family::of::<AkkaVectorClocks>(
            "akka",
            "Vector clock without the entries of members that left, and with tombstones of them, \
             by Akka's rule.",
            &[("keep", "how long it is remembered that a member left")],
            &["akka:keep=1m"],
        ),
        Family::of::<HorizonClocks>(
            "horizon",
            "Bounded vector clock that remembers how recent the entries were that it dropped; this \
             project's: it proves both order and concurrency, or says that it cannot tell.",
            &[
                K,
                ("tick", "how finely time is counted"),
                ("ids", "how many bytes of an id are kept; with fewer than 8 order is guessed"),
                (
                    "drop",
                    "which entry goes first: oldest, smallest (of the fewest events) or random",
                ),
                ("horizons", "how many horizons there are, one for each class of ids"),
                ("bits", "how many bits each of several horizons takes"),
            ],
            &["horizon:k=10"],
        ),
    ]
}

fn plausible() -> Vec<Family> {
    vec![
        Family::of::<Rev>(
            "rev",
            "REV, entries shared by many ids (Torres-Rojas & Ahamad 1999).",
            &[("r", "how many entries")],
            &["rev:r=16"],
        ),
        Family::of::<Nurev>(
            "nurev",
            "NUREV, REV whose sites choose their entries (Gidenstam & Papatriantafilou 2004).",
            &[("r", "how many entries"), ("ids", "whether stamps carry the id of their site")],
            &["nurev:r=16"],
        ),
        Family::of::<KLamport>(
            "k-lamport",
            "K-Lamport, what senders had received, K levels deep (Torres-Rojas & Ahamad 1999).",
            &[("k", "how many levels")],
            &["k-lamport:k=3"],
        ),
        Family::of::<Comb>(
            "comb",
            "Comb, REV and K-Lamport side by side (Torres-Rojas & Ahamad 1999).",
            &[("r", "how many entries of REV"), ("k", "how many levels of K-Lamport")],
            &["comb"],
        ),
        Family::of::<Rk>(
            "rk",
            "(R,K) probabilistic clock, K entries a site (Mostéfaoui & Weiss 2017).",
            &[("r", "how many entries"), ("k", "how many of them a site counts in")],
            &["rk:r=16,k=2"],
        ),
        Family::of::<Bloom>(
            "bloom",
            "Bloom clock, a counting Bloom filter of the past (Ramabaja 2019).",
            &[("m", "how many counters"), ("k", "how many of them an event counts in")],
            &["bloom:m=32,k=2"],
        ),
        Family::of::<Elastic>(
            "elastic",
            "REV whose number of entries follows the load; this project's.",
            &[("min", "the fewest entries"), ("max", "the most entries")],
            &["elastic"],
        ),
        Family::of::<Recency>(
            "recency",
            "How long ago the sites of each entry were heard of, in few bits; this project's.",
            &[("r", "how many entries"), ("bits", "how many bits each")],
            &["recency"],
        ),
        Family::of::<LamportClocks>(
            "lamport",
            "Lamport's clock with the node's id (1978): a number that grows along every order.",
            &[],
            &["lamport"],
        ),
    ]
}

fn physical() -> Vec<Family> {
    vec![
        Family::telling_time::<HybridLogicalClocks>(
            "hlc",
            "Hybrid logical clock (Kulkarni et al. 2014): Lamport's clock close to physical time.",
            DRIFT,
            &["hlc"],
        ),
        Family::telling_time::<WideHybridLogicalClocks>(
            "hlc96",
            "The same with 64 bits of time and 32 of counter.",
            DRIFT,
            &[],
        ),
        Family::telling_time::<PhysicalClocksWithCausality>(
            "pwc",
            "Physical clock with causality in spare low bits (PWC, 2022).",
            DRIFT,
            &["pwc"],
        ),
        Family::telling_time::<HybridVectorClocks>(
            "hvc",
            "Hybrid vector clock, which forgets what is older than ε (Demirbas & Kulkarni 2015).",
            &[("epsilon", "how long other nodes are remembered")],
            &["hvc:epsilon=100ms"],
        ),
        Family::of::<ReplayClocks>(
            "repcl",
            "Replay clock, offsets from a common epoch for those heard of lately (2023).",
            &[
                ("interval", "the length of an epoch"),
                ("epsilon", "how long other nodes are remembered"),
            ],
            &["repcl:interval=10ms,epsilon=100ms"],
        ),
        Family::telling_time::<PhysicalClocks>(
            "physical",
            "What the node's physical clock reads, and its id: the baseline.",
            &[],
            &["physical"],
        ),
    ]
}
