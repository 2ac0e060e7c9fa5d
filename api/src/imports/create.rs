//! `POST /v1/imports`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fetch::Rules;
use serde::{Deserialize, Serialize};
use store::UserId;
use store::imports::{self, NewImport};
use utoipa::ToSchema;

use super::name;
use crate::error::{Error, Result};
use crate::extract::{Json, JsonText};
use crate::idempotency::{self, IdempotencyKey};
use crate::identity::{Caller, TracksWrite};
use crate::jobs::JobBody;
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;
use crate::tracks::VisibilityBody;
use crate::uploads::RawWords;

/// Where imports are asked for.
const PATH: &str = "/v1/imports";

/// What is to be fetched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewImport)]
pub(crate) struct NewImportBody {
    /// Where the recording is, at most 2048 bytes: `https:` and a public host. It is forgotten once it has been fetched.
    #[schema(example = "https://example.org/Take%20Five.flac")]
    url: String,
    /// Name of the file; unless told, what the address ends in.
    #[schema(example = "Take Five.flac")]
    file_name: Option<String>,
    /// Its title, at most 1024 bytes.
    #[schema(example = "Take Five")]
    title: Option<String>,
    /// Its artist, at most 1024 bytes.
    artist: Option<String>,
    /// At most 64.
    #[serde(default)]
    #[schema(example = json!(["jazz", "piano"]))]
    tags: Vec<String>,
    /// `private` unless told, or `listed`.
    #[serde(default)]
    visibility: VisibilityBody,
}

/// An import that is queued.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportBody {
    /// The job that fetches it. When that has succeeded, its `track_id` is the track.
    job: JobBody,
}

/// Import a recording from an address.
///
/// A job fetches it and makes a track of it, as if it had been uploaded; follow that, or cancel it. Off unless configured.
#[utoipa::path(
    post,
    path = PATH,
    tag = "imports",
    operation_id = "imports.create",
    params(("Idempotency-Key" = Option<String>, Header, description = "Answers the same body once; 1 to 255 visible characters")),
    request_body = NewImportBody,
    security(("token" = ["tracks:write"])),
    responses(
        (status = 202, description = "Queued", body = ImportBody,
            headers(("Location" = String, description = "Path of the job"))),
        (status = 400, description = "`malformed_json`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`imports_off`, `missing_scope`, `password_change_required`, `quota_exceeded`, `too_many_imports`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_key_in_use`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `url_refused`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.imports.create", skip_all, fields(job.id))]
pub(crate) async fn create(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    ids: RequestIds,
    key: IdempotencyKey,
    JsonText { value: body, text }: JsonText<NewImportBody>,
) -> Result<Response> {
    let (user, trace_id) = (caller.user_id, ids.trace_id.clone());
    let asked = async { Ok((idempotency::fingerprint(PATH, &text), body)) };
    idempotency::once(&state, user, key, asked, async |body| {
        queue(&state, user, body, trace_id).await
    })
    .await
}

async fn queue(
    state: &state::State,
    owner_id: UserId,
    body: NewImportBody,
    trace_id: String,
) -> Result<Response> {
    let config = &state.config.imports;
    if !config.enabled {
        return Err(Error::ImportsOff);
    }
    let url = Rules::new(config).check(&body.url)?;
    let words = RawWords {
        file_name: body.file_name.or_else(|| name::of(&url)),
        content_type: None,
        title: body.title,
        artist: body.artist,
        tags: body.tags,
        visibility: body.visibility,
    };
    let new = NewImport {
        owner_id,
        url: body.url,
        words: words.checked()?,
        quota: state.config.quota.into(),
        max_waiting: config.max_waiting,
        trace_id: Some(trace_id),
    };
    let job = imports::create(&state.store, new).await?;
    tracing::Span::current().record("job.id", tracing::field::display(job.id));
    tracing::info!("import {} is queued", job.id);
    let location = format!("/v1/jobs/{}", job.id);
    let body = Json(ImportBody { job: job.into() });
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}
