//! The laws must catch a clock that lies: an exact clock of known histories,
//! with one lie at a time.

use std::collections::BTreeSet;

use causal_clock::laws::{
    Shape, assert_antisymmetry, assert_guarantees, assert_lacks_the_rest, assert_proofs,
    assert_wire,
};
use causal_clock::wire::{Reader, put_varint};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, DecodeError, Environment, Guarantee,
    Guarantees, Rejected, Scheme, Verdict, Wire,
};

/// What a clock lies about: a parameter of the type, so that damaged bytes
/// cannot turn one lie into another.
mod lie {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const REVERSAL: u8 = 1;
    pub(crate) const MISSED_ORDER: u8 = 2;
    pub(crate) const INVENTED_ORDER: u8 = 3;
    pub(crate) const FALSE_EQUALITY: u8 = 4;
    pub(crate) const NOT_ITSELF: u8 = 5;
    pub(crate) const ONE_SIDED: u8 = 6;
    pub(crate) const LENGTH: u8 = 7;
    pub(crate) const FORGETS_ON_THE_WIRE: u8 = 8;
    pub(crate) const ACCEPTS_TRAILING_BYTES: u8 = 9;
    pub(crate) const PANICS_ON_NOISE: u8 = 10;
    pub(crate) const LOSES_THE_RETIRED: u8 = 11;
}

/// The set of all events known, each by a number of its own, and the latest.
#[derive(Clone, Debug)]
struct KnownEvents<const LIE: u8> {
    latest: u64,
    known: BTreeSet<u64>,
}

impl<const LIE: u8> Wire for KnownEvents<LIE> {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.latest);
        let skip = usize::from(LIE == lie::FORGETS_ON_THE_WIRE);
        let known = self.known.iter().skip(skip);
        put_varint(out, known.len() as u64);
        known.for_each(|event| put_varint(out, *event));
    }

    fn encoded_len(&self) -> usize {
        if LIE == lie::LENGTH {
            return 7;
        }
        let mut out = Vec::new();
        self.encode(&mut out);
        out.len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let latest = reader.varint()?;
        let count = reader.count(1)?;
        let mut known = BTreeSet::new();
        for _ in 0..count {
            let at = reader.position();
            let event = reader.varint();
            assert!(LIE != lie::PANICS_ON_NOISE || event.is_ok());
            let event = event?;
            if known.last().is_some_and(|last| *last >= event) {
                return Err(DecodeError::NotCanonical { at, rule: "events ascend" });
            }
            known.insert(event);
        }
        if LIE != lie::ACCEPTS_TRAILING_BYTES {
            reader.finish()?;
        }
        Ok(Self { latest, known })
    }
}

impl<const LIE: u8> CausalStamp for KnownEvents<LIE> {
    fn compare(&self, other: &Self) -> Verdict {
        let leq = other.known.contains(&self.latest);
        let geq = self.known.contains(&other.latest);
        let order = CausalOrder::from_leq(leq, geq);
        Verdict::proven(match (LIE, order) {
            (lie::REVERSAL, order) => order.reverse(),
            (lie::MISSED_ORDER, order) if order.is_ordered() => CausalOrder::Concurrent,
            (lie::INVENTED_ORDER, CausalOrder::Concurrent) => self.latest.cmp(&other.latest).into(),
            (lie::FALSE_EQUALITY, CausalOrder::Concurrent) => CausalOrder::Equal,
            (lie::NOT_ITSELF, CausalOrder::Equal) => CausalOrder::Concurrent,
            (lie::ONE_SIDED, CausalOrder::After) => return Verdict::guessed(order),
            (_, order) => order,
        })
    }
}

impl<const LIE: u8> CausalClock for KnownEvents<LIE> {
    type Stamp = Self;
    type Error = CounterOverflow;

    fn fork(&mut self, _: &mut impl Environment) -> Self {
        self.clone()
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.latest = env.fresh_id().get() % (1 << 40);
        self.known.insert(self.latest);
        Ok(())
    }

    fn stamp(&self) -> Self {
        self.clone()
    }

    fn merge(&mut self, stamp: &Self, _: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.known.extend(&stamp.known);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        if LIE != lie::LOSES_THE_RETIRED {
            self.known.extend(&retired.known);
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Liar<const LIE: u8>;

impl<const LIE: u8> Scheme for Liar<LIE> {
    type Clock = KnownEvents<LIE>;

    fn name(&self) -> String {
        format!("lie-{LIE}")
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::exact()
    }

    fn seed(&self, _: &mut impl Environment) -> KnownEvents<LIE> {
        KnownEvents { latest: 0, known: BTreeSet::new() }
    }
}

/// The scheme of an honest exact clock that declares nothing.
#[derive(Clone, Copy)]
struct TooModest;

impl Scheme for TooModest {
    type Clock = KnownEvents<{ lie::NONE }>;

    fn name(&self) -> String {
        "too-modest".into()
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Consistent])
    }

    fn seed(&self, env: &mut impl Environment) -> KnownEvents<{ lie::NONE }> {
        Liar::<{ lie::NONE }>.seed(env)
    }
}

fn caught(assertion: impl FnOnce() + std::panic::UnwindSafe) -> bool {
    std::panic::catch_unwind(assertion).is_err()
}

fn is_caught_in_history<const LIE: u8>() {
    assert!(caught(|| assert_guarantees(&Liar::<LIE>, &Shape::default())), "guarantees: {LIE}");
    assert!(caught(|| assert_proofs(&Liar::<LIE>, &Shape::default())), "proofs: {LIE}");
}

#[test]
fn an_honest_clock_passes() {
    let (honest, shape) = (Liar::<{ lie::NONE }>, Shape::default());
    assert_guarantees(&honest, &shape);
    assert_proofs(&honest, &shape);
    assert_antisymmetry(&honest, &shape);
    assert_wire(&honest, &shape);
    assert_lacks_the_rest(&honest, &shape);
}

#[test]
fn broken_guarantees_and_proofs_are_caught() {
    is_caught_in_history::<{ lie::REVERSAL }>();
    is_caught_in_history::<{ lie::MISSED_ORDER }>();
    is_caught_in_history::<{ lie::INVENTED_ORDER }>();
    is_caught_in_history::<{ lie::FALSE_EQUALITY }>();
    is_caught_in_history::<{ lie::LOSES_THE_RETIRED }>();
}

#[test]
fn lopsided_comparisons_are_caught() {
    let shape = Shape::default();
    assert!(caught(|| assert_antisymmetry(&Liar::<{ lie::NOT_ITSELF }>, &shape)));
    assert!(caught(|| assert_antisymmetry(&Liar::<{ lie::ONE_SIDED }>, &shape)));
}

#[test]
fn bad_wire_forms_are_caught() {
    let shape = Shape::default();
    assert!(caught(|| assert_wire(&Liar::<{ lie::LENGTH }>, &shape)));
    assert!(caught(|| assert_wire(&Liar::<{ lie::FORGETS_ON_THE_WIRE }>, &shape)));
    assert!(caught(|| assert_wire(&Liar::<{ lie::ACCEPTS_TRAILING_BYTES }>, &shape)));
    assert!(caught(|| assert_wire(&Liar::<{ lie::PANICS_ON_NOISE }>, &shape)));
}

#[test]
fn a_clock_that_promises_too_little_is_caught() {
    assert!(caught(|| assert_lacks_the_rest(&TooModest, &Shape::default())));
}
