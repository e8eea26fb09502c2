//! The steps of an execution in 16 bytes each.

use causal_clock::PhysicalTime;

use crate::step::{Step, TimedStep};

/// A step: what its clock reads, what happens in the upper four bits of a
/// number and where in the rest, and the message or second participant.
type Packed = (u64, u32, u32);

/// Participants have numbers below this.
const NODES: u32 = 1 << 28;

/// Steps, as many as fit.
#[derive(Clone, Debug)]
pub(super) struct Log {
    steps: Vec<Packed>,
    most: usize,
}

impl Log {
    /// A log that takes at most so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self { steps: Vec::new(), most: bytes / size_of::<Packed>() }
    }

    /// Whether the step fitted.
    pub(super) fn push(&mut self, timed: &TimedStep) -> bool {
        let (kind, node, other) = match timed.step {
            Step::Event { node } => (0, node, 0),
            Step::Send { node, message } => (1, node, message),
            Step::Receive { node, message } => (2, node, message),
            Step::Merge { node, message } => (3, node, message),
            Step::Lose { message } => (4, 0, message),
            Step::Candidate { node } => (5, node, 0),
            Step::Fork { node, child } => (6, node, child),
            Step::Retire { node, into } => (7, node, into),
            Step::Crash { node } => (8, node, 0),
            Step::Restart { node } => (9, node, 0),
            Step::Save { node } => (10, node, 0),
            Step::Restore { node } => (11, node, 0),
            Step::Twin { node, child } => (12, node, child),
        };
        let fits = node < NODES && self.steps.len() < self.most;
        if fits {
            self.steps.push((timed.time.as_nanos(), kind << 28 | node, other));
        }
        fits
    }

    /// All of them.
    pub(super) fn iter(&self) -> LogIter<'_> {
        LogIter(self.steps.iter())
    }
}

/// The steps of a log.
#[derive(Clone, Debug)]
pub struct LogIter<'l>(std::slice::Iter<'l, Packed>);

impl Iterator for LogIter<'_> {
    type Item = TimedStep;

    #[inline]
    fn next(&mut self) -> Option<TimedStep> {
        let &(time, word, other) = self.0.next()?;
        let (node, message) = (word % NODES, other);
        let step = match word / NODES {
            0 => Step::Event { node },
            1 => Step::Send { node, message },
            2 => Step::Receive { node, message },
            3 => Step::Merge { node, message },
            4 => Step::Lose { message },
            5 => Step::Candidate { node },
            6 => Step::Fork { node, child: other },
            7 => Step::Retire { node, into: other },
            8 => Step::Crash { node },
            9 => Step::Restart { node },
            10 => Step::Save { node },
            11 => Step::Restore { node },
            _ => Step::Twin { node, child: other },
        };
        Some(TimedStep { time: PhysicalTime::from_nanos(time), step })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_reads_back() {
        let (node, other) = (NODES - 1, u32::MAX);
        let steps = [
            Step::Event { node },
            Step::Send { node, message: other },
            Step::Receive { node, message: other },
            Step::Merge { node, message: other },
            Step::Lose { message: other },
            Step::Candidate { node },
            Step::Fork { node, child: other },
            Step::Retire { node, into: other },
            Step::Crash { node },
            Step::Restart { node },
            Step::Save { node },
            Step::Restore { node },
            Step::Twin { node, child: other },
        ]
        .map(|step| TimedStep { time: PhysicalTime::from_nanos(u64::MAX), step });
        let mut log = Log::new(16 * steps.len());
        assert!(steps.iter().all(|step| log.push(step)));
        assert_eq!(log.iter().collect::<Vec<_>>(), steps);
        assert!(!log.push(&steps[0]), "it is full");
        let far = TimedStep { step: Step::Crash { node: NODES }, ..steps[0] };
        assert!(!Log::new(160).push(&far), "the number does not fit");
    }
}
