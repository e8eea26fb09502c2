//! Which pairs of events are judged.
//!
//! Up to [`Plan::EXHAUSTIVE`] events, every pair of an earlier and a later
//! one. Beyond, a sample: K source events drawn uniformly, and for each bin of
//! lags the same number of pairs, drawn uniformly from all pairs of a source
//! and a later event whose lag is in that bin. Rows carry how many pairs the
//! bin holds in all, so that rates over all pairs can be estimated without
//! bias towards the many long lags.

use super::physical::Witness;
use crate::random::Random;

/// How large a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Source events, K.
    pub sources: u32,
    /// Judged pairs for each source and lag bin, on average.
    pub pairs: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { sources: 512, pairs: 32 }
    }
}

/// Bins of lags, the same in every execution. The lag of a pair is how many
/// events after the first the second one is, in units of the mean number N of
/// live participants: below 1, 1 to 2, 2 to 4, 4 to 8, 8 to 16, 16 to 32, and
/// from 32 on. They do not follow the length of the execution, so that a rate
/// of a bin belongs to the clock and not to how long one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagBins {
    mean_live: u32,
    events: u32,
}

impl LagBins {
    /// How many bins there are.
    pub const COUNT: usize = 7;

    /// The bins of an execution of this many events.
    #[must_use]
    pub const fn new(mean_live: u32, events: u32) -> Self {
        Self { mean_live, events }
    }

    /// The bin of a lag of at least 1.
    #[must_use]
    pub fn of(self, lag: u32) -> usize {
        let log = (lag / self.mean_live).checked_ilog2();
        log.map_or(0, |log| (log as usize + 1).min(Self::COUNT - 1))
    }

    /// The lags of a bin: from the first to before the second. Empty where
    /// the execution is too short for such a lag.
    #[must_use]
    pub fn range(self, bin: usize) -> (u32, u32) {
        let bound = |bin: usize| {
            let bound = u64::from(self.mean_live) << bin;
            u32::try_from(bound).unwrap_or(u32::MAX).min(self.events)
        };
        let last = bin + 1 >= Self::COUNT;
        (if bin == 0 { 1 } else { bound(bin - 1) }, if last { self.events } else { bound(bin) })
    }

    /// How many pairs of events have a lag in this bin.
    #[must_use]
    pub fn pairs(self, bin: usize) -> u64 {
        let (from, to) = self.range(bin);
        // A lag has one pair for each event that is followed by so many more:
        // the sum of events − lag over the lags of the bin.
        let upto = |lag: u32| {
            let (lag, events) = (u64::from(lag), u64::from(self.events));
            lag * events - lag * (lag + 1) / 2
        };
        if from < to { upto(to - 1) - upto(from - 1) } else { 0 }
    }
}

/// A pair that is judged when its later event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) target: u32,
    pub(super) source: u32,
    pub(super) bin: u8,
}

/// Which events are sources, and which pairs are judged.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) bins: LagBins,
    pub(super) choice: Choice,
    pub(super) witness: Option<Witness>,
    /// Events before this one settle the execution and are not judged; all
    /// other numbers here count from it.
    pub(super) from: u32,
    /// How many pairs are judged in each bin: counted once, not for every scheme.
    judged: Vec<u64>,
}

#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// Every event is a source, every pair is judged.
    All,
    Some {
        /// The source events, ascending.
        sources: Vec<u32>,
        /// The pairs by target; sources by their place in `sources`.
        pairs: Vec<Pair>,
    },
}

impl Plan {
    /// Executions of at most this many events are judged exhaustively.
    pub const EXHAUSTIVE: u32 = 5_000;

    /// The plan for an execution; `random` decides a sample.
    #[must_use]
    pub fn new(bins: LagBins, sampling: Sampling, random: &mut Random) -> Self {
        let choice = if bins.events <= Self::EXHAUSTIVE {
            Choice::All
        } else {
            Choice::sample(bins, sampling, random)
        };
        let judged = choice.judged(bins);
        Self { bins, choice, witness: None, from: 0, judged }
    }

    /// The same plan for what follows the first `from` events, which settle the
    /// execution: pairs with an event among them are not judged. The bins must
    /// be those of the rest.
    #[must_use]
    pub fn settling(self, from: u32) -> Self {
        Self { from, ..self }
    }

    /// The same plan, with stamps held against physical time as well.
    #[must_use]
    pub fn with_witness(self, witness: Witness) -> Self {
        Self { witness: Some(witness), ..self }
    }

    /// Whether every pair is judged.
    #[must_use]
    pub const fn is_exhaustive(&self) -> bool {
        matches!(self.choice, Choice::All)
    }

    /// How many source events there are.
    #[must_use]
    pub fn sources(&self) -> usize {
        match &self.choice {
            Choice::All => self.bins.events as usize,
            Choice::Some { sources, .. } => sources.len(),
        }
    }

    /// How many pairs are judged in each bin.
    #[must_use]
    pub fn judged(&self) -> &[u64] {
        &self.judged
    }
}

impl Choice {
    fn judged(&self, bins: LagBins) -> Vec<u64> {
        match self {
            Self::All => (0..LagBins::COUNT).map(|bin| bins.pairs(bin)).collect(),
            Self::Some { pairs, .. } => {
                let mut judged = vec![0; LagBins::COUNT];
                pairs.iter().for_each(|pair| judged[usize::from(pair.bin)] += 1);
                judged
            }
        }
    }

