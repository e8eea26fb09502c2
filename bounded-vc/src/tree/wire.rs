//! How tree stamps and clocks become bytes.
//!
//! | part | written as |
//! |---|---|
//! | who is known how far | as a [`VersionVector`](crate::VersionVector) |
//! | whose tree it is | as the origin of a [`VectorStamp`](crate::VectorStamp) |
//! | for each other entry, ids ascending: the rank of its parent among the ids, from zero | LEB128 |
//! | how far its attachment time is behind the parent's time | LEB128 |
//!
//! A tree that is not empty has an entry for whose it is. A clock is written
//! as its stamp would be.

use alloc::sync::Arc;
use alloc::vec::Vec;

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{DecodeError, NodeId, Wire};

use super::arena::{NONE, Node, Tree};
use super::{TreeClock, TreeStamp};
use crate::VersionVector;
use crate::dot::{owner_len, put_owner, read_owner};

impl Tree {
    pub(super) fn vector(&self) -> VersionVector {
        let times: Vec<u64> = self.nodes.iter().map(|node| node.time).collect();
        VersionVector::from_parts(self.ids.iter().map(|id| id.get()).collect(), &times)
    }

    /// The parent of each node but the root, and how far its attachment is
    /// behind.
    fn links(&self) -> impl Iterator<Item = [u64; 2]> {
        self.nodes.iter().filter(|node| node.parent != NONE).map(|node| {
            let parent: &Node = &self.nodes[node.parent as usize];
            [node.parent.into(), parent.time - node.attached]
        })
    }

    fn put(&self, out: &mut Vec<u8>, owner: NodeId) {
        self.vector().encode(out);
        put_owner(out, owner, self.rank(owner));
        self.links().flatten().for_each(|number| put_varint(out, number));
    }

    fn len(&self, owner: NodeId) -> usize {
        self.vector().encoded_len()
            + owner_len(self.rank(owner))
            + self.links().flatten().map(varint_len).sum::<usize>()
    }
}

fn read(bytes: &[u8]) -> Result<(Tree, NodeId), DecodeError> {
    let mut reader = Reader::new(bytes);
    let vector = VersionVector::read(&mut reader)?;
    let ids = vector.id_numbers();
    let at = reader.position();
    let rank_of = |id: NodeId| ids.binary_search(&id.get()).ok();
    let (owner, root) = read_owner(&mut reader, ids.len(), |rank| NodeId::new(ids[rank]), rank_of)?;
    let tree = match root {
        None if ids.is_empty() => Tree::new(),
        None => {
            return Err(DecodeError::Invalid { at, expected: "an entry of whose tree it is" });
        }
        Some(root) => read_links(&mut reader, &vector, root)?,
    };
    reader.finish()?;
    Ok((tree, owner))
}

fn read_links(
    reader: &mut Reader<'_>,
    vector: &VersionVector,
    root: usize,
) -> Result<Tree, DecodeError> {
    let start = reader.position();
    let (ids, times): (Vec<NodeId>, Vec<u64>) = vector.iter().unzip();
    // The vector was read from the input, so this is bounded by it, too.
    let mut links = Vec::with_capacity(ids.len());
    for rank in 0..ids.len() {
        if rank == root {
            links.push((NONE, 0));
            continue;
        }
        let at = reader.position();
        let parent = reader.varint()?;
        let behind = reader.varint()?;
        let time = usize::try_from(parent).ok().and_then(|parent| times.get(parent));
        let attached = time.and_then(|time| time.checked_sub(behind)).filter(|time| *time > 0);
        let (Ok(parent), Some(attached)) = (u32::try_from(parent), attached) else {
            let expected = "a parent, and a time in its life";
            return Err(DecodeError::Invalid { at, expected });
        };
        links.push((parent, attached));
    }
    let expected = "links that make a tree, siblings attached one after the other";
    Tree::from_links(ids, &times, root, &links).ok_or(DecodeError::Invalid { at: start, expected })
}

impl Wire for TreeStamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.tree.put(out, self.dot().origin);
    }

    fn encoded_len(&self) -> usize {
        self.tree.len(self.dot().origin)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tree, origin) = read(bytes)?;
        Ok(Self::of(origin, Arc::new(tree)))
    }
}

impl Wire for TreeClock {
    fn encode(&self, out: &mut Vec<u8>) {
        self.tree.put(out, self.id);
    }

    fn encoded_len(&self) -> usize {
        self.tree.len(self.id)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (tree, id) = read(bytes)?;
        Ok(Self { id, tree: Arc::new(tree) })
    }
}
