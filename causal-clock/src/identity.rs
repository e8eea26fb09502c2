//! Names that are never used twice, over crashes, restarts and backups that
//! are restored.
//!
//! All clocks here rest on one thing: no two events have the same name. A
//! participant that goes on from an old state breaks it. It counts anew what
//! it counted before, and its new events are taken for the old ones, which
//! others may have seen. So after a restart, a participant may go on under its
//! old name only with its *latest* state; else it needs a new name.
//!
//! # Lives
//!
//! A participant has a [name](Epoch::name) for ever, and a *life* from each
//! start to the end of that process, however it ends. Lives are numbered, and
//! an [`Epoch`] is a name with such a number. [`Identity::begin`] stores the
//! next number *before* it gives it out, so whatever is killed when, no two
//! lives have the same one. What fits is
//!
//! * for version vectors, DVV sets and vector clocks: the id
//!   [`Identity::node_id`]; each life counts from one under its own id, and what
//!   is known from former lives is merged like anybody's;
//! * for interval tree clocks, and for any clock that is to go on under its old
//!   id: a [`Saved`] clock, which an orderly end leaves behind and only the very
//!   next life can take up. After any other end it is refused; then a vector
//!   clock starts under the new id, and an interval tree clock is forked
//!   anew, or its id reclaimed by way of a keeper.
//!
//! A vector clock that is saved at every orderly end grows by an entry for each
//! crash, and not for each start.
//!
//! # Where the store goes back
//!
//! If a backup of the store is restored, its numbers start over, and nothing
//! in the store shows it. So somebody else must know: give [`Identity::begin`]
//! the latest epoch that others have [seen](Epoch::latest) of this name, or
//! [`Identity::begin_witnessed`] a second store that is not restored together
//! with the first (on another machine, or at a coordinator). A store that is
//! behind is refused with [`IdentityError::WentBack`], and what to do then is
//! for somebody to decide: take a new name, which is always safe, or
//! [`Identity::recover`], which is safe if what was seen is the latest. Where
//! neither peers nor a witness are asked, a store that went back is **not
//! noticed**.
//!
//! ```
//! use causal_clock::{Epoch, Identity, IdentityError, Store};
//! use core::convert::Infallible;
//!
//! /// A store that outlives the process, as a disk does.
//! #[derive(Clone, Default)]
//! struct Memory(Option<Epoch>);
//!
//! impl Store<Epoch> for Memory {
//!     type Error = Infallible;
//!     fn load(&mut self) -> Result<Option<Epoch>, Infallible> {
//!         Ok(self.0)
//!     }
//!     fn save(&mut self, epoch: &Epoch) -> Result<(), Infallible> {
//!         self.0 = Some(*epoch);
//!         Ok(())
//!     }
//! }
//!
//! let mut disk = Memory::default();
//! let first = Identity::found(7, &mut disk)?.node_id();
//! let backup = disk.clone();
//! let second = Identity::begin(&mut disk, None)?.node_id();
//! assert_ne!(first, second);
//!
//! disk = backup; // restored: it would give the second name once more
//! let seen = Epoch::latest(7, [first, second]);
//! assert!(matches!(Identity::begin(&mut disk, seen), Err(IdentityError::WentBack { .. })));
//! # Ok::<(), IdentityError<Infallible>>(())
//! ```

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::{NodeId, Store, Stored, Wire};

/// One life of a participant: its name, and which of its lives, from one on.
///
/// As a [`NodeId`] it has the name in the upper half, so the lives of a name
/// are neighbours in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch {
    name: u32,
    number: u32,
}

impl Epoch {
    /// The life of this number. `None` for zero: there was none before the
    /// first.
    #[must_use]
    pub const fn new(name: u32, number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self { name, number }) }
    }

    /// Whose life it is.
    #[must_use]
    pub const fn name(self) -> u32 {
        self.name
    }

    /// Which life it is, from one on.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The id of this life, for clocks that go by ids.
    #[must_use]
    pub const fn node_id(self) -> NodeId {
        NodeId::new((self.name as u64) << 32 | self.number as u64)
    }

    /// The life with this id. `None` for an id that none has.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of the id")]
    pub const fn of(id: NodeId) -> Option<Self> {
        Self::new((id.get() >> 32) as u32, id.get() as u32)
    }

    /// The latest life of `name` among ids, such as those that a peer's version
    /// vector has entries for.
    #[must_use]
    pub fn latest(name: u32, ids: impl IntoIterator<Item = NodeId>) -> Option<Self> {
        ids.into_iter().filter_map(Self::of).filter(|epoch| epoch.name == name).max()
    }

    fn next<E: Error + 'static>(self) -> Result<Self, IdentityError<E>> {
        let number = self.number.checked_add(1).ok_or(IdentityError::Exhausted(self))?;
        Ok(Self { number, ..self })
    }
}

