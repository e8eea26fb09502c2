//! What crashes cost interval tree clocks, with and without a keeper that
//! gives the ids of the dead to heirs ([`itc::keeper`]).
//!
//! Every event is published at once, so a reclaimed participant leaves its
//! heir all it knew, and the truth follows: it is as if the dead one had
//! retired. A crash is noticed at once; the heir is a random participant, or
//! the one whose id grows least by the sum.

use itc::keeper::{Keeper, KeeperError, Member};
use itc::{Itc, Stamp, placement};
use rayon::prelude::*;

use causal_clock::{CausalOrder, Wire};

use crate::execution::{Cell, Survey};
use crate::measure::Truth;
use crate::random::Random;
use crate::stats::Estimate;
use crate::step::{Participant, Step};

/// What is done about a participant that crashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was done about crashes.
    pub remedy: Remedy,
    /// The replicate.
    pub replicate: u32,
    /// Which tenth, from 1.
    pub tenth: u32,
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

/// All remedies in `seeds` replicates of a cell, in parallel: the rows are in
/// the order of remedies, replicates and tenths on any number of threads.
/// `progress` is told of each execution that is done, from several threads.
///
/// # Errors
/// Where the keeper refuses what it must not, which would be a defect.
pub fn run(
    cell: &Cell,
    root_seed: u64,
    seeds: u32,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<Row>, KeeperError> {
    let tasks: Vec<_> =
        Remedy::ALL.iter().flat_map(|r| (0..seeds).map(move |seed| (*r, seed))).collect();
    let rows: Vec<Vec<Row>> = tasks
        .into_par_iter()
        .map(|(remedy, replicate)| {
            let rows = execute(cell, root_seed, remedy, replicate)?;
            progress();
            Ok(rows)
        })
        .collect::<Result<_, KeeperError>>()?;
    Ok(rows.concat())
}

fn execute(
    cell: &Cell,
    root_seed: u64,
    remedy: Remedy,
    replicate: u32,
) -> Result<Vec<Row>, KeeperError> {
    let survey = Survey::of(cell.steps(root_seed, replicate));
    let heirs = Random::new(root_seed, &cell.name, replicate, "heirs");
    let mut play = Play::new(remedy, replicate, survey, heirs);
    for timed in cell.steps(root_seed, replicate) {
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
    fn new(remedy: Remedy, replicate: u32, survey: Survey, heirs: Random) -> Self {
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
                replicate,
                tenth: 1,
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
            Step::Lose { .. } | Step::Candidate { .. } | Step::Restart { .. } => Ok(()),
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
pub struct Line {
    /// The remedy.
    pub remedy: Remedy,
    /// Mean bytes of the clocks at the end.
    pub clock_bytes: Estimate,
    /// By those without remedy, seed by seed.
    pub clock_ratio: Estimate,
    /// Mean bytes of the stamps of the last tenth.
    pub stamp_bytes: Estimate,
    /// By those without remedy, seed by seed.
    pub stamp_ratio: Estimate,
    /// Round trips to the keeper an event; only a remedy needs them.
    pub deposits: Estimate,
    /// Participants that crashed.
    pub crashes: Estimate,
    /// Pairs that were judged, over all seeds.
    pub judged: u64,
    /// Those of which the stamps say what is not true.
    pub wrong: u64,
}

/// The lines of the rows of [`run`].
#[must_use]
pub fn lines(rows: &[Row]) -> Vec<Line> {
    let ends = |remedy| rows.iter().filter(move |r| r.remedy == remedy && r.tenth == 10);
    let clock = |row: &Row| row.clock_bytes as f64 / row.clocks as f64;
    let stamp = |row: &Row| row.stamp_bytes as f64 / row.stamps as f64;
    let line = |remedy| {
        let over = |value: &dyn Fn(&Row, &Row) -> f64| {
            let pairs = ends(remedy).zip(ends(Remedy::None));
            Estimate::of(&pairs.map(|(row, base)| value(row, base)).collect::<Vec<_>>())
        };
        let events = |row: &Row| {
            let of_run = |r: &&Row| r.remedy == row.remedy && r.replicate == row.replicate;
            rows.iter().filter(of_run).map(|r| r.stamps).sum::<u64>() as f64
        };
        Some(Line {
            remedy,
            clock_bytes: over(&|row, _| clock(row))?,
            clock_ratio: over(&|row, base| clock(row) / clock(base))?,
            stamp_bytes: over(&|row, _| stamp(row))?,
            stamp_ratio: over(&|row, base| stamp(row) / stamp(base))?,
            deposits: over(&|row, _| row.deposits as f64 / events(row))?,
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
    use crate::scenario::{Ids, Scenario};

    const CRASH_HEAVY: &str = include_str!("../presets/crash-heavy.toml");

    fn cell(events: u32) -> Cell {
        let scenario = Scenario::parse(CRASH_HEAVY, "crash-heavy").unwrap();
        Cell::of(Scenario { events, ..scenario })
    }

    #[test]
    fn every_remedy_is_exact_and_rows_do_not_depend_on_threads() {
        let rows = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&cell(3_000), 1, 2, &|| ())).unwrap()
        };
        let one = rows(1);
        assert_eq!(one, rows(3));
        assert_eq!(one.len(), 3 * 2 * 10);
        for line in lines(&one) {
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
