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

mod tables;

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use hlc::HybridVectorClocks;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::execution::Cell;
use crate::experiment::kind::{read_spec, write_spec};
use crate::experiment::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task};
use crate::measure::{Sampling, Stage, Stopped, TimeRow, World};
use crate::random::Random;
use crate::registry::{Registry, SchemeError};
use crate::run;
use crate::scenario::{Scenario, ScenarioError};
use crate::show::Page;
use crate::step::Step;

/// "Logical Physical Clocks" (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS
/// 2014): c and l − pt in the paper's deployments, simulated; and the size of
/// hybrid vector clocks against ε (OPODIS 2015).
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench hlc2014 --quick
      3 runs of each setting: seconds
  clockbench hlc2014 --out results/scratch/hlc2014
      30 runs of each, with rows and charts: a minute or two")]
pub struct Hlc2014Args {
    /// How many runs of each setting [default: 30].
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU32>,
    /// 3 runs, where their number is not given.
    #[arg(long)]
    quick: bool,
}

impl Plan for Hlc2014Args {
    const NAME: &'static str = "hlc2014";
    const SUMMARY: &'static str =
        "Paper: Logical Physical Clocks, and hybrid vector clocks (2014).";
    type Experiment = Hlc2014;

    fn plan(&self, _: &Registry, seed: u64) -> Result<Hlc2014, ExperimentError> {
        let runs = self.runs.map_or(if self.quick { 3 } else { 30 }, NonZeroU32::get);
        Ok(Hlc2014 { spec: Spec { runs, events: 10_000, seed } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<Hlc2014, ExperimentError> {
        Ok(Hlc2014 { spec: read_spec(Self::NAME, spec)? })
    }
}

/// The paper's deployments, and hybrid vector clocks.
#[derive(Clone, Copy, Debug)]
pub struct Hlc2014 {
    spec: Spec,
}

/// What a task runs.
#[derive(Clone, Copy, Debug)]
enum Setting {
    Deployment(Deployment, u32),
    Vectors(u32, u32),
}

impl Setting {
    fn all() -> impl Iterator<Item = Self> {
        let rates = |d: Deployment| RATES.map(|rate| Self::Deployment(d, rate));
        let vectors = HVC_SETTINGS.into_iter().map(|(nodes, rate)| Self::Vectors(nodes, rate));
        DEPLOYMENTS.into_iter().flat_map(rates).chain(vectors)
    }

    fn name(self) -> String {
        match self {
            Self::Deployment(deployment, rate) => format!("{}-rate-{rate}", deployment.name),
            Self::Vectors(nodes, rate) => format!("hvc-{nodes}-nodes-rate-{rate}"),
        }
    }
}

impl Experiment for Hlc2014 {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "hlc2014".into()
    }

    fn tasks(&self) -> Vec<Task> {
        Setting::all().flat_map(|s| Task::replicates(&s.name(), self.spec.runs)).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let setting = Setting::all().find(|setting| setting.name() == task.cell);
        let mut rows = Rows::new(task.clone());
        match setting {
            Some(Setting::Deployment(deployment, rate)) => {
                let found = deployment_in(&deployment, rate, task.replicate, self.spec);
                let found = found.map_err(|error| ExperimentError::task(task, error))?;
                rows.add("deployments", found)?;
            }
            Some(Setting::Vectors(nodes, rate)) => {
                let found = hybrid_vectors_in(nodes, rate, task.replicate, self.spec);
                let found = found.map_err(|error| ExperimentError::task(task, error))?;
                rows.add("hybrid_vectors", found)?;
            }
            None => return Err(ExperimentError::task(task, "there is no such setting")),
        }
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let (mut deployments, mut vectors) = (Vec::new(), Vec::new());
        for rows in &mut results.tasks {
            let rows = rows?;
            deployments.extend(rows.read::<Row>("deployments")?);
            vectors.extend(rows.read::<HvcRow>("hybrid_vectors")?);
        }
        Ok(tables::page(&deployments, &vectors))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// Executions of each setting.
    runs: u32,
    /// Events in each.
    events: u32,
    seed: u64,
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

/// What one execution of a deployment came to, at the nodes with good clocks
/// or at the one with a bad one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    deployment: String,
    /// Messages a second and node.
    rate: u32,
    bad_clock: u8,
    events: u64,
    counter_zero: u64,
    counter_max: u64,
    ahead_ns_max: u64,
    ahead_of_truth_ns_max: u64,
    before_reading: u64,
    went_back: u64,
    given_twice: u64,
}

impl Row {
    fn new(deployment: &Deployment, rate: u32, bad: usize, time: &TimeRow) -> Self {
        Self {
            deployment: deployment.name.to_owned(),
            rate,
            bad_clock: bad as u8,
            events: time.events,
            counter_zero: time.counter_zero,
            counter_max: time.counter_max,
            ahead_ns_max: time.ahead_ns_max,
            ahead_of_truth_ns_max: time.ahead_of_truth_ns_max,
            before_reading: time.before_reading,
            went_back: time.went_back,
            given_twice: time.given_twice,
        }
    }
}

fn deployment_in(
    deployment: &Deployment,
    rate: u32,
    run: u32,
    spec: Spec,
) -> Result<Vec<Row>, ReproduceError> {
    let cell = Cell::of(deployment.scenario(rate, spec.events)?);
    let schemes = [Registry::builtin().scheme("hlc")?];
    let options = run::Options {
        root_seed: spec.seed,
        // Verdicts are not what this is about.
        sampling: Sampling { sources: 1, pairs: 1 },
        observe_time: true,
        ..run::Options::default()
    };
    let replicate = run::replicate(&cell, run, &schemes, &options);
    let times = replicate.schemes.first().and_then(|(_, measured)| measured.times);
    let rows = times.into_iter().flatten().enumerate().filter(|(_, time)| time.events > 0);
    Ok(rows.map(|(bad, time)| Row::new(deployment, rate, bad, &time)).collect())
}

/// The values of ε at which hybrid vector clocks are measured.
pub const EPSILONS_MS: [u64; 13] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

/// Nodes, and messages a second that each sends.
pub const HVC_SETTINGS: [(u32, u32); 6] =
    [(8, 10), (16, 10), (32, 10), (64, 10), (32, 1), (32, 100)];

/// The size of hybrid vector clocks in one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HvcRow {
    /// How many nodes.
    nodes: u32,
    /// Messages a second and node.
    rate: u32,
    /// How long other nodes are remembered, in milliseconds.
    epsilon_ms: u64,
    /// Stamps in the second half of the execution.
    stamps: u64,
    /// Their entries, the own one included.
    entries: u64,
}

fn hybrid_vectors_in(
    nodes: u32,
    rate: u32,
    run: u32,
    options: Spec,
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
            Ok(HvcRow { nodes, rate, epsilon_ms, stamps, entries })
        })
        .collect()
}

