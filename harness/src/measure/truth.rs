//! The truth about happened-before, for sampled events, at any scale.
//!
//! Each live participant and each message in flight carries a row of K bits;
//! bit i says "source event i is in my past". A send and a fork copy the row,
//! a receipt and a retirement unite two rows, and an event that is a source
//! sets its own bit. At a later event the participant's row is then K exact
//! verdicts at once, for K/64 words a step, however many participants there
//! are. Exact vector clocks would need one entry a participant instead.

use std::collections::BTreeMap;

/// Rows of bits for participants and messages, both by slot.
#[derive(Clone, Debug)]
pub struct Truth {
    words: usize,
    participants: Vec<u64>,
    messages: Vec<u64>,
    /// Whether any source event happened: before, all rows are empty.
    has_sources: bool,
    /// Rows that were kept with a backup, by participant.
    saved: BTreeMap<u32, Vec<u64>>,
}

impl Truth {
    /// Rows for this many source events, with room for as many participants
    /// as there will be at once.
    #[must_use]
    pub fn new(sources: usize, participants: usize) -> Self {
        let words = sources.div_ceil(64);
        let participants = vec![0; words * participants.max(1)];
        let (messages, saved) = (Vec::new(), BTreeMap::new());
        Self { words, participants, messages, has_sources: false, saved }
    }

    fn row_range(&self, slot: u32) -> std::ops::Range<usize> {
        let start = slot as usize * self.words;
        start..start + self.words
    }

    /// Which source events are in the past of the participant in this slot,
    /// as bits of words, least significant first.
    #[must_use]
    pub fn row(&self, participant: u32) -> &[u64] {
        &self.participants[self.row_range(participant)]
    }

    /// Whether source event `bit` is in the past of the participant.
    #[must_use]
    pub fn knows(&self, participant: u32, bit: usize) -> bool {
        self.row(participant)[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The participant's latest event is source `bit`.
    pub fn mark(&mut self, participant: u32, bit: usize) {
        self.has_sources = true;
        let start = self.row_range(participant).start;
        self.participants[start + bit / 64] |= 1 << (bit % 64);
    }

    /// Reads a participant's row, so that it is at hand in a little while.
    #[inline]
    pub(super) fn touch(&self, participant: u32) {
        std::hint::black_box(self.participants.get(participant as usize * self.words).copied());
    }

    /// The same for a message's.
    #[inline]
    pub(super) fn touch_message(&self, message: u32) {
        std::hint::black_box(self.messages.get(message as usize * self.words).copied());
    }

    /// A message takes the participant's past with it.
    #[inline]
    pub fn send(&mut self, participant: u32, message: u32) {
        if !self.has_sources {
            return;
        }
        let (from, to) = (self.row_range(participant), self.row_range(message));
        if to.end > self.messages.len() {
            self.messages.resize(to.end, 0);
        }
        copy(&mut self.messages[to], &self.participants[from]);
    }

    /// A participant takes over what a message carries.
    #[inline]
    pub fn receive(&mut self, participant: u32, message: u32) {
        let (from, to) = (self.row_range(message), self.row_range(participant));
        // What was sent before the first source event has no row.
        if let Some(row) = self.messages.get(from) {
            unite(&mut self.participants[to], row);
        }
    }

    /// The past of `node`, in this slot, is kept with its backup.
    pub fn save(&mut self, node: u32, slot: u32) {
        self.saved.insert(node, self.row(slot).to_vec());
    }

    /// `node`, in this slot, has the past that it had at its backup.
    pub fn restore(&mut self, node: u32, slot: u32) {
        let at = self.row_range(slot);
        if let Some(row) = self.saved.get(&node) {
            copy(&mut self.participants[at], row);
        }
    }

    /// A newborn shares its parent's past.
    pub fn fork(&mut self, parent: u32, child: u32) {
        let (from, to) = (self.row_range(parent), self.row_range(child));
        if to.end > self.participants.len() {
            self.participants.resize(to.end, 0);
        }
        self.participants.copy_within(from, to.start);
    }

    /// A participant takes over the past of one that retires; a slot joined
    /// into itself stays as it is.
    pub fn join(&mut self, into: u32, retired: u32) {
        let (to, from) = (self.row_range(into), self.row_range(retired));
        if to.start < from.start {
            let (head, tail) = self.participants.split_at_mut(from.start);
            unite(&mut head[to], &tail[..self.words]);
        } else if to.start > from.start {
            let (head, tail) = self.participants.split_at_mut(to.start);
            unite(&mut tail[..self.words], &head[from]);
        }
    }
}

/// Goes through two rows at once. A loop over a width that the compiler knows is
/// unrolled into vectors, so the common ones, 512 and 4,096 sources, have a loop
/// each.
#[inline]
fn zip(to: &mut [u64], from: &[u64], op: impl Fn(&mut u64, u64)) {
    #[inline]
    fn exactly<const WORDS: usize>(to: &mut [u64], from: &[u64], op: impl Fn(&mut u64, u64)) {
        if let (Some(to), Some(from)) = (to.first_chunk_mut::<WORDS>(), from.first_chunk::<WORDS>())
        {
            to.iter_mut().zip(from).for_each(|(to, from)| op(to, *from));
        }
    }
    match to.len() {
        8 => exactly::<8>(to, from, op),
        64 => exactly::<64>(to, from, op),
        _ => to.iter_mut().zip(from).for_each(|(to, from)| op(to, *from)),
    }
}

#[inline]
fn unite(into: &mut [u64], from: &[u64]) {
    zip(into, from, |into, from| *into |= from);
}

#[inline]
fn copy(into: &mut [u64], from: &[u64]) {
    zip(into, from, |into, from| *into = from);
}
