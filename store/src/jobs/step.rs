//! Telling how far a job has come.

use serde_json::json;

use super::claim::is_held;
use super::give_up::Held;
use super::row::Lease;
use super::usage::Stage;
use crate::{Result, Store, events};

/// Tells that the job goes on to another stage. False if the lease is lost; nothing is told then.
///
/// # Errors
///
/// When the database fails; nothing is told then.
pub async fn step(store: &Store, lease: &Lease, step: Stage) -> Result<bool> {
    let (held, fence) = (Held::from(lease), lease.fence);
    let event = held.event("job.step", json!({ "kind": lease.job.kind, "step": step }));
    store
        .write(move |tx| {
            Box::pin(async move {
                if !is_held(tx, held.id, fence).await? {
                    return Ok(false);
                }
                events::append(tx, &[event]).await?;
                Ok(true)
            })
        })
        .await
}
