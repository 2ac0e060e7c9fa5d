//! Reading jobs.

use super::row::{Job, JobKind, JobState, Row, job_columns};
use crate::db::{Tx, fetch_all, fetch_optional};
use crate::{JobId, Page, Result, RunId, Store, TrackId, UserId};

/// Which jobs to list.
#[derive(Debug, Clone, Copy)]
pub struct JobQuery {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs of this kind.
    pub kind: Option<JobKind>,
    /// Only jobs about this track.
    pub track: Option<TrackId>,
    /// Only steps of this run, and analyses that it asked for.
    pub run: Option<RunId>,
    /// Go on after this job.
    pub after: Option<JobId>,
    /// Rows of a page.
    pub limit: u32,
}

/// A job of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, id: JobId) -> Result<Option<Job>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        concat!("select ", job_columns!(), " from consort_jobs where id = $1 and owner_id = $2"),
        id,
        owner
    )?
    .map(Job::try_from)
    .transpose()
}

/// The owner's jobs, newest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(store: &Store, owner: UserId, query: JobQuery) -> Result<Page<Job>> {
    let after = query.after.unwrap_or(JobId::from_u128(u128::MAX));
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        concat!(
            "select ",
            job_columns!(),
            " from consort_jobs
              where owner_id = $1 and id < $2 and ($3 is null or state = $3) and ($4 is null or kind = $4)
                and ($5 is null or track_id = $5) and ($6 is null or run_id = $6)
              order by id desc limit $7"
        ),
        owner,
        after,
        query.state.map(JobState::as_str),
        query.kind.map(JobKind::as_str),
        query.track,
        query.run,
        i64::from(query.limit) + 1
    )?;
    let jobs = rows.into_iter().map(Job::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(jobs, query.limit))
}

/// The newest job of a kind about a track.
pub(crate) async fn last_of_track(
    tx: &mut Tx,
    track: TrackId,
    kind: JobKind,
) -> Result<Option<Job>> {
    fetch_optional!(
        tx,
        Row,
        concat!(
            "select ",
            job_columns!(),
            " from consort_jobs where track_id = $1 and kind = $2 order by id desc limit 1"
        ),
        track,
        kind.as_str()
    )?
    .map(Job::try_from)
    .transpose()
}
