//! "Logical Physical Clocks" (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS
//! 2014), its deployments in simulation; and the size of hybrid vector clocks
//! against ε ("Analysis of Bounds on Hybrid Vector Clocks", OPODIS 2015).
//!
//! The paper ran real machines: how often they sent, and how long messages
//! took, is not part of the figures at hand. Here messages take 0.2 ms and 0.3
//! ms on average on top (40 ms and 20 ms in the wide area), the clocks of two
//! nodes differ by at most the deployment's offset, and the rate is an axis.
//!
//! # The straggler's counter
//!
//! The paper's straggler, 5ε behind, reached c = 514. Here it does not, at any
//! rate of the axis, and this much can be said without its set-up. A counter
//! of 514 takes a chain of 515 events that share one `l`. At the straggler an
//! `l` lasts until a message brings a larger one, or its own clock has caught
//! up: at most 5ε and the offset later, 30 ms at the 5 ms of four nodes. So it
//! had some 17,000 events of its own a second while it heard of no larger `l`,
//! or 5,400 at the 16 ms of sixteen nodes. Where all nodes send at one rate, as
//! here, a message from a node that leads ends the chain long before that. It
//! may be that theirs was busier than those it heard from, or heard in batches;
//! the figures at hand do not say, and neither was tried here.

use std::time::Duration;

use hlc::HybridVectorClocks;
use rayon::prelude::*;

use crate::execution::Cell;
use crate::measure::{Sampling, Stage, Stopped, TimeRow, World};
use crate::random::Random;
use crate::registry::{Registry, SchemeError};
use crate::run::{self, TimingPlan};
use crate::scenario::{Scenario, ScenarioError};
use crate::step::Step;

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Executions of each setting.
    pub runs: u32,
    /// Events in each.
    pub events: u32,
    /// All randomness comes from this.
    pub seed: u64,
}

/// Why it could not be run: a defect, as all of it is fixed here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReproduceError {
    /// A scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A scheme.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// A clock.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// What the paper gives for a deployment. A second source differs, so that the
/// figures are indicative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// The share of events with c = 0, in per cent.
    pub zero_percent: Option<f64>,
    /// The largest c.
    pub counter_max: u64,
    /// The largest l − pt, in milliseconds.
    pub ahead_ms_max: Option<f64>,
}

/// One deployment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deployment {
    /// What it is called here.
    pub name: &'static str,
    /// How many nodes.
    pub nodes: u32,
    /// How far the clocks of two nodes differ at most, in milliseconds.
    pub offset_ms: u32,
    /// Whether messages go far.
    pub wide_area: bool,
    /// What is wrong with the clock of node 0, as the keys of a fault.
    fault: &'static str,
    /// What the paper gives.
    pub published: Option<Published>,
}

const fn published(zero_percent: f64, counter_max: u64, ahead_ms_max: f64) -> Option<Published> {
    let (zero_percent, ahead_ms_max) = (Some(zero_percent), Some(ahead_ms_max));
    Some(Published { zero_percent, counter_max, ahead_ms_max })
}

const fn near(
    name: &'static str,
    nodes: u32,
    offset_ms: u32,
    published: Option<Published>,
) -> Deployment {
    Deployment { name, nodes, offset_ms, wide_area: false, fault: "", published }
}

/// The four of the paper, and the two with a bad clock. How many nodes the wide
/// area had is not given; 4 is our choice.
pub const DEPLOYMENTS: [Deployment; 6] = [
    near("4-nodes", 4, 5, published(83.9, 3, 21.7)),
    near("8-nodes", 8, 9, published(65.6, 9, 107.9)),
    near("16-nodes", 16, 16, published(67.0, 7, 90.5)),
    Deployment { wide_area: true, ..near("wide-area", 4, 3, published(95.0, 1, 0.02)) },
    Deployment {
        fault: "kind = 'behind'\nby = '25ms'",
        ..near(
            "straggler",
            4,
            5,
            Some(Published { zero_percent: None, counter_max: 514, ahead_ms_max: None }),
        )
    },
    Deployment { fault: "kind = 'ahead'\nby = '25ms'", ..near("rusher", 4, 5, None) },
];

/// Messages a second that each node of a deployment sends.
pub const RATES: [u32; 4] = [10, 100, 1_000, 10_000];

