//! How pruned vectors, their stamps and clocks become bytes.
//!
//! A vector of `n` entries, ids ascending:
//!
//! | part | written as |
//! |---|---|
//! | 6`n` + 3 if timed + 1 if others, 2 if own entries may be missing | LEB128 |
//! | where `n` > 0 and timed: the latest time of all, in nanoseconds | LEB128 |
//! | for each entry: its id | eight bytes, most significant first |
//! | its counter | LEB128, at least 1 |
//! | where timed: how far its time is behind the latest | LEB128 |
//!
//! *Timed* is a vector with any time other than zero. A stamp is its vector
//! and then its origin: the rank of the origin's entry among the entries,
//! counted from one, in LEB128; or a zero and the eight bytes of the id where
//! the origin has no entry. A clock is the parameters of its rule, and then
//! what its stamp would be.

use alloc::vec::Vec;

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, PhysicalTime, Wire};

use super::{Entry, Loss, PrunedClock, PrunedStamp, PrunedVector, PruningRule};
use crate::dot::{owner_len, put_owner, read_owner};

impl PrunedVector {
    fn latest(&self) -> u64 {
        self.entries.iter().map(|entry| entry.time.as_nanos()).max().unwrap_or(0)
    }

    fn header(&self, timed: bool) -> u64 {
        self.entries.len() as u64 * 6 + u64::from(timed) * 3 + self.loss as u64
    }

    fn put(&self, out: &mut Vec<u8>) {
        let latest = self.latest();
        let timed = latest > 0;
        put_varint(out, self.header(timed));
        if timed {
            put_varint(out, latest);
        }
        for entry in &self.entries {
            put_node_id(out, entry.id);
            put_varint(out, entry.counter);
            if timed {
                put_varint(out, latest - entry.time.as_nanos());
            }
        }
    }

    fn len(&self) -> usize {
        let latest = self.latest();
        let timed = latest > 0;
        let time_len = |time| if timed { varint_len(time) } else { 0 };
        let entry_len = |entry: &Entry| {
            NODE_ID_LEN + varint_len(entry.counter) + time_len(latest - entry.time.as_nanos())
        };
        varint_len(self.header(timed))
            + time_len(latest)
            + self.entries.iter().map(entry_len).sum::<usize>()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = reader.position();
        let header = reader.varint()?;
        let (count, timed) = (header / 6, header % 6 >= 3);
        let loss = match header % 3 {
            0 => Loss::Nothing,
            1 => Loss::Others,
            _ => Loss::Own,
        };
        let at_latest = reader.position();
        let latest = if timed { reader.varint()? } else { 0 };
        let room = reader.remaining();
        let entry_len = NODE_ID_LEN + 1 + usize::from(timed);
        let promised = DecodeError::CountTooLarge { at, count, room };
        let count =
            usize::try_from(count).ok().filter(|n| *n <= room / entry_len).ok_or(promised)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(count);
        for _ in 0..count {
            let entry = read_entry(reader, timed.then_some(latest), entries.last())?;
            entries.push(entry);
        }
        let vector = Self { entries, loss };
        if timed && (latest == 0 || vector.latest() != latest) {
            let rule = "the latest time is that of an entry, and not zero";
            return Err(DecodeError::NotCanonical { at: at_latest, rule });
        }
        Ok(vector)
    }

    fn id_at(&self, rank: usize) -> NodeId {
        self.entries[rank].id
    }
}

fn read_entry(
    reader: &mut Reader<'_>,
    latest: Option<u64>,
    before: Option<&Entry>,
) -> Result<Entry, DecodeError> {
    let at = reader.position();
    let id = reader.node_id()?;
    if before.is_some_and(|before| before.id >= id) {
        return Err(DecodeError::NotCanonical { at, rule: "ids ascend" });
    }
    let at = reader.position();
    let counter = reader.varint()?;
    if counter == 0 {
        return Err(DecodeError::NotCanonical { at, rule: "no counter is zero" });
    }
    if counter > crate::MAX_COUNTER {
        return Err(DecodeError::NumberTooLarge { at });
    }
    let mut time = 0;
    if let Some(latest) = latest {
        let at = reader.position();
        let behind = reader.varint()?;
        time = latest.checked_sub(behind).ok_or(DecodeError::NumberTooLarge { at })?;
    }
    Ok(Entry { id, counter, time: PhysicalTime::from_nanos(time) })
}

pub(super) fn read_owned(reader: &mut Reader<'_>) -> Result<(PrunedVector, NodeId), DecodeError> {
    let vector = PrunedVector::read(reader)?;
    let (owner, _) =
        read_owner(reader, vector.entries.len(), |rank| vector.id_at(rank), |id| vector.rank(id))?;
    Ok((vector, owner))
}

impl Wire for PrunedStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.vector.put(out);
        put_owner(out, self.dot.origin, self.vector.rank(self.dot.origin));
    }

    fn encoded_len(&self) -> usize {
        self.vector.len() + owner_len(self.vector.rank(self.dot.origin))
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (vector, origin) = read_owned(&mut reader)?;
        reader.finish()?;
        Ok(Self::new(origin, vector))
    }
}

impl<R: PruningRule> Wire for PrunedClock<R> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.rule.encode(out);
        self.vector.put(out);
        put_owner(out, self.id, self.vector.rank(self.id));
    }

    fn encoded_len(&self) -> usize {
        self.rule.encoded_len() + self.vector.len() + owner_len(self.vector.rank(self.id))
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let rule = R::read(&mut reader)?;
        let (vector, id) = read_owned(&mut reader)?;
        reader.finish()?;
        Ok(Self { rule, id, vector })
    }
}
