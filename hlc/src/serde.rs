//! Serde: hexadecimal text that sorts where the format is for people to read, the
//! bytes elsewhere. In JSON no digit of a timestamp is lost that way.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use core::fmt;

use causal_clock::hex_form::Lower;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    HybridLogicalClock, HybridStamp, HybridTime, HybridVectorClock, HybridVectorStamp,
    PackedTimestamp, PhysicalClock, PhysicalStamp, ReplayClock, ReplayStamp, WideTimestamp, hex,
};

causal_clock::serde_by_form!(where T: HybridTime => HybridStamp<T>);
causal_clock::serde_by_form!(where T: HybridTime => HybridLogicalClock<T>);
causal_clock::serde_by_form!(HybridVectorStamp, HybridVectorClock, PhysicalStamp, PhysicalClock);
causal_clock::serde_by_form!(ReplayStamp, ReplayClock);

fn write<T: HybridTime, S: Serializer>(time: T, to: S) -> Result<S::Ok, S::Error> {
    let bytes = time.to_be_bytes();
    if to.is_human_readable() {
        to.serialize_str(&Lower(bytes.as_ref()).to_string())
    } else {
        to.serialize_bytes(bytes.as_ref())
    }
}

fn read<'de, T: HybridTime, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    if from.is_human_readable() {
        let text = String::deserialize(from)?;
        let problem = || {
            let digits = 2 * size_of::<T::Bytes>();
            D::Error::custom(alloc::format!("expected a timestamp: {digits} digits of 0-9a-f"))
        };
        return hex::parse_time(&text).ok_or_else(problem);
    }
    let bytes = from.deserialize_bytes(Bytes)?;
    let mut fixed = T::ZERO.to_be_bytes();
    if bytes.len() != fixed.as_ref().len() {
        return Err(D::Error::invalid_length(bytes.len(), &"the bytes of a timestamp"));
    }
    fixed.as_mut().copy_from_slice(&bytes);
    Ok(T::from_be_bytes(fixed))
}

struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a timestamp")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.into())
    }

    /// Bytes, in formats that have no type of their own for them.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        // No timestamp is longer: a hostile list is not read to its end.
        while bytes.len() < 64
            && let Some(byte) = sequence.next_element()?
        {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

impl<const COUNTER_BITS: u32> Serialize for PackedTimestamp<COUNTER_BITS> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(*self, to)
    }
}

impl<'de, const COUNTER_BITS: u32> Deserialize<'de> for PackedTimestamp<COUNTER_BITS> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}

impl Serialize for WideTimestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(*self, to)
    }
}

impl<'de> Deserialize<'de> for WideTimestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from)
    }
}
