//! What crashes cost interval tree clocks, with and without a keeper that
//! gives the ids of the dead to heirs ([`itc::keeper`]).
//!
//! Every event is published at once, so a reclaimed participant leaves its
//! heir all it knew, and the truth follows: it is as if the dead one had
//! retired. A crash is noticed at once; the heir is a random participant, or
//! the one whose id grows least by the sum.

use std::num::NonZeroU32;

use causal_clock::{CausalOrder, Wire};
use clap::Args;
use itc::keeper::{Keeper, KeeperError, Member};
use itc::{Itc, Stamp, placement};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::kind::{read_spec, write_spec};
use super::{Ask, Experiment, ExperimentError, Plan, Results, Rows, Task, inputs};
use crate::execution::{Cell, Survey};
use crate::measure::Truth;
use crate::random::Random;
use crate::registry::Registry;
use crate::scenario::Scenario;
use crate::show::{Axis, Better, Chart, Column, Page, Point, Series, Table, Unit, Value};
use crate::stats::Estimate;
use crate::step::{Participant, Step};

/// Measure what crashes cost interval tree clocks, with and without a keeper
/// that gives the ids of the dead to heirs.
///
/// Runs the same executions three times: the ids are lost; a random
/// participant reclaims each; or the one whose id grows least by it does.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  clockbench lost-ids
      the scenario `crash-heavy`
  clockbench lost-ids --events 100000 --seeds 30
      the same, ten times as long")]
pub struct LostIdsArgs {
    /// A preset by name, or a TOML file.
    #[arg(default_value = "crash-heavy")]
    scenario: String,
    /// How many events [default: what the scenario says].
    #[arg(long)]
    events: Option<NonZeroU32>,
    /// How many seeds [default: what the scenario says].
    #[arg(long)]
    seeds: Option<NonZeroU32>,
}

impl Plan for LostIdsArgs {
    const NAME: &'static str = "lost-ids";
    const SUMMARY: &'static str =
        "What crashes cost interval tree clocks, and what a keeper of ids saves.";
    type Experiment = LostIds;

    fn plan(&self, _: &Registry, seed: u64) -> Result<LostIds, ExperimentError> {
        let mut scenario = inputs::scenario(&self.scenario)?;
        if scenario.fault.iter().any(|fault| fault.what.breaks_guarantees()) {
            return Err(ExperimentError::plan(format!(
                "{} has faults that use an id twice (`amnesia`, `twin`): expected none, since \
                 ids are accounted for",
                scenario.name
            )));
        }
        if let Some(events) = self.events {
            if events.get() < 10 {
                let problem = format!("--events is {events}: expected at least 10");
                return Err(ExperimentError::plan(problem));
            }
            scenario.events = events.get();
        }
        let seeds = self.seeds.map_or(scenario.seeds, NonZeroU32::get);
        Ok(LostIds { spec: Spec { root_seed: seed, seeds, scenario } })
    }

    fn rebuild(spec: Json, _: &Registry) -> Result<LostIds, ExperimentError> {
        Ok(LostIds { spec: read_spec(Self::NAME, spec)? })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    root_seed: u64,
    seeds: u32,
    scenario: Scenario,
}

/// The three remedies on the same executions.
#[derive(Clone, Debug)]
pub struct LostIds {
    spec: Spec,
}

impl LostIds {
    fn cell(&self, remedy: Remedy) -> String {
        format!("{}-{}", self.spec.scenario.name, remedy.as_str())
    }
}

impl Experiment for LostIds {
    fn spec(&self) -> Json {
        write_spec(&self.spec)
    }

    fn label(&self) -> String {
        "lost-ids".into()
    }

    fn tasks(&self) -> Vec<Task> {
        let tasks = |remedy| Task::replicates(&self.cell(remedy), self.spec.seeds);
        Remedy::ALL.into_iter().flat_map(tasks).collect()
    }

