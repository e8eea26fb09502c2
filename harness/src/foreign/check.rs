//! What an author of an adapter runs: random executions with churn against
//! exact pasts, every promise tried, and what fails shrunk to a few steps.

use std::collections::BTreeMap;
use std::fmt;

use causal_clock::{CausalOrder, Environment as _, Guarantee, PhysicalTime, Verdict};

use super::batch::Batch;
use super::child::{Child, ChildError};
use super::protocol::{Answer, Hello, ProtocolError};
use super::scheme::{ForeignScheme, ForeignSchemeError};
use crate::execution::Validator;
use crate::measure::World;
use crate::random::Random;
use crate::scenario::Ids;
use crate::step::{Step, TimedStep};

/// Why a check could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The clock does not start.
    #[error(transparent)]
    Scheme(#[from] ForeignSchemeError),
}

/// That a clock kept all it promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Executions that were tried.
    pub executions: u32,
    /// Verdicts that were asked for.
    pub verdicts: u64,
    /// Of these, those that were neither guaranteed nor proven, and wrong.
    pub wrong_guesses: u64,
}

/// A broken promise, with the fewest steps that were found to break it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The steps, one after the other.
    pub steps: Vec<TimedStep>,
    /// What went wrong at the end of them.
    pub problem: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.problem)?;
        writeln!(f, "  0 is there from the start")?;
        let mut event = 0;
        for TimedStep { step, .. } in &self.steps {
            let number = if step.is_event() {
                event += 1;
                format!("e{}", event - 1)
            } else {
                String::new()
            };
            writeln!(f, "{number:>5}  {}", sentence(*step))?;
        }
        Ok(())
    }
}

fn sentence(step: Step) -> String {
    match step {
        Step::Event { node } => format!("{node} has an event"),
        Step::Send { node, message } => format!("{node} sends m{message}"),
        Step::Receive { node, message } => format!("{node} receives m{message}"),
        Step::Merge { node, message } => format!("{node} merges m{message}"),
        Step::Lose { message } => format!("m{message} is lost"),
        Step::Candidate { node } => format!("{node} is a candidate"),
        Step::Fork { node, child } => format!("{node} forks {child}"),
        Step::Retire { node, into } => format!("{node} retires into {into}"),
        Step::Crash { node } => format!("{node} crashes"),
        Step::Restart { node } => format!("{node} restarts from its bytes"),
        Step::Save { node } => format!("{node} is backed up"),
        Step::Restore { node } => format!("{node} is restored"),
        Step::Twin { node, child } => format!("{node} goes on as {child}, too"),
    }
}

/// Tries so many random executions, each twice.
///
/// # Errors
/// Where the clock does not start. A clock that breaks a promise, or fails in
/// the middle, is an `Ok(Err(…))`.
pub fn check(
    scheme: &ForeignScheme,
    seed: u64,
    executions: u32,
) -> Result<Result<Checked, Failure>, CheckError> {
    let mut checked = Checked::default();
    let mut trial = Trial { scheme, running: Some(scheme.child()?), seed };
    for number in 0..executions {
        let steps = execution(seed, number, trial.hello());
        match trial.twice(&steps, number) {
            Ok((verdicts, wrong_guesses)) => {
                checked.executions += 1;
                checked.verdicts += verdicts;
                checked.wrong_guesses += wrong_guesses;
            }
            Err(problem) => return Ok(Err(shrink(&mut trial, steps, number, problem))),
        }
    }
    if let Some(running) = trial.running {
        scheme.put_back(running);
    }
    Ok(Ok(checked))
}

/// The longest that one execution is; pasts fit into one word.
const STEPS: usize = 120;

