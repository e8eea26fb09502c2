//! An execution as a thing that can be run through several times: out of a log
//! of its steps while that fits, simulated anew from its seed, or read from a
//! trace.

mod log;

use std::collections::BTreeSet;
use std::sync::Arc;

use causal_clock::PhysicalTime;

use self::log::Log;
pub use self::log::LogIter;
use crate::scenario::{Ids, Scenario};
use crate::simulate::Simulation;
use crate::step::{Message, Participant, Step, TimedStep};

/// Where the steps come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From a scenario, by simulation.
    Scenario(Arc<Scenario>),
    /// From a trace that was read; the same for every replicate.
    Recorded(Arc<[TimedStep]>),
}

/// A cell of a run: a source of executions and how ids are drawn in it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What results call it.
    pub name: String,
    /// Where its steps come from.
    pub source: Source,
    /// How its environment draws ids.
    pub ids: Ids,
    /// Where the steps are an execution of a run that was exported: that
    /// run's root seed and which replicate it was, so that ids and samples
    /// are drawn as they were there.
    pub recorded: Option<(u64, u32)>,
}

impl Cell {
    /// The cell of a scenario.
    #[must_use]
    pub fn of(scenario: Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            ids: scenario.population.ids,
            source: Source::Scenario(Arc::new(scenario)),
            recorded: None,
        }
    }

    /// One replicate, surveyed and ready to be gone through several times.
    #[must_use]
    pub fn execution(&self, root_seed: u64, replicate: u32) -> Execution<'_> {
        Execution::of(self, root_seed, replicate, Execution::LOG_BYTES)
    }

    /// The steps of one replicate. Each call starts again at the beginning.
    #[must_use]
    pub fn steps(&self, root_seed: u64, replicate: u32) -> Steps {
        match &self.source {
            Source::Scenario(s) => {
                Steps::Simulated(Simulation::new(s, root_seed, replicate).into())
            }
            Source::Recorded(steps) => Steps::Recorded { steps: steps.clone(), next: 0 },
        }
    }
}

/// An iterator over the steps of one execution.
#[derive(Clone, Debug)]
pub enum Steps {
    /// Simulated as it goes.
    Simulated(Box<Simulation>),
    /// Out of memory.
    Recorded {
        /// All of them.
        steps: Arc<[TimedStep]>,
        /// The next one.
        next: usize,
    },
}

impl Iterator for Steps {
    type Item = TimedStep;

    fn next(&mut self) -> Option<TimedStep> {
        match self {
            Self::Simulated(simulation) => simulation.next(),
            Self::Recorded { steps, next } => {
                let step = steps.get(*next).copied();
                *next += 1;
                step
            }
        }
    }
}

impl Steps {
    /// What a perfect clock reads at the step that was given out last. Of a
    /// recorded execution nobody knows more than the clocks that were there.
    #[must_use]
    pub fn true_time(&self) -> PhysicalTime {
        match self {
            Self::Simulated(simulation) => simulation.true_time(),
            Self::Recorded { steps, next } => next
                .checked_sub(1)
                .and_then(|last| steps.get(last))
                .map_or_else(|| PhysicalTime::ZERO, |step| step.time),
        }
    }

    /// Whether something is wrong with the clock of a participant, as far as
    /// is known.
    #[must_use]
    pub fn is_faulty(&self, participant: Participant) -> bool {
        matches!(self, Self::Simulated(simulation) if simulation.is_faulty(participant))
    }
}

/// One execution that was gone through once: surveyed, and its steps logged as
/// long as they fit.
#[derive(Clone, Debug)]
pub struct Execution<'c> {
    cell: &'c Cell,
    root_seed: u64,
    replicate: u32,
    survey: Survey,
    /// Where it did not fit, or is in memory anyway, there is none.
    log: Option<Log>,
}

impl<'c> Execution<'c> {
    /// How many bytes a log may take: at 16 bytes a step, some 16 million steps.
    /// A longer execution is simulated once more for the schemes.
    pub const LOG_BYTES: usize = 256 << 20;

