//! Names, guarantees and parameters of the schemes.

use std::time::Duration;

use causal_clock::{Assumption, Guarantee, Scheme};
use hlc::{
    HybridLogicalClocks, HybridVectorClocks, PhysicalClocks, PhysicalClocksWithCausality,
    WideHybridLogicalClocks,
};

fn bounded(drift: Duration) -> HybridLogicalClocks {
    HybridLogicalClocks { drift: Some(drift) }
}

#[test]
fn names() {
    assert_eq!(PhysicalClocks {}.name(), "physical");
    assert_eq!(HybridLogicalClocks::default().name(), "hlc");
    assert_eq!(bounded(Duration::from_millis(500)).name(), "hlc:drift=500ms");
    assert_eq!(PhysicalClocksWithCausality::default().name(), "pwc");
    assert_eq!(HybridVectorClocks::default().name(), "hvc:epsilon=100ms");
    let drift = Some(Duration::from_secs(60));
    assert_eq!(WideHybridLogicalClocks { drift }.name(), "hlc96:drift=1m");
}

#[test]
fn guarantees() {
    assert_eq!(PhysicalClocks {}.guarantees().held().count(), 0);
    let unbounded = HybridLogicalClocks::default().guarantees();
    assert!(unbounded.lacking().eq([Guarantee::Sound]));
    assert_eq!(unbounded.assumptions(), [Assumption::UniqueIds]);
    let bounded = bounded(Duration::from_millis(500)).guarantees();
    assert!(bounded.lacking().eq([Guarantee::Sound]));
    let within = Assumption::ClocksWithin(Duration::from_millis(250));
    assert_eq!(bounded.assumptions(), [Assumption::UniqueIds, within]);
}

#[cfg(feature = "serde")]
#[test]
fn parameters_are_read_and_written() {
    let read = serde_json::from_str::<HybridLogicalClocks>;
    assert_eq!(read("{}").unwrap(), HybridLogicalClocks::default());
    assert_eq!(read(r#"{"drift":"none"}"#).unwrap(), HybridLogicalClocks::default());
    let half_a_second = bounded(Duration::from_millis(500));
    assert_eq!(read(r#"{"drift":"500ms"}"#).unwrap(), half_a_second);
    let written = |scheme| serde_json::to_string(&scheme).unwrap();
    assert_eq!(written(half_a_second), r#"{"drift":"500ms"}"#);
    assert_eq!(written(HybridLogicalClocks::default()), r#"{"drift":"none"}"#);

    let vectors = serde_json::from_str::<HybridVectorClocks>;
    assert_eq!(vectors("{}").unwrap(), HybridVectorClocks::default());
    let epsilon = Duration::from_millis(20);
    assert_eq!(vectors(r#"{"epsilon":"20ms"}"#).unwrap(), HybridVectorClocks { epsilon });
    assert!(vectors(r#"{"epsilon":20}"#).is_err());

    let error = |text| read(text).unwrap_err().to_string();
    assert!(error(r#"{"drift":"-1s"}"#).contains("expected a number and a unit"));
    assert!(error(r#"{"skew":"1s"}"#).contains("unknown field `skew`, expected `drift`"));
    assert!(serde_json::from_str::<PhysicalClocks>("{}").is_ok());
    assert!(serde_json::from_str::<PhysicalClocks>(r#"{"r":1}"#).is_err());
}
