//! What is counted: integers alone.

use serde::{Deserialize, Serialize};

/// What one execution cost with one scheme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRow {
    /// How conflicts were handled.
    pub scheme: String,
    /// Reads that were answered, those before a write included.
    pub reads: u64,
    /// Writes that a replica took.
    pub writes: u64,
    /// Those that W replicas acknowledged in time.
    pub acknowledged: u64,
    /// Operations that were given up: not enough replicas answered in time.
    pub failed: u64,
    /// Writes that their replica refused.
    pub refused: u64,
    /// Acknowledged writes that are not among the versions in the end, and that
    /// none of these has seen.
    pub lost: u64,
    /// Versions in the end.
    pub versions_left: u64,
    /// Those beside a version that has seen them.
    pub false_left: u64,
    /// Versions in the answers to reads.
    pub siblings: u64,
    /// Versions that 99 in 100 reads do not exceed.
    pub siblings_p99: u64,
    /// The most that a read had.
    pub siblings_max: u64,
    /// Versions in answers beside one that has seen them.
    pub false_siblings: u64,
    /// Reads that miss a write which was acknowledged before they began.
    pub stale_reads: u64,
    /// Bytes of clocks in a key after a write, …
    pub stored_bytes: u64,
    /// … with that many of them weighed.
    pub stored: u64,
    /// Bytes of clocks in requests to write, one for each write.
    pub request_bytes: u64,
    /// Bytes of clocks in the answers to reads.
    pub answer_bytes: u64,
    /// Objects that were merged.
    pub merges: u64,
    /// Clocks that were compared.
    pub comparisons: u64,
    /// Pairs of versions that met at a replica, by how many writes of the key
    /// the second is after the first, in units of the number of clients: below 2,
    pub lag_near: u64,
    /// 2 to 8,
    pub lag_mid: u64,
    /// 8 to 32,
    pub lag_far: u64,
    /// and from 32 on.
    pub lag_remote: u64,
}
