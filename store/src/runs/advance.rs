//! Repairs runs whose next step is missing. Any process may do it, at any time, as often as it likes.

use super::cancel::{abandon, end_steps};
use super::row::RunState;
use crate::db::{Tx, fetch_all, fetch_one, fetch_optional};
use crate::jobs::{self, JobKind, NewJob};
use crate::{Error, JobId, Result, RunId, Store, UserId};

/// Gives up runs of which a step was given up, and queues the next step of each that has none: because a migration began it, its analyses are
/// done, or somebody cancelled a job of it.
pub(crate) async fn advance(store: &Store) -> Result<()> {
    let mut reader = store.reader().await?;
    let failed = fetch_all!(
        reader,
        (RunId, UserId, String, String),
        "select r.id, r.owner_id, coalesce(j.error_code, ''), coalesce(j.error_detail, '')
         from runs r join consort_jobs j on j.run_id = r.id
         where r.finished_at_us is null and r.state <> 'cancelling' and j.state in ('failed', 'dead')
           and j.kind <> 'analyze_track' order by j.id"
    )?;
    let idle = fetch_all!(
        reader,
        (RunId,),
        "select id from runs r where finished_at_us is null and not exists (
             select 1 from consort_jobs j where j.run_id = r.id and j.state in ('queued', 'running')) order by id"
    )?;
    drop(reader);
    for (id, owner, code, detail) in failed {
        let job_id = store.new_id();
        store
            .write(move |tx| {
                Box::pin(async move {
                    end_steps(tx, owner, id).await?;
                    abandon(tx, id, Some((&code, &detail)), job_id).await
                })
            })
            .await?;
    }
    for (id,) in idle {
        let job_id = store.new_id();
        store.write(move |tx| Box::pin(next(tx, id, job_id))).await?;
    }
    Ok(())
}

async fn next(tx: &mut Tx, id: RunId, job_id: JobId) -> Result<()> {
    let row = fetch_optional!(
        tx,
        (UserId, String, Option<String>),
        "update runs set generation = generation where id = $1 and finished_at_us is null and not exists (
             select 1 from consort_jobs j where j.run_id = $1 and j.state in ('queued', 'running'))
         returning owner_id, state, trace_id",
        id
    )?;
    let Some((owner, state, trace_id)) = row else { return Ok(()) };
    let state: RunState =
        state.parse().map_err(|_| Error::Inconsistent { table: "runs", column: "state" })?;
    match state {
        RunState::Queued | RunState::Analyzing => {
            let job = NewJob::of_run(job_id, owner, JobKind::PlanRun, id, 0);
            jobs::insert(tx, job.traced(trace_id)).await?;
        }
        RunState::Scoring => {
            // A tile's job was cancelled: without it the run cannot be whole.
            let (n_missing,) = fetch_one!(
                tx,
                (i64,),
                "select count(*) from run_tiles where run_id = $1 and not is_done",
                id
            )?;
            if n_missing > 0 {
                abandon(tx, id, None, job_id).await?;
            } else {
                queue_finish(tx, owner, id, job_id, trace_id).await?;
            }
        }
        RunState::Switching | RunState::Cancelling => {
            queue_finish(tx, owner, id, job_id, trace_id).await?;
        }
        RunState::Succeeded | RunState::Failed | RunState::Cancelled => {}
    }
    Ok(())
}

/// Queues the last step of a run.
pub(super) async fn queue_finish(
    tx: &mut Tx,
    owner: UserId,
    id: RunId,
    job_id: JobId,
    trace_id: Option<String>,
) -> Result<()> {
    let job = NewJob::of_run(job_id, owner, JobKind::FinishRun, id, 0);
    jobs::insert(tx, job.traced(trace_id)).await?;
    Ok(())
}
