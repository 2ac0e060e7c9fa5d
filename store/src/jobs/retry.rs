//! Queueing again what was given up, because somebody has seen to the cause.

use serde_json::json;

use super::all::JobFilter;
use super::row::{Job, JobKind, JobState, Row, job_columns};
use crate::audit::{self, Action, NewEntry};
use crate::clock::time_to_us;
use crate::db::{Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::events::{self, NewEvent};
use crate::tracks::{self, TrackState};
use crate::{JobId, Result, Store, TrackId, dispatch};

/// What became of the wish to try a job again.
#[derive(Debug, Clone, PartialEq)]
pub enum Retry {
    /// It waits for a worker; its counters begin anew.
    Queued(Box<Job>),
    /// It did not fail: it is in this state.
    NotFailed(JobState),
    /// It would do nothing: its track or address is gone, a newer job did the same, or it is a step of a run, which ended with it.
    Pointless,
}

/// What became of the wish to try many jobs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetriedMany {
    /// Jobs that wait for a worker again.
    pub n_queued: u64,
    /// Whether there are more that could be tried.
    pub has_more: bool,
}

/// A job `j` that failed and of which another try could do something.
macro_rules! is_worth_it {
    () => {
        "j.state in ('failed', 'dead') and (
             j.kind = 'import_track' and exists (select 1 from imports i where i.job_id = j.id)
             or j.kind in ('analyze_track', 'match_track', 'match_profile')
                and (j.track_id is null or exists (select 1 from tracks t where t.id = j.track_id))
                and not exists (
                    select 1 from consort_jobs newer where newer.track_id = j.track_id and newer.kind = j.kind and newer.id > j.id)
                and not (j.track_id is null and exists (
                    select 1 from consort_jobs newer
                    where newer.owner_id = j.owner_id and newer.kind = j.kind and newer.id > j.id)))"
    };
}

/// Queues a failed or dead job again. What it had counted is kept ([`super::rounds`]), and it begins anew. `None` if there is no such job.
///
/// # Errors
///
/// When the database fails.
pub async fn retry(store: &Store, id: JobId) -> Result<Option<Retry>> {
    store.write(move |tx| Box::pin(retry_in(tx, id))).await
}

/// [`retry`] of all failed or dead jobs that the filter allows and that are worth it, oldest first, `limit` at most. Each is a transaction of its own: nobody waits for all of
/// them, and what is done stays done.
///
/// # Errors
///
/// When the database fails; what is queued by then is queued, and the same call goes on.
pub async fn retry_many(store: &Store, filter: &JobFilter, limit: u32) -> Result<RetriedMany> {
    let mut reader = store.reader().await?;
    let mut ids = fetch_all!(
        reader,
        (JobId,),
        concat!(
            "select j.id from consort_jobs j where ",
            is_worth_it!(),
            " and ($1 is null or j.state = $1) and ($2 is null or j.kind = $2) and ($3 is null or j.owner_id = $3)
              and ($4 is null or j.error_code = $4) and ($5 is null or j.created_at_us >= $5) and ($6 is null or j.created_at_us < $6)
              order by j.id limit $7"
        ),
        filter.state.map(JobState::as_str),
        filter.kind.map(JobKind::as_str),
        filter.owner,
        filter.code(),
        filter.since.map(time_to_us),
        filter.before.map(time_to_us),
        i64::from(limit) + 1
    )?;
    drop(reader);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = ids.len() > limit;
    ids.truncate(limit);
    let mut n_queued = 0;
    for (id,) in ids {
        n_queued += u64::from(matches!(retry(store, id).await?, Some(Retry::Queued(_))));
    }
    Ok(RetriedMany { n_queued, has_more })
}

async fn retry_in(tx: &mut Tx, id: JobId) -> Result<Option<Retry>> {
    let select = concat!("select ", job_columns!(), " from consort_jobs where id = $1");
    let row = fetch_optional!(tx, Row, select, id)?;
    let Some(job) = row.map(Job::try_from).transpose()? else { return Ok(None) };
    if !matches!(job.state, JobState::Failed | JobState::Dead) {
        return Ok(Some(Retry::NotFailed(job.state)));
    }
    // The track before its job that has ended, as its deletion does.
    if let Some(track) = job.track_id
        && !hold_track(tx, track).await?
    {
        return Ok(Some(Retry::Pointless));
    }
    let n_rows = execute!(
        tx,
        "update consort_jobs set fence = fence + 1 where id = $1 and state in ('failed', 'dead')",
        id
    )?;
    let is_worth_it = fetch_optional!(
        tx,
        (JobId,),
        concat!("select j.id from consort_jobs j where j.id = $1 and ", is_worth_it!()),
        id
    )?;
    if n_rows == 0 || is_worth_it.is_none() {
        return Ok(Some(Retry::Pointless));
    }
    let job = queue(tx, job).await?;
    Ok(Some(Retry::Queued(Box::new(job))))
}

/// Makes whoever would delete the track wait. False if it is gone.
async fn hold_track(tx: &mut Tx, id: TrackId) -> Result<bool> {
    Ok(execute!(tx, "update tracks set version = version where id = $1", id)? == 1)
}

async fn queue(tx: &mut Tx, job: Job) -> Result<Job> {
    let (now, id) = (tx.now_us(), job.id);
    execute!(
        tx,
        "insert into job_rounds (job_id, round, state, attempts, crashes, lost, retries, error_code, error_detail,
                                 started_at_us, finished_at_us, retried_at_us)
         select id, 1 + (select count(*) from job_rounds where job_id = $1), state, attempts, crashes, lost, retries, error_code,
                error_detail, started_at_us, finished_at_us, $2
         from consort_jobs where id = $1",
        id,
        now
    )?;
    execute!(
        tx,
        "update consort_jobs
         set state = 'queued', attempts = 0, crashes = 0, lost = 0, retries = 0, progress = 0, run_at_us = $2, worker = null,
             cancel_requested = $3, error_code = null, error_detail = null, started_at_us = null, finished_at_us = null
         where id = $1",
        id,
        now,
        false
    )?;
    if let (JobKind::AnalyzeTrack, Some(track)) = (job.kind, job.track_id) {
        tracks::set_state(tx, track, TrackState::Queued, None).await?;
    }
    dispatch::push(tx, id, now).await?;
    let event = NewEvent {
        owner_id: job.owner_id,
        kind: "job.retried",
        track_id: job.track_id,
        job_id: Some(id),
        data: json!({}),
    };
    events::append(tx, &[event]).await?;
    let select = concat!("select ", job_columns!(), " from consort_jobs where id = $1");
    let queued = fetch_one!(tx, Row, select, id)?.try_into()?;
    let details = json!({ "state": job.state, "code": job.error_code, "attempts": job.attempts });
    audit::append(tx, NewEntry::about(Action::JobRetried, id).with(details)).await?;
    Ok(queued)
}
