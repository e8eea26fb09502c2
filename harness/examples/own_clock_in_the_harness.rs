//! A clock of one's own in every table: the whole command, with one family
//! more.
//!
//! The clock is the one of `causal-clock/examples/own_clock.rs`; here it only
//! gets what a family needs, parameters that serde reads. Try
//! `cargo run --release -p harness --example own_clock_in_the_harness -- run
//! smoke --clocks counter,lamport,itc`.

use std::process::ExitCode;

use causal_clock::{Environment, Guarantees, Scheme};
use harness::registry::{Family, Registry};
use serde::{Deserialize, Serialize};

#[allow(dead_code, reason = "the clock comes with a demonstration of its own")]
#[path = "../../causal-clock/examples/own_clock.rs"]
mod own_clock;

/// The scheme `counter`. A field here would be a parameter, written
/// `counter:field=value`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CounterClocks {}

impl Scheme for CounterClocks {
    type Clock = own_clock::Counter;

    fn name(&self) -> String {
        own_clock::BareCounter.name()
    }

    fn guarantees(&self) -> Guarantees {
        own_clock::BareCounter.guarantees()
    }

    fn seed(&self, env: &mut impl Environment) -> own_clock::Counter {
        own_clock::BareCounter.seed(env)
    }
}

fn main() -> ExitCode {
    let counter = Family::of::<CounterClocks>(
        "counter",
        "A bare counter, as Lamport's clock without ids.",
        &[],
        &["counter"],
    );
    harness::cli::main(&Registry::builtin().with(counter))
}