/// A random execution with forks, retirements, crashes, messages that are lost
/// or come twice, and restarts where the clock knows them.
fn execution(seed: u64, number: u32, can: &Hello) -> Vec<TimedStep> {
    let mut random = Random::new(seed, "check", number, "steps");
    let (mut live, mut born, mut sent) = (vec![0_u32], 1, Vec::new());
    let length = 2 + random.index(STEPS - 2);
    let most = 2 + random.index(12);
    let mut steps = Vec::with_capacity(length);
    let mut time = 1_700_000_000_000_000_000_u64;
    while steps.len() < length {
        time += 1 + random.below(2_000_000);
        let node = live[random.index(live.len())];
        let step = match random.index(16) {
            0..=2 => Step::Event { node },
            3..=6 => {
                let message = sent.len() as u32;
                sent.push(message);
                Step::Send { node, message }
            }
            7..=10 if !sent.is_empty() => {
                Step::Receive { node, message: sent[random.index(sent.len())] }
            }
            11 if !sent.is_empty() => Step::Merge { node, message: sent[random.index(sent.len())] },
            12 | 13 if live.len() < most => {
                live.push(born);
                born += 1;
                Step::Fork { node, child: born - 1 }
            }
            14 if live.len() > 1 => {
                live.retain(|other| *other != node);
                if random.index(2) == 0 {
                    Step::Crash { node }
                } else {
                    Step::Retire { node, into: live[random.index(live.len())] }
                }
            }
            15 if can.restarts => Step::Restart { node },
            _ => continue,
        };
        steps.push(TimedStep { time: PhysicalTime::from_nanos(time), step });
    }
    steps
}

struct Trial<'s> {
    scheme: &'s ForeignScheme,
    running: Option<(Child, Hello)>,
    seed: u64,
}

/// What is asked about events, by their numbers.
#[derive(Clone, Copy)]
enum Asked {
    Nothing,
    Size,
    Compare(usize, usize),
}

impl Trial<'_> {
    fn hello(&self) -> &Hello {
        // There is one but in the middle of `run`.
        static SILENT: std::sync::OnceLock<Hello> = std::sync::OnceLock::new();
        match &self.running {
            Some((_, hello)) => hello,
            None => SILENT.get_or_init(Hello::silent),
        }
    }

    /// Plays the steps two times, which must be answered alike; gives how many
    /// verdicts there were, and how many of these are wrong without a broken
    /// promise.
    fn twice(&mut self, steps: &[TimedStep], number: u32) -> Result<(u64, u64), String> {
        let (first, verdicts, wrong) = self.run(steps, number)?;
        if self.run(steps, number)?.0 == first {
            return Ok((verdicts, wrong));
        }
        Err("the same execution gave another answer the second time".to_owned())
    }

    /// Plays the steps; gives the answer, how many verdicts it holds, and how
    /// many of these are wrong without a broken promise.
    fn run(&mut self, steps: &[TimedStep], number: u32) -> Result<(Vec<u8>, u64, u64), String> {
        let running = match self.running.take() {
            Some(running) => running,
            None => self.scheme.child().map_err(|error| error.to_string())?,
        };
        let (mut child, hello) = running;
        let mut world =
            World::new(Ids::Random, &mut Random::new(self.seed, "check", number, "ids"));
        let (text, waits, pasts) = script(steps, &hello, &mut world);
        child.send(text);
        let answer = child.receive().map_err(|error: ChildError| error.to_string())?;
        let judged = judge(&answer, &waits, &pasts, &hello);
        // A child that failed a promise has still answered to the end.
        self.running = Some((child, hello));
        let (verdicts, wrong) = judged?;
        Ok((answer, verdicts, wrong))
    }
}

type Script = (Vec<u8>, Vec<(u32, Asked)>, Vec<u128>);

