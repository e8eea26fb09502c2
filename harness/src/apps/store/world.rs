//! The store at work: a discrete-event simulation.
//!
//! What clients do comes from one stream, what messages of operations take from
//! another, and repairs from a third: so clients do the same with every scheme.

use core::mem;
use std::collections::BTreeMap;

use causal_clock::{NodeId, PhysicalTime};

use super::versioning::{Put, Versioning, Work};
use super::{Past, StoreRow, StoreScenario};
use crate::measure::LagBins;
use crate::random::Random;
use crate::simulate::calendar::Calendar;
use crate::simulate::clocks::Clocks;
use crate::simulate::nanos;
use crate::simulate::zipf::Zipf;

/// What happens at a time. Operations are numbers.
enum Event<V: Versioning> {
    /// A client turns up.
    Act,
    /// An operation reaches its coordinator with a read, or with its write.
    Read(u32),
    Write(u32),
    /// A replica is asked, and its answer comes back.
    Ask(u32, u32),
    Answer(u32, u32, V::Object),
    /// A write comes to a replica, and its acknowledgement to the coordinator.
    Copy {
        operation: u32,
        replica: u32,
        key: u32,
        object: V::Object,
    },
    Acknowledge(u32),
    /// The answer is at the client.
    Seen(u32),
    Done(u32),
    /// Time is up.
    Expire(u32),
    /// A replica is told what another has, and nobody waits for it.
    Repair {
        replica: u32,
        key: u32,
        object: V::Object,
    },
    /// Two replicas compare all keys.
    AntiEntropy,
}

/// A client's operation under way.
struct Operation<V: Versioning> {
    client: u32,
    key: u32,
    coordinator: u32,
    writes: bool,
    forgets: bool,
    think: u64,
    /// What was acknowledged when it began.
    acknowledged: Past,
    /// What the client presents, and what it has seen in truth.
    context: V::Context,
    seen: Past,
    /// What was read, or what the coordinator has after the write.
    object: V::Object,
    answers: Vec<(u32, V::Object)>,
    write: Option<u32>,
    copies: u32,
    is_answered: bool,
}

/// What a client remembers of a key.
struct Memory<V: Versioning> {
    context: V::Context,
    seen: Past,
}

struct Client<V: Versioning> {
    id: NodeId,
    is_busy: bool,
    memory: BTreeMap<u32, Memory<V>>,
}

struct Replica<V: Versioning> {
    node: V::Node,
    objects: Vec<V::Object>,
    /// Writes for replicas that could not be reached.
    hints: Vec<(u32, u32, V::Object)>,
}

/// The truth about a key.
#[derive(Default)]
struct Key {
    /// By write, what it had seen.
    pasts: Vec<Past>,
    acknowledged: Past,
}

pub(super) struct World<'a, V: Versioning> {
    scheme: V,
    table: &'a StoreScenario,
    popularity: Zipf,
    choices: Random,
    delays: Random,
    repairs: Random,
    clocks: Clocks,
    due: Calendar<u32>,
    events: Vec<Option<Event<V>>>,
    free: Vec<u32>,
    now: u64,
    acts_left: u32,
    next_client: u64,
    clients: Vec<Client<V>>,
    replicas: Vec<Replica<V>>,
    keys: Vec<Key>,
    operations: Vec<Option<Operation<V>>>,
    row: StoreRow,
    work: Work,
    /// How many reads had so many versions.
    sizes: Vec<u64>,
}

