//! What a guarded clock tells the crates `metrics` and `tracing`.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use causal_clock::{NodeId, PhysicalTime};
use hlc::{Guarded, Hlc, Stats};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString,
    Unit,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// A clock that jumps a year ahead, is refused twice, mended, and set back.
fn some_day() -> Stats {
    let seconds = Cell::new(1_000);
    let source = || PhysicalTime::from_secs(seconds.get());
    let guarded = Guarded::new(source, || Duration::ZERO, Duration::from_millis(250));
    let mut clock = Hlc::new(NodeId::new(1), guarded);
    for (reading, fine) in
        [(1_000, true), (9_000, false), (9_000, false), (1_000, true), (990, true), (990, true)]
    {
        seconds.set(reading);
        assert_eq!(clock.now().is_ok(), fine);
    }
    clock.stats()
}

type Values = Arc<Mutex<BTreeMap<String, f64>>>;

#[derive(Default)]
struct Page(Values);

struct Cellar(Values, String);

impl CounterFn for Cellar {
    fn increment(&self, _: u64) {
        panic!("the clock counts by itself")
    }
    fn absolute(&self, value: u64) {
        GaugeFn::set(self, f64::from(u32::try_from(value).unwrap()));
    }
}

impl GaugeFn for Cellar {
    fn increment(&self, _: f64) {
        panic!("the clock counts by itself")
    }
    fn decrement(&self, _: f64) {
        panic!("the clock counts by itself")
    }
    fn set(&self, value: f64) {
        self.0.lock().unwrap().insert(self.1.clone(), value);
    }
}

impl Page {
    fn cell(&self, key: &Key) -> Arc<Cellar> {
        let labels: Vec<_> = key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        Arc::new(Cellar(Arc::clone(&self.0), name))
    }
}

impl Recorder for Page {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn metrics_have_all_counters() {
    let page = Page::default();
    metrics::with_local_recorder(&page, || some_day().record(NodeId::new(1)));
    let values = page.0.lock().unwrap();
    let expected = [
        ("hlc_clock_backward_steps_total node=1", 1.0),
        ("hlc_clock_checks_total node=1", 4.0),
        ("hlc_clock_forward_jumps_total node=1", 1.0),
        ("hlc_clock_largest_backward_seconds node=1", 10.0),
        ("hlc_clock_largest_forward_seconds node=1", 8_000.0),
        ("hlc_largest_lead_seconds node=1", 10.0),
        ("hlc_refused_total node=1 reason=exhausted", 0.0),
        ("hlc_refused_total node=1 reason=forward_jump", 2.0),
        ("hlc_refused_total node=1 reason=out_of_range", 0.0),
        ("hlc_refused_total node=1 reason=store", 0.0),
        ("hlc_refused_total node=1 reason=too_far_ahead", 0.0),
        ("hlc_stamps_total node=1", 4.0),
    ];
    assert_eq!(values.iter().map(|(k, v)| (k.as_str(), *v)).collect::<Vec<_>>(), expected);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn tracing_has_each_jump_and_step_once() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), some_day);
    assert_eq!(
        *log.0.lock().unwrap(),
        [
            "WARN message=the physical clock jumped ahead ahead_nanos=8000000000000 taken=false",
            "INFO message=the physical clock was set back behind_nanos=10000000000",
        ]
    );
}
