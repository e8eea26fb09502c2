//! Rates and intervals from integer counts.
//!
//! The unit is the seed: pairs of one execution share most of their history
//! and are far from independent, so the spread is taken over replicates, never
//! over pairs (a naive binomial interval is too narrow by a factor of almost
//! 20: the design effect of such pairs is in the hundreds).

use causal_clock::CausalOrder;

use crate::measure::{VerdictRow, Verdicts};

/// A rate over judged pairs that results report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Said to be concurrent, of those truly ordered.
    FalseConcurrency,
    /// Said to be ordered, of those truly concurrent.
    FalseOrder,
    /// Said to be after, of those truly before.
    Reversal,
    /// Said to be equal, of all (all are pairs of distinct events).
    FalseEquality,
    /// Proven, of all.
    Proven,
    /// Wrong, of those proven. Zero, or a clock or an assumption is broken.
    WrongProof,
}

impl Rate {
    /// All of them in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::FalseConcurrency,
        Self::FalseOrder,
        Self::Reversal,
        Self::FalseEquality,
        Self::Proven,
        Self::WrongProof,
    ];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FalseConcurrency => "false_concurrency",
            Self::FalseOrder => "false_order",
            Self::Reversal => "reversal",
            Self::FalseEquality => "false_equality",
            Self::Proven => "proven",
            Self::WrongProof => "wrong_proof",
        }
    }

    /// Whether more of it is better.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Proven)
    }

    /// How many pairs this is a rate of, and how many of them count.
    #[must_use]
    pub fn counts(self, verdicts: &Verdicts) -> (u64, u64) {
        let mut counts = (0, 0);
        for ordered in [true, false] {
            for said in CausalOrder::ALL {
                for proven in [true, false] {
                    let n = verdicts.get(ordered, said, proven);
                    if self.is_about(ordered, proven) {
                        counts.0 += n;
                        counts.1 += if self.counts_as(ordered, said, proven) { n } else { 0 };
                    }
                }
            }
        }
        counts
    }

    const fn is_about(self, ordered: bool, proven: bool) -> bool {
        match self {
            Self::FalseConcurrency | Self::Reversal => ordered,
            Self::FalseOrder => !ordered,
            Self::FalseEquality | Self::Proven => true,
            Self::WrongProof => proven,
        }
    }

    const fn counts_as(self, ordered: bool, said: CausalOrder, proven: bool) -> bool {
        match self {
            Self::FalseConcurrency => matches!(said, CausalOrder::Concurrent),
            Self::FalseOrder => said.is_ordered(),
            Self::Reversal => matches!(said, CausalOrder::After),
            Self::FalseEquality => matches!(said, CausalOrder::Equal),
            Self::Proven => proven,
            Self::WrongProof => {
                let right = if ordered { CausalOrder::Before } else { CausalOrder::Concurrent };
                said as u8 != right as u8
            }
        }
    }

    /// This rate over all pairs of one execution, each stratum weighted by how
    /// many pairs it stands for; `None` where it is a rate of nothing.
    #[must_use]
    pub fn over(self, rows: &[VerdictRow]) -> Option<f64> {
        self.over_rows(rows.iter())
    }

    /// As [`over`](Self::over), of some of the rows.
    pub fn over_rows<'r>(self, rows: impl Iterator<Item = &'r VerdictRow>) -> Option<f64> {
        let (mut about, mut counted) = (0.0, 0.0);
        for row in rows {
            let weight = row.bin_pairs as f64 / row.bin_judged.max(1) as f64;
            let (n, k) = self.counts(&row.verdicts);
            about += n as f64 * weight;
            counted += k as f64 * weight;
        }
        (about > 0.0).then(|| counted / about)
    }
}

