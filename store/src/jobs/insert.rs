//! Queues a job, and the message that wakes a worker for it.

use tracing::Span;

use super::row::{Job, JobKind, Row, job_columns};
use crate::db::{Tx, fetch_optional};
use crate::{JobId, Result, RunId, TraceParent, TrackId, UserId, dispatch};

/// A job to be queued.
#[derive(Debug, Clone)]
pub(crate) struct NewJob {
    id: JobId,
    owner_id: UserId,
    kind: JobKind,
    track_id: Option<TrackId>,
    run_id: Option<RunId>,
    tile: Option<i64>,
    trace_id: Option<String>,
}

impl NewJob {
    pub(crate) fn new(id: JobId, owner_id: UserId, kind: JobKind, track_id: TrackId) -> Self {
        let track_id = Some(track_id);
        Self { id, owner_id, kind, track_id, run_id: None, tile: None, trace_id: None }
    }

    /// A step of a run; `tile` is 0 but for tiles.
    pub(crate) fn of_run(
        id: JobId,
        owner_id: UserId,
        kind: JobKind,
        run: RunId,
        tile: i64,
    ) -> Self {
        let (run_id, tile) = (Some(run), Some(tile));
        Self { id, owner_id, kind, track_id: None, run_id, tile, trace_id: None }
    }

    /// Notes for which run it is done.
    pub(crate) fn asked_by(self, run: RunId) -> Self {
        Self { run_id: Some(run), ..self }
    }

    /// A job about an owner and no track of theirs.
    pub(crate) fn of_owner(id: JobId, owner_id: UserId, kind: JobKind) -> Self {
        Self { id, owner_id, kind, track_id: None, run_id: None, tile: None, trace_id: None }
    }

    /// Ties the job to the request that it comes from.
    pub(crate) fn traced(self, trace_id: Option<String>) -> Self {
        Self { trace_id, ..self }
    }
}

/// Analyses go first: they hold nothing up, and matching waits for them anyway. Runs go last: what was uploaded meanwhile need not
/// wait for them.
fn priority(kind: JobKind) -> i64 {
    match kind {
        JobKind::AnalyzeTrack => 10,
        JobKind::MatchTrack => 0,
        JobKind::PlanRun | JobKind::FinishRun => -5,
        JobKind::RescoreTile => -10,
        // After the tracks, so that several of them make one job.
        JobKind::MatchProfile => -1,
        // Claimed apart from all others; last, so that whoever claims those need not pass over them first.
        JobKind::ImportTrack => -20,
    }
}

/// Queues a job in the caller's transaction; its trace goes on from the span at hand. `None` if the same work is waiting or running already.
pub(crate) async fn insert(tx: &mut Tx, new: NewJob) -> Result<Option<Job>> {
    let now = tx.now_us();
    let row = fetch_optional!(
        tx,
        Row,
        concat!(
            "insert into consort_jobs
                 (id, owner_id, kind, track_id, state, priority, attempts, crashes, lost, retries, fence, progress,
                  run_at_us, cancel_requested, trace_id, created_at_us, run_id, tile, trace_parent)
             values ($1, $2, $3, $4, 'queued', $5, 0, 0, 0, 0, 0, 0, $6, false, $7, $6, $8, $9, $10)
             on conflict do nothing returning ",
            job_columns!()
        ),
        new.id,
        new.owner_id,
        new.kind.as_str(),
        new.track_id,
        priority(new.kind),
        now,
        new.trace_id,
        new.run_id,
        new.tile,
        TraceParent::of(&Span::current()).map(|parent| parent.to_string())
    )?;
    let Some(row) = row else { return Ok(None) };
    dispatch::push(tx, new.id, now).await?;
    Job::try_from(row).map(Some)
}
