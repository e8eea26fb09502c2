//! Serde: the texts of `text` where the format is for people to read, the bytes of
//! [`Wire`](causal_clock::Wire) where it is not. A dot has no bytes of its own: it
//! is its two numbers there.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    AkkaClock, AkkaStamp, Dot, HorizonClock, HorizonStamp, MAX_COUNTER, PathClock, PathStamp,
    PrunedClock, PrunedStamp, PruningRule, StampDiff, TreeClock, TreeStamp, VectorClock,
    VectorStamp, VersionVector,
};

causal_clock::serde_by_form!(VersionVector, VectorStamp, VectorClock, PathStamp, PathClock);
causal_clock::serde_by_form!(TreeStamp, TreeClock, PrunedStamp, AkkaStamp, AkkaClock);
causal_clock::serde_by_form!(HorizonStamp, HorizonClock, StampDiff);
causal_clock::serde_by_form!(where R: PruningRule => PrunedClock<R>);

impl Serialize for Dot {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.collect_str(self)
        } else {
            (self.origin.get(), self.counter).serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for Dot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = alloc::string::String::deserialize(from)?;
            return text.parse().map_err(D::Error::custom);
        }
        let (origin, counter) = <(u64, u64)>::deserialize(from)?;
        if counter > MAX_COUNTER {
            return Err(D::Error::custom("the counter of a dot is at most 2^63 - 1"));
        }
        Ok(Self { origin: causal_clock::NodeId::new(origin), counter })
    }
}