/// The steps as lines, all comparisons at the end, and the past of each event.
fn script(steps: &[TimedStep], hello: &Hello, world: &mut World) -> Script {
    let mut batch = Batch::default();
    let mut id =
        || if hello.needs_ids { format!(" {}", world.fresh_id().get()) } else { String::new() };
    batch.line(format_args!("begin"), Asked::Nothing);
    batch.line(format_args!("seed 0{}", id()), Asked::Nothing);
    let (mut pasts, mut knows) = (Vec::<u128>::new(), vec![0_u128]);
    // A message: its stamp, and what its sender knew.
    let mut messages = BTreeMap::new();
    for TimedStep { time, step } in steps {
        if hello.needs_time {
            batch.tell(format_args!("now {}", time.as_nanos()));
        }
        let mut event = |batch: &mut Batch<Asked>, knows: &mut Vec<u128>, node: u32| {
            let stamp = pasts.len();
            knows[node as usize] |= 1 << stamp;
            pasts.push(knows[node as usize]);
            batch.line(format_args!("event {node} {stamp}"), Asked::Nothing);
            batch.line(format_args!("size {stamp}"), Asked::Size);
            batch.line(format_args!("csize {node}"), Asked::Size);
            stamp
        };
        match *step {
            Step::Event { node } => {
                event(&mut batch, &mut knows, node);
            }
            Step::Send { node, message } => {
                let stamp = event(&mut batch, &mut knows, node);
                messages.insert(message, (stamp, knows[node as usize]));
            }
            Step::Receive { node, message } | Step::Merge { node, message } => {
                let Some((stamp, past)) = messages.get(&message) else { continue };
                batch.line(format_args!("merge {node} {stamp}"), Asked::Nothing);
                knows[node as usize] |= past;
                if step.is_event() {
                    event(&mut batch, &mut knows, node);
                }
            }
            Step::Fork { node, child } => {
                batch.line(format_args!("fork {node} {child}{}", id()), Asked::Nothing);
                let past = knows[node as usize];
                knows.resize(knows.len().max(child as usize + 1), 0);
                knows[child as usize] = past;
            }
            Step::Retire { node, into } => {
                batch.line(format_args!("join {into} {node}"), Asked::Nothing);
                let past = knows[node as usize];
                knows[into as usize] |= past;
            }
            Step::Crash { node } => batch.line(format_args!("crash {node}"), Asked::Nothing),
            Step::Restart { node } => batch.line(format_args!("restart {node}"), Asked::Nothing),
            Step::Lose { .. }
            | Step::Candidate { .. }
            | Step::Save { .. }
            | Step::Restore { .. }
            | Step::Twin { .. } => {}
        }
    }
    for later in 0..pasts.len() {
        for earlier in 0..=later {
            let asked = [(earlier, later), (later, earlier)];
            for (a, b) in asked {
                batch.line(format_args!("cmp {a} {b}"), Asked::Compare(a, b));
            }
        }
    }
    let (text, waits) = batch.take();
    (text, waits, pasts)
}

/// Holds the answer against the pasts.
fn judge(
    text: &[u8],
    waits: &[(u32, Asked)],
    pasts: &[u128],
    hello: &Hello,
) -> Result<(u64, u64), String> {
    let mut answer = Answer::new(text);
    let nonsense = |error: ProtocolError| error.to_string();
    let (mut verdicts, mut wrong) = (0, 0);
    let mut before: Option<(usize, usize, Verdict)> = None;
    for (line, asked) in waits {
        if let Some(refusal) = answer.refusal(*line).map_err(nonsense)? {
            let kind = format!("{:?}", refusal.kind).to_lowercase();
            return Err(format!("line {line} of the batch failed: {kind} {}", refusal.text));
        }
        let Asked::Compare(a, b) = *asked else {
            if matches!(asked, Asked::Size) {
                answer.size().map_err(nonsense)?;
            }
            continue;
        };
        let said = answer.verdict().map_err(nonsense)?;
        verdicts += 1;
        let truth = truth(pasts, a, b);
        if said.order != truth {
            let broken = broken(truth, said, hello);
            if let Some(law) = broken {
                return Err(format!(
                    "e{a} against e{b}: it says {}, the truth is {truth:?}: {law}",
                    spoken(said)
                ));
            }
            wrong += 1;
        }
        if let Some((c, d, other)) = before.replace((a, b, said))
            && (c, d) == (b, a)
            && other != (Verdict { order: turned(said.order), ..said })
        {
            return Err(format!(
                "e{c} against e{d}: it says {}, but e{a} against e{b}: {}",
                spoken(other),
                spoken(said)
            ));
        }
    }
    answer.end().map_err(nonsense)?;
    Ok((verdicts, wrong))
}

