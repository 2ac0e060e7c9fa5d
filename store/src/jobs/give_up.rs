//! Ends or puts back a job without a result. Each is guarded by the fence; false means that the lease is lost.

use serde_json::{Value, json};

use super::backoff::delay_us;
use super::row::{JobKind, JobState, Lease};
use super::tally::{Ended, Outcome, Times, times_columns};
use super::usage::Usage;
use crate::db::{Tx, fetch_one, fetch_optional};
use crate::events::{self, NewEvent};
use crate::tracks::{self, TrackState, without_nul};
use crate::{JobId, Result, Store, TrackId, UserId, dispatch};

/// The job as far as ending it needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) id: JobId,
    pub(super) owner_id: UserId,
    pub(super) kind: JobKind,
    pub(super) track_id: Option<TrackId>,
    pub(super) fence: i64,
    /// What the attempt took, as far as its worker reports.
    pub(super) usage: Option<Usage>,
}

impl From<&Lease> for Held {
    fn from(lease: &Lease) -> Self {
        let job = &lease.job;
        Self {
            id: job.id,
            owner_id: job.owner_id,
            kind: job.kind,
            track_id: job.track_id,
            fence: lease.fence,
            usage: Some(lease.meter.read()),
        }
    }
}

impl Held {
    /// What is counted when the attempt ends.
    pub(super) fn ended(&self, outcome: Outcome, code: Option<&str>, times: Times) -> Ended {
        Ended {
            job_id: self.id,
            owner_id: self.owner_id,
            kind: self.kind,
            outcome,
            code: Ended::code(outcome, code),
            usage: self.usage,
            times,
        }
    }

    /// An event about the job.
    pub(crate) fn event(&self, kind: &'static str, data: Value) -> NewEvent {
        let (owner_id, track_id, job_id) = (self.owner_id, self.track_id, Some(self.id));
        NewEvent { owner_id, kind, track_id, job_id, data }
    }

    /// An event that says no more than that the job has succeeded, where no other does.
    pub(crate) fn succeeded(&self) -> NewEvent {
        self.event("job.succeeded", json!({ "kind": self.kind }))
    }
}

/// The counter that a failed try adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counter {
    Crashes,
    Lost,
    Retries,
}

/// Ends the job: another try would not change the result. The track fails with the same code.
///
/// # Errors
///
/// When the database fails.
pub async fn fail(store: &Store, lease: &Lease, code: &str, detail: &str) -> Result<bool> {
    let (held, code, detail) = (Held::from(lease), code.to_owned(), without_nul(detail));
    store
        .write(move |tx| {
            Box::pin(async move {
                if !end(tx, &held, JobState::Failed, Some((&code, &detail))).await? {
                    return Ok(false);
                }
                let mut events = fail_track(tx, &held, &code, &detail).await?;
                // Of a tile its run tells.
                if events.is_empty() && held.kind != JobKind::RescoreTile {
                    let data = json!({ "kind": held.kind, "code": code });
                    events.push(held.event("job.failed", data));
                }
                events::append(tx, &events).await?;
                Ok(true)
            })
        })
        .await
}

/// The analysis died without an explanation: tried again after a while, then dead.
///
/// # Errors
///
/// When the database fails.
pub async fn crash(store: &Store, lease: &Lease, detail: &str) -> Result<bool> {
    let n = lease.job.crashes + 1;
    try_again(store, lease, Counter::Crashes, n, "crashed", detail).await
}

/// Input or output failed, which is not the file's fault: tried again after growing delays, then dead.
///
/// # Errors
///
/// When the database fails. The lease then runs out by itself.
pub async fn retry_later(store: &Store, lease: &Lease, code: &str, detail: &str) -> Result<bool> {
    let n = lease.job.retries + 1;
    try_again(store, lease, Counter::Retries, n, code, detail).await
}

/// The job stopped because somebody asked for it.
///
/// # Errors
///
/// When the database fails.
pub async fn cancelled(store: &Store, lease: &Lease) -> Result<bool> {
    let held = Held::from(lease);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !end(tx, &held, JobState::Cancelled, None).await? {
                    return Ok(false);
                }
                let events = cancel_track(tx, &held).await?;
                events::append(tx, &events).await?;
                Ok(true)
            })
        })
        .await
}

/// The worker stops: the job goes back as if it had not been claimed. The fence stays moved.
///
/// # Errors
///
/// When the database fails. The lease then runs out by itself.
pub async fn release(store: &Store, lease: &Lease) -> Result<bool> {
    let held = Held::from(lease);
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let released = fetch_optional!(
                    tx,
                    (bool,),
                    "update consort_jobs set attempts = attempts - 1
                     where id = $1 and fence = $2 and state = 'running' returning cancel_requested",
                    held.id,
                    held.fence
                )?;
                let Some((cancel,)) = released else { return Ok(false) };
                if cancel {
                    let events = end_cancelled(tx, &held).await?;
                    events::append(tx, &events).await?;
                    return Ok(true);
                }
                let times = fetch_one!(
                    tx,
                    Times,
                    concat!(
                        "update consort_jobs
                         set state = 'queued', progress = 0, lease_until_us = null, run_us = run_us + $1 - started_at_us
                         where id = $2 returning ",
                        times_columns!()
                    ),
                    now,
                    held.id
                )?;
                tx.note(held.ended(Outcome::Released, None, times));
                requeue_track(tx, &held).await?;
                dispatch::push(tx, held.id, now).await?;
                Ok(true)
            })
        })
        .await
}

