//! `POST /v1/uploads/tus/{id}`, with `X-HTTP-Method-Override`: for clients behind what lets only `GET` and `POST` pass.

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use store::UploadId;

use super::TUS_UPLOAD_PATH;
use super::append::appended;
use super::delete::deleted;
use super::tell::told;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;

const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Do what another method does.
#[utoipa::path(
    post,
    path = TUS_UPLOAD_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.instead",
    params(
        ("id" = String, Path, description = "Id of the upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("X-HTTP-Method-Override" = String, Header, description = "`PATCH`, `HEAD` or `DELETE`"),
        ("Upload-Offset" = Option<u64>, Header, description = "For `PATCH`: where the bytes begin"),
        ("Upload-Checksum" = Option<String>, Header, description = "For `PATCH`: `sha1` or `sha256` and the hash of the body in Base64"),
    ),
    request_body(content = Option<Vec<u8>>, content_type = "application/offset+octet-stream"),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 200, description = "As `HEAD` answers"),
        (status = 204, description = "As `PATCH` or `DELETE` answers"),
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
#[tracing::instrument(name = "api.uploads.tus.instead", skip_all, fields(upload.id = %id, track.id))]
pub(crate) async fn instead(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
    ids: RequestIds,
    request: Request,
) -> Result<Response> {
    let user = caller.user_id;
    let method = request.headers().get(OVERRIDE).map(|value| value.as_bytes().to_vec());
    match method.as_deref() {
        Some(b"PATCH") => appended(&state, user, id, &ids.trace_id, request).await,
        Some(b"HEAD") => told(&state, user, id).await,
        Some(b"DELETE") => deleted(&state, user, id).await.map(IntoResponse::into_response),
        _ => Err(Error::MalformedHeader { name: "X-HTTP-Method-Override" }),
    }
}