fn spoken(said: Verdict) -> String {
    format!("{:?}{}", said.order, if said.proven { ", proven" } else { "" })
}

const fn turned(order: CausalOrder) -> CausalOrder {
    match order {
        CausalOrder::Before => CausalOrder::After,
        CausalOrder::After => CausalOrder::Before,
        same => same,
    }
}

fn truth(pasts: &[u128], a: usize, b: usize) -> CausalOrder {
    match (pasts[b] >> a & 1 == 1, pasts[a] >> b & 1 == 1) {
        (true, true) => CausalOrder::Equal,
        (true, false) => CausalOrder::Before,
        (false, true) => CausalOrder::After,
        (false, false) => CausalOrder::Concurrent,
    }
}

/// Which law or promise a wrong verdict breaks.
fn broken(truth: CausalOrder, said: Verdict, hello: &Hello) -> Option<&'static str> {
    use CausalOrder::{After, Before, Concurrent, Equal};
    if truth == Equal {
        return Some("a stamp compared with itself is equal");
    }
    if said.proven {
        return Some("what is proven is right");
    }
    let (promise, text) = match (truth, said.order) {
        (Before | After, Concurrent) => (Guarantee::Complete, "it promised to miss no order"),
        (Concurrent, Before | After) => (Guarantee::Sound, "it promised to invent no order"),
        (Before, After) | (After, Before) => {
            (Guarantee::Consistent, "it promised to reverse no order")
        }
        _ => (Guarantee::Distinct, "it promised to take no two events for one"),
    };
    hello.guarantees.has(promise).then_some(text)
}

/// Leaves out steps as long as something still goes wrong.
fn shrink(trial: &mut Trial<'_>, steps: Vec<TimedStep>, number: u32, problem: String) -> Failure {
    let mut found = Failure { steps, problem };
    let mut size = found.steps.len().div_ceil(2);
    loop {
        let before = found.steps.len();
        let mut from = 0;
        while from < found.steps.len() {
            let rest = without(&found.steps, from, size);
            match trial.twice(&rest, number) {
                Err(problem) => found = Failure { steps: rest, problem },
                Ok(_) => from += size,
            }
        }
        // One step may need another to go first.
        if size == 1 && found.steps.len() == before {
            return found;
        }
        size = size.div_ceil(2);
    }
}

/// The steps without some of them, and without those that make no sense any more.
/// Newborns are numbered anew.
fn without(steps: &[TimedStep], from: usize, size: usize) -> Vec<TimedStep> {
    let to = from.saturating_add(size).min(steps.len());
    let (mut names, mut born) = (BTreeMap::from([(0, 0)]), 1);
    let mut validator = Validator::default();
    let mut rest = Vec::new();
    for timed in steps[..from].iter().chain(&steps[to..]) {
        let Some(step) = renamed(timed.step, &names, born) else { continue };
        if validator.check(step).is_err() {
            continue;
        }
        if let Step::Fork { child, .. } = timed.step {
            names.insert(child, born);
            born += 1;
        }
        rest.push(TimedStep { step, ..*timed });
    }
    rest
}

/// A step with participants by their new names; none where one has none.
fn renamed(step: Step, names: &BTreeMap<u32, u32>, born: u32) -> Option<Step> {
    let name = |node: u32| names.get(&node).copied();
    Some(match step {
        Step::Event { node } => Step::Event { node: name(node)? },
        Step::Send { node, message } => Step::Send { node: name(node)?, message },
        Step::Receive { node, message } => Step::Receive { node: name(node)?, message },
        Step::Merge { node, message } => Step::Merge { node: name(node)?, message },
        Step::Fork { node, .. } => Step::Fork { node: name(node)?, child: born },
        Step::Retire { node, into } => Step::Retire { node: name(node)?, into: name(into)? },
        Step::Crash { node } => Step::Crash { node: name(node)? },
        Step::Restart { node } => Step::Restart { node: name(node)? },
        Step::Lose { .. }
        | Step::Candidate { .. }
        | Step::Save { .. }
        | Step::Restore { .. }
        | Step::Twin { .. } => step,
    })
}