/// Stamps and their entries in the second half of an execution.
fn entries(cell: &Cell, run: u32, options: Spec, epsilon: Duration) -> Result<(u64, u64), Stopped> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Spec = Spec { runs: 2, events: 6_000, seed: 1 };

    #[test]
    fn clocks_keep_to_the_theorems_in_every_deployment() {
        for (deployment, rate) in DEPLOYMENTS.into_iter().flat_map(|d| RATES.map(|r| (d, r))) {
            let rows = deployment_in(&deployment, rate, 0, QUICK).unwrap();
            // 15.3 µs a unit, rounded up.
            let apart = |ms: u32| u64::from(ms) * 1_000_000 + 15_259;
            let bad_ms = if deployment.fault.is_empty() { 0 } else { 25 };
            for row in &rows {
                assert!(row.ahead_ns_max <= apart(deployment.offset_ms + bad_ms), "{row:?}");
                assert_eq!(row.before_reading + row.went_back + row.given_twice, 0, "{row:?}");
            }
            if deployment.name == "straggler" {
                assert!(rows[0].ahead_ns_max <= apart(deployment.offset_ms), "{rows:?}");
            }
            assert_eq!(rows.len(), 1 + usize::from(bad_ms > 0), "{rows:?}");
        }
    }

    #[test]
    fn hybrid_vectors_grow_from_a_couple_of_entries_to_all() {
        for (nodes, rate) in HVC_SETTINGS {
            let rows = hybrid_vectors_in(nodes, rate, 0, QUICK).unwrap();
            assert!(rows.is_sorted_by_key(|row| row.entries), "{rows:?}");
            let (least, most) = (rows[0], rows[EPSILONS_MS.len() - 1]);
            assert!(most.entries > most.stamps * u64::from(most.nodes) * 8 / 10, "{most:?}");
            if least.rate <= 10 {
                assert!(least.entries < least.stamps * 3, "{least:?}");
            }
        }
    }
}
