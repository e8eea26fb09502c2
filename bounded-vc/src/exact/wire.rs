//! How version vectors, stamps and clocks become bytes.
//!
//! A version vector of `n` entries, ids ascending:
//!
//! | part | written as |
//! |---|---|
//! | `n` | LEB128; where it is zero, nothing follows |
//! | `g`, the bits of the widest gap between ids | a byte, 1 to 64 |
//! | `c`, the bits of the largest counter less one | a byte, 0 to 63 |
//! | the gaps: the first id, then each id less the one before | `n` × `g` bits |
//! | the counters, each less one | `n` × `c` bits |
//!
//! Bits are filled from the lowest of each byte up, and those left over at the
//! end are zero. `g` and `c` are as small as they can be. `n` ids drawn at
//! random from 64 bits take about 66 − log₂ *n* bits each, ids that were
//! counted up two or three.
//!
//! A stamp is its vector and then its origin: the rank of the origin's entry
//! among the entries, counted from one, in LEB128; or a zero and the eight
//! bytes of the id where the origin has no entry, since it has made no event.
//! The dot's counter is the one in that entry. A clock is written as its stamp
//! would be.

use alloc::vec::Vec;
use core::iter;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};

use super::version_vector::VersionVector;
use super::{VectorClock, VectorStamp};
use crate::dot::{owner_len, put_owner, read_owner};
use crate::packed::{BitReader, BitWriter, width};

impl VersionVector {
    /// The first id, then what each is more than the one before.
    fn gaps(&self) -> impl Iterator<Item = u64> {
        let ids = self.id_numbers();
        ids.iter().zip(iter::once(&0).chain(ids)).map(|(id, before)| id - before)
    }

    /// How many bits a gap and a counter take, without those that no entry
    /// needs: a number has as many as all numbers together, or-ed bit by bit.
    fn widths(&self) -> (u32, u32) {
        let gaps = self.gaps().fold(0, |all, gap| all | gap);
        let counters = self.counters().fold(0, |all, counter| all | (counter - 1));
        (width(gaps).max(1), width(counters))
    }

    /// Reads a vector and leaves the reader behind it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let count = reader.varint()?;
        if count == 0 {
            return Ok(Self::new());
        }
        let at_widths = reader.position();
        let (gap_width, counter_width) = (u32::from(reader.byte()?), u32::from(reader.byte()?));
        if !(1..=64).contains(&gap_width) || counter_width > 63 {
            let expected = "gaps of 1 to 64 bits and counters of at most 63";
            return Err(DecodeError::Invalid { at: at_widths, expected });
        }
        let room = reader.remaining();
        let bits = u128::from(count) * u128::from(gap_width + counter_width);
        let promised = DecodeError::CountTooLarge { at, count, room };
        let bytes = usize::try_from(bits.div_ceil(8)).ok().filter(|bytes| *bytes <= room);
        let (Some(bytes), Ok(n)) = (bytes, usize::try_from(count)) else {
            return Err(promised);
        };
        let vector = Self::read_packed(reader, n, bytes, (gap_width, counter_width))?;
        if vector.widths() != (gap_width, counter_width) {
            let rule = "gaps and counters take as few bits as they can";
            return Err(DecodeError::NotCanonical { at: at_widths, rule });
        }
        Ok(vector)
    }

    fn read_packed(
        reader: &mut Reader<'_>,
        n: usize,
        bytes: usize,
        (gap_width, counter_width): (u32, u32),
    ) -> Result<Self, DecodeError> {
        let at = reader.position();
        let mut bits = BitReader::new(reader, bytes);
        let mut ids = Vec::with_capacity(n);
        let mut id = 0_u64;
        for i in 0..n {
            let gap = bits.take(gap_width)?;
            if gap == 0 && i > 0 {
                return Err(DecodeError::NotCanonical { at, rule: "no two ids are the same" });
            }
            id = id.checked_add(gap).ok_or(DecodeError::NumberTooLarge { at })?;
            ids.push(id);
        }
        let mut counters = Vec::with_capacity(n);
        for _ in 0..n {
            let counter = bits.take(counter_width)? + 1;
            if counter > crate::MAX_COUNTER {
                return Err(DecodeError::NumberTooLarge { at });
            }
            counters.push(counter);
        }
        bits.finish()?;
        Ok(Self::from_parts(ids, &counters))
    }
}

impl Wire for VersionVector {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.len() as u64);
        if self.is_empty() {
            return;
        }
        let (gap_width, counter_width) = self.widths();
        // At most 64 and 63.
        out.extend([gap_width, counter_width].map(|width| width.to_le_bytes()[0]));
        let mut bits = BitWriter::new(out);
        self.gaps().for_each(|gap| bits.put(gap, gap_width));
        self.counters().for_each(|counter| bits.put(counter - 1, counter_width));
        bits.finish();
    }

    fn encoded_len(&self) -> usize {
        let count = varint_len(self.len() as u64);
        if self.is_empty() {
            return count;
        }
        let (gap_width, counter_width) = self.widths();
        let bits = self.len() as u128 * u128::from(gap_width + counter_width);
        count + 2 + usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let vector = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(vector)
    }
}

/// A vector and the id of whoever it belongs to, with the rank of its entry.
fn read_owned(bytes: &[u8]) -> Result<(VersionVector, NodeId, Option<usize>), DecodeError> {
    let mut reader = Reader::new(bytes);
    let vector = VersionVector::read(&mut reader)?;
    let (owner, rank) = read_owner(
        &mut reader,
        vector.len(),
        |rank| NodeId::new(vector.id_numbers()[rank]),
        |id| vector.rank(id),
    )?;
    reader.finish()?;
    Ok((vector, owner, rank))
}

impl Wire for VectorStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.vector.encode(out);
        put_owner(out, self.dot.origin, self.rank);
    }

    fn encoded_len(&self) -> usize {
        self.vector.encoded_len() + owner_len(self.rank)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (vector, origin, rank) = read_owned(bytes)?;
        Ok(Self::new(origin, rank, vector))
    }
}

impl Wire for VectorClock {
    fn encode(&self, out: &mut Vec<u8>) {
        self.vector.encode(out);
        put_owner(out, self.id, self.vector.rank(self.id));
    }

    fn encoded_len(&self) -> usize {
        self.vector.encoded_len() + owner_len(self.vector.rank(self.id))
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (vector, id, _) = read_owned(bytes)?;
        Ok(Self { id, vector })
    }
}
