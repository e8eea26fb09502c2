//! Every scheme through the laws of `causal-clock`.

use std::num::NonZeroU32;
use std::time::Duration;

use bounded_vc::{BoundedVectorClocks, VectorClocks};
use causal_clock::law_tests;
use causal_clock::laws::Shape;

fn bounded(k: u32) -> BoundedVectorClocks {
    BoundedVectorClocks { k: NonZeroU32::new(k).expect("not zero") }
}

/// Enough participants that ten entries are too few.
fn crowded() -> Shape {
    Shape { max_ops: 150, max_live: 24, forks: 12, ..Shape::default() }
}

/// Physical clocks up to a minute apart: nothing promised depends on them.
fn badly_timed() -> Shape {
    Shape { max_skew: Duration::from_secs(60), ..Shape::default() }
}

law_tests!(exact => VectorClocks {});
law_tests!(bounded_1 => bounded(1));
law_tests!(bounded_3 => bounded(3));
law_tests!(bounded_4_badly_timed => bounded(4), badly_timed());
law_tests!(bounded_10 => BoundedVectorClocks::default(), crowded());
