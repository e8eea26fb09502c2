//! A replicated key-value store, simulated: what each way to detect conflicts
//! loses, keeps beside its successor, and sends along.
//!
//! The store is that of Dynamo (`DeCandia` et al., SOSP 2007): a write goes to all
//! replicas and is acknowledged by W of them, a read asks R; hints, read repair
//! and anti-entropy bring the rest together. The truth is the causal past of every
//! write as a set ([`Past`]): what its client had seen of the key when it wrote,
//! be it by reading or by the answer to an earlier write. A client that forgets
//! has seen no more than the read before its write.

mod last_writer;
mod past;
mod row;
mod settings;
#[cfg(test)]
mod tests;
mod vectors;
mod versioning;
mod world;

pub use past::Past;
pub use row::StoreRow;
pub use settings::{Clients, Keys, Links, PRESETS, Partition, Replicas, StoreScenario};

use self::last_writer::{HybridTimes, LamportTimes, LastWriter, PhysicalTimes};
use self::vectors::{ClientVectors, DottedSets, ServerVectors};
use self::versioning::Histories;
use self::world::World;

/// A way to handle conflicts.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// Its name in results.
    pub name: &'static str,
    run: fn(&StoreScenario, u64, u32) -> StoreRow,
}

/// The ways to handle conflicts, in the order of tables. `exact` is the
/// yardstick: sets of writes, as the truth has them.
pub const SCHEMES: [Scheme; 7] = [
    scheme("lww-physical", |s, seed, n| World::new(LastWriter(PhysicalTimes), s, seed, n).run()),
    scheme("lww-lamport", |s, seed, n| World::new(LastWriter(LamportTimes), s, seed, n).run()),
    scheme("lww-hlc", |s, seed, n| World::new(LastWriter(HybridTimes), s, seed, n).run()),
    scheme("vv-client", |s, seed, n| World::new(ClientVectors, s, seed, n).run()),
    scheme("vv-server", |s, seed, n| World::new(ServerVectors, s, seed, n).run()),
    scheme("dvvset", |s, seed, n| World::new(DottedSets, s, seed, n).run()),
    scheme("exact", |s, seed, n| World::new(Histories, s, seed, n).run()),
];

const fn scheme(name: &'static str, run: fn(&StoreScenario, u64, u32) -> StoreRow) -> Scheme {
    Scheme { name, run }
}

/// What one execution costs with each of [`SCHEMES`]. All of them see the same
/// clients do the same at the same times.
#[must_use]
pub fn replicate(scenario: &StoreScenario, root_seed: u64, replicate: u32) -> Vec<StoreRow> {
    let row = |scheme: Scheme| StoreRow {
        scheme: scheme.name.to_owned(),
        ..(scheme.run)(scenario, root_seed, replicate)
    };
    SCHEMES.map(row).into()
}
