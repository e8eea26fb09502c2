//! How horizon stamps and clocks become bytes. Times are in ticks, and
//! *behind* says by how much one is less than the largest, all in LEB128.
//!
//! | part | written as |
//! |---|---|
//! | the flags below, and 64`n` for `n` others | LEB128 |
//! | of several horizons: 16(`r` − 2) + `b` − 1 for `r` of `b` bits | LEB128 |
//! | the largest time of all | LEB128 |
//! | the own id | `w` bytes, most significant first |
//! | where it is: how far the own time is behind | LEB128 |
//! | where events are counted: how many times sixteen own ones | LEB128 |
//! | of one horizon, where anything was dropped: how far it is behind | LEB128 |
//! | of several: how far each is behind, least significant bit first | `b` bits |
//! | of several: zero bits up to a whole byte | bits |
//! | for each other, ids ascending: its id | `w` bytes |
//! | how far its time is behind | LEB128 |
//!
//! The flags are 1 where there is one horizon and anything was dropped,
//! 2(`w` − 1) for ids of `w` bytes, and 32 where the own time is behind the
//! largest: in the stamp of an event it is the largest.
//!
//! Where events are counted or there are several horizons, the flag 16 is set,
//! and the number of others is not written: they go on to the end. The flag 64
//! then says that there are several horizons, and among these the flag 1 that
//! events are counted.
//!
//! A clock is `k`, the tick in nanoseconds, both in LEB128, and a byte for the
//! order of dropping; where events are counted, the number of own ones past the
//! last sixteen in a byte, then how many others there are and the count of each
//! in LEB128; and then what its stamp would be.

use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};
use smallvec::smallvec;

use super::clock::COUNTED_BY;
use super::horizons::Horizons;
use super::knowledge::{Knowledge, Known};
use super::packed::{Shape, packed_len, put_packed};
use super::{HorizonClock, HorizonDrop, HorizonStamp, IdWidth};
use crate::pruned::read_k;

/// Of one horizon that something was dropped, of several that events are
/// counted.
const DROPPED_OR_COUNTED: u64 = 1;
/// Several horizons, or events are counted.
const EXTENDED: u64 = 16;
const BEHIND: u64 = 32;
/// Where it is extended.
const SEVERAL: u64 = 64;
/// Where it is not.
const ONE_OTHER: u64 = 64;

impl Knowledge {
    fn header(&self, latest: u64) -> u64 {
        let width = 2 * (u64::from(u8::from(self.width)) - 1);
        let behind = if self.time < latest { BEHIND } else { 0 };
        let dropped = u64::from(self.horizons.largest() > 0);
        let form = match (self.horizons.bits, self.counted) {
            (Some(_), counted) => EXTENDED + SEVERAL + u64::from(counted),
            (None, true) => EXTENDED + dropped,
            (None, false) => self.others.len() as u64 * ONE_OTHER + dropped,
        };
        width + behind + form
    }

    /// What stands between the header and the largest time.
    fn shape(&self) -> Option<u64> {
        let bits = u64::from(self.horizons.bits?.get());
        Some((self.horizons.times.len() as u64 - 2) * 16 + bits - 1)
    }

    /// The numbers behind the own id.
    fn own(&self, latest: u64) -> impl Iterator<Item = u64> {
        let behind = (self.time < latest).then(|| latest - self.time);
        let count = self.counted.then_some(self.count);
        let horizon = self.horizons.largest();
        let plain = self.horizons.bits.is_none() && horizon > 0;
        [behind, count, plain.then(|| latest - horizon)].into_iter().flatten()
    }

