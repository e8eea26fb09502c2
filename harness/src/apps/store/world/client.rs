//! A client: it turns up, reads, thinks, writes, and remembers what it has seen.

use std::collections::BTreeMap;

use causal_clock::NodeId;

use super::{Client, Event, Memory, Operation, World, length};
use crate::apps::store::versioning::Versioning;
use crate::simulate::nanos;

impl<V: Versioning> World<'_, V> {
    /// A client turns up. All that it may need is drawn, whatever it finds.
    pub(super) fn act(&mut self) {
        self.after_choice_of_time();
        let settings = &self.table.clients;
        let client = self.choices.index(self.clients.len()) as u32;
        let key = self.popularity.draw(self.table.keys.count.into(), &mut self.choices) as u32;
        let kind = self.choices.unit();
        let forgets = self.choices.chance(settings.forget);
        let think = nanos(self.choices.exponential() * settings.think.as_secs_f64());
        let leaves = self.choices.chance(1.0 / settings.session);
        let first = self.choices.index(self.replicas.len()) as u32;
        if self.clients[client as usize].is_busy {
            return;
        }
        if leaves {
            self.clients[client as usize] = self.newcomer();
        }
        let count = self.table.replicas.count;
        let home = client % count;
        let reachable = |r: &u32| self.connected(home, *r);
        let coordinator = (0..count).map(|i| (first + i) % count).find(reachable).unwrap_or(home);
        let own = &mut self.clients[client as usize];
        own.is_busy = true;
        let memory = own.memory.get(&key).filter(|_| !forgets);
        let operation = Operation {
            client,
            key,
            coordinator,
            writes: kind >= settings.read,
            forgets,
            think,
            acknowledged: self.keys[key as usize].acknowledged.clone(),
            context: memory.map(|memory| memory.context.clone()).unwrap_or_default(),
            seen: memory.map(|memory| memory.seen.clone()).unwrap_or_default(),
            object: V::Object::default(),
            answers: Vec::new(),
            write: None,
            copies: 0,
            is_answered: false,
        };
        let number = self.operations.len() as u32;
        self.operations.push(Some(operation));
        let is_blind = kind >= settings.read && kind < settings.read + settings.blind;
        self.send(0, if is_blind { Event::Write(number) } else { Event::Read(number) });
        let timeout = length(self.table.replicas.timeout).saturating_add(think);
        self.at(self.now.saturating_add(timeout), Event::Expire(number));
    }

    pub(super) fn newcomer(&mut self) -> Client<V> {
        self.next_client += 1;
        let id = crate::random::scramble(self.next_client);
        Client { id: NodeId::new(id), is_busy: false, memory: BTreeMap::new() }
    }

    /// The client has what it read.
    pub(super) fn seen(&mut self, number: u32) {
        let Some(mut operation) = self.operations[number as usize].take() else { return };
        self.count_read(&operation);
        self.learn(&mut operation);
        if operation.writes {
            let think = operation.think;
            self.operations[number as usize] = Some(operation);
            self.send(think, Event::Write(number));
        } else {
            self.finish(operation);
        }
    }

    /// What the client has seen with the operation's object.
    pub(super) fn learn(&self, operation: &mut Operation<V>) {
        self.scheme.learn(&mut operation.context, &operation.object);
        for write in self.scheme.versions(&operation.object) {
            operation.seen.union(&self.keys[operation.key as usize].pasts[write as usize]);
            operation.seen.insert(write);
        }
    }

    /// The client has the answer to its write: what its coordinator had then.
    pub(super) fn done(&mut self, number: u32) {
        let Some(mut operation) = self.operations[number as usize].take() else { return };
        self.learn(&mut operation);
        self.finish(operation);
    }

    /// A client that got no answer does not know whether it wrote: another takes
    /// its place.
    pub(super) fn expire(&mut self, number: u32) {
        let Some(operation) = self.operations[number as usize].take() else { return };
        if operation
            .write
            .is_none_or(|write| !self.keys[operation.key as usize].acknowledged.contains(write))
        {
            self.row.failed += 1;
        }
        self.clients[operation.client as usize] = self.newcomer();
    }

    pub(super) fn finish(&mut self, operation: Operation<V>) {
        let client = &mut self.clients[operation.client as usize];
        client.is_busy = false;
        if !operation.forgets {
            let Operation { context, seen, .. } = operation;
            client.memory.insert(operation.key, Memory { context, seen });
        }
    }
}
