//! What a store is like: TOML to values.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::scenario::Clocks;

/// The stores that come with the command, by name.
pub const PRESETS: [(&str, &str); 3] = [
    ("healthy", include_str!("../../../presets/store/healthy.toml")),
    ("partition", include_str!("../../../presets/store/partition.toml")),
    ("blind-writes", include_str!("../../../presets/store/blind-writes.toml")),
];

/// A store and its clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreScenario {
    /// Letters, digits, `-`, `_` and `.` only.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// How often a client turns up with an operation.
    pub operations: u32,
    /// How many seeds.
    pub seeds: u32,
    /// `[replicas]`.
    #[serde(default)]
    pub replicas: Replicas,
    /// `[clients]`.
    #[serde(default)]
    pub clients: Clients,
    /// `[keys]`.
    #[serde(default)]
    pub keys: Keys,
    /// `[links]`.
    #[serde(default)]
    pub links: Links,
    /// `[clocks]`: how far the replicas' clocks are off.
    #[serde(default)]
    pub clocks: Clocks,
    /// `[[partition]]`: who is cut off from the others, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<Partition>,
}

/// `[replicas]`: each holds every key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replicas {
    /// N, how many there are (default 3).
    pub count: u32,
    /// R, how many answer a read (default 2).
    pub read_quorum: u32,
    /// W, how many acknowledge a write (default 2).
    pub write_quorum: u32,
    /// How long they are waited for (default 1 s).
    #[serde(with = "causal_clock::duration")]
    pub timeout: Duration,
    /// Whether a write for a replica that is cut off is kept and sent later
    /// (default true).
    pub hinted_handoff: bool,
    /// Whether a read brings the replicas that it asked up to date (default true).
    pub read_repair: bool,
    /// How often two replicas compare all keys, and hints are tried again
    /// (default 10 s).
    #[serde(with = "causal_clock::duration")]
    pub anti_entropy: Duration,
}

impl Default for Replicas {
    fn default() -> Self {
        Self {
            count: 3,
            read_quorum: 2,
            write_quorum: 2,
            timeout: Duration::from_secs(1),
            hinted_handoff: true,
            read_repair: true,
            anti_entropy: Duration::from_secs(10),
        }
    }
}

/// `[clients]`: each does one operation at a time, through a replica at random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clients {
    /// How many there are (default 20).
    pub count: u32,
    /// How often each turns up, a second (default 2).
    pub rate: f64,
    /// The share that only reads (default .2).
    pub read: f64,
    /// The share that writes without a read (default 0). The rest reads, thinks
    /// and writes.
    pub blind: f64,
    /// The share that goes on without what it has seen in earlier operations
    /// (default 0).
    pub forget: f64,
    /// How many operations a client does on average before another takes its
    /// place (default 100).
    pub session: f64,
    /// How long it thinks between a read and its write, on average (default 50 ms).
    #[serde(with = "causal_clock::duration")]
    pub think: Duration,
}

impl Default for Clients {
    fn default() -> Self {
        let think = Duration::from_millis(50);
        Self { count: 20, rate: 2.0, read: 0.2, blind: 0.0, forget: 0.0, session: 100.0, think }
    }
}

/// `[keys]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// How many there are (default 20).
    pub count: u32,
    /// The exponent of their popularity by Zipf's law (default 1).
    pub zipf: f64,
}

impl Default for Keys {
    fn default() -> Self {
        Self { count: 20, zipf: 1.0 }
    }
}

/// `[links]`: delays from a client to a replica, and between replicas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Links {
    /// The least delay (default 1 ms).
    #[serde(with = "causal_clock::duration")]
    pub min_delay: Duration,
    /// The mean of what comes on top, exponentially (default 10 ms).
    #[serde(with = "causal_clock::duration")]
    pub mean_extra_delay: Duration,
}

