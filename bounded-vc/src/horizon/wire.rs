//! How horizon stamps and clocks become bytes. Times are in ticks, and
//! *behind* says by how much one is less than the largest, all in LEB128.
//!
//! | part | written as |
//! |---|---|
//! | 2`n` + 1 if anything was dropped, for `n` others | LEB128 |
//! | the largest time of all | LEB128 |
//! | the own id | eight bytes, most significant first |
//! | how far the own time is behind | LEB128 |
//! | where anything was dropped: how far the horizon is behind | LEB128 |
//! | for each other, ids ascending: its id | eight bytes |
//! | how far its time is behind | LEB128 |
//!
//! In the stamp of an event the own time is the largest, so that it takes one
//! byte more than that. A clock is `k` and the tick in nanoseconds, both in
//! LEB128, and then what its stamp would be.

use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{DecodeError, Wire};

use super::clock::{Knowledge, Known};
use super::{HorizonClock, HorizonClocks, HorizonStamp};
use crate::pruned::read_k;

impl Knowledge {
    fn header(&self) -> u64 {
        self.others.len() as u64 * 2 + u64::from(self.horizon > 0)
    }

    fn put(&self, out: &mut Vec<u8>) {
        let latest = self.latest();
        put_varint(out, self.header());
        put_varint(out, latest);
        put_node_id(out, self.id);
        put_varint(out, latest - self.time);
        if self.horizon > 0 {
            put_varint(out, latest - self.horizon);
        }
        for known in &self.others {
            put_node_id(out, known.id);
            put_varint(out, latest - known.time);
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let behind_len = |time: u64| varint_len(latest - time);
        let horizon = if self.horizon > 0 { behind_len(self.horizon) } else { 0 };
        let others: usize =
            self.others.iter().map(|known| NODE_ID_LEN + behind_len(known.time)).sum();
        let own = NODE_ID_LEN + behind_len(self.time);
        varint_len(self.header()) + varint_len(latest) + own + horizon + others
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let header = reader.varint()?;
        let (count, dropped) = (header / 2, header % 2 == 1);
        let at_latest = reader.position();
        let latest = reader.varint()?;
        let id = reader.node_id()?;
        let time = read_behind(reader, latest)?;
        let horizon = if dropped { read_positive(reader, latest)? } else { 0 };
        let room = reader.remaining();
        let fits = usize::try_from(count).ok().filter(|n| *n <= room / (NODE_ID_LEN + 1));
        let count = fits.ok_or(DecodeError::CountTooLarge { at, count, room })?;
        let mut others: Vec<Known> = Vec::with_capacity(count);
        for _ in 0..count {
            let at = reader.position();
            let other = reader.node_id()?;
            if other == id || others.last().is_some_and(|before| before.id >= other) {
                let rule = "ids ascend, and the own is not among those of others";
                return Err(DecodeError::NotCanonical { at, rule });
            }
            others.push(Known { id: other, time: read_positive(reader, latest)? });
        }
        let knowledge = Self { id, time, others, horizon };
        if knowledge.latest() != latest {
            let rule = "the largest time is one of the times";
            return Err(DecodeError::NotCanonical { at: at_latest, rule });
        }
        Ok(knowledge)
    }
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
        Ok(Self { scheme: HorizonClocks { k, tick }, known })
    }
}
