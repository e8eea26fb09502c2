//! How many bytes stamps and clocks take, ids included, as the execution goes
//! on.

/// Sizes over one tenth of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRow {
    /// Which tenth, from 1.
    pub tenth: u32,
    /// Encoded bytes of the stamps of its events.
    pub stamps: Spread,
    /// Encoded bytes of the clocks of those alive at its end: what each keeps,
    /// and what a fork or a retirement moves.
    pub clocks: Spread,
}

/// How sizes are spread. Quantiles are exact: the smallest size that at least
/// that share of all does not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many were measured.
    pub count: u64,
    /// Their sum in bytes.
    pub total: u64,
    /// The median in bytes.
    pub p50: u64,
    /// The 99th percentile in bytes.
    pub p99: u64,
    /// The largest in bytes.
    pub max: u64,
}

impl Spread {
    fn of(sizes: &mut [u64]) -> Self {
        sizes.sort_unstable();
        let quantile = |percent: usize| {
            let rank = (sizes.len() * percent).div_ceil(100).max(1);
            sizes.get(rank - 1).copied().unwrap_or(0)
        };
        Self {
            count: sizes.len() as u64,
            total: sizes.iter().sum(),
            p50: quantile(50),
            p99: quantile(99),
            max: sizes.last().copied().unwrap_or(0),
        }
    }
}

/// Collects sizes tenth by tenth.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    events: u32,
    stamps: Vec<u64>,
    rows: Vec<SizeRow>,
}

impl Sizes {
    /// For an execution of this many events.
    pub(super) fn new(events: u32) -> Self {
        Self { events, stamps: Vec::new(), rows: Vec::new() }
    }

    /// Takes the size of the stamp of an event; at the end of a tenth, asks
    /// for those of all live clocks.
    pub(super) fn record<I: Iterator<Item = usize>>(
        &mut self,
        event: u32,
        stamp: usize,
        clocks: impl FnOnce() -> I,
    ) {
        self.stamps.push(stamp as u64);
        let tenth = self.rows.len() as u64 + 1;
        if (u64::from(event) + 1) * 10 >= tenth * u64::from(self.events) {
            let mut clocks: Vec<u64> = clocks().map(|size| size as u64).collect();
            self.rows.push(SizeRow {
                tenth: tenth as u32,
                stamps: Spread::of(&mut self.stamps),
                clocks: Spread::of(&mut clocks),
            });
            self.stamps.clear();
        }
    }

    pub(super) fn rows(self) -> Vec<SizeRow> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact() {
        let mut sizes: Vec<u64> = (1..=200).rev().collect();
        let spread = Spread::of(&mut sizes);
        assert_eq!(spread, Spread { count: 200, total: 20_100, p50: 100, p99: 198, max: 200 });
        assert_eq!(Spread::of(&mut []), Spread::default());
        assert_eq!(Spread::of(&mut [7]).p50, 7);
    }

    #[test]
    fn every_event_is_in_one_tenth() {
        for events in [2, 9, 10, 11, 1_003] {
            let mut sizes = Sizes::new(events);
            (0..events).for_each(|event| sizes.record(event, 1, || [3, 4].into_iter()));
            let rows = sizes.rows();
            assert_eq!(rows.iter().map(|r| r.stamps.count).sum::<u64>(), u64::from(events));
            assert_eq!(rows.last().unwrap().clocks.max, 4);
            assert!(rows.len() <= 10);
        }
    }
}
