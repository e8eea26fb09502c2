//! Where a participant keeps what must survive its end.

use alloc::vec::Vec;
use core::error::Error;

/// A place for one value of a kind, such as a file, or a row of a database.
///
/// One participant at a time uses it: a second one that went on from the same
/// value would be a copy of the first.
pub trait Store<T> {
    /// Why it can fail.
    type Error: Error + Send + Sync + 'static;

    /// The value that was saved last; `None` where none ever was.
    ///
    /// # Errors
    /// Where the value cannot be read. A store must not take a damaged value
    /// for none: the participant would start anew under an old name.
    fn load(&mut self) -> Result<Option<T>, Self::Error>;

    /// Replaces the value. When this returns, the new value must survive any
    /// crash; a crash before that must leave the old value or the new one.
    ///
    /// # Errors
    /// Where the value cannot be made durable.
    fn save(&mut self, value: &T) -> Result<(), Self::Error>;
}

impl<T, B: Store<T> + ?Sized> Store<T> for &mut B {
    type Error = B::Error;

    fn load(&mut self) -> Result<Option<T>, B::Error> {
        (**self).load()
    }

    fn save(&mut self, value: &T) -> Result<(), B::Error> {
        (**self).save(value)
    }
}

/// A value that any store of bytes can keep, and knows for its own.
#[cfg_attr(feature = "files", doc = "[`FileStore`](crate::FileStore) is one.")]
pub trait Stored: Sized {
    /// The name and the version of the form: a word of printable ASCII, such as
    /// `hlc-bound-1`. What was saved under another is not read.
    const MAGIC: &'static str;
    /// What the value is, for messages: `bound`.
    const WHAT: &'static str;

    /// Its bytes.
    fn to_stored(&self) -> Vec<u8>;

    /// The value of these bytes; `None` where [`to_stored`](Self::to_stored)
    /// never gives them.
    fn from_stored(bytes: &[u8]) -> Option<Self>;
}
