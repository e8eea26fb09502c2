//! Comb: two plausible clocks side by side (Torres-Rojas and Ahamad,
//! "Plausible clocks: constant size logical clocks for distributed systems",
//! Distributed Computing 12, 1999).
//!
//! Two events are said to be ordered only where both clocks say so. Since
//! neither misses an order, a disagreement proves concurrency, and the pair is
//! at least as good as the better of the two.
//!
//! [`CombClock`] pairs any two clocks of this crate; the scheme [`Comb`] is the
//! published pair of REV and K-Lamport.
//!
//! # Bytes
//!
//! | field | bytes |
//! |---|---|
//! | id of the site, unless stamps of both kinds begin without one | 8 |
//! | the first stamp without its id | its body |
//! | the second stamp without its id | its body |
//!
//! The body of a stamp that does not begin with an id is the stamp itself; those
//! that do not know where they end are written behind a varint: for a recency
//! stamp the number of its entries, for an encoded one that of its bytes. (A
//! NUREV stamp may have an id inside. It is needless beside another, so choose
//! `ids=false` there.)
//!
//! A clock is written as the length of the first clock's bytes (a varint),
//! those bytes, and the second clock's bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::num::{NonZeroU8, NonZeroU16};

use causal_clock::wire::{NODE_ID_LEN, Reader, put_node_id, put_varint, varint_len};
use causal_clock::{
    CausalClock, CausalOrder, DecodeError, Environment, Guarantees, NodeId, PhysicalTime, Rejected,
    Scheme, Verdict, Wire,
};

use crate::part::compare_by_try_compare;
use crate::{CombPart, Error, KLamport, KLamportClock, Rev, RevClock};

/// REV(R) and K-Lamport(K), combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct Comb {
    /// How many counters the REV clock has.
    pub r: NonZeroU16,
    /// How many levels the K-Lamport clock has.
    pub k: NonZeroU8,
}

impl Default for Comb {
    /// The defaults of both parts.
    fn default() -> Self {
        Self { r: Rev::default().r, k: KLamport::default().k }
    }
}

impl Scheme for Comb {
    type Clock = CombClock<RevClock, KLamportClock>;

    fn name(&self) -> String {
        alloc::format!("comb:r={},k={}", self.r, self.k)
    }

    /// All but sound, since ids are unique.
    fn guarantees(&self) -> Guarantees {
        Rev { r: self.r }.guarantees()
    }

    fn seed(&self, env: &mut impl Environment) -> Self::Clock {
        let site = env.fresh_id();
        let (first, second) = (RevClock::new(site, self.r), KLamportClock::new(site, self.k));
        CombClock { first, second }
    }
}

/// Two stamps of one event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CombStamp<A, B> {
    first: A,
    second: B,
}

impl<A, B> CombStamp<A, B> {
    /// The first clock's stamp.
    #[must_use]
    pub const fn first(&self) -> &A {
        &self.first
    }

    /// The second clock's stamp.
    #[must_use]
    pub const fn second(&self) -> &B {
        &self.second
    }
}

/// What two verdicts of clocks that miss no order come to.
fn combine(first: Verdict, second: Verdict) -> Verdict {
    use CausalOrder::{Concurrent, Equal};
    match (first, second) {
        (proof, _) if proof.proven => proof,
        (_, proof) if proof.proven => proof,
        (a, b) if a.order == b.order => a,
        // A guess at equality is also made of events that are ordered in no
        // way; one at an order says more.
        (Verdict { order: Equal, .. }, other) | (other, Verdict { order: Equal, .. }) => other,
        // Before against after: had there been an order, both had seen it.
        _ => Verdict::proven(Concurrent),
    }
}

impl<A: CombPart, B: CombPart> CombStamp<A, B> {
    /// How two events stand to each other.
    ///
    /// # Errors
    /// As `try_compare` of either part: where the stamps are of different
    /// schemes in one part, they are so as a whole.
    pub fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        let first = self.first.try_compare(&other.first)?;
        Ok(combine(first, self.second.try_compare(&other.second)?))
    }
}

compare_by_try_compare!(CombStamp<A, B>);

impl<A: CombPart, B: CombPart> CombPart for CombStamp<A, B> {
    const HAS_SITE: bool = A::HAS_SITE || B::HAS_SITE;

    fn site(&self) -> Option<NodeId> {
        self.first.site().or_else(|| self.second.site())
    }

    fn try_compare(&self, other: &Self) -> Result<Verdict, Error> {
        Self::try_compare(self, other)
    }

    fn put_body(&self, out: &mut Vec<u8>) {
        self.first.put_body(out);
        self.second.put_body(out);
    }

    fn body_len(&self) -> usize {
        self.first.body_len() + self.second.body_len()
    }

    fn read_body(site: NodeId, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { first: A::read_body(site, reader)?, second: B::read_body(site, reader)? })
    }
}

impl<A: CombPart, B: CombPart> Wire for CombStamp<A, B> {
    fn encode(&self, out: &mut Vec<u8>) {
        if let Some(site) = self.site().filter(|_| Self::HAS_SITE) {
            put_node_id(out, site);
        }
        self.put_body(out);
    }

