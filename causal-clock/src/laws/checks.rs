//! The laws as checks of a history, and the search for counterexamples.

use core::fmt;
use std::format;
use std::string::String;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::{Execution, History, Shape, executions, replay};
use crate::{CausalClock, CausalOrder, CausalStamp, Guarantee, Scheme, Verdict, Wire};

/// A law that does not hold, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(String);

impl Violation {
    pub(super) fn new(what: String) -> Self {
        Self(what)
    }
}

/// Which guarantee a verdict on two distinct events breaks, if any.
fn broken(truth: CausalOrder, said: CausalOrder) -> Option<Guarantee> {
    use CausalOrder::{After, Before, Concurrent, Equal};
    match (truth, said) {
        (Before | After, Concurrent) => Some(Guarantee::Complete),
        (Concurrent, Before | After) => Some(Guarantee::Sound),
        (Before, After) | (After, Before) => Some(Guarantee::Consistent),
        (Before | After | Concurrent, Equal) => Some(Guarantee::Distinct),
        _ => None,
    }
}

/// All ordered pairs of distinct events with what is true and what is said.
fn verdicts<C: CausalClock>(
    history: &History<C>,
) -> impl Iterator<Item = (Pair, CausalOrder, Verdict)> {
    let events = &history.events;
    (0..events.len()).flat_map(move |left| {
        (0..events.len()).filter(move |right| *right != left).map(move |right| {
            let verdict = events[left].stamp.compare(&events[right].stamp);
            (Pair { left, right }, history.truth(left, right), verdict)
        })
    })
}

#[derive(Clone, Copy)]
struct Pair {
    left: usize,
    right: usize,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "events {} and {}", self.left, self.right)
    }
}

/// Whether the scheme's declared guarantees hold.
///
/// # Errors
/// The first pair of events that breaks one.
pub fn check_guarantees<S: Scheme>(
    scheme: &S,
    history: &History<S::Clock>,
) -> Result<(), Violation> {
    for (pair, truth, verdict) in verdicts(history) {
        if let Some(guarantee) = broken(truth, verdict.order)
            && scheme.guarantees().has(guarantee)
        {
            return Err(Violation::new(format!(
                "`{}` is declared {guarantee}, but says `{verdict}` of {pair}, which are `{truth}`",
                scheme.name()
            )));
        }
    }
    Ok(())
}

/// Whether every proven verdict is right.
///
/// # Errors
/// The first pair of events with a proof of what is not so.
pub fn check_proofs<C: CausalClock>(history: &History<C>) -> Result<(), Violation> {
    for (pair, truth, verdict) in verdicts(history) {
        if verdict.proven && verdict.order != truth {
            return Err(Violation::new(format!("{pair} are `{truth}`, but `{verdict}`")));
        }
    }
    Ok(())
}

/// Whether a stamp equals itself, and a comparison read from the other side
/// says the reverse, with the same proof.
///
/// # Errors
/// The first event or pair for which it does not.
pub fn check_antisymmetry<C: CausalClock>(history: &History<C>) -> Result<(), Violation> {
    for (i, event) in history.events.iter().enumerate() {
        let verdict = event.stamp.compare(&event.stamp.clone());
        if verdict.order != CausalOrder::Equal {
            return Err(Violation::new(format!("event {i} compared with itself is `{verdict}`")));
        }
    }
    for (pair, _, verdict) in verdicts(history) {
        let events = &history.events;
        let mirrored = events[pair.right].stamp.compare(&events[pair.left].stamp);
        if mirrored != verdict.reverse() {
            return Err(Violation::new(format!(
                "{pair} are `{verdict}` from the left and `{mirrored}` from the right"
            )));
        }
    }
    Ok(())
}

/// Whether stamps and clocks come back from their bytes, and their length is
/// known beforehand.
///
/// # Errors
/// The first value that does not.
pub fn check_wire<C: CausalClock>(history: &History<C>) -> Result<(), Violation> {
    for (i, event) in history.events.iter().enumerate() {
        let back = check_round_trip(&event.stamp, "stamp")?;
        let verdict = event.stamp.compare(&back);
        if verdict.order != CausalOrder::Equal {
            return Err(Violation::new(format!(
                "the stamp of event {i} is `{verdict}` to itself read back from its bytes"
            )));
        }
    }
    for clock in &history.survivors {
        check_round_trip(clock, "clock")?;
    }
    Ok(())
}

fn check_round_trip<T: Wire>(value: &T, what: &str) -> Result<T, Violation> {
    let bytes = value.to_bytes();
    if bytes.len() != value.encoded_len() {
        return Err(Violation::new(format!(
            "a {what} of {} bytes says that it takes {}",
            bytes.len(),
            value.encoded_len()
        )));
    }
    let back = T::decode(&bytes).map_err(|e| {
        Violation::new(format!("a {what} does not come back from {bytes:02x?}: {e}"))
    })?;
    if back.to_bytes() != bytes {
        return Err(Violation::new(format!("a {what} comes back from {bytes:02x?} as another")));
    }
    Ok(back)
}

/// The smallest execution found in which the scheme breaks this guarantee, or
/// `None` after 4,000 executions that keep it. The search is the same each
/// time.
pub fn find_counterexample<S: Scheme>(
    scheme: &S,
    guarantee: Guarantee,
    shape: &Shape,
) -> Option<Execution> {
    let config = Config { failure_persistence: None, cases: 4_000, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&executions(shape), |execution| {
        let history = replay(scheme, &execution)?;
        match verdicts(&history).find(|(_, truth, v)| broken(*truth, v.order) == Some(guarantee)) {
            Some((pair, truth, verdict)) => {
                Err(TestCaseError::fail(format!("{pair} are `{truth}`, but `{verdict}`")))
            }
            None => Ok(()),
        }
    });
    match outcome {
        Err(TestError::Fail(_, execution)) => Some(execution),
        _ => None,
    }
}
