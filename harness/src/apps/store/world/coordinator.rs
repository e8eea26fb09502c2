//! The replica that a client asks: it asks the others, waits for enough of them,
//! and answers.

use core::mem;

use causal_clock::PhysicalTime;

use super::{Event, Operation, Replica, World};
use crate::apps::store::versioning::{Put, Versioning};

impl<V: Versioning> World<'_, V> {
    /// The others that can be reached from a replica.
    pub(super) fn others(&self, from: u32) -> Vec<u32> {
        let others = (0..self.table.replicas.count).filter(|replica| *replica != from);
        others.filter(|replica| self.connected(from, *replica)).collect()
    }

    pub(super) fn read(&mut self, number: u32) {
        let Some(&mut Operation { coordinator, key, .. }) = self.operation(number) else { return };
        for other in self.others(coordinator) {
            self.send(0, Event::Ask(number, other));
        }
        let own = self.replicas[coordinator as usize].objects[key as usize].clone();
        self.answer(number, coordinator, own);
    }

    pub(super) fn ask(&mut self, number: u32, replica: u32) {
        let Some(&mut Operation { coordinator, key, .. }) = self.operation(number) else { return };
        if self.connected(coordinator, replica) {
            let object = self.replicas[replica as usize].objects[key as usize].clone();
            self.send(0, Event::Answer(number, replica, object));
        }
    }

    pub(super) fn answer(&mut self, number: u32, replica: u32, object: V::Object) {
        let quorum = self.table.replicas.read_quorum as usize;
        let Some(operation) = self.operation(number) else { return };
        if operation.is_answered {
            return;
        }
        operation.answers.push((replica, object));
        if operation.answers.len() < quorum {
            return;
        }
        operation.is_answered = true;
        let (answers, coordinator, key) =
            (mem::take(&mut operation.answers), operation.coordinator, operation.key);
        let mut merged = V::Object::default();
        let node = &mut self.replicas[coordinator as usize].node;
        for (_, object) in &answers {
            self.scheme.sync(node, &mut merged, object, &mut self.work);
        }
        if self.table.replicas.read_repair && quorum > 1 {
            let versions = self.sorted(&merged);
            for (replica, object) in answers {
                if self.sorted(&object) != versions {
                    self.repair(replica, key, merged.clone());
                }
            }
        }
        if let Some(operation) = self.operation(number) {
            operation.object = merged;
        }
        self.send(0, Event::Seen(number));
    }

    pub(super) fn sorted(&self, object: &V::Object) -> Vec<u32> {
        let mut versions = self.scheme.versions(object);
        versions.sort_unstable();
        versions
    }

    /// The write is at its coordinator.
    pub(super) fn write(&mut self, number: u32) {
        let Some(mut operation) = self.operations[number as usize].take() else { return };
        let (key, coordinator) = (operation.key, operation.coordinator);
        let now = self.reading(coordinator);
        let write = self.keys[key as usize].pasts.len() as u32;
        let client = self.clients[operation.client as usize].id;
        let put = Put { write, client, context: &operation.context, now };
        let Replica { node, objects, .. } = &mut self.replicas[coordinator as usize];
        let object = &mut objects[key as usize];
        if self.scheme.put(node, object, &put, &mut self.work).is_err() {
            self.row.refused += 1;
            self.finish(operation);
            return;
        }
        operation.object = object.clone();
        operation.write = Some(write);
        self.row.writes += 1;
        self.row.request_bytes += self.scheme.context_bytes(&operation.context) as u64;
        self.row.stored_bytes += self.scheme.object_bytes(object) as u64;
        self.row.stored += 1;
        self.keys[key as usize].pasts.push(operation.seen.clone());
        let object = operation.object.clone();
        self.operations[number as usize] = Some(operation);
        for replica in (0..self.table.replicas.count).filter(|replica| *replica != coordinator) {
            let object = object.clone();
            if self.connected(coordinator, replica) {
                self.send(0, Event::Copy { operation: number, replica, key, object });
            } else if self.table.replicas.hinted_handoff {
                self.replicas[coordinator as usize].hints.push((replica, key, object));
            }
        }
        self.acknowledge(number);
    }

    pub(super) fn reading(&self, replica: u32) -> PhysicalTime {
        self.clocks.reading(replica, self.now)
    }

    /// One more replica has the write.
    pub(super) fn acknowledge(&mut self, number: u32) {
        let quorum = self.table.replicas.write_quorum;
        let Some(operation) = self.operation(number) else { return };
        operation.copies += 1;
        if operation.copies == quorum
            && let (Some(write), key) = (operation.write, operation.key)
        {
            self.keys[key as usize].acknowledged.insert(write);
            self.row.acknowledged += 1;
            self.send(0, Event::Done(number));
        }
    }
}
