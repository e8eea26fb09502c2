//! Verdicts against the truth, as integer counts.

use causal_clock::{CausalOrder, CausalStamp, Verdict};

use super::plan::{Choice, Plan};
use super::truth::Truth;
use crate::step::Participant;

/// Verdicts counted by what is true, what was said and whether it was proven.
///
/// Pairs are taken as (earlier, later) in one order of execution, so the truth
/// is *before* or *concurrent*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    counts: [[[u64; 2]; 4]; 2],
}

impl Verdicts {
    fn add(&mut self, ordered: bool, verdict: Verdict) {
        let said = verdict.order as usize;
        self.counts[usize::from(!ordered)][said][usize::from(!verdict.proven)] += 1;
    }

    /// How often this was said of pairs that are ordered, or else concurrent,
    /// with or without proof.
    #[must_use]
    pub const fn get(&self, ordered: bool, said: CausalOrder, proven: bool) -> u64 {
        self.counts[!ordered as usize][said as usize][!proven as usize]
    }

    /// All sixteen with their column names, in the order of the columns.
    pub fn cells(&self) -> impl Iterator<Item = (String, u64)> {
        [true, false].into_iter().flat_map(move |ordered| {
            CausalOrder::ALL.into_iter().flat_map(move |said| {
                [true, false].into_iter().map(move |proven| {
                    let truth = if ordered { "before" } else { "concurrent" };
                    let how = if proven { "proven" } else { "guessed" };
                    (format!("{truth}_said_{said}_{how}"), self.get(ordered, said, proven))
                })
            })
        })
    }
}

/// The verdicts of one stratum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// The lag bin.
    pub bin: usize,
    /// Lags from this many events …
    pub lag_from: u32,
    /// … to below this many.
    pub lag_to: u32,
    /// Pairs of the execution with such a lag.
    pub bin_pairs: u64,
    /// Those that were judged, over all strata of the bin.
    pub bin_judged: u64,
    /// Whether both events are of one participant.
    pub same_node: bool,
    /// Whether the participant of the earlier event was alive at the later.
    pub source_alive: bool,
    /// What was said.
    pub verdicts: Verdicts,
}

/// Judges stamps as the events happen.
pub(super) struct Judge<'p, T> {
    plan: &'p Plan,
    /// The stamps of source events so far, with where they happened.
    sources: Vec<(Participant, T)>,
    /// In a sample, the next pair.
    next_pair: usize,
    strata: Vec<[[Verdicts; 2]; 2]>,
}

impl<'p, T: CausalStamp> Judge<'p, T> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let strata = vec![[[Verdicts::default(); 2]; 2]; plan.bins.count()];
        Self { plan, sources: Vec::with_capacity(plan.sources()), next_pair: 0, strata }
    }

    /// Judges the pairs of which `event`, at `node` in `slot`, is the later
    /// one. `truth` must not have it marked yet.
    pub(super) fn judge(
        &mut self,
        event: u32,
        node: Participant,
        stamp: &T,
        truth: &Truth,
        slot: u32,
        is_alive: impl Fn(Participant) -> bool,
    ) {
        let sources = &self.sources;
        let strata = &mut self.strata;
        let mut pair = |source: usize, bin: usize| {
            let (at, earlier) = &sources[source];
            let stratum = &mut strata[bin][usize::from(*at == node)][usize::from(is_alive(*at))];
            stratum.add(truth.knows(slot, source), earlier.compare(stamp));
        };
        match &self.plan.choice {
            Choice::All => {
                (0..sources.len()).for_each(|s| pair(s, self.plan.bins.of(event - s as u32)));
            }
            Choice::Some { pairs, .. } => {
                while let Some(next) = pairs.get(self.next_pair).filter(|p| p.target == event) {
                    pair(next.source as usize, next.bin.into());
                    self.next_pair += 1;
                }
            }
        }
    }

    /// If this event is a source, its bit.
    pub(super) fn source_bit(&self, event: u32) -> Option<usize> {
        match &self.plan.choice {
            Choice::All => Some(event as usize),
            Choice::Some { sources, .. } => {
                let next = self.sources.len();
                (sources.get(next) == Some(&event)).then_some(next)
            }
        }
    }

    /// Keeps the stamp of a source event.
    pub(super) fn keep(&mut self, node: Participant, stamp: T) {
        self.sources.push((node, stamp));
    }

    /// The strata in which anything was judged.
    pub(super) fn rows(&self) -> Vec<VerdictRow> {
        let bins = self.plan.bins;
        let judged = self.plan.judged();
        let mut rows = Vec::new();
        for (bin, strata) in self.strata.iter().enumerate() {
            for (same_node, alive, verdicts) in [
                (false, false, strata[0][0]),
                (false, true, strata[0][1]),
                (true, false, strata[1][0]),
                (true, true, strata[1][1]),
            ] {
                if verdicts != Verdicts::default() {
                    let (lag_from, lag_to) = bins.range(bin);
                    rows.push(VerdictRow {
                        bin,
                        lag_from,
                        lag_to,
                        bin_pairs: bins.pairs(bin),
                        bin_judged: judged[bin],
                        same_node,
                        source_alive: alive,
                        verdicts,
                    });
                }
            }
        }
        rows
    }
}