    fn of(cell: &'c Cell, root_seed: u64, replicate: u32, log_bytes: usize) -> Self {
        let is_simulated = matches!(cell.source, Source::Scenario(_));
        let mut log = is_simulated.then(|| Log::new(log_bytes));
        let survey = Survey::of(cell.steps(root_seed, replicate).inspect(|step| {
            if log.as_mut().is_some_and(|log| !log.push(step)) {
                log = None;
            }
        }));
        Self { cell, root_seed, replicate, survey, log }
    }

    /// What the first pass told.
    #[must_use]
    pub const fn survey(&self) -> Survey {
        self.survey
    }

    /// Goes through the steps from the beginning.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        match &self.log {
            Some(log) => Walk::Logged(log.iter()),
            None => Walk::Again(self.cell.steps(self.root_seed, self.replicate)),
        }
    }
}

/// A way through an [`Execution`].
#[derive(Clone, Debug)]
pub enum Walk<'e> {
    /// Out of its log.
    Logged(LogIter<'e>),
    /// Simulated or read anew.
    Again(Steps),
}

impl Iterator for Walk<'_> {
    type Item = TimedStep;

    #[inline]
    fn next(&mut self) -> Option<TimedStep> {
        match self {
            Self::Logged(steps) => steps.next(),
            Self::Again(steps) => steps.next(),
        }
    }
}

/// What a first pass over an execution tells: enough to plan what is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many events.
    pub events: u32,
    /// How many participants were ever born.
    pub participants: u32,
    /// How many there were on average over events, rounded; at least 1.
    pub mean_live: u32,
    /// The most that lived at once.
    pub max_live: u32,
    /// Forks.
    pub forks: u32,
    /// Graceful departures.
    pub retires: u32,
    /// Departures without a word.
    pub crashes: u32,
    /// Restarts.
    pub restarts: u32,
    /// Messages sent.
    pub sends: u32,
    /// Messages received or merged.
    pub receives: u32,
}

impl Survey {
    /// Counts the steps.
    pub fn of(steps: impl Iterator<Item = TimedStep>) -> Self {
        let mut survey = Self { participants: 1, max_live: 1, ..Self::default() };
        let (mut live, mut live_total) = (1_i64, 0_u64);
        for TimedStep { step, .. } in steps {
            live += step.population_change();
            survey.max_live = survey.max_live.max(live as u32);
            if step.is_event() {
                survey.events += 1;
                live_total += live as u64;
            }
            match step {
                Step::Fork { .. } | Step::Twin { .. } => {
                    survey.forks += 1;
                    survey.participants += 1;
                }
                Step::Retire { .. } => survey.retires += 1,
                Step::Crash { .. } => survey.crashes += 1,
                Step::Send { .. } => survey.sends += 1,
                Step::Receive { .. } | Step::Merge { .. } => survey.receives += 1,
                Step::Restart { .. } => survey.restarts += 1,
                Step::Event { .. }
                | Step::Lose { .. }
                | Step::Candidate { .. }
                | Step::Save { .. }
                | Step::Restore { .. } => {}
            }
        }
        let events = u64::from(survey.events.max(1));
        survey.mean_live = ((live_total + events / 2) / events).max(1) as u32;
        survey
    }
}

/// Why a step cannot follow those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStep {
    /// It happens at a participant that was not born.
    #[error("participant {0} is not born: a fork must bring it about first")]
    NotBorn(Participant),
    /// It happens at a participant that retired or crashed.
    #[error("participant {0} is gone: it retired or crashed before")]
    Gone(Participant),
    /// Newborns are numbered in order.
    #[error("the newborn is number {child}, but the next number is {next}")]
    WrongNumber {
        /// The number given.
        child: Participant,
        /// The number expected.
        next: Participant,
    },
    /// A message arrives that was not sent.
    #[error("message {0} is received before it is sent")]
    NotSent(Message),
    /// A participant goes back to a backup that was never made.
    #[error("participant {0} is restored, but it was not saved before")]
    NotSaved(Participant),
    /// A participant retires into itself.
    #[error("participant {0} retires into itself")]
    IntoItself(Participant),
    /// Candidates are named, but not for a fork or a retirement.
    #[error("participant {0} is a candidate, but no fork or retirement follows")]
    NoPlacement(Participant),
    /// A message number is far larger than the number of steps.
    #[error("message number {0} is out of all proportion: numbers are reused or count up from 0")]
    MessageNumber(Message),
}

