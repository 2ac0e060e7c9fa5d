//! What happened, in order: the one source of SSE, WebSocket and webhooks.
//!
//! Sequence numbers become visible in order on both databases: a watcher that has seen `n` never misses a smaller
//! one. An event names ids and numbers only, because it cannot be taken back. How far something has come is told with low priority and
//! removed after a while; everything else stays.

mod append;
mod priority;
mod read;
mod sweep;

pub use priority::Priority;
pub use read::{Changed, Event, after, at_least, changed_tracks, head, last_seq};

pub(crate) use append::{NewEvent, append};
pub(crate) use sweep::sweep;