    fn run(&self, task: &Task) -> Result<Rows, ExperimentError> {
        let wrong = |problem: String| ExperimentError::task(task, problem);
        let remedy = Remedy::ALL.into_iter().find(|remedy| self.cell(*remedy) == task.cell);
        let remedy = remedy.ok_or_else(|| wrong("there is no such cell".into()))?;
        let cell = Cell::of(self.spec.scenario.clone());
        let tenths = execute(&cell, self.spec.root_seed, remedy, task.replicate);
        let mut rows = Rows::new(task.clone());
        rows.add("tenths", tenths.map_err(|error| wrong(error.to_string()))?)?;
        Ok(rows)
    }

    fn derive(&self, results: &mut Results<'_>, _: &Ask) -> Result<Page, ExperimentError> {
        let rows: Vec<Row> = results.table("tenths")?.into_iter().map(|(_, row)| row).collect();
        let scenario = &self.spec.scenario;
        let title = format!("Lost ids in the scenario `{}`", scenario.name);
        let mut page = Page::new(title, scenario.description.clone());
        page.table(table(&lines(&rows)));
        page.chart("lost-ids", chart(scenario, &rows));
        Ok(page)
    }

    fn inputs(&self) -> Vec<(String, String)> {
        vec![inputs::scenario_file(&self.spec.scenario)]
    }
}

fn table(lines: &[Line]) -> Table {
    let less = |key, heading, unit| Column::estimate(key, heading, unit).better(Better::Less);
    let columns = [
        Column::text("remedy", "remedy"),
        less("clock_bytes", "clock bytes", Unit::Bytes),
        less("clock_ratio", "of none", Unit::Share),
        less("stamp_bytes", "stamp bytes", Unit::Bytes),
        less("stamp_ratio", "of none", Unit::Share),
        Column::estimate("crashes", "crashes", Unit::Count).rank(1),
        less("deposits", "deposits\nan event", Unit::Count),
        Column::number("wrong", "wrong", Unit::Count).better(Better::Less).rank(2),
        Column::number("judged", "judged", Unit::Count).rank(3),
    ];
    let mut table = Table::new("lost-ids", "What a keeper of ids saves", columns).note(
        "Clock bytes: of the participants at the end. Stamp bytes: of the events in the last \
         tenth. ± is half the 95 % interval over seeds. The columns `of none` compare with no \
         remedy on the same executions, seed by seed. Deposits: round trips to the keeper; every \
         event is published at once, the most that can be asked for. Wrong: verdicts that are not \
         true, of all that were judged. Two things flatter the remedies: every crash is noticed at \
         once, and the best heir is chosen among all who live.",
    );
    for line in lines {
        let remedied = |estimate: Estimate| match line.remedy {
            Remedy::None => Value::Missing,
            _ => estimate.into(),
        };
        table.push([
            line.remedy.as_str().into(),
            line.clock_bytes.into(),
            remedied(line.clock_ratio),
            line.stamp_bytes.into(),
            remedied(line.stamp_ratio),
            line.crashes.into(),
            remedied(line.deposits),
            line.wrong.into(),
            line.judged.into(),
        ]);
    }
    table
}

/// Clock bytes as the execution goes on.
fn chart(scenario: &Scenario, rows: &[Row]) -> Chart {
    let series = Remedy::ALL.map(|remedy| {
        let points = (1..=10).filter_map(|tenth| {
            let at = rows.iter().filter(|row| row.remedy == remedy && row.tenth == tenth);
            let bytes: Vec<f64> =
                at.map(|row| row.clock_bytes as f64 / row.clocks as f64).collect();
            let Estimate { mean, half_width, .. } = Estimate::of(&bytes)?;
            let x = f64::from(scenario.events) * f64::from(tenth) / 10.0;
            Some(Point { x, y: mean, error: half_width.unwrap_or(0.0) })
        });
        let name = match remedy {
            Remedy::None => "ids are lost",
            Remedy::AnyHeir => "reclaimed by anyone",
            Remedy::BestHeir => "reclaimed by the best",
        };
        Series { name: name.into(), points: points.collect(), dashed: false }
    });
    Chart {
        title: format!("Crashes in `{}`", scenario.name),
        x: Axis { label: "events".into(), log: false },
        y: Axis { label: "mean bytes of a clock".into(), log: true },
        series: series.into(),
    }
}

/// What is done about a participant that crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Nothing: its id is lost.
    None,
    /// A random participant reclaims its id.
    AnyHeir,
    /// The participant whose id grows least by it reclaims it.
    BestHeir,
}

