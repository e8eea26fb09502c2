//! Dots: the names of single events, after "Dotted Version Vectors"
//! (Preguiça, Baquero, Almeida, Fonte, Gonçalves 2010).

use causal_clock::wire::{Reader, put_node_id, put_varint, varint_len};
use causal_clock::{CounterOverflow, DecodeError, NodeId};

use alloc::vec::Vec;

use crate::VersionVectorError;

/// The largest counter there is: 2⁶³ − 1.
///
/// With the top bit free, no difference of two counters overflows, and its
/// sign tells which of them is larger: that is how a plain x86-64 build
/// compares several counters at a time. At a thousand million events a second
/// it lasts 292 years.
pub const MAX_COUNTER: u64 = i64::MAX as u64;

/// The counter after this one.
pub(crate) const fn successor(counter: u64) -> Result<u64, CounterOverflow> {
    if counter >= MAX_COUNTER {
        return Err(CounterOverflow { counter });
    }
    Ok(counter + 1)
}

/// The name of an event: the `counter`th of `origin`. Counters start at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// Whose event it is.
    pub origin: NodeId,
    /// Which of its events, from one on; zero for none yet.
    pub counter: u64,
}

/// Whether entries in the order of their ids make a vector.
pub(crate) fn check_entries(
    entries: impl IntoIterator<Item = (NodeId, u64)>,
) -> Result<(), VersionVectorError> {
    let mut before = None;
    for (id, counter) in entries {
        if before == Some(id) {
            return Err(VersionVectorError::RepeatedId(id));
        }
        match counter {
            0 => return Err(VersionVectorError::ZeroCounter(id)),
            1..=MAX_COUNTER => before = Some(id),
            _ => return Err(VersionVectorError::CounterTooLarge { id, counter }),
        }
    }
    Ok(())
}

/// A participant's id written beside a vector: as its rank among the vector's
/// ids, counted from one, where it is among them; else zero and the id.
pub(crate) fn put_owner(out: &mut Vec<u8>, owner: NodeId, rank: Option<usize>) {
    match rank {
        Some(rank) => put_varint(out, rank as u64 + 1),
        None => {
            put_varint(out, 0);
            put_node_id(out, owner);
        }
    }
}

/// How many bytes [`put_owner`] appends.
pub(crate) const fn owner_len(rank: Option<usize>) -> usize {
    match rank {
        Some(rank) => varint_len(rank as u64 + 1),
        None => 1 + causal_clock::wire::NODE_ID_LEN,
    }
}

/// Reads what [`put_owner`] wrote beside a vector with these ids.
pub(crate) fn read_owner(
    reader: &mut Reader<'_>,
    len: usize,
    id_at: impl Fn(usize) -> NodeId,
    rank_of: impl Fn(NodeId) -> Option<usize>,
) -> Result<(NodeId, Option<usize>), DecodeError> {
    let at = reader.position();
    let Some(rank) = reader.varint()?.checked_sub(1) else {
        let owner = reader.node_id()?;
        if rank_of(owner).is_some() {
            let rule = "an owner that has an entry is written as its rank";
            return Err(DecodeError::NotCanonical { at, rule });
        }
        return Ok((owner, None));
    };
    match usize::try_from(rank) {
        Ok(rank) if rank < len => Ok((id_at(rank), Some(rank))),
        _ => Err(DecodeError::Invalid { at, expected: "the rank of one of the vector's ids" }),
    }
}
