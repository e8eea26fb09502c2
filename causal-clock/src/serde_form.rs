//! Serde for values with a text and a [`Wire`] form: the text where the format
//! is for people to read, the bytes where it is not. Both are read strictly, so
//! that what would not decode is an error there, too.
//!
//! A number in a text is safe in JSON, where readers lose digits beyond 2⁵³.
//!
//! ```
//! # #[derive(PartialEq, Debug)]
//! # struct Level(u8);
//! # impl std::fmt::Display for Level {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
//! # }
//! # impl std::str::FromStr for Level {
//! #     type Err = std::num::ParseIntError;
//! #     fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
//! # }
//! # impl causal_clock::Wire for Level {
//! #     fn encode(&self, out: &mut Vec<u8>) { out.push(self.0); }
//! #     fn encoded_len(&self) -> usize { 1 }
//! #     fn decode(bytes: &[u8]) -> Result<Self, causal_clock::DecodeError> {
//! #         let mut reader = causal_clock::wire::Reader::new(bytes);
//! #         let level = Self(reader.byte()?);
//! #         reader.finish().map(|()| level)
//! #     }
//! # }
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Message {
//!     #[serde(with = "causal_clock::serde_form")]
//!     level: Level,
//! }
//! ```

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserializer, Serializer};

use crate::Wire;

/// Writes a value.
///
/// # Errors
/// Those of the format.
pub fn serialize<T: Wire + fmt::Display, S: Serializer>(
    value: &T,
    to: S,
) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        to.serialize_str(&value.to_string())
    } else {
        to.serialize_bytes(&value.to_bytes())
    }
}

/// Reads a value.
///
/// # Errors
/// Those of the format, and whatever is no text or no canonical bytes of such a
/// value.
pub fn deserialize<'de, T: Wire + FromStr<Err: fmt::Display>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    if from.is_human_readable() {
        from.deserialize_str(Reader(PhantomData))
    } else {
        from.deserialize_bytes(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Wire + FromStr<Err: fmt::Display>> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a clock, a stamp or a part of one, as text or bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        T::decode(bytes).map_err(E::custom)
    }

    /// Bytes, in formats that have no type of their own for them.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<T, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        self.visit_bytes(&bytes)
    }
}

/// Implements `Serialize` and `Deserialize` by [`serde_form`](self) for types
/// of the crate that names them.
#[macro_export]
macro_rules! serde_by_form {
    (where $($generic:ident: $bound:path),+ => $name:ty) => {
        $crate::serde_by_form!(@ [$($generic: $bound),+] $name);
    };
    (@ [$($generic:ident: $bound:path),*] $name:ty) => {
        impl<$($generic: $bound),*> ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::serde_form::serialize(self, to)
            }
        }

        impl<'de $(, $generic: $bound)*> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::serde_form::deserialize(from)
            }
        }
    };
    ($($name:ty),* $(,)?) => {$(
        $crate::serde_by_form!(@ [] $name);
    )*};
}
