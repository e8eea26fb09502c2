//! Laws of durations: how long a session, an absence or a delay is.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::parse::{Nonsense, expect};

/// How long something lasts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "law", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Law {
    /// To the end of the execution.
    Endless,
    /// Always the same.
    Fixed {
        /// How long.
        #[serde(with = "causal_clock::duration")]
        length: Duration,
    },
    /// Exponential.
    Exponential {
        /// The mean.
        #[serde(with = "causal_clock::duration")]
        mean: Duration,
    },
    /// Weibull; below shape 1, many short ones and a few very long ones.
    Weibull {
        /// The shape k.
        shape: f64,
        /// The scale λ.
        #[serde(with = "causal_clock::duration")]
        scale: Duration,
    },
    /// Shifted Pareto (Lomax): the longer it has lasted, the longer it will.
    Pareto {
        /// The shape α, above 1; the mean is the scale over α − 1.
        shape: f64,
        /// The scale β.
        #[serde(with = "causal_clock::duration")]
        scale: Duration,
    },
    /// Lognormal.
    Lognormal {
        /// The median.
        #[serde(with = "causal_clock::duration")]
        median: Duration,
        /// The deviation σ of the logarithm.
        sigma: f64,
    },
    /// One of those that were observed, drawn at random.
    Sample {
        /// The file with the seconds of each, one a line, beside the scenario.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        file: String,
        /// The seconds of each; read from the file where there is one.
        #[serde(default)]
        seconds: Vec<f64>,
    },
}

impl Law {
    /// Half of them last longer, in seconds; infinite where they never end.
    #[must_use]
    pub fn median(&self) -> f64 {
        match self {
            Self::Endless => f64::INFINITY,
            Self::Fixed { length } => length.as_secs_f64(),
            Self::Exponential { mean } => mean.as_secs_f64() * core::f64::consts::LN_2,
            Self::Weibull { shape, scale } => {
                scale.as_secs_f64() * libm::pow(core::f64::consts::LN_2, 1.0 / shape)
            }
            Self::Pareto { shape, scale } => {
                scale.as_secs_f64() * (libm::pow(2.0, 1.0 / shape) - 1.0)
            }
            Self::Lognormal { median, .. } => median.as_secs_f64(),
            Self::Sample { seconds, .. } => {
                let mut sorted = seconds.clone();
                sorted.sort_by(f64::total_cmp);
                sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
            }
        }
    }

    /// Whether the values make sense.
    pub(super) fn check(&self) -> Result<(), Nonsense> {
        let positive = |key, length: Duration| {
            expect(key, !length.is_zero(), || "is 0s: expected more".into())
        };
        match self {
            Self::Endless => Ok(()),
            Self::Fixed { length } => positive("length", *length),
            Self::Exponential { mean } => positive("mean", *mean),
            Self::Weibull { shape, scale } => {
                expect("shape", (0.05..=20.0).contains(shape), || {
                    format!("is {shape}: expected from 0.05 to 20")
                })?;
                positive("scale", *scale)
            }
            Self::Pareto { shape, scale } => {
                expect("shape", *shape > 1.0 && *shape <= 100.0, || {
                    format!("is {shape}: expected above 1 (where the mean exists) to 100")
                })?;
                positive("scale", *scale)
            }
            Self::Lognormal { median, sigma } => {
                positive("median", *median)?;
                expect("sigma", (0.0..=5.0).contains(sigma), || {
                    format!("is {sigma}: expected from 0 to 5")
                })
            }
            Self::Sample { seconds, .. } => {
                expect("seconds", !seconds.is_empty(), || {
                    "has no durations: expected at least one, here or in `file`".into()
                })?;
                let bad = seconds.iter().find(|s| !(**s > 0.0 && s.is_finite()));
                expect("seconds", bad.is_none(), || {
                    let bad = bad.copied().unwrap_or_default();
                    format!("holds {bad}: expected seconds above 0")
                })
            }
        }
    }
}
