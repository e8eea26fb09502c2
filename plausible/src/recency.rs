//! The recency clock: for each of R entries, how long ago its sites were heard
//! of, in Lamport time and a few bits.
//!
//! A clock of this crate's own, made for the least false order in a given
//! number of bytes. It takes from REV (Torres-Rojas and Ahamad 1999) the
//! vector that sites share, from NUREV (Gidenstam and Papatriantafilou 2004)
//! that sites choose their entries, and from Lamport's clock what it counts
//! in. Three things differ:
//!
//! * **An entry holds a Lamport time**, that of the latest event known of a
//!   site that counts in it. All entries then lie in a window below the
//!   event's own time, however unlike the sites' activities, and however long
//!   the run.
//! * **The window is cut off.** An entry further back than 2^bits − 1 is
//!   raised to just that far, for the stamp and for good. Raising a counter
//!   can only add a false order, never lose a true one: whatever comes later
//!   has at least as much. So an entry takes `bits` bits, and a stamp has the
//!   same size in every execution but for the digits of its time.
//! * **Nothing else is in the stamp.** The entry that an event is counted in
//!   is the one that is not behind, and the id is left out: it could only tell
//!   apart concurrent events of the very same vector, which are rare.
//!
//! An event's time is larger than that of any event in its past, so *a* may
//! have happened before *b* where its time is smaller, and each of its entries
//! at most that of *b*. Otherwise concurrency is proven.
//!
//! A newborn takes one of the entries longest not heard of. A site that finds
//! that another has counted in its entry moves to such a one, if it lies
//! behind by more than 16, or a quarter of the window where that is less.
//!
//! # Bytes
//!
//! | field | size |
//! |---|---|
//! | bits − 1, plus 16 times the number of unused bits at the end | byte |
//! | the time: the largest entry | varint |
//! | for each entry, how far it is behind the time; least significant bit first | `bits` each |
//! | zero bits up to a whole byte | bits |
//!
//! The number of entries follows from the length. A clock is written as the id
//! of its site (8 bytes), its entry (varint), its own latest time (varint) and
//! its latest stamp.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalOrder, DecodeError, Environment, Guarantee, Guarantees, NodeId, Scheme, Verdict, Wire,
};

use crate::bits::{BitReader, BitWriter};
use crate::counters::{check_size, leq_both, merge_max_from, next, raise};
use crate::layer::causal_clock;
use crate::nurev::least_used;
use crate::parameters::checked_parameters;
use crate::part::{CombPart, compare_by_try_compare};
use crate::{Error, ParameterError};

/// An entry has at most so many bits.
const MAX_BITS: u8 = 16;
/// An entry further behind than this counts as free, in a window that is large
/// enough. Measured, not critical: 8 and 32 do as well.
const FREE: u64 = 16;

/// Recency clocks of R entries of a few bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recency {
    r: u16,
    bits: u8,
}

checked_parameters!(Recency { r: u16, bits: u8 });

impl Recency {
    /// Clocks of `r` entries of `bits` bits.
    ///
    /// # Errors
    /// Unless `r` is at least 1 and `bits` from 1 to 16.
    pub const fn new(r: u16, bits: u8) -> Result<Self, ParameterError> {
        if r == 0 {
            return Err(ParameterError::Zero { name: "r" });
        }
        if bits == 0 || bits > MAX_BITS {
            let value = bits as u16;
            return Err(ParameterError::OutOfRange { name: "bits", value, max: MAX_BITS as u16 });
        }
        Ok(Self { r, bits })
    }

    /// How many entries a stamp has.
    #[must_use]
    pub const fn r(&self) -> u16 {
        self.r
    }

    /// How many bits an entry takes.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.bits
    }
}

impl Default for Recency {
    /// 16 entries of 6 bits: 15 bytes.
    fn default() -> Self {
        Self { r: 16, bits: 6 }
    }
}

impl Scheme for Recency {
    type Clock = RecencyClock;

    fn name(&self) -> String {
        alloc::format!("recency:r={},bits={}", self.r, self.bits)
    }

    /// Complete and consistent.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent])
    }

    fn seed(&self, env: &mut impl Environment) -> RecencyClock {
        RecencyClock::new(env.fresh_id(), *self)
    }
}

/// The stamp of an event: R Lamport times in a window below its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecencyStamp {
    /// From 1 to 16.
    bits: u8,
    /// The largest entry.
    time: u64,
    /// At least one. None is behind the time by 2^bits or more.
    entries: Box<[u64]>,
}

impl RecencyStamp {
    /// The event's Lamport time.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// For each entry, the time of the latest event known of its sites, or the
    /// end of the window where that is later.
    #[must_use]
    pub fn entries(&self) -> &[u64] {
        &self.entries
    }

