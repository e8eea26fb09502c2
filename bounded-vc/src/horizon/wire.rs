//! How horizon stamps and clocks become bytes. Times are in ticks, and
//! *behind* says by how much one is less than the largest, all in LEB128.
//!
//! | part | written as |
//! |---|---|
//! | 16`n` + 2(`w` − 1) + 1 if anything was dropped, for `n` others and ids of `w` bytes | LEB128 |
//! | the largest time of all | LEB128 |
//! | the own id | `w` bytes, most significant first |
//! | how far the own time is behind | LEB128 |
//! | where anything was dropped: how far the horizon is behind | LEB128 |
//! | for each other, ids ascending: its id | `w` bytes |
//! | how far its time is behind | LEB128 |
//!
//! In the stamp of an event the own time is the largest, so that it takes one
//! byte more than that. A clock is `k` and the tick in nanoseconds, both in
//! LEB128, and then what its stamp would be.

use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};

use super::clock::{Knowledge, Known};
use super::{HorizonClock, HorizonClocks, HorizonStamp, IdWidth};
use crate::pruned::read_k;

impl Knowledge {
    fn header(&self) -> u64 {
        let width = u64::from(u8::from(self.width)) - 1;
        self.others.len() as u64 * 16 + width * 2 + u64::from(self.horizon > 0)
    }

    fn put(&self, out: &mut Vec<u8>) {
        let latest = self.latest();
        put_varint(out, self.header());
        put_varint(out, latest);
        put_id(out, self.width, self.id);
        put_varint(out, latest - self.time);
        if self.horizon > 0 {
            put_varint(out, latest - self.horizon);
        }
        for known in &self.others {
            put_id(out, self.width, known.id);
            put_varint(out, latest - known.time);
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let id_len = self.width.bytes();
        let behind_len = |time: u64| varint_len(latest - time);
        let horizon = if self.horizon > 0 { behind_len(self.horizon) } else { 0 };
        let others: usize = self.others.iter().map(|known| id_len + behind_len(known.time)).sum();
        let own = id_len + behind_len(self.time);
        varint_len(self.header()) + varint_len(latest) + own + horizon + others
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let header = reader.varint()?;
        let (count, dropped) = (header / 16, header % 2 == 1);
        let width = IdWidth::from_header((header / 2 % 8) as u8);
        let at_latest = reader.position();
        let latest = reader.varint()?;
        let id = read_id(reader, width)?;
        let time = read_behind(reader, latest)?;
        let horizon = if dropped { read_positive(reader, latest)? } else { 0 };
        let room = reader.remaining();
        let fits = usize::try_from(count).ok().filter(|n| *n <= room / (width.bytes() + 1));
        let count = fits.ok_or(DecodeError::CountTooLarge { at, count, room })?;
        let mut others: Vec<Known> = Vec::with_capacity(count);
        for _ in 0..count {
            let at = reader.position();
            let other = read_id(reader, width)?;
            if other == id || others.last().is_some_and(|before| before.id >= other) {
                let rule = "ids ascend, and the own is not among those of others";
                return Err(DecodeError::NotCanonical { at, rule });
            }
            others.push(Known { id: other, time: read_positive(reader, latest)? });
        }
        let knowledge = Self { width, id, time, others, horizon };
        if knowledge.latest() != latest {
            let rule = "the largest time is one of the times";
            return Err(DecodeError::NotCanonical { at: at_latest, rule });
        }
        Ok(knowledge)
    }
}

/// The last bytes of an id that has no others.
fn put_id(out: &mut Vec<u8>, width: IdWidth, id: NodeId) {
    out.extend_from_slice(&id.get().to_be_bytes()[8 - width.bytes()..]);
}

fn read_id(reader: &mut Reader<'_>, width: IdWidth) -> Result<NodeId, DecodeError> {
    let mut id = 0;
    for _ in 0..width.bytes() {
        id = id << 8 | u64::from(reader.byte()?);
    }
    Ok(NodeId::new(id))
}

fn read_behind(reader: &mut Reader<'_>, latest: u64) -> Result<u64, DecodeError> {
    let at = reader.position();
    latest.checked_sub(reader.varint()?).ok_or(DecodeError::NumberTooLarge { at })
}

/// A time that is left out where it is zero.
fn read_positive(reader: &mut Reader<'_>, latest: u64) -> Result<u64, DecodeError> {
    let at = reader.position();
    match read_behind(reader, latest)? {
        0 => Err(DecodeError::NotCanonical { at, rule: "a time of zero is left out" }),
        time => Ok(time),
    }
}

impl Wire for HorizonStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        self.known.len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let known = Knowledge::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { known })
    }
}

impl Wire for HorizonClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.scheme.k.get().into());
        put_varint(out, self.scheme.tick_nanos());
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.scheme.k.get().into())
            + varint_len(self.scheme.tick_nanos())
            + self.known.len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let k: NonZeroU32 = read_k(&mut reader)?;
        let at = reader.position();
        let tick = Duration::from_nanos(reader.varint()?);
        if tick.is_zero() {
            return Err(DecodeError::Invalid { at, expected: "a tick of a nanosecond or more" });
        }
        let known = Knowledge::read(&mut reader)?;
        reader.finish()?;
        Ok(Self { scheme: HorizonClocks { k, tick, ids: known.width }, known })
    }
}
