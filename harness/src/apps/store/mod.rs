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

/// The ways to handle conflicts, in the order of tables. `exact` is the
/// yardstick: sets of writes, as the truth has them.
pub const SCHEMES: [&str; 7] =
    ["lww-physical", "lww-lamport", "lww-hlc", "vv-client", "vv-server", "dvvset", "exact"];

/// What one execution costs with each of [`SCHEMES`]. All of them see the same
/// clients do the same at the same times.
#[must_use]
pub fn replicate(scenario: &StoreScenario, root_seed: u64, replicate: u32) -> Vec<StoreRow> {
    let rows = |scheme: &&str| {
        let row = match *scheme {
            "lww-physical" => {
                World::new(LastWriter(PhysicalTimes), scenario, root_seed, replicate).run()
            }
            "lww-lamport" => {
                World::new(LastWriter(LamportTimes), scenario, root_seed, replicate).run()
            }
            "lww-hlc" => World::new(LastWriter(HybridTimes), scenario, root_seed, replicate).run(),
            "vv-client" => World::new(ClientVectors, scenario, root_seed, replicate).run(),
            "vv-server" => World::new(ServerVectors, scenario, root_seed, replicate).run(),
            "dvvset" => World::new(DottedSets, scenario, root_seed, replicate).run(),
            _ => World::new(Histories, scenario, root_seed, replicate).run(),
        };
        StoreRow { scheme: (*scheme).to_owned(), ..row }
    };
    SCHEMES.iter().map(rows).collect()
}
