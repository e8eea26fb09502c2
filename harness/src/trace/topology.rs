//! Events and the events they depend on, as two flat arrays, and their order:
//! causes before effects (Kahn, "Topological sorting of large networks", 1962).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::HashSet;

/// For each event, numbered from 0, the events it directly depends on.
#[derive(Clone, Debug)]
pub(super) struct Parents {
    /// Where each event's parents begin in `flat`; one more entry ends them.
    begins: Vec<u32>,
    flat: Vec<u32>,
}

impl Default for Parents {
    fn default() -> Self {
        Self { begins: vec![0], flat: Vec::new() }
    }
}

impl Parents {
    /// Adds an event with its parents. One that is named twice counts once.
    pub(super) fn push(&mut self, parents: impl IntoIterator<Item = u32>) {
        /// Above it, looking at each of those before is slower than a set.
        const FEW: usize = 32;
        let begin = self.flat.len();
        let mut many = HashSet::new();
        for parent in parents {
            let known = &self.flat[begin..];
            if known.len() == FEW && many.is_empty() {
                many.extend(known);
            }
            let is_new =
                if known.len() < FEW { !known.contains(&parent) } else { many.insert(parent) };
            if is_new {
                self.flat.push(parent);
            }
        }
        self.begins.push(self.flat.len() as u32);
    }

    pub(super) fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// How many dependencies there are in all.
    pub(super) fn edges(&self) -> usize {
        self.flat.len()
    }

    pub(super) fn of(&self, event: u32) -> &[u32] {
        &self.flat[self.edges_of(event)]
    }

    /// The numbers of an event's dependencies among all of them.
    pub(super) fn edges_of(&self, event: u32) -> std::ops::Range<usize> {
        let event = event as usize;
        self.begins[event] as usize..self.begins[event + 1] as usize
    }

    pub(super) fn children(&self) -> Children {
        Children::new(self)
    }

    /// The events in an order in which causes come before effects. Among those
    /// that are free to come next, the lowest number does, so that an order
    /// which is right already stays as it is.
    ///
    /// # Errors
    /// The events of a cycle, in order of their numbers.
    pub(super) fn order(&self) -> Result<Vec<u32>, Vec<u32>> {
        let children = self.children();
        let events = 0..self.len() as u32;
        let mut waits_for: Vec<u32> = events.clone().map(|e| self.of(e).len() as u32).collect();
        let mut ready: BinaryHeap<Reverse<u32>> =
            events.filter(|e| waits_for[*e as usize] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse(event)) = ready.pop() {
            order.push(event);
            for (child, _) in children.of(event) {
                waits_for[*child as usize] -= 1;
                if waits_for[*child as usize] == 0 {
                    ready.push(Reverse(*child));
                }
            }
        }
        if order.len() < self.len() { Err(self.cycle(&waits_for)) } else { Ok(order) }
    }

    /// Every event that still waits has a parent that still waits: going from
    /// parent to parent must end in a circle.
    fn cycle(&self, waits_for: &[u32]) -> Vec<u32> {
        let mut at = waits_for.iter().position(|w| *w > 0).unwrap_or(0) as u32;
        let mut seen_at = vec![None; self.len()];
        let mut path = Vec::new();
        while seen_at[at as usize].is_none() {
            seen_at[at as usize] = Some(path.len());
            path.push(at);
            let waiting = self.of(at).iter().find(|p| waits_for[**p as usize] > 0);
            at = waiting.copied().unwrap_or(at);
        }
        let mut cycle = path.split_off(seen_at[at as usize].unwrap_or(0));
        cycle.sort_unstable();
        cycle
    }
}

/// For each event, the events that directly depend on it, in order of their
/// numbers, and by which edge.
#[derive(Clone, Debug)]
pub(super) struct Children {
    begins: Vec<u32>,
    flat: Vec<(u32, u32)>,
}

impl Children {
    fn new(parents: &Parents) -> Self {
        let mut begins = vec![0; parents.len() + 1];
        for parent in &parents.flat {
            begins[*parent as usize + 1] += 1;
        }
        for event in 0..parents.len() {
            begins[event + 1] += begins[event];
        }
        let mut next = begins.clone();
        let mut flat = vec![(0, 0); parents.flat.len()];
        for child in 0..parents.len() as u32 {
            for edge in parents.edges_of(child) {
                let slot = &mut next[parents.flat[edge] as usize];
                flat[*slot as usize] = (child, edge as u32);
                *slot += 1;
            }
        }
        Self { begins, flat }
    }

    /// An event's children and the edges that lead to them.
    pub(super) fn of(&self, event: u32) -> &[(u32, u32)] {
        let event = event as usize;
        &self.flat[self.begins[event] as usize..self.begins[event + 1] as usize]
    }
}