impl Deployment {
    /// Its scenario at a rate.
    ///
    /// # Errors
    /// None that is not a defect.
    pub fn scenario(&self, rate: u32, events: u32) -> Result<Scenario, ScenarioError> {
        let (min, extra) = if self.wide_area { ("40ms", "20ms") } else { ("200us", "300us") };
        let name = format!("{}-rate-{rate}", self.name);
        let fault = match self.fault {
            "" => String::new(),
            keys => format!("[[clocks.fault]]\n{keys}\nparticipants = [0]\n"),
        };
        let text = format!(
            "name = '{name}'\nevents = {events}\n[population]\ninitial = {}\n[traffic]\n\
             rate = {rate}.0\ninternal_per_send = 0.0\n[network]\nmin_delay = '{min}'\n\
             mean_extra_delay = '{extra}'\n[clocks]\nskew = '{}us'\ndrift_ppm = 0.0\n{fault}",
            self.nodes,
            self.offset_ms * 500,
        );
        Scenario::parse(&text, &name)
    }
}

/// What one execution of a deployment came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The deployment.
    pub deployment: Deployment,
    /// Messages a second and node.
    pub rate: u32,
    /// Which execution.
    pub run: u32,
    /// At the nodes with good clocks, and at the one with a bad one.
    pub times: [TimeRow; 2],
}

/// Runs all deployments at all rates. `progress` is told of each execution.
///
/// # Errors
/// None that is not a defect.
pub fn deployments(
    options: Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Row>, ReproduceError> {
    let mut settings = Vec::new();
    let mut cells = Vec::new();
    for deployment in DEPLOYMENTS {
        for rate in RATES {
            settings.push((deployment, rate));
            cells.push((Cell::of(deployment.scenario(rate, options.events)?), options.runs));
        }
    }
    let schemes = [Registry::builtin().scheme("hlc")?];
    let run_options = run::Options {
        root_seed: options.seed,
        // Verdicts are not what this is about.
        sampling: Sampling { sources: 1, pairs: 1 },
        timing: TimingPlan { replicates: 0, rounds: 0 },
        observe_time: true,
        ..run::Options::default()
    };
    let replicates = run::run(&cells, &schemes, &run_options, progress);
    let rows = replicates.iter().enumerate().filter_map(|(place, replicate)| {
        let (deployment, rate) = settings[place / options.runs as usize];
        let times = replicate.schemes.first()?.1.times?;
        Some(Row { deployment, rate, run: replicate.number, times })
    });
    Ok(rows.collect())
}

/// The values of ε at which hybrid vector clocks are measured.
pub const EPSILONS_MS: [u64; 13] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/// Nodes, and messages a second that each sends.
pub const HVC_SETTINGS: [(u32, u32); 6] =
    [(8, 10), (16, 10), (32, 10), (64, 10), (32, 1), (32, 100)];

/// The size of hybrid vector clocks in one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HvcRow {
    /// How many nodes.
    pub nodes: u32,
    /// Messages a second and node.
    pub rate: u32,
    /// How long other nodes are remembered, in milliseconds.
    pub epsilon_ms: u64,
    /// Which execution.
    pub run: u32,
    /// Stamps in the second half of the execution.
    pub stamps: u64,
    /// Their entries, the own one included.
    pub entries: u64,
}