impl<'a, V: Versioning> World<'a, V> {
    pub(super) fn new(scheme: V, table: &'a StoreScenario, root_seed: u64, replicate: u32) -> Self {
        let stream = |part: &str| Random::new(root_seed, &table.name, replicate, part);
        let mut clocks = Clocks::new(&table.clocks, stream);
        let replica = |number: u32| {
            // The table has no faults, so nobody restarts.
            clocks.add(number).for_each(drop);
            let objects = (0..table.keys.count).map(|_| V::Object::default()).collect();
            let node = scheme.node(server_id(number));
            Replica { node, objects, hints: Vec::new() }
        };
        let replicas = (0..table.replicas.count).map(replica).collect();
        let mut world = Self {
            popularity: Zipf::new(table.keys.zipf),
            choices: stream("clients"),
            delays: stream("network"),
            repairs: stream("repairs"),
            clocks,
            due: Calendar::new(),
            events: Vec::new(),
            free: Vec::new(),
            now: 0,
            acts_left: table.operations,
            next_client: 0,
            clients: Vec::new(),
            replicas,
            keys: (0..table.keys.count).map(|_| Key::default()).collect(),
            operations: Vec::new(),
            row: StoreRow::default(),
            work: Work::default(),
            sizes: Vec::new(),
            scheme,
            table,
        };
        for _ in 0..table.clients.count {
            let client = world.newcomer();
            world.clients.push(client);
        }
        world
    }

    /// All of it, to the end.
    pub(super) fn run(mut self) -> StoreRow {
        self.after_choice_of_time();
        self.at(length(self.table.replicas.anti_entropy), Event::AntiEntropy);
        while let Some((time, slot)) = self.due.pop() {
            self.now = time;
            self.free.push(slot);
            if let Some(event) = self.events[slot as usize].take() {
                self.happens(event);
            }
        }
        self.settle();
        self.row
    }

