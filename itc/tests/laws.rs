//! The laws that every exact clock keeps.

use causal_clock::laws::Shape;
use itc::IntervalTreeClocks;

causal_clock::law_tests!(few => IntervalTreeClocks {});
causal_clock::law_tests!(
    crowded => IntervalTreeClocks {},
    Shape { max_ops: 200, max_live: 40, forks: 15, crashes: 4, ..Shape::default() }
);
