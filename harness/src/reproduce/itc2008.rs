//! "Interval Tree Clocks: A Logical Clock for Dynamic Systems" (Almeida,
//! Baquero, Fonte, OPODIS 2008), section 6: how large a stamp becomes.
//!
//! The replicas are first forked from the seed, in balance. Then, at random:
//!
//! * *data causality, dynamic*: an iteration forks a replica, makes an event
//!   at one, and joins one into another;
//! * *process causality, static*: messages and internal events. The text does
//!   not say what one iteration holds. Variant A has an event and a message
//!   (peek; join); variant B has an internal event, a send (event; peek) and a
//!   receive (join; event).
//!
//! The size of a stamp is that of its id and its event tree as appendix A
//! encodes them, in whole bytes rounded down: the published curves start at 1
//! or 2 bytes, where rounding up would give 2 or 3.

use itc::{EventError, Itc, ItcError};
use rayon::prelude::*;

use crate::random::Random;
use crate::stats::Estimate;

/// What an iteration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Data causality, dynamic.
    Data,
    /// Process causality, static: an event; peek and join.
    ProcessA,
    /// Process causality, static: an event; event and peek; join and event.
    ProcessB,
}

impl Setting {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Data, Self::ProcessA, Self::ProcessB];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::ProcessA => "process-a",
            Self::ProcessB => "process-b",
        }
    }

    /// How many iterations the paper has.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        match self {
            Self::Data => 100_000,
            Self::ProcessA | Self::ProcessB => 25_000,
        }
    }

    /// After which iterations sizes are taken; the last is the last.
    pub fn checkpoints(self) -> impl Iterator<Item = u32> {
        let marks = (0..6).flat_map(|power| [10_u32.pow(power), 3 * 10_u32.pow(power)]);
        let last = self.iterations();
        marks.take_while(move |mark| *mark < last).chain([last])
    }
}

/// What is known of the paper's figure for one setting and number of replicas,
/// at the last iteration, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Read off the plot.
    pub plot: f64,
    /// Whether the curve only ends somewhere above `plot`.
    pub at_least: bool,
    /// Measured with the authors' Erlang reference, from … to.
    pub reference: (f64, f64),
}

/// The numbers of replicas in the paper.
pub const REPLICAS: [u32; 6] = [4, 8, 16, 32, 64, 128];

/// The published figure; `None` where the paper has no such number of
/// replicas.
#[must_use]
pub fn published(setting: Setting, replicas: u32) -> Option<Published> {
    const DATA: [f64; 6] = [14.5, 33.0, 92.0, 280.0, 870.0, 2900.0];
    const DATA_REFERENCE: [(f64, f64); 6] = [
        (14.3, 14.3),
        (34.3, 34.3),
        (83.0, 83.0),
        (285.0, 285.0),
        (908.0, 908.0),
        (3177.0, 3481.0),
    ];
    const PROCESS: [f64; 6] = [7.8, 13.7, 25.0, 46.0, 88.0, 170.0];
    const A: [f64; 6] = [7.5, 13.2, 21.8, 42.0, 77.9, 148.0];
    const B: [f64; 6] = [9.0, 14.3, 26.8, 48.1, 88.0, 167.6];
    let at = REPLICAS.iter().position(|n| *n == replicas)?;
    Some(match setting {
        Setting::Data => {
            Published { plot: DATA[at], at_least: false, reference: DATA_REFERENCE[at] }
        }
        Setting::ProcessA | Setting::ProcessB => {
            let reference = if setting == Setting::ProcessA { A } else { B }[at];
            let at_least = replicas == 128;
            Published { plot: PROCESS[at], at_least, reference: (reference, reference) }
        }
    })
}

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many runs of each setting and number of replicas.
    pub runs: u32,
    /// Which numbers of replicas.
    pub replicas: Vec<u32>,
    /// All randomness comes from this.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { runs: 100, replicas: REPLICAS.to_vec(), seed: 1 }
    }
}

/// The stamps of all replicas at one moment of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What an iteration is.
    pub setting: Setting,
    /// How many replicas there are.
    pub replicas: u32,
    /// The run, from 0.
    pub run: u32,
    /// After which iteration.
    pub iteration: u32,
    /// Bytes of all stamps, each rounded down.
    pub bytes: u64,
    /// Bits of all stamps.
    pub bits: u64,
}

/// How many executions [`run`] goes through.
#[must_use]
pub fn count(options: &Options) -> usize {
    Setting::ALL.len() * options.replicas.len() * options.runs as usize
}

/// Does all the runs, in parallel. The rows are in the order of settings,
/// replicas, runs and iterations on any number of threads. `progress` is told
/// of each execution that is done; it is called from several threads.
///
/// # Errors
/// Where a clock refuses an operation, which none of these can.
pub fn run(options: &Options, progress: &(dyn Fn() + Sync)) -> Result<Vec<Row>, ItcError> {
    let mut tasks = Vec::new();
    for setting in Setting::ALL {
        for replicas in &options.replicas {
            tasks.extend((0..options.runs).map(|run| (setting, *replicas, run)));
        }
    }
    // The longest first, or one thread would be left alone with them.
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|task| {
        let (setting, replicas, _) = tasks[*task];
        std::cmp::Reverse((u64::from(replicas).pow(2) * u64::from(setting.iterations()), *task))
    });
    let mut done: Vec<(usize, Vec<Row>)> = order
        .into_par_iter()
        .with_max_len(1)
        .map(|task| {
            let (setting, replicas, run) = tasks[task];
            let rows = execute(setting, replicas, run, options.seed)?;
            progress();
            Ok((task, rows))
        })
        .collect::<Result<_, ItcError>>()?;
    done.sort_unstable_by_key(|(task, _)| *task);
    Ok(done.into_iter().flat_map(|(_, rows)| rows).collect())
}

