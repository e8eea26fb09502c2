//! Any two clocks in a combination: the laws, with stamps that begin with an
//! id, with such that do not, and with both.

use std::num::{NonZeroU8, NonZeroU16};

use causal_clock::{CausalClock, Environment, Guarantee, Guarantees, NodeId, Scheme};
use plausible::{
    Bloom, CombClock, CombPart, Elastic, Encoded, Error, KLamport, LamportClocks, Nurev, Recency,
    Rk,
};

/// The combination of two schemes.
#[derive(Clone, Copy, Debug)]
struct Pair<A, B>(A, B);

impl<A, B> Scheme for Pair<A, B>
where
    A: Scheme<Clock: CausalClock<Stamp: CombPart, Error: Into<Error>> + Clone>,
    B: Scheme<Clock: CausalClock<Stamp: CombPart, Error: Into<Error>>>,
{
    type Clock = CombClock<A::Clock, B::Clock>;

    fn name(&self) -> String {
        format!("{} and {}", self.0.name(), self.1.name())
    }

    /// What either has, with what it assumes.
    fn guarantees(&self) -> Guarantees {
        let (first, second) = (self.0.guarantees(), self.1.guarantees());
        let has = |g: &Guarantee| first.has(*g) || second.has(*g);
        let either: Vec<Guarantee> = Guarantee::ALL.into_iter().filter(has).collect();
        Guarantees::of(&either)
    }

    fn seed(&self, env: &mut impl Environment) -> Self::Clock {
        let env = &mut OneId(env.fresh_id());
        CombClock::new(self.0.seed(env), self.1.seed(env)).expect("both have the one id")
    }
}

struct OneId(NodeId);

impl Environment for OneId {
    fn now(&mut self) -> causal_clock::PhysicalTime {
        causal_clock::PhysicalTime::ZERO
    }

    fn fresh_id(&mut self) -> NodeId {
        self.0
    }
}

fn rk() -> Rk {
    Rk::new(3, 2).expect("k is at most r")
}

fn bloom() -> Bloom {
    Bloom::new(4, 2).expect("k is at most m")
}

fn recency() -> Recency {
    Recency::new(3, 3).expect("a valid width")
}

fn elastic() -> Elastic {
    Elastic::new(1, 4).expect("powers of two")
}

fn nurev(ids: bool) -> Nurev {
    Nurev { r: NonZeroU16::MIN.saturating_add(2), ids }
}

fn k_lamport() -> KLamport {
    KLamport { k: NonZeroU8::MIN.saturating_add(1) }
}

causal_clock::law_tests!(lamport_and_bloom => Pair(LamportClocks {}, bloom()));
causal_clock::law_tests!(bloom_and_recency => Pair(bloom(), recency()));
causal_clock::law_tests!(recency_and_rk => Pair(recency(), rk()));
causal_clock::law_tests!(nurev_and_k_lamport => Pair(nurev(false), k_lamport()));
causal_clock::law_tests!(nurev_with_ids_and_elastic => Pair(nurev(true), elastic()));
causal_clock::law_tests!(encoded_and_recency => Pair(Encoded::default(), recency()));