/// The mean of a quantity over seeds, with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many seeds had a value.
    pub seeds: usize,
    /// The mean over them.
    pub mean: f64,
    /// Half the width of the 95 % Student t interval; `None` for one seed.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// The estimate from one value a seed; `None` without any.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let (&first, seeds) = (values.first()?, values.len());
        // Where all agree, rounding in the sum must not pass for a spread.
        let agree = values.iter().all(|v| *v == first);
        let mean = if agree { first } else { values.iter().sum::<f64>() / seeds as f64 };
        let half_width = seeds.checked_sub(1).filter(|df| *df > 0).map(|df| {
            let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
            student_t_975(df) * (squares / df as f64 / seeds as f64).sqrt()
        });
        Some(Self { seeds, mean, half_width })
    }

    /// Where nothing was observed in any seed: the share of executions that
    /// may still hold such an error, at 95 % confidence (the exact bound
    /// 1 − 0.05^(1/n), about 3/n).
    #[must_use]
    pub fn zero_bound(&self) -> Option<f64> {
        (self.mean == 0.0).then(|| 1.0 - 0.05_f64.powf(1.0 / self.seeds as f64))
    }
}

/// An estimate whose values come one by one and are not kept (Welford 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Running {
    seeds: usize,
    mean: f64,
    squares: f64,
}

impl Running {
    /// Takes one more value.
    pub fn add(&mut self, value: f64) {
        self.seeds += 1;
        let apart = value - self.mean;
        self.mean += apart / self.seeds as f64;
        self.squares += apart * (value - self.mean);
    }

    /// The estimate so far; `None` without any value.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        let Self { seeds, mean, squares } = *self;
        let half_width = seeds
            .checked_sub(1)
            .filter(|df| *df > 0)
            .map(|df| student_t_975(df) * (squares / df as f64 / seeds as f64).sqrt());
        (seeds > 0).then_some(Estimate { seeds, mean, half_width })
    }
}

/// The 97.5 % quantile of Student's t with `df` ≥ 1 degrees of freedom.
pub(crate) fn student_t_975(df: usize) -> f64 {
    // Exact to the digits shown; beyond, Cornish and Fisher's expansion about
    // the normal quantile is good to 10⁻⁵.
    const TABLE: [f64; 10] = [
        12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004,
        2.262_157, 2.228_139,
    ];
    if let Some(t) = df.checked_sub(1).and_then(|i| TABLE.get(i)) {
        return *t;
    }
    let (z, n) = (1.959_963_985_f64, df as f64);
    let (z3, z5, z7, z9) = (z.powi(3), z.powi(5), z.powi(7), z.powi(9));
    z + (z3 + z) / (4.0 * n)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * n * n)
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * n * n * n)
        + (79.0 * z9 + 776.0 * z7 + 1482.0 * z5 - 1920.0 * z3 - 945.0 * z) / (92160.0 * n.powi(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_t_are_those_of_the_tables() {
        for (df, t) in [(1, 12.7062), (10, 2.2281), (11, 2.2010), (29, 2.0452), (100, 1.9840)] {
            assert!((student_t_975(df) - t).abs() < 1e-4, "{df}: {}", student_t_975(df));
        }
    }

    #[test]
    fn an_estimate_has_mean_and_interval() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((estimate.seeds, estimate.mean), (3, 2.0));
        // t(2) · 1 / √3
        assert!((estimate.half_width.unwrap() - 2.484_138).abs() < 1e-5);
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(Estimate::of(&[4.0]).unwrap().half_width, None);
        // 0.1 thirty times adds up to a little less than 3.
        assert_eq!(Estimate::of(&[0.1; 30]).unwrap().half_width, Some(0.0));
    }

    #[test]
    fn values_that_are_not_kept_give_the_same() {
        let values = [0.3, 0.7, 0.1, 0.4, 0.4];
        let mut running = Running::default();
        assert_eq!(running.estimate(), None);
        values.iter().for_each(|value| running.add(*value));
        let (ours, all) = (running.estimate().unwrap(), Estimate::of(&values).unwrap());
        assert_eq!(ours.seeds, all.seeds);
        assert!((ours.mean - all.mean).abs() < 1e-12);
        assert!((ours.half_width.unwrap() - all.half_width.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn nothing_observed_is_an_upper_bound() {
        let bound = Estimate::of(&[0.0; 30]).unwrap().zero_bound().unwrap();
        assert!((bound - 0.0950).abs() < 1e-4, "{bound}");
        assert_eq!(Estimate::of(&[0.0, 0.1]).unwrap().zero_bound(), None);
    }
}
