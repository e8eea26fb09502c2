//! Riak's rule: `vclock:prune/3` of `riak_core`, with the four bucket
//! properties `small_vclock`, `big_vclock`, `young_vclock`, `old_vclock`.
//!
//! In a loop, over entries by their time and then their node: stop where there
//! are at most *small*; stop where the oldest is younger than *young*, as one is
//! that is dated in the future; drop it where there are more than *big* or it is
//! older than *old*; else stop.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, Environment, Guarantees, NodeId, PhysicalTime, Scheme, duration};

use super::aged::nanos;
use super::bounded::order_is_proven;
use super::{Entry, PrunedClock, PruningRule};

/// Vector clocks pruned as in Riak: `riak:small=50,big=50,young=20s,old=1d`.
///
/// Riak itself exempts no entry and counts in whole seconds. Own entries are
/// exempt here unless `keep_own` is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(deny_unknown_fields, default)
)]
pub struct RiakVectorClocks {
    /// Up to so many entries nothing is dropped.
    pub small: u32,
    /// Above so many entries even the not so old are dropped.
    pub big: u32,
    /// Entries younger than this are never dropped.
    #[cfg_attr(feature = "serde", serde(with = "causal_clock::duration"))]
    pub young: Duration,
    /// Entries older than this are dropped down to `small`.
    #[cfg_attr(feature = "serde", serde(with = "causal_clock::duration"))]
    pub old: Duration,
    /// Whether a participant's own entry is exempt. Where it is not, nothing
    /// is guaranteed: events get the names of earlier ones.
    pub keep_own: bool,
}

impl Default for RiakVectorClocks {
    /// Riak's since 2012, with own entries kept.
    fn default() -> Self {
        Self {
            small: 50,
            big: 50,
            young: Duration::from_secs(20),
            old: Duration::from_secs(86_400),
            keep_own: true,
        }
    }
}

impl PruningRule for RiakVectorClocks {
    type Place = (PhysicalTime, NodeId);

    fn place(&self, entry: &Entry) -> Self::Place {
        (entry.time, entry.id)
    }

    fn drops(&self, front: &Entry, count: usize, now: PhysicalTime) -> bool {
        let age = now.since(front.time);
        count > self.small as usize
            // Riak's `Now - HeadTime < Young` has a sign, this age has not.
            && now >= front.time
            && age >= self.young
            && (count > self.big as usize || age > self.old)
    }

    fn keeps_own(&self) -> bool {
        self.keep_own
    }

    /// `small`, `big`, `young` and `old` in nanoseconds, all in LEB128; then
    /// the switch in a byte.
    fn encode(&self, out: &mut Vec<u8>) {
        for number in self.numbers() {
            put_varint(out, number);
        }
        out.push(u8::from(self.keep_own));
    }

    fn encoded_len(&self) -> usize {
        self.numbers().into_iter().map(varint_len).sum::<usize>() + 1
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut size = || {
            let at = reader.position();
            u32::try_from(reader.varint()?).map_err(|_| DecodeError::NumberTooLarge { at })
        };
        let (small, big) = (size()?, size()?);
        let young = Duration::from_nanos(reader.varint()?);
        let old = Duration::from_nanos(reader.varint()?);
        let at = reader.position();
        let keep_own = match reader.byte()? {
            0 => false,
            1 => true,
            _ => return Err(DecodeError::Invalid { at, expected: "a switch: 0 or 1" }),
        };
        Ok(Self { small, big, young, old, keep_own })
    }
}

impl RiakVectorClocks {
    fn numbers(&self) -> [u64; 4] {
        [self.small.into(), self.big.into(), nanos(self.young), nanos(self.old)]
    }
}

impl Scheme for RiakVectorClocks {
    type Clock = PrunedClock<Self>;

    fn name(&self) -> String {
        let (young, old) = (duration::format(self.young), duration::format(self.old));
        let keep_own = if self.keep_own { "" } else { ",keep_own=false" };
        format!("riak:small={},big={},young={young},old={old}{keep_own}", self.small, self.big)
    }

    /// Those of [`BoundedVectorClocks`](crate::BoundedVectorClocks); none
    /// where own entries are dropped.
    fn guarantees(&self) -> Guarantees {
        if self.keep_own { order_is_proven() } else { Guarantees::of(&[]) }
    }

    fn seed(&self, env: &mut impl Environment) -> PrunedClock<Self> {
        PrunedClock::new(*self, env.fresh_id())
    }
}
