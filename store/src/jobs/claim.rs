//! Taking a job, and keeping it.

use serde_json::json;

use super::give_up::Held;
use super::row::{JobKind, Lease, Row, job_columns};
use crate::clock::duration_to_us;
use crate::db::{Connection, Tx, execute, fetch_optional};
use crate::tracks::{self, TrackState};
use crate::{JobId, Result, Store, events};

/// What became of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It holds for another term.
    Held,
    /// Somebody asked to end the job: stop, then call [`super::cancelled`].
    Cancel,
    /// Another worker may have it: stop, and write nothing.
    Lost,
}

macro_rules! claim_sql {
    ($order:literal, $lock:literal) => {
        concat!(
            "update consort_jobs
             set state = 'running', attempts = attempts + 1, fence = fence + 1, progress = 0, worker = $1,
                 started_at_us = $2, first_started_at_us = coalesce(first_started_at_us, $2), lease_until_us = $3
             where id = (
                 select id from consort_jobs where state = 'queued' and run_at_us <= $2 ",
            $order,
            " limit 1 ",
            $lock,
            ")
             returning ",
            job_columns!()
        )
    };
}

/// What keeps a core busy, or the database.
macro_rules! work_sql {
    ($lock:literal) => {
        claim_sql!("and kind <> 'import_track' order by priority desc, run_at_us, id", $lock)
    };
}

/// What waits for others most of the time.
macro_rules! import_sql {
    ($lock:literal) => {
        claim_sql!("and kind = 'import_track' order by run_at_us, id", $lock)
    };
}

/// Takes the job that is due first, if any, but no import. Attempt and fence are committed before the caller sees the job, so that
/// one that kills its worker is counted. During maintenance there is none.
///
/// # Errors
///
/// When the database fails.
pub async fn claim(store: &Store, worker: &str) -> Result<Option<Lease>> {
    let worker = worker.to_owned();
    let lease_us = duration_to_us(store.queue().lease());
    let sql = [work_sql!(""), work_sql!("for update skip locked")];
    store
        .despite_maintenance()
        .write(move |tx| Box::pin(async move { claim_in(tx, sql, &worker, lease_us).await }))
        .await
}

/// [`claim`] for imports only, which run beside the others: a stranger's slow host is to keep no core from its work.
///
/// # Errors
///
/// When the database fails.
pub async fn claim_import(store: &Store, worker: &str) -> Result<Option<Lease>> {
    let worker = worker.to_owned();
    let lease_us = duration_to_us(store.queue().lease());
    let sql = [import_sql!(""), import_sql!("for update skip locked")];
    store
        .despite_maintenance()
        .write(move |tx| Box::pin(async move { claim_in(tx, sql, &worker, lease_us).await }))
        .await
}

async fn claim_in(
    tx: &mut Tx,
    [sqlite, postgres]: [&'static str; 2],
    worker: &str,
    lease_us: i64,
) -> Result<Option<Lease>> {
    if tx.is_in_maintenance() {
        return Ok(None);
    }
    let now = tx.now_us();
    let row: Option<Row> = match tx.connection() {
        // One writer at a time: nobody else can take it between the select and the update.
        Connection::Sqlite(connection) => {
            sqlx::query_as(sqlite)
                .bind(worker)
                .bind(now)
                .bind(now + lease_us)
                .fetch_optional(connection)
                .await?
        }
        // Workers that come at the same time pass each other instead of waiting for one row.
        Connection::Postgres(connection) => {
            sqlx::query_as(postgres)
                .bind(worker)
                .bind(now)
                .bind(now + lease_us)
                .fetch_optional(connection)
                .await?
        }
    };
    let Some(row) = row else { return Ok(None) };
    let lease = Lease::try_from(row)?;
    if let (JobKind::AnalyzeTrack, Some(track)) = (lease.job.kind, lease.job.track_id) {
        tracks::set_state(tx, track, TrackState::Analyzing, None).await?;
    }
    // A run has hundreds of tiles, and tells its steps itself.
    if lease.job.kind != JobKind::RescoreTile {
        let data = json!({ "kind": lease.job.kind, "attempt": lease.job.attempts });
        events::append(tx, &[Held::from(&lease).event("job.started", data)]).await?;
    }
    Ok(Some(lease))
}

/// Keeps the lease for another term and notes how far the job has come, 0 to 1.
///
/// # Errors
///
/// When the database fails. The lease may still hold then: try again before it runs out.
pub async fn renew(store: &Store, lease: &Lease, progress: f64) -> Result<Renewal> {
    let (id, fence) = (lease.job.id, lease.fence);
    let progress = if progress.is_nan() { 0.0 } else { progress.clamp(0.0, 1.0) };
    let lease_us = duration_to_us(store.queue().lease());
    store
        .write(move |tx| {
            Box::pin(async move {
                let until = tx.now_us() + lease_us;
                let held = fetch_optional!(
                    tx,
                    (bool,),
                    "update consort_jobs set lease_until_us = $1, progress = $2
                     where id = $3 and fence = $4 and state = 'running' returning cancel_requested",
                    until,
                    progress,
                    id,
                    fence
                )?;
                if let Some((cancel,)) = held {
                    return Ok(if cancel { Renewal::Cancel } else { Renewal::Held });
                }
                // A track that is deleted takes its running jobs with it, and moves their fence.
                let ended = fetch_optional!(
                    tx,
                    (i64,),
                    "select fence from consort_jobs where id = $1 and state = 'cancelled' and fence = $2",
                    id,
                    fence + 1
                )?;
                Ok(if ended.is_some() { Renewal::Cancel } else { Renewal::Lost })
            })
        })
        .await
}

/// Whether the lease holds; then it cannot be lost before the commit.
pub(crate) async fn is_held(tx: &mut Tx, job: JobId, fence: i64) -> Result<bool> {
    let n_rows = execute!(
        tx,
        "update consort_jobs set fence = fence where id = $1 and fence = $2 and state = 'running'",
        job,
        fence
    )?;
    Ok(n_rows == 1)
}
