//! Stamps that begin with the id of the site where the event happened.
//!
//! Most stamps of this crate do. Keeping the id apart from the rest lets two
//! of them share it in a [combination](crate::CombStamp), as a fair count of
//! bytes demands.

use alloc::vec::Vec;

use causal_clock::wire::Reader;
use causal_clock::{CausalStamp, DecodeError, NodeId};

/// A stamp in two parts: the id of the site (eight bytes, most significant
/// first), and a body that knows where it ends.
pub trait SiteStamp: CausalStamp {
    /// Where the event happened.
    fn site(&self) -> NodeId;

    /// Appends all but the id.
    fn put_body(&self, out: &mut Vec<u8>);

    /// How many bytes [`put_body`](Self::put_body) appends.
    fn body_len(&self) -> usize;

    /// Reads the rest of a stamp of this site.
    ///
    /// # Errors
    /// Anything but a canonical body is a [`DecodeError`].
    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Implements [`causal_clock::Wire`] for a [`SiteStamp`]: id, then body.
macro_rules! site_stamp_wire {
    ($stamp:ty) => {
        impl ::causal_clock::Wire for $stamp {
            fn encode(&self, out: &mut ::alloc::vec::Vec<u8>) {
                ::causal_clock::wire::put_node_id(out, self.site);
                $crate::site::SiteStamp::put_body(self, out);
            }

            fn encoded_len(&self) -> usize {
                ::causal_clock::wire::NODE_ID_LEN + $crate::site::SiteStamp::body_len(self)
            }

            fn decode(bytes: &[u8]) -> Result<Self, ::causal_clock::DecodeError> {
                let mut reader = ::causal_clock::wire::Reader::new(bytes);
                let site = reader.node_id()?;
                let stamp = $crate::site::SiteStamp::read_body(site, &mut reader)?;
                reader.finish()?;
                Ok(stamp)
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

pub(crate) use {site_stamp_wire, wire_as_latest_stamp};
