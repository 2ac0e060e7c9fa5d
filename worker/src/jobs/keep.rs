//! Keeping the lease while a job runs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use store::Lease;
use store::jobs::{Renewal, renew};
use tokio::time::{Instant, sleep, timeout_at};

use super::error::Interruption;
use crate::context::Context;

/// Share of a job that is done, 0 to 1; written by the job, read by the renewal.
#[derive(Debug, Default)]
pub(super) struct Progress(AtomicU64);

impl Progress {
    pub(super) fn set(&self, share: f64) {
        self.0.store(share.to_bits(), Relaxed);
    }

    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }
}

/// Renews the lease three times a term. Returns when the job has to end.
///
/// A database that does not answer is asked again until the term is over; then the lease counts as lost,
/// because another worker may have taken the job by then.
pub(super) async fn keep(context: &Context, lease: &Lease, progress: &Progress) -> Interruption {
    let term = Duration::from_secs(context.store.queue().lease_s);
    let mut until = Instant::now() + term;
    loop {
        tokio::select! {
            () = sleep(term / 3) => {}
            () = context.stop_now.cancelled() => return Interruption::Stopped,
        }
        let asked = Instant::now();
        match timeout_at(until, renew(&context.store, lease, progress.get())).await {
            Ok(Ok(Renewal::Held)) => until = asked + term,
            Ok(Ok(Renewal::Cancel)) => return Interruption::Cancelled,
            Ok(Ok(Renewal::Lost)) | Err(_) => return Interruption::Lost,
            Ok(Err(error)) => {
                let cause = &error as &dyn std::error::Error;
                tracing::warn!(error = cause, "a lease could not be renewed: {error}");
                if Instant::now() >= until {
                    return Interruption::Lost;
                }
            }
        }
    }
}
