//! Queues a job, and the message that wakes a worker for it.

use super::row::{Job, JobKind, Row, job_columns};
use crate::db::{Tx, fetch_optional};
use crate::{JobId, Result, TrackId, UserId, dispatch};

/// A job to be queued.
#[derive(Debug, Clone)]
pub(crate) struct NewJob {
    id: JobId,
    owner_id: UserId,
    kind: JobKind,
    track_id: Option<TrackId>,
    trace_id: Option<String>,
}

impl NewJob {
    pub(crate) fn new(id: JobId, owner_id: UserId, kind: JobKind, track_id: TrackId) -> Self {
        Self { id, owner_id, kind, track_id: Some(track_id), trace_id: None }
    }

    /// A job about an owner and no track of theirs.
    pub(crate) fn of_owner(id: JobId, owner_id: UserId, kind: JobKind) -> Self {
        Self { id, owner_id, kind, track_id: None, trace_id: None }
    }

    /// Ties the job to the request that it comes from.
    pub(crate) fn traced(self, trace_id: Option<String>) -> Self {
        Self { trace_id, ..self }
    }
}

/// Analyses go first: they hold nothing up, and matching waits for them anyway.
fn priority(kind: JobKind) -> i64 {
    match kind {
        JobKind::AnalyzeTrack => 10,
        JobKind::MatchTrack => 0,
        // After the tracks, so that several of them make one job.
        JobKind::MatchProfile => -1,
    }
}

/// Queues a job in the caller's transaction. `None` if the same work is waiting or running already.
pub(crate) async fn insert(tx: &mut Tx, new: NewJob) -> Result<Option<Job>> {
    let now = tx.now_us();
    let row = fetch_optional!(
        tx,
        Row,
        concat!(
            "insert into consort_jobs
                 (id, owner_id, kind, track_id, state, priority, attempts, crashes, lost, retries, fence, progress,
                  run_at_us, cancel_requested, trace_id, created_at_us)
             values ($1, $2, $3, $4, 'queued', $5, 0, 0, 0, 0, 0, 0, $6, false, $7, $6)
             on conflict do nothing returning ",
            job_columns!()
        ),
        new.id,
        new.owner_id,
        new.kind.as_str(),
        new.track_id,
        priority(new.kind),
        now,
        new.trace_id
    )?;
    let Some(row) = row else { return Ok(None) };
    dispatch::push(tx, new.id, now).await?;
    Job::try_from(row).map(Some)
}
