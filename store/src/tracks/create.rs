//! From staged bytes to a track with a job.

use serde_json::json;

use super::row::{
    Row, Track, TrackState, Visibility, set_state, tags_to_text, track_columns, without_nul,
};
use crate::blobs::Staged;
use crate::db::{Tx, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::{self, Held, Job, JobKind, JobState, Lease, NewJob};
use crate::{
    Error, JobId, Quota, Result, Sha256, Store, TrackId, UploadId, UserId, blob_rows, imports,
    quotas, uploads,
};

/// A track to be made.
#[derive(Debug)]
pub struct NewTrack {
    /// Whose it is.
    pub owner_id: UserId,
    /// Its bytes.
    pub staged: Staged,
    /// What the uploader called the file.
    pub file_name: Option<String>,
    /// What the uploader said the bytes are.
    pub content_type: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Artist.
    pub artist: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether others may be told of it.
    pub visibility: Visibility,
    /// Ties the job to the request in logs.
    pub trace_id: Option<String>,
    /// What the installation allows a user for whom nothing else was set.
    pub quota: Quota,
    /// What ends with it.
    pub origin: Origin,
}

/// Where a track comes from: what ends in the transaction that makes it.
#[derive(Debug, Clone)]
pub enum Origin {
    /// One request.
    Request,
    /// An upload in pieces.
    Upload(UploadId),
    /// An import, by the lease of whoever fetched it.
    Import(Box<Lease>),
}

/// What became of an upload.
#[derive(Debug, Clone)]
pub struct Created {
    /// The track.
    pub track: Track,
    /// The job that analyses it: a new one, or that of the first upload while it is not done.
    pub job: Option<Job>,
    /// True if the owner had uploaded the same bytes before.
    pub existed: bool,
}

/// Moves the bytes to their content address and writes track, event, job and message in one transaction.
///
/// The same bytes by the same owner give the track that is there. If its analysis was cancelled or given up without
/// fault of the file, it is queued again.
///
/// # Errors
///
/// [`Error::QuotaExceeded`] when the owner may keep no more; [`Error::UploadMoved`] when the upload was given up; [`Error::LeaseLost`] when the import is
/// another worker's by now; or when the blob store or the database fails. No track is made then.
pub async fn create(store: &Store, new: NewTrack) -> Result<Created> {
    let NewTrack { owner_id, staged, .. } = new;
    let (sha256, n_bytes) = (staged.sha256, staged.n_bytes);
    let n_bytes_column = i64::try_from(n_bytes).map_err(|_| Error::TooLarge { limit: n_bytes })?;
    // The claim is committed before the bytes are looked for, so that nobody removes them as unreferenced.
    store.write(move |tx| Box::pin(blob_rows::claim(tx, sha256, n_bytes_column))).await?;
    if let Err(error) = store.blobs().commit(staged).await {
        store.write(move |tx| Box::pin(blob_rows::release(tx, sha256))).await?;
        return Err(error);
    }

    let row = NewRow {
        id: store.new_id(),
        owner_id,
        sha256,
        n_bytes: n_bytes_column,
        file_name: new.file_name.as_deref().map(without_nul),
        content_type: new.content_type.as_deref().map(without_nul),
        title: new.title.as_deref().map(without_nul),
        artist: new.artist.as_deref().map(without_nul),
        tags: tags_to_text(&new.tags),
        visibility: new.visibility,
        trace_id: new.trace_id.as_deref().map(without_nul),
        quota: new.quota,
        origin: new.origin,
    };
    let job_id = store.new_id();
    let created = store.write(move |tx| Box::pin(insert(tx, row, job_id))).await;
    if let Err(Error::QuotaExceeded { .. } | Error::UploadMoved | Error::LeaseLost) = created {
        // Without a track the bytes have no use; what cannot be removed now is left to the sweep.
        store.write(move |tx| Box::pin(blob_rows::release(tx, sha256))).await?;
        blob_rows::reap(store, sha256).await?;
    }
    created
}

struct NewRow {
    id: TrackId,
    owner_id: UserId,
    sha256: Sha256,
    n_bytes: i64,
    file_name: Option<String>,
    content_type: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    tags: String,
    visibility: Visibility,
    trace_id: Option<String>,
    quota: Quota,
    origin: Origin,
}

async fn insert(tx: &mut Tx, new: NewRow, job_id: JobId) -> Result<Created> {
    let limits = quotas::limits(tx, new.owner_id, new.quota).await?;
    // A track that is there may be deleted before it is read; then the bytes are new after all. Another turn needs another
    // upload and another deletion by somebody else in between.
    let (row, existed) = loop {
        if let Some(row) = insert_row(tx, &new).await? {
            break (row, false);
        }
        if let Some(row) = row_with_same_bytes(tx, &new).await? {
            break (row, true);
        }
    };
    blob_rows::release(tx, new.sha256).await?;
    let mut track = Track::try_from(row)?;
    if !existed {
        limits.check_kept(tx).await?;
    }
    let mut events = Vec::new();
    match new.origin {
        Origin::Request => {}
        Origin::Upload(upload) => uploads::mark_done(tx, upload, track.id).await?,
        Origin::Import(lease) => {
            imports::mark_done(tx, &Held::from(&*lease), track.id).await?;
            events.push(NewEvent {
                owner_id: new.owner_id,
                kind: "track.imported",
                track_id: Some(track.id),
                job_id: Some(lease.job.id),
                data: json!({ "existed": existed }),
            });
        }
    }
    let job =
        NewJob::new(job_id, new.owner_id, JobKind::AnalyzeTrack, track.id).traced(new.trace_id);
    if existed {
        let last = jobs::last_of_track(tx, track.id, JobKind::AnalyzeTrack).await?;
        let again = track.state == TrackState::Failed
            && last
                .as_ref()
                .is_none_or(|job| matches!(job.state, JobState::Dead | JobState::Cancelled));
        if !again {
            let job = last.filter(|job| !job.state.is_final());
            events::append(tx, &events).await?;
            return Ok(Created { track, job, existed });
        }
        set_state(tx, track.id, TrackState::Queued, None).await?;
        track = Track { state: TrackState::Queued, error_code: None, error_detail: None, ..track };
    }
    let job = jobs::insert(tx, job).await?;
    events.push(NewEvent {
        owner_id: new.owner_id,
        kind: "track.uploaded",
        track_id: Some(track.id),
        job_id: job.as_ref().map(|job| job.id),
        data: json!({ "n_bytes": track.n_bytes }),
    });
    events::append(tx, &events).await?;
    Ok(Created { track, job, existed })
}

/// The row as it was written; `None` when the owner has these bytes already.
async fn insert_row(tx: &mut Tx, new: &NewRow) -> Result<Option<Row>> {
    let now = tx.now_us();
    fetch_optional!(
        tx,
        Row,
        concat!(
            "insert into tracks (id, owner_id, blob_sha256, n_bytes, file_name, content_type, title, artist, tags,
                                 visibility, state, created_at_us, updated_at_us, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, 'queued', $10, $10, 1)
             on conflict (owner_id, blob_sha256) do nothing returning ",
            track_columns!()
        ),
        new.id,
        new.owner_id,
        new.sha256.as_bytes().as_slice(),
        new.n_bytes,
        &new.file_name,
        &new.content_type,
        &new.title,
        &new.artist,
        &new.tags,
        now,
        new.visibility.as_str()
    )
}

/// The owner's track with these bytes.
async fn row_with_same_bytes(tx: &mut Tx, new: &NewRow) -> Result<Option<Row>> {
    fetch_optional!(
        tx,
        Row,
        concat!(
            "select ",
            track_columns!(),
            " from tracks where owner_id = $1 and blob_sha256 = $2"
        ),
        new.owner_id,
        new.sha256.as_bytes().as_slice()
    )
}
