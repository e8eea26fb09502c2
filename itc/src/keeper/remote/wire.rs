//! The wire forms, as [`remote`](super) has them, and what is stored of a
//! keeper.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, Stored, Wire};

use super::service::Answered;
use super::{Answer, KeeperService, Operation, Refusal, Reply, Request};
use crate::keeper::{Deposit, Keeper, Ticket};
use crate::{EventTree, Id};

fn put_tree(tree: &impl Wire, out: &mut Vec<u8>) {
    put_varint(out, tree.encoded_len() as u64);
    tree.encode(out);
}

fn tree_len(tree: &impl Wire) -> usize {
    let len = tree.encoded_len();
    varint_len(len as u64) + len
}

fn read_tree<T: Wire>(reader: &mut Reader<'_>) -> Result<T, DecodeError> {
    let len = reader.count(1)?;
    let at = reader.position();
    let bytes: Vec<u8> = (0..len).map(|_| reader.byte()).collect::<Result<_, _>>()?;
    let expected = "an id or an event tree in the form of appendix A";
    T::decode(&bytes).map_err(|_| DecodeError::Invalid { at, expected })
}

fn put_ticket(ticket: Ticket, out: &mut Vec<u8>) {
    put_varint(out, ticket.keeper);
    put_varint(out, ticket.number);
}

const fn ticket_len(ticket: Ticket) -> usize {
    varint_len(ticket.keeper) + varint_len(ticket.number)
}

pub(super) fn read_ticket(reader: &mut Reader<'_>) -> Result<Ticket, DecodeError> {
    Ok(Ticket { keeper: reader.varint()?, number: reader.varint()? })
}

/// What takes up all of the bytes.
fn whole<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

impl Wire for Ticket {
    fn encode(&self, out: &mut Vec<u8>) {
        put_ticket(*self, out);
    }

    fn encoded_len(&self) -> usize {
        ticket_len(*self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, read_ticket)
    }
}

impl Wire for Request {
    fn encode(&self, out: &mut Vec<u8>) {
        put_ticket(self.ticket, out);
        put_varint(out, self.number);
        match &self.operation {
            Operation::Seed { nonce } => {
                out.push(0);
                put_varint(out, *nonce);
            }
            Operation::Publish { events } => {
                out.push(1);
                put_tree(events, out);
            }
            Operation::Fork { events } => {
                out.push(2);
                put_tree(events, out);
            }
            Operation::Reclaim { events, dead } => {
                out.push(3);
                put_tree(events, out);
                put_ticket(*dead, out);
            }
        }
    }

    fn encoded_len(&self) -> usize {
        let operation = match &self.operation {
            Operation::Seed { nonce } => varint_len(*nonce),
            Operation::Publish { events } | Operation::Fork { events } => tree_len(events),
            Operation::Reclaim { events, dead } => tree_len(events) + ticket_len(*dead),
        };
        ticket_len(self.ticket) + varint_len(self.number) + 1 + operation
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, |reader| {
            let (ticket, number) = (read_ticket(reader)?, reader.varint()?);
            let at = reader.position();
            let operation = match reader.byte()? {
                0 => Operation::Seed { nonce: reader.varint()? },
                1 => Operation::Publish { events: read_tree(reader)? },
                2 => Operation::Fork { events: read_tree(reader)? },
                3 => Operation::Reclaim { events: read_tree(reader)?, dead: read_ticket(reader)? },
                _ => return Err(DecodeError::Invalid { at, expected: "an operation, 00 to 03" }),
            };
            Ok(Self { ticket, number, operation })
        })
    }
}

impl Wire for Reply {
    fn encode(&self, out: &mut Vec<u8>) {
        put_ticket(self.ticket, out);
        put_varint(out, self.number);
        put_result(&self.result, out);
    }

    fn encoded_len(&self) -> usize {
        ticket_len(self.ticket) + varint_len(self.number) + result_len(&self.result)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, |reader| {
            let (ticket, number) = (read_ticket(reader)?, reader.varint()?);
            Ok(Self { ticket, number, result: read_result(reader)? })
        })
    }
}

