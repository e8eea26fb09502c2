//! Serde: the paper's notation where the format is for people to read, the
//! bytes of appendix A where it is not. Both are read strictly.

use alloc::format;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use causal_clock::Wire;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{EventTree, Id, Itc, Stamp};

struct Reader<T>(PhantomData<T>);

impl<'de, T: Wire + FromStr<Err: fmt::Display>> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an interval tree clock, or a part of one, as text or bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        T::decode(bytes).map_err(E::custom)
    }

    /// Bytes, in formats that have no type of their own for them.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<T, A::Error> {
        let mut bytes = alloc::vec::Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}

macro_rules! by_text_or_bytes {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                if to.is_human_readable() {
                    to.serialize_str(&format!("{self}"))
                } else {
                    to.serialize_bytes(&self.to_bytes())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                if from.is_human_readable() {
                    from.deserialize_str(Reader(PhantomData))
                } else {
                    from.deserialize_bytes(Reader(PhantomData))
                }
            }
        }
    )*};
}
by_text_or_bytes!(Id, EventTree, Itc, Stamp);
