//! Verdicts against the truth, as integer counts.

use causal_clock::{CausalOrder, CausalStamp, Verdict};
use serde::{Deserialize, Serialize};

use super::plan::{Choice, LagBins, Plan};
use super::truth::Truth;
use crate::step::Participant;

/// Verdicts counted by what is true, what was said and whether it was proven.
///
/// Pairs are taken as (earlier, later) in one order of execution, so the truth
/// is *before* or *concurrent*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// By truth, then what was said, then proof; see [`Self::place`].
    counts: [u64; 16],
}

impl Verdicts {
    const fn place(ordered: bool, said: CausalOrder, proven: bool) -> usize {
        (!ordered as usize) << 3 | (said as usize) << 1 | !proven as usize
    }

    fn add(&mut self, ordered: bool, verdict: Verdict) {
        self.counts[Self::place(ordered, verdict.order, verdict.proven)] += 1;
    }

    /// Adds the counts of another stratum.
    pub fn extend(&mut self, other: &Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
    }

    /// How often this was said of pairs that are ordered, or else concurrent,
    /// with or without proof.
    #[must_use]
    pub const fn get(&self, ordered: bool, said: CausalOrder, proven: bool) -> u64 {
        self.counts[Self::place(ordered, said, proven)]
    }

    /// The sixteen counts, by truth, then what was said, then proof.
    #[must_use]
    pub const fn counts(&self) -> [u64; 16] {
        self.counts
    }

    /// From the sixteen counts in that order.
    #[must_use]
    pub const fn from_counts(counts: [u64; 16]) -> Self {
        Self { counts }
    }
}

/// What became of the participant of the earlier event of a pair by the time
/// of the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It lives.
    Live,
    /// It left into an heir, in which its past lives on.
    Retired,
    /// It left without a word. What it did not tell, nobody will ever have:
    /// its last events are *orphans*, concurrent with all that follows.
    Crashed,
}

impl Fate {
    /// All three, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Live, Self::Retired, Self::Crashed];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Retired => "retired",
            Self::Crashed => "crashed",
        }
    }
}

/// The verdicts of one stratum: the pairs of a lag bin whose earlier
/// participant came to the same end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerdictRow {
    /// The lag bin, see [`LagBins`].
    pub bin: usize,
    /// Lags from this many events …
    pub lag_from: u32,
    /// … to below this many.
    pub lag_to: u32,
    /// Pairs of the execution with such a lag.
    pub bin_pairs: u64,
    /// Those that were judged, over all strata of the bin.
    pub bin_judged: u64,
    /// What became of the earlier event's participant.
    pub fate: Fate,
    /// What was said.
    pub verdicts: Verdicts,
}

/// Judges stamps as the events happen: who is asked, and what was said.
pub(super) struct Judge<'p, T> {
    pub(super) asking: Asking<'p, T>,
    pub(super) tally: Tally<'p>,
}

impl<'p, T: CausalStamp> Judge<'p, T> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self { asking: Asking::new(plan), tally: Tally::new(plan) }
    }

    /// Judges the pairs of which `event`, in `slot`, is the later one. `truth` must not have it marked yet.
    pub(super) fn judge(
        &mut self,
        event: u32,
        stamp: &T,
        truth: &Truth,
        slot: u32,
        became: impl Fn(Participant) -> Fate,
    ) {
        let tally = &mut self.tally;
        self.asking.pairs(event, truth, slot, became, |earlier, due| {
            tally.add(due, earlier.compare(stamp));
        });
    }
}

/// What is true of a pair, and where its verdict is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    stratum: u8,
    ordered: bool,
    ordered_by_epsilon: bool,
}

/// Which pairs are due as the events happen.
pub(crate) struct Asking<'p, T> {
    plan: &'p Plan,
    /// The stamps of source events so far, with where they happened.
    sources: Vec<(Participant, T)>,
    /// In a sample, the next pair.
    next_pair: usize,
}

