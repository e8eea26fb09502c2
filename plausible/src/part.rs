//! Stamps as parts of a [combination](crate::CombStamp): the id of the site
//! apart from the rest, so that two of them share it, as a fair count of bytes
//! demands.

use alloc::vec::Vec;

use causal_clock::wire::Reader;
use causal_clock::{CausalStamp, DecodeError, NodeId, Verdict};

use crate::Error;

/// A stamp that can be combined with another: the id of its site, where stamps
/// of its kind begin with one, and a body that knows where it ends.
pub trait CombPart: CausalStamp {
    /// Whether the id of the site stands before the body.
    const HAS_SITE: bool;

    /// Where the event happened, if the stamp says so.
    fn site(&self) -> Option<NodeId>;

    /// How two events stand to each other, or why that cannot be said.
    ///
    /// # Errors
    /// Where the stamps are of schemes with different parameters.
    fn try_compare(&self, other: &Self) -> Result<Verdict, Error>;

    /// Appends all but the id that stands before the body.
    fn put_body(&self, out: &mut Vec<u8>);

    /// How many bytes [`put_body`](Self::put_body) appends.
    fn body_len(&self) -> usize;

    /// Reads the rest of a stamp of this site; stamps that do not begin with
    /// an id disregard it.
    ///
    /// # Errors
    /// Anything but a canonical body is a [`DecodeError`].
    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Implements [`causal_clock::CausalStamp`] by a method `try_compare`.
macro_rules! compare_by_try_compare {
    ($stamp:ident $(<$($part:ident),+>)?) => {
        impl $(<$($part: $crate::part::CombPart),+>)? ::causal_clock::CausalStamp
            for $stamp $(<$($part),+>)?
        {
            /// As `try_compare`; stamps of different schemes say nothing about
            /// each other, which is a guess at concurrency.
            fn compare(&self, other: &Self) -> ::causal_clock::Verdict {
                let nothing = ::causal_clock::Verdict::guessed(
                    ::causal_clock::CausalOrder::Concurrent,
                );
                self.try_compare(other).unwrap_or(nothing)
            }
        }
    };
}

/// Implements [`causal_clock::Wire`] for a [`CombPart`] that begins with the id
/// of its site: id, then body.
macro_rules! site_stamp_wire {
    ($stamp:ty) => {
        impl ::causal_clock::Wire for $stamp {
            fn encode(&self, out: &mut ::alloc::vec::Vec<u8>) {
                ::causal_clock::wire::put_node_id(out, self.site);
                $crate::part::CombPart::put_body(self, out);
            }

            fn encoded_len(&self) -> usize {
                ::causal_clock::wire::NODE_ID_LEN + $crate::part::CombPart::body_len(self)
            }

            fn decode(bytes: &[u8]) -> Result<Self, ::causal_clock::DecodeError> {
                let mut reader = ::causal_clock::wire::Reader::new(bytes);
                let site = reader.node_id()?;
                let stamp = $crate::part::CombPart::read_body(site, &mut reader)?;
                reader.finish()?;
                Ok(stamp)
            }
        }
    };
}

/// Implements [`CombPart`] for a stamp that does not begin with an id, and
/// whose bytes know where they end: they are the body. It has a method
/// `read(&mut Reader)`.
macro_rules! part_without_site {
    ($stamp:ty) => {
        impl $crate::part::CombPart for $stamp {
            const HAS_SITE: bool = false;

            fn site(&self) -> Option<::causal_clock::NodeId> {
                None
            }

            fn try_compare(&self, other: &Self) -> Result<::causal_clock::Verdict, $crate::Error> {
                <$stamp>::try_compare(self, other)
            }

            fn put_body(&self, out: &mut ::alloc::vec::Vec<u8>) {
                ::causal_clock::Wire::encode(self, out);
            }

            fn body_len(&self) -> usize {
                ::causal_clock::Wire::encoded_len(self)
            }

            fn read_body(
                _: ::causal_clock::NodeId,
                reader: &mut ::causal_clock::wire::Reader<'_>,
            ) -> Result<Self, ::causal_clock::DecodeError> {
                Self::read(reader)
            }
        }
    };
}

/// Implements [`causal_clock::Wire`] for a clock that is its latest stamp.
macro_rules! wire_as_latest_stamp {
    ($clock:ty) => {
        impl ::causal_clock::Wire for $clock {
            fn encode(&self, out: &mut ::alloc::vec::Vec<u8>) {
                self.latest.encode(out);
            }

            fn encoded_len(&self) -> usize {
                self.latest.encoded_len()
            }

            fn decode(bytes: &[u8]) -> Result<Self, ::causal_clock::DecodeError> {
                ::causal_clock::Wire::decode(bytes).map(|latest| Self { latest })
            }
        }
    };
}

pub(crate) use {compare_by_try_compare, part_without_site, site_stamp_wire, wire_as_latest_stamp};
