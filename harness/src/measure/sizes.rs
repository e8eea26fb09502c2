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

/// Sizes, counted: most stamps of a scheme have one of a few sizes.
#[derive(Clone, Debug, Default)]
struct Counts {
    /// How many there are of each size below [`Counts::SMALL`].
    small: Vec<u64>,
    /// The others, one by one.
    large: Vec<u64>,
}

impl Counts {
    const SMALL: usize = 4_096;

    #[inline]
    fn add(&mut self, size: usize) {
        if let Some(count) = self.small.get_mut(size) {
            *count += 1;
        } else if size < Self::SMALL {
            self.small.resize(size + 1, 0);
            self.small[size] = 1;
        } else {
            self.large.push(size as u64);
        }
    }

    fn spread(&mut self) -> Spread {
        self.large.sort_unstable();
        let small: u64 = self.small.iter().sum();
        let count = small + self.large.len() as u64;
        let quantile = |percent: u64| {
            let rank = (count * percent).div_ceil(100).max(1);
            let mut upto = 0;
            let at = self.small.iter().position(|of| {
                upto += of;
                upto >= rank
            });
            let place = rank.saturating_sub(small + 1) as usize;
            at.map_or_else(|| self.large.get(place).copied().unwrap_or(0), |size| size as u64)
        };
        let sum: u64 = (0..).zip(&self.small).map(|(size, count): (u64, _)| size * count).sum();
        Spread {
            count,
            total: sum + self.large.iter().sum::<u64>(),
            p50: quantile(50),
            p99: quantile(99),
            max: quantile(100),
        }
    }
}

/// Collects sizes tenth by tenth.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    events: u32,
    stamps: Counts,
    rows: Vec<SizeRow>,
}

impl Sizes {
    /// For an execution of this many events.
    pub(crate) fn new(events: u32) -> Self {
        Self { events, stamps: Counts::default(), rows: Vec::new() }
    }

    /// Whether an event is the last of this tenth of all.
    pub(crate) fn ends(event: u32, tenth: u64, events: u32) -> bool {
        (u64::from(event) + 1) * 10 >= tenth * u64::from(events)
    }

    /// Takes the size of the stamp of an event; at the end of a tenth, asks
    /// for those of all live clocks.
    pub(crate) fn record<I: Iterator<Item = usize>>(
        &mut self,
        event: u32,
        stamp: usize,
        clocks: impl FnOnce() -> I,
    ) {
        self.stamps.add(stamp);
        let tenth = self.rows.len() as u64 + 1;
        if Self::ends(event, tenth, self.events) {
            let mut sizes = Counts::default();
            clocks().for_each(|size| sizes.add(size));
            let mut stamps = std::mem::take(&mut self.stamps);
            let (stamps, clocks) = (stamps.spread(), sizes.spread());
            self.rows.push(SizeRow { tenth: tenth as u32, stamps, clocks });
        }
    }

    pub(crate) fn rows(self) -> Vec<SizeRow> {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the definition says: sorted, one by one.
    fn sorted(sizes: &[usize]) -> Spread {
        let mut sizes: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
        sizes.sort_unstable();
        let quantile = |percent: usize| {
            let rank = (sizes.len() * percent).div_ceil(100).max(1);
            sizes.get(rank - 1).copied().unwrap_or(0)
        };
        Spread {
            count: sizes.len() as u64,
            total: sizes.iter().sum(),
            p50: quantile(50),
            p99: quantile(99),
            max: sizes.last().copied().unwrap_or(0),
        }
    }

    fn counted(sizes: &[usize]) -> Spread {
        let mut counts = Counts::default();
        sizes.iter().for_each(|size| counts.add(*size));
        counts.spread()
    }

    #[test]
    fn quantiles_are_exact() {
        let sizes: Vec<usize> = (1..=200).rev().collect();
        let spread = Spread { count: 200, total: 20_100, p50: 100, p99: 198, max: 200 };
        assert_eq!(counted(&sizes), spread);
        assert_eq!(counted(&[]), Spread::default());
        let mut random = crate::random::Random::new(1, "sizes", 0, "test");
        for _ in 0..300 {
            let most = [3, 5_000, 100_000][random.index(3)];
            let count = 1 + random.index(300);
            let sizes: Vec<_> = (0..count).map(|_| random.index(most)).collect();
            assert_eq!(counted(&sizes), sorted(&sizes), "{sizes:?}");
        }
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