impl<'p, T> Asking<'p, T> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, sources: Vec::with_capacity(plan.sources()), next_pair: 0 }
    }

    /// Tells of the pairs of which `event`, in `slot`, is the later one. `truth`
    /// must not have it marked yet.
    #[inline]
    pub(crate) fn pairs(
        &mut self,
        event: u32,
        truth: &Truth,
        slot: u32,
        became: impl Fn(Participant) -> Fate,
        mut tell: impl FnMut(&T, Due),
    ) {
        // What settles the execution is not judged.
        let Some(event) = event.checked_sub(self.plan.from) else { return };
        let row = truth.row(slot);
        let plan = self.plan;
        let second = plan.witness.as_ref().filter(|witness| witness.has_epsilon());
        let mut pair = |source: usize, (at, earlier): &(Participant, T), bin: usize| {
            let ordered = row[source / 64] >> (source % 64) & 1 == 1;
            let stratum = (bin * Fate::ALL.len() + became(*at) as usize) as u8;
            let ordered_by_epsilon = second.is_some_and(|witness| {
                ordered
                    || witness
                        .apart(plan.from + plan.choice.source_event(source), plan.from + event)
            });
            tell(earlier, Due { stratum, ordered, ordered_by_epsilon });
        };
        match &self.plan.choice {
            Choice::All => {
                for (number, source) in self.sources.iter().enumerate() {
                    pair(number, source, self.plan.bins.of(event - number as u32));
                }
            }
            Choice::Some { pairs, .. } => {
                let rest = &pairs[self.next_pair..];
                let due = rest.iter().take_while(|pair| pair.target == event);
                self.next_pair += due
                    .map(|p| {
                        pair(p.source as usize, &self.sources[p.source as usize], p.bin.into());
                    })
                    .count();
            }
        }
    }

    /// If this event is a source, its bit.
    pub(crate) fn source_bit(&self, event: u32) -> Option<usize> {
        let event = event.checked_sub(self.plan.from)?;
        match &self.plan.choice {
            Choice::All => Some(event as usize),
            Choice::Some { sources, .. } => {
                let next = self.sources.len();
                (sources.get(next) == Some(&event)).then_some(next)
            }
        }
    }

    /// Keeps the stamp of a source event.
    pub(crate) fn keep(&mut self, node: Participant, stamp: T) {
        self.sources.push((node, stamp));
    }
}

/// Verdicts by stratum.
pub(crate) struct Tally<'p> {
    plan: &'p Plan,
    /// Three a lag bin, as [`Fate::ALL`].
    strata: Vec<Verdicts>,
    /// The same by the second truth; empty where there is none.
    epsilon_strata: Vec<Verdicts>,
}

impl<'p> Tally<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let strata = vec![Verdicts::default(); Fate::ALL.len() * LagBins::COUNT];
        let epsilon = plan.witness.as_ref().filter(|witness| witness.has_epsilon());
        let epsilon_strata = epsilon.map_or_else(Vec::new, |_| strata.clone());
        Self { plan, strata, epsilon_strata }
    }

    /// Counts what was said of a pair.
    #[inline]
    pub(crate) fn add(&mut self, due: Due, said: Verdict) {
        let stratum = usize::from(due.stratum);
        self.strata[stratum].add(due.ordered, said);
        if let Some(verdicts) = self.epsilon_strata.get_mut(stratum) {
            verdicts.add(due.ordered_by_epsilon, said);
        }
    }

    /// The strata in which anything was judged.
    pub(crate) fn rows(&self) -> Vec<VerdictRow> {
        self.rows_of(&self.strata)
    }

    /// The same by the second truth.
    pub(crate) fn epsilon_rows(&self) -> Vec<VerdictRow> {
        self.rows_of(&self.epsilon_strata)
    }

    fn rows_of(&self, strata: &[Verdicts]) -> Vec<VerdictRow> {
        let bins = self.plan.bins;
        let judged = self.plan.judged();
        let mut rows = Vec::new();
        for (bin, strata) in strata.as_chunks::<{ Fate::ALL.len() }>().0.iter().enumerate() {
            for (fate, &verdicts) in Fate::ALL.into_iter().zip(strata) {
                if verdicts != Verdicts::default() {
                    let (lag_from, lag_to) = bins.range(bin);
                    rows.push(VerdictRow {
                        bin,
                        lag_from,
                        lag_to,
                        bin_pairs: bins.pairs(bin),
                        bin_judged: judged[bin],
                        fate,
                        verdicts,
                    });
                }
            }
        }
        rows
    }
}
