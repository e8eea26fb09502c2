//! A keeper that survives its process.

use core::error::Error;

use causal_clock::Store;

use super::{KeeperService, Reply, Request};

/// Why the keeper gives no reply. The member asks again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError<E: Error + 'static> {
    /// The store is empty: no keeper was founded in it, or it was lost.
    #[error("the store holds no keeper: it was never founded, or it was lost")]
    Empty,
    /// The store holds a keeper already.
    #[error("the store holds a keeper already")]
    Founded,
    /// The state cannot be stored or read.
    #[error("the state of the keeper cannot be kept: {0}")]
    Store(#[source] E),
}

/// A [`KeeperService`] that stores what it has done before it replies.
///
/// The whole state is stored for each request that changes something: a few
/// dozen bytes and its event trees for each participant, and with a file two
/// syncs.
#[derive(Debug)]
pub struct StoredKeeper<B> {
    service: KeeperService,
    store: B,
    /// Whether the service is ahead of the store.
    unsaved: bool,
}

impl<B: Store<KeeperService>> StoredKeeper<B> {
    /// A keeper of nobody yet, in a store that was never used: for an
    /// installation to do, once.
    ///
    /// # Errors
    /// [`ServeError::Founded`], [`ServeError::Store`].
    pub fn found(id: u64, mut store: B) -> Result<Self, ServeError<B::Error>> {
        if store.load().map_err(ServeError::Store)?.is_some() {
            return Err(ServeError::Founded);
        }
        let service = KeeperService::new(id);
        store.save(&service).map_err(ServeError::Store)?;
        Ok(Self { service, store, unsaved: false })
    }

    /// Goes on from the stored state.
    ///
    /// # Errors
    /// [`ServeError::Empty`], [`ServeError::Store`].
    pub fn open(mut store: B) -> Result<Self, ServeError<B::Error>> {
        let service = store.load().map_err(ServeError::Store)?.ok_or(ServeError::Empty)?;
        Ok(Self { service, store, unsaved: false })
    }

    /// Does what is asked for, if that was not done already, stores it, and
    /// replies.
    ///
    /// # Errors
    /// [`ServeError::Store`], and then whether it was done depends on what is
    /// found in the store with the next request; [`ServeError::Empty`] where
    /// nothing is found.
    pub fn handle(&mut self, request: &Request) -> Result<Reply, ServeError<B::Error>> {
        if self.unsaved {
            self.service =
                self.store.load().map_err(ServeError::Store)?.ok_or(ServeError::Empty)?;
            self.unsaved = false;
        }
        let (reply, changed) = self.service.apply(request);
        if changed {
            self.unsaved = true;
            self.store.save(&self.service).map_err(ServeError::Store)?;
            self.unsaved = false;
        }
        Ok(reply)
    }

    /// The keeper and its last replies.
    #[must_use]
    pub const fn service(&self) -> &KeeperService {
        &self.service
    }
}