impl Default for Links {
    fn default() -> Self {
        let (min_delay, mean_extra_delay) = (Duration::from_millis(1), Duration::from_millis(10));
        Self { min_delay, mean_extra_delay }
    }
}

/// `[[partition]]`. A client is where its home is, replica number (its own number
/// modulo N).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// When it begins.
    #[serde(with = "causal_clock::duration")]
    pub at: Duration,
    /// How long it lasts.
    #[serde(rename = "for", with = "causal_clock::duration")]
    pub lasts: Duration,
    /// Who is cut off from the others.
    pub replicas: Vec<u32>,
}

impl StoreScenario {
    /// Reads a store and checks that it makes sense. `file` is only used in errors.
    ///
    /// # Errors
    /// A sentence: where, what is wrong, and what was expected.
    pub fn parse(text: &str, file: &str) -> Result<Self, String> {
        let scenario: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("{file}:{line}: {}", error.message().trim_end().replace('\n', "; "))
        })?;
        scenario.check().map_err(|problem| format!("{file}: {problem}"))?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), String> {
        let expect = |holds: bool, problem: String| if holds { Ok(()) } else { Err(problem) };
        let Replicas { count, read_quorum, write_quorum, .. } = self.replicas;
        expect(
            crate::scenario::is_name(&self.name),
            format!("`name` is {:?}: expected letters, digits, `-`, `_` and `.` only", self.name),
        )?;
        for (key, number) in [
            ("operations", self.operations),
            ("seeds", self.seeds),
            ("replicas.count", count),
            ("clients.count", self.clients.count),
            ("keys.count", self.keys.count),
        ] {
            let most = if key.contains('.') { 1_000_000 } else { 100_000_000 };
            expect(
                (1..=most).contains(&number),
                format!("`{key}` is {number}: expected from 1 to {most}"),
            )?;
        }
        expect(count <= 1_000, format!("`replicas.count` is {count}: expected at most 1000"))?;
        for (key, quorum) in [("read_quorum", read_quorum), ("write_quorum", write_quorum)] {
            expect(
                (1..=count).contains(&quorum),
                format!("`replicas.{key}` is {quorum}: expected from 1 to {count}, the replicas"),
            )?;
        }
        let Clients { rate, read, blind, forget, session, .. } = self.clients;
        expect(
            rate > 0.0 && rate <= 1e6,
            format!("`clients.rate` is {rate}: expected above 0, at most 1000000"),
        )?;
        for (key, share) in [("read", read), ("blind", blind), ("forget", forget)] {
            expect(
                (0.0..=1.0).contains(&share),
                format!("`clients.{key}` is {share}: expected from 0 to 1"),
            )?;
        }
        expect(
            read + blind <= 1.0,
            format!(
                "`clients.read` and `clients.blind` are {read} and {blind}: expected at most 1 together"
            ),
        )?;
        expect(
            session >= 1.0,
            format!("`clients.session` is {session}: expected at least 1 operation"),
        )?;
        let zipf = self.keys.zipf;
        expect(
            (0.0..=10.0).contains(&zipf),
            format!("`keys.zipf` is {zipf}: expected from 0 to 10"),
        )?;
        let ppm = self.clocks.drift_ppm;
        expect(
            (0.0..1e6).contains(&ppm) && self.clocks.fault.is_empty(),
            format!(
                "`clocks`: expected `drift_ppm` from 0 to below 1000000 (it is {ppm}), and no faults"
            ),
        )?;
        for (key, length) in
            [("timeout", self.replicas.timeout), ("anti_entropy", self.replicas.anti_entropy)]
        {
            expect(!length.is_zero(), format!("`replicas.{key}` is 0s: expected more"))?;
        }
        for partition in &self.partition {
            let stranger = partition.replicas.iter().find(|replica| **replica >= count);
            expect(
                stranger.is_none(),
                format!(
                    "`partition.replicas` is {:?}: expected numbers below {count}",
                    partition.replicas
                ),
            )?;
        }
        Ok(())
    }
}
