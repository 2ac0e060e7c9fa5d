//! `HEAD /v1/uploads/tus/{id}`.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use store::uploads::Protocol;
use store::{UploadId, UserId};

use super::TUS_UPLOAD_PATH;
use super::headers::{self, UPLOAD_LENGTH, UPLOAD_METADATA};
use crate::error::Result;
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;
use crate::uploads::get::upload_by;

/// Tell where an upload ends, and what it has led to.
#[utoipa::path(
    head,
    path = TUS_UPLOAD_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.tell",
    params(
        ("id" = String, Path, description = "Id of the upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 200, description = "Where it ends", headers(
            ("Upload-Offset" = u64, description = "Bytes that are there"),
            ("Upload-Length" = u64, description = "Bytes of the whole"),
            ("Upload-Metadata" = String, description = "As it was given"),
            ("Upload-Expires" = String, description = "When it ends"),
            ("Track-Location" = String, description = "The track, once all bytes are there"),
        )),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`tus_version`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.tus.tell", skip_all, fields(upload.id = %id))]
pub(crate) async fn tell(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
) -> Result<Response> {
    told(&state, caller.user_id, id).await
}

/// Where an upload ends.
pub(super) async fn told(state: &state::State, owner: UserId, id: UploadId) -> Result<Response> {
    let upload = upload_by(&state.store, owner, id, Protocol::Tus).await?;
    let mut headers = headers::place(&upload, upload.offset_bytes, upload.track_id);
    headers.insert(UPLOAD_LENGTH, upload.n_bytes.into());
    let metadata = upload.metadata.as_deref().and_then(|text| HeaderValue::from_str(text).ok());
    if let Some(metadata) = metadata {
        headers.insert(UPLOAD_METADATA, metadata);
    }
    Ok((StatusCode::OK, headers).into_response())
}
