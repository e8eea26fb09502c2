//! Sizes that do not converge: stamps that grow for ever have no size, but a
//! size after so many departures, and a slope.
//!
//! Sizes are known by tenth of the execution, and departures come evenly, so
//! the middle of the n-th tenth is taken to have seen (n − ½)/10 of them.

use super::rows::Observed;

/// By tenth: departures until its middle, and the mean bytes of a stamp.
fn curve(observed: &Observed, departures: u32) -> impl Iterator<Item = (f64, f64)> + '_ {
    observed.sizes.iter().map(move |size| {
        let until = f64::from(departures) * (f64::from(size.tenth) - 0.5) / 10.0;
        (until, size.stamps.total as f64 / size.stamps.count.max(1) as f64)
    })
}

/// By how many bytes a stamp grows with each of so many departures, over the
/// last seven tenths (least squares): the start, where participants hear of each
/// other, is no growth. `None` where nobody left.
pub(super) fn a_departure(observed: &Observed, departures: u32) -> Option<f64> {
    let points: Vec<_> = curve(observed, departures).skip(3).collect();
    let n = points.len() as f64;
    if departures == 0 || points.len() < 2 {
        return None;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (mut both, mut square) = (0.0, 0.0);
    for (px, py) in &points {
        both += (px - x) * (py - y);
        square += (px - x) * (px - x);
    }
    Some(both / square)
}

/// The mean bytes of a stamp after so many departures, on the line between the
/// two nearest tenths; `None` where the execution has fewer.
pub(super) fn bytes_at(observed: &Observed, departures: u32) -> Option<f64> {
    let at = f64::from(departures);
    let points: Vec<_> = curve(observed, observed.departures).collect();
    points.windows(2).find(|pair| pair[0].0 <= at && at <= pair[1].0).map(|pair| {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{SizeRow, Spread};

    #[test]
    fn a_line_has_its_slope_and_its_points() {
        let size = |tenth: u32| {
            // 100 bytes, and two with each of 100 departures.
            let total = 1_000 + 10 * (2 * 10 * u64::from(tenth) - 10);
            let stamps = Spread { count: 10, total, ..Spread::default() };
            SizeRow { tenth, stamps, clocks: Spread::default() }
        };
        let observed = Observed {
            sizes: (1..=10).map(size).collect(),
            departures: 100,
            crashes: 25,
            ..Observed::default()
        };
        assert_eq!(a_departure(&observed, 100), Some(2.0));
        assert_eq!(a_departure(&observed, 25), Some(8.0));
        assert_eq!(a_departure(&observed, 0), None);
        assert_eq!(bytes_at(&observed, 50), Some(200.0));
        assert_eq!(bytes_at(&observed, 100), None, "the last tenth ends there");
    }
}
