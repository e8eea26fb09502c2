//! The binomial tail, for the confidence of Bloom clocks.
//!
//! It is the regularised incomplete beta function, `P(X ≥ c) = I_p(c, n−c+1)`,
//! computed by its continued fraction (NIST Digital Library of Mathematical
//! Functions, 8.17.22) with the modified method of Lentz. Where the variance
//! is so large that the fraction would take long, the normal approximation
//! serves: its error is then below 10⁻³.

/// The probability that at least `count` of `thrown` balls hit one given place
/// among `places`.
#[expect(clippy::cast_precision_loss, reason = "probabilities need no more precision")]
pub(crate) fn at_least(count: u64, thrown: u128, places: usize) -> f64 {
    if count == 0 {
        return 1.0;
    }
    if u128::from(count) > thrown {
        return 0.0;
    }
    if places <= 1 {
        return 1.0;
    }
    let (c, n, p) = (count as f64, thrown as f64, 1.0 / places as f64);
    let variance = n * p * (1.0 - p);
    if variance > 1e6 {
        let z = (c - 0.5 - n * p) / libm::sqrt(variance);
        return 0.5 * libm::erfc(z / core::f64::consts::SQRT_2);
    }
    incomplete_beta(p, c, n - c + 1.0)
}

/// `I_x(a, b)`, for `0 < x < 1` and `a, b ≥ 1`.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
        + a * libm::log(x)
        + b * libm::log1p(-x);
    let front = libm::exp(log_front);
    // The fraction converges fast on one side of the mean.
    let result = if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    };
    result.clamp(0.0, 1.0)
}

/// The continued fraction of `I_x(a, b)`.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for step in 1..=10_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        result *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        result *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum as it stands in the paper.
    fn direct(count: u32, thrown: u32, places: u32) -> f64 {
        let p = 1.0 / f64::from(places);
        let (mut term, mut below) = (libm::pow(1.0 - p, f64::from(thrown)), 0.0);
        for l in 0..count {
            below += term;
            term *= f64::from(thrown - l.min(thrown)) / f64::from(l + 1) * p / (1.0 - p);
        }
        1.0 - below
    }

    #[test]
    fn agrees_with_the_sum() {
        for places in [2, 3, 20, 300] {
            for thrown in [0, 1, 5, 40, 500] {
                for count in (0..60).chain([100, 250, 499, 500, 501]) {
                    let exact = direct(count, thrown, places);
                    let got = at_least(count.into(), thrown.into(), places as usize);
                    assert!(
                        (got - exact).abs() < 1e-9,
                        "{count} of {thrown} at 1/{places}: {got} for {exact}"
                    );
                }
            }
        }
    }

    /// Where the normal approximation takes over, the fraction still holds,
    /// and they agree.
    #[test]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "far below 2^53"
    )]
    #[expect(clippy::cast_sign_loss, reason = "counts are positive")]
    fn the_branches_meet() {
        for places in [2_usize, 20, 65_535] {
            let p = 1.0 / places as f64;
            let thrown = (1.001e6 / (p * (1.0 - p))) as u128;
            let n = thrown as f64;
            for deviations in [-4.0, -1.0, -0.1, 0.0, 0.1, 1.0, 4.0] {
                let count = (n * p + deviations * 1_000.0) as u64;
                let normal = at_least(count, thrown, places);
                let c = count as f64;
                let exact = incomplete_beta(p, c, n - c + 1.0);
                assert!(
                    (normal - exact).abs() < 1e-3,
                    "{count} of {thrown} at 1/{places}: {normal} for {exact}"
                );
            }
            // A little less variance is the other branch.
            let below = (0.999e6 / (p * (1.0 - p))) as u128;
            let mean = (below as f64 * p) as u64;
            let half = at_least(mean, below, places);
            assert!((half - 0.5).abs() < 1e-3, "{half}");
        }
    }

    #[test]
    fn any_numbers_give_a_probability() {
        let edges = [0, 1, 2, 1 << 20, 1 << 40, u64::MAX - 1, u64::MAX];
        for count in edges {
            for thrown in edges.map(u128::from).into_iter().chain([u128::from(u64::MAX) << 16]) {
                for places in [1, 2, 65_535] {
                    let p = at_least(count, thrown, places);
                    assert!((0.0..=1.0).contains(&p), "{count} of {thrown} at 1/{places}: {p}");
                }
            }
        }
    }
}
