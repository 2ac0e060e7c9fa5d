//! Sending, and cleaning up after, messages.

use apalis::prelude::TaskBuilder;
use serde::{Deserialize, Serialize};

use crate::clock::us_to_seconds;
use crate::db::{Connection, Db, Tx, fetch_all};
use crate::{Error, JobId, Result, Store};

/// The queue that messages go to.
pub(super) const QUEUE: &str = "consort";

/// Messages that one sweep sends: each wakes a worker, and a worker goes on until nothing is due.
const N_WAKE: i64 = 16;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The job that it was sent for.
    pub job_id: JobId,
}

/// Sends a message in the caller's transaction: it exists if, and only if, the job does.
pub(crate) async fn push(tx: &mut Tx, job_id: JobId, run_at_us: i64) -> Result<()> {
    let message = serde_json::to_vec(&Message { job_id })?;
    // The library counts whole seconds. A message that is due must not wait for the next one; one for later must not
    // come before its job is due.
    let run_at = us_to_seconds(run_at_us) + u64::from(run_at_us > tx.now_us());
    let task = TaskBuilder::new(message)
        // Once: whether a job is tried again is not the queue's business.
        .max_attempts(1)
        .run_at_timestamp(run_at)
        .build();
    match tx.connection() {
        Connection::Sqlite(connection) => {
            apalis_sqlite::queries::push_tasks(connection, QUEUE, &[task])
                .await
                .map_err(|error| Error::Queue(error.into()))
        }
        Connection::Postgres(connection) => {
            apalis_postgres::queries::push_tasks(connection, QUEUE, vec![task])
                .await
                .map_err(|error| Error::Queue(error.into()))
        }
    }
}

/// Sends messages for due jobs when there are none on the way; their number.
pub(crate) async fn wake(store: &Store) -> Result<u64> {
    store
        .write(|tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let due = fetch_all!(
                    tx,
                    (JobId,),
                    "select id from consort_jobs where state = 'queued' and run_at_us <= $1
                     order by priority desc, run_at_us, id limit $2",
                    now,
                    N_WAKE
                )?;
                if due.is_empty() {
                    return Ok(0);
                }
                let n_pending = n_pending(tx).await?;
                let missing = due.iter().skip(usize::try_from(n_pending).unwrap_or(usize::MAX));
                let mut n_sent = 0;
                for (id,) in missing {
                    push(tx, *id, now).await?;
                    n_sent += 1;
                }
                Ok(n_sent)
            })
        })
        .await
}

/// Messages that a worker may fetch now.
async fn n_pending(tx: &mut Tx) -> Result<i64> {
    let (n,): (i64,) = match tx.connection() {
        Connection::Sqlite(connection) => {
            sqlx::query_as(
                "select count(*) from Jobs
                 where job_type = $1 and status = 'Pending' and run_at <= cast(strftime('%s', 'now') as integer)",
            )
            .bind(QUEUE)
            .fetch_one(connection)
            .await?
        }
        Connection::Postgres(connection) => {
            sqlx::query_as(
                "select count(*) from apalis.jobs
                 where job_type = $1 and status = 'Pending' and run_at <= now()",
            )
            .bind(QUEUE)
            .fetch_one(connection)
            .await?
        }
    };
    Ok(n)
}

/// Removes messages that are done and workers that are gone; the number of messages.
///
/// By our own statements: the library's `vacuum` compares a number with a text, and removes everything.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    let keep_s = i64::try_from(store.queue().message_keep_s).unwrap_or(i64::MAX);
    match store.db() {
        Db::Sqlite { queue, .. } => {
            let mut tx = queue.begin_with("begin immediate").await?;
            let done = sqlx::query(
                "delete from Jobs where job_type = $1 and status in ('Done', 'Failed', 'Killed')
                   and coalesce(done_at, run_at) < cast(strftime('%s', 'now') as integer) - $2",
            )
            .bind(QUEUE)
            .bind(keep_s)
            .execute(&mut *tx)
            .await?;
            // A worker's row must outlive the messages that it holds: who recovers them looks for it.
            sqlx::query(
                "delete from Workers where worker_type = $1
                   and last_seen < cast(strftime('%s', 'now') as integer) - $2
                   and not exists (select 1 from Jobs where Jobs.lock_by = Workers.id)",
            )
            .bind(QUEUE)
            .bind(keep_s.max(MIN_WORKER_KEEP_S))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(done.rows_affected())
        }
        Db::Postgres { queue, .. } => {
            let done = sqlx::query(
                "delete from apalis.jobs where job_type = $1 and status in ('Done', 'Failed', 'Killed')
                   and coalesce(done_at, run_at) < now() - make_interval(secs => $2)",
            )
            .bind(QUEUE)
            .bind(seconds(keep_s))
            .execute(queue)
            .await?;
            sqlx::query(
                "delete from apalis.workers w where worker_type = $1
                   and last_seen < now() - make_interval(secs => $2)
                   and not exists (select 1 from apalis.jobs j where j.lock_by = w.id)",
            )
            .bind(QUEUE)
            .bind(seconds(keep_s.max(MIN_WORKER_KEEP_S)))
            .execute(queue)
            .await?;
            Ok(done.rows_affected())
        }
    }
}

/// Far beyond the heartbeats that a live worker may miss.
const MIN_WORKER_KEEP_S: i64 = 3600;

#[expect(
    clippy::cast_precision_loss,
    reason = "a retention time; make_interval takes seconds as a float"
)]
fn seconds(whole: i64) -> f64 {
    whole as f64
}
