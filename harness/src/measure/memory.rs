//! How many encoded bytes a scheme holds in memory, as a running sum. A clock
//! counts as much as its latest stamp: what it merged since its latest event is
//! not in the sum yet.

/// The bytes of live clocks, of messages and of stamps that are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// By slot. Sizes above 4 GiB count as that.
    clocks: Vec<u32>,
    messages: Vec<u32>,
    total: u64,
}

impl Memory {
    /// All of it.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The bytes of the clock in a slot.
    pub(crate) fn of_clock(&self, slot: u32) -> u64 {
        self.clocks.get(slot as usize).copied().unwrap_or(0).into()
    }

    /// The clock in a slot takes so many bytes now; none where it is gone.
    pub(crate) fn clock(&mut self, slot: u32, bytes: u64) {
        replace(&mut self.clocks, slot, bytes, &mut self.total);
    }

    /// The stamp of a message takes so many; none where it is lost. One that
    /// arrived is held until the next message of that number.
    pub(crate) fn message(&mut self, message: u32, bytes: u64) {
        replace(&mut self.messages, message, bytes, &mut self.total);
    }

    /// A stamp is kept for good.
    pub(crate) fn keep(&mut self, bytes: u64) {
        self.total = self.total.saturating_add(bytes);
    }
}

fn replace(sizes: &mut Vec<u32>, at: u32, bytes: u64, total: &mut u64) {
    let (at, bytes) = (at as usize, u32::try_from(bytes).unwrap_or(u32::MAX));
    if at >= sizes.len() {
        sizes.resize(at + 1, 0);
    }
    // The old size is part of the sum.
    *total = (*total - u64::from(sizes[at])).saturating_add(bytes.into());
    sizes[at] = bytes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_follows() {
        let mut memory = Memory::default();
        memory.clock(3, 10);
        memory.clock(0, 5);
        memory.message(7, memory.of_clock(3));
        memory.keep(100);
        assert_eq!(memory.total(), 125);
        memory.clock(3, 12);
        memory.message(7, 1);
        memory.clock(0, 0);
        assert_eq!((memory.total(), memory.of_clock(9)), (113, 0));
    }
}
