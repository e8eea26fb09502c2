//! How a store tells which versions replace which: the part that is compared.

use causal_clock::{NodeId, PhysicalTime};

use super::Past;

/// A write as it comes to the replica that coordinates it.
pub(super) struct Put<'a, C> {
    /// Its number among the writes of the key.
    pub(super) write: u32,
    pub(super) client: NodeId,
    /// What the client presents.
    pub(super) context: &'a C,
    /// What the coordinator's clock reads.
    pub(super) now: PhysicalTime,
}

/// What was done, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    pub(super) merges: u64,
    pub(super) comparisons: u64,
}

/// A replica cannot take a write: its counter is full, or the context knows of
/// writes of this replica that it has not made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused;

/// A way to handle conflicts.
pub(super) trait Versioning {
    /// What a replica keeps beside its keys.
    type Node;
    /// What it keeps of a key.
    type Object: Clone + Default;
    /// What a client keeps of a key.
    type Context: Clone + Default;

    fn node(&self, server: NodeId) -> Self::Node;

    /// Takes a write.
    fn put(
        &self,
        node: &mut Self::Node,
        object: &mut Self::Object,
        put: &Put<'_, Self::Context>,
        work: &mut Work,
    ) -> Result<(), Refused>;

    /// Takes over what another replica has.
    fn sync(
        &self,
        node: &mut Self::Node,
        object: &mut Self::Object,
        other: &Self::Object,
        work: &mut Work,
    );

    /// A client sees an answer.
    fn learn(&self, context: &mut Self::Context, answer: &Self::Object);

    /// The writes that are kept.
    fn versions(&self, object: &Self::Object) -> Vec<u32>;

    /// Bytes of clocks with a stored key.
    fn object_bytes(&self, object: &Self::Object) -> usize;

    /// Bytes of clocks in a request.
    fn context_bytes(&self, context: &Self::Context) -> usize;

    /// Bytes of clocks in an answer.
    fn answer_bytes(&self, object: &Self::Object) -> usize {
        self.object_bytes(object)
    }
}

/// Exact causal histories (Schwarz and Mattern 1994): a version has the set of
/// all writes before it. Four bytes a write.
pub(super) struct Histories;

impl Versioning for Histories {
    type Node = ();
    type Object = Vec<(u32, Past)>;
    type Context = Past;

    fn node(&self, _: NodeId) {}

    fn put(
        &self,
        (): &mut (),
        object: &mut Self::Object,
        put: &Put<'_, Past>,
        work: &mut Work,
    ) -> Result<(), Refused> {
        work.comparisons += object.len() as u64;
        object.retain(|(write, _)| !put.context.contains(*write));
        object.push((put.write, put.context.clone()));
        Ok(())
    }

    fn sync(&self, (): &mut (), object: &mut Self::Object, other: &Self::Object, work: &mut Work) {
        work.merges += 1;
        work.comparisons += (object.len() * other.len()) as u64;
        let seen = |by: &Self::Object, write: u32| by.iter().any(|(_, past)| past.contains(write));
        let news: Vec<_> = other
            .iter()
            .filter(|(write, _)| !seen(object, *write) && object.iter().all(|(w, _)| w != write))
            .cloned()
            .collect();
        object.retain(|(write, _)| !seen(other, *write));
        object.extend(news);
    }

    fn learn(&self, context: &mut Past, answer: &Self::Object) {
        for (write, past) in answer {
            context.union(past);
            context.insert(*write);
        }
    }

    fn versions(&self, object: &Self::Object) -> Vec<u32> {
        object.iter().map(|(write, _)| *write).collect()
    }

    fn object_bytes(&self, object: &Self::Object) -> usize {
        object.iter().map(|(_, past)| 4 + self.context_bytes(past)).sum()
    }

    fn context_bytes(&self, context: &Past) -> usize {
        4 * context.count() as usize
    }
}
