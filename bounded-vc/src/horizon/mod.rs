//! The horizon clock: a pruned vector clock that remembers how much it has
//! forgotten, and so knows when it knows.
//!
//! An entry is an id and the *time* of that participant's latest known event.
//! At most K − 1 entries of others are kept. What is dropped leaves a number
//! behind, a *horizon*: the largest time that was ever dropped, here or in any
//! clock that was merged. There is one horizon, or one for each of several
//! classes that ids are scattered over. Times are hybrid, as in "Logical
//! physical clocks" (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS 2014): an
//! event's time is the physical time, or one tick more than the largest time
//! known where that is later, horizons included. So times grow along every
//! causal path, and a participant's events have strictly growing times: the
//! time is the counter.
//!
//! # What it proves
//!
//! Let ids be unique, and let no participant go on from an older state. Let
//! `A` be an event of origin `a` at time `t(A)`, and `B` one of another origin.
//! Let `B[x]` be the entry for `x` in B's stamp, 0 where there is none and
//! `t(B)` for B's origin, and `h_B[c]` the horizon of the class `c`. The
//! *reach* of a stamp to a participant `x` is the latest time that an event of
//! `x` in its past can have: `r_B(x)` is the larger of `B[x]` and of the horizon
//! of x's class.
//!
//! **R. If `A → B` then `r_A(x) ≤ r_B(x)` for every `x`, and `h_A[c] ≤ h_B[c]`
//! for every class.** Nothing on the path from A to B makes them less: an event
//! raises one's own entry, merging and joining take maxima, a fork begins with
//! all of it, dropping an entry raises the horizon of its class to it, what one
//! hears of a namesake raises the own time, and horizons are never lowered.
//!
//! **T. If `A → B` then `t(A) < t(B)`.** By R, B's clock has a reach of at least
//! `t(A)` to `a` before the event B: an entry or a horizon. An event is given a
//! time above all of them.
//!
//! **P1. If `B[a] ≥ t(A)` then `A → B`.** An entry for `a` is only ever the
//! time of an event of `a` in the past of whoever holds it. `B[a]` is the time
//! of an event `A'` of `a` with `A' → B`, and since times strictly grow along
//! `a`'s own events, `t(A') ≥ t(A)` means that A is A' or before it.
//! Dropping entries does not enter into it.
//!
//! **P2. If `r_B(a) < t(A)`, so `B[a] < t(A)` and `t(A) > h_B[class of a]`, then
//! not `A → B`; neither if B's reach to anyone, or any horizon of B, is less than
//! A's.** That is R, since `r_A(a) ≥ t(A)`. Where there is one horizon and ids
//! are whole, the second half says no more than the first: no time in A's stamp
//! is above `t(A)`, and if that is not above the horizon, nothing is.
//!
//! Of two events, let A be the one with the smaller time. By T, `B → A` is
//! out. Then P1 proves *before*, or P2 proves *concurrent*, or neither
//! applies: A is not in B's entries, and all that it knows is within B's reach
//! and its horizons not above B's. Only then is the answer a guess, and it is *before*: what is old
//! enough to have been dropped is most often known. So the clock never misses an
//! order, never turns one round, proves what it calls concurrent, and marks each
//! order as proven or guessed. Two events of one time and different origins are
//! concurrent by T.
//!
//! None of this assumes anything of the physical clocks. How well they agree
//! only decides which entries are the oldest: a participant whose clock is
//! ahead pushes the horizons up, and more is guessed.
//!
//! # What a hostile stamp can do
//!
//! An event is given a time above all that are known, so whoever takes in a
//! stamp takes over its time, however far ahead it is. One with the last time
//! there is, 2⁶⁴ − 1, stops the clock for good (every later event is an
//! [`HorizonError::Overflow`]), and all clocks that hear of it. Such a time must
//! not be left out, for T rests on it. So who takes in stamps of strangers
//! merges them with [`HorizonClock::merge_within`], which refuses those that are
//! too far ahead of one's own physical time. That is a choice and not the rule,
//! since it assumes something of physical clocks, as nothing else here does: a
//! stamp that is refused is an order that is missed, and a participant whose
//! clock is behind by more than the bound refuses honest ones.
//!
//! # What to drop
//!
//! The proofs say nothing of which entry is dropped, so they
//! hold for every order ([`HorizonDrop`]). Dropping the *oldest* leaves the
//! lowest horizon of all sets of K − 1 entries, so the fewest pairs are below
//! it, and the fewest concurrent events are taken for ordered. But an entry
//! proves the orders of all events of its participant up to its time, those
//! below the horizon, too. Keeping those who have made the most events (the
//! *smallest* goes first) proves more orders, with a higher horizon.
//!
//! How many events somebody has made only it says, once in a stamp, and others
//! remember it at home. A count beside each entry tells a little more for many
//! more bytes: of ten entries, 37.8 % of pairs are proven in 119 bytes, and
//! 36.4 % in 99; twelve entries, also 119 bytes, prove 42.4 %. Counts in
//! sixteens do as well as exact ones, since ties go to the later.
//!
//! What did not win (`churn`, ten entries): to drop what was not seen to change
//! here for the longest, as caches do, proves 21.9 % and invents 53 % of orders,
//! where the oldest has 24.7 and 24 %; to drop what was seen to change the least
//! often proves 25.6 %, since everyone then keeps others; a sum of time and
//! count never proves more than the count.
//!
//! # Several horizons
//!
//! A dropped entry raises one horizon of `r` ([`HorizonClocks::horizons`]), and
//! A is guessed to be before B only if all that its stamp says is within B's
//! reach. A horizon takes a few bits, how far it is behind the latest time, where a whole
//! id takes 64. It can be that far behind only; an older one is raised to the
//! end of this window, for good, which R allows. With ticks of a millisecond
//! and six bits the window is 63 ms, and what is older is no longer told from
//! what was forgotten: several horizons want long ticks, or bits enough for the
//! time that matters. Under `churn`, with `tick=365d`, ten entries and 16 horizons of six bits invent 19 % of orders, where one horizon invents
//! 69 %, and prove 38.6 % in place of 36.4, for 13 bytes more.
//!
//! What did not win: horizons further behind in coarser steps, so that the same
//! bits reach further, invent more orders (28 to 34 % in 17 bytes, 26 % in equal
//! steps). Classes that the newborn chooses, and changes where it is not alone,
//! do: with cut ids and nothing but horizons, 8 % in 33 bytes in place of
//! 14 %. But that is the clock `recency` of the crate `plausible`, which needs
//! no ids. (Figures of what did not win are of 8 to 30 executions, made while
//! choosing; those of what did are published.)
//!
//! # Eight bytes
//!
//! Without entries of others, `horizon:k=1,tick=64ms,ids=1` fits into eight
//! bytes: an id of one byte, a time, and the horizon, which is then the latest
//! time ever heard of. Coarse ticks save more: a tick longer than the execution
//! makes the times Lamport's counters, which take two bytes below 2¹⁴ in place of
//! six, and leave room for four horizons; past that they take a third.
//!
//! # Cut ids
//!
//! Most of a stamp are ids. Where they are cut to fewer bytes
//! ([`HorizonClocks::ids`]), entries of ids that are cut to the same are one,
//! with the larger time. Then the reach is at least what it would have been: R,
//! T and P2 hold as they stand, and concurrency is still proven. P1 does not,
//! since `B[a]` may be the time of another's event: each order becomes a
//! guess, a good one as long as collisions are rare, and a given number of
//! bytes holds up to three times as many entries.

mod clock;
mod horizons;
mod knowledge;
mod packed;
mod scheme;
mod stamp;
mod widths;
mod wire;

pub use clock::{HorizonClock, HorizonError};
pub use scheme::{HorizonClocks, HorizonDrop};
pub use stamp::HorizonStamp;
pub use widths::{HorizonBits, IdWidth, InvalidHorizonBits, InvalidIdWidth};
