//! `PATCH /v1/uploads/tus/{id}`.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use store::uploads::{Protocol, UploadState};
use store::{UploadId, UserId};

use super::TUS_UPLOAD_PATH;
use super::headers::{self, CONTENT_TYPE, UPLOAD_OFFSET};
use super::receive::{complete, has_bytes, receive};
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;
use crate::uploads::get::upload_by;

/// Send bytes from where an upload ends.
///
/// With the last byte it becomes a track. If that fails for another reason than the bytes, a request without bytes from the end tries again.
#[utoipa::path(
    patch,
    path = TUS_UPLOAD_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.append",
    params(
        ("id" = String, Path, description = "Id of the upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Offset" = u64, Header, description = "Where the bytes begin"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256` and the hash of the body in Base64"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 204, description = "The bytes are there", headers(
            ("Upload-Offset" = u64, description = "Where the upload ends now"),
            ("Upload-Expires" = String, description = "When it ends"),
            ("Track-Location" = String, description = "The track, once all bytes are there"),
        )),
        (status = 400, description = "`malformed_header`, `malformed_multipart`: the body broke off", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `password_change_required`, `quota_exceeded`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`upload_moved`, `upload_busy`, `upload_in_crumbs`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`tus_version`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`upload_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 460, description = "`checksum_mismatch`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.tus.append", skip_all, fields(upload.id = %id, track.id))]
pub(crate) async fn append(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
    ids: RequestIds,
    request: Request,
) -> Result<Response> {
    appended(&state, caller.user_id, id, &ids.trace_id, request).await
}

/// Takes the bytes, and ends the upload with the last one.
pub(super) async fn appended(
    state: &state::State,
    owner: UserId,
    id: UploadId,
    trace_id: &str,
    request: Request,
) -> Result<Response> {
    let upload = upload_by(&state.store, owner, id, Protocol::Tus).await?;
    let (parts, body) = request.into_parts();
    if !has_bytes(&parts.headers) {
        return Err(Error::UnsupportedMediaType { expected: CONTENT_TYPE });
    }
    let begin = headers::n_bytes(&parts.headers, &UPLOAD_OFFSET, "Upload-Offset")?;
    if begin != upload.offset_bytes {
        return Err(Error::OffsetMismatch { offset_bytes: upload.offset_bytes });
    }
    let offset_bytes = receive(state, &upload, &parts.headers, body).await?;
    let track = if upload.state == UploadState::Done {
        upload.track_id
    } else if offset_bytes == upload.n_bytes {
        Some(complete(state, upload.clone(), trace_id).await?.track.id)
    } else {
        None
    };
    let headers = headers::place(&upload, offset_bytes, track);
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}
