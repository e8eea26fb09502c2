//! What physical clocks read.

use causal_clock::PhysicalTime;

use super::START_NANOS;
use crate::random::{Random, scramble, symmetric};
use crate::scenario::{Clocks as Table, Fault};
use crate::step::Participant;

/// The part of a simulation that reads clocks.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    table: Table,
    skew_ns: f64,
    /// A clock's offset and drift are functions of these and of its owner's
    /// number: at a million participants, finding them in memory would take
    /// longer than the rest of a step.
    keys: [u64; 2],
    /// Whom the faults hit.
    fault_random: Random,
    /// By participant, the numbers of the faults that hit its clock; empty where
    /// the scenario has no faults.
    faults: Vec<Box<[u32]>>,
}

impl Clocks {
    pub(crate) fn new(table: &Table, stream: impl Fn(&str) -> Random) -> Self {
        let mut random = stream("clocks");
        Self {
            skew_ns: table.skew.as_nanos() as f64,
            keys: [random.bits(), random.bits()],
            table: table.clone(),
            fault_random: stream("clock faults"),
            faults: Vec::new(),
        }
    }

    /// The clock of the next newborn. Gives when its owner restarts.
    pub(crate) fn add(&mut self, node: Participant) -> impl Iterator<Item = u64> {
        let mut restarts = Vec::new();
        if !self.table.fault.is_empty() {
            let mut hit = |fault: &Fault| {
                let is_drawn = fault.share > 0.0 && self.fault_random.chance(fault.share);
                is_drawn || fault.participants.contains(&node)
            };
            let faults = (0..).zip(&self.table.fault).filter(|(_, fault)| hit(fault));
            let faults: Box<[u32]> = faults.map(|(number, _)| number).collect();
            restarts.extend(self.of(&faults).filter_map(Fault::restart));
            self.faults.push(faults);
        }
        restarts.into_iter()
    }

    /// Whether a fault hits the clock of a participant who was born.
    pub(crate) fn is_faulty(&self, node: Participant) -> bool {
        self.faults.get(node as usize).is_some_and(|faults| !faults.is_empty())
    }

    fn of(&self, faults: &[u32]) -> impl Iterator<Item = &Fault> {
        faults.iter().map(|number| &self.table.fault[*number as usize])
    }

    /// What a participant's clock reads at a true time.
    pub(crate) fn reading(&self, node: Participant, now: u64) -> PhysicalTime {
        let drawn = self.keys.map(|key| symmetric(scramble(key.wrapping_add(node.into()))));
        let (offset_ns, drift) = (drawn[0] * self.skew_ns, drawn[1] * self.table.drift_ppm * 1e-6);
        let (mut passed, mut shift_ns) = (now, 0_i64);
        let faults = self.faults.get(node as usize).map_or(&[][..], |faults| faults);
        for fault in self.of(faults).filter(|fault| fault.is_active(now)) {
            let (up_to, by) = fault.effect(now);
            passed = passed.min(up_to);
            shift_ns = shift_ns.saturating_add(by);
        }
        let error = offset_ns + passed as f64 * drift;
        // A cast from float to integer saturates.
        let shift_ns = shift_ns.saturating_add(error as i64);
        let reading = START_NANOS.saturating_add(passed).saturating_add_signed(shift_ns);
        PhysicalTime::from_nanos(reading)
    }
}
