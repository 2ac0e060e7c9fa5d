//! `POST /v1/uploads/tus`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::TrackId;
use store::uploads::{self, NewUpload, Protocol, Upload};

use super::TUS_PATH;
use super::headers::{self, UPLOAD_LENGTH};
use super::metadata::Metadata;
use super::receive::{complete, has_bytes, receive};
use crate::error::Result;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;
use crate::uploads::create::checked_size;

/// Begin an upload by tus, with its first bytes or without.
#[utoipa::path(
    post,
    path = TUS_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.create",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = u64, Header, description = "Bytes of the whole"),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename`, `filetype`, `title`, `artist`, `tags`, `visibility`, `sha256`, each with its value in Base64"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256` and the hash of the body in Base64"),
    ),
    request_body(content = Option<Vec<u8>>, content_type = "application/offset+octet-stream"),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 201, description = "The upload", headers(
            ("Location" = String, description = "Where its bytes go"),
            ("Upload-Offset" = u64, description = "Bytes that are there"),
            ("Upload-Expires" = String, description = "When it ends"),
            ("Track-Location" = String, description = "The track, if all bytes came with the request"),
        )),
        (status = 400, description = "`malformed_header`, `malformed_multipart`: the body broke off", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `password_change_required`, `quota_exceeded`, `too_many_uploads`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`tus_version`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`upload_empty`, `invalid_field`, `upload_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 460, description = "`checksum_mismatch`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.tus.create", skip_all, fields(track.id))]
pub(crate) async fn create(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    ids: RequestIds,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let announced = headers::n_bytes(&parts.headers, &UPLOAD_LENGTH, "Upload-Length")?;
    let n_bytes = checked_size(announced, state.config.max_upload_bytes)?;
    let metadata = Metadata::from_headers(&parts.headers)?;
    let new = NewUpload {
        owner_id: caller.user_id,
        protocol: Protocol::Tus,
        n_bytes,
        part_bytes: 0,
        words: metadata.words,
        sha256: metadata.sha256,
        metadata: metadata.text,
        quota: state.config.quota.into(),
        max_open: state.config.max_open_uploads,
    };
    let upload = uploads::create(&state.store, new).await?;
    tracing::info!(n_bytes, "upload {} begins", upload.id);
    if !has_bytes(&parts.headers) {
        return Ok(begun(&upload, 0, None));
    }
    match first_bytes(&state, &upload, &parts.headers, body, &ids.trace_id).await {
        Ok((offset_bytes, track)) => Ok(begun(&upload, offset_bytes, track)),
        Err(error) => {
            // The client is not told of it, and could not go on with it.
            uploads::delete(&state.store, upload.owner_id, upload.id).await?;
            Err(error)
        }
    }
}

async fn first_bytes(
    state: &state::State,
    upload: &Upload,
    headers: &HeaderMap,
    body: axum::body::Body,
    trace_id: &str,
) -> Result<(u64, Option<TrackId>)> {
    let offset_bytes = receive(state, upload, headers, body).await?;
    if offset_bytes < upload.n_bytes {
        return Ok((offset_bytes, None));
    }
    let created = complete(state, upload.clone(), trace_id).await?;
    Ok((offset_bytes, Some(created.track.id)))
}

fn begun(upload: &Upload, offset_bytes: u64, track: Option<TrackId>) -> Response {
    let mut headers = headers::place(upload, offset_bytes, track);
    let location = format!("{TUS_PATH}/{}", upload.id);
    let location = HeaderValue::from_str(&location).expect("an id is plain ASCII");
    headers.insert(header::LOCATION, location);
    (StatusCode::CREATED, headers).into_response()
}