/// Checks that steps make sense one after the other.
#[derive(Clone, Debug)]
pub struct Validator {
    live: Vec<bool>,
    sent: Vec<bool>,
    steps: usize,
    /// For the next fork or retirement.
    candidates: Vec<Participant>,
    saved: BTreeSet<Participant>,
}

impl Default for Validator {
    fn default() -> Self {
        let (sent, candidates, saved) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { live: vec![true], sent, steps: 0, candidates, saved }
    }
}

impl Validator {
    /// Takes the next step.
    ///
    /// # Errors
    /// Where it cannot follow those taken so far.
    pub fn check(&mut self, step: Step) -> Result<(), InvalidStep> {
        self.steps += 1;
        if let Some(first) = self.candidates.first()
            && !matches!(step, Step::Candidate { .. } | Step::Fork { .. } | Step::Retire { .. })
        {
            return Err(InvalidStep::NoPlacement(*first));
        }
        match step {
            Step::Candidate { node } => {
                self.lives(node)?;
                self.candidates.push(node);
                Ok(())
            }
            Step::Event { node } | Step::Restart { node } => self.lives(node),
            Step::Save { node } => {
                self.saved.insert(node);
                self.lives(node)
            }
            Step::Restore { node } if !self.saved.contains(&node) => {
                Err(InvalidStep::NotSaved(node))
            }
            Step::Restore { node } => self.lives(node),
            Step::Send { node, message } => {
                self.lives(node)?;
                let slot = message as usize;
                if slot > self.steps.saturating_add(1_000) {
                    return Err(InvalidStep::MessageNumber(message));
                }
                if slot >= self.sent.len() {
                    self.sent.resize(slot + 1, false);
                }
                self.sent[slot] = true;
                Ok(())
            }
            Step::Receive { node, message } | Step::Merge { node, message } => {
                self.lives(node)?;
                self.is_sent(message)
            }
            Step::Lose { message } => {
                self.is_sent(message)?;
                self.sent[message as usize] = false;
                Ok(())
            }
            Step::Fork { node, child } | Step::Twin { node, child } => {
                self.lives(node)?;
                let next = self.live.len() as Participant;
                if child != next {
                    return Err(InvalidStep::WrongNumber { child, next });
                }
                self.live.push(true);
                self.candidates.clear();
                Ok(())
            }
            Step::Retire { node, into } => {
                self.lives(node)?;
                self.lives(into)?;
                if node == into || self.candidates.contains(&node) {
                    return Err(InvalidStep::IntoItself(node));
                }
                self.live[node as usize] = false;
                self.candidates.clear();
                Ok(())
            }
            Step::Crash { node } => {
                self.lives(node)?;
                self.live[node as usize] = false;
                Ok(())
            }
        }
    }

    fn lives(&self, node: Participant) -> Result<(), InvalidStep> {
        match self.live.get(node as usize) {
            Some(true) => Ok(()),
            Some(false) => Err(InvalidStep::Gone(node)),
            None => Err(InvalidStep::NotBorn(node)),
        }
    }

    fn is_sent(&self, message: Message) -> Result<(), InvalidStep> {
        match self.sent.get(message as usize) {
            Some(true) => Ok(()),
            _ => Err(InvalidStep::NotSent(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_too_long_for_its_log_is_the_same() {
        let text = "name = 'c'\nevents = 900\n[population]\narrivals = 0.5\n\
                    session = { law = 'exponential', mean = '20s' }";
        let cell = Cell::of(Scenario::parse(text, "c").unwrap());
        let [logged, again] = [1 << 20, 160].map(|bytes| Execution::of(&cell, 1, 0, bytes));
        assert!(logged.log.is_some() && again.log.is_none());
        assert_eq!(logged.survey(), again.survey());
        assert!(logged.walk().eq(again.walk()));
        assert!(logged.walk().eq(cell.steps(1, 0)));
    }
}
