//! Draws of durations, in seconds.

use crate::random::Random;
use crate::scenario::Law;

impl Law {
    /// How long it lasts; `None` for ever.
    pub(super) fn draw(&self, random: &mut Random) -> Option<f64> {
        Some(match self {
            Self::Endless => return None,
            Self::Fixed { length } => length.as_secs_f64(),
            Self::Exponential { mean } => random.exponential() * mean.as_secs_f64(),
            Self::Weibull { shape, scale } => random.weibull(*shape) * scale.as_secs_f64(),
            Self::Pareto { shape, scale } => random.shifted_pareto(*shape) * scale.as_secs_f64(),
            Self::Lognormal { median, sigma } => random.lognormal(*sigma) * median.as_secs_f64(),
            Self::Sample { seconds, .. } => *seconds.get(random.index(seconds.len()))?,
        })
    }

    /// How much longer it lasts if it is found at a random moment.
    pub(super) fn draw_residual(&self, random: &mut Random) -> Option<f64> {
        Some(match self {
            Self::Endless => return None,
            Self::Fixed { length } => random.unit() * length.as_secs_f64(),
            // Without memory.
            Self::Exponential { mean } => random.exponential() * mean.as_secs_f64(),
            Self::Weibull { shape, scale } => random.weibull_residual(*shape) * scale.as_secs_f64(),
            Self::Pareto { shape, scale } => {
                random.shifted_pareto(shape - 1.0) * scale.as_secs_f64()
            }
            Self::Lognormal { median, sigma } => {
                random.lognormal_residual(*sigma) * median.as_secs_f64()
            }
            // A long one is met more often: in proportion to its length.
            Self::Sample { seconds, .. } => {
                let mut moment = random.unit() * seconds.iter().sum::<f64>();
                for length in seconds {
                    if moment < *length {
                        return Some(moment);
                    }
                    moment -= length;
                }
                *seconds.last()?
            }
        })
    }
}