impl Remedy {
    /// All three.
    pub const ALL: [Self; 3] = [Self::None, Self::AnyHeir, Self::BestHeir];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::AnyHeir => "any-heir",
            Self::BestHeir => "best-heir",
        }
    }
}

/// One tenth of one execution, in integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What was done about crashes.
    pub remedy: Remedy,
    /// Which tenth, from 1.
    pub tenth: u32,
    /// Events up to its end.
    pub events: u64,
    /// Events in it.
    pub stamps: u64,
    /// Bytes of their stamps.
    pub stamp_bytes: u64,
    /// Live clocks at its end.
    pub clocks: u64,
    /// Their bytes.
    pub clock_bytes: u64,
    /// Participants that crashed so far.
    pub crashes: u64,
    /// Round trips to the keeper so far.
    pub deposits: u64,
    /// Pairs of events judged so far.
    pub judged: u64,
    /// Those of which the stamps say what is not true.
    pub wrong: u64,
}

/// Every this-many-th event is compared with all later ones.
const SOURCE_EVERY: u32 = 64;

fn execute(
    cell: &Cell,
    root_seed: u64,
    remedy: Remedy,
    replicate: u32,
) -> Result<Vec<Row>, KeeperError> {
    let execution = cell.execution(root_seed, replicate);
    let heirs = Random::new(root_seed, &cell.name, replicate, "heirs");
    let mut play = Play::new(remedy, execution.survey(), heirs);
    for timed in execution.walk() {
        play.step(timed.step)?;
    }
    Ok(play.rows)
}

/// An execution under way. Participants and messages are their own slots.
struct Play {
    remedy: Remedy,
    events: u32,
    keeper: Keeper,
    members: Vec<Option<Member>>,
    messages: Vec<Option<Stamp>>,
    heirs: Random,
    truth: Truth,
    sources: Vec<Stamp>,
    event: u32,
    now: Row,
    rows: Vec<Row>,
}

impl Play {
    fn new(remedy: Remedy, survey: Survey, heirs: Random) -> Self {
        let mut keeper = Keeper::new(0);
        let members = vec![keeper.seed()];
        let sources = survey.events.div_ceil(SOURCE_EVERY) as usize;
        Self {
            remedy,
            events: survey.events,
            keeper,
            members,
            messages: Vec::new(),
            heirs,
            truth: Truth::new(sources, survey.participants as usize),
            sources: Vec::with_capacity(sources),
            event: 0,
            now: Row {
                remedy,
                tenth: 1,
                events: 0,
                stamps: 0,
                stamp_bytes: 0,
                clocks: 0,
                clock_bytes: 0,
                crashes: 0,
                deposits: 0,
                judged: 0,
                wrong: 0,
            },
            rows: Vec::new(),
        }
    }

    /// A step at somebody who is not there does nothing: the generator and the
    /// reader of traces make none.
    fn step(&mut self, step: Step) -> Result<(), KeeperError> {
        match step {
            Step::Event { node } => self.event(node).map(drop),
            Step::Send { node, message } => {
                let stamp = self.event(node)?;
                let slot = message as usize;
                self.messages.resize(self.messages.len().max(slot + 1), None);
                self.messages[slot] = stamp;
                self.truth.send(node, message);
                Ok(())
            }
            Step::Receive { node, message } => {
                self.merge(node, message);
                self.event(node).map(drop)
            }
            Step::Merge { node, message } => {
                self.merge(node, message);
                // So that an heir gets this, too, as the truth has it.
                self.publish(node).map(drop)
            }
            // Planning refuses scenarios with the last three.
            Step::Lose { .. }
            | Step::Candidate { .. }
            | Step::Restart { .. }
            | Step::Save { .. }
            | Step::Restore { .. }
            | Step::Twin { .. } => Ok(()),
            Step::Fork { node, child } => {
                let Some(parent) = member(&mut self.members, node) else { return Ok(()) };
                let newborn = parent.fork(&mut self.keeper)?;
                self.now.deposits += 1;
                self.members.resize_with(self.members.len().max(child as usize + 1), || None);
                self.members[child as usize] = Some(newborn);
                self.truth.fork(node, child);
                Ok(())
            }
            Step::Retire { node, into } => {
                let Some(retired) = self.members[node as usize].take() else { return Ok(()) };
                let Some(heir) = member(&mut self.members, into) else { return Ok(()) };
                heir.join(retired, &mut self.keeper).map_err(|refused| refused.1)?;
                self.now.deposits += 2;
                self.truth.join(into, node);
                Ok(())
            }
            Step::Crash { node } => self.crash(node),
        }
    }

