//! When newcomers arrive: a Poisson process whose rate may follow the time of
//! day or a flash crowd, or gaps that are lognormal.

use super::nanos;
use super::poisson::Poisson;
use crate::random::Random;
use crate::scenario::{Daily, Population as Table};

/// The arrivals of an execution.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    /// At the highest rate of the day.
    process: Poisson,
    a_second: f64,
    daily: Option<Daily>,
    /// How many times as many arrive now.
    factor: f64,
    irregular: Option<Irregular>,
}

/// Arrivals that are no Poisson process.
#[derive(Clone, Debug)]
struct Irregular {
    /// The deviation of the logarithm of a gap, and its median in seconds.
    sigma: f64,
    median: f64,
    next: u64,
    random: Random,
}

impl Arrivals {
    pub(super) fn new(table: &Table, random: &mut Random, stream: impl Fn(&str) -> Random) -> Self {
        let mut arrivals = Self {
            process: Poisson::new(random),
            a_second: table.arrivals,
            daily: table.daily,
            factor: 1.0,
            irregular: None,
        };
        if table.burstiness == 1.0 || table.arrivals == 0.0 {
            arrivals.surge(0, 1.0);
        } else {
            // Of a lognormal law, CV² = exp(σ²) − 1 and mean = median·exp(σ²/2).
            let variance = libm::log1p(table.burstiness * table.burstiness);
            let (sigma, median) =
                (libm::sqrt(variance), libm::exp(-variance / 2.0) / table.arrivals);
            let mut random = stream("irregular arrivals");
            // The first gap is found at a random moment in it.
            let next = nanos(random.lognormal_residual(sigma) * median);
            arrivals.irregular = Some(Irregular { sigma, median, next, random });
        }
        arrivals
    }

    /// When someone arrives next; `u64::MAX` where nobody does.
    pub(super) fn next_time(&self) -> u64 {
        self.irregular.as_ref().map_or_else(|| self.process.next_time(), |gaps| gaps.next)
    }

    /// So many times as many arrive from now on.
    pub(super) fn surge(&mut self, now: u64, factor: f64) {
        self.factor = factor;
        let most = 1.0 + self.daily.map_or(0.0, |daily| daily.amplitude);
        if self.irregular.is_none() {
            self.process.set_rate(now, self.a_second * factor * most);
        }
    }

    /// The next arrival happens now. Whether it does at this time of day: from
    /// the process at the highest rate, each is taken with a chance in proportion
    /// to the rate (thinning; P. A. W. Lewis, G. S. Shedler, Naval Research
    /// Logistics 26(3), 1979).
    pub(super) fn happen(&mut self, now: u64, random: &mut Random) -> bool {
        if let Some(Irregular { sigma, median, next, random }) = &mut self.irregular {
            let gap = random.lognormal(*sigma) * *median / self.factor;
            *next = now.saturating_add(nanos(gap).max(1));
            return true;
        }
        self.process.happen(now, random);
        let Some(Daily { amplitude, period }) = self.daily else { return true };
        let turns = now as f64 / period.as_nanos() as f64;
        let rate = 1.0 + amplitude * libm::sin(core::f64::consts::TAU * turns);
        random.chance(rate / (1.0 + amplitude))
    }
}
