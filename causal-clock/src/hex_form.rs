//! Text for values that have a [`Wire`] form and no notation of their own: their
//! bytes in hexadecimal, in small letters. It fits into JSON, a header or a column
//! of a database, and is read as strictly as the bytes are.
//!
//! ```
//! # #[derive(PartialEq, Debug)]
//! # struct Level(u8);
//! # impl causal_clock::Wire for Level {
//! #     fn encode(&self, out: &mut Vec<u8>) { out.push(self.0); }
//! #     fn encoded_len(&self) -> usize { 1 }
//! #     fn decode(bytes: &[u8]) -> Result<Self, causal_clock::DecodeError> {
//! #         let mut reader = causal_clock::wire::Reader::new(bytes);
//! #         let level = Self(reader.byte()?);
//! #         reader.finish().map(|()| level)
//! #     }
//! # }
//! causal_clock::hex_by_form!(Level);
//! assert_eq!(Level(0x2a).to_string(), "2a");
//! assert_eq!("2a".parse(), Ok(Level(0x2a)));
//! assert!("2A".parse::<Level>().is_err() && "2a00".parse::<Level>().is_err());
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::{DecodeError, Wire};

/// Why a text is no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HexFormError {
    /// It is not made of pairs of hexadecimal digits.
    #[error("at character {at}: expected pairs of digits of 0-9a-f")]
    NoPair {
        /// Where the first pair is that is none, counted in bytes from zero.
        at: usize,
    },
    /// The bytes are no canonical encoding.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
}

/// Writes a value.
///
/// # Errors
/// Those of the formatter.
pub fn write<T: Wire>(value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}", Lower(&value.to_bytes()))
}

/// Bytes, shown as two digits each.
#[derive(Clone, Copy, Debug)]
pub struct Lower<'a>(pub &'a [u8]);

impl fmt::Display for Lower<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads a value.
///
/// # Errors
/// See [`HexFormError`].
pub fn read<T: Wire>(text: &str) -> Result<T, HexFormError> {
    let pair =
        |(number, byte): (usize, Option<u8>)| byte.ok_or(HexFormError::NoPair { at: 2 * number });
    let bytes: Vec<u8> = bytes(text).enumerate().map(pair).collect::<Result<_, _>>()?;
    Ok(T::decode(&bytes)?)
}

/// The bytes of a text, two digits each; `None` for what is no pair of digits.
pub fn bytes(text: &str) -> impl ExactSizeIterator<Item = Option<u8>> {
    text.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    })
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// Implements `Display` and `FromStr` by [`hex_form`](self) for types of the
/// crate that names them.
#[macro_export]
macro_rules! hex_by_form {
    (where $($generic:ident: $bound:path),+ => $name:ty) => {
        $crate::hex_by_form!(@ [$($generic: $bound),+] $name);
    };
    (@ [$($generic:ident: $bound:path),*] $name:ty) => {
        /// The canonical bytes in hexadecimal.
        impl<$($generic: $bound),*> ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::hex_form::write(self, f)
            }
        }

        /// Reads only what `Display` writes.
        impl<$($generic: $bound),*> ::core::str::FromStr for $name {
            type Err = $crate::hex_form::HexFormError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::hex_form::read(text)
            }
        }
    };
    ($($name:ty),* $(,)?) => {$(
        $crate::hex_by_form!(@ [] $name);
    )*};
}
