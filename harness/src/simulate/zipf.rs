//! Ranks by Zipf's law, over any number of ranks, in O(1): rejection–inversion,
//! W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from
//! monotone discrete distributions" (ACM TOMACS 6(3), 1996).

use crate::random::Random;

/// Draws rank k (from 0) with probability in proportion to (k + 1)⁻ˢ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zipf {
    exponent: f64,
    /// The area below the hat up to 1.5, less the first rank's.
    low: f64,
    /// So near to its rank, a draw need not be held against the law.
    near: f64,
}

impl Zipf {
    pub(crate) fn new(exponent: f64) -> Self {
        let zipf = Self { exponent, low: 0.0, near: 0.0 };
        let low = zipf.area(1.5) - 1.0;
        let near = 2.0 - zipf.of_area(zipf.area(2.5) - zipf.height(2.0));
        Self { low, near, ..zipf }
    }

    fn height(self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// ∫ x⁻ˢ from 1.
    fn area(self, x: f64) -> f64 {
        let log = libm::log(x);
        let power = (1.0 - self.exponent) * log;
        if power.abs() < 1e-8 {
            log * (1.0 + power / 2.0)
        } else {
            libm::expm1(power) / power * log
        }
    }

    /// Where that integral has a value.
    fn of_area(self, area: f64) -> f64 {
        let power = area * (1.0 - self.exponent);
        let log = if power.abs() < 1e-8 {
            area * (1.0 - power / 2.0)
        } else {
            libm::log1p(power.max(-1.0)) / power * area
        };
        libm::exp(log)
    }

    /// A rank below `ranks`, which is not 0.
    pub(crate) fn draw(self, ranks: u64, random: &mut Random) -> u64 {
        let high = self.area(ranks as f64 + 0.5);
        loop {
            let area = high + random.unit() * (self.low - high);
            let x = self.of_area(area);
            // A cast from float to integer saturates.
            let rank = ((x + 0.5) as u64).clamp(1, ranks.max(1));
            let at = rank as f64;
            if at - x <= self.near || area >= self.area(at + 0.5) - self.height(at) {
                return rank - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_drawn_in_proportion() {
        let mut random = Random::new(1, "zipf", 0, "test");
        for exponent in [0.0, 0.8, 1.0, 1.2, 3.0] {
            let zipf = Zipf::new(exponent);
            for ranks in [1_u64, 2, 5, 40] {
                let total: f64 = (1..=ranks).map(|k| libm::pow(k as f64, -exponent)).sum();
                let draws = 40_000;
                let mut counts = vec![0_u32; ranks as usize];
                (0..draws).for_each(|_| counts[zipf.draw(ranks, &mut random) as usize] += 1);
                for (rank, count) in (1_u32..).zip(counts) {
                    let p = libm::pow(f64::from(rank), -exponent) / total;
                    let deviation = libm::sqrt(f64::from(draws) * p * (1.0 - p));
                    // Five of them, over 240 counts: wrong once in 7,000.
                    let off = (f64::from(count) - p * f64::from(draws)).abs();
                    assert!(off <= 5.0 * deviation + 1.0, "{exponent} {ranks} {rank}: {count}");
                }
            }
        }
    }
}
