//! Ending a run on request.

use super::advance::queue_finish;
use super::row::{Row, Run, run_columns};
use crate::audit::{self, Action, NewEntry};
use crate::db::{Tx, fetch_all, fetch_optional};
use crate::jobs::tally::{Withdrawn, times_columns};
use crate::{JobId, Result, RunId, Store, UserId};

/// Asks to end a run. Its steps end, then what it has staged is removed, and then it has ended; one that has ended stays as it is.
/// `None` if the owner has no such run.
///
/// # Errors
///
/// When the database fails.
pub async fn cancel(store: &Store, owner: UserId, id: RunId) -> Result<Option<Run>> {
    let job_id = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                let select = concat!(
                    "select ",
                    run_columns!(),
                    " from runs where id = $1 and owner_id = $2"
                );
                if fetch_optional!(tx, Row, select, id, owner)?.is_none() {
                    return Ok(None);
                }
                // The run last, as everywhere: whoever holds a job may wait for the run.
                end_steps(tx, owner, id).await?;
                if abandon(tx, id, None, job_id).await? {
                    audit::append(tx, NewEntry::about(Action::RunCancelled, id)).await?;
                }
                fetch_optional!(tx, Row, select, id, owner)?.map(Run::try_from).transpose()
            })
        })
        .await
}

/// Ends the steps of a run that is not about to end by itself. The fence moves, so that a worker that is at one can write nothing more. Analyses
/// go on: what they find is of use without the run.
pub(super) async fn end_steps(tx: &mut Tx, owner: UserId, id: RunId) -> Result<()> {
    let now = tx.now_us();
    let rows = fetch_all!(
        tx,
        Withdrawn,
        concat!(
            "update consort_jobs
             set state = 'cancelled', fence = fence + 1, lease_until_us = null, finished_at_us = $1, cancel_requested = true
             where run_id = $2 and owner_id = $3 and state in ('queued', 'running') and kind <> 'analyze_track'
               and exists (select 1 from runs where id = $2 and state in ('queued', 'analyzing', 'scoring', 'switching'))
             returning id, kind, ",
            times_columns!(waiting)
        ),
        now,
        id,
        owner
    )?;
    rows.into_iter().try_for_each(|row| row.note(tx, owner).map(|_| ()))
}

/// Gives up a run, with the reason if it is one: what it has staged is to be removed. False if it has ended or is ending.
pub(super) async fn abandon(
    tx: &mut Tx,
    id: RunId,
    error: Option<(&str, &str)>,
    job_id: JobId,
) -> Result<bool> {
    let row = fetch_optional!(
        tx,
        (UserId, Option<String>),
        "update runs set state = 'cancelling', error_code = $1, error_detail = $2
         where id = $3 and state in ('queued', 'analyzing', 'scoring', 'switching') returning owner_id, trace_id",
        error.map(|(code, _)| code),
        error.map(|(_, detail)| detail),
        id
    )?;
    let Some((owner, trace_id)) = row else { return Ok(false) };
    queue_finish(tx, owner, id, job_id, trace_id).await?;
    Ok(true)
}
