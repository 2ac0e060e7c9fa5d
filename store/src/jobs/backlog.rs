//! How much there is to do.

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::fetch_one;
use crate::{Result, Store};

/// How much there is to do, for all owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that wait for their time or a worker.
    pub n_queued: u64,
    /// Jobs that a worker holds.
    pub n_running: u64,
    /// When the job that waits longest became due; later than now if none is due.
    pub first_due_at: Option<OffsetDateTime>,
}

/// Counts what is not done. Jobs that have ended are not looked at, however many there are.
///
/// # Errors
///
/// When the database fails.
pub async fn backlog(store: &Store) -> Result<Backlog> {
    let mut reader = store.reader().await?;
    let (n_queued, first_due_us) = fetch_one!(
        reader,
        (i64, Option<i64>),
        "select count(*), min(run_at_us) from consort_jobs where state = 'queued'"
    )?;
    let (n_running,) =
        fetch_one!(reader, (i64,), "select count(*) from consort_jobs where state = 'running'")?;
    Ok(Backlog {
        n_queued: n_queued.unsigned_abs(),
        n_running: n_running.unsigned_abs(),
        first_due_at: first_due_us.map(us_to_time),
    })
}
