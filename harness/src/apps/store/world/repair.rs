//! How replicas catch up behind the clients' backs: hints, read repair, and
//! anti-entropy.

use core::mem;

use super::{Event, Replica, World, delay, length};
use crate::apps::store::versioning::Versioning;

impl<V: Versioning> World<'_, V> {
    pub(super) fn repair(&mut self, replica: u32, key: u32, object: V::Object) {
        let delay = delay(&self.table.links, &mut self.repairs);
        self.at(self.now.saturating_add(delay), Event::Repair { replica, key, object });
    }

    /// A replica learns what another has of a key.
    pub(super) fn take_over(&mut self, replica: u32, key: u32, object: &V::Object) {
        self.count_lags(replica, key, object);
        let Replica { node, objects, .. } = &mut self.replicas[replica as usize];
        self.scheme.sync(node, &mut objects[key as usize], object, &mut self.work);
    }

    /// Hints are tried again, and each replica tells one other of all keys that
    /// differ.
    pub(super) fn anti_entropy(&mut self) {
        for from in 0..self.table.replicas.count {
            let hints = mem::take(&mut self.replicas[from as usize].hints);
            for (to, key, object) in hints {
                if self.connected(from, to) {
                    self.repair(to, key, object);
                } else {
                    self.replicas[from as usize].hints.push((to, key, object));
                }
            }
            let others = self.others(from);
            let Some(to) = others.get(self.repairs.index(others.len())).copied() else { continue };
            for key in 0..self.table.keys.count {
                let object = self.replicas[from as usize].objects[key as usize].clone();
                let theirs = &self.replicas[to as usize].objects[key as usize];
                if self.sorted(&object) != self.sorted(theirs) {
                    self.repair(to, key, object);
                }
            }
        }
        if self.acts_left > 0 {
            let next = self.now.saturating_add(length(self.table.replicas.anti_entropy));
            self.at(next, Event::AntiEntropy);
        }
    }
}
