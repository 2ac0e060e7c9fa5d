//! The bytes of one request, and the end of an upload.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use store::tracks::Created;
use store::uploads::{self, Append, Completion, MAX_PIECES, Upload};

use super::checksum::Checksum;
use super::headers::CONTENT_TYPE;
use crate::body::{BodyError, Paced};
use crate::error::{Error, Result};
use crate::state::State;
use crate::tracks::uploaded;

/// Whether the request has bytes of an upload in it.
pub(super) fn has_bytes(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| *kind == CONTENT_TYPE)
}

/// Takes the bytes of a request; how many the upload has then.
///
/// What has come of a body that breaks off is kept, unless the request has a checksum: then all of it counts, or nothing.
pub(super) async fn receive(
    state: &State,
    upload: &Upload,
    headers: &HeaderMap,
    body: Body,
) -> Result<u64> {
    let checksum = Checksum::from_headers(headers)?;
    let n_bytes_left = upload.n_bytes - upload.offset_bytes;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|n| n.parse::<u64>().ok()).is_some_and(|n| n > n_bytes_left) {
        return Err(Error::UploadTooLarge { limit: upload.n_bytes });
    }
    if upload.n_pieces >= MAX_PIECES {
        return Err(Error::UploadInCrumbs { limit: MAX_PIECES });
    }
    let body = Paced::new(body, n_bytes_left, state.config.body_timeout());
    let append = Append::new(&state.store, upload);
    let ended = match checksum {
        None => as_it_comes(append, body).await,
        Some(checksum) => all_or_nothing(append.all_or_nothing(), body, checksum).await,
    };
    ended.map_err(|error| match error {
        Error::BodyTooLarge { .. } => Error::UploadTooLarge { limit: upload.n_bytes },
        other => other,
    })
}

async fn as_it_comes(mut append: Append, mut body: Paced) -> Result<u64> {
    let broken = loop {
        match body.chunk().await {
            Ok(Some(chunk)) => {
                if let Err(error) = append.write(&chunk).await {
                    append.discard().await;
                    return Err(error.into());
                }
            }
            Ok(None) => break None,
            Err(error @ BodyError::TooLarge { .. }) => {
                // Whoever sends more than was announced sends something else.
                append.discard().await;
                return Err(error.into());
            }
            Err(error) => break Some(error),
        }
    };
    let offset_bytes = append.finish().await?;
    broken.map_or(Ok(offset_bytes), |error| Err(BodyError::into(error)))
}

async fn all_or_nothing(
    mut append: Append,
    mut body: Paced,
    mut checksum: Checksum,
) -> Result<u64> {
    match fill(&mut append, &mut body, &mut checksum).await {
        Ok(()) if checksum.matches() => Ok(append.finish().await?),
        Ok(()) => {
            append.discard().await;
            Err(Error::ChecksumMismatch)
        }
        Err(error) => {
            append.discard().await;
            Err(error)
        }
    }
}

async fn fill(append: &mut Append, body: &mut Paced, checksum: &mut Checksum) -> Result<()> {
    while let Some(chunk) = body.chunk().await? {
        checksum.update(&chunk);
        append.write(&chunk).await?;
    }
    Ok(())
}

/// Makes a track of an upload whose bytes are all there.
pub(super) async fn complete(state: &State, upload: Upload, trace_id: &str) -> Result<Created> {
    let user = upload.owner_id;
    let completion = Completion {
        upload,
        sha256: None,
        parts: Vec::new(),
        quota: state.config.quota.into(),
        trace_id: Some(trace_id.to_owned()),
    };
    let created = uploads::complete(&state.store, completion).await;
    uploaded::settled(state, user, created).await
}
