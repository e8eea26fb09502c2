//! The way back for a node whose hybrid clock is far ahead of physical time.
//!
//! A hybrid clock never goes back, so one bad reading that was taken, or one
//! bad stamp that was accepted, stays: the node's stamps are ahead, and peers
//! with a drift bound refuse them until physical time has caught up.
//! [`Guarded`](crate::Guarded) and a drift bound keep this from happening; here
//! is what to do where it did. How far ahead a clock is, its `ahead` tells.
//!
//! # Wait
//!
//! Where the lead is short, stop events at the node and wait for as long as
//! `ahead` says. Nothing else is needed: the next stamps are at physical time.
//!
//! # Drain and start anew
//!
//! Where the lead is long, the node starts anew *under another id*. Under the
//! old one it must give no stamp again: those it gave are spread over the time
//! to come.
//!
//! 1. Mend the physical clock.
//! 2. Drain: no events, no sends, and whatever peers will still accept is
//!    delivered. (Those with a drift bound accepted nothing that is ahead.)
//! 3. Make the new clock: [`HybridLogicalClock::reborn_as`]. A durable clock
//!    gets a new file, for the old one holds the old bound. Peers forget the
//!    old id; it has retired. With a drift bound the new clock starts that much
//!    ahead of physical time, for stamps that were rightly accepted may be as
//!    far ahead: wait for as long as `ahead` says before the first event.
//! 4. Stamp again what the node itself holds with stamps *after the cut* that
//!    [`Reborn`] gives: each as a new event of the new node, in the order of
//!    its old stamp. Until that is done, they come after everything new.
//!
//! Order is kept, as long as step 4 covers all that has a stamp after the cut:
//! what was accepted from elsewhere is before the cut, for its sender's clock
//! was right. Where peers *without* a drift bound have taken the bad time over,
//! they are ahead as well, and go through the same steps together: no node may
//! go on that has seen a stamp after the cut and was not reborn.

use core::time::Duration;

use causal_clock::{NodeId, PhysicalTime};

use crate::{HlcError, HybridLogicalClock, HybridStamp, HybridTime};

/// Why a clock is not reborn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RebornError {
    /// Under the same id, stamps that were given could be given again.
    #[error("the node {0} cannot be reborn under its own id: its stamps could be given twice")]
    SameNode(NodeId),
    /// The clock is not ahead of the physical clock. Nothing is wrong with it,
    /// or the physical clock is not mended yet.
    #[error("the clock is not ahead of the physical clock: there is nothing to mend")]
    NotAhead,
    /// The reading cannot be used.
    #[error(transparent)]
    Clock(#[from] HlcError),
}

/// A clock that starts anew, and what is left to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the old clock must not be used any more"]
pub struct Reborn<T> {
    /// The clock of the new node.
    pub clock: HybridLogicalClock<T>,
    /// What has a stamp after this needs a new one. All stamps of the new
    /// clock are larger than it.
    pub cut: T,
    /// How far ahead the old clock was.
    pub lead: Duration,
}

impl<T: HybridTime> Reborn<T> {
    /// Whether this is among what must be stamped again.
    #[must_use]
    pub fn is_after_cut(&self, stamp: &HybridStamp<T>) -> bool {
        stamp.timestamp() > self.cut
    }
}

impl<T: HybridTime> HybridLogicalClock<T> {
    /// The clock of a new node in place of this one, which is ahead of its
    /// physical clock; that is mended and now reads `reading`. The drift bound
    /// stays. What else must be done is in [`recovery`](crate::recovery).
    ///
    /// ```
    /// use causal_clock::{NodeId, PhysicalTime};
    /// use hlc::HybridLogicalClock;
    ///
    /// let mut clock = HybridLogicalClock::new(NodeId::new(1));
    /// let poisoned = clock.tick(PhysicalTime::from_secs(40_000_000))?; // a bad reading
    ///
    /// let mended = PhysicalTime::from_secs(1_000);
    /// let mut reborn = clock.reborn_as(NodeId::new(2), mended)?;
    /// assert!(reborn.is_after_cut(&poisoned));
    /// let again = reborn.clock.tick(mended)?;
    /// assert!(again.timestamp() > reborn.cut);
    /// assert_eq!(again.timestamp().physical_time(), mended);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`RebornError`].
    pub fn reborn_as(self, node: NodeId, reading: PhysicalTime) -> Result<Reborn<T>, RebornError> {
        let old = self.latest();
        if old.node() == node {
            return Err(RebornError::SameNode(node));
        }
        // A drift bound's worth of lead is what good peers give, and no reason.
        let accepted = reading.saturating_add(self.drift().unwrap_or_default());
        let now = T::of_reading(reading).ok_or(HlcError::ReadingOutOfRange { reading })?;
        let lead = old.timestamp().physical_time().since(reading);
        if old.timestamp().physical_time() <= accepted {
            return Err(RebornError::NotAhead);
        }
        // With good clocks, what comes from others is up to a drift bound ahead.
        let cut = match self.drift() {
            Some(_) => T::of_reading(accepted).map_or(T::MAX, T::last_of_unit),
            None => now,
        };
        let clock = Self::from_parts(HybridStamp::new(cut, node), self.drift_bound());
        Ok(Reborn { clock, cut, lead })
    }
}