    fn merge(&mut self, node: Participant, message: u32) {
        let stamp = self.messages.get(message as usize).and_then(Option::as_ref);
        if let (Some(stamp), Some(member)) = (stamp, member(&mut self.members, node)) {
            member.merge(stamp);
            self.truth.receive(node, message);
        }
    }

    fn publish(&mut self, node: Participant) -> Result<Option<Stamp>, KeeperError> {
        let Some(member) = member(&mut self.members, node) else { return Ok(None) };
        self.now.deposits += 1;
        member.publish(&mut self.keeper).map(Some)
    }

    fn event(&mut self, node: Participant) -> Result<Option<Stamp>, KeeperError> {
        if let Some(member) = member(&mut self.members, node) {
            member.event()?;
        }
        let stamp = self.publish(node)?;
        if let Some(stamp) = &stamp {
            self.observe(node, stamp);
        }
        Ok(stamp)
    }

    fn crash(&mut self, node: Participant) -> Result<(), KeeperError> {
        let Some(dead) = self.members[node as usize].take() else { return Ok(()) };
        self.now.crashes += 1;
        let live: Vec<Participant> = (0..self.members.len() as u32)
            .filter(|n| self.members[*n as usize].is_some())
            .collect();
        let heir = match self.remedy {
            Remedy::None => None,
            Remedy::AnyHeir => Some(self.heirs.index(live.len())),
            Remedy::BestHeir => {
                let clocks = self.members.iter().flatten().map(Member::clock);
                placement::best_heir(dead.clock(), clocks)
            }
        };
        let Some(heir) = heir.and_then(|at| live.get(at)) else { return Ok(()) };
        if let Some(member) = member(&mut self.members, *heir) {
            member.reclaim(dead.ticket(), &mut self.keeper)?;
            self.now.deposits += 1;
            self.truth.join(*heir, node);
        }
        Ok(())
    }

    fn observe(&mut self, node: Participant, stamp: &Stamp) {
        let row = self.truth.row(node);
        for (bit, source) in self.sources.iter().enumerate() {
            let ordered = row[bit / 64] >> (bit % 64) & 1 == 1;
            let truth = if ordered { CausalOrder::Before } else { CausalOrder::Concurrent };
            self.now.judged += 1;
            self.now.wrong += u64::from(source.compare(stamp) != truth);
        }
        if self.event.is_multiple_of(SOURCE_EVERY) {
            self.truth.mark(node, self.sources.len());
            self.sources.push(stamp.clone());
        }
        self.event += 1;
        self.now.events += 1;
        self.now.stamps += 1;
        self.now.stamp_bytes += stamp.encoded_len() as u64;
        if u64::from(self.event) * 10 >= u64::from(self.now.tenth) * u64::from(self.events) {
            let clocks = || self.members.iter().flatten().map(Member::clock);
            self.now.clocks = clocks().count() as u64;
            self.now.clock_bytes = clocks().map(|clock| Itc::encoded_len(clock) as u64).sum();
            self.rows.push(self.now);
            self.now = Row { tenth: self.now.tenth + 1, stamps: 0, stamp_bytes: 0, ..self.now };
        }
    }
}

fn member(members: &mut [Option<Member>], node: Participant) -> Option<&mut Member> {
    members.get_mut(node as usize)?.as_mut()
}

