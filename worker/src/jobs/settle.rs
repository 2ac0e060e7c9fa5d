//! Writing down how a job went.

use std::time::Duration;

use store::{Lease, Store, jobs};
use tokio::time::sleep;

use super::error::{Interruption, JobError};
use crate::error::chain;

/// Pauses between tries to write an ending. After the last the lease is left to run out, which the sweep
/// of any worker repairs.
const PAUSES_MS: [u64; 4] = [100, 400, 1500, 4000];

/// Writes an ending that has not been written yet. A word for it, for logs and metrics.
pub(super) async fn settle(
    store: &Store,
    lease: &Lease,
    result: &Result<bool, JobError>,
) -> &'static str {
    let error = match result {
        Ok(true) => return "succeeded",
        Ok(false) => return "stale",
        Err(error) => error,
    };
    let outcome = match error {
        JobError::Abort { .. } => "failed",
        JobError::Crash { .. } => "crashed",
        JobError::Retry { .. } => "retried",
        JobError::Interrupted(Interruption::Cancelled) => "cancelled",
        JobError::Interrupted(Interruption::Stopped) => "released",
        // The job is somebody else's by now.
        JobError::Interrupted(Interruption::Lost) => return "lost",
    };
    match error {
        JobError::Abort { code, detail } => {
            tracing::info!(error.code = code, error.detail = detail, "not possible: {code}");
        }
        JobError::Crash { detail } => {
            tracing::error!(error.detail = detail, "an unexplained death: {detail}");
        }
        JobError::Retry { code, detail } => {
            tracing::warn!(error.code = code, error.detail = detail, "to be tried again: {code}");
        }
        JobError::Interrupted(_) => {}
    }
    for pause_ms in PAUSES_MS {
        match write(store, lease, error).await {
            Ok(true) => return outcome,
            Ok(false) => return "stale",
            Err(failure) => {
                let cause = chain(&failure);
                tracing::warn!(error = cause, "an ending could not be written: {cause}");
                sleep(Duration::from_millis(pause_ms)).await;
            }
        }
    }
    "unwritten"
}

async fn write(store: &Store, lease: &Lease, error: &JobError) -> store::Result<bool> {
    match error {
        JobError::Abort { code, detail } => jobs::fail(store, lease, code, detail).await,
        JobError::Crash { detail } => jobs::crash(store, lease, detail).await,
        JobError::Retry { code, detail } => jobs::retry_later(store, lease, code, detail).await,
        JobError::Interrupted(Interruption::Cancelled) => jobs::cancelled(store, lease).await,
        JobError::Interrupted(Interruption::Stopped) => jobs::release(store, lease).await,
        JobError::Interrupted(Interruption::Lost) => Ok(false),
    }
}
