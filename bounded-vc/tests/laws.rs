//! Every scheme through the laws of `causal-clock`.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use bounded_vc::{
    AgedVectorClocks, AkkaVectorClocks, BoundedVectorClocks, CappedVectorClocks, DropOrder,
    HorizonBits, HorizonClocks, HorizonDrop, IdWidth, PathClocks, RiakVectorClocks, TreeClocks,
    VectorClocks,
};
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

fn capped(k: u32, drop: DropOrder, keep_own: bool) -> CappedVectorClocks {
    let k = NonZeroU32::new(k).expect("not zero");
    CappedVectorClocks { k, drop, seed: 7, keep_own }
}

fn horizon(k: u32, tick: Duration) -> HorizonClocks {
    HorizonClocks { k: NonZeroU32::new(k).expect("not zero"), tick, ..HorizonClocks::default() }
}

/// Ids of one byte: among two dozen of them, some are the same.
fn cut(k: u32) -> HorizonClocks {
    HorizonClocks {
        ids: IdWidth::try_from(1).expect("a width"),
        ..horizon(k, Duration::from_secs(1))
    }
}

fn parted(horizons: u16, bits: u8, scheme: HorizonClocks) -> HorizonClocks {
    HorizonClocks {
        horizons: NonZeroU16::new(horizons).expect("not zero"),
        bits: HorizonBits::try_from(bits).expect("a width"),
        ..scheme
    }
}

fn aged(millis: u64) -> AgedVectorClocks {
    AgedVectorClocks { age: Duration::from_millis(millis) }
}

/// Riak's rule at the scale of an execution of a second.
fn riak(keep_own: bool) -> RiakVectorClocks {
    RiakVectorClocks {
        small: 1,
        big: 3,
        young: Duration::from_millis(2),
        old: Duration::from_millis(60),
        keep_own,
    }
}

law_tests!(exact => VectorClocks {});
law_tests!(paths => PathClocks {});
law_tests!(paths_crowded => PathClocks {}, crowded());
law_tests!(tree => TreeClocks {});
law_tests!(tree_crowded => TreeClocks {}, crowded());
law_tests!(bounded_1 => bounded(1));
law_tests!(bounded_3 => bounded(3));
law_tests!(bounded_4_badly_timed => bounded(4), badly_timed());
law_tests!(bounded_10 => BoundedVectorClocks::default(), crowded());
law_tests!(capped_oldest => capped(3, DropOrder::Oldest, true));
law_tests!(capped_stalest => capped(3, DropOrder::Stalest, true), badly_timed());
law_tests!(capped_smallest => capped(3, DropOrder::Smallest, true));
law_tests!(capped_random => capped(3, DropOrder::Random, true));
law_tests!(aged_at_once => aged(0));
law_tests!(aged_badly_timed => aged(30), badly_timed());
law_tests!(riak_keeping_its_own => riak(true));
law_tests!(akka => AkkaVectorClocks::default());
law_tests!(akka_forgetful => AkkaVectorClocks { keep: Duration::from_millis(1) }, badly_timed());
// These break every guarantee, and prove nothing that is not so.
law_tests!(capped_losing_its_own => capped(2, DropOrder::Smallest, false));
law_tests!(riak_losing_its_own => riak(false), badly_timed());
law_tests!(horizon_1 => horizon(1, Duration::from_millis(1)));
law_tests!(horizon_3_in_nanoseconds => horizon(3, Duration::from_nanos(1)));
law_tests!(horizon_4_badly_timed => horizon(4, Duration::from_millis(1)), badly_timed());
law_tests!(horizon_keeping_the_busy => HorizonClocks {
    drop: HorizonDrop::Smallest,
    ..horizon(4, Duration::from_millis(1))
}, badly_timed());
law_tests!(horizon_at_random => HorizonClocks {
    drop: HorizonDrop::Random,
    ..horizon(4, Duration::from_millis(1))
}, badly_timed());
// All events within one tick: times are Lamport's counters.
law_tests!(horizon_3_without_time => horizon(3, Duration::from_secs(86_400)));
law_tests!(horizon_10 => HorizonClocks::default(), crowded());
law_tests!(horizon_with_cut_ids => cut(3), Shape { max_ops: 250, ..crowded() });
law_tests!(horizons_3 => parted(3, 6, horizon(2, Duration::from_millis(1))), badly_timed());
law_tests!(horizons_7_without_others => parted(7, 4, horizon(1, Duration::from_secs(86_400))));
law_tests!(horizons_4_with_cut_ids => parted(4, 5, cut(2)), Shape { max_ops: 250, ..crowded() });
law_tests!(horizons_keeping_the_busy => HorizonClocks {
    drop: HorizonDrop::Smallest,
    ..parted(2, 1, horizon(3, Duration::from_millis(1)))
}, Shape { max_skew: Duration::from_secs(3_600), ..crowded() });
// All at once: the busy stay, whose ids are cut, by clocks an hour apart.
law_tests!(horizon_with_cut_ids_keeping_the_busy => HorizonClocks {
    drop: HorizonDrop::Smallest,
    ..cut(4)
}, Shape { max_ops: 250, max_skew: Duration::from_secs(3_600), ..crowded() });
law_tests!(capped_smallest_badly_timed => capped(3, DropOrder::Smallest, true), Shape {
    max_skew: Duration::from_secs(3_600),
    ..crowded()
});
