//! Timestamps as values that stores keep: the bound of a node's stamps.

use alloc::vec::Vec;

use causal_clock::Stored;

use crate::{HybridTime, PackedTimestamp, WideTimestamp};

/// The bytes, which are as many as the form has.
impl<const COUNTER_BITS: u32> Stored for PackedTimestamp<COUNTER_BITS> {
    const MAGIC: &'static str = "hlc-bound-1";
    const WHAT: &'static str = "bound";

    fn to_stored(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

/// The bytes, which are as many as the form has.
impl Stored for WideTimestamp {
    const MAGIC: &'static str = "hlc-bound-1";
    const WHAT: &'static str = "bound";

    fn to_stored(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}