/// Name and number: `7.3`.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.name, self.number)
    }
}

/// The two numbers, most significant byte first: eight bytes.
impl Stored for Epoch {
    const MAGIC: &'static str = "epoch-1";
    const WHAT: &'static str = "epoch";

    fn to_stored(&self) -> Vec<u8> {
        self.node_id().get().to_be_bytes().to_vec()
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        Self::of(NodeId::new(u64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// Why a life does not begin, or must end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError<E: Error + 'static> {
    /// The store is empty: nothing was founded in it, or it was lost. Where it
    /// was lost, founding again would use old names again.
    #[error("the store holds no epoch: it was never founded, or it was lost")]
    Empty,
    /// The store is founded already.
    #[error("the store is founded already, and holds {0}")]
    Founded(Epoch),
    /// Others have seen a later life than the store knows of: it went back, or
    /// a copy of it is in use.
    #[error("the store went back: it holds {stored}, and {seen} was seen")]
    WentBack {
        /// The latest epoch of the store.
        stored: Epoch,
        /// What was seen.
        seen: Epoch,
    },
    /// Another life of the same name has begun since: this one must end.
    #[error("{own} was superseded: {seen} was seen")]
    Superseded {
        /// This life.
        own: Epoch,
        /// What was seen.
        seen: Epoch,
    },
    /// What is told about is of another name.
    #[error("the store is that of {own}, and not that of {other}")]
    OtherName {
        /// What the store holds.
        own: Epoch,
        /// The other one.
        other: Epoch,
    },
    /// The name has had all lives that there are numbers for.
    #[error("{0} was the last life of its name")]
    Exhausted(Epoch),
    /// The epoch cannot be stored or read.
    #[error("the epoch cannot be kept: {0}")]
    Store(#[source] E),
}

/// A life that has begun: its epoch is stored, and no other life has it.
///
/// It holds the store as long as it lasts, and with a file the lock that keeps
/// a second process out.
#[derive(Debug)]
#[must_use = "a life that is not lived leaves a gap in the numbers"]
pub struct Identity<B> {
    epoch: Epoch,
    resumed: bool,
    store: B,
}

impl<B: Store<Epoch>> Identity<B> {
    /// The first life of `name`, in a store that was never used. Nobody else
    /// may have the name.
    ///
    /// This is for an installation to do, once. A program that founds wherever
    /// its store is empty starts over when the store is lost.
    ///
    /// # Errors
    /// [`IdentityError::Founded`], [`IdentityError::Store`].
    pub fn found(name: u32, mut store: B) -> Result<Self, IdentityError<B::Error>> {
        match store.load().map_err(IdentityError::Store)? {
            Some(epoch) => Err(IdentityError::Founded(epoch)),
            None => Self::store(Epoch { name, number: 1 }, store),
        }
    }

    /// The next life. `seen` is the latest epoch of this name that others have
    /// seen, from [`Epoch::latest`]; `None` where nobody has seen one, or where
    /// there is nobody to ask.
    ///
    /// # Errors
    /// [`IdentityError::WentBack`] where the store is behind; and
    /// [`IdentityError::Empty`], [`IdentityError::OtherName`],
    /// [`IdentityError::Exhausted`], [`IdentityError::Store`].
    pub fn begin(mut store: B, seen: Option<Epoch>) -> Result<Self, IdentityError<B::Error>> {
        let stored = load(&mut store)?;
        not_behind(stored, seen)?;
        Self::store(stored.next()?, store)
    }

    /// As [`begin`](Self::begin), and the epoch is told to `witness` before it
    /// is used: a store that is not restored together with the first.
    ///
    /// A witness that is empty has seen nothing yet.
    ///
    /// # Errors
    /// As [`begin`](Self::begin); [`IdentityError::Store`] is of either store.
    pub fn begin_witnessed(
        store: B,
        mut witness: impl Store<Epoch, Error = B::Error>,
    ) -> Result<Self, IdentityError<B::Error>> {
        let seen = witness.load().map_err(IdentityError::Store)?;
        // First here, then there: a crash in between leaves the witness behind,
        // which is nothing wrong, and not the store.
        let life = Self::begin(store, seen)?;
        witness.save(&life.epoch).map_err(IdentityError::Store)?;
        Ok(life)
    }

    /// The life after what was `seen`, in a store that went back or was lost:
    /// for somebody to decide who knows that no later life has begun.
    ///
    /// # Errors
    /// [`IdentityError::OtherName`], [`IdentityError::Exhausted`],
    /// [`IdentityError::Store`].
    pub fn recover(mut store: B, seen: Epoch) -> Result<Self, IdentityError<B::Error>> {
        let stored = store.load().map_err(IdentityError::Store)?.unwrap_or(seen);
        same_name(stored, seen)?;
        Self::store(stored.max(seen).next()?, store)
    }

    fn store(epoch: Epoch, mut store: B) -> Result<Self, IdentityError<B::Error>> {
        store.save(&epoch).map_err(IdentityError::Store)?;
        Ok(Self { epoch, resumed: false, store })
    }

    /// Which life this is.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The id of this life, which nobody has had before.
    #[must_use]
    pub const fn node_id(&self) -> NodeId {
        self.epoch.node_id()
    }

    /// Whether this life is still the latest of its name, as far as `seen`
    /// tells: to be asked of what peers show, now and then. Two copies of a
    /// store that are both in use come to light here.
    ///
    /// # Errors
    /// [`IdentityError::Superseded`]: make no more events.
    /// [`IdentityError::OtherName`].
    pub fn check(&self, seen: Epoch) -> Result<(), IdentityError<B::Error>> {
        same_name(self.epoch, seen)?;
        if seen > self.epoch {
            return Err(IdentityError::Superseded { own: self.epoch, seen });
        }
        Ok(())
    }

    /// Ends this life in good order: with its clock, which the next life can
    /// take up once this is stored.
    pub fn end<C>(self, clock: C) -> Saved<C> {
        Saved { by: self.epoch, clock }
    }

    /// The store; the life goes on in it no more.
    #[must_use]
    pub fn into_store(self) -> B {
        self.store
    }
}

fn load<B: Store<Epoch>>(store: &mut B) -> Result<Epoch, IdentityError<B::Error>> {
    store.load().map_err(IdentityError::Store)?.ok_or(IdentityError::Empty)
}

fn same_name<E: Error + 'static>(own: Epoch, other: Epoch) -> Result<(), IdentityError<E>> {
    if own.name != other.name {
        return Err(IdentityError::OtherName { own, other });
    }
    Ok(())
}

fn not_behind<E: Error + 'static>(
    stored: Epoch,
    seen: Option<Epoch>,
) -> Result<(), IdentityError<E>> {
    let Some(seen) = seen else { return Ok(()) };
    same_name(stored, seen)?;
    if seen > stored {
        return Err(IdentityError::WentBack { stored, seen });
    }
    Ok(())
}

/// A clock that an orderly end left behind, for the next life and no other.
///
/// Its form in a store is the epoch and the clock's [`Wire`] form.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a clock that is not stored is lost"]
pub struct Saved<C> {
    by: Epoch,
    clock: C,
}

/// Why a saved clock cannot be taken up. What it *knows* is as good as any
/// stamp; only its id must not be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clock was saved by {by}, and {own} does not follow on that, or has taken it up")]
pub struct NotResumable<C> {
    /// The life that saved it.
    pub by: Epoch,
    /// The life that asked for it.
    pub own: Epoch,
    /// The clock, for what it knows.
    pub clock: C,
}

impl<C> Saved<C> {
    /// The life that saved it.
    #[must_use]
    pub const fn by(&self) -> Epoch {
        self.by
    }

    /// Takes the clock up, if it is that of the life right before this one,
    /// once.
    ///
    /// # Errors
    /// [`NotResumable`]: a life has begun since that did not end in good order,
    /// and may have made events; or this life has taken the clock up already.
    pub fn resume<B>(self, life: &mut Identity<B>) -> Result<C, Box<NotResumable<C>>> {
        let own = life.epoch;
        let follows = self.by.name == own.name && self.by.number.checked_add(1) == Some(own.number);
        if life.resumed || !follows {
            return Err(Box::new(NotResumable { by: self.by, own, clock: self.clock }));
        }
        life.resumed = true;
        Ok(self.clock)
    }
}

impl<C: Wire> Stored for Saved<C> {
    const MAGIC: &'static str = "saved-clock-1";
    const WHAT: &'static str = "saved clock";

    fn to_stored(&self) -> Vec<u8> {
        let mut bytes = self.by.to_stored();
        self.clock.encode(&mut bytes);
        bytes
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        let (by, clock) = bytes.split_at_checked(8)?;
        Some(Self { by: Epoch::from_stored(by)?, clock: C::decode(clock).ok()? })
    }
}
