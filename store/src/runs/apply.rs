//! Taking in what was matched while a run was under way.

use crate::jobs::is_held;
use crate::matches::{self, NewMatch, Sight};
use crate::{Lease, Result, Run, Store, TrackId};

/// Puts new matches of a track in the place of its old ones under the run's generation. False if the lease is lost; nothing is written then.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn apply(
    store: &Store,
    lease: &Lease,
    run: &Run,
    track: TrackId,
    n_heads: u32,
    new: Vec<NewMatch>,
) -> Result<bool> {
    let (job_id, fence, generation) = (lease.job.id, lease.fence, run.generation);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !is_held(tx, job_id, fence).await? {
                    return Ok(false);
                }
                matches::replace(tx, track, n_heads, Sight::staged(generation), new).await?;
                Ok(true)
            })
        })
        .await
}
