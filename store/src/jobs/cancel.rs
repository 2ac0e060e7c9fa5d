//! Ending a job on request.

use super::give_up::{Held, cancel_track};
use super::row::{Job, Row, job_columns};
use super::tally::{Outcome, Times, times_columns};
use crate::audit::{self, Action, NewEntry};
use crate::db::{execute, fetch_optional};
use crate::{JobId, Result, Store, UserId, events};

/// Asks to end a job. A queued one ends at once; a running one when its worker next renews the lease; one that has
/// ended stays as it is. `None` if the owner has no such job.
///
/// # Errors
///
/// When the database fails.
pub async fn cancel(store: &Store, owner: UserId, id: JobId) -> Result<Option<Job>> {
    cancel_of(store, Some(owner), id).await
}

/// [`cancel`], whoever the owner is: what an administrator does.
///
/// # Errors
///
/// When the database fails.
pub async fn cancel_any(store: &Store, id: JobId) -> Result<Option<Job>> {
    cancel_of(store, None, id).await
}

async fn cancel_of(store: &Store, owner: Option<UserId>, id: JobId) -> Result<Option<Job>> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                // The row is locked by the first statement and cannot change state between the two.
                let n_live = execute!(
                    tx,
                    "update consort_jobs set cancel_requested = true
                     where id = $1 and ($2 is null or owner_id = $2) and state in ('queued', 'running')",
                    id,
                    owner
                )?;
                let times = fetch_optional!(
                    tx,
                    Times,
                    concat!(
                        "update consort_jobs set state = 'cancelled', finished_at_us = $1
                         where id = $2 and ($3 is null or owner_id = $3) and state = 'queued' returning ",
                        times_columns!(waiting)
                    ),
                    now,
                    id,
                    owner
                )?;
                let row = fetch_optional!(
                    tx,
                    Row,
                    concat!(
                        "select ",
                        job_columns!(),
                        " from consort_jobs where id = $1 and ($2 is null or owner_id = $2)"
                    ),
                    id,
                    owner
                )?;
                let Some(job) = row.map(Job::try_from).transpose()? else { return Ok(None) };
                if let Some(times) = times {
                    let held = Held {
                        id,
                        owner_id: job.owner_id,
                        kind: job.kind,
                        track_id: job.track_id,
                        fence: 0,
                        usage: None,
                    };
                    tx.note(held.ended(Outcome::Cancelled, None, times));
                    let events = cancel_track(tx, &held).await?;
                    events::append(tx, &events).await?;
                }
                if owner.is_none() && n_live == 1 {
                    audit::append(tx, NewEntry::about(Action::JobCancelled, id)).await?;
                }
                Ok(Some(job))
            })
        })
        .await
}
