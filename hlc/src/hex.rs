//! Lower-case hexadecimal of a fixed width: the digits of texts that sort as
//! what they stand for.

use core::fmt;

use crate::HybridTime;

/// Bytes, shown as two digits each.
pub(crate) struct Lower<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Lower<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Exactly as many bytes as there is room for, from two lower-case digits
/// each; `None` for anything else.
pub(crate) fn parse(digits: &str, bytes: &mut [u8]) -> Option<()> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(())
}

/// A timestamp from the digits of its bytes.
pub(crate) fn parse_time<T: HybridTime>(digits: &str) -> Option<T> {
    let mut bytes = T::ZERO.to_be_bytes();
    parse(digits, bytes.as_mut())?;
    Some(T::from_be_bytes(bytes))
}
