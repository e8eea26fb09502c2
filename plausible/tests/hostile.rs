//! Stamps and clocks from anyone's bytes: whatever decodes can be compared,
//! merged, joined and gone on from without a panic; comparing stays
//! antisymmetric; and what is refused changes nothing.
//!
//! The bytes are written here by the words of the formats, so that most are
//! well formed, and full counters are common.

#![expect(clippy::cast_possible_truncation, reason = "bytes are made of small numbers")]

use std::fmt::Debug;

use causal_clock::{CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Wire};
use plausible::{
    BloomClock, BloomStamp, CombClock, Confidence, ElasticClock, EncodedClock, KLamportClock,
    LamportClock, NurevClock, RecencyClock, RevClock, RkClock,
};
use proptest::collection::vec;
use proptest::prelude::*;

type Bytes = BoxedStrategy<Vec<u8>>;

/// A number in unsigned LEB128, written here by its definition.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while value > 127 {
        bytes.push((value % 128) as u8 + 128);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

/// Bits in bytes, the least significant first.
fn bytes_of(bits: &[bool]) -> Vec<u8> {
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| 2 * byte + u8::from(*bit));
    bits.chunks(8).map(byte).collect()
}

/// Packed counters without their number, by the words of the format: base,
/// Rice parameter, differences.
fn packed(counters: &[u64]) -> Vec<u8> {
    let base = *counters.iter().min().expect("there is a counter");
    let sum: u128 = counters.iter().map(|c| u128::from(c - base)).sum();
    let mean = sum / counters.len() as u128;
    let k = (0..64).rev().find(|k| 1 << k <= mean).unwrap_or(0_u8);
    let mut bits = vec![];
    for d in counters.iter().map(|c| c - base) {
        bits.extend((0..d >> k).map(|_| true).chain([false]));
        bits.extend((0..k).map(|i| d >> i & 1 == 1));
    }
    [varint(base), vec![k], bytes_of(&bits)].concat()
}

/// A number, small or as large as it gets.
fn number() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![8 => 0..5_u64, 1 => any::<u64>(), 2 => u64::MAX - 2..=u64::MAX]
}

fn id() -> impl Strategy<Value = Vec<u8>> + Clone {
    (0..6_u64).prop_map(|id| id.to_be_bytes().to_vec())
}

fn counters() -> impl Strategy<Value = Vec<u64>> {
    prop_oneof![vec(number(), 4), vec(number(), 1..5)]
}

/// The number of counters, as `head` writes it, and the packed counters, with
/// `middle` between.
fn vector(middle: Bytes, head: fn(u64) -> u64) -> Bytes {
    let bytes = move |(middle, counters): (Vec<u8>, Vec<u64>)| {
        [varint(head(counters.len() as u64)), middle, packed(&counters)].concat()
    };
    (middle, counters()).prop_map(bytes).boxed()
}

fn nothing() -> Bytes {
    Just(vec![]).boxed()
}

fn small() -> Bytes {
    (0..4_u8).prop_map(|number| vec![number]).boxed()
}

fn numbers() -> Bytes {
    number().prop_map(varint).boxed()
}

