//! How horizon stamps and clocks become bytes. Times are in ticks, and
//! *behind* says by how much one is less than the largest, all in LEB128.
//!
//! | part | written as |
//! |---|---|
//! | 64`n` + the flags below, for `n` others | LEB128 |
//! | the largest time of all | LEB128 |
//! | the own id | `w` bytes, most significant first |
//! | where it is: how far the own time is behind | LEB128 |
//! | where events are counted: how many own ones | LEB128 |
//! | where anything was dropped: how far the horizon is behind | LEB128 |
//! | for each other, ids ascending: its id | `w` bytes |
//! | how far its time is behind | LEB128 |
//! | where events are counted: how many of its | LEB128 |
//!
//! The flags are 1 where anything was dropped, 2(`w` − 1) for ids of `w` bytes,
//! 16 where events are counted, and 32 where the own time is behind the
//! largest: in the stamp of an event it is the largest. A clock is `k`, the
//! tick in nanoseconds, both in LEB128, a byte for the order of dropping, and
//! then what its stamp would be.

use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::time::Duration;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};

use super::clock::{Knowledge, Known};
use super::{HorizonClock, HorizonClocks, HorizonDrop, HorizonStamp, IdWidth};
use crate::pruned::read_k;

impl Knowledge {
    fn header(&self, latest: u64) -> u64 {
        let width = u64::from(u8::from(self.width)) - 1;
        let behind = u64::from(self.time < latest);
        self.others.len() as u64 * 64
            + behind * 32
            + u64::from(self.counted) * 16
            + width * 2
            + u64::from(self.horizon > 0)
    }

    /// The numbers between the own id and the others.
    fn own(&self, latest: u64) -> impl Iterator<Item = u64> {
        let behind = (self.time < latest).then(|| latest - self.time);
        let count = self.counted.then_some(self.count);
        let horizon = (self.horizon > 0).then(|| latest - self.horizon);
        [behind, count, horizon].into_iter().flatten()
    }

    fn put(&self, out: &mut Vec<u8>) {
        let latest = self.latest();
        put_varint(out, self.header(latest));
        put_varint(out, latest);
        put_id(out, self.width, self.id);
        self.own(latest).for_each(|number| put_varint(out, number));
        for known in &self.others {
            put_id(out, self.width, known.id);
            put_varint(out, latest - known.time);
            if self.counted {
                put_varint(out, known.count);
            }
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let id_len = self.width.bytes();
        let count_len = |count| if self.counted { varint_len(count) } else { 0 };
        let other_len =
            |known: &Known| id_len + varint_len(latest - known.time) + count_len(known.count);
        varint_len(self.header(latest))
            + varint_len(latest)
            + id_len
            + self.own(latest).map(varint_len).sum::<usize>()
            + self.others.iter().map(other_len).sum::<usize>()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let header = reader.varint()?;
        let (count, flag) = (header / 64, |bit: u64| header & bit != 0);
        let (behind, counted, dropped) = (flag(32), flag(16), flag(1));
        let width = IdWidth::from_header((header / 2 % 8) as u8);
        let at_latest = reader.position();
        let latest = reader.varint()?;
        let id = read_id(reader, width)?;
        let at_time = reader.position();
        let time = if behind { read_behind(reader, latest)? } else { latest };
        if behind && time == latest {
            let rule = "an own time that is the largest is left out";
            return Err(DecodeError::NotCanonical { at: at_time, rule });
        }
        let own_count = if counted { reader.varint()? } else { 0 };
        let horizon = if dropped { read_positive(reader, latest)? } else { 0 };
        let room = reader.remaining();
        let least = width.bytes() + 1 + usize::from(counted);
        let fits = usize::try_from(count).ok().filter(|n| *n <= room / least);
        let number = fits.ok_or(DecodeError::CountTooLarge { at, count, room })?;
        let mut others: Vec<Known> = Vec::with_capacity(number);
        for _ in 0..number {
            let at = reader.position();
            let other = read_id(reader, width)?;
            if other == id || others.last().is_some_and(|before| before.id >= other) {
                let rule = "ids ascend, and the own is not among those of others";
                return Err(DecodeError::NotCanonical { at, rule });
            }
            let time = read_positive(reader, latest)?;
            let count = if counted { reader.varint()? } else { 0 };
            others.push(Known { id: other, time, count });
        }
        let knowledge = Self { width, id, time, counted, count: own_count, others, horizon };
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
        out.push(self.scheme.drop as u8);
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.scheme.k.get().into())
            + varint_len(self.scheme.tick_nanos())
            + 1
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
        let at = reader.position();
        let drop = match reader.byte()? {
            0 => HorizonDrop::Oldest,
            1 => HorizonDrop::Smallest,
            2 => HorizonDrop::Random,
            _ => return Err(DecodeError::Invalid { at, expected: "one of three drop orders" }),
        };
        let known = Knowledge::read(&mut reader)?;
        reader.finish()?;
        if known.counted != (drop == HorizonDrop::Smallest) {
            let expected = "events that are counted where the fewest go first, and only there";
            return Err(DecodeError::Invalid { at, expected });
        }
        Ok(Self { scheme: HorizonClocks { k, tick, ids: known.width, drop }, known })
    }
}