fn put_result(result: &Result<Answer, Refusal>, out: &mut Vec<u8>) {
    out.push(match result {
        Ok(Answer::Seeded) => 0,
        Ok(Answer::Published) => 1,
        Ok(Answer::Forked { .. }) => 2,
        Ok(Answer::Reclaimed { .. }) => 3,
        Err(Refusal::Fenced(_)) => 0x80,
        Err(Refusal::Foreign(_)) => 0x81,
        Err(Refusal::Leaked { .. }) => 0x82,
        Err(Refusal::OwnId(_)) => 0x83,
        Err(Refusal::Stale(_)) => 0x84,
        Err(Refusal::Overlap { .. }) => 0x85,
        Err(Refusal::Full) => 0x86,
        Err(Refusal::NothingToSplit) => 0x87,
        Err(Refusal::Seeded) => 0x88,
        Err(Refusal::Old { .. }) => 0x89,
        Err(Refusal::Reused) => 0x8a,
        Err(Refusal::WentBack { .. }) => 0x8b,
    });
    match result {
        Ok(Answer::Forked { id, newborn, part }) => {
            put_tree(id, out);
            put_ticket(*newborn, out);
            put_tree(part, out);
        }
        Ok(Answer::Reclaimed { id, events }) => {
            put_tree(id, out);
            put_tree(events, out);
        }
        Err(
            Refusal::Fenced(ticket)
            | Refusal::Foreign(ticket)
            | Refusal::OwnId(ticket)
            | Refusal::Stale(ticket),
        ) => put_ticket(*ticket, out),
        Err(Refusal::Leaked { part: id } | Refusal::Overlap { common: id }) => put_tree(id, out),
        Err(Refusal::Old { latest } | Refusal::WentBack { latest }) => put_varint(out, *latest),
        Ok(Answer::Seeded | Answer::Published)
        | Err(Refusal::Full | Refusal::NothingToSplit | Refusal::Seeded | Refusal::Reused) => {}
    }
}

fn result_len(result: &Result<Answer, Refusal>) -> usize {
    1 + match result {
        Ok(Answer::Forked { id, newborn, part }) => {
            tree_len(id) + ticket_len(*newborn) + tree_len(part)
        }
        Ok(Answer::Reclaimed { id, events }) => tree_len(id) + tree_len(events),
        Err(
            Refusal::Fenced(ticket)
            | Refusal::Foreign(ticket)
            | Refusal::OwnId(ticket)
            | Refusal::Stale(ticket),
        ) => ticket_len(*ticket),
        Err(Refusal::Leaked { part: id } | Refusal::Overlap { common: id }) => tree_len(id),
        Err(Refusal::Old { latest } | Refusal::WentBack { latest }) => varint_len(*latest),
        Ok(Answer::Seeded | Answer::Published)
        | Err(Refusal::Full | Refusal::NothingToSplit | Refusal::Seeded | Refusal::Reused) => 0,
    }
}

fn read_result(reader: &mut Reader<'_>) -> Result<Result<Answer, Refusal>, DecodeError> {
    let at = reader.position();
    Ok(match reader.byte()? {
        0 => Ok(Answer::Seeded),
        1 => Ok(Answer::Published),
        2 => {
            let (id, newborn) = (read_tree(reader)?, read_ticket(reader)?);
            Ok(Answer::Forked { id, newborn, part: read_tree(reader)? })
        }
        3 => Ok(Answer::Reclaimed { id: read_tree(reader)?, events: read_tree(reader)? }),
        0x80 => Err(Refusal::Fenced(read_ticket(reader)?)),
        0x81 => Err(Refusal::Foreign(read_ticket(reader)?)),
        0x82 => Err(Refusal::Leaked { part: read_tree(reader)? }),
        0x83 => Err(Refusal::OwnId(read_ticket(reader)?)),
        0x84 => Err(Refusal::Stale(read_ticket(reader)?)),
        0x85 => Err(Refusal::Overlap { common: read_tree(reader)? }),
        0x86 => Err(Refusal::Full),
        0x87 => Err(Refusal::NothingToSplit),
        0x88 => Err(Refusal::Seeded),
        0x89 => Err(Refusal::Old { latest: reader.varint()? }),
        0x8a => Err(Refusal::Reused),
        0x8b => Err(Refusal::WentBack { latest: reader.varint()? }),
        _ => return Err(DecodeError::Invalid { at, expected: "an answer or a refusal" }),
    })
}