    fn at(&mut self, time: u64, event: Event<V>) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.events.push(None);
            self.events.len() as u32 - 1
        });
        self.events[slot as usize] = Some(event);
        self.due.push(time, slot);
    }

    fn delay(&self, random: &mut Random) -> u64 {
        let extra = random.exponential() * self.table.links.mean_extra_delay.as_secs_f64();
        length(self.table.links.min_delay).saturating_add(nanos(extra))
    }

    /// A message of an operation.
    fn send(&mut self, after: u64, event: Event<V>) {
        let mut delays = self.delays.clone();
        let delay = self.delay(&mut delays);
        self.delays = delays;
        self.at(self.now.saturating_add(after).saturating_add(delay), event);
    }

    fn repair(&mut self, replica: u32, key: u32, object: V::Object) {
        let mut repairs = self.repairs.clone();
        let delay = self.delay(&mut repairs);
        self.repairs = repairs;
        self.at(self.now.saturating_add(delay), Event::Repair { replica, key, object });
    }

    /// When the next client turns up.
    fn after_choice_of_time(&mut self) {
        if self.acts_left > 0 {
            self.acts_left -= 1;
            let rate = self.table.clients.rate * f64::from(self.table.clients.count);
            let wait = nanos(self.choices.exponential() / rate);
            self.at(self.now.saturating_add(wait), Event::Act);
        }
    }

    fn newcomer(&mut self) -> Client<V> {
        self.next_client += 1;
        let id = crate::random::scramble(self.next_client);
        Client { id: NodeId::new(id), is_busy: false, memory: BTreeMap::new() }
    }

    /// Whether messages pass between two replicas.
    fn connected(&self, a: u32, b: u32) -> bool {
        self.table.partition.iter().all(|cut| {
            let (from, lasts) = (length(cut.at), length(cut.lasts));
            let is_on = (from..from.saturating_add(lasts)).contains(&self.now);
            !is_on || cut.replicas.contains(&a) == cut.replicas.contains(&b)
        })
    }

    fn happens(&mut self, event: Event<V>) {
        match event {
            Event::Act => self.act(),
            Event::Read(number) => self.read(number),
            Event::Ask(number, replica) => self.ask(number, replica),
            Event::Answer(number, replica, object) => self.answer(number, replica, object),
            Event::Seen(number) => self.seen(number),
            Event::Write(number) => self.write(number),
            Event::Copy { operation, replica, key, object } => {
                self.take_over(replica, key, &object);
                self.send(0, Event::Acknowledge(operation));
            }
            Event::Acknowledge(number) => self.acknowledge(number),
            Event::Done(number) => self.done(number),
            Event::Expire(number) => self.expire(number),
            Event::Repair { replica, key, object } => self.take_over(replica, key, &object),
            Event::AntiEntropy => self.anti_entropy(),
        }
    }

    /// A client turns up. All that it may need is drawn, whatever it finds.
    fn act(&mut self) {
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

    fn operation(&mut self, number: u32) -> Option<&mut Operation<V>> {
        self.operations.get_mut(number as usize)?.as_mut()
    }

    /// The others that can be reached from a replica.
    fn others(&self, from: u32) -> Vec<u32> {
        let others = (0..self.table.replicas.count).filter(|replica| *replica != from);
        others.filter(|replica| self.connected(from, *replica)).collect()
    }

    fn read(&mut self, number: u32) {
        let Some(&mut Operation { coordinator, key, .. }) = self.operation(number) else { return };
        for other in self.others(coordinator) {
            self.send(0, Event::Ask(number, other));
        }
        let own = self.replicas[coordinator as usize].objects[key as usize].clone();
        self.answer(number, coordinator, own);
    }

    fn ask(&mut self, number: u32, replica: u32) {
        let Some(&mut Operation { coordinator, key, .. }) = self.operation(number) else { return };
        if self.connected(coordinator, replica) {
            let object = self.replicas[replica as usize].objects[key as usize].clone();
            self.send(0, Event::Answer(number, replica, object));
        }
    }

    fn answer(&mut self, number: u32, replica: u32, object: V::Object) {
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

    fn sorted(&self, object: &V::Object) -> Vec<u32> {
        let mut versions = self.scheme.versions(object);
        versions.sort_unstable();
        versions
    }

    /// The client has what it read.
    fn seen(&mut self, number: u32) {
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
    fn learn(&self, operation: &mut Operation<V>) {
        self.scheme.learn(&mut operation.context, &operation.object);
        for write in self.scheme.versions(&operation.object) {
            operation.seen.union(&self.keys[operation.key as usize].pasts[write as usize]);
            operation.seen.insert(write);
        }
    }

    fn count_read(&mut self, operation: &Operation<V>) {
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

    /// The write is at its coordinator.
    fn write(&mut self, number: u32) {
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

    fn reading(&self, replica: u32) -> PhysicalTime {
        self.clocks.reading(replica, self.now)
    }

    /// One more replica has the write.
    fn acknowledge(&mut self, number: u32) {
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

    /// The client has the answer to its write: what its coordinator had then.
    fn done(&mut self, number: u32) {
        let Some(mut operation) = self.operations[number as usize].take() else { return };
        self.learn(&mut operation);
        self.finish(operation);
    }

    /// A client that got no answer does not know whether it wrote: another takes
    /// its place.
    fn expire(&mut self, number: u32) {
        let Some(operation) = self.operations[number as usize].take() else { return };
        if operation
            .write
            .is_none_or(|write| !self.keys[operation.key as usize].acknowledged.contains(write))
        {
            self.row.failed += 1;
        }
        self.clients[operation.client as usize] = self.newcomer();
    }

    fn finish(&mut self, operation: Operation<V>) {
        let client = &mut self.clients[operation.client as usize];
        client.is_busy = false;
        if !operation.forgets {
            let Operation { context, seen, .. } = operation;
            client.memory.insert(operation.key, Memory { context, seen });
        }
    }

    /// A replica learns what another has of a key.
    fn take_over(&mut self, replica: u32, key: u32, object: &V::Object) {
        self.count_lags(replica, key, object);
        let Replica { node, objects, .. } = &mut self.replicas[replica as usize];
        self.scheme.sync(node, &mut objects[key as usize], object, &mut self.work);
    }

    fn count_lags(&mut self, replica: u32, key: u32, object: &V::Object) {
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

    /// Hints are tried again, and each replica tells one other of all keys that
    /// differ.
    fn anti_entropy(&mut self) {
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

    /// The end: everything is brought together, hints too, and counted.
    fn settle(&mut self) {
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

fn server_id(replica: u32) -> NodeId {
    NodeId::new(crate::random::scramble(u64::MAX - u64::from(replica)))
}

fn length(duration: core::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
