//! What is counted: at every answer, whenever versions meet, and at the end.

use core::mem;

use super::{Key, Operation, World};
use crate::apps::store::Past;
use crate::apps::store::versioning::{Versioning, Work};
use crate::measure::LagBins;

impl<V: Versioning> World<'_, V> {
    pub(super) fn count_read(&mut self, operation: &Operation<V>) {
        let versions = self.scheme.versions(&operation.object);
        let pasts = &self.keys[operation.key as usize].pasts;
        let mut known = Past::default();
        for write in &versions {
            known.union(&pasts[*write as usize]);
            known.insert(*write);
        }
        self.row.reads += 1;
        self.row.siblings += versions.len() as u64;
        self.row.siblings_max = self.row.siblings_max.max(versions.len() as u64);
        self.row.false_siblings += false_siblings(&versions, pasts);
        self.row.stale_reads += u64::from(!known.covers(&operation.acknowledged));
        self.row.answer_bytes += self.scheme.answer_bytes(&operation.object) as u64;
        if self.sizes.len() <= versions.len() {
            self.sizes.resize(versions.len() + 1, 0);
        }
        self.sizes[versions.len()] += 1;
    }

    pub(super) fn count_lags(&mut self, replica: u32, key: u32, object: &V::Object) {
        let mine = self.scheme.versions(&self.replicas[replica as usize].objects[key as usize]);
        let bins = LagBins::new(self.table.clients.count, u32::MAX);
        for theirs in self.scheme.versions(object) {
            for lag in mine.iter().map(|write| write.abs_diff(theirs)).filter(|lag| *lag > 0) {
                *match bins.of(lag) {
                    0 | 1 => &mut self.row.lag_near,
                    2 | 3 => &mut self.row.lag_mid,
                    4 | 5 => &mut self.row.lag_far,
                    _ => &mut self.row.lag_remote,
                } += 1;
            }
        }
    }

    /// The end: everything is brought together, hints too, and counted.
    pub(super) fn settle(&mut self) {
        for key in 0..self.table.keys.count as usize {
            let mut all = V::Object::default();
            let (first, rest) = self.replicas.split_at_mut(1);
            let node = &mut first[0].node;
            let mut work = Work::default();
            let own = mem::take(&mut first[0].objects[key]);
            self.scheme.sync(node, &mut all, &own, &mut work);
            let hints = first[0].hints.iter().chain(rest.iter().flat_map(|r| &r.hints));
            let hints = hints.filter(|hint| hint.1 as usize == key).map(|hint| &hint.2);
            for object in rest.iter().map(|replica| &replica.objects[key]).chain(hints) {
                self.scheme.sync(node, &mut all, object, &mut work);
            }
            let versions = self.scheme.versions(&all);
            let Key { pasts, acknowledged } = &self.keys[key];
            let mut known = Past::default();
            for write in &versions {
                known.union(&pasts[*write as usize]);
                known.insert(*write);
            }
            let lost = (0..pasts.len() as u32).filter(|w| acknowledged.contains(*w));
            self.row.lost += lost.filter(|write| !known.contains(*write)).count() as u64;
            self.row.versions_left += versions.len() as u64;
            self.row.false_left += false_siblings(&versions, pasts);
        }
        self.row.merges = self.work.merges;
        self.row.comparisons = self.work.comparisons;
        let mut left = self.row.reads.div_ceil(100);
        for (size, reads) in self.sizes.iter().enumerate().rev() {
            if *reads >= left {
                self.row.siblings_p99 = size as u64;
                break;
            }
            left -= reads;
        }
    }
}

/// How many of these versions stand beside one that has seen them.
fn false_siblings(versions: &[u32], pasts: &[Past]) -> u64 {
    let is_seen = |write: &&u32| versions.iter().any(|by| pasts[*by as usize].contains(**write));
    versions.iter().filter(is_seen).count() as u64
}
