//! `[clocks]`: how far physical clocks are off.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::Fault;
use super::parse::{Nonsense, expect};

/// `[clocks]`: how far physical clocks are off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clocks {
    /// At birth, a clock is at most this much ahead or behind, uniformly
    /// (default 10 ms).
    #[serde(with = "causal_clock::duration")]
    pub skew: Duration,
    /// It runs at most this much fast or slow, in millionths, uniformly
    /// (default 50).
    pub drift_ppm: f64,
    /// `[[clocks.fault]]`: what is wrong with some of them (default nothing).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fault: Vec<Fault>,
}

impl Default for Clocks {
    fn default() -> Self {
        Self { skew: Duration::from_millis(10), drift_ppm: 50.0, fault: Vec::new() }
    }
}

impl Clocks {
    /// Whether the values make sense.
    pub(super) fn check(&self) -> Result<(), Nonsense> {
        let ppm = self.drift_ppm;
        expect("clocks.drift_ppm", (0.0..1e6).contains(&ppm), || {
            format!("is {ppm}: expected at least 0 and less than 1000000 (a clock that stands)")
        })
    }
}
