//! A process without memory: what happens at a rate that may change, such as
//! the actions of all who are there.
//!
//! N participants who each act as a Poisson process of their own are one
//! Poisson process of N times the rate, of which each event is that of a
//! participant drawn uniformly (superposition; J. F. C. Kingman, *Poisson
//! Processes*, 1993, section 2.2). So none of them needs a timer.

use crate::random::Random;

/// When something happens next.
#[derive(Clone, Debug)]
pub(super) struct Poisson {
    /// Nanoseconds between two events on average; infinite where there are none.
    mean: f64,
    /// What is left of a wait of mean 1, as of `since`. It passes at the rate,
    /// so that each event costs one draw however often the rate changes.
    left: f64,
    since: u64,
    next: u64,
}

impl Poisson {
    /// A process that begins now, at a rate of 0.
    pub(super) fn new(random: &mut Random) -> Self {
        Self { mean: f64::INFINITY, left: random.exponential(), since: 0, next: u64::MAX }
    }

    /// When it happens next, if the rate stays; `u64::MAX` where it never does.
    pub(super) const fn next_time(&self) -> u64 {
        self.next
    }

    /// From now on it happens this often a second.
    pub(super) fn set_rate(&mut self, now: u64, a_second: f64) {
        self.left = (self.left - (now - self.since) as f64 / self.mean).max(0.0);
        self.since = now;
        self.mean = 1e9 / a_second;
        self.schedule();
    }

    /// It happens now.
    pub(super) fn happen(&mut self, now: u64, random: &mut Random) {
        self.left = random.exponential();
        self.since = now;
        self.schedule();
    }

    fn schedule(&mut self) {
        // A cast from float to integer saturates.
        let wait = self.left * self.mean;
        // At a rate of 0 the wait is endless, even where nothing is left of it:
        // 0 · ∞ is no number.
        let wait = if wait.is_nan() { u64::MAX } else { wait as u64 };
        self.next = self.since.saturating_add(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits in seconds, at rate 2 but for a break: 5 a second of each second's
    /// first tenth.
    #[test]
    fn it_happens_as_often_as_it_should_at_changing_rates() {
        let mut random = Random::new(1, "poisson", 0, "test");
        let mut process = Poisson::new(&mut random);
        let (mut in_tenth, mut outside) = (0_u32, 0_u32);
        for second in 0..10_000_u64 {
            let begin = second * 1_000_000_000;
            for (from, to, rate, count) in [
                (begin, begin + 100_000_000, 5.0, &mut in_tenth),
                (begin + 100_000_000, begin + 1_000_000_000, 2.0, &mut outside),
            ] {
                process.set_rate(from, rate);
                while process.next_time() < to {
                    let now = process.next_time();
                    process.happen(now, &mut random);
                    *count += 1;
                }
            }
        }
        // Means 5,000 and 18,000; five deviations: wrong once in two million.
        assert!(in_tenth.abs_diff(5_000) < 354, "{in_tenth}");
        assert!(outside.abs_diff(18_000) < 671, "{outside}");
        process.set_rate(1 << 60, 0.0);
        assert_eq!(process.next_time(), u64::MAX);
    }
}