    /// How two events stand to each other.
    ///
    /// # Errors
    /// [`Error::DifferentSize`] or [`Error::DifferentParameter`] where the
    /// stamps are of different schemes.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        self.check(other)?;
        let (leq, geq) = leq_both(&self.entries, &other.entries);
        Ok(if leq && geq {
            Verdict::guessed(CausalOrder::Equal)
        } else if leq && self.time < other.time {
            Verdict::guessed(CausalOrder::Before)
        } else if geq && other.time < self.time {
            Verdict::guessed(CausalOrder::After)
        } else {
            Verdict::proven(CausalOrder::Concurrent)
        })
    }

    fn check(&self, other: &Self) -> Result<(), Error> {
        check_size(&self.entries, &other.entries)?;
        let (ours, theirs) = (self.bits.into(), other.bits.into());
        if ours != theirs {
            return Err(Error::DifferentParameter { name: "bits", ours, theirs });
        }
        Ok(())
    }

    /// The furthest that an entry can be behind.
    const fn window(&self) -> u64 {
        (1 << self.bits) - 1
    }

    /// The least that an entry can be at a time.
    const fn floor(&self, time: u64) -> u64 {
        time.saturating_sub(self.window())
    }

    fn entry_bits(&self) -> usize {
        self.entries.len() * usize::from(self.bits)
    }

    /// Reads a stamp that takes the rest of the input.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let head = Head::read(reader)?;
        let len = (8 * reader.remaining()).checked_sub(head.unused);
        let bits = usize::from(head.bits);
        match len.map(|len| (len / bits, len % bits)) {
            Some((count, 0)) => head.entries(at, count, reader),
            _ => Err(DecodeError::Invalid { at, expected: UNUSED }),
        }
    }
}

/// What a number of unused bits has to do.
const UNUSED: &str = "a number of unused bits that leaves whole entries";

/// What stands before the entries.
struct Head {
    bits: u8,
    unused: usize,
    time: u64,
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let head = reader.byte()?;
        let (bits, unused) = (head % MAX_BITS + 1, usize::from(head / MAX_BITS));
        Ok(Self { bits, unused, time: reader.varint()? })
    }

    /// Reads `count` entries, for which the input has room; the head was read
    /// at byte `at`.
    fn entries(
        self,
        at: usize,
        count: usize,
        reader: &mut Reader<'_>,
    ) -> Result<RecencyStamp, DecodeError> {
        let Self { bits, unused, time } = self;
        let len = count * usize::from(bits);
        if count == 0 || len.next_multiple_of(8) - len != unused {
            return Err(DecodeError::Invalid { at, expected: UNUSED });
        }
        if count > usize::from(u16::MAX) {
            return Err(DecodeError::Invalid { at, expected: "at most 65,535 entries" });
        }
        let entries_at = reader.position();
        let mut entries = Vec::with_capacity(count);
        let mut reader = BitReader::new(reader);
        for _ in 0..count {
            let at = reader.position();
            let behind = reader.bits(bits.into())?;
            entries.push(time.checked_sub(behind).ok_or(DecodeError::NumberTooLarge { at })?);
        }
        reader.finish()?;
        if !entries.contains(&time) {
            let rule = "an entry has the time of the stamp";
            return Err(DecodeError::NotCanonical { at: entries_at, rule });
        }
        Ok(RecencyStamp { bits, time, entries: entries.into_boxed_slice() })
    }
}

compare_by_try_compare!(RecencyStamp);

impl CombPart for RecencyStamp {
    const HAS_SITE: bool = false;

    fn site(&self) -> Option<NodeId> {
        None
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Self::try_compare(self, other)
    }

    /// The number of entries, which a stamp alone tells by its length, and the
    /// stamp.
    fn put_body(&self, out: &mut Vec<u8>) {
        put_varint(out, self.entries.len() as u64);
        self.encode(out);
    }

    fn body_len(&self) -> usize {
        varint_len(self.entries.len() as u64) + self.encoded_len()
    }

    fn read_body(_: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count_at = reader.position();
        let count = reader.varint()?;
        let at = reader.position();
        let head = Head::read(reader)?;
        let room = reader.remaining();
        // Every entry takes a bit at least.
        match usize::try_from(count) {
            Ok(count) if count.div_ceil(8) <= room => head.entries(at, count, reader),
            _ => Err(DecodeError::CountTooLarge { at: count_at, count, room }),
        }
    }
}