/// A remedy beside none, over the seeds.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// The remedy.
    remedy: Remedy,
    /// Mean bytes of the clocks at the end.
    clock_bytes: Estimate,
    /// By those without remedy, seed by seed.
    clock_ratio: Estimate,
    /// Mean bytes of the stamps of the last tenth.
    stamp_bytes: Estimate,
    /// By those without remedy, seed by seed.
    stamp_ratio: Estimate,
    /// Round trips to the keeper an event; only a remedy needs them.
    deposits: Estimate,
    /// Participants that crashed.
    crashes: Estimate,
    /// Pairs that were judged, over all seeds.
    judged: u64,
    /// Those of which the stamps say what is not true.
    wrong: u64,
}

/// The lines of all rows.
fn lines(rows: &[Row]) -> Vec<Line> {
    let ends = |remedy| rows.iter().filter(move |r| r.remedy == remedy && r.tenth == 10);
    let clock = |row: &Row| row.clock_bytes as f64 / row.clocks as f64;
    let stamp = |row: &Row| row.stamp_bytes as f64 / row.stamps as f64;
    let line = |remedy| {
        let over = |value: &dyn Fn(&Row, &Row) -> f64| {
            let pairs = ends(remedy).zip(ends(Remedy::None));
            Estimate::of(&pairs.map(|(row, base)| value(row, base)).collect::<Vec<_>>())
        };
        Some(Line {
            remedy,
            clock_bytes: over(&|row, _| clock(row))?,
            clock_ratio: over(&|row, base| clock(row) / clock(base))?,
            stamp_bytes: over(&|row, _| stamp(row))?,
            stamp_ratio: over(&|row, base| stamp(row) / stamp(base))?,
            deposits: over(&|row, _| row.deposits as f64 / row.events as f64)?,
            crashes: over(&|row, _| row.crashes as f64)?,
            judged: ends(remedy).map(|row| row.judged).sum(),
            wrong: ends(remedy).map(|row| row.wrong).sum(),
        })
    };
    Remedy::ALL.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{LagBins, Plan, Replay, Sampling, World};
    use crate::scenario::Ids;

    const CRASH_HEAVY: &str = include_str!("../../presets/crash-heavy.toml");

    fn cell(events: u32) -> Cell {
        let scenario = Scenario::parse(CRASH_HEAVY, "crash-heavy").unwrap();
        Cell::of(Scenario { events, ..scenario })
    }

    #[test]
    fn every_remedy_is_exact() {
        let mut rows = Vec::new();
        for remedy in Remedy::ALL {
            for replicate in 0..2 {
                rows.extend(execute(&cell(3_000), 1, remedy, replicate).unwrap());
            }
        }
        assert_eq!(rows.len(), 3 * 2 * 10);
        for line in lines(&rows) {
            assert_eq!(line.wrong, 0, "{line:?}");
            assert!(line.judged > 50_000, "{line:?}");
            assert!(line.crashes.mean > 5.0, "{line:?}");
        }
    }

    #[test]
    fn without_a_remedy_sizes_are_those_of_the_scheme() {
        let cell = cell(2_000);
        let survey = Survey::of(cell.steps(1, 0));
        let random = &mut Random::new(1, "test", 0, "any");
        let plan = Plan::new(LagBins::new(1, survey.events), Sampling::default(), random);
        let world = World::new(Ids::Random, random);
        let scheme = itc::IntervalTreeClocks::default();
        let mut replay = Replay::new(&scheme, world, &plan, survey, u64::MAX);
        replay.play(&cell.steps(1, 0).collect::<Vec<_>>());
        let sizes = replay.finish().sizes;
        let rows = execute(&cell, 1, Remedy::None, 0).unwrap();
        for (row, size) in rows.iter().zip(&sizes) {
            let ours = (row.stamps, row.stamp_bytes, row.clocks, row.clock_bytes);
            let (stamps, clocks) = (size.stamps, size.clocks);
            assert_eq!(ours, (stamps.count, stamps.total, clocks.count, clocks.total));
        }
        assert_eq!(rows.len(), sizes.len());
    }
}
