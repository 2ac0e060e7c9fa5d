//! `POST /v1/tracks`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use store::{UserId, quotas, tracks};
use utoipa::ToSchema;

use super::body::VisibilityBody;
use super::form::{self, Form, MAX_OVERHEAD_BYTES};
use super::uploaded::{self, UploadedBody};
use crate::body::Paced;
use crate::error::{Error, Result};
use crate::idempotency::{self, IdempotencyKey};
use crate::identity::{Caller, TracksWrite};
use crate::multipart::{Reader, boundary};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;

/// Where recordings are uploaded.
pub(crate) const PATH: &str = "/v1/tracks";

/// The form of an upload.
#[derive(ToSchema)]
#[schema(as = UploadForm)]
#[expect(dead_code, reason = "only describes the form in the OpenAPI document")]
pub(crate) struct UploadForm {
    /// The recording; exactly one.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Its title, at most 1024 bytes.
    #[schema(example = "Take Five")]
    title: Option<String>,
    /// Its artist, at most 1024 bytes.
    artist: Option<String>,
    /// Separated by commas, or repeated; at most 64.
    #[schema(example = "jazz,piano")]
    tags: Option<String>,
    /// `private` unless told, or `listed`.
    #[schema(inline)]
    visibility: Option<VisibilityBody>,
}

/// Upload a recording.
///
/// The body is streamed into storage as it arrives. The answer comes as soon as the bytes are safe and
/// the analysis is queued. Bytes that the caller has uploaded before give the existing track, with 200.
#[utoipa::path(
    post,
    path = PATH,
    tag = "tracks",
    operation_id = "tracks.create",
    params(("Idempotency-Key" = Option<String>, Header, description = "Answers the same form once; 1 to 255 visible characters")),
    security(("token" = ["tracks:write"])),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "Stored and queued", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 200, description = "These bytes were here already", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 400, description = "`malformed_multipart`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `password_change_required`, `quota_exceeded`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_key_in_use`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`upload_empty`, `upload_missing_file`, `upload_many_files`, `invalid_field`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.create", skip_all, fields(track.id))]
pub(crate) async fn create(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    ids: RequestIds,
    key: IdempotencyKey,
    request: Request,
) -> Result<Response> {
    let user = caller.user_id;
    let (parts, body) = request.into_parts();
    let boundary = checked(&state, user, &parts.headers).await?;
    let read = async {
        let form = receive(&state, body, &boundary).await.inspect_err(|error| {
            tracing::debug!("upload refused: {error}");
        })?;
        Ok((form.fingerprint(PATH), form))
    };
    let act = async |form: Form| {
        let new = form.into_track(user, Some(ids.trace_id.clone()), state.config.quota.into());
        let created = tracks::create(&state.store, new).await;
        uploaded::settled(&state, user, created).await.map(uploaded::answer)
    };
    // Boxed, because it holds the reader of the form and the transaction's arguments at once.
    Box::pin(idempotency::once(&state, user, key, read, act)).await
}

/// What can be refused before a byte of the body is read.
async fn checked(state: &state::State, user: UserId, headers: &HeaderMap) -> Result<Vec<u8>> {
    let max_bytes = state.config.max_upload_bytes;
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let boundary = boundary(content_type.unwrap_or_default())
        .ok_or(Error::UnsupportedMediaType { expected: "multipart/form-data with a boundary" })?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    match announced {
        Some(0) => return Err(Error::UploadEmpty),
        Some(n_bytes) if n_bytes > max_bytes.saturating_add(MAX_OVERHEAD_BYTES) => {
            return Err(Error::UploadTooLarge { limit: max_bytes });
        }
        _ => {}
    }
    // What is left of the body after all else that the form may hold is surely the file.
    let n_bytes = announced.unwrap_or(0).saturating_sub(MAX_OVERHEAD_BYTES);
    quotas::check(&state.store, user, state.config.quota.into(), n_bytes).await?;
    Ok(boundary)
}

async fn receive(state: &state::State, body: Body, boundary: &[u8]) -> Result<Form> {
    let max_bytes = state.config.max_upload_bytes;
    let limit = max_bytes.saturating_add(MAX_OVERHEAD_BYTES);
    let mut reader = Reader::new(Paced::new(body, limit, state.config.body_timeout()), boundary);
    form::read(&state.store, &mut reader, max_bytes).await
}
