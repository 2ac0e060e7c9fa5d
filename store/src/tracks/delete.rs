//! Removing a track and all that hangs on it.

use serde_json::json;

use crate::audit::{self, Action, NewEntry};
use crate::db::{Tx, execute, fetch_all, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::tally::{Withdrawn, times_columns};
use crate::{JobId, Result, Sha256, Store, TrackId, UserId, blob_rows, matches, profiles};

/// Removes a track: its jobs are cancelled; its report, descriptor and matches go; its bytes go when no other track
/// has them. False if the owner has no such track.
///
/// # Errors
///
/// When the database fails. A blob that cannot be removed now is left to the sweep.
pub async fn delete(store: &Store, owner: UserId, id: TrackId) -> Result<bool> {
    let job = store.new_id();
    let blob = store.write(move |tx| Box::pin(delete_rows(tx, owner, id, job))).await?;
    let Some(blob) = blob else { return Ok(false) };
    if let Err(error) = blob_rows::reap(store, blob).await {
        tracing::warn!(%error, "a blob could not be removed and is left to the sweep: {error}");
    }
    Ok(true)
}

async fn delete_rows(
    tx: &mut Tx,
    owner: UserId,
    id: TrackId,
    match_profile: JobId,
) -> Result<Option<Sha256>> {
    let mut cancelled = cancel_jobs(tx, owner, id).await?;
    profiles::touch_if_counted(tx, owner, id, match_profile).await?;
    // Jobs first, as everywhere, so that two transactions never wait for each other.
    matches::remove(tx, owner, id).await?;
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        "delete from tracks where id = $1 and owner_id = $2 returning blob_sha256",
        id,
        owner
    )?;
    let Some((blob,)) = row else { return Ok(None) };
    // A job that was queued while this transaction waited for the track.
    cancelled.extend(cancel_jobs(tx, owner, id).await?);
    // What an analysis said about the file goes with it.
    execute!(tx, "update consort_jobs set error_detail = null where track_id = $1", id)?;
    execute!(
        tx,
        "update job_rounds set error_detail = null where job_id in (select id from consort_jobs where track_id = $1)",
        id
    )?;
    let event = |kind, job_id| NewEvent {
        owner_id: owner,
        kind,
        track_id: Some(id),
        job_id,
        data: json!({}),
    };
    let mut events: Vec<_> =
        cancelled.into_iter().map(|job| event("job.cancelled", Some(job))).collect();
    events.push(event("track.deleted", None));
    events::append(tx, &events).await?;
    audit::append(tx, NewEntry::about(Action::TrackDeleted, id)).await?;
    Sha256::from_column(&blob, "tracks", "blob_sha256").map(Some)
}

/// Ends the jobs of a track. The fence moves, so that a worker that is at it can write nothing more.
async fn cancel_jobs(tx: &mut Tx, owner: UserId, id: TrackId) -> Result<Vec<JobId>> {
    let now = tx.now_us();
    let rows = fetch_all!(
        tx,
        Withdrawn,
        concat!(
            "update consort_jobs
             set state = 'cancelled', fence = fence + 1, lease_until_us = null, finished_at_us = $1,
                 cancel_requested = true
             where track_id = $2 and owner_id = $3 and state in ('queued', 'running')
             returning id, kind, ",
            times_columns!(waiting)
        ),
        now,
        id,
        owner
    )?;
    rows.into_iter().map(|row| row.note(tx, owner)).collect()
}