    fn encoded_len(&self) -> usize {
        let site = if Self::HAS_SITE { NODE_ID_LEN } else { 0 };
        site + self.body_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let site = if Self::HAS_SITE { reader.node_id()? } else { NodeId::new(0) };
        let stamp = Self::read_body(site, &mut reader)?;
        reader.finish()?;
        Ok(stamp)
    }
}

/// Two clocks of one participant, side by side.
///
/// ```
/// use causal_clock::{CausalClock, CausalOrder, CausalStamp, ManualEnvironment, Scheme};
/// use plausible::Comb;
///
/// let env = &mut ManualEnvironment::default();
/// let mut a = Comb::default().seed(env);
/// let mut b = a.fork(env);
/// let sent = a.send(env)?;
/// b.receive(&sent, env)?;
/// assert_eq!(sent.compare(&b.stamp()).order, CausalOrder::Before);
/// # Ok::<(), plausible::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CombClock<A, B> {
    first: A,
    second: B,
}

impl<A, B> CombClock<A, B>
where
    A: CausalClock<Stamp: CombPart>,
    B: CausalClock<Stamp: CombPart>,
{
    /// The combination of two clocks of one participant.
    ///
    /// # Errors
    /// [`Error::DifferentSites`] where their stamps bear different ids. (Where
    /// those of one bear none, nothing rests on it.)
    pub fn new(first: A, second: B) -> Result<Self, Error> {
        match (first.stamp().site(), second.stamp().site()) {
            (Some(first), Some(second)) if first != second => {
                Err(Error::DifferentSites { first, second })
            }
            _ => Ok(Self { first, second }),
        }
    }
}

/// Gives both clocks the same id.
struct OneId(NodeId);

impl Environment for OneId {
    fn now(&mut self) -> PhysicalTime {
        PhysicalTime::ZERO
    }

    fn fresh_id(&mut self) -> NodeId {
        self.0
    }
}

impl<A, B> CausalClock for CombClock<A, B>
where
    A: CausalClock<Stamp: CombPart, Error: Into<Error>> + Clone,
    B: CausalClock<Stamp: CombPart, Error: Into<Error>>,
{
    type Stamp = CombStamp<A::Stamp, B::Stamp>;
    type Error = Error;

    fn fork(&mut self, env: &mut impl Environment) -> Self {
        let mut id = OneId(env.fresh_id());
        Self { first: self.first.fork(&mut id), second: self.second.fork(&mut id) }
    }

    fn event(&mut self, env: &mut impl Environment) -> Result<(), Error> {
        let mut first = self.first.clone();
        first.event(env).map_err(Into::into)?;
        self.second.event(env).map_err(Into::into)?;
        self.first = first;
        Ok(())
    }

    fn stamp(&self) -> Self::Stamp {
        CombStamp { first: self.first.stamp(), second: self.second.stamp() }
    }

    fn merge(&mut self, stamp: &Self::Stamp, env: &mut impl Environment) -> Result<(), Error> {
        let mut first = self.first.clone();
        first.merge(&stamp.first, env).map_err(Into::into)?;
        self.second.merge(&stamp.second, env).map_err(Into::into)?;
        self.first = first;
        Ok(())
    }

    fn join(&mut self, retired: Self, env: &mut impl Environment) -> Result<(), Rejected<Self>> {
        match self.merge(&retired.stamp(), env) {
            Ok(()) => Ok(()),
            Err(error) => Err(Rejected::new(retired, error)),
        }
    }
}

impl<A, B> Wire for CombClock<A, B>
where
    A: CausalClock<Stamp: CombPart>,
    B: CausalClock<Stamp: CombPart>,
{
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.first.encoded_len() as u64);
        self.first.encode(out);
        self.second.encode(out);
    }

    fn encoded_len(&self) -> usize {
        let first = self.first.encoded_len();
        varint_len(first as u64) + first + self.second.encoded_len()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let len = reader.count(1)?;
        let (first, second) = bytes[reader.position()..].split_at(len);
        let at = reader.position() + len;
        Self::new(A::decode(first)?, B::decode(second)?)
            .map_err(|_| DecodeError::Invalid { at, expected: "a clock of the same id" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CausalOrder::{After, Before, Concurrent, Equal};

    #[test]
    fn a_proof_wins_and_a_disagreement_is_one() {
        let (guess, proof) = (Verdict::guessed, Verdict::proven);
        let cases = [
            (guess(Before), guess(Before), guess(Before)),
            (guess(Before), guess(After), proof(Concurrent)),
            (guess(Before), proof(Before), proof(Before)),
            (guess(Before), proof(Concurrent), proof(Concurrent)),
            (guess(Equal), guess(After), guess(After)),
            (guess(Equal), guess(Equal), guess(Equal)),
        ];
        for (first, second, expected) in cases {
            assert_eq!(combine(first, second), expected, "{first} and {second}");
            assert_eq!(combine(second, first), expected, "{second} and {first}");
        }
    }
}
