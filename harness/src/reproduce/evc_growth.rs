//! How the encoded vector clock grows (Kshemkalyani, Khokhar and Shen, "Encoded
//! vector clock: using primes to characterize causality in distributed
//! systems", ICDCN 2018): bits of the integer by the number of events, for 24
//! processes, against 32 bits an entry of the vector.
//!
//! What is known of the published simulation does not say how often a process
//! sends, how long messages take, nor whether a receipt counts as an event on
//! the axis. So both ways of counting are run for several shares of internal
//! events, with messages that arrive at once and with such as take a while.

use std::collections::VecDeque;

use causal_clock::NodeId;
use plausible::{Encoded, EncodedClock, EncodedStamp, Error};
use rayon::prelude::*;

use crate::random::Random;

/// Processes, as published.
pub const PROCESSES: u32 = 24;

/// Events of a process at which bits are published.
pub const PUBLISHED: [(u32, u32); 2] = [(10, 1_139), (100, 21_457)];

/// Bits of a vector of 32-bit entries.
pub const VECTOR_BITS: u32 = 32 * PROCESSES;

/// The events of a process at which bits are taken.
pub const MARKS: [u32; 8] = [1, 2, 5, 10, 20, 40, 70, 100];

/// What counts as an event on the axis. All events are stamped in either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Internal events, sends and receipts.
    All,
    /// Internal events and sends: what a process does of its own.
    Own,
}

impl Counting {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::All, Self::Own];

    /// The name in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all-events",
            Self::Own => "own-events",
        }
    }
}

/// What is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Executions of each setting.
    pub runs: u32,
    /// Probabilities of an internal event, in tenths.
    pub p_int_tenths: Vec<u32>,
    /// How many steps of the system a message takes.
    pub delays: Vec<u32>,
    /// The root seed.
    pub seed: u64,
}

/// One way to fill in what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Probability of an internal event, in tenths.
    pub p_int_tenths: u32,
    /// How many steps of the system a message takes; in [`PROCESSES`] steps
    /// each process takes one, on average.
    pub delay: u32,
    /// What counts as an event.
    pub counting: Counting,
}

/// The bits at one mark of one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was assumed.
    pub setting: Setting,
    /// Which execution.
    pub run: u32,
    /// The number of the event, the same at each process.
    pub event: u32,
    /// The sum over all processes of the bits of that event's stamp.
    pub bits_total: u64,
}

impl Row {
    /// Mean bits of a stamp.
    #[must_use]
    pub fn mean_bits(&self) -> f64 {
        self.bits_total as f64 / f64::from(PROCESSES)
    }
}

/// Runs everything; the rows are in the order of settings, runs and events.
///
/// # Errors
/// Where an integer grew past its limit.
pub fn run(options: &Options, progress: &(dyn Fn() + Sync)) -> Result<Vec<Row>, Error> {
    let runs = |setting| (0..options.runs).map(move |run| (setting, run));
    let tasks: Vec<(Setting, u32)> = settings(options).into_iter().flat_map(runs).collect();
    let rows = |(setting, run)| {
        let rows = execute(options.seed, setting, run);
        progress();
        rows
    };
    let rows: Result<Vec<_>, _> = tasks.into_par_iter().map(rows).collect();
    Ok(rows?.concat())
}

/// All combinations of what was asked for.
#[must_use]
pub fn settings(options: &Options) -> Vec<Setting> {
    let mut settings = Vec::new();
    for &p_int_tenths in &options.p_int_tenths {
        for &delay in &options.delays {
            let setting = |counting| Setting { p_int_tenths, delay, counting };
            settings.extend(Counting::BOTH.map(setting));
        }
    }
    settings
}

/// How many executions [`run`] goes through.
#[must_use]
pub fn count(options: &Options) -> usize {
    settings(options).len() * options.runs as usize
}

/// The processes, and which of their events were counted.
struct System {
    counting: Counting,
    clocks: Vec<EncodedClock>,
    events: Vec<u32>,
    /// At each mark, the bits of all processes together.
    bits: [u64; MARKS.len()],
    /// How many marks of processes are still to come.
    missing: usize,
}

impl System {
    fn event(&mut self, process: usize, own: bool) -> Result<(), Error> {
        self.clocks[process].event()?;
        if own || self.counting == Counting::All {
            self.events[process] += 1;
            if let Some(mark) = MARKS.iter().position(|mark| *mark == self.events[process]) {
                self.bits[mark] += self.clocks[process].stamp().bits() as u64;
                self.missing -= 1;
            }
        }
        Ok(())
    }

    fn receive(&mut self, process: usize, message: &EncodedStamp) -> Result<(), Error> {
        self.clocks[process].merge(message)?;
        self.event(process, false)
    }
}

fn execute(seed: u64, setting: Setting, run: u32) -> Result<Vec<Row>, Error> {
    let Setting { p_int_tenths, delay, counting } = setting;
    let random = &mut Random::new(seed, &format!("evc-growth p={p_int_tenths}"), run, "steps");
    let n = u64::from(PROCESSES);
    let max_bits = Encoded::default().max_bits;
    let mut system = System {
        counting,
        clocks: (0..n).map(|id| EncodedClock::new(NodeId::new(id), max_bits)).collect(),
        events: vec![0; n as usize],
        bits: [0; MARKS.len()],
        missing: MARKS.len() * n as usize,
    };
    let mut messages: VecDeque<(u32, usize, EncodedStamp)> = VecDeque::new();
    let mut now = 0_u32;
    while system.missing > 0 {
        let process = random.index(n as usize);
        let other = (process + 1 + random.below(n - 1) as usize) % n as usize;
        system.event(process, true)?;
        if random.below(10) >= p_int_tenths.into() {
            messages.push_back((now + delay, other, system.clocks[process].stamp()));
        }
        while messages.front().is_some_and(|(due, _, _)| *due <= now)
            && let Some((_, to, message)) = messages.pop_front()
        {
            system.receive(to, &message)?;
        }
        now += 1;
    }
    let row = |(event, bits_total)| Row { setting, run, event, bits_total };
    Ok(MARKS.into_iter().zip(system.bits).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_messages_a_stamp_is_a_power_of_one_prime() {
        let setting = Setting { p_int_tenths: 10, delay: 0, counting: Counting::All };
        let rows = execute(1, setting, 0).unwrap();
        let primes: [u32; 24] = [
            2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83,
            89,
        ];
        for row in rows {
            let bits = |p: u32| (f64::from(row.event) * f64::from(p).log2()).floor() as u64 + 1;
            assert_eq!(row.bits_total, primes.into_iter().map(bits).sum::<u64>(), "{}", row.event);
        }
    }

    #[test]
    fn it_passes_the_vector_within_tens_of_events() {
        let options = Options { runs: 2, p_int_tenths: vec![1], delays: vec![0, 24], seed: 1 };
        let rows = run(&options, &|| ()).unwrap();
        assert_eq!(rows.len(), count(&options) * MARKS.len());
        let at = |event: u32| rows.iter().filter(move |row| row.event == event);
        assert!(at(5).all(|row| row.mean_bits() < VECTOR_BITS.into()));
        assert!(at(40).all(|row| row.mean_bits() > VECTOR_BITS.into()));
    }
}
