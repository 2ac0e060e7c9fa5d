//! `import_track`: a recording from an address to a track, which then goes the way of every upload.

use std::time::Instant;

use store::imports::{self, Import};
use store::jobs::Stage;
use store::tracks::{self, NewTrack, Origin};
use store::{Lease, Staged, Staging, quotas};
use tokio_util::sync::CancellationToken;

use super::error::JobError;
use super::keep::Progress;
use super::perform::interrupted;
use super::tell::tell;
use crate::account::Account;
use crate::context::Context;

/// How often a host that does not answer well is asked. The pauses between are those of the queue.
const MAX_TRIES: i64 = 4;

/// Fetches what the job names and makes a track of it. True if that was written.
pub(super) async fn run(
    context: &Context,
    lease: &Lease,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<bool, JobError> {
    let (store, settings) = (&context.store, &context.config.imports);
    let import = imports::get(store, lease.job.id).await?;
    let import =
        import.ok_or_else(|| JobError::abort("import_missing", "it has been forgotten"))?;
    let fetched = tokio::select! {
        fetched = fetch(context, lease, &import, progress) => fetched?,
        // Whatever has come is thrown away with the future.
        () = cancel.cancelled() => return Err(interrupted()),
    };
    let (staged, content_type) = fetched;
    tell(context, lease, Stage::Write).await;
    let n_bytes = staged.n_bytes;
    let Import { owner_id, words, .. } = import;
    let new = NewTrack {
        owner_id,
        staged,
        file_name: words.file_name,
        content_type,
        title: words.title,
        artist: words.artist,
        tags: words.tags,
        visibility: words.visibility,
        trace_id: lease.job.trace_id.clone(),
        quota: settings.quota,
        origin: Origin::Import(Box::new(lease.clone())),
    };
    match tracks::create(store, new).await {
        Ok(created) => {
            let (id, existed) = (created.track.id, created.existed);
            tracing::info!(n_bytes, existed, track.id = %id, "imported track {id}");
            Ok(true)
        }
        Err(store::Error::LeaseLost) => Ok(false),
        Err(error) => Err(refused(error)),
    }
}

/// The bytes, staged, and what their host says that they are.
async fn fetch(
    context: &Context,
    lease: &Lease,
    import: &Import,
    progress: &Progress,
) -> Result<(Staged, Option<String>), JobError> {
    let (store, settings) = (&context.store, &context.config.imports);
    let failed = |error| failed(error, lease);
    let start = Instant::now();
    let mut answer = context.fetcher.get(&import.url, settings.max_bytes).await.map_err(failed)?;
    let announced = answer.n_bytes;
    quotas::check(store, import.owner_id, settings.quota, announced.unwrap_or(0))
        .await
        .map_err(refused)?;
    let mut staging = store.blobs().stage(settings.max_bytes).await?;
    match fill(&mut staging, &mut answer, progress).await {
        Ok(0) => {
            staging.abort().await;
            Err(JobError::abort("upload_empty", "the recording has no bytes"))
        }
        Ok(n_bytes) => {
            let staged = staging.finish().await?;
            if let Some(account) = Account::current() {
                account.fetched(n_bytes, start);
            }
            Ok((staged, answer.content_type))
        }
        Err(error) => {
            staging.abort().await;
            Err(match error {
                FillError::Fetch(error) => failed(error),
                FillError::Store(error) => error.into(),
            })
        }
    }
}

enum FillError {
    Fetch(fetch::Error),
    Store(store::Error),
}

/// Bytes as they come, counted; their number.
async fn fill(
    staging: &mut Staging,
    answer: &mut fetch::Answer,
    progress: &Progress,
) -> Result<u64, FillError> {
    let mut n_bytes = 0;
    while let Some(chunk) = answer.chunk().await.map_err(FillError::Fetch)? {
        n_bytes += chunk.len() as u64;
        staging.write(&chunk).await.map_err(FillError::Store)?;
        if let Some(announced) = answer.n_bytes.filter(|announced| *announced > 0) {
            #[expect(clippy::cast_precision_loss, reason = "a share for people")]
            progress.set(n_bytes as f64 / announced as f64);
        }
    }
    Ok(n_bytes)
}

/// What another try may change is tried again, a few times.
fn failed(error: fetch::Error, lease: &Lease) -> JobError {
    if error.is_transient() && lease.job.retries + 1 < MAX_TRIES {
        JobError::Retry { code: error.code(), detail: error.to_string() }
    } else {
        JobError::abort(error.code(), error.to_string())
    }
}

fn refused(error: store::Error) -> JobError {
    match error {
        store::Error::QuotaExceeded { .. } => JobError::abort("quota_exceeded", error.to_string()),
        other => other.into(),
    }
}
