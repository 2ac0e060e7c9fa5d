//! The queue's messages: what wakes a worker.
//!
//! A message names a job, but carries nothing: a worker that gets one claims whatever is due ([`crate::jobs::claim`]),
//! and goes on until nothing is. A message may be lost, doubled or late without harm; the sweep sends missing ones.
//! Everything that the queue library promises beyond that is not relied on (docs/queue.md says why).

mod backend;
mod messages;

pub use backend::{Dispatcher, dispatcher};
pub use messages::Message;

pub(crate) use messages::{purge, push, wake};