/// One run.
fn execute(setting: Setting, replicas: u32, run: u32, seed: u64) -> Result<Vec<Row>, ItcError> {
    let cell = format!("itc2008-{}-{replicas}", setting.as_str());
    let random = &mut Random::new(seed, &cell, run, "execution");
    let mut first = Itc::seed();
    let mut live = first.fork_many(replicas.saturating_sub(1) as usize);
    live.push(first);
    let (mut rows, mut done) = (Vec::new(), 0);
    for iteration in setting.checkpoints() {
        for _ in done..iteration {
            match setting {
                Setting::Data => data(&mut live, random)?,
                Setting::ProcessA => process_a(&mut live, random)?,
                Setting::ProcessB => process_b(&mut live, random)?,
            }
        }
        done = iteration;
        let bits = || live.iter().map(|clock| clock.encoded_bits() as u64);
        let (bytes, bits) = (bits().map(|bits| bits / 8).sum(), bits().sum());
        rows.push(Row { setting, replicas, run, iteration, bytes, bits });
    }
    Ok(rows)
}

fn data(live: &mut Vec<Itc>, random: &mut Random) -> Result<(), ItcError> {
    let parent = random.index(live.len());
    let newborn = live[parent].fork();
    live.push(newborn);
    let at = random.index(live.len());
    live[at].event()?;
    let retired = live.swap_remove(random.index(live.len()));
    let heir = random.index(live.len());
    live[heir].join(retired).map_err(|refused| refused.error)
}

fn process_a(live: &mut [Itc], random: &mut Random) -> Result<(), EventError> {
    live[random.index(live.len())].event()?;
    let (from, to) = two(live.len(), random);
    let message = live[from].peek();
    live[to].merge(&message);
    Ok(())
}

fn process_b(live: &mut [Itc], random: &mut Random) -> Result<(), EventError> {
    live[random.index(live.len())].event()?;
    let (from, to) = two(live.len(), random);
    let message = live[from].send()?;
    live[to].receive(&message)
}

/// Two different replicas.
fn two(replicas: usize, random: &mut Random) -> (usize, usize) {
    let from = random.index(replicas);
    let to = random.index(replicas.saturating_sub(1));
    (from, if to >= from { to + 1 } else { to })
}

/// Mean bytes of a stamp over the runs, at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// What an iteration is.
    pub setting: Setting,
    /// How many replicas there are.
    pub replicas: u32,
    /// After which iteration.
    pub iteration: u32,
    /// The mean over runs of the mean over stamps, rounded down each.
    pub bytes: Estimate,
    /// The mean bits by 8: what rounding down takes away is about half a byte.
    pub exact_bytes: f64,
}

/// The means of the rows, in their order.
#[must_use]
pub fn means(rows: &[Row]) -> Vec<Mean> {
    let mut groups: std::collections::BTreeMap<_, Vec<&Row>> = std::collections::BTreeMap::new();
    for row in rows {
        groups.entry((row.setting, row.replicas, row.iteration)).or_default().push(row);
    }
    let mean = |((setting, replicas, iteration), rows): (_, Vec<&Row>)| {
        let stamps = f64::from(replicas);
        let bytes: Vec<f64> = rows.iter().map(|row| row.bytes as f64 / stamps).collect();
        let bits: f64 = rows.iter().map(|row| row.bits as f64 / stamps).sum();
        let exact_bytes = bits / 8.0 / rows.len() as f64;
        let bytes = Estimate::of(&bytes)?;
        Some(Mean { setting, replicas, iteration, bytes, exact_bytes })
    };
    groups.into_iter().filter_map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Options {
        Options { runs: 3, replicas: vec![4, 8], seed: 1 }
    }

    #[test]
    fn checkpoints_end_with_the_last_iteration() {
        let marks: Vec<u32> = Setting::Data.checkpoints().collect();
        assert_eq!(marks, [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]);
        let marks: Vec<u32> = Setting::ProcessA.checkpoints().collect();
        assert_eq!(marks.last(), Some(&25_000));
    }

    #[test]
    fn rows_are_the_same_on_any_number_of_threads() {
        let rows = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&small(), &|| ())).unwrap()
        };
        let one = rows(1);
        assert_eq!(one, rows(3));
        assert!(one.is_sorted_by_key(|r| (r.setting, r.replicas, r.run, r.iteration)));
        assert_eq!(one.len(), 2 * 3 * (11 + 10 + 10));
    }

    #[test]
    fn curves_start_at_a_byte_or_two_and_end_near_the_reference() {
        let means = means(&run(&Options { runs: 10, ..small() }, &|| ()).unwrap());
        for mean in means {
            if mean.iteration == 1 {
                assert!((1.0..=3.0).contains(&mean.bytes.mean), "{mean:?}");
            }
            if mean.iteration == mean.setting.iterations() {
                let reference = published(mean.setting, mean.replicas).unwrap().reference.0;
                assert!((mean.bytes.mean / reference - 1.0).abs() < 0.15, "{mean:?} {reference}");
            }
            let lost = mean.exact_bytes - mean.bytes.mean;
            assert!((0.0..1.0).contains(&lost), "{mean:?}");
        }
    }

    #[test]
    fn a_message_goes_to_another() {
        let random = &mut Random::new(1, "two", 0, "test");
        let mut seen = [[0; 3]; 3];
        for _ in 0..900 {
            let (from, to) = two(3, random);
            seen[from][to] += 1;
        }
        for (from, row) in seen.iter().enumerate() {
            for (to, count) in row.iter().enumerate() {
                assert_eq!(*count == 0, from == to, "{seen:?}");
            }
        }
    }
}