fn joined(parts: Vec<Bytes>) -> Bytes {
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn lamport() -> Bytes {
    joined(vec![id().boxed(), numbers()])
}

/// The levels are written as differences; some are below zero.
fn levels() -> Bytes {
    let differences = prop_oneof![Just(vec![0, 0]), vec(0..3_u64, 0..3), vec(number(), 2)];
    let bytes = |(first, differences): (u64, Vec<u64>)| {
        let k = differences.len() as u64 + 1;
        [k, first].into_iter().chain(differences).flat_map(varint).collect()
    };
    (number(), differences).prop_map(bytes).boxed()
}

fn rev_body() -> Bytes {
    vector(nothing(), |len| len)
}

fn rev() -> Bytes {
    joined(vec![id().boxed(), rev_body()])
}

fn comb() -> Bytes {
    joined(vec![id().boxed(), rev_body(), levels()])
}

fn comb_clock() -> Bytes {
    let first = rev().prop_map(|rev| [varint(rev.len() as u64), rev].concat()).boxed();
    joined(vec![first, id().boxed(), levels()])
}

fn rk() -> Bytes {
    joined(vec![id().boxed(), small(), rev_body()])
}

fn nurev(ids: bool) -> Bytes {
    if ids {
        vector(joined(vec![id().boxed(), small()]), |len| 2 * len + 1)
    } else {
        vector(small(), |len| 2 * len)
    }
}

fn nurevs() -> Bytes {
    prop_oneof![nurev(true), nurev(false)].boxed()
}

fn nurev_clocks() -> Bytes {
    let with = joined(vec![nurev(true), numbers()]);
    let without = joined(vec![nurev(false), id().boxed(), numbers()]);
    prop_oneof![with, without].boxed()
}

/// Entries of two or three bits, the last of them never behind.
fn recency() -> Bytes {
    let bytes = |(width, time, mut entries): (usize, u64, Vec<u8>)| {
        entries.push(0);
        let bits: Vec<bool> =
            entries.iter().flat_map(|e| (0..width).map(move |i| e >> i & 1 == 1)).collect();
        let unused = bits.len().next_multiple_of(8) - bits.len();
        [vec![(width - 1 + 16 * unused) as u8], varint(time), bytes_of(&bits)].concat()
    };
    let entries = prop_oneof![3 => vec(0..4_u8, 3), 1 => vec(0..4_u8, 0..5)];
    (2..4_usize, number(), entries).prop_map(bytes).boxed()
}

fn recency_clock() -> Bytes {
    joined(vec![id().boxed(), small(), numbers(), recency()])
}

fn elastic_clock() -> Bytes {
    let runs = prop_oneof![Just(vec![0, 0]), Just(vec![1, 0]), Just(vec![0, 15])];
    let head =
        (0..2_u8, 1..4_u8, runs).prop_map(|(min, max, runs)| [vec![min, max], runs].concat());
    joined(vec![head.boxed(), numbers(), rev()])
}

fn bloom() -> Bytes {
    joined(vec![small(), rev_body()])
}

fn bloom_clock() -> Bytes {
    joined(vec![id().boxed(), numbers(), bloom()])
}

/// Stamps of no id; the recency stamp stands behind the number of its entries.
fn bloom_and_recency() -> Bytes {
    let counted = (1..6_u8, recency()).prop_map(|(count, stamp)| [vec![count], stamp].concat());
    joined(vec![bloom(), counted.boxed()])
}

fn bloom_and_recency_clock() -> Bytes {
    let first = bloom_clock().prop_map(|clock| [varint(clock.len() as u64), clock].concat());
    joined(vec![first.boxed(), recency_clock()])
}

fn encoded() -> Bytes {
    vec(any::<u8>(), 1..12).boxed()
}

fn encoded_clock() -> Bytes {
    let limit = prop_oneof![Just(100), 0..200_u64].prop_map(varint).boxed();
    joined(vec![id().boxed(), limit, encoded()])
}

/// What is read writes the same bytes.
fn read<T: Wire>(bytes: &[u8]) -> Result<Option<T>, TestCaseError> {
    let value = T::decode(bytes).ok();
    if let Some(value) = &value {
        prop_assert_eq!(value.to_bytes(), bytes);
    }
    Ok(value)
}

fn check<C>(stamps: [&[u8]; 2], clocks: [&[u8]; 2]) -> Result<(), TestCaseError>
where
    C: CausalClock + Clone + PartialEq + Debug,
    C::Stamp: PartialEq + Debug,
{
    let env = &mut ManualEnvironment::default();
    let [left, right] = stamps.map(read::<C::Stamp>);
    let (left, right) = (left?, right?);
    if let (Some(a), Some(b)) = (left, &right) {
        prop_assert_eq!(a.compare(b), b.compare(&a).reverse(), "{:?} and {:?}", a, b);
        prop_assert_eq!(a.compare(&a).order, CausalOrder::Equal, "{:?}", a);
    }
    let [clock, retired] = clocks.map(read::<C>);
    let (Some(mut clock), retired) = (clock?, retired?) else { return Ok(()) };
    let before = clock.clone();
    if clock.event(env).is_err() {
        prop_assert_eq!(&clock, &before);
    }
    if let Some(stamp) = right {
        let before = clock.clone();
        if clock.merge(&stamp, env).is_err() {
            prop_assert_eq!(&clock, &before);
        }
    }
    if let Some(retired) = retired {
        let before = clock.clone();
        if let Err(refusal) = clock.join(retired.clone(), env) {
            prop_assert_eq!(&clock, &before);
            prop_assert_eq!(*refusal.retired, retired);
        }
    }
    let mut child = clock.fork(env);
    let _ = (clock.event(env), child.event(env));
    for clock in [clock, child] {
        let (bytes, stamp) = (clock.to_bytes(), clock.stamp().to_bytes());
        prop_assert_eq!(C::decode(&bytes), Ok(clock.clone()));
        prop_assert_eq!(C::Stamp::decode(&stamp), Ok(clock.stamp()));
    }
    Ok(())
}

macro_rules! hostile {
    ($($name:ident: $clock:ty, $stamps:expr, $clocks:expr;)+) => {
        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
            $(
                #[test]
                fn $name(
                    (left, right) in ($stamps, $stamps),
                    (ours, theirs) in ($clocks, $clocks),
                ) {
                    check::<$clock>([&left, &right], [&ours, &theirs])?;
                }
            )+
        }
    };
}

proptest! {
    /// A stamp's confidence in another is made of probabilities, whatever they
    /// count.
    #[test]
    fn confidence_is_a_probability((left, right) in (bloom(), bloom())) {
        if let (Ok(left), Ok(right)) = (BloomStamp::decode(&left), BloomStamp::decode(&right))
            && let Ok(Confidence { pr_p, pr_fp }) = left.confidence(&right)
        {
            prop_assert!((0.0..=1.0).contains(&pr_p), "{pr_p}: {left:?} and {right:?}");
            prop_assert!((0.0..=1.0).contains(&pr_fp), "{pr_fp}: {left:?} and {right:?}");
        }
    }
}

hostile! {
    of_lamport: LamportClock, lamport(), lamport();
    of_k_lamport: KLamportClock, joined(vec![id().boxed(), levels()]), joined(vec![id().boxed(), levels()]);
    of_rev: RevClock, rev(), rev();
    of_comb: CombClock<RevClock, KLamportClock>, comb(), comb_clock();
    of_bloom_and_recency: CombClock<BloomClock, RecencyClock>, bloom_and_recency(), bloom_and_recency_clock();
    of_rk: RkClock, rk(), rk();
    of_nurev: NurevClock, nurevs(), nurev_clocks();
    of_recency: RecencyClock, recency(), recency_clock();
    of_elastic: ElasticClock, rev(), elastic_clock();
    of_bloom: BloomClock, bloom(), bloom_clock();
    of_encoded: EncodedClock, encoded(), encoded_clock();
}
