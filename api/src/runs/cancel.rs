//! `POST /v1/runs/{id}/cancel`.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use store::{RunId, RunState, runs};

use super::body::RunBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Acting, Caller, RunsWrite};
use crate::problem::Problem;

/// Cancel a run.
///
/// What it has made is removed and was never seen. A run that is cancelled already is answered with 200.
#[utoipa::path(
    post,
    path = "/v1/runs/{id}/cancel",
    tag = "runs",
    operation_id = "runs.cancel",
    params(("id" = String, Path, description = "Id of the run")),
    security(("token" = ["runs:write"])),
    responses(
        (status = 202, description = "It is about to end", body = RunBody),
        (status = 200, description = "It was cancelled before", body = RunBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`run_finished`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.runs.cancel", skip_all, fields(run.id = %id))]
pub(crate) async fn cancel(
    caller: Caller<RunsWrite>,
    Path(id): Path<RunId>,
    Acting(store): Acting,
) -> Result<impl IntoResponse> {
    let run = runs::cancel(&store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let status = match run.state {
        RunState::Cancelled => StatusCode::OK,
        ended if ended.is_final() => return Err(Error::RunFinished { state: ended.as_str() }),
        _ => StatusCode::ACCEPTED,
    };
    tracing::info!(run.state = run.state.as_str(), "asked to cancel run {id}");
    Ok((status, Json(RunBody::new(run, &store))))
}
