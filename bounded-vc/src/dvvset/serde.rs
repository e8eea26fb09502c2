//! A set through serde: its writes by server, each a dot and the values that are
//! left, the newest first, and the values without a dot. The dot is text where the
//! format is for people to read.
//!
//! ```json
//! {"writes":[["1a:3",["tea","coffee"]],["2b:1",[]]],"anonymous":[]}
//! ```

use alloc::vec::Vec;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DvvSet;
use crate::Dot;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<V> {
    writes: Vec<(Dot, Vec<V>)>,
    anonymous: Vec<V>,
}

impl<V: Serialize> Serialize for DvvSet<V> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let writes = self.entries().map(|(origin, counter, values)| {
            let values: Vec<&V> = values.collect();
            (Dot { origin, counter }, values)
        });
        let anonymous = self.anonymous().iter().collect();
        Form { writes: writes.collect(), anonymous }.serialize(to)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for DvvSet<V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Form { writes, anonymous } = Form::deserialize(from)?;
        if !writes.is_sorted_by(|(before, _), (after, _)| before.origin < after.origin) {
            return Err(D::Error::custom("the servers of a set ascend by their ids"));
        }
        let entries = writes.into_iter().map(|(dot, values)| (dot.origin, dot.counter, values));
        Self::from_parts(entries, anonymous).map_err(D::Error::custom)
    }
}