async fn try_again(
    store: &Store,
    lease: &Lease,
    counter: Counter,
    n: i64,
    code: &str,
    detail: &str,
) -> Result<bool> {
    let (held, code, detail) = (Held::from(lease), code.to_owned(), without_nul(detail));
    let config = store.queue().clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let outcome = count(tx, &config, &held, counter, n, &code, &detail).await?;
                let Some(events) = outcome else { return Ok(false) };
                events::append(tx, &events).await?;
                Ok(true)
            })
        })
        .await
}

/// Adds to a counter, then queues the job again, or gives it up at the cap. The events to append; `None` if the lease
/// is lost.
pub(super) async fn count(
    tx: &mut Tx,
    config: &crate::QueueConfig,
    held: &Held,
    counter: Counter,
    n: i64,
    code: &str,
    detail: &str,
) -> Result<Option<Vec<NewEvent>>> {
    let (sql, cap) = match counter {
        Counter::Crashes => (
            "update consort_jobs set crashes = $1 where id = $2 and fence = $3 and state = 'running' returning cancel_requested",
            config.max_crashes,
        ),
        Counter::Lost => (
            "update consort_jobs set lost = $1 where id = $2 and fence = $3 and state = 'running' returning cancel_requested",
            config.max_lost,
        ),
        Counter::Retries => (
            "update consort_jobs set retries = $1 where id = $2 and fence = $3 and state = 'running' returning cancel_requested",
            config.max_retries,
        ),
    };
    let flag = fetch_optional!(tx, (bool,), sql, n, held.id, held.fence)?;
    let Some((cancel,)) = flag else { return Ok(None) };
    if cancel {
        return end_cancelled(tx, held).await.map(Some);
    }
    if n >= i64::from(cap) {
        end(tx, held, JobState::Dead, Some((code, detail))).await?;
        let mut events = fail_track(tx, held, code, detail).await?;
        events.push(held.event("job.dead", json!({ "code": code })));
        return Ok(Some(events));
    }
    // A lease that ran out is nobody's delay: the job has waited long enough.
    let delay = if counter == Counter::Lost { 0 } else { delay_us(config, held.id, n) };
    let now = tx.now_us();
    let run_at = now.saturating_add(delay);
    let times = fetch_one!(
        tx,
        Times,
        concat!(
            "update consort_jobs
             set state = 'queued', run_at_us = $2, progress = 0, lease_until_us = null, error_code = $3, error_detail = $4,
                 run_us = run_us + $1 - started_at_us
             where id = $5 returning ",
            times_columns!()
        ),
        now,
        run_at,
        code,
        detail,
        held.id
    )?;
    tx.note(held.ended(Outcome::Retried, Some(code), times));
    requeue_track(tx, held).await?;
    dispatch::push(tx, held.id, run_at).await?;
    Ok(Some(Vec::new()))
}

/// Ends a running job that somebody asked to end.
async fn end_cancelled(tx: &mut Tx, held: &Held) -> Result<Vec<NewEvent>> {
    end(tx, held, JobState::Cancelled, None).await?;
    cancel_track(tx, held).await
}

/// Ends a running job; false if the lease is lost.
pub(super) async fn end(
    tx: &mut Tx,
    held: &Held,
    state: JobState,
    error: Option<(&str, &str)>,
) -> Result<bool> {
    let now = tx.now_us();
    let times = fetch_optional!(
        tx,
        Times,
        concat!(
            "update consort_jobs
             set state = $2, lease_until_us = null, finished_at_us = $1, error_code = $3, error_detail = $4,
                 run_us = run_us + $1 - started_at_us
             where id = $5 and fence = $6 and state = 'running' returning ",
            times_columns!()
        ),
        now,
        state.as_str(),
        error.map(|(code, _)| code),
        error.map(|(_, detail)| detail),
        held.id,
        held.fence
    )?;
    let Some(times) = times else { return Ok(false) };
    let outcome = match state {
        JobState::Failed => Outcome::Failed,
        JobState::Dead => Outcome::Dead,
        JobState::Succeeded => Outcome::Succeeded,
        JobState::Cancelled | JobState::Queued | JobState::Running => Outcome::Cancelled,
    };
    tx.note(held.ended(outcome, error.map(|(code, _)| code), times));
    Ok(true)
}

/// What a cancelled job does to its track.
pub(super) async fn cancel_track(tx: &mut Tx, held: &Held) -> Result<Vec<NewEvent>> {
    let mut events = vec![held.event("job.cancelled", json!({}))];
    events.extend(fail_track(tx, held, "cancelled", "the analysis was cancelled").await?);
    Ok(events)
}

/// A track without an analysis has failed; one without matches has not. An import has no track that could fail.
async fn fail_track(tx: &mut Tx, held: &Held, code: &str, detail: &str) -> Result<Vec<NewEvent>> {
    if let (JobKind::AnalyzeTrack, Some(track)) = (held.kind, held.track_id)
        && tracks::set_state(tx, track, TrackState::Failed, Some((code, detail))).await?
    {
        return Ok(vec![held.event("track.failed", json!({ "code": code }))]);
    }
    if held.kind == JobKind::ImportTrack {
        return Ok(vec![held.event("import.failed", json!({ "code": code }))]);
    }
    Ok(Vec::new())
}

async fn requeue_track(tx: &mut Tx, held: &Held) -> Result<()> {
    if let (JobKind::AnalyzeTrack, Some(track)) = (held.kind, held.track_id) {
        tracks::set_state(tx, track, TrackState::Queued, None).await?;
    }
    Ok(())
}
