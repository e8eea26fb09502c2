//! What an operator sees of a clock that jumps a year ahead and is mended, and
//! of a peer whose clock is fast: `cargo run -p hlc --example operators`.
//!
//! The text is what a metrics page would serve, by hand and without a library.

use std::cell::Cell;
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{Guarded, Hlc, HlcError, Stats};

const BOUND: Duration = Duration::from_millis(500);

/// The counters as lines of the usual text format.
fn page(node: NodeId, stats: &Stats) -> String {
    let (refused, source) = (&stats.refused, &stats.source);
    let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
    [
        ("stamps_total", "", stats.stamps.to_string()),
        ("refused_total", ",reason=\"too_far_ahead\"", refused.too_far_ahead.to_string()),
        ("refused_total", ",reason=\"forward_jump\"", refused.forward_jump.to_string()),
        ("refused_total", ",reason=\"out_of_range\"", refused.out_of_range.to_string()),
        ("refused_total", ",reason=\"exhausted\"", refused.exhausted.to_string()),
        ("refused_total", ",reason=\"store\"", refused.store.to_string()),
        ("largest_lead_seconds", "", seconds(stats.largest_lead)),
        ("clock_backward_steps_total", "", source.backward_steps.to_string()),
        ("clock_largest_backward_seconds", "", seconds(source.largest_backward)),
        ("clock_forward_jumps_total", "", source.forward_jumps.to_string()),
        ("clock_largest_forward_seconds", "", seconds(source.largest_forward)),
        ("clock_checks_total", "", source.checks.to_string()),
    ]
    .map(|(name, label, value)| format!("hlc_{name}{{node=\"{node}\"{label}}} {value}\n"))
    .concat()
}

fn main() -> Result<(), HlcError> {
    // A machine by hand, in milliseconds; `Guarded::system` is the real one.
    let (wall, passed) = (Cell::new(1_780_000_000_000_u64), Cell::new(0));
    let pass = |millis| {
        wall.set(wall.get() + millis);
        passed.set(passed.get() + millis);
    };
    let reading = || PhysicalTime::from_nanos(wall.get() * 1_000_000);
    let source = Guarded::new(reading, || Duration::from_millis(passed.get()), BOUND / 2)
        .with_observer(|jump| {
            eprintln!("clock: reads {}, should read {}", jump.reading, jump.expected);
        });
    let here = NodeId::new(1);
    let mut clock = Hlc::new(here, source).with_drift(BOUND);
    let mut fast = Hlc::new(NodeId::new(2), || reading().saturating_add(Duration::from_secs(2)));

    for _ in 0..1_000 {
        pass(1);
        clock.now()?;
    }
    // A peer is two seconds ahead, and is refused.
    for _ in 0..3 {
        assert!(clock.receive(&fast.now()?).is_err());
    }
    // The own clock is a year ahead for a second, and then mended.
    let year = 31_536_000_000;
    wall.set(wall.get() + year);
    for _ in 0..10 {
        pass(100);
        assert!(clock.now().is_err());
    }
    wall.set(wall.get() - year);
    clock.now()?;
    // And it is set back by ten seconds.
    wall.set(wall.get() - 10_000);
    clock.now()?;

    print!("{}", page(here, &clock.stats()));
    Ok(())
}

#[test]
fn runs() -> Result<(), HlcError> {
    main()
}
