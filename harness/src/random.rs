//! Randomness that is the same everywhere: a generator with a portability
//! promise, seeds that belong to a purpose and never to a thread, and the few
//! distributions that scenarios need.
//!
//! The distributions are computed with `libm`, not with the platform's
//! mathematics, so that a draw has the same bits on every machine and in every
//! profile; the golden values in the tests hold it there.

mod ziggurat;

use rand_core::{Rng as _, SeedableRng};
use rand_pcg::Pcg64;
use sha2::{Digest, Sha256};

/// The name that manifests give for the generator.
pub const RNG_NAME: &str = "PCG XSL RR 128/64 (LCG), rand_pcg 0.10; seeded with SHA-256";

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    bits: Pcg64,
    exponential: &'static ziggurat::Tables,
}

impl Random {
    /// The stream for `purpose` in one replicate of one cell of a run. Streams
    /// of different purposes, cells or replicates are independent.
    #[must_use]
    pub fn new(root_seed: u64, cell: &str, replicate: u32, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [cell.as_bytes(), purpose.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(root_seed.to_le_bytes());
        hash.update(replicate.to_le_bytes());
        Self::of(Pcg64::from_seed(hash.finalize().into()))
    }

    /// A stream that is a function of a number alone: its values are hashes.
    #[must_use]
    pub fn hash(key: u64) -> Self {
        Self::of(Pcg64::seed_from_u64(key))
    }

    fn of(bits: Pcg64) -> Self {
        Self { bits, exponential: ziggurat::tables() }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.bits.next_u64()
    }

    /// Uniform in 0 ≤ x < 1, a multiple of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in 0 ≤ n < `bound`, without bias; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Lemire 2019, "Fast random integer generation in an interval": the
        // division is hardly ever needed.
        let wide = |bits: u64| u128::from(bits) * u128::from(bound);
        let mut drawn = wide(self.bits());
        if (drawn as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (drawn as u64) < threshold {
                drawn = wide(self.bits());
            }
        }
        (drawn >> 64) as u64
    }

    /// An index of something that holds `len` elements.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in −1 ≤ x < 1.
    pub fn symmetric(&mut self) -> f64 {
        symmetric(self.bits())
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        self.exponential.exponential(|| self.bits.next_u64())
    }

    /// Weibull with scale 1.
    pub fn weibull(&mut self, shape: f64) -> f64 {
        libm::pow(self.exponential(), 1.0 / shape)
    }

    /// What is left of a Weibull lifetime of scale 1 at a random moment in
    /// it: the equilibrium residual, whose distribution function is the
    /// regularised lower incomplete gamma function P(1/k, xᵏ).
    pub fn weibull_residual(&mut self, shape: f64) -> f64 {
        libm::pow(self.gamma(1.0 / shape), 1.0 / shape)
    }

    /// Shifted Pareto (Lomax) with scale 1: exceeds x with probability
    /// (1 + x)⁻ᵃ for shape a. The equilibrium residual of shape a is shape
    /// a − 1.
    pub fn shifted_pareto(&mut self, shape: f64) -> f64 {
        libm::expm1(self.exponential() / shape)
    }

    /// Lognormal with median 1 and this deviation of the logarithm.
    pub fn lognormal(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal())
    }

    /// What is left of such a lifetime at a random moment in it: a uniform
    /// share of one that was met in proportion to its length, whose logarithm
    /// is normal with mean σ².
    pub fn lognormal_residual(&mut self, sigma: f64) -> f64 {
        let met = libm::exp(sigma * (sigma + self.normal()));
        met * self.unit()
    }

    /// Gamma with scale 1 (Marsaglia and Tsang 2000, with the boost of section
    /// 6 for shapes below 1).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = libm::pow(1.0 - self.unit(), 1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v > 0.0 {
                let v = v * v * v;
                let u = 1.0 - self.unit();
                if libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                    return d * v;
                }
            }
        }
    }

    /// Normal with mean 0 and deviation 1 (Box and Muller 1958, one of the
    /// pair).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }
}

/// A bijection of 64 bits without visible pattern (the finaliser of
/// `SplitMix64`, Steele, Lea and Flood 2014). Of a number and a key, it makes
/// what is drawn for that number without storing it.
pub(crate) const fn scramble(mut x: u64) -> u64 {
    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Uniform in −1 ≤ x < 1 from 64 random bits.
pub(crate) fn symmetric(bits: u64) -> f64 {
    (bits >> 11) as f64 * (2.0 / (1_u64 << 53) as f64) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Random {
        Random::new(1, "golden", 0, "test")
    }

    #[test]
    fn draws_have_golden_bits() {
        let mut r = stream();
        assert_eq!(r.bits(), GOLDEN_BITS);
        let draws = [
            r.unit(),
            r.exponential(),
            r.weibull(0.5),
            r.weibull_residual(0.5),
            r.gamma(0.5),
            r.gamma(3.0),
            r.normal(),
        ];
        assert_eq!(draws.map(f64::to_bits), GOLDEN_DRAWS, "{draws:?}");
        assert_eq!([r.below(10), r.below(1_000_000), r.below(0)], GOLDEN_INTEGERS);
    }

    const GOLDEN_BITS: u64 = 0xea06_54c5_d512_ff85;
    const GOLDEN_DRAWS: [u64; 7] = [
        0x3fcd_86bf_9c4d_bcc0,
        0x3ffd_8437_673b_bdb4,
        0x3f9c_a77a_f56f_7522,
        0x4032_8b4a_a547_78bb,
        0x3f61_188f_33df_3468,
        0x4011_8f81_084b_fe5b,
        0x3ff4_c0a7_0e1e_ba04,
    ];
    const GOLDEN_INTEGERS: [u64; 3] = [8, 784551, 0];

    fn mean(n: u32, mut draw: impl FnMut() -> f64) -> f64 {
        (0..n).map(|_| draw()).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn draws_have_the_right_means() {
        let mut r = stream();
        let close = |got: f64, want: f64| (got - want).abs() < 0.03 * want.max(0.5);
        assert!(close(mean(100_000, || r.exponential()), 1.0));
        // Γ(1 + 1/k) for k = 1/2 is 2; the residual's mean is E[X²] / 2E[X] = 6.
        assert!(close(mean(400_000, || r.weibull(0.5)), 2.0));
        assert!(close(mean(400_000, || r.weibull_residual(0.5)), 6.0));
        // For k = 2: E[X²] / 2E[X] = 1 / √π.
        assert!(close(mean(100_000, || r.weibull_residual(2.0)), 0.5642));
        assert!(close(mean(100_000, || r.gamma(0.5)), 0.5));
        assert!(close(mean(100_000, || r.normal()), 0.0));
        assert!(close(mean(100_000, || r.normal().powi(2)), 1.0));
    }

    #[test]
    fn streams_differ_by_everything_they_are_for() {
        let first =
            |seed, cell, replicate, purpose| Random::new(seed, cell, replicate, purpose).bits();
        let base = first(1, "a", 0, "x");
        for other in [
            first(2, "a", 0, "x"),
            first(1, "b", 0, "x"),
            first(1, "a", 1, "x"),
            first(1, "a", 0, "y"),
        ] {
            assert_ne!(base, other);
        }
    }
}
