//! `POST /v1/runs`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use matching::Purpose;
use serde::Deserialize;
use store::runs::{self, NewRun};
use store::{Store, UserId};
use utoipa::ToSchema;

use super::body::{RunBody, ScopeBody};
use crate::error::Result;
use crate::extract::{Json, JsonText};
use crate::idempotency::{self, IdempotencyKey};
use crate::identity::{Acting, Caller, RunsWrite};
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::request::RequestIds;
use crate::state;

/// Where runs are started.
const PATH: &str = "/v1/runs";

/// What to score again. `{}` is everything.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRun)]
pub(crate) struct NewRunBody {
    /// Which tracks; all unless told.
    #[serde(default)]
    scope: ScopeBody,
    /// Only for this purpose; all unless told.
    purpose: Option<PurposeBody>,
    /// Analyse recordings again first whose report is of an older analysis.
    #[serde(default)]
    reanalyze: bool,
    /// Only find out what would change.
    #[serde(default)]
    dry_run: bool,
}

/// Score your catalogue again.
///
/// The results are seen at once when all of them are there, and not before; uploads, changes and deletions go on meanwhile. One run is under way at a
/// time: asking for another one gives that.
#[utoipa::path(
    post,
    path = PATH,
    tag = "runs",
    operation_id = "runs.create",
    params(("Idempotency-Key" = Option<String>, Header, description = "Answers the same body once; 1 to 255 visible characters")),
    request_body = NewRunBody,
    security(("token" = ["runs:write"])),
    responses(
        (status = 202, description = "The run has been queued", body = RunBody,
            headers(("Location" = String, description = "The run"))),
        (status = 200, description = "This run is under way already; the body of the request does not count", body = RunBody,
            headers(("Location" = String, description = "The run"))),
        (status = 400, description = "`malformed_json`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_key_in_use`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.runs.create", skip_all)]
pub(crate) async fn create(
    caller: Caller<RunsWrite>,
    State(state): State<state::State>,
    Acting(store): Acting,
    ids: RequestIds,
    key: IdempotencyKey,
    JsonText { value: body, text }: JsonText<NewRunBody>,
) -> Result<Response> {
    let asked = async { Ok((idempotency::fingerprint(PATH, &text), body)) };
    let (user, trace_id) = (caller.user_id, ids.trace_id.clone());
    idempotency::once(&state, user, key, asked, async |body| {
        start(&store, user, body, trace_id).await
    })
    .await
}

async fn start(
    store: &Store,
    owner_id: UserId,
    body: NewRunBody,
    trace_id: String,
) -> Result<Response> {
    let new = NewRun {
        owner_id,
        scope: body.scope.into(),
        purpose: body.purpose.map(|purpose| Purpose::from(purpose).as_str().to_owned()),
        reanalyze: body.reanalyze,
        dry_run: body.dry_run,
        trace_id: Some(trace_id),
    };
    let started = runs::start(store, new).await?;
    let status = if started.existed { StatusCode::OK } else { StatusCode::ACCEPTED };
    let location = format!("{PATH}/{}", started.run.id);
    let body = RunBody::new(started.run, store);
    Ok((status, [(header::LOCATION, location)], Json(body)).into_response())
}
