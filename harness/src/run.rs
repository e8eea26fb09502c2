//! One execution, all schemes: what is measured of each, and what time each
//! takes.

use std::time::Duration;

use rayon::prelude::*;

use crate::execution::{Cell, Source, Survey, Walk};
use crate::measure::{LagBins, Measured, Plan, Sampling, Stopped, Timing, Witness, World};
use crate::random::Random;
use crate::registry::{AnyReplay, BoxedScheme};
use crate::step::TimedStep;

/// How executions are measured.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// All randomness comes from this, the cell's name and the replicate.
    pub root_seed: u64,
    /// How large samples are in executions too long to be judged whole.
    pub sampling: Sampling,
    /// How many encoded bytes of stamps and clocks a scheme may keep in one
    /// execution.
    pub memory_budget: u64,
    /// The share of the events, in per cent, that settles an execution: pairs
    /// with one of them are not judged, so that the start does not colour the
    /// figures.
    pub settle: u32,
    /// Whether stamps that tell time are held against physical time. They
    /// always are where a scenario has faults of clocks.
    pub observe_time: bool,
    /// Whether the schemes go through an execution beside each other, on all
    /// threads of the current pool. That changes no row.
    pub beside: bool,
    /// Where given, verdicts are judged by ε-causality as well, with this ε.
    pub epsilon: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            root_seed: 1,
            sampling: Sampling::default(),
            memory_budget: 1 << 30,
            settle: 25,
            observe_time: false,
            beside: false,
            epsilon: None,
        }
    }
}

/// All that was measured in one replicate of one cell.
#[derive(Clone, Debug)]
pub struct Replicate {
    /// The cell's name.
    pub cell: String,
    /// Its number within the cell.
    pub number: u32,
    /// What the execution was like.
    pub survey: Survey,
    /// Whether every pair of events was judged.
    pub exhaustive: bool,
    /// Each scheme by name.
    pub schemes: Vec<(String, Measured)>,
}

/// The time one scheme took for one execution.
#[derive(Clone, Debug)]
pub struct TimingRow {
    /// The cell's name.
    pub cell: String,
    /// The replicate.
    pub replicate: u32,
    /// The scheme's name.
    pub scheme: String,
    /// Which time, from 0.
    pub round: u32,
    /// How long each part of it took, or why it did not finish.
    pub timing: Result<Vec<Timing>, Stopped>,
}

/// Steps are handed to the schemes in pieces of this many, so that each
/// scheme's working set stays in the cache for a while.
const CHUNK: usize = 1024;

/// Pieces are longer where schemes go through them beside each other: every
/// piece waits for the slowest.
const LONG_CHUNK: usize = 1 << 15;

/// All schemes over one replicate of a cell.
#[must_use]
pub fn replicate(
    cell: &Cell,
    number: u32,
    schemes: &[BoxedScheme],
    options: &Options,
) -> Replicate {
    let seed = root_seed(cell, options);
    let execution = cell.execution(seed, number);
    let survey = execution.survey();
    let settled = (u64::from(survey.events) * u64::from(options.settle.min(90)) / 100) as u32;
    let bins = LagBins::new(survey.mean_live, survey.events - settled);
    let random = &mut Random::new(seed, &cell.name, number, "plan");
    let mut plan = Plan::new(bins, options.sampling, random).settling(settled);
    if options.observe_time || options.epsilon.is_some() || has_faults(cell) {
        plan = plan.with_witness(Witness::of(cell.steps(seed, number), options.epsilon));
    }
    let mut replays: Vec<_> = schemes
        .iter()
        .map(|s| s.replay(world(cell, seed, number), &plan, survey, options.memory_budget))
        .collect();
    if options.beside {
        play_beside(execution.walk(), &mut replays);
    } else {
        play(execution.walk(), &mut replays);
    }
    let measured = replays.into_iter().map(AnyReplay::finish);
    Replicate {
        cell: cell.name.clone(),
        number,
        survey,
        exhaustive: plan.is_exhaustive(),
        schemes: schemes.iter().map(|s| s.name()).zip(measured).collect(),
    }
}

type Replays<'p> = [Box<dyn AnyReplay + Send + 'p>];

/// Plays the steps to one scheme after the other, until none goes on.
fn play(mut walk: Walk<'_>, replays: &mut Replays<'_>) {
    let mut chunk = Vec::with_capacity(CHUNK);
    while replays.iter().any(|replay| !replay.is_over()) && fill(&mut chunk, &mut walk, CHUNK) {
        replays.iter_mut().for_each(|replay| replay.play(&chunk));
    }
}

/// The same on all threads of the current pool: the next steps are made while
/// the schemes go through these, each on a thread of its own.
fn play_beside(mut walk: Walk<'_>, replays: &mut Replays<'_>) {
    let [mut chunk, mut next] = [const { Vec::new() }; 2];
    let mut goes_on = fill(&mut chunk, &mut walk, LONG_CHUNK);
    while goes_on && replays.iter().any(|replay| !replay.is_over()) {
        (goes_on, ()) = rayon::join(
            || fill(&mut next, &mut walk, LONG_CHUNK),
            || replays.par_iter_mut().for_each(|replay| replay.play(&chunk)),
        );
        std::mem::swap(&mut chunk, &mut next);
    }
}

/// Puts the next steps into a chunk; false where there are none.
fn fill(chunk: &mut Vec<TimedStep>, walk: &mut Walk<'_>, length: usize) -> bool {
    chunk.clear();
    chunk.extend(walk.take(length));
    !chunk.is_empty()
}

fn root_seed(cell: &Cell, options: &Options) -> u64 {
    cell.recorded.map_or(options.root_seed, |(seed, _)| seed)
}

fn has_faults(cell: &Cell) -> bool {
    matches!(&cell.source, Source::Scenario(scenario) if !scenario.clocks.fault.is_empty())
}

/// The same world for every scheme.
fn world(cell: &Cell, seed: u64, replicate: u32) -> World {
    World::new(cell.ids, &mut Random::new(seed, &cell.name, replicate, "ids"))
}

/// Times the schemes one after the other on this thread in one replicate of a
/// cell; in each round every scheme has its turn, so that a slow spell of the
/// machine hits them all. `progress` is told of each round.
pub fn time(
    cell: &Cell,
    replicate: u32,
    schemes: &[BoxedScheme],
    options: &Options,
    rounds: u32,
    progress: &dyn Fn(),
) -> Vec<TimingRow> {
    let mut rows = Vec::new();
    if rounds == 0 {
        return rows;
    }
    let seed = root_seed(cell, options);
    let steps: Vec<_> = cell.steps(seed, replicate).collect();
    for round in 0..rounds {
        for scheme in schemes {
            let timing = scheme.time(world(cell, seed, replicate), &steps, options.memory_budget);
            let (cell, scheme) = (cell.name.clone(), scheme.name());
            rows.push(TimingRow { cell, replicate, scheme, round, timing });
        }
        progress();
    }
    rows
}
