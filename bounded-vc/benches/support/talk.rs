//! Who talks to whom: the workloads of `clockbench running`, without its
//! network.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Who talks to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern {
    /// All to one, who answers.
    Star,
    /// To the next one.
    Ring,
    /// To the other one of two; one message in twenty to anyone.
    Pairs,
    /// Anyone to anyone.
    Anyone,
}

impl Pattern {
    pub(crate) const ALL: [Self; 4] = [Self::Star, Self::Ring, Self::Pairs, Self::Anyone];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Star => "star",
            Self::Ring => "ring",
            Self::Pairs => "pairs",
            Self::Anyone => "anyone",
        }
    }

    /// Senders and receivers of so many messages among `n`, who send at
    /// random.
    pub(crate) fn messages(self, n: usize, count: usize) -> Vec<(usize, usize)> {
        let mut random = Pcg64::seed_from_u64(n as u64);
        let mut below =
            |bound: usize| ((u64::from(random.next_u32()) * bound as u64) >> 32) as usize;
        let mut messages = Vec::with_capacity(count + 1);
        while messages.len() < count {
            let from = below(n);
            let stranger = (from + 1 + below(n - 1)) % n;
            match self {
                Self::Star if from == 0 => {}
                Self::Star => messages.extend([(from, 0), (0, from)]),
                Self::Ring => messages.push((from, (from + 1) % n)),
                Self::Pairs if below(20) > 0 => messages.push((from, from ^ 1)),
                Self::Pairs | Self::Anyone => messages.push((from, stranger)),
            }
        }
        messages
    }
}
