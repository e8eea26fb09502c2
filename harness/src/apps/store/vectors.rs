//! Version vectors, with an entry a client or a server, and dotted ones.

use bounded_vc::{DvvSet, VersionVector};
use causal_clock::{CausalOrder, NodeId, Wire};

use super::versioning::{Put, Refused, Versioning, Work};

/// A version vector a version, in which clients count. A client counts in what
/// it remembers, so one that forgets uses a counter twice.
pub(super) struct ClientVectors;

/// Adds a version to those of an object, unless one of them has seen it.
fn add(object: &mut Vec<(VersionVector, u32)>, new: (VersionVector, u32), work: &mut Work) {
    work.comparisons += object.len() as u64;
    let is_known = |order| matches!(order, CausalOrder::Before | CausalOrder::Equal);
    if !object.iter().any(|(clock, _)| is_known(new.0.compare(clock))) {
        object.retain(|(clock, _)| clock.compare(&new.0) != CausalOrder::Before);
        object.push(new);
    }
}

impl Versioning for ClientVectors {
    type Node = ();
    type Object = Vec<(VersionVector, u32)>;
    type Context = VersionVector;

    fn node(&self, _: NodeId) {}

    fn put(
        &self,
        (): &mut (),
        object: &mut Self::Object,
        put: &Put<'_, VersionVector>,
        work: &mut Work,
    ) -> Result<(), Refused> {
        let mut clock = put.context.clone();
        clock.increment(put.client).map_err(|_| Refused)?;
        add(object, (clock, put.write), work);
        Ok(())
    }

    fn sync(&self, (): &mut (), object: &mut Self::Object, other: &Self::Object, work: &mut Work) {
        work.merges += 1;
        other.iter().for_each(|version| add(object, version.clone(), work));
    }

    fn learn(&self, context: &mut VersionVector, answer: &Self::Object) {
        answer.iter().for_each(|(clock, _)| context.merge(clock));
    }

    fn versions(&self, object: &Self::Object) -> Vec<u32> {
        object.iter().map(|(_, write)| *write).collect()
    }

    fn object_bytes(&self, object: &Self::Object) -> usize {
        object.iter().map(|(clock, _)| clock.encoded_len()).sum()
    }

    fn context_bytes(&self, context: &VersionVector) -> usize {
        context.encoded_len()
    }
}

/// One version vector for all versions of an object, in which servers count, as
/// in Riak before it had dots: versions that are kept together cannot be told
/// apart any more.
pub(super) struct ServerVectors;

impl Versioning for ServerVectors {
    type Node = NodeId;
    type Object = (VersionVector, Vec<u32>);
    type Context = VersionVector;

    fn node(&self, server: NodeId) -> NodeId {
        server
    }

    fn put(
        &self,
        server: &mut NodeId,
        (clock, versions): &mut Self::Object,
        put: &Put<'_, VersionVector>,
        work: &mut Work,
    ) -> Result<(), Refused> {
        work.comparisons += 1;
        if matches!(clock.compare(put.context), CausalOrder::Before | CausalOrder::Equal) {
            versions.clear();
        }
        clock.merge(put.context);
        clock.increment(*server).map_err(|_| Refused)?;
        versions.push(put.write);
        Ok(())
    }

    fn sync(
        &self,
        _: &mut NodeId,
        object: &mut Self::Object,
        other: &Self::Object,
        work: &mut Work,
    ) {
        work.merges += 1;
        work.comparisons += 1;
        match object.0.compare(&other.0) {
            CausalOrder::Before => object.clone_from(other),
            CausalOrder::After | CausalOrder::Equal => {}
            CausalOrder::Concurrent => {
                object.0.merge(&other.0);
                object.1.extend(&other.1);
                object.1.sort_unstable();
                object.1.dedup();
            }
        }
    }

    fn learn(&self, context: &mut VersionVector, answer: &Self::Object) {
        context.merge(&answer.0);
    }

    fn versions(&self, object: &Self::Object) -> Vec<u32> {
        object.1.clone()
    }

    fn object_bytes(&self, object: &Self::Object) -> usize {
        object.0.encoded_len()
    }

    fn context_bytes(&self, context: &VersionVector) -> usize {
        context.encoded_len()
    }
}

/// Dotted version vector sets ([`DvvSet`]).
pub(super) struct DottedSets;

impl Versioning for DottedSets {
    type Node = NodeId;
    type Object = DvvSet<u32>;
    type Context = VersionVector;

    fn node(&self, server: NodeId) -> NodeId {
        server
    }

    fn put(
        &self,
        server: &mut NodeId,
        object: &mut DvvSet<u32>,
        put: &Put<'_, VersionVector>,
        work: &mut Work,
    ) -> Result<(), Refused> {
        work.comparisons += 1;
        object.update(put.context, put.write, *server).map_err(|_| Refused)?;
        Ok(())
    }

    fn sync(&self, _: &mut NodeId, object: &mut DvvSet<u32>, other: &DvvSet<u32>, work: &mut Work) {
        work.merges += 1;
        work.comparisons += 1;
        object.sync(other);
    }

    fn learn(&self, context: &mut VersionVector, answer: &DvvSet<u32>) {
        context.merge(&answer.context());
    }

    fn versions(&self, object: &DvvSet<u32>) -> Vec<u32> {
        object.values().copied().collect()
    }

    fn object_bytes(&self, object: &DvvSet<u32>) -> usize {
        let mut bytes = Vec::new();
        object.encode_with(&mut bytes, |_, _| {});
        bytes.len()
    }

    fn context_bytes(&self, context: &VersionVector) -> usize {
        context.encoded_len()
    }

    fn answer_bytes(&self, object: &DvvSet<u32>) -> usize {
        object.context().encoded_len()
    }
}
