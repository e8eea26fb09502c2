//! Every scheme is put through the laws for its declared guarantees, and is
//! seen to break those that it does not declare.

use std::time::Duration;

use causal_clock::laws::Shape;
use hlc::{
    HybridLogicalClocks, PhysicalClocks, PhysicalClocksWithCausality, WideHybridLogicalClocks,
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