/// The keeper's id, how many tickets were given out, `00` or `01` and the first
/// one's nonce, all that is known, how many tickets are in use, and for each its
/// number, id, events and reported events, and `00`, or `01`, the number of the
/// last request, its digest in eight bytes, and its result as in a reply.
impl Wire for KeeperService {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.keeper.id);
        put_varint(out, self.keeper.next);
        match self.nonce {
            None => out.push(0),
            Some(nonce) => {
                out.push(1);
                put_varint(out, nonce);
            }
        }
        put_tree(&self.keeper.known, out);
        put_varint(out, self.keeper.deposits.len() as u64);
        for (number, deposit) in &self.keeper.deposits {
            put_varint(out, *number);
            put_tree(&deposit.id, out);
            put_tree(&deposit.events, out);
            put_tree(&deposit.reported, out);
            match self.answered.get(number) {
                None => out.push(0),
                Some(answered) => {
                    out.push(1);
                    put_varint(out, answered.number);
                    out.extend(answered.digest.to_be_bytes());
                    put_result(&answered.result, out);
                }
            }
        }
    }

    fn encoded_len(&self) -> usize {
        let deposits = self.keeper.deposits.iter().map(|(number, deposit)| {
            let answered = self.answered.get(number).map_or(0, |answered| {
                varint_len(answered.number) + 8 + result_len(&answered.result)
            });
            let trees =
                tree_len(&deposit.id) + tree_len(&deposit.events) + tree_len(&deposit.reported);
            varint_len(*number) + trees + 1 + answered
        });
        varint_len(self.keeper.id)
            + varint_len(self.keeper.next)
            + 1
            + self.nonce.map_or(0, varint_len)
            + tree_len(&self.keeper.known)
            + varint_len(self.keeper.deposits.len() as u64)
            + deposits.sum::<usize>()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        whole(bytes, read_service)
    }
}

fn read_service(reader: &mut Reader<'_>) -> Result<KeeperService, DecodeError> {
    let (id, next) = (reader.varint()?, reader.varint()?);
    let nonce = if read_flag(reader)? { Some(reader.varint()?) } else { None };
    let known: EventTree = read_tree(reader)?;
    let count = reader.count(8)?;
    let (mut deposits, mut answered) = (BTreeMap::new(), BTreeMap::new());
    let mut owned = Id::anonymous();
    let mut least = 0;
    for _ in 0..count {
        let at = reader.position();
        let number = reader.varint()?;
        if number < least || number >= next {
            let expected = "the tickets in use in order, and all given out";
            return Err(DecodeError::Invalid { at, expected });
        }
        least = number.saturating_add(1);
        let deposit = Deposit {
            id: read_tree(reader)?,
            events: read_tree(reader)?,
            reported: read_tree(reader)?,
        };
        owned = owned
            .sum(&deposit.id)
            .map_err(|_| DecodeError::Invalid { at, expected: "an id that nobody else owns" })?;
        if !deposit.events.leq(&known) || !deposit.reported.leq(&known) {
            return Err(DecodeError::Invalid { at, expected: "events that are all known" });
        }
        deposits.insert(number, deposit);
        if read_flag(reader)? {
            let (last, digest) = (reader.varint()?, u64::from_be_bytes(reader.array()?));
            let result = read_result(reader)?;
            answered.insert(number, Answered { number: last, digest, result });
        }
    }
    Ok(KeeperService { keeper: Keeper { id, next, deposits, known }, nonce, answered })
}

fn read_flag(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let at = reader.position();
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::Invalid { at, expected: "00 or 01" }),
    }
}

/// The wire form.
impl Stored for KeeperService {
    const MAGIC: &'static str = "itc-keeper-1";
    const WHAT: &'static str = "keeper";

    fn to_stored(&self) -> Vec<u8> {
        self.to_bytes()
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        Self::decode(bytes).ok()
    }
}
