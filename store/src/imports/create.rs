//! Queues an import.

use crate::db::{Tx, execute, fetch_one};
use crate::jobs::{self, Job, JobKind, NewJob};
use crate::tracks::without_nul;
use crate::uploads::Words;
use crate::{Error, JobId, Quota, Result, Store, UserId, quotas};

/// An import to be queued.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Whose it is.
    pub owner_id: UserId,
    /// Where the recording is.
    pub url: String,
    /// What is said of it.
    pub words: Words,
    /// What the installation allows a user for whom nothing else was set.
    pub quota: Quota,
    /// Imports of a user that may wait or run.
    pub max_waiting: u64,
    /// Ties the job to the request in logs.
    pub trace_id: Option<String>,
}

/// Queues an import; its job.
///
/// # Errors
///
/// [`Error::QuotaExceeded`] when the owner may keep no more already; [`Error::TooManyImports`]; or when the database fails.
pub async fn create(store: &Store, new: NewImport) -> Result<Job> {
    let id: JobId = store.new_id();
    store.write(move |tx| Box::pin(insert(tx, id, new))).await
}

async fn insert(tx: &mut Tx, id: JobId, new: NewImport) -> Result<Job> {
    quotas::hold(tx, new.owner_id).await?;
    quotas::room(tx, new.owner_id, new.quota).await?.check_announced(0)?;
    let (n_waiting,) = fetch_one!(
        tx,
        (i64,),
        "select count(*) from imports join consort_jobs on consort_jobs.id = imports.job_id
         where imports.owner_id = $1 and consort_jobs.state in ('queued', 'running')",
        new.owner_id
    )?;
    if n_waiting.unsigned_abs() >= new.max_waiting {
        return Err(Error::TooManyImports { limit: new.max_waiting });
    }
    let (now, words) = (tx.now_us(), new.words);
    execute!(
        tx,
        "insert into imports (job_id, owner_id, url, file_name, title, artist, tags, visibility, created_at_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id,
        new.owner_id,
        without_nul(&new.url),
        words.file_name.as_deref().map(without_nul),
        words.title.as_deref().map(without_nul),
        words.artist.as_deref().map(without_nul),
        serde_json::to_string(&words.tags)?,
        words.visibility.as_str(),
        now
    )?;
    let job = NewJob::of_owner(id, new.owner_id, JobKind::ImportTrack).traced(new.trace_id);
    let job = jobs::insert(tx, job).await?;
    // Jobs that are about no track do not exclude each other.
    job.ok_or(Error::Inconsistent { table: "consort_jobs", column: "id" })
}
