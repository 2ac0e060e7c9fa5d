//! `/v1/analytics`: figures about jobs; one file per endpoint.
//!
//! A user sees their own. Whoever may do what concerns all users sees those of all, or of the one that `user` names.

mod failures;
mod latency;
mod parameters;
mod queue;
mod throughput;

pub(crate) use failures::{__path_failures, failures};
pub(crate) use latency::{__path_latency, latency};
pub(crate) use queue::{__path_queue, queue};
pub(crate) use throughput::{__path_throughput, throughput};

/// Microseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds of centuries are below 2^52")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