/// Runs hybrid vector clocks of every ε through executions of every setting.
///
/// # Errors
/// None that is not a defect.
pub fn hybrid_vectors(
    options: Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<HvcRow>, ReproduceError> {
    let runs = |setting| (0..options.runs).map(move |run| (setting, run));
    let tasks: Vec<((u32, u32), u32)> = HVC_SETTINGS.into_iter().flat_map(runs).collect();
    let rows: Result<Vec<Vec<HvcRow>>, ReproduceError> = tasks
        .into_par_iter()
        .map(|((nodes, rate), run)| {
            let rows = hybrid_vectors_in(nodes, rate, run, options);
            progress();
            rows
        })
        .collect();
    Ok(rows?.concat())
}

/// How many executions [`deployments`] and [`hybrid_vectors`] go through.
#[must_use]
pub const fn count(options: Options) -> usize {
    (DEPLOYMENTS.len() * RATES.len() + HVC_SETTINGS.len()) * options.runs as usize
}

fn hybrid_vectors_in(
    nodes: u32,
    rate: u32,
    run: u32,
    options: Options,
) -> Result<Vec<HvcRow>, ReproduceError> {
    let name = format!("hvc-{nodes}-nodes-rate-{rate}");
    // Clocks agree to within the smallest ε.
    let text = format!(
        "name = '{name}'\nevents = {}\n[population]\ninitial = {nodes}\n[traffic]\n\
         rate = {rate}.0\ninternal_per_send = 0.0\n[network]\nmin_delay = '200us'\n\
         mean_extra_delay = '300us'\n[clocks]\nskew = '500us'\ndrift_ppm = 0.0\n",
        options.events
    );
    let cell = Cell::of(Scenario::parse(&text, &name)?);
    EPSILONS_MS
        .into_iter()
        .map(|epsilon_ms| {
            let epsilon = Duration::from_millis(epsilon_ms);
            let (stamps, entries) = entries(&cell, run, options, epsilon)?;
            Ok(HvcRow { nodes, rate, epsilon_ms, run, stamps, entries })
        })
        .collect()
}

/// Stamps and their entries in the second half of an execution.
fn entries(
    cell: &Cell,
    run: u32,
    options: Options,
    epsilon: Duration,
) -> Result<(u64, u64), Stopped> {
    let mut ids = Random::new(options.seed, &cell.name, run, "ids");
    let scheme = HybridVectorClocks { epsilon };
    let mut stage = Stage::new(&scheme, World::new(cell.ids, &mut ids));
    let (mut events, mut stamps, mut entries) = (0, 0, 0);
    for step in cell.steps(options.seed, run) {
        stage.play(&step)?;
        let (Step::Event { node } | Step::Send { node, .. } | Step::Receive { node, .. }) =
            step.step
        else {
            continue;
        };
        events += 1;
        if events * 2 > options.events {
            stamps += 1;
            entries += stage.clock(node).map_or(0, |clock| clock.latest().entries() as u64);
        }
    }
    Ok((stamps, entries))
}

/// The ε, in milliseconds, at which a stamp has entries for half of the nodes
/// on average: where the sigmoid turns. Found on the straight line, over log ε,
/// between the two measured values about it.
#[must_use]
pub fn half_way(points: &[(u64, f64)], nodes: u32) -> Option<f64> {
    let half = f64::from(nodes) / 2.0;
    let pair = points.windows(2).find(|pair| pair[0].1 < half && pair[1].1 >= half)?;
    let [(from, low), (to, high)] = [pair[0], pair[1]];
    let share = (half - low) / (high - low);
    let (from, to) = (libm::log(from as f64), libm::log(to as f64));
    Some(libm::exp(from + share * (to - from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Options = Options { runs: 2, events: 6_000, seed: 1 };

    #[test]
    fn clocks_keep_to_the_theorems_in_every_deployment() {
        let rows = deployments(QUICK, &|| ()).unwrap();
        assert_eq!(rows.len(), DEPLOYMENTS.len() * RATES.len() * 2);
        for row in &rows {
            let Row { deployment, times, .. } = row;
            // 15.3 µs a unit, rounded up.
            let apart = |ms: u32| u64::from(ms) * 1_000_000 + 15_259;
            let bad_ms = if deployment.fault.is_empty() { 0 } else { 25 };
            let within = apart(deployment.offset_ms + bad_ms);
            for time in times {
                assert!(time.ahead_ns_max <= within, "{row:?}");
                assert_eq!(time.before_reading + time.went_back + time.given_twice, 0, "{row:?}");
            }
            if deployment.name == "straggler" {
                assert!(times[0].ahead_ns_max <= apart(deployment.offset_ms), "{row:?}");
            }
        }
        assert_eq!(rows, deployments(QUICK, &|| ()).unwrap());
    }

    #[test]
    fn hybrid_vectors_grow_from_a_couple_of_entries_to_all() {
        let rows = hybrid_vectors(QUICK, &|| ()).unwrap();
        assert_eq!(rows.len(), HVC_SETTINGS.len() * EPSILONS_MS.len() * 2);
        for of_execution in rows.chunks(EPSILONS_MS.len()) {
            assert!(of_execution.is_sorted_by_key(|row| row.entries), "{of_execution:?}");
            let (least, most) = (of_execution[0], of_execution[EPSILONS_MS.len() - 1]);
            assert!(most.entries > most.stamps * u64::from(most.nodes) * 8 / 10, "{most:?}");
            if least.rate <= 10 {
                assert!(least.entries < least.stamps * 3, "{least:?}");
            }
        }
    }

    #[test]
    fn half_way_is_between_its_neighbours() {
        let points = [(1, 1.0), (10, 2.0), (100, 6.0), (1_000, 8.0)];
        let half = half_way(&points, 8).unwrap();
        assert!((half - 31.62).abs() < 0.01, "{half}");
        assert_eq!(half_way(&points, 20), None);
    }
}