impl Wire for RecencyStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        let unused = self.entry_bits().next_multiple_of(8) - self.entry_bits();
        out.push(self.bits - 1 + MAX_BITS * unused.to_le_bytes()[0]);
        put_varint(out, self.time);
        let mut writer = BitWriter::new(out);
        for entry in &self.entries {
            writer.bits(self.time - entry, self.bits.into());
        }
        writer.finish();
    }

    fn encoded_len(&self) -> usize {
        1 + varint_len(self.time) + self.entry_bits().div_ceil(8)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::read(&mut Reader::new(bytes))
    }
}

/// The clock of one participant.
///
/// ```
/// use causal_clock::{CausalOrder, CausalStamp, NodeId, Verdict};
/// use plausible::{Recency, RecencyClock};
///
/// let mut a = RecencyClock::new(NodeId::new(1), Recency::default());
/// a.event()?;
/// let mut b = a.fork(NodeId::new(2));
/// a.event()?;
/// b.event()?;
/// b.event()?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::proven(CausalOrder::Concurrent));
/// b.merge(&a.stamp())?;
/// b.event()?;
/// assert_eq!(a.stamp().compare(&b.stamp()), Verdict::guessed(CausalOrder::Before));
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecencyClock {
    site: NodeId,
    /// The entry that this site counts in; below the number of entries.
    entry: usize,
    /// What the entry was after this site's latest event, or when it was
    /// taken. What it has beyond that, and beyond the end of the window, comes
    /// from others.
    own: u64,
    latest: RecencyStamp,
}

impl RecencyClock {
    /// The clock of a participant that knows of no event.
    #[must_use]
    pub fn new(site: NodeId, Recency { r, bits }: Recency) -> Self {
        let entries = vec![0; r.into()].into_boxed_slice();
        Self::newborn(site, RecencyStamp { bits, time: 0, entries })
    }

    /// The clock of a newborn participant, which knows what this one knows.
    #[must_use]
    pub fn fork(&self, site: NodeId) -> Self {
        Self::newborn(site, self.latest.clone())
    }

    fn newborn(site: NodeId, latest: RecencyStamp) -> Self {
        let entry = least_used(&latest.entries, site, 0);
        Self { site, entry, own: latest.entries[entry], latest }
    }

    /// Records an event, in another entry than before where others have
    /// counted in this one and one is free.
    ///
    /// # Errors
    /// Where the time is full; the clock is then unchanged.
    pub fn event(&mut self) -> Result<(), Error> {
        let time = next(self.latest.time)?;
        let entries = &self.latest.entries;
        let window = self.latest.window();
        // An entry at the end of the window may only have been raised to it.
        let floor = self.latest.floor(self.latest.time);
        if entries[self.entry] > self.own.max(floor) {
            let oldest = least_used(entries, self.site, time);
            if time - entries[oldest] > (window / 4).min(FREE) {
                self.entry = oldest;
            }
        }
        let floor = self.latest.floor(time);
        raise(&mut self.latest.entries, floor);
        self.latest.time = time;
        self.latest.entries[self.entry] = time;
        self.own = time;
        Ok(())
    }

    /// The stamp of the latest event.
    #[must_use]
    pub fn stamp(&self) -> RecencyStamp {
        self.latest.clone()
    }

    /// Takes over the past that a stamp carries.
    ///
    /// # Errors
    /// As [`RecencyStamp::try_compare`]; the clock is then unchanged.
    pub fn merge(&mut self, stamp: &RecencyStamp) -> Result<(), Error> {
        self.latest.check(stamp)?;
        let time = self.latest.time.max(stamp.time);
        let floor = self.latest.floor(time);
        merge_max_from(floor, &mut self.latest.entries, &stamp.entries);
        self.latest.time = time;
        Ok(())
    }

    /// Takes over the past of a participant that retires.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn join(&mut self, retired: &Self) -> Result<(), Error> {
        self.merge(&retired.latest)
    }
}

causal_clock!(RecencyClock, RecencyStamp, Error);

impl Wire for RecencyClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_node_id(out, self.site);
        put_varint(out, self.entry as u64);
        put_varint(out, self.own);
        self.latest.encode(out);
    }

    fn encoded_len(&self) -> usize {
        let own = varint_len(self.entry as u64) + varint_len(self.own);
        NODE_ID_LEN + own + self.latest.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let site = reader.node_id()?;
        let at = reader.position();
        let (entry, own) = (reader.varint()?, reader.varint()?);
        let latest = RecencyStamp::read(&mut reader)?;
        match usize::try_from(entry) {
            Ok(entry) if entry < latest.entries.len() => Ok(Self { site, entry, own, latest }),
            _ => Err(DecodeError::Invalid { at, expected: "an entry that there is" }),
        }
    }
}
