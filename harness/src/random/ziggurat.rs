//! Exponential draws for the price of a multiplication, where the inverse of
//! the distribution function takes a logarithm.
//!
//! The density is covered by 256 layers of equal area, and a point is drawn
//! uniformly in a layer drawn uniformly: nearly always it is where the layer
//! lies wholly below the curve (G. Marsaglia and W. W. Tsang, "The ziggurat
//! method for generating random variables", Journal of Statistical Software
//! 5(8), 2000). The tables are computed with `libm`, so they have the same bits
//! everywhere.

use std::sync::LazyLock;

const LAYERS: usize = 256;
/// Where the lowest layer's rectangle ends and its tail begins.
const TAIL: f64 = 7.697_117_470_131_05;

#[derive(Debug)]
pub(super) struct Tables {
    /// The widths of the layers, the widest first: the lowest layer has that of
    /// a rectangle of its area.
    widths: [f64; LAYERS + 1],
    /// The density at each width.
    density: [f64; LAYERS + 1],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let height = libm::exp(-TAIL);
    // The rectangle and the tail, whose area is the density at its beginning.
    let area = TAIL * height + height;
    let mut widths = [0.0; LAYERS + 1];
    widths[0] = area / height;
    widths[1] = TAIL;
    for layer in 2..LAYERS {
        let below = widths[layer - 1];
        widths[layer] = -libm::log(libm::exp(-below) + area / below);
    }
    Tables { widths, density: widths.map(|width| libm::exp(-width)) }
});

pub(super) fn tables() -> &'static Tables {
    &TABLES
}

/// Uniform in 0 ≤ x < 1 from 64 random bits, of which it takes the upper 53.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

impl Tables {
    /// A draw of mean 1 from words of random bits.
    #[inline]
    pub(super) fn exponential(&self, mut bits_of: impl FnMut() -> u64) -> f64 {
        let Self { widths, density } = self;
        let mut beyond = 0.0;
        loop {
            let bits = bits_of();
            let layer = (bits % LAYERS as u64) as usize;
            let x = unit(bits) * widths[layer];
            if x < widths[layer + 1] {
                return beyond + x;
            }
            if layer == 0 {
                // The tail of the exponential law is that law again.
                beyond += TAIL;
                continue;
            }
            let (low, high) = (density[layer], density[layer + 1]);
            if low + (high - low) * unit(bits_of()) < libm::exp(-x) {
                return beyond + x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Random;
    use super::*;

    #[test]
    fn the_layers_have_the_same_area() {
        let Tables { widths, density } = &*TABLES;
        let area = TAIL * density[1] + density[1];
        for layer in 1..LAYERS {
            let rectangle = widths[layer] * (density[layer + 1] - density[layer]);
            assert!((rectangle / area - 1.0).abs() < 1e-9, "{layer}: {rectangle}");
        }
    }

    /// Kolmogorov and Smirnov's distance from the law over a million draws:
    /// beyond 2.5 / √n once in 130,000 times.
    #[test]
    fn draws_follow_the_law() {
        let mut random = Random::new(1, "ziggurat", 0, "test");
        let mut draws: Vec<f64> = (0..1_000_000).map(|_| random.exponential()).collect();
        draws.sort_unstable_by(f64::total_cmp);
        let n = draws.len() as f64;
        let distance = |(at, x): (usize, &f64)| {
            let law = -libm::expm1(-x);
            (law - at as f64 / n).abs().max((law - (at + 1) as f64 / n).abs())
        };
        let most = draws.iter().enumerate().map(distance).fold(0.0, f64::max);
        assert!(most < 2.5e-3, "{most}");
        // The tail: e⁻¹² of a million is 6 draws.
        let far = draws.iter().filter(|x| **x > 12.0).count();
        assert!((1..20).contains(&far), "{far}");
    }
}
