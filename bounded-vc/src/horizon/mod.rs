//! The horizon clock: a pruned vector clock that remembers how much it has
//! forgotten, and so knows when it knows.
//!
//! An entry is an id and the *time* of that participant's latest known event.
//! At most K − 1 entries of others are kept. What is dropped leaves one number
//! behind, the *horizon*: the largest time that was ever dropped, here or in
//! any clock that was merged. Times are hybrid, as in "Logical physical
//! clocks" (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS 2014): an event's
//! time is the physical time, or one tick more than the largest time known
//! where that is later. So times grow along every causal path, and a
//! participant's events have strictly growing times: the time is the counter.
//!
//! # What it proves
//!
//! Let ids be unique, and let no participant go on from an older state. Let
//! `A` be an event of origin `a` at time `t(A)`, `B` one of another origin,
//! and let `B[a]` and `h(B)` be the entry for `a` and the horizon in B's
//! stamp, with `B[a] = 0` where there is none.
//!
//! **T. If `A → B` then `t(A) < t(B)`.** By induction along the path from A to
//! B, each clock on it holds an entry or a horizon that is at least `t(A)`:
//! the entry for `a` is `t(A)` at first, merging takes maxima, and dropping an
//! entry raises the horizon to it. An event is given a time above all of them.
//!
//! **P1. If `B[a] ≥ t(A)` then `A → B`.** An entry for `a` is only ever the
//! time of an event of `a` in the past of whoever holds it. `B[a]` is the time
//! of an event `A'` of `a` with `A' → B`, and since times strictly grow along
//! `a`'s own events, `t(A') ≥ t(A)` means that A is A' or before it.
//! Dropping entries does not enter into it.
//!
//! **P2. If `B[a] < t(A)` and `t(A) > h(B)`, then not `A → B`.** Suppose
//! `A → B`. Follow the path from A: at first the clock has an entry for `a` of
//! at least `t(A)`. It ends at B without one, so somewhere it was dropped; it
//! was then at least `t(A)`, and the horizon was raised to at least `t(A)`.
//! Horizons only grow along a path, so `h(B) ≥ t(A)`: a contradiction.
//!
//! Of two events, let A be the one with the smaller time. By T, `B → A` is
//! out. Then P1 proves *before*, or P2 proves *concurrent*, or neither
//! applies: A is below B's horizon and not in B's entries. Only then is the
//! answer a guess, and it is *before*: what is old enough to have been dropped
//! is most often known. So the clock never misses an order, never turns one
//! round, proves what it calls concurrent, and marks each order as proven or
//! guessed. Two events of one time and different origins are concurrent by T.
//!
//! None of this assumes anything of the physical clocks. How well they agree
//! only decides which entries are the oldest: a participant whose clock is
//! ahead pushes the horizon up, and more is guessed.
//!
//! # What a hostile stamp can do
//!
//! An event is given a time above all that are known, so whoever takes in a
//! stamp takes over its time, however far ahead it is. One with the last time
//! there is, 2⁶⁴ − 1, stops the clock for good (every later event is an
//! [`HorizonError::Overflow`]), and all clocks that hear of it. Such a time must
//! not be left out, for T rests on it, and a stamp that is refused is an order
//! that is missed. A bound would be one on physical clocks, of which nothing is
//! assumed here. Who takes in stamps of strangers refuses those whose
//! [`latest`](HorizonStamp::latest) time is too far ahead of its own physical
//! time, in ticks, before it merges them; among good clocks that is by how much
//! they differ, and a tick for each event that came faster than ticks.
//!
//! # Which entry to drop
//!
//! The proofs ask only that the horizon rises to whatever is dropped, so they
//! hold for every order ([`HorizonDrop`]). Dropping the *oldest* leaves the
//! lowest horizon of all sets of K − 1 entries, so the fewest pairs are below
//! it, and the fewest concurrent events are taken for ordered. But an entry
//! proves the orders of all events of its participant up to its time, those
//! below the horizon, too. Keeping those who have made the most events (the
//! *smallest* goes first) proves more orders, with a higher horizon.
//!
//! # Eight bytes
//!
//! Without entries of others, `horizon:k=1,tick=64ms,ids=1` fits into eight
//! bytes: an id of one byte, a time, and the horizon, which is then the latest
//! time ever heard of. Coarse ticks save more: a tick longer than the execution
//! makes the times Lamport's counters, which take three bytes in place of six.
//!
//! # Cut ids
//!
//! Most of a stamp are ids. Where they are cut to fewer bytes
//! ([`HorizonClocks::ids`]), entries of ids that are cut to the same are one,
//! with the larger time. Then `B[a]` is at least what it would have been: T
//! and P2 hold as they stand, and concurrency is still proven. P1 does not,
//! since `B[a]` may be the time of another's event: each order becomes a
//! guess, a good one as long as collisions are rare, and a given number of
//! bytes holds up to three times as many entries.

mod clock;
mod scheme;
mod wire;

pub use clock::{HorizonClock, HorizonError, HorizonStamp};
pub use scheme::{HorizonClocks, HorizonDrop, IdWidth, InvalidIdWidth};
