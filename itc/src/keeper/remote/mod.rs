//! The keeper for members in other processes: requests and replies as values,
//! to be carried by any transport that may lose, repeat and reorder them.
//!
//! A [`RemoteMember`] makes a [`Request`], and sends its
//! [bytes](causal_clock::Wire) again and again until a [`Reply`] to it has come.
//! The keeper's process has a [`StoredKeeper`], which stores what has changed
//! and only then replies.
//!
//! # Once and no more
//!
//! Requests of a member are numbered, and it makes the next one only when the
//! last was replied to. The keeper remembers its last reply to each member:
//!
//! * the same request again gets the same reply, and changes nothing;
//! * one that was followed by another is [`Refusal::Old`]: a copy that was on
//!   its way for long, which nobody waits for;
//! * one under the number of another is [`Refusal::Reused`]: two processes have
//!   one ticket;
//! * one that skips a number is [`Refusal::WentBack`]: the keeper has forgotten
//!   something that it once replied to, since its store was restored from a
//!   backup. It must not go on; see below.
//!
//! A reply that is late or repeated is told by its number, and
//! [`Accepted::Unasked`].
//!
//! # What may happen while a request is under way
//!
//! Everything may be merged. Events may be made while events are published;
//! they are not among those. While a member forks or reclaims, its id is about
//! to change, and events are refused ([`RemoteError::Busy`]).
//!
//! # Crashes
//!
//! A member that crashes is gone, with all it has not published. Somebody
//! [reclaims](RemoteMember::reclaim) its ticket, which is at the keeper even if
//! the crash came between the request to fork and the reply. A keeper that
//! crashes is opened again from its store, and goes on. If its store is lost or
//! went back, the ids that it kept are as safe as before, but none can be
//! reclaimed: the members go on as plain clocks, or start anew with another
//! keeper.
//!
//! # Trust
//!
//! A member is believed what it says, and a ticket is a number that can be
//! guessed: keeper and members belong to one system, on a network of its own.
//!
//! ```
//! use causal_clock::Wire;
//! use itc::keeper::remote::{Accepted, KeeperService, RemoteMember, Reply, Request};
//!
//! let mut keeper = KeeperService::new(7);
//! // Both ways as bytes. What is lost on the way is sent again.
//! let mut ask = |request: &Request| {
//!     let request = Request::decode(&request.to_bytes()).expect("a request");
//!     Reply::decode(&keeper.handle(&request).to_bytes()).expect("a reply")
//! };
//! let hello = RemoteMember::seed(7, 0x1234_5678);
//! let mut alice = RemoteMember::seeded(&hello, &ask(&hello))?;
//!
//! alice.event()?;
//! let request = alice.publish()?;
//! let _lost = ask(&request);
//! let Accepted::Published(stamp) = alice.accept(&ask(&request))? else { panic!() };
//! assert_eq!(stamp.to_string(), "(0,1)");
//! # Ok::<(), itc::keeper::remote::RemoteError>(())
//! ```
//!
//! # Wire forms
//!
//! Numbers are varints, trees are their bytes of appendix A behind their
//! number. A ticket is the keeper's id and its own number. A request is a
//! ticket, the request's number, and `00` and a nonce (to be the first), `01`
//! and events (publish), `02` and events (fork), `03`, events and a ticket
//! (reclaim). A reply is a ticket, the request's number, and `00` (first), `01`
//! (published), `02`, an id, a ticket, an id (forked), `03`, an id, events
//! (reclaimed); or `80` and more where it is a refusal: `80` and a ticket
//! (fenced), `81` and a ticket (foreign), `82` and an id (leaked), `83` and a
//! ticket (own id), `84` and a ticket (stale), `85` and an id (overlap), `86`
//! (full), `87` (nothing to split), `88` (seeded), `89` and a number (old), `8a`
//! (reused), `8b` and a number (went back).

mod member;
mod service;
mod stored;
mod values;
mod wire;

pub use member::{Accepted, Newborn, RemoteError, RemoteMember};
pub use service::KeeperService;
pub use stored::{ServeError, StoredKeeper};
pub use values::{Answer, Operation, Refusal, Reply, Request};
