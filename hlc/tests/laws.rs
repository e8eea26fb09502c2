//! Every scheme is put through the laws for its declared guarantees, and is
//! seen to break those that it does not declare.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use causal_clock::laws::Shape;
use causal_clock::{Environment, Guarantees, Scheme};
use hlc::{
    HybridLogicalClocks, HybridVectorClock, HybridVectorClocks, PhysicalClocks,
    PhysicalClocksWithCausality, ReplayClocks, WideHybridLogicalClocks,
};

/// A shape whose clocks are at most this far apart.
fn skewed(max_skew: Duration) -> Shape {
    Shape { max_skew, ..Shape::default() }
}

fn bounded(drift: Duration) -> HybridLogicalClocks {
    HybridLogicalClocks { drift: Some(drift) }
}

causal_clock::law_tests!(physical_clocks => PhysicalClocks {});
causal_clock::law_tests!(hybrid_clocks => HybridLogicalClocks::default());
causal_clock::law_tests!(hybrid_clocks_with_bad_clocks =>
    HybridLogicalClocks::default(), skewed(Duration::from_secs(60)));
causal_clock::law_tests!(hybrid_clocks_with_a_drift_bound =>
    bounded(Duration::from_millis(500)), skewed(Duration::from_millis(500)));
// Much is refused here, and what is refused must not have happened.
causal_clock::law_tests!(hybrid_clocks_with_a_drift_bound_that_is_too_tight =>
    bounded(Duration::from_millis(10)), skewed(Duration::from_millis(100)));
causal_clock::law_tests!(wide_hybrid_clocks => WideHybridLogicalClocks::default());
causal_clock::law_tests!(wide_hybrid_clocks_with_a_drift_bound =>
    WideHybridLogicalClocks { drift: Some(Duration::from_millis(20)) });
causal_clock::law_tests!(physical_clocks_with_causality => PhysicalClocksWithCausality::default());

fn remembering(millis: u64) -> HybridVectorClocks {
    HybridVectorClocks { epsilon: Duration::from_millis(millis) }
}

causal_clock::law_tests!(hybrid_vectors => HybridVectorClocks::default());
causal_clock::law_tests!(hybrid_vectors_that_forget_at_once => remembering(0));
causal_clock::law_tests!(hybrid_vectors_with_a_short_memory => remembering(10));
// Clocks may be worse than ε: what is proven holds all the same.
causal_clock::law_tests!(hybrid_vectors_with_bad_clocks =>
    remembering(20), skewed(Duration::from_secs(10)));

fn replayed(interval: u64, epsilon: u64) -> ReplayClocks {
    ReplayClocks::new(Duration::from_millis(interval), Duration::from_millis(epsilon)).unwrap()
}

causal_clock::law_tests!(replay_clocks => ReplayClocks::default());
causal_clock::law_tests!(replay_clocks_with_short_epochs => replayed(1, 20));
causal_clock::law_tests!(replay_clocks_with_one_epoch => replayed(5, 5));
causal_clock::law_tests!(replay_clocks_that_never_forget => replayed(1, 3_600_000));
causal_clock::law_tests!(replay_clocks_with_bad_clocks =>
    replayed(10, 20), skewed(Duration::from_secs(10)));

/// With a memory that is longer than the execution, nothing is guessed.
#[test]
fn hybrid_vectors_that_never_forget_are_exact() {
    causal_clock::laws::assert_guarantees(&ExactHybridVectors, &Shape::default());
    causal_clock::laws::assert_proofs(&ExactHybridVectors, &Shape::default());
}

#[derive(Clone, Copy)]
struct ExactHybridVectors;

impl Scheme for ExactHybridVectors {
    type Clock = HybridVectorClock;

    fn name(&self) -> String {
        remembering(1_000_000).name()
    }

    fn guarantees(&self) -> Guarantees {
        Guarantees::exact()
    }

    fn seed(&self, env: &mut impl Environment) -> HybridVectorClock {
        remembering(1_000_000).seed(env)
    }
}
