//! Lower-case hexadecimal of a fixed width: the digits of texts that sort as
//! what they stand for.

use causal_clock::hex_form;

use crate::HybridTime;

/// Exactly as many bytes as there is room for, from two lower-case digits
/// each; `None` for anything else.
pub(crate) fn parse(digits: &str, bytes: &mut [u8]) -> Option<()> {
    let found = hex_form::bytes(digits);
    if found.len() != bytes.len() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(found) {
        *byte = digits?;
    }
    Some(())
}

/// A timestamp from the digits of its bytes.
pub(crate) fn parse_time<T: HybridTime>(digits: &str) -> Option<T> {
    let mut bytes = T::ZERO.to_be_bytes();
    parse(digits, bytes.as_mut())?;
    Some(T::from_be_bytes(bytes))
}