    fn put(&self, out: &mut Vec<u8>) {
        let latest = self.latest();
        put_varint(out, self.header(latest));
        self.shape().into_iter().chain([latest]).for_each(|number| put_varint(out, number));
        put_id(out, self.width, self.id);
        self.own(latest).for_each(|number| put_varint(out, number));
        if let Some(bits) = self.horizons.bits {
            put_packed(out, bits, self.horizons.times.iter().map(|time| latest - time));
        }
        for known in &self.others {
            put_id(out, self.width, known.id);
            put_varint(out, latest - known.time);
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let id_len = self.width.bytes();
        let times = self.horizons.times.len();
        varint_len(self.header(latest))
            + self.shape().into_iter().chain([latest]).map(varint_len).sum::<usize>()
            + id_len
            + self.own(latest).map(varint_len).sum::<usize>()
            + self.horizons.bits.map_or(0, |bits| packed_len(bits, times))
            + self
                .others
                .iter()
                .map(|known| id_len + varint_len(latest - known.time))
                .sum::<usize>()
    }

    /// Reads what takes up the rest of the input.
    fn read(mut reader: Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let header = reader.varint()?;
        let flag = |flag: u64| header & flag != 0;
        let extended = flag(EXTENDED);
        if extended && header > 2 * SEVERAL - 1 {
            let rule = "how many others there are follows from the length";
            return Err(DecodeError::NotCanonical { at, rule });
        }
        let shape = if extended && flag(SEVERAL) { Some(Shape::read(&mut reader)?) } else { None };
        let counted = extended && (shape.is_none() || flag(DROPPED_OR_COUNTED));
        let width = IdWidth::from_header((header / 2 % 8) as u8);
        let at_latest = reader.position();
        let latest = reader.varint()?;
        let id = read_id(&mut reader, width)?;
        let at_time = reader.position();
        let time = if flag(BEHIND) { read_behind(&mut reader, latest)? } else { latest };
        if flag(BEHIND) && time == latest {
            let rule = "an own time that is the largest is left out";
            return Err(DecodeError::NotCanonical { at: at_time, rule });
        }
        let count = if counted { reader.varint()? } else { 0 };
        let horizons = match shape {
            Some(shape) => shape.read_horizons(&mut reader, latest)?,
            None if flag(DROPPED_OR_COUNTED) => {
                Horizons { bits: None, times: smallvec![read_positive(&mut reader, latest)?] }
            }
            None => Horizons::none(1, None),
        };
        let mut others = Others { width, latest, own: id, known: Vec::new() };
        if extended {
            while reader.remaining() > 0 {
                others.read(&mut reader)?;
            }
        } else {
            let (count, room) = (header / ONE_OTHER, reader.remaining());
            let fits = usize::try_from(count).ok().filter(|n| *n <= room / (width.bytes() + 1));
            let number = fits.ok_or(DecodeError::CountTooLarge { at, count, room })?;
            others.known.reserve_exact(number);
            for _ in 0..number {
                others.read(&mut reader)?;
            }
        }
        reader.finish()?;
        let others = others.known;
        let knowledge = Self { width, id, time, counted, count, others, horizons };
        if knowledge.latest() != latest {
            let rule = "the largest time is one of the times";
            return Err(DecodeError::NotCanonical { at: at_latest, rule });
        }
        Ok(knowledge)
    }
}

/// The others, as far as they are read.
struct Others {
    width: IdWidth,
    latest: u64,
    own: NodeId,
    known: Vec<Known>,
}

impl Others {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let at = reader.position();
        let id = read_id(reader, self.width)?;
        if id == self.own || self.known.last().is_some_and(|before| before.id >= id) {
            let rule = "ids ascend, and the own is not among those of others";
            return Err(DecodeError::NotCanonical { at, rule });
        }
        let time = read_positive(reader, self.latest)?;
        self.known.push(Known { id, time, count: 0 });
        Ok(())
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
        Ok(Self { known: Knowledge::read(Reader::new(bytes))? })
    }
}

impl HorizonClock {
    /// The numbers between the order of dropping and the stamp.
    fn counts(&self) -> impl Iterator<Item = u64> {
        let others = &self.known.others;
        let numbers = [self.uncounted.into(), others.len() as u64].into_iter();
        let counts = numbers.chain(others.iter().map(|known| known.count));
        self.known.counted.then_some(counts).into_iter().flatten()
    }
}

impl Wire for HorizonClock {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.k.get().into());
        put_varint(out, self.tick);
        out.push(self.drop as u8);
        self.counts().for_each(|number| put_varint(out, number));
        self.known.put(out);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.k.get().into())
            + varint_len(self.tick)
            + 1
            + self.counts().map(varint_len).sum::<usize>()
            + self.known.len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let k = read_k(&mut reader)?;
        let at = reader.position();
        let tick = reader.varint()?;
        if tick == 0 {
            return Err(DecodeError::Invalid { at, expected: "a tick of a nanosecond or more" });
        }
        let at = reader.position();
        let drop = match reader.byte()? {
            0 => HorizonDrop::Oldest,
            1 => HorizonDrop::Smallest,
            2 => HorizonDrop::Random,
            _ => return Err(DecodeError::Invalid { at, expected: "one of three drop orders" }),
        };
        let counted = drop == HorizonDrop::Smallest;
        let (mut uncounted, mut counts) = (0, Vec::new());
        if counted {
            let at = reader.position();
            uncounted = reader.byte()?;
            if uncounted >= COUNTED_BY {
                return Err(DecodeError::Invalid { at, expected: "fewer than sixteen events" });
            }
            let number = reader.count(1)?;
            counts.reserve_exact(number);
            for _ in 0..number {
                counts.push(reader.varint()?);
            }
        }
        let at = reader.position();
        let mut known = Knowledge::read(reader)?;
        if known.counted != counted || counted && known.others.len() != counts.len() {
            let expected = "events that are counted where the fewest go first, and only there";
            return Err(DecodeError::Invalid { at, expected });
        }
        if known.others.len() >= k.get() as usize {
            let expected = "fewer entries of others than k";
            return Err(DecodeError::Invalid { at, expected });
        }
        for (other, count) in known.others.iter_mut().zip(counts) {
            other.count = count;
        }
        Ok(Self { k, tick, drop, uncounted, known })
    }
}
