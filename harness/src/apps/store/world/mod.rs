//! The store at work: a discrete-event simulation. What a client does is in
//! `client`, what the replica does that it asks in `coordinator`, how replicas
//! catch up in `repair`, what is counted in `count`.
//!
//! What clients do comes from one stream, what messages of operations take from
//! another, and repairs from a third: so clients do the same with every scheme.

mod client;
mod coordinator;
mod count;
mod repair;

use std::collections::BTreeMap;

use causal_clock::NodeId;

use super::versioning::{Versioning, Work};
use super::{Links, Past, StoreRow, StoreScenario};
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

    /// A message of an operation.
    fn send(&mut self, after: u64, event: Event<V>) {
        let delay = delay(&self.table.links, &mut self.delays);
        self.at(self.now.saturating_add(after).saturating_add(delay), event);
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

    fn operation(&mut self, number: u32) -> Option<&mut Operation<V>> {
        self.operations.get_mut(number as usize)?.as_mut()
    }
}

fn server_id(replica: u32) -> NodeId {
    NodeId::new(crate::random::scramble(u64::MAX - u64::from(replica)))
}

fn length(duration: core::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How long a message takes.
fn delay(links: &Links, random: &mut Random) -> u64 {
    let extra = random.exponential() * links.mean_extra_delay.as_secs_f64();
    length(links.min_delay).saturating_add(nanos(extra))
}
