//! How path clocks become bytes.
//!
//! What is known is written as:
//!
//! | part | written as |
//! |---|---|
//! | how many entries | LEB128; where it is zero, nothing follows |
//! | `c`, the bits of the largest number of events | a byte, 1 to 63 |
//! | for each entry, in preorder: how many levels it is above a child of the one before | Elias gamma, plus one |
//! | how many children of the same parent are passed over: those between it and the one before, or all before it | Elias gamma, plus one |
//! | its events | `c` bits |
//!
//! Elias gamma (P. Elias, IEEE Transactions on Information Theory 21(2), 1975)
//! writes 1 in one bit: a first child and the next sibling take two or four bits.
//! Bits are filled from the lowest of each byte up, and those left over are zero.
//! A stamp is what is known. A clock is its path (its length and each number, in
//! LEB128), how many it forked, and what it knows.

use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, Wire};

use super::clock::MOST_FORKS;
use super::known::{Entry, Known};
use super::{PathClock, PathStamp};
use crate::MAX_COUNTER;
use crate::packed::{BitReader, BitWriter, width};

/// How many bits [`put_gamma`] writes for a number, which is not 0.
const fn gamma_len(value: u64) -> u64 {
    2 * width(value) as u64 - 1
}

/// A number that is not 0: as many zeros as it has bits after its first, a one,
/// and those bits.
fn put_gamma(bits: &mut BitWriter<'_>, value: u64) {
    let rest = width(value) - 1;
    bits.put(0, rest);
    bits.put(1, 1);
    bits.put(value & !(1 << rest), rest);
}

fn read_gamma(bits: &mut BitReader<'_, '_>, at: usize) -> Result<u64, DecodeError> {
    let mut rest = 0;
    while bits.take(1)? == 0 {
        rest += 1;
        if rest > 63 {
            return Err(DecodeError::NumberTooLarge { at });
        }
    }
    Ok(1 << rest | bits.take(rest)?)
}

impl Known {
    /// Of each entry, the two numbers that say where it is, both plus one.
    fn places(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        // The children last seen at each level of the way to the last entry.
        let mut way: Vec<u64> = Vec::new();
        self.entries.iter().map(move |entry| {
            let up = (way.len() - entry.depth) as u64;
            let passed = way.get(entry.depth).map_or(entry.child, |last| entry.child - last - 1);
            way.truncate(entry.depth);
            way.push(entry.child);
            (up + 1, passed.saturating_add(1), entry.events)
        })
    }

    fn event_width(&self) -> u32 {
        width(self.entries.iter().fold(0, |all, entry| all | entry.events))
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.len() as u64);
        if self.is_empty() {
            return;
        }
        let events = self.event_width();
        out.push(events.to_le_bytes()[0]);
        let mut bits = BitWriter::new(out);
        for (up, passed, count) in self.places() {
            put_gamma(&mut bits, up);
            put_gamma(&mut bits, passed);
            bits.put(count, events);
        }
        bits.finish();
    }

    pub(super) fn put_len(&self) -> usize {
        let count = varint_len(self.len() as u64);
        if self.is_empty() {
            return count;
        }
        let places: u64 = self.places().map(|(up, by, _)| gamma_len(up) + gamma_len(by)).sum();
        let bits = u128::from(places) + self.len() as u128 * u128::from(self.event_width());
        count + 1 + usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // Each entry takes three bits or more.
        let at = reader.position();
        let count = reader.varint()?;
        if count == 0 {
            return Ok(Self::new());
        }
        let at_width = reader.position();
        let events = u32::from(reader.byte()?);
        let room = reader.remaining();
        if !(1..=63).contains(&events) {
            let expected = "events of 1 to 63 bits";
            return Err(DecodeError::Invalid { at: at_width, expected });
        }
        let bits = u128::from(count) * u128::from(events + 2);
        let n = usize::try_from(count).ok().filter(|_| bits.div_ceil(8) <= room as u128);
        let n = n.ok_or(DecodeError::CountTooLarge { at, count, room })?;
        let known = Self::read_entries(reader, n, events)?;
        if known.event_width() != events {
            let rule = "events take as few bits as they can";
            return Err(DecodeError::NotCanonical { at: at_width, rule });
        }
        Ok(known)
    }

    fn read_entries(reader: &mut Reader<'_>, n: usize, width: u32) -> Result<Self, DecodeError> {
        let at = reader.position();
        let mut bits = BitReader::new(reader, 0);
        let mut way: Vec<u64> = Vec::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(n);
        let no_leaf =
            DecodeError::NotCanonical { at, rule: "a participant without events has descendants" };
        for _ in 0..n {
            let up = read_gamma(&mut bits, at)? - 1;
            let passed = read_gamma(&mut bits, at)? - 1;
            let events = bits.take(width)?;
            let depth = usize::try_from(up).ok().and_then(|up| way.len().checked_sub(up));
            let above = "a level above that there is";
            let depth = depth.ok_or(DecodeError::Invalid { at, expected: above })?;
            let too_large = DecodeError::NumberTooLarge { at };
            let child = match way.get(depth) {
                Some(last) => last.checked_add(1).and_then(|next| next.checked_add(passed)),
                None => Some(passed),
            };
            let child = child.ok_or_else(|| too_large.clone())?;
            if events > MAX_COUNTER {
                return Err(too_large);
            }
            // The one before is a leaf unless this is a child of it.
            if up > 0 && entries.last().is_some_and(|last| last.events == 0) {
                return Err(no_leaf);
            }
            way.truncate(depth);
            way.push(child);
            entries.push(Entry { depth, child, events });
        }
        if entries.last().is_some_and(|last| last.events == 0) {
            return Err(no_leaf);
        }
        bits.finish()?;
        Ok(Self { entries })
    }
}

impl Wire for PathStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        self.known.put_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let known = Known::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { known })
    }
}

impl Wire for PathClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.path.len() as u64);
        self.path.iter().for_each(|number| put_varint(out, *number));
        put_varint(out, self.forks);
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        let path: usize = self.path.iter().map(|number| varint_len(*number)).sum();
        varint_len(self.path.len() as u64) + path + varint_len(self.forks) + self.known.put_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let at = reader.position();
        let len = reader.count(1)?;
        if len == 0 {
            return Err(DecodeError::Invalid { at, expected: "a path of a root at least" });
        }
        let mut path = Vec::with_capacity(len);
        for _ in 0..len {
            path.push(reader.varint()?);
        }
        let at = reader.position();
        let forks = reader.varint()?;
        if forks > MOST_FORKS {
            return Err(DecodeError::NumberTooLarge { at });
        }
        let known = Known::read(&mut reader)?;
        reader.finish()?;
        let at = known.position(&path);
        Ok(Self { path, forks, known, at })
    }
}
