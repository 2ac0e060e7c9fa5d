//! What there is to do.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::fetch_all;
use crate::jobs::JobKind;
use crate::{Error, Result, Store, UserId};

/// Jobs of a kind that have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Jobs that wait for a worker.
    pub n_due: u64,
    /// Jobs that wait for their time, after a try that failed.
    pub n_delayed: u64,
    /// Jobs that a worker holds.
    pub n_running: u64,
    /// When the one that waits longest for a worker became due.
    pub first_due_at: Option<OffsetDateTime>,
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    state: String,
    n: i64,
    n_delayed: i64,
    first_due_us: Option<i64>,
}

/// Counts what has not ended, by kind, of a user or of all. Jobs that have ended are not looked at.
///
/// # Errors
///
/// When the database fails.
pub async fn queue(store: &Store, user: Option<UserId>) -> Result<BTreeMap<JobKind, Waiting>> {
    let now = store.now_us();
    let mut reader = store.reader().await?;
    // In the words of the index.
    macro_rules! sql {
        ($owner:literal) => {
            concat!(
                "select kind, state, count(*) as n, count(case when run_at_us > $1 then 1 end) as n_delayed,
                        min(run_at_us) as first_due_us
                 from consort_jobs where state in ('queued', 'running') ",
                $owner,
                " group by kind, state"
            )
        };
    }
    let rows = match user {
        Some(user) => fetch_all!(reader, Row, sql!("and owner_id = $2"), now, user)?,
        None => fetch_all!(reader, Row, sql!(""), now)?,
    };
    let inconsistent = |column| Error::Inconsistent { table: "consort_jobs", column };
    let mut all: BTreeMap<JobKind, Waiting> = BTreeMap::new();
    for row in rows {
        let kind = row.kind.parse().map_err(|_| inconsistent("kind"))?;
        let waiting = all.entry(kind).or_default();
        let (n, n_delayed) = (row.n.unsigned_abs(), row.n_delayed.unsigned_abs());
        if row.state == "running" {
            waiting.n_running = n;
        } else {
            waiting.n_delayed = n_delayed;
            waiting.n_due = n - n_delayed;
            waiting.first_due_at = row.first_due_us.filter(|due| *due <= now).map(us_to_time);
        }
    }
    Ok(all)
}
