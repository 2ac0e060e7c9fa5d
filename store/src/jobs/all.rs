//! The jobs of all users, for administrators.

use time::OffsetDateTime;

use super::row::{Job, JobKind, JobState, Row, job_columns};
use crate::clock::{time_to_us, us_to_time};
use crate::db::{fetch_all, fetch_optional};
use crate::tracks::without_nul;
use crate::{Error, JobId, Page, Result, Store, UserId};

/// Which jobs; what is left out does not count.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs of this kind.
    pub kind: Option<JobKind>,
    /// Only jobs of this user.
    pub owner: Option<UserId>,
    /// Only jobs that ended, or were tried again last, for this reason.
    pub error_code: Option<String>,
    /// Queued at this time or later.
    pub since: Option<OffsetDateTime>,
    /// Queued before this time.
    pub before: Option<OffsetDateTime>,
}

impl JobFilter {
    /// The reason as rows have it: without the character that no text of a database holds.
    pub(super) fn code(&self) -> Option<String> {
        self.error_code.as_deref().map(without_nul)
    }
}

/// What a job had counted when it was queued again by an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// How it had ended.
    pub state: JobState,
    /// Starts that counted.
    pub attempts: i64,
    /// Unexplained deaths of the analysis.
    pub crashes: i64,
    /// Leases that ran out.
    pub lost: i64,
    /// Failures of input or output.
    pub retries: i64,
    /// Why it had ended: a stable code.
    pub error_code: Option<String>,
    /// The same, for people.
    pub error_detail: Option<String>,
    /// When it was last started.
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    pub finished_at: OffsetDateTime,
    /// When it was queued again.
    pub retried_at: OffsetDateTime,
}

macro_rules! select_jobs {
    ($first:literal) => {
        concat!(
            "select ",
            job_columns!(),
            " from consort_jobs where ",
            $first,
            " id < $1 and ($2 is null or state = $2) and ($3 is null or kind = $3) and ($4 is null or owner_id = $4)
              and ($5 is null or error_code = $5) and ($6 is null or created_at_us >= $6) and ($7 is null or created_at_us < $7)
              order by id desc limit $8"
        )
    };
}

/// The jobs of all users, newest first; `after` is the last one of the page before.
///
/// # Errors
///
/// When the database fails.
pub async fn list_all(
    store: &Store,
    filter: &JobFilter,
    after: Option<JobId>,
    limit: u32,
) -> Result<Page<Job>> {
    let sql = match filter.state {
        // The index of these few is used where the condition stands word for word.
        Some(JobState::Failed | JobState::Dead) => select_jobs!("state in ('failed', 'dead') and"),
        _ => select_jobs!(""),
    };
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        sql,
        after.unwrap_or(JobId::from_u128(u128::MAX)),
        filter.state.map(JobState::as_str),
        filter.kind.map(JobKind::as_str),
        filter.owner,
        filter.code(),
        filter.since.map(time_to_us),
        filter.before.map(time_to_us),
        i64::from(limit) + 1
    )?;
    let jobs = rows.into_iter().map(Job::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(jobs, limit))
}

/// A job, whoever its owner is.
///
/// # Errors
///
/// When the database fails.
pub async fn find(store: &Store, id: JobId) -> Result<Option<Job>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        concat!("select ", job_columns!(), " from consort_jobs where id = $1"),
        id
    )?
    .map(Job::try_from)
    .transpose()
}

#[derive(sqlx::FromRow)]
struct RoundRow {
    state: String,
    attempts: i64,
    crashes: i64,
    lost: i64,
    retries: i64,
    error_code: Option<String>,
    error_detail: Option<String>,
    started_at_us: Option<i64>,
    finished_at_us: i64,
    retried_at_us: i64,
}

impl TryFrom<RoundRow> for Round {
    type Error = Error;

    fn try_from(row: RoundRow) -> Result<Self> {
        let inconsistent = |_| Error::Inconsistent { table: "job_rounds", column: "state" };
        Ok(Self {
            state: row.state.parse().map_err(inconsistent)?,
            attempts: row.attempts,
            crashes: row.crashes,
            lost: row.lost,
            retries: row.retries,
            error_code: row.error_code,
            error_detail: row.error_detail,
            started_at: row.started_at_us.map(us_to_time),
            finished_at: us_to_time(row.finished_at_us),
            retried_at: us_to_time(row.retried_at_us),
        })
    }
}

/// What a job had counted each time before an administrator queued it again, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn rounds(store: &Store, id: JobId) -> Result<Vec<Round>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        RoundRow,
        "select state, attempts, crashes, lost, retries, error_code, error_detail, started_at_us, finished_at_us, retried_at_us
         from job_rounds where job_id = $1 order by round",
        id
    )?;
    rows.into_iter().map(Round::try_from).collect()
}
