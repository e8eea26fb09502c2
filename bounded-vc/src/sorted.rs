//! Lists in the order of their ids, merged in one pass over both: an insertion
//! for each id takes quadratic time where a hostile list is long.

use alloc::vec::Vec;
use core::mem;

use causal_clock::NodeId;

/// What is known of one id.
pub(crate) trait ById {
    /// Which one.
    fn id(&self) -> NodeId;
}

/// Brings `news` into `list`, both with ids strictly ascending: `learn` makes
/// an element of the old one of its id, where there is one, and the news.
pub(crate) fn merge<T: ById, N: ById>(
    list: &mut Vec<T>,
    news: impl IntoIterator<Item = N>,
    mut learn: impl FnMut(Option<T>, N) -> T,
) {
    let news = news.into_iter();
    let mut merged = Vec::with_capacity(list.len() + news.size_hint().0);
    let mut old = mem::take(list).into_iter().peekable();
    for new in news {
        while let Some(known) = old.next_if(|known| known.id() < new.id()) {
            merged.push(known);
        }
        let known = old.next_if(|known| known.id() == new.id());
        merged.push(learn(known, new));
    }
    merged.extend(old);
    *list = merged;
}