    /// Which event a source is.
    pub(super) fn source_event(&self, source: usize) -> u32 {
        match self {
            Self::All => source as u32,
            Self::Some { sources, .. } => sources[source],
        }
    }

    fn sample(bins: LagBins, sampling: Sampling, random: &mut Random) -> Self {
        let sources = distinct(bins.events, sampling.sources.min(bins.events), random);
        let mut pairs = Vec::new();
        for bin in 0..LagBins::COUNT {
            sample_bin(bins, bin, &sources, sampling, random, &mut pairs);
        }
        let pairs = by_target(bins.events, &pairs);
        Self::Some { sources, pairs }
    }
}

/// The pairs in the order of their targets. Targets are small numbers, so they
/// are counted, not compared: sorting would take longer than judging. It does
/// not where there are far more events than pairs, and the counts would fill
/// gigabytes.
fn by_target(events: u32, pairs: &[Pair]) -> Vec<Pair> {
    if events as usize / 8 > pairs.len() {
        let mut sorted = pairs.to_vec();
        sorted.sort_by_key(|pair| pair.target);
        return sorted;
    }
    let mut next = vec![0_usize; events as usize + 1];
    pairs.iter().for_each(|pair| next[pair.target as usize + 1] += 1);
    for target in 1..next.len() {
        next[target] += next[target - 1];
    }
    let mut sorted = vec![Pair { target: 0, source: 0, bin: 0 }; pairs.len()];
    for pair in pairs {
        let place = &mut next[pair.target as usize];
        sorted[*place] = *pair;
        *place += 1;
    }
    sorted
}

/// `count` distinct numbers below `bound`, ascending (Floyd 1987).
fn distinct(bound: u32, count: u32, random: &mut Random) -> Vec<u32> {
    let mut chosen = std::collections::BTreeSet::new();
    for top in bound - count..bound {
        let pick = random.below(u64::from(top) + 1) as u32;
        if !chosen.insert(pick) {
            chosen.insert(top);
        }
    }
    chosen.into_iter().collect()
}

/// Draws the pairs of one bin: all of them where there are no more than asked
/// for, otherwise as many as asked for, uniformly and with replacement.
fn sample_bin(
    bins: LagBins,
    bin: usize,
    sources: &[u32],
    sampling: Sampling,
    random: &mut Random,
    pairs: &mut Vec<Pair>,
) {
    let (from, to) = bins.range(bin);
    // How many targets this and all earlier sources have in the bin.
    let mut running = 0_u64;
    let ends: Vec<u64> = sources
        .iter()
        .map(|source| {
            let most = (bins.events - 1 - source).min(to.saturating_sub(1));
            running += u64::from((most + 1).saturating_sub(from));
            running
        })
        .collect();
    let mut take = |nth: u64| {
        let source = ends.partition_point(|end| *end <= nth);
        let before = source.checked_sub(1).map_or(0, |s| ends[s]);
        let target = sources[source] + from + (nth - before) as u32;
        pairs.push(Pair { target, source: source as u32, bin: bin as u8 });
    };
    let wanted = sources.len() as u64 * u64::from(sampling.pairs);
    if running <= wanted {
        (0..running).for_each(take);
    } else {
        (0..wanted).for_each(|_| take(random.below(running)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_cover_every_lag_once() {
        for (mean_live, events) in [(1, 2), (1, 100), (7, 100), (24, 10_000), (500, 90)] {
            let bins = LagBins::new(mean_live, events);
            let mut total = 0;
            for bin in 0..LagBins::COUNT {
                let (from, to) = bins.range(bin);
                assert!((from..to).all(|lag| bins.of(lag) == bin), "{bins:?} {bin}");
                total += bins.pairs(bin);
            }
            assert_eq!(total, u64::from(events) * u64::from(events - 1) / 2, "{bins:?}");
        }
    }

    #[test]
    fn samples_are_as_large_as_asked_and_in_their_bins() {
        let bins = LagBins::new(24, 10_000);
        let sampling = Sampling { sources: 100, pairs: 8 };
        let plan = Plan::new(bins, sampling, &mut Random::new(1, "x", 0, "plan"));
        let Choice::Some { sources, pairs } = &plan.choice else { panic!("expected a sample") };
        assert_eq!(sources.len(), 100);
        assert!(sources.is_sorted_by(|a, b| a < b));
        assert_eq!(plan.judged(), vec![800; LagBins::COUNT]);
        assert_eq!(LagBins::new(24, 100).range(4), (100, 100), "too short for such a lag");
        assert!(pairs.is_sorted_by_key(|pair| pair.target));
        for pair in pairs {
            let lag = pair.target - sources[pair.source as usize];
            assert_eq!(bins.of(lag), usize::from(pair.bin));
            assert!(pair.target < 10_000);
        }
    }

    #[test]
    fn every_pair_of_a_bin_is_equally_likely() {
        // Two sources, one near the end: its few targets must not be favoured.
        let bins = LagBins::new(10, 100);
        let sources = [0, 95];
        let one_each = Sampling { sources: 2, pairs: 1 };
        let random = &mut Random::new(1, "x", 0, "plan");
        // Bin 0 holds 9 targets of the first source and 4 of the second.
        let mut pairs = Vec::new();
        for _ in 0..6_500 {
            sample_bin(bins, 0, &sources, one_each, random, &mut pairs);
        }
        let late = pairs.iter().filter(|p| p.source == 1).count();
        assert!((3_700..4_300).contains(&late), "{late} of 13000, expected about 4000");
    }
}
