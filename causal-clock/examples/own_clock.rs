//! A clock of one's own, from nothing to the laws.
//!
//! The clock: a bare counter that every event increases and every message
//! carries (Lamport 1978, without ids to break ties). Small, and wrong in all
//! the ways that it admits to: the laws check that it keeps what it declares,
//! and that what it does not declare really goes wrong.
//!
//! Run the demonstration with `cargo run -p causal-clock --features laws
//! --example own_clock`, its laws with `cargo test` in place of `cargo run`.

use causal_clock::wire::{Reader, put_varint, varint_len};
use causal_clock::{
    CausalClock, CausalOrder, CausalStamp, CounterOverflow, DecodeError, Environment, Guarantee,
    Guarantees, ManualEnvironment, Rejected, Scheme, Verdict, Wire,
};

/// Both the clock and its stamp: the number of the latest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counter(u64);

impl Wire for Counter {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, self.0);
    }

    fn encoded_len(&self) -> usize {
        varint_len(self.0)
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let counter = reader.varint()?;
        reader.finish()?;
        Ok(Self(counter))
    }
}

impl CausalStamp for Counter {
    /// A smaller number is only a guess at *before*. Equal numbers may be of
    /// different events, so that is a guess, too.
    fn compare(&self, other: &Self) -> Verdict {
        Verdict::guessed(CausalOrder::from(self.0.cmp(&other.0)))
    }
}

impl CausalClock for Counter {
    type Stamp = Self;
    type Error = CounterOverflow;

    fn fork(&mut self, _: &mut impl Environment) -> Self {
        *self
    }

    fn event(&mut self, _: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.0 = self.0.checked_add(1).ok_or(CounterOverflow { counter: self.0 })?;
        Ok(())
    }

    fn stamp(&self) -> Self {
        *self
    }

    fn merge(&mut self, stamp: &Self, _: &mut impl Environment) -> Result<(), CounterOverflow> {
        self.0 = self.0.max(stamp.0);
        Ok(())
    }

    fn join(&mut self, retired: Self, _: &mut impl Environment) -> Result<(), Rejected<Self>> {
        self.0 = self.0.max(retired.0);
        Ok(())
    }
}

/// The scheme: no parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BareCounter;

impl Scheme for BareCounter {
    type Clock = Counter;

    fn name(&self) -> String {
        "counter".into()
    }

    /// An event's number is larger than that of any event in its past, so an
    /// order is neither missed nor turned round. Nothing more.
    fn guarantees(&self) -> Guarantees {
        Guarantees::of(&[Guarantee::Complete, Guarantee::Consistent])
    }

    fn seed(&self, _: &mut impl Environment) -> Counter {
        Counter(0)
    }
}

fn main() -> Result<(), CounterOverflow> {
    let env = &mut ManualEnvironment::default();
    let mut alice = BareCounter.seed(env);
    let mut bob = alice.fork(env);
    let sent = alice.send(env)?;
    bob.event(env)?;
    println!("alice's message and bob's event: {}", sent.compare(&bob.stamp()));
    bob.receive(&sent, env)?;
    println!("alice's message and its receipt: {}", sent.compare(&bob.stamp()));
    Ok(())
}

#[cfg(test)]
causal_clock::law_tests!(laws => BareCounter);
