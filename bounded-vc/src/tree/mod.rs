//! The tree clock: an exact vector clock that remembers from whom it learnt
//! what, and so takes in a message by looking at little more than its news.
//!
//! "A tree clock data structure for causal orderings in concurrent
//! executions" (Mathur, Tunç, Pavlogiannis, Viswanathan, ASPLOS 2022),
//! sections 3 and 4. It is made for the running clock of a participant.
//!
//! Entries are the nodes of a tree, with the participant itself at the root.
//! A node holds how far its participant is known, its *time*. A child was
//! learnt through its parent, and its *attachment time* is the parent's time
//! when the parent learnt it. Children stand newest first. So when R takes in
//! a tree T:
//!
//! - *What is not news is not looked into.* If R knows a node's participant up
//!   to the node's time, it knows all below the node: that participant knew it
//!   at that time.
//! - *Nor is what is older than what is known.* If R knows a parent up to time
//!   `t`, it knows all of the parent's children that were attached at `t` or
//!   before. Children newest first, the walk along them ends at the first of
//!   these.
//!
//! What is looked at is then the news, and one child more for each piece of
//! them. News move to where they are in T, and T's root becomes R's newest
//! child.
//!
//! # A time names a state of knowledge
//!
//! Both rules need that whoever knows a participant up to time `t` knows all
//! that this participant knew at time `t`. Here a merge makes no event, so
//! that a counter of events alone would name what is known before a merge and
//! after it alike. Therefore a merge that brings news advances the own time by
//! one, as the paper's acquiring of a lock does; so does birth with a past.
//! Events compare as ever: `A → B` where B's tree has A's origin at A's time or
//! later. The counters are larger than those of a
//! [`VectorClock`](crate::VectorClock) by the number of such merges.
//!
//! # What a message carries
//!
//! The tree, whole: the receiver finds the news in it without looking at the
//! rest. In one address space a [`TreeStamp`] shares memory with its clock; a
//! clock that goes on while there is a stamp of it copies the tree, which takes
//! longer than all that was saved. So stamps are to be passed on and dropped;
//! an object that many pass through, such as a lock or a mailbox, is brought up
//! to date in place by [`TreeStamp::update`], the paper's monotone copy. As bytes the tree is
//! larger than the vector: the tree saves work where stamps are passed
//! around in memory, and never bytes.
//!
//! # Hostile trees
//!
//! A stamp may claim anything, here as with any vector clock: that an event
//! is known which is not, or, here, that all below a node was known with it. What is
//! claimed of the clock's own future is refused. No tree that decodes breaks
//! the form of another: news are moved below each other as they are in T,
//! which is a tree, and the rest hangs where it was.

mod arena;
mod clock;
mod scheme;
mod wire;

pub use clock::{TreeClock, TreeClockError, TreeStamp};
pub use scheme::TreeClocks;
