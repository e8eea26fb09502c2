//! A clock with its parameters: what has a name, promises, and a first clock.

use alloc::string::String;

use crate::{CausalClock, Environment, Guarantees};

/// A member of a clock family with its parameters fixed, such as REV with 16
/// entries: a value that has a name, declares guarantees, and makes the clock
/// of the first participant, from which all others are forked.
pub trait Scheme: Clone {
    /// Its clocks.
    type Clock: CausalClock;

    /// The name with the parameters that differ from the defaults, as it is
    /// written on the command line and in results: `itc`, `rev:r=16`,
    /// `riak:small=10,big=50`.
    fn name(&self) -> String;

    /// What its verdicts promise.
    fn guarantees(&self) -> Guarantees;

    /// The clock of the first participant.
    fn seed(&self, env: &mut impl Environment) -> Self::Clock;
}
