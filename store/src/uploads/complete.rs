//! From an upload to a track.

use super::assemble::{ExpectedPart, assemble};
use super::lease::Lease;
use super::row::{Upload, UploadState};
use crate::db::{Tx, execute};
use crate::tracks::{self, Created, NewTrack, Origin};
use crate::{Error, Quota, Result, Sha256, Store, TrackId, UploadId};

/// The end of an upload.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The upload.
    pub upload: Upload,
    /// SHA-256 of the whole, beside the one that was announced when it began.
    pub sha256: Option<Sha256>,
    /// What parts must be.
    pub parts: Vec<ExpectedPart>,
    /// What the installation allows a user for whom nothing else was set.
    pub quota: Quota,
    /// Ties the job to the request in logs.
    pub trace_id: Option<String>,
}

/// Puts the pieces together, compares them with what was said of them, and makes a track of them as any other upload does.
///
/// # Errors
///
/// [`Error::UploadBusy`] while somebody is at it, or when it is done or over; [`Error::UploadIncomplete`], [`Error::UploadMismatch`] and
/// [`Error::QuotaExceeded`], after which the upload is as it was; or when the store fails.
pub async fn complete(store: &Store, completion: Completion) -> Result<Created> {
    let id = completion.upload.id;
    let mut lease = Lease::take(store, id).await?;
    let made = make_track(store, completion, &mut lease).await;
    match &made {
        Ok(_) => {
            if let Err(error) = store.blobs().delete_pieces(id).await {
                tracing::warn!("pieces of a finished upload are left to the sweep: {error}");
            }
        }
        Err(_) => lease.give_back().await,
    }
    made
}

async fn make_track(store: &Store, completion: Completion, lease: &mut Lease) -> Result<Created> {
    let Completion { upload, sha256, parts, quota, trace_id } = completion;
    let staged = assemble(store, &upload, sha256, &parts, lease).await?;
    let words = upload.words;
    let new = NewTrack {
        owner_id: upload.owner_id,
        staged,
        file_name: words.file_name,
        content_type: words.content_type,
        title: words.title,
        artist: words.artist,
        tags: words.tags,
        visibility: words.visibility,
        trace_id,
        quota,
        origin: Origin::Upload(upload.id),
    };
    tracks::create(store, new).await
}

/// Ends an upload inside the transaction that makes its track.
///
/// # Errors
///
/// [`Error::UploadMoved`] when it was given up meanwhile: then there is to be no track.
pub(crate) async fn mark_done(tx: &mut Tx, upload: UploadId, track: TrackId) -> Result<()> {
    let n_rows = execute!(
        tx,
        "update uploads set state = $1, track_id = $2, completing_until_us = 0 where id = $3 and state = 'open'",
        UploadState::Done.as_str(),
        track,
        upload
    )?;
    if n_rows == 0 {
        return Err(Error::UploadMoved);
    }
    execute!(tx, "delete from upload_pieces where upload_id = $1", upload)?;
    Ok(())
}
