//! Repairs what dispatch and dead workers left behind. Any process may do it, at any time, as often as it likes.

use std::time::Duration;

use super::give_up::{Counter, Held, count};
use super::row::{Lease, Row, job_columns};
use crate::db::{Connection, Tx};
use crate::{
    Result, Store, audit, blob_rows, dispatch, events, idempotency, imports, maintenance, runs,
    uploads,
};

/// Leases that one sweep looks at.
const N_PER_SWEEP: i64 = 200;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Jobs whose lease had run out and that were queued again or given up.
    pub n_lost: u64,
    /// Messages sent for due jobs that had none.
    pub n_woken: u64,
    /// Messages that were done and are gone.
    pub n_messages: u64,
    /// Events of low priority that are gone.
    pub n_events: u64,
    /// Blobs that nobody referred to.
    pub n_blobs: u64,
    /// Uploads that were never finished and that nobody can go on with.
    pub n_staged: u64,
    /// Uploads in pieces that have expired or were given up.
    pub n_uploads: u64,
}

/// Gives jobs of lost workers to others, wakes workers for due jobs, and removes what is no longer needed. Nothing of it during maintenance.
///
/// # Errors
///
/// When the database or the blob store fails; the next sweep goes on.
pub async fn sweep(store: &Store) -> Result<Swept> {
    // What is repaired now would only wait.
    if maintenance::get(store).await?.is_on {
        return Ok(Swept::default());
    }
    let n_lost = lost_leases(store).await?;
    runs::advance(store).await?;
    let n_woken = dispatch::wake(store).await?;
    let n_messages = dispatch::purge(store).await?;
    let n_events = events::sweep(store).await?;
    let n_blobs = blob_rows::sweep(store).await?;
    let n_uploads = uploads::sweep(store).await?;
    idempotency::sweep(store).await?;
    imports::sweep(store).await?;
    audit::forget_addresses(store).await?;
    let n_staged = stale_uploads(store).await?;
    Ok(Swept { n_lost, n_woken, n_messages, n_events, n_blobs, n_staged, n_uploads })
}

/// Listing a bucket costs money: once an hour is enough for what is kept a day.
async fn stale_uploads(store: &Store) -> Result<u64> {
    let keep = Duration::from_secs(store.queue().staging_keep_s);
    if !store.staging_sweep_is_due(keep / 24) {
        return Ok(0);
    }
    let n_staged = store.blobs().sweep_staging(store.now() - keep).await?;
    // An upload in pieces may last as long as they are kept: what is older than two such times no row knows of.
    Ok(n_staged + store.blobs().sweep_pieces(store.now() - 2 * keep).await?)
}

async fn lost_leases(store: &Store) -> Result<u64> {
    let config = store.queue().clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let rows = take_lost(tx).await?;
                let mut n_lost = 0;
                let mut all = Vec::new();
                for row in rows {
                    let lease = Lease::try_from(row)?;
                    let n = lease.job.lost + 1;
                    let detail = "the worker was lost";
                    // What it took, nobody can tell any more.
                    let held = Held { usage: None, ..Held::from(&lease) };
                    let outcome =
                        count(tx, &config, &held, Counter::Lost, n, "worker_lost", detail).await?;
                    if let Some(events) = outcome {
                        n_lost += 1;
                        all.extend(events);
                    }
                }
                events::append(tx, &all).await?;
                Ok(n_lost)
            })
        })
        .await
}

macro_rules! lost_sql {
    ($lock:literal) => {
        concat!(
            "select ",
            job_columns!(),
            " from consort_jobs where state = 'running' and lease_until_us < $1 order by id limit $2 ",
            $lock
        )
    };
}

/// The jobs whose lease has run out, which nobody else can change until the commit.
async fn take_lost(tx: &mut Tx) -> Result<Vec<Row>> {
    let now = tx.now_us();
    Ok(match tx.connection() {
        Connection::Sqlite(connection) => {
            sqlx::query_as(lost_sql!("")).bind(now).bind(N_PER_SWEEP).fetch_all(connection).await?
        }
        // Whoever holds such a row renews it late, repairs it too, or is frozen in the middle of a write: the next
        // sweep sees what came of it, and the other jobs need not wait for that.
        Connection::Postgres(connection) => {
            sqlx::query_as(lost_sql!("for update skip locked"))
                .bind(now)
                .bind(N_PER_SWEEP)
                .fetch_all(connection)
                .await?
        }
    })
}
