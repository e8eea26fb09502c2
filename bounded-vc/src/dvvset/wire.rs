//! How sets become bytes: see [`DvvSet::encode_with`].

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint};
use causal_clock::{DecodeError, NodeId, Wire};

use super::versions::Versions;
use super::{DvvSet, DvvSetDecodeError};
use crate::VersionVector;

impl<V> DvvSet<V> {
    /// Appends the canonical encoding, in which a value is the bytes that
    /// `put` appends for it: any number of them, none included.
    ///
    /// | part | written as |
    /// |---|---|
    /// | the [context](Self::context) | as a [`VersionVector`] |
    /// | how many values have dots | LEB128 |
    /// | for each, by server and the newest first: the rank of its server among the ids of the context, from zero, less that of the value before | LEB128 |
    /// | and the length of its bytes | LEB128 |
    /// | how many values have none | LEB128 |
    /// | for each, the length of its bytes | LEB128 |
    /// | the bytes of all these values, in the same order | |
    ///
    /// A set has one encoding where a value has: then equal sets have equal
    /// bytes, and [`decode_with`](Self::decode_with) takes no others.
    ///
    /// ```
    /// use bounded_vc::DvvSet;
    /// use causal_clock::NodeId;
    ///
    /// let mut object = DvvSet::new();
    /// object.update(&object.context(), String::from("tea"), NodeId::new(1))?;
    /// let mut bytes = Vec::new();
    /// object.encode_with(&mut bytes, |value, out| out.extend(value.as_bytes()));
    /// assert_eq!(bytes, [1, 1, 0, 1, 1, 0, 3, 0, b't', b'e', b'a']);
    /// let back = DvvSet::decode_with(&bytes, |value| String::from_utf8(value.to_vec()))?;
    /// assert_eq!(back, object);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode_with(&self, out: &mut Vec<u8>, mut put: impl FnMut(&V, &mut Vec<u8>)) {
        let (mut bodies, mut body) = (Vec::new(), Vec::new());
        let mut put_len = |value: &V, out: &mut Vec<u8>| {
            body.clear();
            put(value, &mut body);
            bodies.extend_from_slice(&body);
            put_varint(out, body.len() as u64);
        };
        self.context.encode(out);
        put_varint(out, self.dotted.iter().map(Versions::held).sum());
        let mut before = 0;
        for entry in &self.dotted {
            let rank = self.context.id_numbers().partition_point(|id| *id < entry.id.get());
            for value in &entry.values {
                put_varint(out, (rank - before) as u64);
                put_len(value, out);
                before = rank;
            }
        }
        put_varint(out, self.anonymous.len() as u64);
        self.anonymous.iter().for_each(|value| put_len(value, out));
        out.append(&mut bodies);
    }

    /// Reads a set that takes up all of `bytes`; `read` makes a value of its
    /// bytes. The memory for it is bounded by the input: that of a context of
    /// so many bytes, and for each value, which takes at least one of them, a
    /// `V` and some 64 bytes, which are twice as many while it is read.
    ///
    /// # Errors
    /// See [`DvvSetDecodeError`].
    pub fn decode_with<E>(
        bytes: &[u8],
        mut read: impl FnMut(&[u8]) -> Result<V, E>,
    ) -> Result<Self, DvvSetDecodeError<E>> {
        read_form(bytes)?.try_map(|Body { at, bytes }| {
            read(bytes).map_err(|source| DvvSetDecodeError::Value { at, source })
        })
    }

    /// The same set of other values. They are made in the order in which they
    /// are written.
    fn try_map<W, E>(self, mut map: impl FnMut(V) -> Result<W, E>) -> Result<DvvSet<W>, E> {
        let mut dotted = Vec::with_capacity(self.dotted.len());
        for Versions { id, counter, values } in self.dotted {
            // Not collected: of what may fail, that asks for room for four.
            let mut mapped = VecDeque::with_capacity(values.len());
            for value in values {
                mapped.push_back(map(value)?);
            }
            dotted.push(Versions { id, counter, values: mapped });
        }
        let mut anonymous = Vec::with_capacity(self.anonymous.len());
        for value in self.anonymous {
            anonymous.push(map(value)?);
        }
        Ok(DvvSet { context: self.context, dotted, anonymous })
    }
}

/// The length of a value's bytes, and where it is written.
struct Length {
    at: usize,
    len: u64,
}

/// The bytes of a value, and where they are.
struct Body<'a> {
    at: usize,
    bytes: &'a [u8],
}

fn read_form(bytes: &[u8]) -> Result<DvvSet<Body<'_>>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let lengths = read_lengths(&mut reader)?;
    let mut next = reader.position();
    let set = lengths.try_map(|Length { at, len: count }| {
        let (start, room) = (next, bytes.len() - next);
        match usize::try_from(count) {
            Ok(len) if len <= room => next += len,
            _ => return Err(DecodeError::CountTooLarge { at, count, room }),
        }
        Ok(Body { at: start, bytes: &bytes[start..next] })
    })?;
    match bytes.len() - next {
        0 => Ok(set),
        count => Err(DecodeError::TrailingBytes { count }),
    }
}

fn read_lengths(reader: &mut Reader<'_>) -> Result<DvvSet<Length>, DecodeError> {
    let context = VersionVector::read(reader)?;
    let mut dotted: Vec<Versions<Length>> = Vec::new();
    let mut rank = 0_u64;
    for _ in 0..reader.count(2)? {
        let at = reader.position();
        let known = rank.checked_add(reader.varint()?).and_then(|sum| {
            rank = sum;
            context.id_numbers().get(usize::try_from(sum).ok()?)
        });
        let Some(id) = known.copied().map(NodeId::new) else {
            return Err(DecodeError::Invalid {
                at,
                expected: "the rank of one of the context's ids",
            });
        };
        let length = read_length(reader)?;
        match dotted.last_mut() {
            Some(last) if last.id == id && last.held() == last.counter => {
                let expected = "no more values of a server than it made writes";
                return Err(DecodeError::Invalid { at, expected });
            }
            Some(last) if last.id == id => last.values.push_back(length),
            _ => {
                let (counter, values) = (context.get(id), VecDeque::from([length]));
                dotted.push(Versions { id, counter, values });
            }
        }
    }
    let count = reader.count(1)?;
    let anonymous = (0..count).map(|_| read_length(reader)).collect::<Result<_, _>>()?;
    Ok(DvvSet { context, dotted, anonymous })
}

fn read_length(reader: &mut Reader<'_>) -> Result<Length, DecodeError> {
    Ok(Length { at: reader.position(), len: reader.varint()? })
}
