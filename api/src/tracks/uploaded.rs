//! How every upload ends, whichever way its bytes came.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::tracks::Created;
use store::{UserId, users};
use utoipa::ToSchema;

use super::body::TrackBody;
use super::create::PATH;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Json;
use crate::jobs::JobBody;
use crate::metrics;
use crate::state::State;

/// What an upload led to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uploaded)]
pub(crate) struct UploadedBody {
    /// The track.
    pub(crate) track: TrackBody,
    /// The job that analyses it; `null` if that is done already.
    pub(crate) job: Option<JobBody>,
}

impl From<Created> for UploadedBody {
    fn from(created: Created) -> Self {
        Self { track: created.track.into(), job: created.job.map(JobBody::from) }
    }
}

/// Says in the log what became of an upload.
pub(crate) async fn settled(
    state: &State,
    user: UserId,
    made: store::Result<Created>,
) -> Result<Created> {
    let created = match made {
        Ok(created) => created,
        // Whoever was deleted while the bytes arrived has nowhere to put them.
        Err(_) if users::get(&state.store, user).await?.is_none() => {
            return Err(Error::Unauthorized { is_token_given: true });
        }
        Err(error) => return Err(error.into()),
    };
    let (id, sha256, n_bytes) =
        (created.track.id, created.track.blob_sha256, created.track.n_bytes);
    metrics::uploaded(n_bytes);
    tracing::Span::current().record("track.id", tracing::field::display(id));
    tracing::info!(n_bytes, blob.sha256 = %sha256, existed = created.existed, "uploaded track {id}");
    Ok(created)
}

/// The status of what became of an upload.
pub(crate) fn status(created: &Created) -> StatusCode {
    if created.existed { StatusCode::OK } else { StatusCode::ACCEPTED }
}

/// What became of an upload, as an answer.
pub(crate) fn answer(created: Created) -> Response {
    let status = status(&created);
    let location = format!("{PATH}/{}", created.track.id);
    let location = HeaderValue::from_str(&location).expect("an id is plain ASCII");
    let tag = etag::version(created.track.version);
    let body = UploadedBody::from(created);
    (status, [(header::LOCATION, location), (header::ETAG, tag)], Json(body)).into_response()
}
