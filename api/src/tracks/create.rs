//! `POST /v1/tracks`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::tracks::{self, NewTrack};
use store::users;
use utoipa::ToSchema;

use super::body::{TrackBody, VisibilityBody};
use super::form::{self, MAX_OVERHEAD_BYTES};
use crate::body::Paced;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Json;
use crate::identity::{Caller, TracksWrite};
use crate::jobs::JobBody;
use crate::metrics;
use crate::multipart::{Reader, boundary};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;

/// Where recordings are uploaded.
pub(crate) const PATH: &str = "/v1/tracks";

/// The form of an upload.
#[derive(ToSchema)]
#[schema(as = Upload)]
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

/// What an upload led to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uploaded)]
pub(crate) struct UploadedBody {
    /// The track.
    track: TrackBody,
    /// The job that analyses it; `null` if that is done already.
    job: Option<JobBody>,
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
    security(("token" = ["tracks:write"])),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "Stored and queued", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 200, description = "These bytes were here already", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 400, description = "`malformed_multipart`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`upload_empty`, `upload_missing_file`, `upload_many_files`, `invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.create", skip_all, fields(track.id))]
pub(crate) async fn create(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    ids: RequestIds,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let boundary = checked(&parts.headers, state.config.max_upload_bytes)?;
    let form = receive(&state, body, &boundary).await.inspect_err(|error| {
        tracing::debug!("upload refused: {error}");
    })?;
    metrics::uploaded(form.staged.n_bytes);
    let new = NewTrack {
        owner_id: caller.user_id,
        staged: form.staged,
        file_name: form.file_name,
        content_type: form.content_type,
        title: form.title,
        artist: form.artist,
        tags: form.tags,
        visibility: form.visibility.into(),
        trace_id: Some(ids.trace_id.clone()),
    };
    let created = match tracks::create(&state.store, new).await {
        Ok(created) => created,
        // Whoever was deleted while the bytes arrived has nowhere to put them.
        Err(_) if users::get(&state.store, caller.user_id).await?.is_none() => {
            return Err(Error::Unauthorized { is_token_given: true });
        }
        Err(error) => return Err(error.into()),
    };

    let (id, sha256) = (created.track.id, created.track.blob_sha256);
    tracing::Span::current().record("track.id", tracing::field::display(id));
    let n_bytes = created.track.n_bytes;
    tracing::info!(n_bytes, blob.sha256 = %sha256, existed = created.existed, "uploaded track {id}");
    let status = if created.existed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let location = format!("{PATH}/{id}");
    let location = HeaderValue::from_str(&location).expect("an id is plain ASCII");
    let tag = etag::version(created.track.version);
    let body = UploadedBody { track: created.track.into(), job: created.job.map(JobBody::from) };
    Ok((status, [(header::LOCATION, location), (header::ETAG, tag)], Json(body)).into_response())
}

/// What can be refused before a byte of the body is read.
fn checked(headers: &HeaderMap, max_bytes: u64) -> Result<Vec<u8>> {
    let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let boundary = boundary(content_type.unwrap_or_default())
        .ok_or(Error::UnsupportedMediaType { expected: "multipart/form-data with a boundary" })?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<u64>().ok());
    match announced {
        Some(0) => Err(Error::UploadEmpty),
        Some(n_bytes) if n_bytes > max_bytes.saturating_add(MAX_OVERHEAD_BYTES) => {
            Err(Error::UploadTooLarge { limit: max_bytes })
        }
        _ => Ok(boundary),
    }
}

async fn receive(state: &state::State, body: Body, boundary: &[u8]) -> Result<form::Form> {
    let max_bytes = state.config.max_upload_bytes;
    let limit = max_bytes.saturating_add(MAX_OVERHEAD_BYTES);
    let mut reader = Reader::new(Paced::new(body, limit, state.config.body_timeout()), boundary);
    form::read(&state.store, &mut reader, max_bytes).await
}
